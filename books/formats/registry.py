"""The formats, in the order in which they are asked. Adding one is a module and a word here."""

from typing import Final

from books.errors import UnknownFormat
from books.formats.docx import Docx
from books.formats.epub import Epub
from books.formats.parsed import ParsedBook, Parser, Told
from books.formats.pdf import Pdf
from books.formats.plain import PlainText
from books.formats.sources import Source
from books.formats.web import Html, Markdown

FORMATS: Final[tuple[Parser, ...]] = (Epub(), Docx(), Pdf(), Html(), Markdown(), PlainText())


def parse(source: Source, told: Told) -> ParsedBook:
    """Read a book, whatever its format; its contents decide which, never its name."""
    for parser in FORMATS:
        if parser.recognises(source):
            return parser.parse(source, told)
    raise UnknownFormat(
        "This file is not a book that Mindory can read. It reads EPUB, PDF, DOCX, HTML, Markdown and text."
    )
