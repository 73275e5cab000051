"""Footnotes and endnotes: their numbers, and where they and their references are."""

from dataclasses import dataclass
from typing import Any, Final

from books.formats.docx.names import full, number, short, value
from books.formats.docx.numerals import numeral
from books.formats.docx.package import Package

KINDS: Final = ("footnote", "endnote")
_USUAL: Final = {"footnote": "decimal", "endnote": "lowerRoman"}
_LABELS: Final = 12  # characters


@dataclass(frozen=True, slots=True)
class Note:
    """A note that the text refers to. `anchor` is where it begins, `back` where it is referred to."""

    kind: str
    key: str
    label: str

    @property
    def anchor(self) -> str:
        """Return the name of where it begins."""
        return f"n:{self.kind}:{self.key}"

    @property
    def back(self) -> str:
        """Return the name of where it is referred to."""
        return f"r:{self.kind}:{self.key}"


class Notes:
    """The notes of a document, numbered in the order in which they are referred to."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._found: dict[tuple[str, str], Note] = {}
        self._next = dict.fromkeys(KINDS, 0)
        self._forms = dict(_USUAL)
        self._starts = dict.fromkeys(KINDS, 1)
        self.current: Note | None = None
        self._set(package.part("settings", warning="The settings of this document are damaged."))
        self._set(package.document.find(full("w:body") + "/" + full("w:sectPr")))

    def _set(self, root: Any) -> None:
        """Take over how the notes are numbered."""
        for kind in KINDS:
            for properties in root.iterchildren(full(f"w:{kind}Pr")) if root is not None else ():
                self._forms[kind] = value(properties, "w:numFmt") or self._forms[kind]
                self._starts[kind] = number(value(properties, "w:numStart"), self._starts[kind])

    def refer(self, kind: str, key: str) -> Note:
        """Return the note that is referred to here."""
        if (kind, key) not in self._found:
            count = self._starts[kind] + self._next[kind]
            self._next[kind] += 1
            label = numeral(count, self._forms[kind])
            self._found[kind, key] = Note(kind, key, label if label and len(label) <= _LABELS else str(count))
        return self._found[kind, key]

    def referred(self, kind: str) -> list[tuple[Note, Any]]:
        """Return the notes of a kind that were referred to, each with its element, in their order."""
        wanted = [note for note in self._found.values() if note.kind == kind]
        if not wanted:
            return []
        root = self._package.part(f"{kind}s", warning="The notes of this document are damaged and left out.")
        bodies = {
            element.get(full("w:id")) or "": element for element in root if short(element) == f"w:{kind}"
        } if root is not None else {}  # fmt: skip
        return [(note, bodies[note.key]) for note in wanted if note.key in bodies]
