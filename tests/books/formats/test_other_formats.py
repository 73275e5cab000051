"""HTML, Markdown, Word and PDF in their plain form."""

import io

import pytest

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats.parsed import ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import docx, pdf

LONG = "The sea was calm that day, and nobody came. " * 80


def read(body: bytes, *, suffix: str = "") -> ParsedBook:
    return parse(Source(io.BytesIO(body), suffix=suffix), lambda done, total: None)


def words_of(book: ParsedBook) -> str:
    return "\n\n".join(section.text for section in book.sections)


# --- Which format -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "suffix", "found"),
    [
        (docx([("Normal", "Words.")]), ".epub", "docx"),
        (pdf([["Words."]]), ".txt", "pdf"),
        (b"<!DOCTYPE html><p>Words.", ".txt", "html"),
        (b"\xef\xbb\xbf<!-- saved -->\n<html><body>Words.", "", "html"),
        (b"# One\n\nWords.\n\n## Two\n\nMore.\n", ".txt", "markdown"),
        (b"Some words.\n", ".md", "markdown"),
        (b"Some words, and #one.\n", ".epub", "txt"),
    ],
)
def test_the_contents_decide_the_format_not_the_name(body: bytes, suffix: str, found: str) -> None:
    assert read(body, suffix=suffix).format == found


# --- HTML and Markdown --------------------------------------------------------------------------


def test_a_page_is_divided_at_its_headings() -> None:
    head = "<html lang=en-gb><head><title>Das Meer</title><meta name=author content='E. Autor'></head>"
    body = f"{head}<body><h1>A</h1><p>{LONG}<h1>B</h1><p>{LONG}"
    book = read(body.encode())

    assert (book.title, list(book.authors), book.language) == ("Das Meer", ["E. Autor"], "en-GB")
    assert [section.title for section in book.sections] == ["A", "B"]
    assert [(entry.title, entry.section) for entry in book.contents] == [("A", 0), ("B", 1)]


@pytest.mark.parametrize(
    ("encoding", "said"), [("gb18030", "gb2312"), ("big5", "big5"), ("utf-8", "utf-8"), ("gb18030", "utf-8")]
)
def test_a_page_is_decoded_as_it_says_if_that_is_true(encoding: str, said: str) -> None:
    words = "石塔上的老漁翁點燈。" if encoding == "big5" else "石塔上的老渔翁点灯。"
    body = f'<html><head><meta charset="{said}"></head><body><p>{words * 30}</p></body></html>'

    assert words in words_of(read(body.encode(encoding)))


def test_markdown_has_nested_headings_lists_and_no_html() -> None:
    book = read(
        b"# Sea\n\nOne *two*\nthree.\n\n## Day\n\n1. a\n2. b\n\n<script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    section = book.sections[0]

    assert (book.title, [(entry.title, entry.depth) for entry in book.contents]) == ("Sea", [("Sea", 0), ("Day", 1)])
    assert "One two three." in section.text
    assert "<script>x</script>" in section.text
    assert [block.kind for block in section.blocks] == ["h", "p", "h", "oli", "oli", "p", "row", "row"]


# --- PDF ----------------------------------------------------------------------------------------


COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def prose(count: int, *, page: int = 0) -> list[str]:
    """Return lines no two of which are alike, none of them the end of a sentence."""
    return [
        f"{COUNTED[n % 10]} and {COUNTED[n // 10]} on page {COUNTED[page % 10]}, as long as a line in a book is, {n}"
        for n in range(count)
    ]


def test_a_pdf_is_divided_by_its_outline_and_its_lines_are_joined() -> None:
    pages = [[*prose(30, page=page), f"and ends with {COUNTED[page]}."] for page in range(6)]
    book = read(pdf(pages, title="The Sea", outline=[("One", 0), ("Two", 3)]))

    assert (book.format, book.title, book.details["pages"]) == ("pdf", "The Sea", 6)
    assert [section.title for section in book.sections] == ["One", "Two"]
    assert [(entry.title, entry.section, entry.start) for entry in book.contents] == [("One", 0, 0), ("Two", 1, 0)]
    assert "in a book is, 0 two and one on page one" in book.sections[0].text
    assert book.sections[1].text.startswith("one and one on page four")


def test_a_sentence_goes_on_over_a_page_and_running_heads_and_page_numbers_are_gone() -> None:
    pages = [["THE SEA", *prose(20, page=page), str(page + 1)] for page in range(8)]
    text = read(pdf(pages)).sections[0].text

    assert "THE SEA" not in text
    assert "in a book is, 19 one and one on page two" in text


def test_a_pdf_without_an_outline_is_divided_by_pages() -> None:
    book = read(pdf([[*prose(30), "The end."] for _ in range(45)]))

    assert book.sections[0].title == "1–20"
    assert book.sections[-1].title == "41–45"


def test_a_scan_is_told_to_be_one_and_a_broken_file_to_be_broken() -> None:
    with pytest.raises(EmptyBook, match="no text"):
        read(pdf([[], []]))
    with pytest.raises(DamagedBook):
        read(b"%PDF-1.7\nnothing follows")


def test_a_pdf_with_a_password_is_locked() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([["Words."]]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)

    with pytest.raises(LockedBook):
        read(out.getvalue())
