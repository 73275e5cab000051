"""HTML, Markdown, Word and PDF in their plain form."""

import io

import pytest

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats.parsed import ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import docx, pdf, zipped

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


# --- Word ---------------------------------------------------------------------------------------


def test_a_word_document_has_headings_marks_and_its_title() -> None:
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>Old</w:t></w:r><w:r><w:t xml:space='preserve'> Marten</w:t></w:r>"
    book = read(
        docx(
            [
                ("Heading1", "One"),
                ("Normal", bold),
                ("Heading2", "Inner"),
                ("Normal", LONG),
                ("Heading1", "Two"),
                ("Normal", LONG),
            ],
            title="The Sea",
        )
    )

    assert (book.format, book.title) == ("docx", "The Sea")
    assert [(entry.title, entry.depth) for entry in book.contents] == [("One", 0), ("Inner", 1), ("Two", 0)]
    block = book.sections[0].blocks[1]
    assert book.sections[0].text[block.start : block.end] == "Old Marten"
    assert [(mark.kind, mark.end - mark.start) for mark in block.marks] == [("strong", 3)]


def test_deleted_words_are_gone_inserted_ones_there_and_tables_are_rows() -> None:
    text = (
        "<w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t> new</w:t></w:r></w:ins>"
    )
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc>" for word in "ab")
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    section = read(docx([("Normal", text), ("xml", table)])).sections[0]

    assert section.text == "kept new\n\na\tb"
    assert section.blocks[1].kind == "row"


def test_footnotes_stand_at_the_end_with_their_numbers() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = "<w:p><w:r><w:t>See the log.</w:t></w:r></w:p>"
    notes = f'<w:footnotes {space}><w:footnote w:id="7">{note}</w:footnote></w:footnotes>'
    text = '<w:r><w:t>It was so.</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
    section = read(docx([("Normal", text)], extra={"word/footnotes.xml": notes})).sections[0]

    assert section.text == "It was so.1\n\nSee the log."
    assert (section.blocks[1].kind, section.blocks[1].number) == ("oli", 1)


def test_a_word_document_without_a_body_is_damaged_and_one_without_words_empty() -> None:
    with pytest.raises(DamagedBook):
        read(zipped({"word/document.xml": "<x/>"}))
    with pytest.raises(EmptyBook):
        read(docx([("Normal", " ")]))


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
