"""Kindle books: MOBI 6 (.mobi, .prc), KF8 (.azw3), both in one file, and bare PalmDOC texts (.prc, .pdb).

The text is read record by record and in memory, for the parser's child may write nothing to a disk.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats import language, unmarked
from books.formats.division import Heading, Piece, divide, entries, headings, one_line
from books.formats.links import linked
from books.formats.markup import Walk, page
from books.formats.mobi import contents, kf8, places, resources, unpacking
from books.formats.mobi.palm import NOWHERE, Header, Records, header
from books.formats.parsed import ParsedBook, Told
from books.formats.plain import PlainText
from books.formats.sources import Source
from books.formats.web import Html
from books.formats.writer import Writer

KINDS: Final = frozenset({b"BOOKMOBI", b"TEXtREAd"})
_BOUNDARY: Final = 121  # metadata: the record of the KF8 book that lies behind the MOBI 6 one
_TAGS: Final = re.compile(r"<[^<>]{0,1000}>")
_TOC_LINK: Final = re.compile(r'<a\s[^<>]{0,300}?href="#pos:(\d{1,10})"[^<>]{0,300}>([^\n]{0,500}?)</a>', re.IGNORECASE)
_LONGEST_TOC: Final = 300_000  # bytes of a page of contents


class Mobi:
    """The parser for Kindle books without DRM."""

    name = "mobi"
    label = "MOBI, AZW3"

    def recognises(self, source: Source, /) -> bool:
        """A Palm database of one of two kinds."""
        return source.start[60:68] in KINDS

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the newest book in the file."""
        records = Records(source.file, source.size)
        outer = header(records.read(0))
        first, head = _newest(records, outer)
        if outer.encryption or head.encryption:
            raise LockedBook("This book is locked (DRM) and only opens with its shop's own program.")
        text, lost = unpacking.text_of(records, head, first=first, most=source.limits.text)
        warnings = ["This book is damaged: some of its text could not be unpacked."] if lost else []
        if not text.strip():
            raise _no_text(lost)
        told(1, 3)
        if not head.is_mobi:
            return _plain(text, source, records, warnings)
        surroundings = resources.Resources(records, outer.first_resource)
        cover = surroundings.cover(head, outer)
        book = _Reading(records, head, first, surroundings)
        book.read(text)
        told(2, 3)
        pieces, marks = book.divided()
        if not pieces:
            raise EmptyBook("There is no text in this book.")
        sections = linked(book.writer, pieces)
        told(3, 3)
        return ParsedBook(
            format=self.name,
            sections=sections,
            contents=entries(marks, pieces),
            title=_title(head, outer, records),
            authors=[one_line(unescape(author)) for author in head.values(100) or outer.values(100)],
            language=language.settled(resources.language(head), (section.text for section in sections)),
            details=_details(head),
            warnings=warnings,
            originals=surroundings.album.originals,
            cover=cover,
        )


def _no_text(lost: int) -> Exception:
    if lost:
        return DamagedBook("This book is damaged: its text cannot be unpacked.")
    return EmptyBook("There is no text in this book.")


def _newest(records: Records, outer: Header) -> tuple[int, Header]:
    """Return the first record and the header of the KF8 book, if the file holds one behind its MOBI 6 book."""
    at = outer.number(_BOUNDARY)
    if outer.version < 8 and at < len(records):
        try:
            inner = header(records.read(at))
        except DamagedBook:
            return 0, outer
        if inner.is_mobi and inner.version >= 8:
            return at, inner
    return 0, outer


def _plain(text: bytes, source: Source, records: Records, warnings: list[str]) -> ParsedBook:
    """Read a bare PalmDOC as what it holds: a page or plain text."""
    inside = Source(io.BytesIO(text), options=source.options, limits=source.limits)
    parser = Html() if Html().recognises(inside) else PlainText()
    book = parser.parse(inside, lambda done, total: None)
    title = book.title or one_line(records.name.decode("cp1252", errors="replace").replace("_", " "))
    return replace(book, format="mobi", title=title, warnings=[*book.warnings, *warnings])


