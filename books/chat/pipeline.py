"""RAGPipeline: one question -> passages -> words and checked quotes."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from books.chat.about import around
from books.chat.asked import About, Asked, Begun
from books.chat.citations import CitationFilter, Cited
from books.chat.context import NUMBER, in_book_order, kept_words, messages, sought, translation
from books.chat.quoting import needs_model, not_ready, nothing_found, quoted_answer, recalled_answer
from books.retrieval import Scope, better_ahead
from mindory_web.engines.errors import TOO_LONG, EngineError
from mindory_web.engines.llm import LLMClient
from mindory_web.engines.types import ChatMessage
from mindory_web.lib import counts
from mindory_web.lib.excerpts import Excerpt, Place

PASSAGES: Final = 8
SURE: Final = 0.5  # score of a note that is shown as it is, where no model weighs whether it belongs to the question
ENOUGH: Final = 0.9  # and of one beside which no passage is shown: the question is about the reader, and it answers
MARKED: Final = 3  # notes whose words in the book are told as well
MOST_TOKENS: Final = 1_500
MOST_CHARACTERS: Final = 100_000  # an endpoint that does not know max_tokens is cut here

T = TypeVar("T")
InThread = Callable[[Callable[[], T]], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the pipeline does now."""

    name: Literal["looking", "writing"]
    passages: int = 0
    noted: tuple[str, ...] = ()  # keys of what is told besides passages


Piece = Stage | str | Cited


class ChatSource(Protocol):
    """One of settings.CHAT_SOURCES."""

    def __call__(self, question: str, *, reader_id: int, scope: Scope, k: int) -> list[Excerpt]:
        """Return what may help to answer, best first."""


