"""The parts of a Word document and what leads from one to another, inside the file only."""

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from books.errors import BookError, DamagedBook
from books.formats import tree
from books.formats.docx.names import loosened
from books.formats.sources import Archive

USUAL: Final = "word/document.xml"
_PARTS: Final = {"styles": "styles.xml", "numbering": "numbering.xml", "footnotes": "footnotes.xml",
                 "endnotes": "endnotes.xml", "settings": "settings.xml"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """What an id of a part stands for: another part by its full name, or an address outside."""

    kind: str
    target: str
    is_outside: bool


def main_part(archive: Archive) -> str | None:
    """Return the name of the part that holds a document's text; None when the archive is no Word document."""
    if archive.find(USUAL):
        return USUAL
    names = (name for name in archive.names if name.startswith("word/document") and name.endswith(".xml"))
    return next(names, None)


class Package:
    """A Word document's archive. What cannot be read of it is left out, with a warning."""

    def __init__(self, archive: Archive, main: str) -> None:
        self.archive = archive
        self.warnings: list[str] = []
        self.main = main
        self.is_damaged = False
        self._related: dict[str, dict[str, Relation]] = {}

    @cached_property
    def document(self) -> Any:
        """Return the root of the text; what can be saved of it when it is damaged."""
        data = loosened(self.archive.read(self.main))
        try:
            return tree.xml(data, what="main document")
        except DamagedBook:
            root = tree.forgiving_xml(data, what="main document")
            self.is_damaged = True
            self.warnings.append("This document is damaged; what could be saved of it is shown.")
            return root

    def relations(self, part: str) -> dict[str, Relation]:
        """Return what the ids in a part stand for."""
        if part not in self._related:
            self._related[part] = self._relations(part)
        return self._related[part]

    def _relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self._root(f"{folder}/_rels/{name}.rels")
        if root is None:
            return {}
        found: dict[str, Relation] = {}
        for element in root:
            if not isinstance(element.tag, str):
                continue
            kind = (element.get("Type") or "").rpartition("/")[2]
            target, is_outside = element.get("Target") or "", element.get("TargetMode") == "External"
            if not is_outside:
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            found.setdefault(element.get("Id") or "", Relation(kind, target, is_outside))
        return found

    def warn(self, sentence: str) -> None:
        """Say once what could not be shown."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def part_name(self, kind: str) -> str:
        """Return the name of the part that holds the styles, the numbering, the notes or the settings."""
        related = self.relations(self.main).values()
        names = [relation.target for relation in related if relation.kind == kind and not relation.is_outside]
        return next(iter(names), posixpath.join(posixpath.dirname(self.main), _PARTS[kind]))

    def part(self, kind: str, *, warning: str) -> Any:
        """Return the root of such a part; None when there is none, or, with this warning, when it is damaged."""
        name = self.part_name(kind)
        if self.archive.find(name) is None:
            return None
        root = self._root(name)
        if root is None:
            self.warnings.append(warning)
        return root

    def properties(self) -> Any:
        """Return the root of the document's own description, or None."""
        return self._root("docProps/core.xml")

    def _root(self, name: str) -> Any:
        if self.archive.find(name) is None:
            return None
        try:
            return tree.xml(loosened(self.archive.read(name)), what=posixpath.basename(name))
        except BookError:
            return None
