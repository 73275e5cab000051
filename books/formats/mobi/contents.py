"""The table of contents of a Kindle book, as its NCX index has it."""

from dataclasses import dataclass
from typing import Final

from books.formats.division import one_line
from books.formats.mobi import index
from books.formats.mobi.palm import NOWHERE, Header, Records

MOST_LINES: Final = 20_000
_OFFSET, _LABEL, _FRAGMENT, _PARENT = 1, 3, 6, 21


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the contents: a place in the text, or in a fragment of it when `fragment` is not NOWHERE."""

    title: str
    at: int
    depth: int
    fragment: int = NOWHERE


def lines(records: Records, head: Header, *, first: int) -> list[Line]:
    """Return the contents in their order, nested by their parents."""
    found = index.read(records, first + head.ncx) if head.ncx != NOWHERE else None
    if found is None:
        return []
    rows = found.rows[:MOST_LINES]
    below: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        parent = row.value(_PARENT)
        below.setdefault(parent if parent < len(rows) and parent != number else NOWHERE, []).append(number)
    lines = []
    stack = [(number, 0) for number in reversed(below.get(NOWHERE, []))]
    while stack:  # what is its own ancestor is never reached
        number, depth = stack.pop()
        lines.append(_line(found, rows[number], head, depth))
        stack += [(child, depth + 1) for child in reversed(below.get(number, []))]
    return [line for line in lines if line.title]


def _line(found: index.Index, row: index.Row, head: Header, depth: int) -> Line:
    label = found.label(row.value(_LABEL))
    try:
        title = label.decode("utf-8")
    except UnicodeDecodeError:
        title = label.decode(head.encoding, errors="replace")
    fragment = row.value(_FRAGMENT, 0)
    at = row.value(_FRAGMENT, 1) if fragment != NOWHERE else row.value(_OFFSET)
    return Line(one_line(title), 0 if at == NOWHERE else at, min(depth, 12), fragment)
