"""What the API takes and gives of conversations."""

from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext
from ninja import Field, Schema

from books.api.schemas import Problem
from books.chat import about, finding
from books.chat.rendering import blocks
from books.chat.scopes import MOST_BOOKS, Wanted
from books.models import Citation, Conversation, Reply
from mindory_web.lib.api import Id, Number, Text

LONGEST_QUESTION = 20_000
Scope = Literal["book", "books", "collection", "library"]


class Wish(Schema):
    """What a conversation is about. `scope` may be left out where the rest says it."""

    scope: Scope | None = None
    book: Id | None = None
    books: list[Id] | None = Field(None, max_length=MOST_BOOKS)
    collection: Id | None = None
    is_limited: bool | None = Field(None, description="Only up to where you have read.")

    def wanted(self) -> Wanted:
        """Return it as the verbs take it."""
        return Wanted(self.scope, self.book, self.books, self.collection, self.is_limited)


class ConversationOut(Schema):
    """A talk about one book, some books, a collection, or the whole library, as `scope` says."""

    id: int
    scope: Scope
    book: int | None = Field(None, alias="book_id")
    books: list[int]
    collection: int | None = Field(None, alias="collection_id")
    is_limited: bool = Field(description="Only up to where you have read.")
    title: str
    tip: int | None = Field(None, alias="tip_id", description="The last reply of the branch that is shown.")
    is_pinned: bool
    is_archived: bool
    snippet: str = Field("", description="The words around what was looked for.")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_books(talk: Conversation) -> list[int]:
        """Name the books by their ids."""
        return [book.pk for book in talk.books.all()]

    @staticmethod
    def resolve_snippet(talk: Conversation) -> str:
        """Show where the words stand."""
        return finding.snippet(talk)


class ConversationIn(Wish):
    """Begin a talk."""

    title: Text = Field("", max_length=200)


class ConversationChange(Wish):
    """What is to change; what is left out stays. `tip`: a reply of the branch to show."""

    title: Text | None = Field(None, min_length=1, max_length=200)
    tip: Id | None = None
    is_pinned: bool | None = None
    is_archived: bool | None = None


class CitationOut(Schema):
    """A checked quote: exactly the characters [start, end) of that section's canonical text.

    `how` the model's words were found: exact, folded (only typesetting differs), shortened (a wrong end was cut off).
    """

    number: int
    book: int
    title: str
    section: int
    heading: str
    start: int
    end: int
    quote: str
    page: str
    how: str
    is_placed: bool

    @staticmethod
    def resolve_book(citation: Citation) -> int:
        """Name the book by its id."""
        return citation.book_id

    @staticmethod
    def resolve_title(citation: Citation) -> str:
        """Give the book's title."""
        return citation.book.title


class AboutIn(Schema):
    """Words of a book that a question is about, 4,000 characters at most."""

    kind: Literal["ask", "explain", "translate"] = "ask"
    book: Id
    section: Number
    start: Number
    end: Number


class AboutOut(AboutIn):
    """The same with the words."""

    quote: str


class ReplyOut(Schema):
    """A question and its answer. `[2]` in `text` (Markdown) stands where citation 2 belongs; `html` is it rendered.

    `parent` is the reply that the question follows. `left_out`: quotes that are not in the book. `ahead`: passages that
    fit and lie past where you have read. `noted`: what was told to the model besides books, by its key
    ("memory:12" is `GET /api/v1/memory/12`).
    """

    id: int
    conversation: int = Field(alias="conversation_id")
    parent: int | None = Field(None, alias="parent_id")
    question: str
    about: AboutOut | None
    state: Literal["queued", "looking", "writing", "done", "stopped", "interrupted", "failed"]
    text: str
    html: list[str]
    citations: list[CitationOut]
    left_out: int
    ahead: int
    noted: list[str]
    feedback: int
    feedback_reason: str
    engine: str
    last_seq: int
    error: Problem | None
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def resolve_about(reply: Reply) -> Any:
        """Give the words it is about."""
        return about.shown(reply)

    @staticmethod
    def resolve_html(reply: Reply) -> list[str]:
        """Draw the answer."""
        return blocks(reply.text)

    @staticmethod
    def resolve_error(reply: Reply) -> Problem | None:
        """Say why it failed."""
        return Problem(code=reply.error_code, message=gettext(reply.error_message)) if reply.error_code else None

    @staticmethod
    def resolve_citations(reply: Reply) -> list[Citation]:
        """Give the citations in their order, without those of removed books."""
        return [citation for citation in reply.citations.all() if citation.book.removed_at is None]


class ConversationWhole(ConversationOut):
    """A talk with its newest replies (200 at most) of all branches, oldest first, and the number of all."""

    replies: list[ReplyOut]
    reply_count: int


class MessageIn(Schema):
    """A question. `nonce` is the caller's own id: the same question sent twice is one.

    `parent`: the reply it follows; left out: the last one of the branch that is shown; null: none, a new beginning.
    `text` may be empty when `about` says to explain or translate.
    """

    text: Text = Field("", max_length=LONGEST_QUESTION)
    nonce: Text = Field("", max_length=64)
    language: Text = Field("", max_length=16)
    parent: Id | None = None
    about: AboutIn | None = None


class AgainIn(Schema):
    """Another question in place of the one asked; empty: the same."""

    text: Text = Field("", max_length=LONGEST_QUESTION)
    nonce: Text = Field("", max_length=64)


class ContinueIn(Schema):
    """The caller's own id of this wish."""

    nonce: Text = Field("", max_length=64)


class FeedbackIn(Schema):
    """1: good, -1: bad, 0: neither. The reason is kept with the answer."""

    value: Literal[-1, 0, 1]
    reason: Text = Field("", max_length=1_000)


class TraceOut(Schema):
    """How an answer was made. `quotes` tells of every quote the model gave, also of those left out.

    `noted`: what was told besides books, by key ("memory:12" is `/memory/12`).
    """

    reply: int
    engine: str
    noted: list[str]
    trace: dict[str, Any]
