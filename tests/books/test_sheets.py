"""Printed pages for the eyes: their pictures in parts, and the words over them, are those of the book."""

import io
from typing import Any

import pytest
from PIL import Image

from books import drawing, pages
from books.files import path_of
from books.formats import sandbox
from books.models import Book, Page, Section
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import TooMany
from mindory_web.lib.limits import spend
from tests import books_made
from tests.conftest import signed_in
from tests.made import pdfs

TEXTS = ["Old Marten kept the light.", "He was alone with the sea 40 years."]


def shelved(owner: Reader, sheets: list[pdfs.Sheet], **more: Any) -> Book:
    """Put a PDF on the shelf with the sections and pages that its parser finds."""
    book = books_made.shelved(owner, pdfs.book(sheets, **more), name="light.pdf")
    parsed = sandbox.parse(path_of(book.digest), limits=sandbox.Limits(), suffix=".pdf")
    Section.objects.filter(book=book).delete()
    for number, section in enumerate(parsed.sections):
        Section.objects.create(book=book, number=number, title=section.title, text=section.text)
    for number, page in enumerate(parsed.pages):
        row = {name: getattr(page, name) for name in ("label", "section", "start", "width", "height")}
        Page.objects.create(book=book, number=number, words=[list(word) for word in page.words], **row)
    return book


@pytest.fixture
def light(alice: Reader) -> Book:
    """A PDF of a page upright, a page on its side and one without words, which is larger."""
    first = pdfs.Sheet().lines(72, 700, TEXTS)
    return shelved(alice, [first, pdfs.Sheet(turned=90).line(72, 700, "A chart."), pdfs.Sheet(width=900, height=700)])


def lines_of(reader: Reader, book: Book, number: int) -> list[Any]:
    answer = signed_in(reader).get(f"/books/{book.pk}/pages/{number}/words")
    assert answer.status_code == 200
    lines: list[Any] = answer.json()["lines"]
    return lines


def picture(reader: Reader, book: Book, query: str, number: int = 0) -> Image.Image:
    answer = signed_in(reader).get(f"/books/{book.pk}/pages/{number}?{query}")
    assert answer.status_code == 200, b"".join(answer)
    return Image.open(io.BytesIO(b"".join(answer)))


def test_the_words_over_a_page_are_slices_of_the_text(alice: Reader, light: Book) -> None:
    lines = lines_of(alice, light, 0)

    assert [line[6].strip() for line in lines] == TEXTS
    for section, start, left, _top, right, _bottom, text, *words in lines:
        canonical = Section.objects.get(book=light, number=section).text
        assert canonical[start:].startswith(text)
        assert " ".join(text[at : at + long] for at, long in zip(words[::4], words[1::4], strict=True)) == text.strip()
        assert (words[2], words[-1]) == (left, right)


def test_words_of_two_columns_are_two_lines(alice: Reader) -> None:
    sheet = pdfs.Sheet().lines(50, 700, ["The left column is", "a column of words."] * 6)
    sheet.lines(330, 700, ["The right one goes", "on where that ends."] * 6)
    lines = lines_of(alice, shelved(alice, [sheet]), 0)

    assert [line[6].strip() for line in lines[:2]] == ["The left column is", "a column of words."]
    assert all(line[4] - line[2] < 2400 for line in lines)


def test_a_page_on_its_side_is_as_it_is_shown(light: Book) -> None:
    told = pages.sheets(light)

    assert told is not None
    assert told["sizes"] == [[6120, 7920], [7920, 6120], [9000, 7000]]
    assert told["labels"] == ["1", "2", "3"]
    assert len(told["starts"]) == 3
    assert told["has_words"]
    assert pages.sheets(Book(pk=0)) is None


def test_a_page_without_words_has_no_lines(alice: Reader, light: Book) -> None:
    assert lines_of(alice, light, 2) == []


@pytest.mark.parametrize("address", ["pages/0/words", "pages/0?width=4800&part=0:0"])
def test_a_page_is_its_readers_own(bob: Reader, light: Book, address: str) -> None:
    assert signed_in(bob).get(f"/books/{light.pk}/{address}").status_code == 404
    assert signed_in(light.owner).get(f"/books/{light.pk}/{address}".replace("/0", "/7")).status_code == 404


def test_the_parts_of_a_page_are_the_page(alice: Reader, light: Book) -> None:
    whole = picture(alice, light, "width=2400").convert("L")
    sizes = {}
    for column in range(2):
        for row in range(3):
            part = picture(alice, light, f"width=4800&part={column}:{row}").convert("L")
            sizes[column, row] = part.size
            half = part.resize((part.width // 2, part.height // 2))
            box = (column * 1200, row * 1200, column * 1200 + half.width, row * 1200 + half.height)
            pairs = zip(half.tobytes(), whole.crop(box).tobytes(), strict=True)
            assert sum(abs(one - other) for one, other in pairs) / (half.width * half.height) < 1
    assert sizes[0, 0] == (2400, 2400)
    assert sizes[1, 2] == (2400, 6212 - 4800)


@pytest.mark.parametrize("query", ["width=4800&part=2:0", "width=4800&part=0:3", "width=3000&part=0:0"])
def test_a_part_that_is_none_is_not_found(alice: Reader, light: Book, query: str) -> None:
    assert signed_in(alice).get(f"/books/{light.pk}/pages/0?{query}").status_code == 404


def test_small_pages_are_drawn_together(alice: Reader, light: Book) -> None:
    assert picture(alice, light, "width=100").width == 240
    folder = drawing.drawn(light, 0, width=240).path.parent

    assert {path.name.split("-", 1)[1] for path in folder.glob("*.jpg")} == {f"{number}-240.jpg" for number in range(3)}


def test_a_picture_named_by_its_file_need_not_be_asked_for_again(alice: Reader, light: Book) -> None:
    client = signed_in(alice)
    version = light.digest[: pages.VERSION]
    assert "immutable" in client.get(f"/books/{light.pk}/pages/0?width=240&v={version}").headers["Cache-Control"]
    assert "no-cache" in client.get(f"/books/{light.pk}/pages/0?width=240").headers["Cache-Control"]


def test_only_so_many_pages_are_drawn_a_minute(light: Book) -> None:
    for _ in range(drawing.DRAWN_PER_MINUTE - 1):  # pages of other books
        spend(f"page:{light.owner_id}", limit=drawing.DRAWN_PER_MINUTE, seconds=60)
    drawing.drawn(light, 0, width=240)
    drawing.drawn(light, 1, width=240)  # was drawn with it
    with pytest.raises(TooMany):
        drawing.drawn(light, 0, width=800)
