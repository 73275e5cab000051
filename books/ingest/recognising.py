"""Read the words of scanned pages: page by page, each kept as it comes, then the file once more with all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from books.errors import DamagedBook, EmptyBook, ParserDied, ScannedBook, TooDemanding
from books.files import path_of
from books.formats import ocr, sandbox
from books.formats.parsed import Options
from books.ingest.reading import options_of, read
from books.ingest.work import Work, let_go
from books.models import Book, RecognisedPage

PAGES_AT_ONCE: Final = 8  # by one child: the models are loaded once for them
MOST_FAILURES: Final = 3  # pages one after the other; then it is not the pages

PICTURES_LEFT: Final = (
    "Some pages of this PDF are pictures, and their words are missing."
    " Install text recognition with `make ocr` on the server, then read the book again."
)


class Recogniser(Protocol):
    """What reads the words of pages."""

    def is_available(self) -> bool:
        """Say whether this server has it."""
        ...

    def recognise(
        self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Callable[[Any], None]
    ) -> None:
        """Read the pages `options.scans` of a file; `result` is called with each as in books/formats/ocr.py.

        Raises TooDemanding or ParserDied when it could not go on, and sandbox.Stopped when `is_over()`.
        """
        ...


class LocalRecogniser:
    """RapidOCR in a child process of this worker."""

    def is_available(self) -> bool:
        """Say whether its packages are installed."""
        return ocr.is_available()

    def recognise(
        self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Callable[[Any], None]
    ) -> None:
        """Read pages, one after the other."""
        seconds = settings.OCR_LIMITS["page_seconds"] * len(options.scans)
        limits = sandbox.Limits(seconds=seconds, memory=settings.OCR_LIMITS["memory"])
        sandbox.ask("recognise", path, limits=limits, is_over=is_over, options=options, result=result)


def recogniser() -> Recogniser:
    """Return the one that the settings name."""
    found: Recogniser = import_string(settings.RECOGNISER)()
    return found


def recognise_pages(work: Work) -> None:
    """Read the pages that are pictures, if there are any. Pages that were read before are not read again."""
    book = Book.every.get(pk=work.book_id)
    scans = [int(page) for page in book.details.get("scans", [])]
    if not scans:
        with work.fenced() as job:
            work.step_done(job, Book.State.RECOGNISING)
    elif (reader := recogniser()).is_available():
        _recognise(work, book, scans, reader)
        if not book.section_count and not _found_words(book):
            raise EmptyBook("The pages of this PDF are pictures, and text recognition found no words on them.")
        read(work, step=Book.State.RECOGNISING)
    else:
        _do_without(work, book)


def _do_without(work: Work, book: Book) -> None:
    """Say what is missing: as a warning when there is other text, else the book is no book yet."""
    if not book.section_count:
        raise ScannedBook(
            "The pages of this PDF are pictures. Install text recognition with `make ocr` on the server,"
            " then read the book again."
        )
    warnings = list(dict.fromkeys([*book.warnings, PICTURES_LEFT]))
    with work.fenced() as job:
        work.step_done(job, Book.State.RECOGNISING, warnings=warnings)


def _found_words(book: Book) -> bool:
    return RecognisedPage.objects.filter(book=book).exclude(lines=[]).exists()


def _recognise(work: Work, book: Book, scans: Sequence[int], reader: Recogniser) -> None:
    """Read every page that was not read yet, a few with each child."""
    options = replace(options_of(book), recognised={})
    known = set(RecognisedPage.objects.filter(book=book).values_list("number", flat=True))
    missing = [page for page in scans if page not in known]
    failures = 0
    while missing:
        done = len(scans) - len(missing)
        work.tell(done, len(scans))
        batch = _Batch(work, book, missing[:PAGES_AT_ONCE], done=done, total=len(scans))
        try:
            batch.run(reader, options)
            failures = 0
        except (TooDemanding, ParserDied):
            failures = 0 if batch.kept else failures + 1
            if failures >= MOST_FAILURES:
                raise
            if not batch.kept:  # the first page is the one that cannot be read
                batch.keep({"page": missing[0], "lines": []})
        del missing[: batch.kept]
        work.check()
        if missing:
            work.make_way()


class _Batch:
    """Some pages, read by one child."""

    def __init__(self, work: Work, book: Book, pages: Sequence[int], *, done: int, total: int) -> None:
        self._work, self._book, self._pages = work, book, pages
        self._done, self._total = done, total
        self.kept = 0

    def run(self, reader: Recogniser, options: Options) -> None:
        """Have the pages read, keeping each as it comes."""
        let_go()
        try:
            reader.recognise(
                path_of(self._book.digest),
                options=replace(options, scans=self._pages),
                is_over=lambda: self._work.is_over,
                result=self.keep,
            )
        except sandbox.Stopped:
            self._work.check()
            raise
        except FileNotFoundError as error:
            raise DamagedBook("The file of this book is missing on this server. Upload it again.") from error
        if self.kept < len(self._pages):
            raise ParserDied("The program that reads this book stopped unexpectedly.")

    def keep(self, result: Mapping[str, Any]) -> None:
        """Keep one page."""
        page, lines = ocr.checked(result, self._pages[self.kept : self.kept + 1])
        with self._work.fenced() as job:
            RecognisedPage.objects.update_or_create(book_id=self._book.pk, number=page, defaults={"lines": lines})
            if job.attempts > 1:  # it moves on: attempts count what stands still
                job.attempts = 1
                job.save(update_fields=["attempts"])
        self.kept += 1
        self._work.tell(self._done + self.kept, self._total)
