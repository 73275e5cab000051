"""Read the words of scanned pages: page by page, each kept as it comes, then the file once more with all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings

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


def recognise_pages(work: Work) -> None:
    """Read the pages that are pictures, if there are any. Pages that were read before are not read again."""
    book = Book.objects.get(pk=work.book_id)
    scans = [int(page) for page in book.details.get("scans", [])]
    if not scans:
        with work.fenced() as job:
            work.step_done(job, Book.State.RECOGNISING)
    elif ocr.is_available():
        _recognise(work, book, scans)
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


def _recognise(work: Work, book: Book, scans: Sequence[int]) -> None:
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
            batch.run(options)
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

    def run(self, options: Options) -> None:
        """Have the pages read, keeping each as it comes."""
        let_go()
        seconds = settings.OCR_LIMITS["page_seconds"] * len(self._pages)
        try:
            sandbox.ask(
                "recognise",
                path_of(self._book.digest),
                limits=sandbox.Limits(seconds=seconds, memory=settings.OCR_LIMITS["memory"]),
                is_over=lambda: self._work.is_over,
                options=replace(options, scans=self._pages),
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
