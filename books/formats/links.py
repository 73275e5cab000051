"""Links inside a book: while it is read they name an anchor, afterwards a place in a section.

A parser opens `link` and `note` marks with the target "#" + the anchor's name. When all sections are there,
`Anchors` knows where each name is, and `settled` gives every mark its place or takes it away.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from books.formats.division import Piece
from books.formats.parsed import LONGEST_TARGET, Block, Mark, ParsedSection

LONGEST_NOTE: Final = 20_000  # characters shown when a note is asked for
_SAFE: Final = ("https://", "http://", "mailto:")


class Anchors:
    """Where each name of the book is, as (section, character)."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}

    def add(
        self, names: Mapping[str, int], pieces: Sequence[Piece], *, first_section: int = 0, prefix: str = ""
    ) -> None:
        """Add the anchors of one stretch, which was divided into `pieces`; the first of a name counts."""
        offsets = [piece.offset for piece in pieces]
        if not offsets:
            return
        for name, at in names.items():
            number = max(bisect_right(offsets, at) - 1, 0)
            inside = min(max(at - offsets[number], 0), len(pieces[number].section.text))
            self._places.setdefault(prefix + name, (first_section + number, inside))

    def put(self, name: str, section: int, start: int) -> None:
        """Add one anchor."""
        self._places.setdefault(name, (section, start))

    def find(self, name: str) -> tuple[int, int] | None:
        """Return where a name is."""
        return self._places.get(name)


def settled(sections: Sequence[ParsedSection], anchors: Anchors) -> list[ParsedSection]:
    """Return the sections with every link leading to a place; one that leads nowhere is plain text."""
    return [
        replace(section, blocks=tuple(_settled_block(block, sections, anchors) for block in section.blocks))
        if any(mark.kind in {"link", "note"} for block in section.blocks for mark in block.marks)
        else section
        for section in sections
    ]


def _settled_block(block: Block, sections: Sequence[ParsedSection], anchors: Anchors) -> Block:
    marks = tuple(done for mark in block.marks if (done := _settled_mark(mark, sections, anchors)) is not None)
    return replace(block, marks=marks)


def _settled_mark(mark: Mark, sections: Sequence[ParsedSection], anchors: Anchors) -> Mark | None:
    if mark.kind not in {"link", "note"}:
        return mark
    if not mark.target.startswith("#"):
        return mark if is_safe(mark.target) else None
    place = anchors.find(mark.target[1:])
    if place is None:
        return None
    section, start = place
    if mark.kind == "link":
        return replace(mark, target=f"{section}:{start}")
    end = _note_end(sections[section].blocks, start)
    return replace(mark, target=f"{section}:{start}:{end}") if end > start else None


def _note_end(blocks: Iterable[Block], start: int) -> int:
    """Return where the note that begins at `start` ends: with its block, and the `note` blocks that go on with it."""
    end = start
    is_note = False
    for block in blocks:
        if block.start <= start < block.end:
            end, is_note = block.end, block.kind == "note"
        elif (
            end > start and is_note and block.kind == "note" and block.number == 0 and block.end - start < LONGEST_NOTE
        ):
            end = block.end
        elif end > start and block.end > block.start:
            break
    return end


def is_safe(address: str) -> bool:
    """Say whether an address may stand in a page: it opens another site or a letter, and nothing else."""
    return address.lower().startswith(_SAFE) and len(address) <= LONGEST_TARGET and address.isprintable()
