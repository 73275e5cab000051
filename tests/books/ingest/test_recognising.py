"""A scanned book becomes a book when text recognition is there, and says what it needs when it is not."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from books.errors import ParserDied
from books.formats.parsed import Options
from books.ingest import AsyncIngestRunner
from books.ingest.recognising import PICTURES_LEFT
from books.models import Book, Job, RecognisedPage, Section
from books.store import BookStore
from mindory_web.accounts.models import Reader
from tests.books_made import pdf, shelved
from tests.made import scans
from tests.sanity import faults_of

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = (
    "The storm began on the ninth of March, a little before",
    "midnight. Marten heard the bell of the harbour ring,",
    "and he went down with his lamp to look for the boat.",
)
SECOND = (
    "There were seven men in her, and all of them were alive.",
    "In the spring the captain sent a letter and a whistle",
    "of silver, which has hung beside the lamp ever since.",
)
PRINTED = [[f"Printed line {line}, which everybody can read as it is." for line in range(20)]]


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


class Reading:
    """Reads what we wrote, at once, and remembers which pages it was asked for."""

    asked: list[tuple[int, ...]] = []

    def is_available(self) -> bool:
        """Say yes."""
        return True

    def recognise(self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Any) -> None:
        """Answer page by page."""
        Reading.asked.append(tuple(options.scans))
        for page in options.scans:
            result({"page": page, "lines": lines(FIRST if page == 0 else SECOND)})


class Missing(Reading):
    """A server on which the packages are not installed."""

    def is_available(self) -> bool:
        """Say no."""
        return False


class Stumbling(Reading):
    """Ends at the first page, whenever it is asked for it."""

    def recognise(self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Any) -> None:
        """End, or answer."""
        if options.scans[0] == 0:
            raise ParserDied("It ended.")
        super().recognise(path, options=options, is_over=is_over, result=result)


class Broken(Reading):
    """Never works."""

    def recognise(self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Any) -> None:
        """End."""
        raise ParserDied("It ended.")


class Cancelled(Reading):
    """Its reader cancels after the first page."""

    def recognise(self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Any) -> None:
        """Answer for one page, then go on as if nothing had happened."""
        for page in options.scans:
            result({"page": page, "lines": lines(FIRST)})
            book = Book.objects.select_related("owner").get()
            BookStore(book.owner).cancel(book.pk)


class Blind(Reading):
    """Finds nothing."""

    def recognise(self, path: Path, *, options: Options, is_over: Callable[[], bool], result: Any) -> None:
        """Answer without a line."""
        for page in options.scans:
            result({"page": page, "lines": []})


def lines(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Lines below each other."""
    return [
        {"text": text, "box": [480, 700 + 270 * row, 5400, 900 + 270 * row], "score": 1.0}
        for row, text in enumerate(texts)
    ]


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    """Forget what other tests asked."""
    Reading.asked.clear()


@pytest.fixture
def read_by(settings: Any) -> Callable[[type[Reading]], None]:
    """Have pages read by one of these."""

    def choose(reader: type[Reading]) -> None:
        settings.RECOGNISER = f"{__name__}.{reader.__name__}"

    return choose


ReadBy = Callable[[type[Reading]], None]


@pytest.fixture(scope="module")
def scanned() -> bytes:
    """A PDF of two scanned pages."""
    return scans.scan(scans.page(FIRST), scans.page(SECOND))


def run(book: Book) -> Book:
    AsyncIngestRunner(book.jobs.latest("pk").pk).run()
    book.refresh_from_db()
    return book


def text_of(book: Book) -> str:
    return " ".join(" ".join(Section.objects.filter(book=book).values_list("text", flat=True)).split())


def share(lines: tuple[str, ...], text: str) -> float:
    """The share of the words that are in a text."""
    words = " ".join(lines).split()
    return sum(word in text for word in words) / len(words)


def test_a_scanned_book_is_read_and_can_be_asked(alice: Reader, scanned: bytes) -> None:
    book = run(shelved(alice, scanned, name="scan.pdf"))

    assert (book.state, book.error_code, book.is_readable, book.is_askable) == ("ready", "", True, True)
    assert share((*FIRST, *SECOND), text_of(book)) >= 0.95
    assert faults_of(book) == []
    assert book.jobs.get().steps_done == ["reading", "recognising", "splitting", "indexing", "embedding"]
    assert list(RecognisedPage.objects.filter(book=book).values_list("number", flat=True)) == [0, 1]
    assert not any("pictures" in warning for warning in book.warnings)


def test_pages_that_were_read_are_not_read_again(alice: Reader, scanned: bytes, read_by: ReadBy) -> None:
    read_by(Reading)
    book = shelved(alice, scanned, name="scan.pdf")
    RecognisedPage.objects.create(book=book, number=0, lines=lines(["Known before."]))
    run(book)

    assert Reading.asked == [(1,)]
    assert text_of(book).startswith("Known before.")
    assert share(SECOND, text_of(book)) == 1

    BookStore(alice).reingest(book.pk)
    assert (run(book).state, Reading.asked) == ("ready", [(1,)])


