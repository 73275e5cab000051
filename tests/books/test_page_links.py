"""Links on printed pages: where they are, where they lead, and that they are their reader's own."""

from typing import Any

import pytest

from books import drawing, page_links, pages
from books.formats import sandbox
from books.models import Book, Page
from mindory_web.accounts.models import Reader
from tests import books_made
from tests.conftest import signed_in
from tests.made import pdfs

WORDS = (72, 697, 200, 709)


def shelved(owner: Reader, sheets: list[pdfs.Sheet], **more: Any) -> Book:
    """Put a PDF on the shelf whose pages are known."""
    book = books_made.shelved(owner, pdfs.book(sheets, **more), name="links.pdf")
    for number, sheet in enumerate(sheets):
        size = {"width": int(sheet.width * 10), "height": int(sheet.height * 10)}
        Page.objects.create(book=book, number=number, section=0, start=0, **size)
    return book


@pytest.fixture
def linked(alice: Reader) -> Book:
    """Three pages: the first leads to the second, to a height of the third, and out of the book."""
    first = pdfs.Sheet().line(72, 700, "The lamp, page 2").goes(WORDS, 1).goes((72, 660, 200, 672), 2, 392)
    first.opens((72, 620, 200, 632), "https://example.org/lamp?a=1&b=2").opens(
        (72, 580, 200, 592), "mailto:a@b.example"
    )
    first.link((72, 540, 200, 552), "/A << /S /GoTo /D (stair) >>").opens((72, 500, 200, 512), "www.example.org")
    turned = pdfs.Sheet(turned=90).goes((0, 0, 100, 50), 0)
    names = "/Names << /Dests << /Names [(stair) [2 /XYZ 0 92 0]] >> >>"
    return shelved(alice, [first, turned, pdfs.Sheet()], catalog=names)


def links_of(reader: Reader, book: Book, query: str = "") -> dict[str, list[list[Any]]]:
    answer = signed_in(reader).get(f"/books/{book.pk}/pages/0/links{query}")
    assert answer.status_code == 200
    found: dict[str, list[list[Any]]] = answer.json()["links"]
    return found


def test_links_lead_to_pages_heights_and_addresses(alice: Reader, linked: Book) -> None:
    rows = links_of(alice, linked)["0"]

    assert [row[1:] for row in rows] == [
        [1, 0],
        [2, 4000],
        ["https://example.org/lamp?a=1&b=2", 0],
        ["mailto:a@b.example", 0],
        [2, 7000],
        ["https://www.example.org", 0],
    ]
    [[left, top, right, bottom]] = rows[0][0]
    assert (left, top) == (720, 830)
    assert (right, bottom) == (2001, 951)


def test_a_link_on_a_turned_page_is_where_it_is_shown(alice: Reader, linked: Book) -> None:
    [[boxes, target, _down]] = links_of(alice, linked)["1"]

    assert target == 0
    assert boxes == [[0, 0, 501, 1001]]


def test_a_link_over_two_lines_has_two_boxes(alice: Reader) -> None:
    quads = "/QuadPoints [300 712 500 712 300 700 500 700 72 698 150 698 72 686 150 686]"
    sheet = pdfs.Sheet().opens((72, 686, 500, 712), "https://example.org/", more=quads)
    [[boxes, *_rest]] = links_of(alice, shelved(alice, [sheet]))["0"]

    assert boxes == [[3000, 800, 5001, 921], [720, 940, 1501, 1061]]


def test_links_are_their_readers_own_and_of_a_page_that_is_there(alice: Reader, bob: Reader, linked: Book) -> None:
    assert signed_in(bob).get(f"/books/{linked.pk}/pages/0/links").status_code == 404
    assert signed_in(alice).get(f"/books/{linked.pk}/pages/7/links").status_code == 404


def test_links_are_looked_for_once_and_go_with_the_pictures(alice: Reader, linked: Book) -> None:
    page_links.around(linked, 1)
    kept = drawing.place_of(f"{linked.digest}-links-0.json")
    kept.write_text('{"0": []}')

    assert page_links.around(linked, 2) == {"0": []}
    drawing.forget(linked.digest)
    assert not kept.exists()
    version = linked.digest[: pages.VERSION]
    answer = signed_in(alice).get(f"/books/{linked.pk}/pages/0/links?v={version}")
    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in signed_in(alice).get(f"/books/{linked.pk}/pages/0/links?v=0")["Cache-Control"]


def test_a_file_that_is_no_pdf_has_no_links(alice: Reader) -> None:
    book = books_made.shelved(alice, b"Only words.", name="words.txt")
    Page.objects.create(book=book, number=0, section=0, start=0, width=100, height=100)

    assert links_of(alice, book) == {}


@pytest.mark.parametrize(
    ("details", "language", "is_rtl"),
    [
        ({}, "en", False),
        ({}, "", False),
        ({}, "ar", True),
        ({}, "he-IL", True),
        ({"binding": "right"}, "ja", True),
        ({"direction": "rtl"}, "", True),
        ({"writing": "vertical"}, "zh", True),
    ],
)
def test_pages_are_turned_as_the_book_says(details: dict[str, str], language: str, is_rtl: bool) -> None:
    assert pages.is_rtl(Book(details=details, language=language)) is is_rtl


def test_a_pdf_says_from_which_side_it_is_turned(linked: Book) -> None:
    from books.files import path_of

    def details(body: bytes) -> Any:
        path_of(linked.digest).write_bytes(body)
        return sandbox.parse(path_of(linked.digest), limits=sandbox.Limits(), suffix=".pdf").details

    sheets = [pdfs.Sheet().line(72, 700, "Old Marten kept the light.")]
    assert details(pdfs.book(sheets, catalog="/ViewerPreferences << /Direction /R2L >>"))["binding"] == "right"
    assert "binding" not in details(pdfs.book(sheets, catalog="/ViewerPreferences << /Direction /L2R >>"))
