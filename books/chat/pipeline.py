"""RAGPipeline: one question -> passages -> words and checked quotes."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from books.chat.asked import Asked
from books.chat.citations import CitationFilter, Cited
from books.chat.context import in_book_order, messages, sought
from books.chat.quoting import nothing_found, quoted_answer
from books.retrieval.scope import Scope
from mindory_web.engines.llm import LLMClient
from mindory_web.lib import counts
from mindory_web.lib.excerpts import Excerpt

PASSAGES: Final = 8
MOST_TOKENS: Final = 1_500
MOST_CHARACTERS: Final = 100_000  # an endpoint that does not know max_tokens is cut here

T = TypeVar("T")
InThread = Callable[[Callable[[], T]], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the pipeline does now."""

    name: Literal["looking", "writing"]
    passages: int = 0


Piece = Stage | str | Cited


class ChatSource(Protocol):
    """One of settings.CHAT_SOURCES."""

    def __call__(self, question: str, *, reader_id: int, scope: Scope, k: int) -> list[Excerpt]:
        """Return what may help to answer, best first."""


class RAGPipeline:
    """Makes one answer. While and after it runs, `left_out`, `engine` and `trace` say how."""

    def __init__(self, asked: Asked, *, client: LLMClient | None, in_thread: InThread[Any]) -> None:
        self.asked = asked
        self.engine = client.model if client else ""
        self.trace: dict[str, Any] = {}
        self._client = client
        self._in_thread = in_thread
        self._checked = CitationFilter(())
        self._started = time.perf_counter()

    @property
    def left_out(self) -> int:
        """Return how many quotes were dropped because they are not in the book."""
        return self._checked.left_out

    async def answer(self) -> AsyncGenerator[Piece, None]:
        """Yield stages, words and citations. Raises EngineError when the model fails."""
        yield Stage("looking")
        found: list[Excerpt] = await self._in_thread(self._look)
        passages = [excerpt for excerpt in found if excerpt.place]
        notes = [excerpt for excerpt in found if not excerpt.place]
        self._note("looked", found=[_traced(excerpt) for excerpt in found])
        yield Stage("writing", len(passages))
        if not passages:
            yield nothing_found(self.asked)
        elif self._client is None:
            self._checked = CitationFilter(passages)
            for piece in quoted_answer(self.asked, passages, self._checked):
                yield piece
        else:
            async with aclosing(self._written(self._client, in_book_order(passages), notes)) as pieces:
                async for written in pieces:
                    yield written
        self._note("written", left_out=self.left_out)

    def _look(self) -> list[Excerpt]:
        scope = Scope(None if self.asked.book is None else (self.asked.book,))
        query = sought(self.asked)
        self._note("asked", query=query)
        found: list[Excerpt] = []
        for name in settings.CHAT_SOURCES:
            source = cast(ChatSource, import_string(name))
            found += source(query, reader_id=self.asked.reader_id, scope=scope, k=PASSAGES)
        return found

    async def _written(
        self, client: LLMClient, passages: Sequence[Excerpt], notes: Sequence[Excerpt]
    ) -> AsyncGenerator[Piece, None]:
        """Yield what the model writes, each quote checked."""
        told = messages(self.asked, passages, notes)
        self._checked = CitationFilter(passages)
        self._note("prompted", characters=sum(len(message["content"]) for message in told), messages=len(told))
        is_first, length = True, 0
        stream = client.stream(told, max_tokens=MOST_TOKENS)
        try:
            async for text in stream:
                if is_first:
                    self._note("first_words")
                    counts.took("first_words", self.trace["first_words"]["at"])
                    is_first = False
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

    def _note(self, event: str, **details: Any) -> None:
        """Add to the trace; `at` is in seconds since the reply was begun."""
        self.trace[event] = {"at": round(time.perf_counter() - self._started, 4), **details}


def _storable(text: str) -> str:
    """Return the text without what Postgres cannot hold: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _traced(excerpt: Excerpt) -> dict[str, Any]:
    place = excerpt.place
    where = {"book": place.book, "section": place.section, "start": place.start, "end": place.end} if place else {}
    legs = {name: round(score, 4) for name, score in excerpt.legs.items()}
    return {**where, "score": round(excerpt.score, 4), "legs": legs}
