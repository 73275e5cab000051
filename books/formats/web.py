"""HTML: one page, divided at its headings. Nothing is fetched: what a page shows, it must hold itself."""

import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote, unquote_to_bytes

from books.errors import DamagedBook, EmptyBook
from books.formats import decoding, language, markup, unmarked
from books.formats.album import Album
from books.formats.division import Heading, divide, entries, headings, one_line
from books.formats.links import is_safe, linked
from books.formats.parsed import LONGEST_TARGET, ParsedBook, Told
from books.formats.plain import warnings
from books.formats.sources import Source
from books.formats.style import Sheet, Styles
from books.formats.writer import Writer, cleaned

SUFFIXES: Final = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_OUTER: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_INNER: Final = re.compile(
    rb"<(?:meta|title|link|style|script|h[1-6]|p|div|table|section|article|center|font)\b[^<>]*>", re.IGNORECASE
)
_PICTURE: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp)[^,]{0,80};base64,", re.IGNORECASE)
_LONGEST_DESCRIPTION: Final = 5_000
# Names of meta elements, the better first.
_META: Final = {
    "title": ("dc.title", "dcterms.title", "og:title", "twitter:title"),
    "author": ("author", "dc.creator", "dcterms.creator", "article:author", "book:author", "citation_author"),
    "description": ("description", "dc.description", "dcterms.abstract", "og:description"),
    "date": ("date", "dc.date", "dcterms.created", "dcterms.issued", "article:published_time", "citation_date"),
    "language": ("language", "dc.language", "dcterms.language", "content-language", "og:locale"),
    "publisher": ("dc.publisher", "dcterms.publisher", "citation_publisher"),
    "rights": ("dc.rights", "dcterms.rights", "copyright"),
    "subjects": ("keywords", "dc.subject"),
}


class Html:
    """The parser for single web pages."""

    name = "html"
    label = "HTML"

    def recognises(self, source: Source, /) -> bool:
        """A page begins with its doctype or with one of its elements; the suffix helps when it is an inner one."""
        start = _narrow(source.start)
        at = _after_comments(start)
        return bool(_OUTER.match(start, at) or (source.suffix in SUFFIXES and _INNER.match(start, at)))

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read one page."""
        characters = _characters(source)
        root = page_of(characters.text)
        meta = _metadata(root)
        named = root.get("lang") or markup.attribute(root, "lang") or meta.get("language", "")
        book = divided(root, told, named=named)
        kept = ("description", "date", "publisher", "rights")
        subjects = [one_line(word)[:100] for word in re.split("[,;，；、]", meta.get("subjects", "")) if word.strip()][
            :30
        ]
        return replace(
            book,
            format=self.name,
            title=_title(root) or meta.get("title", "") or book.title,
            authors=authors_of(meta.get("author", "")),
            details=characters.details()
            | {name: meta[name] for name in kept if name in meta}
            | ({"subjects": subjects} if subjects else {}),
            warnings=[*warnings(characters), *book.warnings],
        )


def _after_comments(start: bytes) -> int:
    """Return where the first element begins: after white space, declarations and comments."""
    at = 3 if start.startswith(b"\xef\xbb\xbf") else 0
    while at < len(start):
        if start[at : at + 1].isspace():
            at += 1
        elif start.startswith(b"<!--", at):
            at = _past(start, b"-->", at + 4)
        elif start.startswith(b"<?", at):
            at = _past(start, b">", at)
        else:
            break
    return at


def _past(start: bytes, end: bytes, at: int) -> int:
    found = start.find(end, at)
    return len(start) if found < 0 else found + len(end)


def _narrow(start: bytes) -> bytes:
    """Return the beginning of a UTF-16 page as ASCII, any other as it is."""
    return start.replace(b"\0", b"").lstrip(b"\xff\xfe") if b"\0" in start[:64] else start


def _characters(source: Source) -> decoding.Decoded:
    """Decode a page: by its mark, by what it says if that is true, else as any text file."""
    data = source.whole()
    found = decoding.decoded(data, chosen=source.options.encoding, said=decoding.said_in(data))
    if found is None:
        raise DamagedBook("This file is damaged: it begins like a web page and is none.")
    return found


def page_of(text: str) -> Any:
    """Return the tree of a page's characters; EmptyBook when there is nothing in it."""
    root = markup.page(text.encode("utf-8", errors="replace"), encoding="utf-8")
    if root is None:
        raise EmptyBook("There is no text in this page.")
    return root


def _metadata(root: Any) -> dict[str, str]:
    """Return what the meta elements say, each fact by its best name."""
    said: dict[str, str] = {}
    for element in root.iter("{*}meta", "meta"):
        name = (element.get("name") or element.get("property") or element.get("http-equiv") or "").strip().lower()
        if content := (element.get("content") or "").strip():
            said.setdefault(name, content)
    found = {}
    for fact, names in _META.items():
        value = next((said[name] for name in names if name in said), "")
        if value:
            found[fact] = " ".join(cleaned(value).split())[:_LONGEST_DESCRIPTION]
    return found


def _title(root: Any) -> str:
    titles = (one_line(cleaned("".join(found.itertext()))) for found in root.iter("{*}title", "title"))
    return next((title for title in titles if title), "")


def authors_of(named: str) -> list[str]:
    """Return the authors that one line names."""
    return [one_line(name) for name in re.split("[;；、]| and ", named) if name.strip()][:20]


class _Alone:
    """What a page asks about its surroundings (markup.Surroundings): there is nothing but itself."""

    def __init__(self) -> None:
        self.album = Album()

    def picture(self, address: str, /) -> int | None:
        """Return the number of a picture that the address holds in itself."""
        head = _PICTURE.match(address)
        if head is None:
            return None
        name = sha256(address.encode("utf-8", errors="replace")).hexdigest()[:16]
        return self.album.number(name, partial(_decoded, address[head.end() :]))

    def drawing(self, data: bytes, base: str, /) -> int | None:
        """Return the number of a drawing in the page."""
        return self.album.drawing(data)

    def link(self, address: str, /) -> str | None:
        """Return a place in this page, or a safe address elsewhere."""
        if address.startswith("#"):
            return f"#{unquote(address[1:])}" if 1 < len(address) < LONGEST_TARGET else None
        return address if is_safe(address) else None


def _decoded(payload: str) -> bytes:
    return binascii.a2b_base64(unquote_to_bytes(payload))


def divided(root: Any, told: Told, *, named: str = "") -> ParsedBook:
    """Write a page and divide it at its headings. `named`: the language it says it is in."""
    written, around = Writer(), _Alone()
    sheets = [Sheet("".join(style.itertext())) for style in root.iter("{*}style", "style")]
    styles = Styles(sheets) if sheets else None
    markup.Walk(written, around, styles=styles, language=language.normal(named)).over(root)
    written.finish()
    marks = unmarked.marked(written)
    pieces = divide(written, marks)
    if not pieces:
        raise EmptyBook("There is no text in this page.")
    sections = linked(written, pieces)
    told(len(pieces), len(pieces))
    return ParsedBook(
        format="",
        sections=sections,
        contents=entries(marks, pieces),
        title=_only_title(marks) if headings(written) else "",
        language=language.settled(named, (section.text for section in sections)),
        originals=around.album.originals,
    )


def _only_title(marks: Sequence[Heading]) -> str:
    """Return the heading above all others, when there is one."""
    is_title = marks and marks[0].depth == 0 and sum(mark.depth == 0 for mark in marks) == 1
    return marks[0].title if is_title else ""
