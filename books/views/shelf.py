"""What the shelf shows of a book: how far it is read, or how far it is being added."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from books.browsing import FINISHED_FROM
from books.metadata import reading_minutes
from books.models import Book, Job, Section
from books.splitting import sentences

State = Book.State
# Three names for a reader; recognising pages belongs to reading, and writing the index to splitting, as one sees it.
STAGES: Final = (("reading", "recognising"), ("splitting", "indexing"), ("embedding",))
WORDS_SHOWN: Final = 180  # characters of the sentence where a reader stopped
SHORTEST_WORDS: Final = 12  # a heading's number is no sentence
LONGEST_SENTENCE: Final = 2000
NOT_SHOWN: Final = ("contents", "description", "told", "details", "warnings", "password")  # may be long


@dataclass(frozen=True, slots=True)
class Standing:
    """A book on the shelf. `percent` counts characters up to the reader's place; None: not begun."""

    book: Any
    percent: int | None = None
    heading: str = ""
    words: str = ""

    @property
    def is_finished(self) -> bool:
        """Say whether the reader came to the end."""
        return (self.percent or 0) >= FINISHED_FROM

    @property
    def is_ready(self) -> bool:
        """Say whether nothing more is done with it."""
        return bool(self.book.state == State.READY)

    @property
    def is_over(self) -> bool:
        """Say whether it stopped before it was ready."""
        return self.book.state in {State.FAILED, State.CANCELLED}

    @property
    def time(self) -> str:
        """Return how long it takes to read; nothing when it is not known yet."""
        minutes = self._minutes
        if not minutes:
            return ""
        if minutes < 60:
            return _("%(count)s min") % {"count": minutes}
        return _("%(count)s h") % {"count": round(minutes / 60)}

    @property
    def time_left(self) -> str:
        """Return how long it takes to read the rest."""
        minutes = math.ceil(self._minutes * (100 - (self.percent or 0)) / 100)
        if not minutes:
            return ""
        if minutes < 60:
            return _("about %(count)s min left") % {"count": minutes}
        return _("about %(count)s h left") % {"count": round(minutes / 60)}

    @property
    def _minutes(self) -> int:
        return reading_minutes(words=self.book.words, language=self.book.language) if self.book.words else 0


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
    def is_waiting(self) -> bool:
        """Say whether it waits for a worker."""
        return self.book.state == State.QUEUED

    @property
    def cancelled(self) -> str:
        """Return the sentence for a book that was cancelled."""
        return _("Cancelled. Nothing more is done with this file.")


def standing(book: Any) -> Standing:
    """Return how far `book`, from `browsing.found`, is read."""
    if book.percent is None:
        return Standing(book)
    return Standing(book, max(0, min(100, round(book.percent))), book.place_heading or "")


def words_at(book: Any) -> str:
    """Return the sentence at the reader's place in `book`, from `browsing.found`, without the signs of its notes."""
    values = Section.objects.filter(book=book, number=book.place_section).values_list("text", "blocks").first()
    text, blocks = values or ("", [])
    at = book.place_offset
    signs = sorted(_note_signs(blocks))
    blank = text
    for start, stop in signs:  # so that the full stop before a sign ends its sentence
        blank = f"{blank[:start]}{' ' * (stop - start)}{blank[stop:]}"
    for begin, end in sentences(blank, max(0, at - LONGEST_SENTENCE), min(len(text), at + LONGEST_SENTENCE)):
        words = " ".join(_without(text, begin, end, signs).split())
        if end > at and len(words) >= SHORTEST_WORDS:
            return Truncator(words).chars(WORDS_SHOWN)
    return ""


def _note_signs(blocks: Sequence[Sequence[Any]]) -> Iterable[tuple[int, int]]:
    """Yield where a section has the signs that lead to its notes."""
    for _kind, _start, _end, _level, marks, *_rest in blocks:
        for kind, start, end, *_target in marks:
            if kind == "note":
                yield start, end


def _without(text: str, begin: int, end: int, signs: Sequence[tuple[int, int]]) -> str:
    """Return text[begin:end] without the characters of `signs`."""
    parts, at = [], begin
    for start, stop in signs:
        if begin <= start and stop <= end:
            parts.append(text[at:start])
            at = stop
    return "".join([*parts, text[at:end]])


def adding(books: Iterable[Book]) -> list[Adding]:
    """Return the books that are not ready, with the real counts of their open jobs."""
    waiting = [book for book in books if book.state != State.READY]
    jobs = {job.book_id: job for job in Job.objects.filter(book__in=waiting, state__in=["queued", "running"])}
    return [Adding(book, stages(book, jobs.get(book.pk))) for book in waiting]


def stages(book: Book, job: Job | None) -> tuple[Stage, ...]:
    """Return the three segments of a book on its way. What its job has done stays done while it waits again."""
    percent = round(100 * job.done / job.total) if job and job.total else 0
    steps_done = set(job.steps_done) if job else set()
    steps = [step for group in STAGES for step in group]
    at = steps.index(book.state) if book.state in steps else -1
    shown = []
    for group in STAGES:
        is_current = book.state in group
        is_done = not is_current and (group[-1] in steps_done or 0 <= steps.index(group[0]) < at)
        name = State(book.state if is_current else group[0]).label
        is_begun = is_current or (job is not None and job.step in group)  # it made way, or was put back
        shown.append(Stage(" ".join(group), str(name), 100 if is_done else is_begun * percent, is_done, is_current))
    return tuple(shown)
