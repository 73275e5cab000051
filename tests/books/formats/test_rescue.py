"""A page that brings the reader of PDFs down costs that page, not the book."""

from pathlib import Path

import pytest

from books.errors import TooDemanding
from books.formats import rescue, sandbox
from books.formats.limits import Limits
from books.formats.parsed import Options
from tests.made import hostile, pdfs

SMALL = Limits(memory=600 * 1024 * 1024)
WORDS = ("The lamp was lit at dusk.", "A gull sat on the rail.", "Nobody came that night.")


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """A PDF of three pages, of which the second unpacks to more memory than there is."""
    pages = [pdfs.Sheet().line(72, 700, words) for words in WORDS]
    path = tmp_path / "torn.pdf"
    path.write_bytes(hostile.pdf_bomb(pdfs.book(pages), megabytes=700, holding=WORDS[1].encode().hex()))
    return path


def test_a_page_that_ends_its_reader_is_left_out_and_named(torn: Path) -> None:
    with pytest.raises(TooDemanding):
        sandbox.parse(torn, limits=SMALL)

    book = rescue.parse(torn, limits=SMALL)

    text = "\n".join(section.text for section in book.sections)
    assert [words in text for words in WORDS] == [True, False, True]
    assert book.warnings == ["Some pages of this PDF are damaged and could not be read: 2."]
    assert [bool(page.words) for page in book.pages] == [True, False, True]


def test_a_page_that_is_skipped_is_read_without_places(tmp_path: Path) -> None:
    path = tmp_path / "whole.pdf"
    path.write_bytes(pdfs.book([pdfs.Sheet().line(72, 700, words) for words in WORDS]))

    book = sandbox.parse(path, limits=SMALL, options=Options(is_careful=True, skipped=(1,)))

    text = "\n".join(section.text for section in book.sections)
    assert [words in text for words in WORDS] == [True, True, True]
    assert [bool(page.words) for page in book.pages] == [True, False, True]
    assert book.cover is None


def test_a_file_of_another_kind_is_refused_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "bomb.epub"
    path.write_bytes(hostile.bomb(64))

    with pytest.raises(TooDemanding):
        rescue.parse(path, limits=SMALL)
