"""What a program can ask of a whole book: its words and figures, another encoding, a password, its printed pages."""

from typing import Any

import pytest

from books.formats.parsed import PARSER_VERSION
from books.ingest import AsyncIngestRunner
from books.models import Book, Job, Page, RecognisedPage
from books.sealing import opened, sealed
from books.store import BookStore
from mindory_web.accounts.models import Reader
from tests.api.conftest import TEXTS, Program, code_of
from tests.books_made import chinese_txt, pdf, shelved
from tests.made.pdfs import locked
from tests.sanity import faults_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def run(book: Book) -> Book:
    AsyncIngestRunner(book.jobs.latest("pk").pk).run()
    book.refresh_from_db()
    return book


def test_a_book_tells_what_it_is_and_how_long_it_takes(program: Program, book: Book) -> None:
    Book.objects.update(
        words=1000, parser_version=PARSER_VERSION - 1, details={"direction": "rtl", "had_lossy": True},
        warnings=["Some characters of this file could not be read."], language="en", told={"title": "Moby"},
    )  # fmt: skip

    told = program("GET", f"books/{book.pk}").json()

    assert (told["words"], told["reading_minutes"], told["is_outdated"]) == (1000, 5, True)
    assert (told["direction"], told["writing"], told["had_lossy"]) == ("rtl", "horizontal", True)
    assert (told["told"], told["edited"], told["cover"]) == ({"title": "Moby"}, [], None)
    assert told["warnings"] == ["Some characters of this file could not be read."]
    Book.objects.update(language="zh-Hans", parser_version=PARSER_VERSION)
    told = program("GET", f"books/{book.pk}").json()
    assert (told["reading_minutes"], told["is_outdated"]) == (3, False)


def test_fields_change_one_by_one_and_go_back_to_the_file(program: Program, book: Book) -> None:
    Book.objects.update(told={"title": "Moby", "series": "Sea"}, language="en")
    address = f"books/{book.pk}"

    told = program("PATCH", address, {"series": "Whales", "series_number": 2.5, "description": "A *whale*."}).json()
    assert (told["title"], told["series"], told["series_number"]) == ("Moby-Dick", "Whales", 2.5)
    assert told["edited"] == ["series", "series_number", "description"]

    told = program("PATCH", address, {"series": None, "title": "", "description": ""}).json()
    assert (told["title"], told["series"], told["description"]) == ("Moby", "Sea", "")
    assert told["edited"] == ["series_number"]


@pytest.mark.parametrize(
    "change", [{"language": "English"}, {"series_number": "many"}, {"title": "x" * 501}, {"authors": "me"}]
)
def test_a_field_that_makes_no_sense_is_refused(program: Program, book: Book, change: dict[str, Any]) -> None:
    answer = program("PATCH", f"books/{book.pk}", change)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


def test_another_language_is_a_new_job_from_the_index_on(program: Program, book: Book) -> None:
    told = program("PATCH", f"books/{book.pk}", {"language": "de-AT"}).json()

    assert (told["language"], told["state"], told["is_askable"]) == ("de-AT", "queued", True)
    assert Job.objects.get().steps_done == ["reading", "recognising", "splitting"]


@pytest.mark.django_db(transaction=True)
def test_a_text_file_is_read_in_the_encoding_its_reader_chooses(alice: Reader, program: Program) -> None:
    book = run(shelved(alice, chinese_txt().encode("gb18030"), name="石塔.txt"))
    address = f"books/{book.pk}"

    found = program("GET", f"{address}/encodings").json()
    assert found[0]["encoding"] == "gb18030"
    assert (found[0]["is_detected"], found[0]["is_chosen"], found[0]["replaced"]) == (True, True, 0)
    assert "守灯" in found[0]["preview"]
    assert not any(choice["is_detected"] for choice in found[1:])

    told = program("POST", f"{address}/encoding", {"encoding": "Big5"}).json()
    assert (told["state"], told["encoding"]) == ("queued", "big5")
    text = Book.objects.get().sections.get(number=0).text
    assert "话说" in text  # the old one stays until the new one is there
    run(book)
    assert "话说" not in book.sections.get(number=0).text

    program("POST", f"{address}/encoding", {"encoding": ""})
    assert "话说" in run(book).sections.get(number=0).text
    assert faults_of(book) == []


