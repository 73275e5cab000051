"""EPUB 2 and 3: the spine in its order, the contents from the navigation document or the NCX."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats import language, markup
from books.formats.division import Heading, Piece, divide, entries, headings, one_line
from books.formats.parsed import Entry, ParsedBook, Told
from books.formats.sources import Archive, Source
from books.formats.writer import Writer

CONTAINER: Final = "META-INF/container.xml"
PAGES: Final = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"})
# Scrambled fonts are no lock: these two only change the first kilobyte of a font file.
FONT_SCRAMBLES: Final = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
MOST_ENTRIES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contents as the book gives it: `target` is a member of the archive."""

    title: str
    target: str
    fragment: str
    depth: int


@dataclass(slots=True)
class Package:
    """What the package document says."""

    root: Any
    folder: str
    items: dict[str, tuple[str, str, str]]  # id -> (member, media type, properties)
    spine: list[str]  # members


class Epub:
    """The EPUB parser."""

    name = "epub"

    def recognises(self, source: Source, /) -> bool:
        """A zip with a container, or at least with a package document."""
        archive = source.archive
        return archive is not None and (archive.find(CONTAINER) is not None or bool(_packages(archive)))

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read the spine."""
        archive = source.archive
        assert archive is not None
        _refuse_locked(archive)
        package = _package(archive)
        warnings: list[str] = []
        lines = list(_contents(archive, package))[:MOST_ENTRIES]
        reading = _Reading(archive, lines, warnings)
        for number, member in enumerate(package.spine):
            reading.read(member)
            told(number + 1, len(package.spine))
        if not reading.pieces:
            raise EmptyBook("There is no text in this book.")
        sections = [piece.section for piece in reading.pieces]
        meta = _Meta(package.root)
        return ParsedBook(
            format="epub",
            sections=sections,
            contents=reading.contents(),
            title=meta.first("title"),
            authors=meta.authors(),
            language=language.settled(meta.first("language"), (section.text for section in sections)),
            details=meta.details(),
            warnings=warnings,
        )


class _Reading:
    """The spine being read: sections so far, and where in them each page and anchor is."""

    def __init__(self, archive: Archive, lines: list[Line], warnings: list[str]) -> None:
        self.pieces: list[Piece] = []
        self._archive, self._lines, self._warnings = archive, lines, warnings
        self._of: dict[str, list[Line]] = {}
        for line in lines:
            self._of.setdefault(line.target, []).append(line)
        self._paths = _titles(lines)
        self._places: dict[int, Entry] = {}  # id(line) -> where it leads
        self._fallback: list[Entry] = []
        self._waiting: list[Line] = []  # lines whose page holds no text: they lead to what follows

    def read(self, member: str) -> None:
        """Add the sections of one page."""
        written = self._written(member)
        lines = [*self._waiting, *self._of.get(member, [])]
        if written is None or not written.text:
            self._waiting = lines
            return
        at = {id(line): written.anchors.get(line.fragment, 0) if line.target == member else 0 for line in lines}
        marks = [Heading(self._paths[id(line)], at[id(line)], line.depth) for line in lines]
        heads = headings(written)
        own = [self._paths[id(line)] for line in self._of.get(member, [])] + [mark.title for mark in marks + heads]
        title = own[0] if own else ""
        inner = [mark for mark in marks if mark.start > 0]
        pieces = divide(written, inner, title=title)
        first = len(self.pieces)
        self.pieces += pieces
        for line, entry in zip(lines, entries(marks, pieces, first_section=first), strict=True):
            self._places[id(line)] = Entry(line.title, entry.section, entry.start, line.depth)
        self._fallback += entries(heads[:1], pieces, first_section=first)
        self._waiting = []

    def _written(self, member: str) -> Writer | None:
        try:
            root = markup.page(self._archive.read(member))
        except DamagedBook as error:
            self._warnings.append(error.sentence)
            return None
        if root is None:
            return None
        written = Writer()
        markup.Walk(written).over(root)
        written.finish()
        return written

    def contents(self) -> list[Entry]:
        """Return the book's own contents, or its headings when it has none."""
        found = [self._places[id(line)] for line in self._lines if id(line) in self._places]
        return found or self._fallback


def _titles(lines: list[Line]) -> dict[int, str]:
    """Return each line's title as a section heading: "IV" alone says nothing, "Part One: IV" does."""
    path: list[str] = []
    found = {}
    for line in lines:
        del path[line.depth :]
        is_bare = line.title.strip(".").isdigit() or (
            len(line.title) < 9 and not line.title.upper().strip("IVXLCDM.") and bool(path)
        )
        found[id(line)] = one_line(f"{path[-1]}: {line.title}" if is_bare and path else line.title)
        path += [line.title] * (line.depth + 1 - len(path))
    return found


