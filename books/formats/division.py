"""Divide one long stretch of text into sections: at its chapters, and where it is too long for a page."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from books.formats.parsed import LONGEST_SECTION, LONGEST_TITLE, Block, Entry, ParsedSection
from books.formats.writer import Writer

_WORDLESS: Final = frozenset({"hr", "img"})
USUAL_CHAPTER: Final = 3_000  # characters; headings that would make shorter sections on average do not divide


@dataclass(frozen=True, slots=True)
class Heading:
    """A place that the contents name, at an offset of a stretch that is not yet divided."""

    title: str
    start: int
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A section cut out of a stretch, which began at `offset` there."""

    section: ParsedSection
    offset: int


def headings(written: Writer) -> list[Heading]:
    """Return the headings of a stretch, their depth counted from the highest level that occurs."""
    found = [block for block in written.blocks if block.kind == "h"]
    levels = sorted({block.level for block in found})
    text = written.text
    return [Heading(one_line(text[block.start : block.end]), block.start, levels.index(block.level)) for block in found]


def one_line(text: str) -> str:
    """Return a title without line breaks and not too long to keep."""
    return " ".join(text.split())[:LONGEST_TITLE]


def divide(written: Writer, marks: Sequence[Heading], *, title: str = "") -> list[Piece]:
    """Cut a stretch at the headings that make reasonable chapters, and anywhere a section grows too long.

    `title` names what stands before the first heading.
    """
    text, blocks = written.text, written.blocks
    if not text:
        return []
    starts = [block.start for block in blocks]
    chosen = _dividing(marks, len(text))
    cuts: dict[int, str] = {0: title}
    for heading in chosen:
        number = max(bisect_right(starts, heading.start) - 1, 0)
        while number and blocks[number - 1].kind in _WORDLESS and blocks[number - 1].start == blocks[number].start:
            number -= 1
        if number == 0 or number not in cuts:
            cuts[number] = heading.title
    pieces: list[Piece] = []
    waiting: list[Block] = []  # pictures of a stretch without words: they go on with what follows
    for first, last in pairwise([*sorted(cuts), len(blocks)]):
        for group in _pages(blocks[first:last]):
            if any(block.end > block.start for block in group):
                pieces.append(with_pictures(_piece(text, group, cuts[first]), before=waiting))
                waiting = []
            else:
                waiting += pictures(group)
    if waiting:
        pieces[-1] = with_pictures(pieces[-1], after=waiting)
    return pieces


def pictures(blocks: Iterable[Block]) -> list[Block]:
    """Return the pictures among blocks."""
    return [block for block in blocks if block.kind == "img"]


def with_pictures(piece: Piece, *, before: Sequence[Block] = (), after: Sequence[Block] = ()) -> Piece:
    """Return a piece with pictures before its first and after its last words, wherever they stood."""
    if not before and not after:
        return piece
    section = piece.section
    first = [replace(block, start=0, end=0) for block in before]
    last = [replace(block, start=len(section.text), end=len(section.text)) for block in after]
    return replace(piece, section=replace(section, blocks=(*first, *section.blocks, *last)))


def _dividing(marks: Sequence[Heading], characters: int) -> list[Heading]:
    """Return the headings down to the deepest level whose chapters are, on average, long enough."""
    chosen: list[Heading] = []
    for depth in sorted({heading.depth for heading in marks}):
        wider = [heading for heading in marks if heading.depth <= depth]
        if chosen and len(wider) > characters / USUAL_CHAPTER:
            break
        chosen = wider
        if len(wider) > characters / USUAL_CHAPTER and len(wider) > 1:
            break
    return chosen


def _pages(blocks: Sequence[Block]) -> Iterable[Sequence[Block]]:
    """Yield these blocks, in several groups when they hold more than LONGEST_SECTION characters."""
    first = 0
    for number, block in enumerate(blocks):
        if block.end - blocks[first].start > LONGEST_SECTION and number > first:
            yield blocks[first:number]
            first = number
    yield blocks[first:]


def _piece(text: str, blocks: Sequence[Block], title: str) -> Piece:
    start, end = blocks[0].start, blocks[-1].end
    start += len(text[start:end]) - len(text[start:end].lstrip("\n"))  # a rule may stand first
    # A rule or a picture before the first words has no characters: it stands at the beginning.
    moved = tuple(block.moved(-min(start, block.start)) for block in blocks) if start else tuple(blocks)
    return Piece(ParsedSection(title, text[start:end], moved), start)


def entries(marks: Sequence[Heading], pieces: Sequence[Piece], *, first_section: int = 0) -> list[Entry]:
    """Return contents that lead to where the headings now are."""
    offsets = [piece.offset for piece in pieces]
    found = []
    for heading in marks:
        number = max(bisect_right(offsets, heading.start) - 1, 0)
        inside = min(max(heading.start - offsets[number], 0), len(pieces[number].section.text))
        found.append(Entry(heading.title, first_section + number, inside, heading.depth))
    return found