def test_only_encodings_that_we_have_and_only_of_text_files(program: Program, book: Book) -> None:
    address = f"books/{book.pk}"
    answer = program("POST", f"{address}/encoding", {"encoding": "rot13"})
    assert (answer.status_code, code_of(answer)) == (422, "bad_encoding")
    assert "gb18030" in answer.json()["error"]["encodings"]

    Book.objects.update(format="epub")
    assert program("GET", f"{address}/encodings").status_code == 409
    assert program("POST", f"{address}/encoding", {"encoding": "big5"}).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_a_locked_file_opens_with_its_password_which_nobody_can_read(alice: Reader, program: Program) -> None:
    book = run(shelved(alice, locked(pdf([["Old Marten kept the light."]]), user="tide"), name="locked.pdf"))
    told = program("GET", f"books/{book.pk}").json()
    assert (told["state"], told["error"]["code"], told["needs_password"]) == ("failed", "needs_password", True)

    program("POST", f"books/{book.pk}/unlock", {"password": "ebb"})
    assert run(book).error_code == "needs_password"
    assert book.password == ""

    told = program("POST", f"books/{book.pk}/unlock", {"password": "tide"})
    assert b"tide" not in told.content
    assert run(book).state == "ready"
    assert "tide" not in book.password
    assert opened(book.password) == "tide"
    assert program("GET", f"books/{book.pk}/pages/0/image?width=400").status_code == 200
    assert program("POST", f"books/{book.pk}/unlock", {"password": "tide"}).status_code == 409
    BookStore(alice).reingest(book.pk)
    assert run(book).state == "ready"


def test_a_sealed_password_opens_with_the_same_secret_only(settings: Any) -> None:
    box = sealed("tide")
    assert (opened(box), opened(""), sealed("")) == ("tide", "", "")
    settings.SECRET_KEY = "another one, which is long enough to be a secret"
    assert opened(box) == ""


def test_passwords_are_not_tried_without_end(program: Program, book: Book) -> None:
    for _ in range(20):
        Book.objects.update(error_code="needs_password", state="failed")
        Job.objects.all().delete()
        assert program("POST", f"books/{book.pk}/unlock", {"password": "x"}).status_code == 200
    Book.objects.update(error_code="needs_password")
    assert program("POST", f"books/{book.pk}/unlock", {"password": "x"}).status_code == 429


def with_pages(book: Book) -> None:
    """Two printed pages: the first words of the book on the first in two lines, the rest on the second."""
    words = [[0, 0, 4, 100, 100, 300, 200], [0, 5, 7, 320, 102, 400, 198], [0, 8, 16, 100, 220, 500, 320]]
    Page.objects.create(book=book, number=0, label="iv", section=0, start=0, width=5950, height=8420, words=words)
    words = [[0, 17, 21, 100, 100, 300, 200], [1, 0, 2, 100, 300, 300, 400]]
    Page.objects.create(book=book, number=1, section=0, start=17, width=5950, height=8420, words=words)


def test_pages_have_labels_words_and_boxes_of_lines(program: Program, book: Book) -> None:
    with_pages(book)
    address = f"books/{book.pk}"

    listed = program("GET", f"{address}/pages").json()
    assert [(page["number"], page["label"], page["start"]) for page in listed["items"]] == [(0, "iv", 0), (1, "2", 17)]
    assert program("GET", f"{address}/pages/1").json()["words"][1] == [1, 0, 2, 100, 300, 300, 400]
    assert program("GET", f"{address}/pages/2").status_code == 404

    boxes = program("GET", f"{address}/boxes?section=0&start=0&end=20").json()
    assert [(page["label"], page["boxes"]) for page in boxes] == [
        ("iv", [[100, 100, 400, 200], [100, 220, 500, 320]]),
        ("2", [[100, 100, 300, 200]]),
    ]
    assert program("GET", f"{address}/boxes?section=1&start=0&end=1").json()[0]["boxes"] == [[100, 300, 300, 400]]
    for bad in ("section=0&start=5&end=2", "section=7&start=0&end=1", "section=0&start=0&end=999", "section=0"):
        assert program("GET", f"{address}/boxes?{bad}").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_pdf_is_kept_with_its_pages_and_a_search_names_them(alice: Reader, program: Program) -> None:
    lines = [["Old Marten kept the light at Grey Point."], ["The wind turned on the ninth of March."]]
    book = run(shelved(alice, pdf(lines), name="tale.pdf"))

    assert (book.page_count, faults_of(book)) == (2, [])
    found = program("GET", f"search?q=wind+march&book={book.pk}").json()["items"]
    assert found
    assert found[0]["page"] in {"1", "2"}
    section, start = Page.objects.values_list("section", "start").get(book=book, number=1)
    words = book.sections.get(number=section).text
    assert words[start:].startswith("The wind")
    assert not RecognisedPage.objects.exists()


def test_a_section_says_where_its_characters_are_in_the_file(program: Program, book: Book) -> None:
    book.sections.filter(number=0).update(origins=[[0, 7], [4, 13]])
    assert program("GET", f"books/{book.pk}/sections/0/origins").json() == [[0, 7], [4, 13]]
    assert len(TEXTS) == 2