class _Reading:
    """The text of a book being written, and the lines of its contents."""

    def __init__(self, records: Records, head: Header, first: int, around: resources.Resources) -> None:
        self.writer = Writer()
        self._head, self._around = head, around
        self._lines = contents.lines(records, head, first=first)
        self._records, self._first = records, first

    def read(self, text: bytes) -> None:
        """Write the text."""
        if self._head.version >= 8:
            self._read_parts(text)
        else:
            self._read_stream(text)
        self.writer.finish()

    def _read_stream(self, text: bytes) -> None:
        """Write MOBI 6: one long page, in which links name the byte they lead to."""
        toc = places.guide(text[:_LONGEST_TOC], b"toc") or places.guide(text[-_LONGEST_TOC:], b"toc")
        found = {*places.linked(text), *(line.at for line in self._lines)}
        data = places.as_page(places.anchored(text, sorted(found)[: places.MOST_PLACES]))
        characters = _characters(data, self._head)
        if not self._lines and toc is not None:
            listed = _characters(places.as_page(text[toc : toc + _LONGEST_TOC]), self._head)
            self._lines = list(_listed(listed, not_before=0))
        self._walk(characters)

    def _read_parts(self, text: bytes) -> None:
        """Write KF8: page after page."""
        book = kf8.Book(self._records, self._head, text, first=self._first)
        linked = [*places.linked_fragments(text), *((line.fragment, line.at) for line in self._lines)]
        where = {pair: at for pair in linked if (at := book.place(*pair)) is not None}
        self._around.places = where
        self._lines = [
            replace(line, at=where.get((line.fragment, line.at), line.at), fragment=NOWHERE) for line in self._lines
        ]
        wanted = sorted({*where.values(), *(line.at for line in self._lines)})[: places.MOST_PLACES]
        for part in book.parts():
            inside = places.within(wanted, part.start, part.start + len(part.data))
            self._walk(_characters(places.anchored(part.data, inside, start=part.start), self._head))

    def _walk(self, text: str) -> None:
        root = page(_without_declaration(text).encode("utf-8", errors="replace"), encoding="utf-8")
        if root is not None:
            Walk(self.writer, self._around).over(root)

    def divided(self) -> tuple[list[Piece], list[Heading]]:
        """Return the sections, divided by the book's own contents, or by its headings when it has none."""
        anchors = self.writer.anchors
        marks = [
            Heading(line.title, anchors[places.name(line.at)], line.depth)
            for line in self._lines
            if places.name(line.at) in anchors
        ]
        own = headings(self.writer)[: unmarked.MOST_HEADINGS]
        if len(marks) < 2 and len(own) > len(marks):
            marks = own
        marks = marks or unmarked.marked(self.writer)
        return divide(self.writer, marks), marks


def _characters(data: bytes, head: Header) -> str:
    """Decode as UTF-8 what is UTF-8, whatever the header says; else as the header says."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(head.encoding, errors="replace")


def _without_declaration(text: str) -> str:
    return re.sub(r"^\s{0,100}<\?xml[^>]{0,200}\?>", "", text, count=1)


def _listed(text: str, *, not_before: int) -> Iterator[contents.Line]:
    """Yield the lines of a page of contents: its links, up to the end of the page."""
    ended = text.find("<div></div>", 1)
    for found in _TOC_LINK.finditer(text, 0, ended if ended > 0 else len(text)):
        title = one_line(unescape(_TAGS.sub(" ", found.group(2))))
        if title and int(found.group(1)) >= not_before:
            yield contents.Line(title, int(found.group(1)), 0)


def _title(head: Header, outer: Header, records: Records) -> str:
    named = next(iter(head.values(503)), "") or head.title.decode(head.encoding, errors="replace")
    return one_line(unescape(named) or records.name.decode(outer.encoding, errors="replace").replace("_", " "))


def _details(head: Header) -> dict[str, Any]:
    """Return what else is worth showing."""
    described = "\n".join(head.values(103))
    found: dict[str, Any] = {
        "publisher": _first(head, 101),
        "date": _first(head, 106),
        "rights": _first(head, 109)[:2000],
        "description": unescape(_TAGS.sub(" ", described)).strip()[:5000],
        "identifiers": [one_line(text) for text in head.values(104)][:10],
        "subjects": [one_line(text) for text in head.values(105)][:30],
        "version": "KF8" if head.version >= 8 else "MOBI 6",
        "direction": "rtl" if _first(head, 527) == "rtl" else "",
        "writing": "vertical" if _first(head, 525).startswith("vertical") else "",
    }
    return {name: value for name, value in found.items() if value}


def _first(head: Header, kind: int) -> str:
    return one_line(next(iter(head.values(kind)), ""))
