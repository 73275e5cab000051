"""The page about a book: what is there, what a reader may change with plain forms, and what cannot be read."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from books.models import Annotation, Book, Job, Picture, Section
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

TEXT = "It began at sea."
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def tale(alice: Reader) -> Book:
    """A book on alice's shelf, as its file tells it."""
    told = {"title": "The Tale", "authors": ["A. Writer"], "language": "en", "publisher": "The Harbour Press"}
    book = Book.objects.create(
        owner=alice, digest="a" * 64, file_name="tale.epub", file_size=2048, format="epub", title="The Tale",
        authors=["A. Writer"], language="en", told=told, details={"identifiers": ["urn:x:1"], "date": "1874"},
        state=Book.State.READY, section_count=1, characters=len(TEXT), words=460_000, page_count=12, is_readable=True,
        contents=[{"title": "Chapter I", "section": 0, "start": 0, "depth": 0}],
    )  # fmt: skip
    Section.objects.create(book=book, number=0, title="Chapter I", text=TEXT, blocks=[["p", 0, len(TEXT), 0, [], 0]])
    return book


def seen(book: Book, address: str = "about") -> str:
    response = signed_in(book.owner).get(f"/books/{book.pk}/{address}")
    assert response.status_code == 200
    return response.content.decode()


def sent(book: Book, address: str = "about", **data: Any) -> Any:
    return signed_in(book.owner).post(f"/books/{book.pk}/{address}", data)


def form_of(book: Book, **changed: str) -> dict[str, str]:
    """What the browser sends when `changed` was typed and the rest left alone."""
    page = seen(book)
    fields = dict(re.findall(r'<input class="input" id="f-\w+" name="(\w+)".*? value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea class="input" id="f-\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', page))
    return {**fields, **areas, **changed}


def test_the_page_tells_what_the_book_is(tale: Book) -> None:
    Picture.objects.create(book=tale, number=0, digest="b" * 64, media_type="image/png", width=1, height=1, size=1)
    page = seen(tale)
    for words in ("The Tale", "A. Writer", "460,000", "The Harbour Press", "1874", "urn:x:1", "Chapter I", "2.0"):
        assert words in page
    assert "33 h 20 min" in page
    assert re.search(r"<dt>Pictures</dt><dd>1</dd>", page)
    assert "What was noticed" not in page


def test_a_reader_changes_a_title_and_the_files_own_stays_in_sight(tale: Book) -> None:
    assert sent(tale, **form_of(tale, title="My Tale")).status_code == 302
    tale.refresh_from_db()
    assert (tale.title, tale.edited) == ("My Tale", ["title"])
    page = seen(tale)
    assert "The file says: The Tale" in page
    assert "Saved." in page or "My Tale" in page

    sent(tale, **form_of(tale), reset="title")
    tale.refresh_from_db()
    assert (tale.title, tale.edited) == ("The Tale", [])


def test_saving_without_a_change_leaves_every_field_to_the_file(tale: Book) -> None:
    sent(tale, **form_of(tale))
    tale.refresh_from_db()
    assert tale.edited == []


def test_authors_are_one_a_line(tale: Book) -> None:
    sent(tale, **form_of(tale, authors="Le Guin, Ursula\r\n曹雪芹\r\n"))
    tale.refresh_from_db()
    assert tale.authors == ["Le Guin, Ursula", "曹雪芹"]


def test_what_cannot_be_saved_is_said_and_nothing_typed_is_lost(tale: Book) -> None:
    response = sent(tale, **form_of(tale, language="klingon!", title="Another"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "This is not a language code." in page
    assert 'value="Another"' in page
    tale.refresh_from_db()
    assert tale.title == "The Tale"


def test_a_cover_is_put_on_and_taken_off(tale: Book) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 60), "#26473b").save(drawn, "PNG")
    assert f"/books/{tale.pk}/cover?v=" not in seen(tale)

    sent(tale, "about/cover", cover=SimpleUploadedFile("cover.png", drawn.getvalue()))
    assert f"/books/{tale.pk}/cover?v=" in seen(tale)
    assert f"/books/{tale.pk}/cover?v=" in seen(tale, "card")

    sent(tale, "about/cover", remove="1")
    assert f"/books/{tale.pk}/cover?v=" not in seen(tale)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose a picture first."),
        ({"cover": SimpleUploadedFile("cover.png", b"no picture at all")}, "picture"),
    ],
)
def test_a_cover_that_is_no_picture_is_refused_with_a_sentence(tale: Book, data: Any, sentence: str) -> None:
    client = signed_in(tale.owner)
    page = client.post(f"/books/{tale.pk}/about/cover", data, follow=True).content.decode()
    assert 'class="notice bad told"' in page
    assert sentence in page