class _Meta:
    """The Dublin Core of a package document."""

    def __init__(self, root: Any) -> None:
        self._all: list[tuple[str, str, Any]] = []
        for element in root.iter():
            name = markup.name_of(element)
            text = one_line("".join(element.itertext())) if name and not len(element) else ""
            if text:
                self._all.append((name, text, element))

    def first(self, name: str) -> str:
        """Return the first value of that name."""
        return next((text for found, text, element in self._all if found == name and "dc/" in element.tag), "")

    def authors(self) -> list[str]:
        """Return the creators in their order, each once."""
        return list(dict.fromkeys(text for name, text, _ in self._all if name == "creator"))

    def details(self) -> dict[str, str]:
        """Return what else is worth showing."""
        wanted = ("publisher", "date", "identifier", "rights", "description", "subject")
        return {name: self.first(name)[:2000] for name in wanted if self.first(name)}


def _refuse_locked(archive: Archive) -> None:
    """Refuse DRM: an encryption list that covers more than fonts, or another shop's lock."""
    locked = LockedBook("This book is locked (DRM) and only opens with its shop's own program.")
    if archive.find("META-INF/sinf.xml"):
        raise locked
    if archive.find("META-INF/encryption.xml"):
        root = markup.xml(archive.read("META-INF/encryption.xml"), what="encryption list")
        for entry in root.iter("{*}EncryptedData"):
            ways = {method.get("Algorithm") for method in entry.iterchildren("{*}EncryptionMethod")}
            if not ways <= FONT_SCRAMBLES:
                raise locked


def _packages(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.lower().endswith(".opf")]


def _package(archive: Archive) -> Package:
    found = _packages(archive)[:1]
    if archive.find(CONTAINER):
        root = markup.xml(archive.read(CONTAINER), what="container")
        named = [element.get("full-path") for element in root.iter("{*}rootfile")]
        found = [name for name in named if name and archive.find(name)][:1] or found
    if not found:
        raise DamagedBook("This book is damaged: its package document is missing.")
    root = markup.xml(archive.read(found[0]), what="package document")
    folder = posixpath.dirname(found[0])
    items: dict[str, tuple[str, str, str]] = {}
    for item in root.iter("{*}item"):
        member = archive.find(_resolved(folder, item.get("href") or "")[0])
        if member and item.get("id"):
            items[item.get("id")] = (member, item.get("media-type") or "", item.get("properties") or "")
    order = [items[ref.get("idref")][:2] for ref in root.iter("{*}itemref") if ref.get("idref") in items]
    spine = list(dict.fromkeys(member for member, media in order if media in PAGES or _is_page(member)))
    if not spine:
        raise DamagedBook("This book is damaged: it does not say in which order its pages are read.")
    return Package(root, folder, items, spine)


def _is_page(member: str) -> bool:
    return member.lower().endswith((".xhtml", ".html", ".htm"))


def _resolved(folder: str, href: str) -> tuple[str, str]:
    """Return (member, fragment) for an address inside the book."""
    path, _, fragment = href.partition("#")
    joined = posixpath.normpath(posixpath.join(folder, unquote(path))) if path else ""
    return joined.lstrip("/"), unquote(fragment)


def _contents(archive: Archive, package: Package) -> Iterator[Line]:
    """Yield the contents of the navigation document, else of the NCX."""
    for member, media, properties in package.items.values():
        if "nav" in properties.split() and media in PAGES:
            found = list(_navigation(archive, member))
            if found:
                yield from found
                return
    for member, media, _ in package.items.values():
        if media == "application/x-dtbncx+xml" or member.lower().endswith(".ncx"):
            yield from _ncx(archive, member)
            return


def _navigation(archive: Archive, member: str) -> Iterator[Line]:
    root = markup.page(archive.read(member))
    navs = [] if root is None else list(root.iter("{*}nav"))
    toc = next((nav for nav in navs if "toc" in markup.attribute(nav, "type").split()), navs[0] if navs else None)
    if toc is None:
        return
    folder = posixpath.dirname(member)
    for link in toc.iter("{*}a"):
        title = one_line("".join(link.itertext()))
        target, fragment = _resolved(folder, link.get("href") or "")
        depth = sum(1 for parent in link.iterancestors("{*}ol", "{*}ul")) - 1
        if title and target:
            yield Line(title, archive.find(target) or target, fragment, min(max(depth, 0), 12))


def _ncx(archive: Archive, member: str) -> Iterator[Line]:
    root = markup.xml(archive.read(member), what="table of contents")
    folder = posixpath.dirname(member)
    for point in root.iter("{*}navPoint"):
        label = next(point.iterchildren("{*}navLabel"), None)
        content = next(point.iterchildren("{*}content"), None)
        if label is None or content is None:
            continue
        title = one_line("".join(label.itertext()))
        target, fragment = _resolved(folder, content.get("src") or "")
        depth = sum(1 for parent in point.iterancestors("{*}navPoint"))
        if title and target:
            yield Line(title, archive.find(target) or target, fragment, min(depth, 12))
