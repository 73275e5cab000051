"""HTML and Markdown: one page of markup, divided at its headings."""

import re
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook
from books.formats import decoding, language, markup
from books.formats.division import divide, entries, headings, one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.plain import looks_like_text
from books.formats.sources import Source
from books.formats.writer import Writer

_HTML_START: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKDOWN_LINE: Final = re.compile(r"(?m)^(?:#{1,6} +\S|```|~~~|\[[^\]\n]+\]: |(?:[-*+] |\d{1,3}\. )\S)")
_MARKDOWN_HEADING: Final = re.compile(r"(?m)^#{1,6} +\S")
MARKDOWN_SUFFIXES: Final = frozenset({".md", ".markdown", ".mdown", ".mkd"})


class Html:
    """The parser for single web pages."""

    name = "html"
    label = "HTML"

    def recognises(self, source: Source, /) -> bool:
        """A page begins with its doctype or with one of its outer elements."""
        return bool(_HTML_START.match(_narrow(source.start)))

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read one page."""
        characters = _characters(source)
        root = markup.page(characters.text.encode("utf-8", errors="replace"), encoding="utf-8")
        if root is None:
            raise EmptyBook("There is no text in this page.")
        title = next((one_line("".join(found.itertext())) for found in root.iter("title")), "")
        author = next((m.get("content") for m in root.iter("meta") if (m.get("name") or "").lower() == "author"), "")
        book = _divided(root, told)
        return ParsedBook(
            format=self.name,
            sections=book.sections,
            contents=book.contents,
            title=title or book.title,
            authors=[one_line(author)] if author else [],
            language=language.settled(root.get("lang") or "", (section.text for section in book.sections)),
            details=characters.details(),
        )


class Markdown:
    """The parser for Markdown."""

    name = "markdown"
    label = "Markdown"

    def recognises(self, source: Source, /) -> bool:
        """Text with at least two headings or many other marks; the suffix decides only when there are none."""
        if not looks_like_text(source.start):
            return False
        if source.suffix in MARKDOWN_SUFFIXES:
            return True
        text = source.start.decode("utf-8", errors="ignore")
        found = len(_MARKDOWN_HEADING.findall(text))
        return found >= 2 or (found == 1 and text.lstrip().startswith("#") and len(_MARKDOWN_LINE.findall(text)) > 2)

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Turn Markdown into a page, with raw HTML as text, and read that."""
        from markdown_it import MarkdownIt  # 75 ms that other formats need not wait for

        characters = decoding.decoded(source.whole(), chosen=source.options.encoding)
        if characters is None:
            raise DamagedBook("This file is damaged: it begins like text and is none.")
        body = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(characters.text)
        root = markup.page(f"<html><body>{body}</body></html>".encode("utf-8", errors="replace"), encoding="utf-8")
        book = _divided(root, told)
        return ParsedBook(
            format=self.name,
            sections=book.sections,
            contents=book.contents,
            title=book.title,
            language=language.settled("", (section.text for section in book.sections)),
            details=characters.details(),
        )


def _divided(root: Any, told: Told) -> ParsedBook:
    """Write the page and divide it at its headings."""
    written = Writer()
    markup.Walk(written).over(root)
    written.finish()
    marks = headings(written)
    pieces = divide(written, marks)
    if not pieces:
        raise EmptyBook("There is no text in this page.")
    told(len(pieces), len(pieces))
    is_titled = marks and marks[0].depth == 0 and sum(mark.depth == 0 for mark in marks) == 1
    return ParsedBook(
        format="html",
        sections=[piece.section for piece in pieces],
        contents=entries(marks, pieces),
        title=marks[0].title if is_titled else "",
    )


def _narrow(start: bytes) -> bytes:
    """Return the beginning of a UTF-16 page as ASCII, any other as it is."""
    return start.replace(b"\0", b"").lstrip(b"\xff\xfe") if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else start


def _characters(source: Source) -> decoding.Decoded:
    """Decode a page: by its mark, by what it says if that is true, else as any text file."""
    data = source.whole()
    found = decoding.decoded(data, chosen=source.options.encoding, said=decoding.said_in(data))
    if found is None:
        raise DamagedBook("This file is damaged: it begins like a web page and is none.")
    return found