def test_a_file_is_read_again(tale: Book) -> None:
    assert sent(tale, "about/again").status_code == 302
    assert Job.objects.filter(book=tale, state="queued").count() == 1
    assert "Mindory is at work on this book" in seen(tale)


def test_what_was_noticed_is_shown_and_told_in_the_reader(tale: Book) -> None:
    Book.objects.filter(pk=tale.pk).update(warnings=["One of its pages could not be read.", HOSTILE])
    assert "One of its pages could not be read." in seen(tale)
    assert "2 things were noticed in this file" in seen(tale, "")
    assert "<script>alert" not in seen(tale)


def test_marks_without_a_place_are_counted_and_kept_in_sight(tale: Book, bob: Reader) -> None:
    for reader in (tale.owner, bob):
        quote = f"words of {reader.username}"
        Annotation.objects.create(reader=reader, book=tale, section=0, start=0, end=2, quote=quote, is_placed=False)
    page = seen(tale)
    assert "1 mark of yours has lost its place" in page
    assert "words of alice" in page
    assert "words of bob" not in page


def test_nothing_of_a_book_becomes_markup_of_the_page(tale: Book) -> None:
    Book.objects.filter(pk=tale.pk).update(
        title=HOSTILE, authors=[HOSTILE], description=HOSTILE, series=HOSTILE, language="en", edited=["title"],
        told={"title": HOSTILE, "publisher": HOSTILE, "subjects": [HOSTILE, {"a": 1}], "rights": 3},
        details={"identifiers": HOSTILE, "encoding": HOSTILE}, file_name=HOSTILE, own_cover=HOSTILE,
    )  # fmt: skip
    assert "<script>alert" not in seen(tale)


def test_the_page_needs_no_inline_code_or_style(tale: Book) -> None:
    page = seen(tale)
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", page)
    assert not re.search(r"\sstyle=|<style|\son\w+=", page)


def test_only_a_text_file_offers_another_encoding(tale: Book) -> None:
    assert f"/books/{tale.pk}/encoding" not in seen(tale)
    Book.objects.filter(pk=tale.pk).update(format="txt", details={"encoding": "gb18030", "replaced": 3})
    page = seen(tale)
    assert f"/books/{tale.pk}/encoding" in page
    assert "gb18030" in page
    assert "3 characters could not be read" in page


def failed(owner: Reader, code: str, sentence: str) -> Book:
    return Book.objects.create(
        owner=owner, digest=f"{code:e<64}"[:64], file_name="b.pdf", file_size=1, title="B", state="failed",
        error_code=code, error_message=sentence,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("scanned_book", "make ocr"),
        ("damaged_book", "fetch it again where it came from"),
        ("locked_book", "Mindory does not break locks"),
        ("unknown_format", "save it as EPUB, PDF or plain text"),
        ("too_demanding", "Another copy may be fine"),
        ("empty_book", "if you see words there"),
        ("parser_died", "Read the file again"),
    ],
)
def test_a_book_that_cannot_be_read_says_what_to_do(alice: Reader, code: str, offered: str) -> None:
    page = seen(failed(alice, code, "This is why."), "")
    assert "This is why." in page
    assert offered in page


def test_a_locked_file_asks_for_its_password_and_is_read_with_it(alice: Reader) -> None:
    book = failed(alice, "needs_password", "This PDF asks for a password.")
    assert 'type="password"' in seen(book, "")
    assert "Type the password" in seen(book, "card")
    assert sent(book, "unlock", password="").status_code == 302
    assert not Job.objects.exists()

    sent(book, "unlock", password="sesame")
    book.refresh_from_db()
    assert book.state == Book.State.QUEUED
    assert "sesame" not in book.password


@pytest.mark.parametrize("address", ["about", "encoding"])
def test_nobody_and_no_other_reader_sees_it(tale: Book, bob: Reader, address: str) -> None:
    assert Client().get(f"/books/{tale.pk}/{address}").status_code == 302
    assert signed_in(bob).get(f"/books/{tale.pk}/{address}").status_code == 404
