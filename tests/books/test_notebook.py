"""The page about a book: what a reader takes along, its collections, deleting it; and the handbook."""

import io
import json
import zipfile

import pytest
from django.test import Client

from books import handbook
from books.annotations import Annotations
from books.coordinates import Span
from books.models import Annotation, Book, Collection, Page
from mindory_web.accounts.models import Reader
from tests.api.conftest import make_book
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book with three marks: one lost its place, and they are not made in the order of the text."""
    made = make_book(alice, title="Moby-*Dick*", authors=["Herman Melville"])
    Page.objects.create(book=made, number=0, label="xii", section=0, start=0)
    Page.objects.create(book=made, number=1, label="13", section=1, start=0)
    mine = Annotations(alice, made)
    lost = mine.add(Span(0, 0, 4), kind="highlight")
    mine.add(Span(1, 3, 13), kind="note", colour="blue", text="See **chapter 42**.")
    mine.add(Span(0, 8, 15), kind="highlight", colour="pink")
    mine.add(Span(1, 0, 0), kind="bookmark")
    Annotation.objects.filter(pk=lost.pk).update(is_placed=False, quote="Gone words")
    return made


def export(client: Client, book: Book, kind: str) -> str:
    answer = client.get(f"/api/v1/books/{book.pk}/annotations/export?format={kind}")
    assert answer.status_code == 200
    assert f'filename="notes-{book.pk}.{kind}"' in answer.headers["Content-Disposition"]
    return answer.content.decode()


def test_marks_come_as_markdown_by_chapter_with_page_colour_and_link(alice: Reader, book: Book) -> None:
    text = export(signed_in(alice), book, "md")

    assert text.startswith(r"# Moby-\*Dick\*")
    parts = ["## Part 0", "> Ishmael", "Pink · page xii", "## Part 1", "Bookmark · page 13", "See **chapter 42**."]
    places = [text.index(part) for part in [*parts, "## Without a place in the text", "> Gone words"]]
    assert places == sorted(places)
    assert f"/books/{book.pk}/?section=0&start=8&end=15" in text
    assert text.count("[Open]") == 3


def test_marks_come_as_json_in_the_order_of_the_text(alice: Reader, book: Book) -> None:
    told = json.loads(export(signed_in(alice), book, "json"))

    assert [mark["kind"] for mark in told["annotations"]] == ["highlight", "bookmark", "note", "highlight"]
    note = told["annotations"][2]
    assert (note["chapter"], note["page"], note["text"]) == ("Part 1", "13", "See **chapter 42**.")
    assert (told["annotations"][3]["is_placed"], told["annotations"][3]["start"]) == (False, None)
    assert told["book"]["authors"] == ["Herman Melville"]


def test_nobody_elses_marks_are_in_it(alice: Reader, bob: Reader, book: Book) -> None:
    assert signed_in(bob).get(f"/api/v1/books/{book.pk}/annotations/export").status_code == 404
    Annotation.objects.update(reader=bob)

    assert json.loads(export(signed_in(alice), book, "json"))["annotations"] == []
    assert "Nothing is marked in this book." in export(signed_in(alice), book, "md")


def test_the_page_about_a_book_tells_what_is_there_of_its_reader(alice: Reader, book: Book) -> None:
    shown = signed_in(alice).get(f"/books/{book.pk}/about").content.decode()

    for words in ("2 highlights", "1 note", "1 bookmark"):
        assert f"<span>{words}</span>" in shown
    assert "annotations/export?format=json" in shown


def test_a_book_is_put_on_collections_and_taken_off(alice: Reader, book: Book) -> None:
    client, address = signed_in(alice), f"/books/{book.pk}/about/collections"
    client.post(address, {"name": "Sea"})
    other = Collection.objects.create(owner=alice, name="Long")
    client.post(address, {"put": other.pk})
    client.post(address, {"take": Collection.objects.get(name="Sea").pk})

    assert [each.name for each in book.collections.all()] == ["Long"]
    assert client.post(address, {"put": "x"}).status_code == 404
    assert "Give the collection a name." in client.post(address, {"name": " "}, follow=True).content.decode()


def test_a_deleted_book_can_be_brought_back_for_a_while(alice: Reader, book: Book) -> None:
    client = signed_in(alice)

    shown = client.post(f"/books/{book.pk}/about/remove", follow=True).content.decode()
    assert "This book is deleted." in shown
    assert not Book.objects.filter(pk=book.pk).exists()
    client.post(f"/books/{book.pk}/about/removed")

    assert Book.objects.filter(pk=book.pk).exists()
    assert client.get(f"/books/{book.pk}/about/removed").headers["Location"] == f"/books/{book.pk}/about"


@pytest.mark.parametrize("edition", handbook.EDITIONS.values(), ids=lambda edition: edition.code)
def test_the_handbook_has_the_same_bytes_for_the_same_pages(edition: handbook.Edition) -> None:
    first, second = handbook.built(edition), handbook.built(edition)

    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert len([name for name in archive.namelist() if name.startswith("EPUB/0")]) == 8
        assert ".md" not in archive.read("EPUB/01-welcome.xhtml").decode()


def test_the_handbook_comes_in_the_language_of_its_reader(alice: Reader) -> None:
    for language, title in (("zh-hans", "mindory-handbook-zh"), ("fr", "mindory-handbook")):
        assert handbook.shelve(alice, language=language).book.title == title
    assert not handbook.shelve(alice, language="en").is_new
