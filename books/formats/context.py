"""What a page and its elements stand in, while the page is walked."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from books.formats.parsed import LONGEST_TARGET, Mark
from books.formats.writer import Writer

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Surroundings(Protocol):
    """What a page asks about the book around it. Addresses come joined to the page's own (see `joined`)."""

    def picture(self, address: str, /) -> int | None:
        """Return the number of the picture at this address; None when there is none."""
        ...

    def drawing(self, data: bytes, base: str, /) -> int | None:
        """Return the number of a drawing (SVG) that stands in the page at `base`; None when it is not kept."""
        ...

    def link(self, address: str, /) -> str | None:
        """Return a mark's target: "#" and an anchor's name, or a safe address elsewhere; None for plain text."""
        ...


def joined(base: str, address: str) -> str:
    """Return an address that a page at `base` names, as seen from the root of the book."""
    address = address.strip()
    if _SCHEME.match(address):
        return address
    path, mark, fragment = address.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path else base
    return f"{path}{mark}{fragment}"


@dataclass(slots=True)
class List:
    """An open list: the number of its next item, or -1 when it has bullets."""

    following: int


@dataclass(slots=True)
class Table:
    """An open table of facts."""

    is_first: bool = True  # no row of it is written yet
    in_row: bool = False
    has_cells: bool = False  # the row has one already
    has_words: bool = False  # the cell has some already
    owes_break: bool = False  # the next words of the cell begin a line


@dataclass(slots=True)
class Note:
    """An open note: its first paragraph is not written yet."""

    is_first: bool = True
    label: str = ""
    since: int = -1  # how many blocks there were when its last paragraph began


class Ruby:
    """The bases and readings of one `ruby`, as they come: base reading base reading, or all bases first."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._block = writer, writer.closed
        self._from = writer.size
        self._bases: list[tuple[int, int]] = []
        self._readings: list[str] = []

    def end_base(self) -> None:
        """What was written since the last one is a base."""
        here = self._writer.size
        if here > self._from:
            if self._readings:
                self.end()
            self._bases.append((self._from, here))
        self._from = here

    def reading(self, text: str) -> None:
        """Add the reading of the first base that has none."""
        self.end_base()
        self._readings.append(" ".join(text.split()))

    def end(self) -> None:
        """Mark the bases with their readings; one too many belongs to the last base, a lone one to all bases."""
        bases, readings = self._bases, self._readings
        if len(readings) == 1 and len(bases) > 1:
            bases = [(bases[0][0], bases[-1][1])]
        if len(readings) > len(bases) > 0:
            readings = [*readings[: len(bases) - 1], "".join(readings[len(bases) - 1 :])]
        for (start, end), reading in zip(bases, readings, strict=False):
            if reading and self._writer.closed == self._block:
                self._writer.add_mark(Mark("ruby", start, end, reading[:LONGEST_TARGET]))
        self._bases, self._readings = [], []


@dataclass(frozen=True, slots=True)
class Context:
    """What an element stands in. Shared by all elements that change nothing."""

    lists: int = 0
    listed: List | None = None
    quotes: int = 0
    table: Table | None = None
    note: Note | None = None
    has_notes: bool = False  # the items of this list are notes
    ruby: Ruby | None = None
    is_pre: bool = False
    is_verse: bool = False
    is_caption: bool = False
    is_raised: bool = False
    align: str = ""
    language: str = ""


@dataclass(slots=True)
class Open:
    """An element that is being walked."""

    element: Any
    children: Iterator[Any]
    name: str
    context: Context
    marks: int = 0  # opened by it
