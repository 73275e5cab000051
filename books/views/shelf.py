"""What the shelf shows of a book: how far it is read, or how far it is being added."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from books.models import Book, Job, ReadingPlace, Section
from books.splitting import sentences

State = Book.State
# Three names for a reader; recognising pages belongs to reading, and writing the index to splitting, as one sees it.
STAGES = (("reading", "recognising"), ("splitting", "indexing"), ("embedding",))
FINISHED_FROM = 99  # percent
WORDS_SHOWN = 180  # characters of the sentence where a reader stopped
SHORTEST_WORDS = 12  # a heading's number is no sentence
LONGEST_SENTENCE = 2000


@dataclass(frozen=True, slots=True)
class Standing:
    """A book on the shelf. `percent` counts characters up to the reader's place; None: not begun."""

    book: Book
    percent: int | None = None
    heading: str = ""
    words: str = ""

    @property
    def is_finished(self) -> bool:
        """Say whether the reader came to the end."""
        return (self.percent or 0) >= FINISHED_FROM


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the three segments of a book being added."""

    steps: str
    name: str
    percent: int
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Adding:
    """A book that is not ready: on its way, failed or cancelled."""

    book: Book
    stages: tuple[Stage, ...]

    @property
    def is_over(self) -> bool:
        """Say whether nothing more happens unless the reader asks for it."""
        return self.book.state in {State.FAILED, State.CANCELLED}

    @property
    def cancelled(self) -> str:
        """Return the sentence for a book that was cancelled."""
        return _("Cancelled. Nothing more is done with this file.")


def with_places(books: QuerySet[Book], *, reader_id: int) -> QuerySet[Book]:
    """Add to each book where its reader is: `place_…` of the section and its start in the book, and `touched_at`."""
    place = ReadingPlace.objects.filter(reader=reader_id, book=OuterRef("pk")).order_by("-updated_at")
    begun = Section.objects.filter(book=OuterRef("pk"), number=OuterRef("place_section"))
    return books.annotate(
        place_section=Subquery(place.values("section")[:1]),
        place_offset=Subquery(place.values("offset")[:1]),
        opened_at=Subquery(place.values("updated_at")[:1]),
        place_start=Subquery(begun.values("start_in_book")[:1]),
        place_heading=Subquery(begun.values("title")[:1]),
        touched_at=Coalesce("opened_at", "created_at"),
    ).order_by("-touched_at")


def standing(book: Any) -> Standing:
    """Return how far `book`, from `with_places`, is read."""
    if book.place_start is None:
        return Standing(book)
    read = book.place_start + book.place_offset
    return Standing(book, min(100, round(100 * read / max(1, book.characters))), book.place_heading)


def words_at(book: Any) -> str:
    """Return the sentence at the reader's place in `book`, from `with_places`."""
    text = Section.objects.filter(book=book, number=book.place_section).values_list("text", flat=True).first() or ""
    at = book.place_offset
    for begin, end in sentences(text, max(0, at - LONGEST_SENTENCE), min(len(text), at + LONGEST_SENTENCE)):
        words = " ".join(text[begin:end].split())
        if end > at and len(words) >= SHORTEST_WORDS:
            return Truncator(words).chars(WORDS_SHOWN)
    return ""


def adding(books: Iterable[Book]) -> list[Adding]:
    """Return the books that are not ready, with the real counts of their open jobs."""
    waiting = [book for book in books if book.state != State.READY]
    jobs = {job.book_id: job for job in Job.objects.filter(book__in=waiting, state__in=["queued", "running"])}
    return [Adding(book, stages(book, jobs.get(book.pk))) for book in waiting]


def stages(book: Book, job: Job | None) -> tuple[Stage, ...]:
    """Return the three segments of a book on its way."""
    steps = [step for group in STAGES for step in group]
    at = steps.index(book.state) if book.state in steps else -1
    percent = round(100 * job.done / job.total) if job and job.total else 0
    found = []
    for group in STAGES:
        is_current = book.state in group
        is_done = at >= 0 and not is_current and steps.index(group[0]) < at
        name = State(book.state if is_current else group[0]).label
        found.append(Stage(" ".join(group), str(name), 100 if is_done else is_current * percent, is_done, is_current))
    return tuple(found)
