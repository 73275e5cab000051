"""Where your conversations quoted a book."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from books import margins
from books.models import Citation
from books.store import BookStore
from mindory_web.lib.api import Id, Number, Pages, failures, reader_of

router = Router(tags=["citations"])


class QuotedOut(Schema):
    """The characters [start, end) of a section, quoted as number `number` by a reply of yours."""

    id: int
    conversation: int
    conversation_title: str
    reply: int
    question: str
    number: int
    section: int
    start: int
    end: int
    quote: str
    heading: str
    page: str
    is_placed: bool
    created_at: datetime

    @staticmethod
    def resolve_conversation(citation: Citation) -> int:
        """Name the conversation by its id."""
        return citation.reply.conversation_id

    @staticmethod
    def resolve_conversation_title(citation: Citation) -> str:
        """Give the conversation's title."""
        return citation.reply.conversation.title

    @staticmethod
    def resolve_reply(citation: Citation) -> int:
        """Name the reply by its id."""
        return citation.reply_id

    @staticmethod
    def resolve_question(citation: Citation) -> str:
        """Give the question that was answered."""
        return citation.reply.question

    @staticmethod
    def resolve_created_at(citation: Citation) -> datetime:
        """Say when it was asked."""
        return citation.reply.created_at


class SectionQuoted(Schema):
    """How often a section was quoted, and in how many conversations."""

    section: int
    quotes: int
    conversations: int


class SectionsQuoted(Schema):
    """The sections that were quoted, in their order."""

    items: list[SectionQuoted]


@router.get("/books/{book}/citations", response={200: list[QuotedOut], **failures(404)})
@paginate(Pages)
def list_citations(
    request: HttpRequest,
    book: Id,
    first: Annotated[Number | None, Query()] = None,
    last: Annotated[Number | None, Query()] = None,
) -> QuerySet[Citation]:
    """List what your conversations quoted of a book, in the order of the text; of sections `first` to `last` only."""
    reader = reader_of(request)
    return margins.quoted(reader, BookStore(reader).book(book), first=first or 0, last=last)


@router.get("/books/{book}/citations/sections", response={200: SectionsQuoted, **failures(404)})
def list_quoted_sections(request: HttpRequest, book: Id) -> dict[str, Any]:
    """Say which sections of a book your conversations quoted, and how often."""
    reader = reader_of(request)
    return {"items": margins.counts(reader, BookStore(reader).book(book))}
