"""Pictures of the pages of a PDF: drawn in the child, for the reader and for text recognition."""

import io
from pathlib import Path

import pytest
from PIL import Image

from books.errors import BookError, DamagedBook, NeedsPassword
from books.formats import sandbox
from books.formats.parsed import Options, Picture
from books.formats.pdf.document import opened
from books.formats.pdf.render import cover, page_image
from books.formats.sources import Source
from tests.books_made import TALE_EPUB, pdf
from tests.made import pdfs

LIMITS = sandbox.Limits(seconds=30)


def drawn(path: Path, **options: object) -> tuple[Picture, Image.Image]:
    found: list[tuple[Picture, bytes]] = []
    sandbox.ask(
        "page",
        path,
        limits=LIMITS,
        options=Options(**options),  # type: ignore[arg-type]
        keep=lambda picture, data: found.append((picture, data)),
    )
    ((picture, data),) = found
    return picture, Image.open(io.BytesIO(data))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.pdf"
    path.write_bytes(pdf([["Words."], ["More words."]]))
    return path


def test_a_page_is_drawn_as_wide_as_it_is_asked_for(book: Path) -> None:
    picture, image = drawn(book, page=1, width=600)

    assert (picture.number, picture.media_type, picture.width) == (1, "image/jpeg", 600)
    assert image.size == (600, picture.height)
    assert abs(picture.height - 600 * 842 / 595) < 3
    assert min(image.convert("L").tobytes()) < 60 < max(image.convert("L").tobytes())


@pytest.mark.parametrize(("asked", "width"), [(1, 100), (100_000, 3362)])
def test_a_page_is_never_too_small_or_too_large(book: Path, asked: int, width: int) -> None:
    picture, _ = drawn(book, page=0, width=asked)

    assert abs(picture.width - width) < 5
    assert picture.width * picture.height <= 16_000_000


@pytest.mark.parametrize("number", [2, -1, 10**9])
def test_a_page_that_is_not_there_is_refused(book: Path, number: int) -> None:
    with pytest.raises(DamagedBook):
        drawn(book, page=number, width=600)


def test_only_a_pdf_has_pages_to_draw(tmp_path: Path) -> None:
    path = tmp_path / "tale.epub"
    path.write_bytes(TALE_EPUB)

    with pytest.raises(BookError):
        drawn(path, page=0, width=600)


def test_a_locked_page_is_drawn_with_its_password(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdfs.locked(pdf([["Words."]]), user="tide"))

    assert drawn(path, page=0, width=300, password="tide")[0].width == 300
    with pytest.raises(NeedsPassword):
        drawn(path, page=0, width=300)


def test_the_first_page_is_the_cover() -> None:
    image = Image.open(io.BytesIO(cover(Source(io.BytesIO(pdf([["Words."]]))))))

    assert abs(image.height - 800) < 5


def test_a_page_stretched_beyond_measure_is_still_drawn_small() -> None:
    body = pdf([["Words."]]).replace(b"[0 0 595 842]", b"[0 0 9999 1]")

    with opened(Source(io.BytesIO(body))) as document:
        assert page_image(document, 0, width=4000).width <= 4001
