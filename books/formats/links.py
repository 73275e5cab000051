"""Links inside a book: while it is read they name an anchor, afterwards a place in a section.

A parser opens `link` and `note` marks with the target "#" + the anchor's name. When all sections are there,
`Anchors` knows where each name is, and `settled` gives every mark its place or takes it away.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from books.formats import signs
from books.formats.division import Piece
from books.formats.parsed import LONGEST_TARGET, Block, Mark, ParsedSection
from books.formats.writer import Writer

LONGEST_NOTE: Final = 20_000  # characters shown when a note is asked for
MOST_NOTE_BLOCKS: Final = 500
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


def linked(written: Writer, pieces: Sequence[Piece]) -> list[ParsedSection]:
    """Return the sections of a book that was written as one stretch, with every link leading to a place."""
    anchors = Anchors()
    anchors.add(written.anchors, pieces)
    return settled([piece.section for piece in pieces], anchors)


def settled(sections: Sequence[ParsedSection], anchors: Anchors) -> list[ParsedSection]:
    """Return the sections with every link leading to a place; one that leads nowhere is plain text.

    A link becomes a `note` when it is a note's sign and leads to a note, or to a paragraph that begins with
    the same sign; a `note` that leads to a heading becomes a link.
    """
    settling = _Settling(sections, anchors)
    return [
        replace(section, blocks=tuple(settling.block(block, section.text) for block in section.blocks))
        if any(mark.kind in {"link", "note"} for block in section.blocks for mark in block.marks)
        else section
        for section in sections
    ]


class _Settling:
    """All sections of a book, and the notes that were found in them so far."""

    def __init__(self, sections: Sequence[ParsedSection], anchors: Anchors) -> None:
        self._sections, self._anchors = sections, anchors
        self._starts: dict[int, list[int]] = {}  # section -> where its blocks begin
        self._ends: dict[tuple[int, int], int] = {}  # (section, block) of a note -> the note's end

    def block(self, block: Block, text: str) -> Block:
        """Return a block whose links and notes are settled."""
        if not any(mark.kind in {"link", "note"} for mark in block.marks):
            return block
        marks = (self._mark(mark, block, text) for mark in block.marks)
        return replace(block, marks=tuple(mark for mark in marks if mark is not None))

    def _mark(self, mark: Mark, block: Block, text: str) -> Mark | None:
        if mark.kind not in {"link", "note"}:
            return mark
        if not mark.target.startswith("#"):
            return mark if is_safe(mark.target) else None
        place = self._anchors.find(mark.target[1:])
        if place is None and mark.kind == "link":  # an anchor that is not there: the page, as in a browser
            place = self._anchors.find(mark.target[1:].rpartition("#")[0])
        if place is None:
            return None
        section, start = place
        number = self._block_at(section, start)
        if number is not None and self._is_note(mark, text, number, section, start, is_in_note=block.kind == "note"):
            first, start = self._first(section, number, start)
            return replace(mark, kind="note", target=f"{section}:{start}:{self._end(section, first, start)}")
        return replace(mark, kind="link", target=f"{section}:{start}")

    def _block_at(self, section: int, start: int) -> int | None:
        """Return the number of the block that holds a character."""
        blocks = self._sections[section].blocks
        if section not in self._starts:
            self._starts[section] = [block.start for block in blocks]
        number = bisect_right(self._starts[section], start) - 1
        return number if number >= 0 and start < blocks[number].end else None

    def _is_note(self, mark: Mark, text: str, number: int, section: int, start: int, *, is_in_note: bool) -> bool:
        target = self._sections[section].blocks[number]
        if target.kind == "h":
            return False
        if mark.kind == "note":
            return True
        sign = text[mark.start : mark.end]
        if is_in_note or len(sign) > signs.LONGEST_LABEL or not signs.is_label(sign):
            return False
        if target.kind == "note":
            return True
        # The way back from a note is the same sign too, but it leads into a paragraph, not to its beginning.
        begins = self._sections[section].text[target.start : target.start + signs.LONGEST_LABEL]
        return start - target.start < signs.LONGEST_LABEL and signs.begins_with(begins, sign)

    def _first(self, section: int, number: int, start: int) -> tuple[int, int]:
        """Return (block, character) where the note begins that an anchor stands in."""
        blocks = self._sections[section].blocks
        if blocks[number].kind != "note":
            is_at_start = start - blocks[number].start < signs.LONGEST_LABEL
            return number, blocks[number].start if is_at_start else start
        for _ in range(MOST_NOTE_BLOCKS):
            if number == 0 or blocks[number].number or blocks[number - 1].kind != "note":
                break
            number -= 1
        return number, blocks[number].start

    def _end(self, section: int, first: int, start: int) -> int:
        """Return where the note that begins in block `first` ends: with it, or the `note` blocks that go on with it."""
        blocks = self._sections[section].blocks
        if blocks[first].kind != "note":
            line = -1
            if start > blocks[first].start:  # one of several notes in a paragraph, a line each
                line = self._sections[section].text.find("\n", start + 1, blocks[first].end)
            return line if line > 0 else blocks[first].end
        if (section, first) not in self._ends:
            end = blocks[first].end
            for block in islice(blocks, first + 1, first + 1 + MOST_NOTE_BLOCKS):
                if (block.kind == "note" and block.number) or block.end - start > LONGEST_NOTE:
                    break
                end = block.end if block.kind == "note" else end
            self._ends[section, first] = end
        return self._ends[section, first]


def is_safe(address: str) -> bool:
    """Say whether an address may stand in a page: it opens another site or a letter, and nothing else."""
    return address.lower().startswith(_SAFE) and len(address) <= LONGEST_TARGET and address.isprintable()
