"""What the API takes and gives. Offsets are code points of a section's canonical text."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from books.browsing import Wish, sort_named
from books.covers import picture_of
from books.errors import NeedsPassword
from books.formats.parsed import PARSER_VERSION
from books.metadata import reading_minutes
from books.models import Book
from books.sentences import translated
from mindory_web.lib.api import Id, Text

LONGEST_QUESTION = 20_000


class Progress(Schema):
    """What the ingest of a book does now; `total` 0 means that it is not known yet."""

    step: str
    done: int
    total: int


class Problem(Schema):
    """Why something failed."""

    code: str
    message: str


class BookOut(Schema):
    """A book on the caller's shelf. It can be read, asked and searched by meaning one after the other."""

    id: int
    title: str
    authors: list[str]
    language: str
    series: str
    series_number: float | None
    format: str
    file_name: str
    file_size: int
    state: Literal[
        "queued", "reading", "recognising", "splitting", "indexing", "embedding", "ready", "failed", "cancelled"
    ]
    is_readable: bool
    is_askable: bool
    is_embedded: bool
    is_outdated: bool = Field(description="Read by an older Mindory: `reingest` reads it better. Nothing is lost.")
    cover: str | None = Field(description="The address of the picture on its cover, below `/`.")
    progress: Progress | None
    error: Problem | None
    section_count: int
    characters: int
    words: int
    page_count: int
    passage_count: int
    created_at: datetime
    ready_at: datetime | None

    @staticmethod
    def resolve_is_outdated(book: Book) -> bool:
        """Compare the parser that read it with ours."""
        return 0 < book.parser_version < PARSER_VERSION

    @staticmethod
    def resolve_cover(book: Book) -> str | None:
        """Say where its cover is."""
        found = picture_of(book).rpartition("?v=")[2]
        return f"/api/v1/books/{book.pk}/cover?v={found}" if found else None

    @staticmethod
    def resolve_progress(book: Book) -> Progress | None:
        """Take the progress from the open job, which the list has fetched."""
        jobs = getattr(book, "open_jobs", None)
        return Progress(step=jobs[0].step, done=jobs[0].done, total=jobs[0].total) if jobs else None

    @staticmethod
    def resolve_error(book: Book) -> Problem | None:
        """Say why it failed."""
        return Problem(code=book.error_code, message=translated(book.error_message)) if book.error_code else None


class ShelfWish(Schema):
    """Which books of a shelf. `language` is BCP 47, "und" where it is not known; `q` is for titles, authors, series."""

    q: Text = Field("", max_length=200)
    collection: Id | None = None
    author: Text = Field("", max_length=200)
    series: Text = Field("", max_length=300)
    language: Text = Field("", max_length=35)
    state: Literal["", "reading", "finished", "new", "adding", "failed"] = ""
    sort: Text = Field("", max_length=20, description="opened, title, author, added, progress, length, series")

    def wish(self) -> Wish:
        """Return it as the shelf takes it; Invalid when there is no such order."""
        named = self.model_dump(exclude={"q", "collection", "sort"})
        return Wish(words=self.q.strip(), collection=self.collection or 0, sort=sort_named(self.sort), **named)


class BookWhole(BookOut):
    """One book with its contents, what the file says of it, and what was noticed while it was read.

    `told` are the file's own values; fields named in `edited` are the reader's. `warnings` say what could not be
    saved. `encoding` and `had_lossy` (characters could not be read) concern text files.
    """

    description: str
    contents: list[Any]
    told: dict[str, Any]
    edited: list[str]
    details: dict[str, Any]
    warnings: list[str]
    reading_minutes: int
    picture_count: int
    annotation_count: int
    unplaced_count: int = Field(description="Annotations whose words are no longer in the book.")
    encoding: str
    had_lossy: bool
    direction: Literal["ltr", "rtl"]
    writing: Literal["horizontal", "vertical"]
    needs_password: bool

    @staticmethod
    def resolve_warnings(book: Book) -> list[str]:
        """Say them in the reader's language."""
        return [translated(str(warning)) for warning in book.warnings]

    @staticmethod
    def resolve_reading_minutes(book: Book) -> int:
        """Reckon by the words and the language."""
        return reading_minutes(words=book.words, language=book.language)

    @staticmethod
    def resolve_picture_count(book: Book) -> int:
        """Count the pictures."""
        return book.pictures.count()

    @staticmethod
    def resolve_annotation_count(book: Book) -> int:
        """Count what its reader marked."""
        return book.annotations.filter(reader=book.owner_id).count()

    @staticmethod
    def resolve_unplaced_count(book: Book) -> int:
        """Count what lost its place."""
        return book.annotations.filter(reader=book.owner_id, is_placed=False).count()

    @staticmethod
    def resolve_encoding(book: Book) -> str:
        """Name the encoding the book is read in."""
        return book.encoding or str(book.details.get("encoding", ""))

    @staticmethod
    def resolve_had_lossy(book: Book) -> bool:
        """Say whether characters could not be read."""
        return bool(book.details.get("had_lossy"))

    @staticmethod
    def resolve_direction(book: Book) -> str:
        """Say which way its lines run."""
        return "rtl" if book.details.get("direction") == "rtl" else "ltr"

    @staticmethod
    def resolve_writing(book: Book) -> str:
        """Say whether it was set in columns."""
        return "vertical" if book.details.get("writing") == "vertical" else "horizontal"

    @staticmethod
    def resolve_needs_password(book: Book) -> bool:
        """Say whether a password would open it."""
        return book.error_code == NeedsPassword.code


class BookShelved(BookWhole):
    """The answer to an upload. `is_new` is false when these very bytes were there already."""

    is_new: bool


class BookChange(Schema):
    """What can be changed of a book. `language` is BCP 47: en, pt-BR, zh-Hans."""

    title: Text | None = Field(None, max_length=500)
    authors: list[Text] | None = Field(None, max_length=50)
    series: Text | None = Field(None, max_length=300)
    series_number: float | Text | None = Field(None)
    language: Text | None = Field(None, max_length=35)
    description: Text | None = Field(None, max_length=20_000)


class EncodingOut(Schema):
    """A way to read a text file. `replaced`: characters that could not be read so."""

    encoding: str
    label: str
    preview: str
    replaced: int
    is_detected: bool
    is_chosen: bool


class EncodingIn(Schema):
    """One of the encodings that Mindory reads; empty: let it find the right one."""

    encoding: Text = Field("", max_length=40)


class PasswordIn(Schema):
    """The password of a locked file."""

    password: Text = Field(min_length=1, max_length=1000)


class SectionLine(Schema):
    """A section in the list."""

    number: int
    title: str
    start_in_book: int
    length: int


class SectionWhole(SectionLine):
    """A section as it is shown. Every block carries `data-start` and `data-end`."""

    html: str


class ExcerptOut(Schema):
    """A passage that answers a search, best first. `score` orders this answer only."""

    text: str
    score: float
    legs: dict[str, float]
    title: str
    heading: str
    language: str
    book: int | None
    section: int | None
    start: int | None
    end: int | None
    page: str


class Found(Schema):
    """The passages of one search."""

    items: list[ExcerptOut]


class ReaderOut(Schema):
    """Who the caller is."""

    id: int
    username: str
    email: str
    language: str
    is_admin: bool
    upload_limit: int