def test_a_scanned_book_says_what_it_needs_and_is_read_when_it_is_there(
    alice: Reader, scanned: bytes, read_by: ReadBy
) -> None:
    read_by(Missing)
    book = run(shelved(alice, scanned, name="scan.pdf"))

    assert (book.state, book.error_code, book.is_readable) == ("failed", "scanned_book", False)
    assert "make ocr" in book.error_message

    read_by(Reading)
    BookStore(alice).retry(book.pk)
    book = run(book)
    assert (book.state, book.is_askable) == ("ready", True)
    assert share(FIRST, text_of(book)) == 1


def test_a_book_with_some_scanned_pages_is_ready_with_a_warning(alice: Reader, scanned: bytes, read_by: ReadBy) -> None:
    read_by(Missing)
    book = run(shelved(alice, scans.joined(pdf(PRINTED), scanned), name="mixed.pdf"))

    assert (book.state, book.is_askable, book.details["scans"]) == ("ready", True, [1, 2])
    assert "Printed line 7" in text_of(book)
    assert [warning for warning in book.warnings if "make ocr" in warning] == [PICTURES_LEFT]

    read_by(Reading)
    BookStore(alice).reingest(book.pk)
    book = run(book)
    assert [warning for warning in book.warnings if "make ocr" in warning] == []
    assert "Printed line 7" in text_of(book)
    assert share(SECOND, text_of(book)) == 1


def test_many_pages_are_read_a_few_at_a_time(alice: Reader, read_by: ReadBy) -> None:
    read_by(Reading)
    book = run(shelved(alice, scans.scan(*[scans.page(FIRST)] * 11), name="scan.pdf"))

    assert (book.state, Reading.asked) == ("ready", [tuple(range(8)), (8, 9, 10)])
    assert book.jobs.get().attempts == 1


def test_a_book_that_nobody_can_ask_yet_goes_first(alice: Reader, read_by: ReadBy) -> None:
    read_by(Reading)
    book = shelved(alice, scans.scan(*[scans.page(FIRST)] * 11), name="scan.pdf")
    shelved(alice, pdf(PRINTED), name="print.pdf")
    run(book)

    assert (book.jobs.get().state, Reading.asked) == ("queued", [tuple(range(8))])
    assert RecognisedPage.objects.filter(book=book).count() == 8


def test_a_book_without_scanned_pages_passes_the_step(alice: Reader, read_by: ReadBy) -> None:
    read_by(Missing)
    book = run(shelved(alice, pdf(PRINTED), name="print.pdf"))

    assert book.state == "ready"
    assert "recognising" in book.jobs.get().steps_done
    assert not RecognisedPage.objects.exists()


def test_a_page_that_ends_its_child_is_left_empty_and_the_others_are_read(
    alice: Reader, scanned: bytes, read_by: ReadBy
) -> None:
    read_by(Stumbling)
    book = run(shelved(alice, scanned, name="scan.pdf"))

    assert book.state == "ready"
    assert RecognisedPage.objects.get(book=book, number=0).lines == []
    assert share(SECOND, text_of(book)) == 1


def test_recognition_that_never_works_is_tried_again(alice: Reader, read_by: ReadBy) -> None:
    read_by(Broken)
    book = shelved(alice, scans.scan(*[scans.page(FIRST)] * 4), name="scan.pdf")
    with pytest.raises(ParserDied):
        run(book)

    job = Job.objects.get()
    assert (job.state, job.error_code) == ("queued", "parser_died")
    assert RecognisedPage.objects.count() == 2  # the third in a row says that it is not the pages


def test_pictures_without_words_are_no_book(alice: Reader, scanned: bytes, read_by: ReadBy) -> None:
    read_by(Blind)
    book = run(shelved(alice, scanned, name="scan.pdf"))

    assert (book.state, book.error_code, book.is_readable) == ("failed", "empty_book", False)


def test_a_cancelled_book_keeps_the_pages_that_are_done(alice: Reader, scanned: bytes, read_by: ReadBy) -> None:
    read_by(Cancelled)
    book = run(shelved(alice, scanned, name="scan.pdf"))

    assert book.state == "cancelled"
    assert list(RecognisedPage.objects.values_list("number", flat=True)) == [0]


def test_recognised_pages_go_with_their_book(alice: Reader) -> None:
    book = shelved(alice, pdf(PRINTED), name="print.pdf")
    RecognisedPage.objects.create(book=book, number=0, lines=[])
    BookStore(alice).delete(book.pk)

    assert not RecognisedPage.objects.exists()