class RAGPipeline:
    """Makes one answer. While and after it runs, `left_out`, `ahead`, `engine` and `trace` say how."""

    def __init__(self, asked: Asked, *, client: LLMClient | None, in_thread: InThread[Any]) -> None:
        self.asked = asked
        self.engine = client.model if client else ""
        self.trace: dict[str, Any] = {}
        self.ahead = 0  # passages that fit and lie past the reading limit
        self._client = client
        self._in_thread = in_thread
        self._checked = CitationFilter(())
        self._has_spoken = False
        self._started = time.perf_counter()

    @property
    def left_out(self) -> int:
        """Return how many quotes were dropped because they are not in the book."""
        return self._checked.left_out

    async def answer(self) -> AsyncGenerator[Piece, None]:
        """Yield stages, words and citations. Raises EngineError when the model fails."""
        yield Stage("looking")
        found: list[Excerpt] = [] if self._wants_translation else await self._in_thread(self._look)
        notes = [each for each in found if each.score >= self._least and (each.key or not each.place)]
        passages = _apart([excerpt for excerpt in found if excerpt.place and not excerpt.key])
        if not self._answers(passages, notes):
            notes = []
        self._note("looked", found=[_traced(excerpt) for excerpt in found])
        yield Stage("writing", len(passages), tuple(note.key for note in notes if note.key))
        if self.asked.not_ready:
            yield not_ready(self.asked)
        async with aclosing(self._said(passages, notes)) as pieces:
            async for piece in pieces:
                yield piece
        self._note("written", left_out=self.left_out)

    @property
    def _least(self) -> float:
        """Return the score from which a note is told."""
        return 0.0 if self._client else SURE

    def _answers(self, passages: Sequence[Excerpt], notes: Sequence[Excerpt]) -> bool:
        """Say whether there is anything to answer with. How a reader likes answers is no answer."""
        is_about = self._client is not None and self.asked.about is not None
        return bool(passages) or is_about or any(note.score >= SURE for note in notes)

    @property
    def _wants_translation(self) -> bool:
        return self.asked.about is not None and self.asked.about.kind == "translate"

    async def _said(self, passages: Sequence[Excerpt], notes: Sequence[Excerpt]) -> AsyncGenerator[Piece, None]:
        """Yield the answer; `passages` are best first."""
        about = self.asked.about
        if self._client is None and self._wants_translation:
            yield needs_model(self.asked)
        elif not self._answers(passages, notes):
            yield nothing_found(self.asked)
        elif self._client is None:
            self._check_with(passages)
            for recalled in recalled_answer(self.asked, notes, passages, self._checked):
                yield recalled
            if passages and not any(note.score >= ENOUGH for note in notes):
                yield "\n\n" if notes else ""
                for quoted in quoted_answer(self.asked, passages, self._checked):
                    yield quoted
        else:
            if self.asked.begun:
                for before in written_before(self.asked.begun):
                    yield before
            async with aclosing(self._written(self._client, beside(about, passages), notes)) as pieces:
                async for piece in pieces:
                    yield piece

    def _look(self) -> list[Excerpt]:
        asked = self.asked
        scope = Scope(
            asked.books,
            until=asked.until,
            conversation=asked.conversation_id,
            asked=asked.question,
            is_limited=asked.is_limited,
        )
        query = sought(asked)
        went_on = {"continues": asked.begun.reply_id} if asked.begun else {}
        self._note("asked", query=query, is_limited=asked.is_limited, **went_on)
        found: list[Excerpt] = []
        for name in settings.CHAT_SOURCES:
            source = cast(ChatSource, import_string(name))
            found += source(query, reader_id=asked.reader_id, scope=scope, k=PASSAGES)
        if asked.is_limited:
            self.ahead = better_ahead(query, reader_id=asked.reader_id, scope=scope)
        return [*_marked([each for each in found if each.score >= self._least], asked), *found]

    async def _written(
        self, client: LLMClient, best: Sequence[Excerpt], notes: Sequence[Excerpt]
    ) -> AsyncGenerator[Piece, None]:
        """Yield what the model writes. When that was too much to read for it, it gets fewer passages, once."""
        try:
            async with aclosing(self._streamed(client, self._told(self.asked, best, notes))) as pieces:
                async for piece in pieces:
                    yield piece
        except EngineError as error:
            if error.code != TOO_LONG or self._has_spoken or (len(best) < 2 and not self.asked.history):
                raise
            fewer = best[: max(1, len(best) // 3)]
            self._note("shortened", passages=len(fewer))
            told = self._told(replace(self.asked, history=()), fewer, ())
            async with aclosing(self._streamed(client, told)) as pieces:
                async for piece in pieces:
                    yield piece

    def _told(self, asked: Asked, best: Sequence[Excerpt], notes: Sequence[Excerpt]) -> list[ChatMessage]:
        """Return the messages for the model; from now on quotes are looked up in the passages they hold."""
        passages = in_book_order(best)
        self._check_with(passages)
        if asked.about and self._wants_translation:
            return translation(asked, asked.about)
        return messages(asked, passages, notes)

    def _check_with(self, passages: Sequence[Excerpt]) -> None:
        known = self.asked.begun.quotes if self.asked.begun else ()
        self._checked = CitationFilter(passages, known)
        self.trace["quotes"] = self._checked.tried

    async def _streamed(self, client: LLMClient, told: list[ChatMessage]) -> AsyncGenerator[Piece, None]:
        """Yield what the model writes, each quote checked."""
        self._note("prompted", characters=sum(len(message["content"]) for message in told), messages=len(told))
        length = 0
        stream = client.stream(told, max_tokens=MOST_TOKENS)
        try:
            async for text in stream:
                if not self._has_spoken:
                    self._note("first_words")
                    counts.took("first_words", self.trace["first_words"]["at"])
                    text, self._has_spoken = self._joined(text), True
                counts.count("reply_pieces")
                for piece in self._checked.feed(_storable(text)):
                    yield piece
                length += len(text)
                if length > MOST_CHARACTERS:
                    break
        finally:
            if (close := getattr(stream, "aclose", None)) is not None:
                await close()
        for piece in self._checked.close():
            yield piece

    def _joined(self, text: str) -> str:
        """Return the first words so that they join those that were there before."""
        before = kept_words(self.asked.begun) if self.asked.begun else ""
        return text.lstrip() if before[-1:].isspace() else text

    def _note(self, event: str, **details: Any) -> None:
        """Add to the trace; `at` is in seconds since the reply was begun."""
        self.trace[event] = {"at": round(time.perf_counter() - self._started, 4), **details}


def beside(about: About | None, passages: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the passages with what stands around the words asked about before them, and nothing twice."""
    around = about.around if about else None
    if around is None or around.place is None:
        return list(passages)
    here = around.place
    others = [each for each in passages if each.place and not _is_in(each.place, here)]
    return [around, *others]


def _marked(found: Sequence[Excerpt], asked: Asked) -> list[Excerpt]:
    """Return the words that notes stand on, with what stands around them: an answer about a note can quote them."""
    until = asked.until if asked.is_limited else None
    places = [note.place for note in found if note.key and note.place]
    return [words for place in places[:MARKED] if (words := around(place, until=until))]


def _apart(passages: Sequence[Excerpt]) -> list[Excerpt]:
    """Return the passages without those that lie within an earlier one."""
    kept: list[Excerpt] = []
    for each in passages:
        if not any(each.place and other.place and _is_in(each.place, other.place) for other in kept):
            kept.append(each)
    return kept


def _is_in(one: Place, other: Place) -> bool:
    is_same = (one.book, one.section) == (other.book, other.section)
    return is_same and other.start <= one.start and one.end <= other.end


def written_before(begun: Begun) -> Iterator[Piece]:
    """Yield what an answer held before it was cut short, with its quotes."""
    quotes = {cited.number: cited for cited in begun.quotes}
    seen: set[int] = set()
    for at, part in enumerate(NUMBER.split(kept_words(begun))):
        if at % 2 == 0 and part:
            yield part
        elif at % 2 and (cited := quotes.get(int(part))):
            yield replace(cited, is_new=cited.number not in seen)
            seen.add(cited.number)


def _storable(text: str) -> str:
    """Return the text without what Postgres cannot hold: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _traced(excerpt: Excerpt) -> dict[str, Any]:
    place = excerpt.place
    where = {"book": place.book, "section": place.section, "start": place.start, "end": place.end} if place else {}
    legs = {name: round(score, 4) for name, score in excerpt.legs.items()}
    key = {"key": excerpt.key} if excerpt.key else {}
    return {**key, **where, "score": round(excerpt.score, 4), "legs": legs}
