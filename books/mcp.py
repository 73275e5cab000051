"""Books as tools of MCP: plain functions of a reader. `mindory_web/mcp` gives them to the protocol."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal, cast

from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import Field, StrictBool
from typing_extensions import TypedDict

from books import browsing
from books.addresses import address
from books.chat import talk
from books.chat.following import follow, is_last
from books.chat.scopes import Wanted
from books.models import Book
from books.retrieval import passages_about
from books.retrieval.scope import Scope
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid
from mindory_web.lib.excerpts import Excerpt, Place
from mindory_web.lib.fields import NO_TRUTH, Id, Number, Text
from mindory_web.lib.limits import spend
from mindory_web.lib.threads import in_thread

LONGEST_QUESTION: Final = 8_000
LONGEST_PASSAGE: Final = 20_000  # characters
LONGEST_WAIT: Final = 55.0  # seconds

MOST_PASSAGES: Final = 20

BookId = Annotated[Id, Field(description="The `id` of a book, from list_books.")]


class BookLine(TypedDict):
    """A book of the reader’s library."""

    id: int
    title: str
    authors: list[str]
    language: str
    state: str
    characters: int
    sections: int
    link: str


class BooksOut(TypedDict):
    """One page of the library; `count` is the number of all."""

    items: list[BookLine]
    count: int


class PassageOut(TypedDict):
    """A passage and its place: characters [start, end) of a section. `link` opens the book at the very words."""

    book: int
    title: str
    heading: str
    section: int
    start: int
    end: int
    page: str
    text: str
    score: float
    link: str


class PassagesOut(TypedDict):
    """Passages, best first."""

    items: list[PassageOut]


class TextOut(TypedDict):
    """A stretch of a section's canonical text. `next` is the place to read on from; none at the end of the book."""

    book: int
    title: str
    section: int
    heading: str
    start: int
    end: int
    text: str
    next: dict[str, int] | None
    link: str


class QuoteOut(TypedDict):
    """Words of a book that the answer quotes: checked, letter for letter."""

    number: int
    book: int
    title: str
    heading: str
    page: str
    quote: str
    link: str


class AnswerOut(TypedDict):
    """An answer. `[2]` in `text` stands where quote 2 belongs. `state` says whether it is whole."""

    conversation: int
    reply: int
    state: Literal["queued", "looking", "writing", "done", "stopped", "interrupted", "failed"]
    text: str
    quotes: list[QuoteOut]
    error: str


def list_books(
    reader: Reader,
    *,
    query: Annotated[
        Text | None, Field(max_length=200, description="Words of the title, an author or the series.")
    ] = None,
    limit: Annotated[int, Field(ge=1, le=100), NO_TRUTH] = 50,
    offset: Annotated[int, Field(ge=0, le=1_000_000, description="Leave out so many first."), NO_TRUTH] = 0,
) -> BooksOut:
    """List the books of the reader's library."""
    rows = browsing.found(reader, browsing.Wish(words=(query or "").strip(), sort="title"))
    return {"items": [_line(book) for book in rows[offset : offset + limit]], "count": rows.count()}


def search_books(
    reader: Reader,
    query: Annotated[Text, Field(min_length=1, max_length=LONGEST_QUESTION, description="A question or some words.")],
    *,
    book: Annotated[Id | None, Field(description="Search this book only.")] = None,
    limit: Annotated[int, Field(ge=1, le=MOST_PASSAGES), NO_TRUTH] = 8,
) -> PassagesOut:
    """Find passages about something, by words and by meaning, in one book or the whole library."""
    spend(f"search:{reader.pk}", limit=settings.SEARCHES_PER_MINUTE, seconds=60)
    if not query.strip():
        raise Invalid(_("Say what to search for."))
    scope = Scope(None if book is None else (BookStore(reader).book(book).pk,))
    found = passages_about(query, reader_id=reader.pk, scope=scope, k=limit)
    return {"items": [_passage(each, each.place) for each in found if each.place]}


