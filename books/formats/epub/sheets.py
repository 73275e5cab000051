"""The style sheets that a page of an EPUB names, each read once."""

import posixpath
from typing import Any, Final

from books.errors import DamagedBook
from books.formats import markup
from books.formats.epub.package import resolved
from books.formats.sources import Archive
from books.formats.style import Sheet, Styles, decoded

_MOST: Final = 50  # sheets of one page
_MOST_IMPORTS: Final = 3  # sheets that name each other
_MOST_KEPT: Final = 100  # combinations of sheets


class Sheets:
    """All sheets of a book, and their combinations."""

    def __init__(self, archive: Archive) -> None:
        self.is_one_missing = False
        self._archive = archive
        self._read: dict[str, Sheet] = {}
        self._styles: dict[tuple[str, ...], Styles] = {}

    def of(self, root: Any, member: str) -> Styles | None:
        """Return the styles of a page; None when it names none."""
        named: dict[str, None] = {}
        for element in root.iter("{*}link", "{*}style", "link", "style"):
            if markup.name_of(element) == "style":
                text = "".join(element.itertext())
                named[f"\0{text}"] = None
                if f"\0{text}" not in self._read:
                    self._read[f"\0{text}"] = Sheet(text)
            elif "stylesheet" in (element.get("rel") or "").lower() and "alternate" not in (element.get("rel") or ""):
                self._name(resolved(posixpath.dirname(member), element.get("href") or "")[0], named)
        if not named and not _has_own(root):
            return None
        return self._combined(tuple(named))

    def _combined(self, named: tuple[str, ...]) -> Styles:
        found = self._styles.get(named)
        if found is None:
            found = Styles(self._read[name] for name in named)
            if len(self._styles) < _MOST_KEPT:
                self._styles[named] = found
        return found

    def _name(self, address: str, named: dict[str, None], depth: int = 0) -> None:
        """Add a sheet to those of a page, after those that it imports."""
        found = self._archive.find(address)
        if found is None:
            self.is_one_missing = True
        if found is None or found in named or len(named) >= _MOST:
            return
        if found not in self._read:
            try:
                self._read[found] = Sheet(decoded(self._archive.read(found)))
            except DamagedBook:
                self.is_one_missing = True
                self._read[found] = Sheet("")
        for imported in self._read[found].imports if depth < _MOST_IMPORTS else ():
            if ":" not in imported:
                self._name(resolved(posixpath.dirname(found), imported)[0], named, depth + 1)
        named[found] = None


def _has_own(root: Any) -> bool:
    """Say whether an element has a style of its own."""
    return next((True for element in root.iter() if element.get("style")), False)
