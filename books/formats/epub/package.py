"""The package document: which files the book has, in which order they are read, and which one is its cover."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from books.errors import DamagedBook, LockedBook
from books.formats import markup
from books.formats.sources import Archive

CONTAINER: Final = "META-INF/container.xml"
PAGES: Final = frozenset(
    {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document", "image/svg+xml"}
)
# Scrambled fonts are no lock: these two only change the first kilobyte of a font file.
FONT_SCRAMBLES: Final = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
NCX: Final = "application/x-dtbncx+xml"
_PAGE_SUFFIXES: Final = (".xhtml", ".html", ".htm")
_PICTURE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".gif", ".webp")
_MOST_FALLBACKS: Final = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A file that the package lists."""

    key: str
    member: str
    media: str
    properties: frozenset[str]
    fallback: str

    @property
    def is_page(self) -> bool:
        """Say whether this is read as a page."""
        return self.media in PAGES or self.member.lower().endswith(_PAGE_SUFFIXES)

    @property
    def is_picture(self) -> bool:
        """Say whether this is a picture."""
        return self.media.startswith("image/") or self.member.lower().endswith(_PICTURE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Package:
    """What the package document says. `spine`: the items that are read, each once."""

    root: Any
    folder: str
    items: dict[str, Item]
    spine: list[Item]
    warnings: list[str]

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Yield (type, member, fragment) of each line of an EPUB 2 guide."""
        for element in self.root.iter("{*}reference"):
            said = markup.attributes(element)
            yield said.get("type", "").lower(), *resolved(self.folder, said.get("href", ""))

    def meta(self, name: str) -> str:
        """Return an EPUB 2 <meta name= content=>."""
        for element in self.root.iter("{*}meta"):
            if (element.get("name") or "").lower() == name:
                return (element.get("content") or "").strip()
        return ""


def refuse_locked(archive: Archive) -> None:
    """Refuse DRM: an encryption list that covers more than fonts, or another shop's lock."""
    locked = LockedBook("This book is locked (DRM) and only opens with its shop's own program.")
    if archive.find("META-INF/sinf.xml"):
        raise locked
    if archive.find("META-INF/encryption.xml"):
        root = markup.forgiving_xml(archive.read("META-INF/encryption.xml"), what="encryption list")
        for entry in root.iter("{*}EncryptedData"):
            ways = {method.get("Algorithm") for method in entry.iterchildren("{*}EncryptionMethod")}
            if not ways <= FONT_SCRAMBLES:
                raise locked


def packages(archive: Archive) -> list[str]:
    """Return the package documents of an archive."""
    return [name for name in archive.names if name.lower().endswith(".opf")]


def package(archive: Archive) -> Package:
    """Read the package document that the container names, or else the first one there is."""
    found = [*_named(archive), *packages(archive)]
    if not found:
        raise DamagedBook("This book is damaged: its package document is missing.")
    root = markup.forgiving_xml(archive.read(found[0]), what="package document")
    folder = posixpath.dirname(found[0])
    items, lost = _items(archive, root, folder)
    items = items or _guessed(archive)
    warnings: list[str] = []
    if NCX in lost:
        warnings.append("The table of contents of this book is missing.")
    spine = list(_spine(root, items, lost, warnings))
    if not spine:
        spine = [item for item in items.values() if item.is_page and "nav" not in item.properties]
        warnings.append("This book does not say in which order its pages are read; they stand as in its list of files.")
    if not spine:
        raise DamagedBook("This book is damaged: it does not say in which order its pages are read.")
    once = {item.member: item for item in spine}
    return Package(root, folder, items, list(once.values()), warnings)


def _named(archive: Archive) -> list[str]:
    if not archive.find(CONTAINER):
        return []
    try:
        root = markup.forgiving_xml(archive.read(CONTAINER), what="container")
    except DamagedBook:
        return []
    named = [resolved("", markup.attribute(element, "full-path"))[0] for element in root.iter("{*}rootfile")]
    return [found for name in named if name and (found := archive.find(name))]


def _items(archive: Archive, root: Any, folder: str) -> tuple[dict[str, Item], set[str]]:
    """Return the items that are there by their ids, and the ids of those that are not; NCX for lost contents."""
    items: dict[str, Item] = {}
    lost: set[str] = set()
    for element in root.iter("{*}item"):
        said = markup.attributes(element)
        key = said.get("id", "")
        member = archive.find(resolved(folder, said.get("href", ""))[0])
        if member and key:
            properties = frozenset(said.get("properties", "").split())
            items.setdefault(
                key, Item(key, member, said.get("media-type", "").lower(), properties, said.get("fallback", ""))
            )
        else:
            lost.add(key)
            if "nav" in said.get("properties", "").split() or said.get("media-type") == NCX:
                lost.add(NCX)
    return items, lost


def _guessed(archive: Archive) -> dict[str, Item]:
    """Return the files of an archive as items, by the numbers in their names, when the list of them is lost."""
    items = {}
    for name in sorted(archive.names, key=_by_number):
        stem, suffix = posixpath.splitext(posixpath.basename(name).lower())
        media = {".ncx": NCX, ".svg": "image/svg+xml"}.get(suffix, "")
        media = "application/xhtml+xml" if suffix in _PAGE_SUFFIXES else media
        is_nav = suffix in _PAGE_SUFFIXES and stem in {"nav", "toc"}
        items[name] = Item(name, name, media, frozenset({"nav"} if is_nav else ()), "")
    return items


def _by_number(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts "c2" before "c10"."""
    parts = re.split("([0-9]{1,9})", name)
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]


def _spine(root: Any, items: dict[str, Item], lost: set[str], warnings: list[str]) -> Iterator[Item]:
    """Yield what is read, in its order; a file that is no page gives way to the one that stands in for it."""
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref") or "")
        for _ in range(_MOST_FALLBACKS):
            if item is None or item.is_page or item.is_picture:
                break
            item = items.get(item.fallback)
        if item is not None and (item.is_page or item.is_picture):
            yield item
        elif reference.get("idref") in lost:
            warnings.append("A chapter of this book is missing or damaged; the others are here.")


def resolved(folder: str, href: str) -> tuple[str, str]:
    """Return (member, fragment) for an address inside the book."""
    path, _, fragment = href.strip().partition("#")
    joined = posixpath.normpath(posixpath.join(folder, unquote(path))) if path else ""
    return joined.lstrip("/"), unquote(fragment)


def covers(package: Package, archive: Archive) -> Iterator[str]:
    """Yield the members that may be the cover's picture, by the four ways in which books say so."""
    for item in _said_covers(package, archive):
        if item.is_picture:
            yield item.member
        elif item.is_page and (picture := _first_picture(archive, item.member)):
            yield picture
    yield from (item.member for item in package.items.values() if item.is_picture and _is_named_cover(item))


def _said_covers(package: Package, archive: Archive) -> Iterator[Item]:
    yield from (item for item in package.items.values() if "cover-image" in item.properties)
    of = {item.member: item for item in reversed(package.items.values())}
    said = package.meta("cover")
    found = package.items.get(said) or of.get(archive.find(resolved(package.folder, said)[0]) or "")
    if found is not None:
        yield found
    for kind, member, _ in package.references():
        item = of.get(archive.find(member) or "")
        if item is not None and kind in {"cover", "other.ms-coverimage-standard"}:
            yield item


def _is_named_cover(item: Item) -> bool:
    name = posixpath.basename(item.member).lower()
    return "cover" in item.key.lower() or name.startswith("cover") or posixpath.splitext(name)[0].endswith("cover")


def _first_picture(archive: Archive, member: str) -> str | None:
    try:
        root = markup.page(archive.read(member))
    except DamagedBook:
        return None
    for element in () if root is None else root.iter("{*}img", "{*}image", "img", "image"):
        said = markup.attributes(element)
        address = said.get("src") or said.get("href") or ""
        found = archive.find(resolved(posixpath.dirname(member), address)[0])
        if found:
            return found
    return None