def read_passage(
    reader: Reader,
    book: BookId,
    section: Annotated[Number, Field(description="Number of the section, from 0 (search_books names it).")],
    *,
    start: Annotated[Number, Field(description="First character.")] = 0,
    length: Annotated[int, Field(ge=1, le=LONGEST_PASSAGE, description="Characters."), NO_TRUTH] = 4_000,
) -> TextOut:
    """Read text of a book as it stands: `length` characters of a section from `start` on."""
    there = BookStore(reader).section(book, section)
    owner = BookStore(reader).book(book)
    text = there.text[start : start + length]
    end = start + len(text)
    following: dict[str, int] | None = None
    if end < len(there.text):
        following = {"section": section, "start": end}
    elif section + 1 < owner.section_count:
        following = {"section": section + 1, "start": 0}
    return {
        "book": book,
        "title": owner.title,
        "section": section,
        "heading": there.title,
        "start": min(start, len(there.text)),
        "end": max(end, min(start, len(there.text))),
        "text": text,
        "next": following,
        "link": _link(Place(book, section, start, end)),
    }


async def ask_book(
    reader: Reader,
    question: Annotated[
        Text, Field(min_length=1, max_length=LONGEST_QUESTION, description="A question in words, in any language.")
    ],
    *,
    book: Annotated[Id | None, Field(description="Ask this book; without one the whole library is asked.")] = None,
    conversation: Annotated[
        Id | None, Field(description="Go on with this conversation (from an earlier answer), and not with `book`.")
    ] = None,
    is_limited: Annotated[
        StrictBool | None, Field(description="Only up to where the reader has read; else as they set it.")
    ] = None,
    wait: Annotated[float, Field(ge=0, le=LONGEST_WAIT, description="Seconds."), NO_TRUTH] = LONGEST_WAIT,
) -> AnswerOut:
    """Ask a book, or the library. Every quote in the answer is checked against the book.

    An answer that takes longer than `wait` seconds comes as far as it is; it is finished on the reader's pages.
    """
    if conversation is not None and (book is not None or is_limited is not None):
        raise Invalid(_("A conversation has its books and its limit already: leave out book and is_limited."))
    wanted = Wanted(book=book, is_limited=is_limited) if conversation is None else None
    reply = await in_thread(talk.ask)(reader, question, conversation=conversation, wanted=wanted)
    try:
        async with asyncio.timeout(wait), aclosing(cast(Any, follow(reply.pk))) as frames:
            async for frame in frames:
                if is_last(frame):
                    break
    except TimeoutError:
        pass  # what is there is the answer so far
    return _answer(await in_thread(talk.whole)(reader, reply.pk))


READING: Final = (list_books, search_books, read_passage)
ASKING: Final = (ask_book,)


def _line(book: Book) -> BookLine:
    return {
        "id": book.pk,
        "title": book.title,
        "authors": list(book.authors),
        "language": book.language,
        "state": book.state,
        "characters": book.characters,
        "sections": book.section_count,
        "link": f"{settings.URL}/books/{book.pk}/",
    }


def _passage(found: Excerpt, place: Place) -> PassageOut:
    return {
        "book": place.book,
        "title": found.title,
        "heading": found.heading,
        "section": place.section,
        "start": place.start,
        "end": place.end,
        "page": found.page_at(place.start),
        "text": found.text,
        "score": round(found.score, 4),
        "link": _link(place),
    }


def _answer(whole: Mapping[str, Any]) -> AnswerOut:
    return {
        "conversation": whole["conversation"],
        "reply": whole["reply"],
        "state": whole["state"],
        "text": whole["text"],
        "quotes": [
            {
                "number": each["number"],
                "book": each["book"],
                "title": each["title"],
                "heading": each["heading"],
                "page": each["page"],
                "quote": each["quote"],
                "link": _link(Place(each["book"], each["section"], each["start"], each["end"])),
            }
            for each in whole["citations"]
        ],
        "error": whole["error_message"],
    }


def _link(place: Place) -> str:
    return address(place.book, place.section, place.start, place.end)
