"""Lines -> paragraphs: by indents, gaps, and lines that end before they are full."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from books.formats.pdf.columns import Column
from books.formats.pdf.lines import RTL, Line

_ENDS: Final = re.compile(r"[.!?:…。！？：][\"'”’»)\]」』）]*$|[\"”»」』]$")
_FEW: Final = 6  # lines; a shorter column cannot tell where its edges are
_NARROW: Final = 8  # times the size of the type: no text is set in such a column
_BULLET: Final = re.compile("[•◦▪▫■□●○‣⁃∙➢✓]$")
_NOTE: Final = re.compile(r"(?:(?:[*†‡§¶]|\*\*)(?!\*)|\[?\(?[0-9]{1,3}[\])]?[.:]?)(?=\s|[^\W\d_]|[\"“‘'(])")
_NOTE_SIZE: Final = 0.93  # of the size of the text


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together. `kind`: p, h, note."""

    lines: list[Line]
    kind: str = "p"
    level: int = 0
    number: int = 0
    is_centred: bool = False
    is_apart: bool = False  # more white than usual stands before it

    @property
    def size(self) -> int:
        """Return the size of its type."""
        return self.lines[0].size

    @property
    def text(self) -> str:
        """Return its words, lines joined by spaces."""
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class Style:
    """How a book is set: the size of its text, the steps between lines of one size, the edges of its columns."""

    size: int
    steps: Mapping[int, int]
    edges: Sequence[tuple[int, int]] = ()
    has_indents: bool = True  # the first line of a paragraph is set in

    @classmethod
    def of(cls, pages: Sequence[Sequence[Column]]) -> "Style":
        """Measure all lines of the book."""
        sizes: Counter[int] = Counter()
        steps: defaultdict[int, Counter[int]] = defaultdict(Counter)
        edges: Counter[tuple[int, int]] = Counter()
        for columns in pages:
            for column in columns:
                column.left, column.right = _edges(column.lines)
                if len(column.lines) >= _FEW:
                    edges[round(column.left, -1), round(column.right, -1)] += 1
                for line in column.lines:
                    sizes[line.size] += line.right - line.left
                for one, other in pairwise(column.lines):
                    step = other.bottom - one.bottom
                    if other.size == one.size and 0 < step < 4 * one.size:
                        steps[one.size][round(step / 5) * 5] += 1
        size = max(sizes, key=lambda size: (sizes[size], size), default=0)
        usual = {size: max(found, key=lambda step: (found[step], -step)) for size, found in steps.items()}
        style = cls(size, usual, [edge for edge, _ in edges.most_common(8)])
        style.has_indents = style._has_indents(pages)
        for columns in pages:
            for column in columns:
                if len(column.lines) < _FEW:
                    column.left, column.right = style.edges_of(column)
        return style

    def _has_indents(self, pages: Sequence[Sequence[Column]]) -> bool:
        """Say whether lines often stand further out than the one above them, without a gap."""
        steps = lines = 0
        for columns in pages:
            for column in columns:
                lines += len(column.lines)
                for one, other in pairwise(column.lines):
                    tolerance = max(one.size * 35 // 100, 20)
                    if one.size == other.size == self.size and not _is_apart(one, other, self):
                        steps += _indent(other, column) <= tolerance < _indent(one, column) < 5 * one.size
        return steps * 40 >= lines

    def step(self, size: int) -> int:
        """Return the usual distance from line to line."""
        return self.steps.get(size) or (self.steps.get(self.size, 12) * size // max(self.size, 1))

    def edges_of(self, column: Column) -> tuple[int, int]:
        """Return the edges of a column of few lines: those of a long one in which it stands."""
        for left, right in self.edges:
            if left - 20 <= column.left and column.right <= right + 20 and 2 * column.left < left + right:
                return left, right
        return column.left, column.right


def _edges(lines: Sequence[Line]) -> tuple[int, int]:
    """Return where full lines begin and end."""
    lefts = sorted(line.left for line in lines)
    rights = sorted(line.right for line in lines)
    few = max(len(lines) // 10, 1) if len(lines) > 1 else 0
    left = next((edge for edge, later in zip(lefts, lefts[few:], strict=False) if later - edge < 15), lefts[0])
    return left, rights[-1 - len(lines) // 25]


def paragraphs_of(pages: Sequence[Sequence[Column]], style: Style) -> list[Paragraph]:
    """Return the paragraphs of a book; the notes of a page follow what is read before them."""
    found: list[Paragraph] = []
    open_one: _Open | None = None
    note: Paragraph | None = None
    for columns in pages:
        notes: list[Paragraph] = []
        for column in columns:
            body, foot = _without_notes(column, style, note)
            open_one = _body(Column(body, column.left, column.right), style, open_one, found)
            note = _notes(foot, style, notes, note) if foot or not column.lines else note
        if not notes:
            note = None
        found += notes
    return found


@dataclass(slots=True)
class _Open:
    """The paragraph that may go on, and the column of its last line."""

    paragraph: Paragraph
    column: Column


def _body(column: Column, style: Style, open_one: "_Open | None", found: list[Paragraph]) -> "_Open | None":
    """Add a column's lines to the paragraphs; return the last one."""
    lines = column.lines
    is_hanging = _is_hanging(column, style)
    blocks = _blocks(column)
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        begins = open_one is None
        if open_one is not None:
            last = open_one.paragraph.lines[-1]
            inner = blocks.get(number)
            if before is None:
                begins = _begins_column(last, line, open_one.column, column, style)
            elif inner is not None and blocks.get(number - 1) == inner:
                begins = _begins(last, line, Column([], *inner), style, is_hanging=False)
            else:
                begins = _begins(last, line, column, style, is_hanging=is_hanging)
        if begins:
            open_one = _Open(Paragraph([line]), column)
            open_one.paragraph.is_centred = _is_centred(line, column)
            open_one.paragraph.is_apart = before is None or _is_apart(before, line, style)
            found.append(open_one.paragraph)
        elif open_one is not None:
            open_one.paragraph.lines.append(line)
            open_one.column = column
    return open_one


def _begins(last: Line, line: Line, column: Column, style: Style, *, is_hanging: bool) -> bool:
    """Say whether `line` begins a paragraph, standing below `last` in one column."""
    if _is_other_size(last, line) or _is_apart(last, line, style) or last.is_entry:
        return True
    if last.size * 20 > style.size * 23 and line.size == last.size:
        return False  # a title of several lines
    if column.right - column.left < _NARROW * last.size:
        return not _is_broken_off(last, line)  # a list
    indent = _indent(line, column)
    tolerance = max(last.size * 35 // 100, 20)
    if is_hanging:
        return indent <= tolerance
    if _BULLET.match(line.words[0].text):
        return True
    if not style.has_indents:
        return _is_short(last, line, column) and not _is_broken_off(last, line)
    if indent > tolerance and indent > _indent(last, column) + tolerance and not _is_centred(line, column):
        return True
    if abs(indent - _indent(last, column)) <= tolerance < indent and not _is_broken_off(last, line):
        return True  # two paragraphs of one line each; in a quotation this would be its edge
    return _is_short(last, line, column) and not _is_broken_off(last, line)


def _begins_column(last: Line, line: Line, before: Column, column: Column, style: Style) -> bool:
    """Say whether the first line of a column or page begins a paragraph."""
    if _is_other_size(last, line) or last.size * 20 > style.size * 23:
        return True
    if _is_broken_off(last, line):
        return False
    tolerance = max(line.size * 35 // 100, 20)
    return _indent(line, column) > tolerance or _is_short(last, line, before)


def _is_other_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) * 25 > 3 * min(one.size, other.size)


def _is_apart(last: Line, line: Line, style: Style) -> bool:
    """Say whether more white than usual stands between two lines, or they do not stand below each other."""
    step = line.bottom - last.bottom
    return step > style.step(line.size) * 5 // 4 + 5 or step < -line.size


def _is_broken_off(last: Line, line: Line) -> bool:
    """Say whether a sentence goes on, whatever the lines look like."""
    text, first = last.text, line.words[0].text
    if text.endswith(("-", "\xad")) and text[-2:-1].isalpha():
        return first[:1].isalpha()
    return first[:1].islower() and not _ENDS.search(text[-6:])


def _is_short(last: Line, line: Line, column: Column) -> bool:
    """Say whether the first word of `line` had room in `last`: then its end was meant.

    In the middle of a sentence a line may be a little short all the same: some texts were broken into lines twice.
    """
    word = line.words[0]
    room = _free(last, column)
    if _is_centred(last, column):
        room = column.right - column.left - (last.right - last.left)
    is_short = room > word.right - word.left + max(last.size, 30) * 6 // 10
    return is_short and (5 * room > column.right - column.left or _ENDS.search(last.text[-6:]) is not None)


def _indent(line: Line, column: Column) -> int:
    return column.right - line.right if _is_rtl(line) else line.left - column.left


def _free(line: Line, column: Column) -> int:
    return line.left - column.left if _is_rtl(line) else column.right - line.right


def _is_rtl(line: Line) -> bool:
    word = line.words[0].text
    return not word.isascii() and RTL.search(word) is not None


def _is_centred(line: Line, column: Column) -> bool:
    left, right = line.left - column.left, column.right - line.right
    return min(left, right) > 2 * line.size and abs(left - right) < 2 * line.size


def _is_hanging(column: Column, style: Style) -> bool:
    """Say whether paragraphs begin at the column's edge, and their other lines are indented."""
    steps = full = inner = 0
    for one, other in pairwise(column.lines):
        tolerance = max(one.size * 35 // 100, 20)
        inner += _indent(other, column) > tolerance
        if (
            _indent(one, column) <= tolerance < _indent(other, column)
            and not _is_apart(one, other, style)
            and not _is_other_size(one, other)
        ):
            steps += 1
            full += not _is_short(one, other, column)
    return steps >= 3 and 5 * inner >= 2 * len(column.lines) and 10 * full > 7 * steps


def _blocks(column: Column) -> dict[int, tuple[int, int]]:
    """Return the edges of indented stretches of three lines and more (quotations), by the number of the line."""
    found: dict[int, tuple[int, int]] = {}
    run: list[int] = []
    for number in [*range(len(column.lines)), -1]:
        line = column.lines[number]
        is_same = run and number >= 0 and abs(line.left - column.lines[run[-1]].left) <= 15
        if not is_same:
            found.update(_block(column, run))
            run = []
        if line.left - column.left > line.size // 2:
            run.append(number)
    return found


def _block(column: Column, run: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    if len(run) < 3:
        return
    lines = [column.lines[number] for number in run]
    inner = Column(lines, lines[0].left, max(line.right for line in lines))
    full = sum(not _is_short(one, other, inner) for one, other in pairwise(lines))
    if 10 * full >= 6 * (len(lines) - 1) and not all(_is_centred(line, column) for line in lines):
        yield from ((number, (inner.left, inner.right)) for number in run)


def _without_notes(column: Column, style: Style, note: Paragraph | None) -> tuple[list[Line], list[Line]]:
    """Return the lines of the text, and the footnotes below them: in smaller type, with a mark at the beginning."""
    lines = column.lines
    first = len(lines)
    while first and lines[first - 1].size < style.size * _NOTE_SIZE:
        first -= 1
    if first == len(lines) or (note is None and 2 * first < len(lines)):
        return lines, []
    goes_on = note is not None and not _ENDS.search(note.lines[-1].text)
    if first == 0 and not goes_on:
        return lines, []
    while first < len(lines) and not goes_on and not _NOTE.match(lines[first].text):
        first += 1  # small type that is no note: a caption
    return lines[:first], lines[first:]


def _notes(lines: Sequence[Line], style: Style, found: list[Paragraph], note: Paragraph | None) -> Paragraph | None:
    """Add the notes in these lines; return the last one."""
    for number, line in enumerate(lines):
        is_new = _NOTE.match(line.text) is not None and not (number and _is_broken_off(lines[number - 1], line))
        if is_new or (note is None and not found):
            note = Paragraph([line], "note", number=1)
            found.append(note)
        elif number == 0 and note is not None and not found:
            note = Paragraph([line], "note", number=0)  # goes on from the page before
            found.append(note)
        else:
            found[-1].lines.append(line)
    return note
