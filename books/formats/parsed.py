"""What every format becomes: sections of canonical text, and the blocks and marks they are shown with.

Canonical text is what the author wrote, with white space collapsed as a browser does and nothing else
changed. Every offset counts Unicode code points of one section's text. Blocks follow each other without
overlap; what is between two blocks is a blank line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

# Raised when the same file would give other text than before: a book read by an older parser can be read again.
PARSER_VERSION: Final = 1

LONGEST_SECTION: Final = 60_000  # characters; a longer one is cut at the end of a paragraph
LONGEST_BLOCK: Final = 20_000  # a longer paragraph is cut at the end of a sentence
LONGEST_TITLE: Final = 500

BLOCK_KINDS: Final = frozenset({"p", "h", "quote", "li", "oli", "pre", "row", "term", "hr"})
MARK_KINDS: Final = frozenset({"em", "strong", "code", "sup", "sub", "small-caps", "under", "strike", "ruby", "rt"})


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters [start, end) are written in a certain way. `ruby` spans a base and its reading, `rt` the reading."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or the like: characters [start, end) of the section's text.

    `level`: of a heading 1-6, of a list item or a quotation how deep it is nested. `number`: of an item
    of an ordered list. A `row` of a table holds its cells with a tab between them; an `hr` holds nothing.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    marks: tuple[Mark, ...] = ()
    number: int = 0

    def as_row(self) -> list[Any]:
        """Return this block as JSON keeps it."""
        return [
            self.kind,
            self.start,
            self.end,
            self.level,
            [[m.kind, m.start, m.end] for m in self.marks],
            self.number,
        ]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Block":
        """Return the block that `as_row` wrote."""
        kind, start, end, level, marks, number = row
        return cls(kind, start, end, level, tuple(Mark(*mark) for mark in marks), number)

    def moved(self, by: int) -> "Block":
        """Return this block `by` characters further on."""
        marks = tuple(Mark(m.kind, m.start + by, m.end + by) for m in self.marks)
        return Block(self.kind, self.start + by, self.end + by, self.level, marks, self.number)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents: where in the book it leads, and how deep it is nested (from 0)."""

    title: str
    section: int
    start: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ParsedSection:
    """A chapter or part, in reading order."""

    title: str
    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ParsedBook:
    """A whole book. `language` is BCP 47 or empty; `details` and `warnings` are for people."""

    format: str
    sections: Sequence[ParsedSection]
    contents: Sequence[Entry] = ()
    title: str = ""
    authors: Sequence[str] = ()
    language: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    def head(self) -> dict[str, Any]:
        """Return everything but the sections, as JSON."""
        return {
            "format": self.format,
            "title": self.title[:LONGEST_TITLE],
            "authors": [author[:200] for author in self.authors][:50],
            "language": self.language[:35],
            "details": dict(self.details),
            "warnings": list(self.warnings)[:100],
            "contents": [asdict(entry) for entry in self.contents],
        }


Told = Callable[[int, int], None]  # (done, total), in the format's own unit: chapters, pages


class Parser(Protocol):
    """One format. `parse` raises a BookError with a plain sentence when the file cannot become a book."""

    name: str

    def recognises(self, source: Any, /) -> bool:
        """Say, from the contents alone, whether this parser reads `source` (a sources.Source)."""
        ...

    def parse(self, source: Any, told: Told, /) -> ParsedBook:
        """Return the book, telling `told` how far it is."""
        ...
