"""The order in which the lines of a page are read: column after column, what spans them between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from books.formats.pdf.lines import RTL, Line, Word

_DEEPEST: Final = 4  # columns within columns
_FEWEST_LINES: Final = 3  # on each side of a gutter
_MOST_SPANNING: Final = 0.35  # share of the lines that may run across a gutter
_MOST_GAPS: Final = 8  # of white that are looked at
_MOST_LINES: Final = 20_000  # of a page that is looked at so closely


@dataclass(slots=True)
class Column:
    """Lines below each other, and the edges they are set between."""

    lines: list[Line]
    left: int = 0
    right: int = 0


def columns_of(lines: Sequence[Line]) -> list[Column]:
    """Return the columns of a page in reading order; what runs up or down the page stands last, as it was drawn."""
    level = [line for line in lines if not line.is_upright]
    upright = [line for line in lines if line.is_upright]
    parts = _parted(level, 0) if len(level) <= _MOST_LINES else [level]
    found = [Column(part) for part in parts if part]  # all of a page may run up or down
    if upright:
        found.append(Column(_stacked(upright)))
    return found


def _stacked(upright: Sequence[Line]) -> list[Line]:
    """Return words that run up or down the page as lines."""
    runs = [[upright[0]]]
    for last, line in pairwise(upright):
        if min(last.right, line.right) - max(last.left, line.left) > (line.right - line.left) // 2:
            runs[-1].append(line)
        else:
            runs.append([line])
    return [_joined(run, is_in_order=True) for run in runs]


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Return the lines of a page from top to bottom; those at one height together, from left to right."""
    rows: list[list[Line]] = []
    lines = list(lines)
    usual = sorted(line.bottom - line.top for line in lines)[len(lines) // 2] if lines else 0
    base: Line | None = None  # the lowest of its row: a large first letter stands beside several
    for line in sorted(lines, key=lambda line: (min(line.middle, line.top + usual // 2), line.left)):
        if base is not None and base.overlaps(line):
            rows[-1].append(line)
            base = min(base, line, key=lambda line: line.bottom - line.top)
        else:
            rows.append([line])
            base = line
    for row in rows:
        row.sort(key=lambda line: line.left)
    return rows


def _parted(lines: list[Line], depth: int) -> Iterator[list[Line]]:
    """Yield runs of lines in reading order."""
    gutter = _gutter(lines) if depth < _DEEPEST else None
    if gutter is None:
        yield [_joined(row) for row in rows_of(lines)]
        return
    across: list[Line] = []
    sides: tuple[list[int], list[int]] = ([], [])
    is_rtl = _is_rtl(lines)
    for number in sorted(range(len(lines)), key=lambda number: (lines[number].middle, lines[number].left)):
        line = lines[number]
        if line.right <= gutter or line.left >= gutter:
            if across:
                yield [_joined(row) for row in rows_of(across)]
                across = []
            sides[(line.right <= gutter) == is_rtl].append(number)
        else:
            yield from _read(lines, sides, depth)
            sides = ([], [])
            across.append(line)
    yield from _read(lines, sides, depth)
    if across:
        yield [_joined(row) for row in rows_of(across)]


def _read(lines: Sequence[Line], sides: tuple[list[int], list[int]], depth: int) -> Iterator[list[Line]]:
    for side in sides:
        if side:  # as the file draws them
            yield from _parted([lines[number] for number in sorted(side)], depth + 1)


def _gutter(lines: Sequence[Line]) -> int | None:
    """Return where white runs down between two columns, if there are two."""
    if len(lines) < 2 * _FEWEST_LINES or not _has_neighbours(lines):
        return None
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    high = sorted(line.bottom - line.top for line in lines)[len(lines) // 2]
    narrow = [line for line in lines if line.right - line.left < 0.6 * (right - left)]
    gaps = [(end - start, (start + end) // 2) for start, end in _gaps(narrow) if end - start >= high * 0.6]
    inside = [(wide, middle) for wide, middle in gaps if left + high < middle < right - high]
    widest = sorted(inside, reverse=True)[:_MOST_GAPS]
    return next((middle for _, middle in widest if _is_gutter(lines, middle)), None)


def _has_neighbours(lines: Sequence[Line]) -> bool:
    """Say whether lines stand beside each other at all: on most pages none do, and nothing is left to do."""
    ordered = sorted(lines, key=lambda line: line.top)
    found, lowest = 0, ordered[0].bottom
    for line in ordered[1:]:
        found += 2 * (lowest - line.top) > line.bottom - line.top
        lowest = max(lowest, line.bottom)
    return found >= _FEWEST_LINES


def _gaps(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield where hardly any line stands, whatever the height: a title may run across."""
    most = len(lines) // 10
    edges = sorted([(line.left, 1) for line in lines] + [(line.right, -1) for line in lines])
    open_lines, start = 0, None
    for at, step in edges:
        open_lines += step
        if open_lines > most:
            if start is not None:
                yield start, at
            start = None
        elif start is None:
            start = at


def _is_gutter(lines: Sequence[Line], at: int) -> bool:
    """Say whether the lines on both sides of `at` are columns of text, not the cells of a table."""
    before = [line for line in lines if line.right <= at]
    after = [line for line in lines if line.left >= at]
    across = len(lines) - len(before) - len(after)
    if min(len(before), len(after)) < _FEWEST_LINES or across > _MOST_SPANNING * len(lines):
        return False
    shared = min(max(line.bottom for line in side) for side in (before, after)) - max(
        min(line.top for line in side) for side in (before, after)
    )
    heights = [max(line.bottom for line in side) - min(line.top for line in side) for side in (before, after)]
    if shared < 0.3 * min(heights):
        return False
    if all(_is_prose(side) for side in (before, after)):
        return True
    return _is_drawn_by_columns(lines, at)


def _is_prose(lines: Sequence[Line]) -> bool:
    """Say whether most lines fill the width of their column with words."""
    wide = max(line.right for line in lines) - min(line.left for line in lines)
    full = sum(2 * (line.right - line.left) > wide for line in lines)
    letters = sorted(sum(len(word.text) for word in line.words) for line in lines)[len(lines) // 2]
    return 5 * full > 3 * len(lines) and letters >= 12


def _is_drawn_by_columns(lines: Sequence[Line], at: int) -> bool:
    """Say whether the file draws one side and then the other: cells of a table are drawn row by row."""
    sides = [line.right <= at for line in lines if line.right <= at or line.left >= at]
    return sum(one != other for one, other in pairwise(sides)) <= 2


def _is_rtl(lines: Iterable[Line]) -> bool:
    words = [word.text for line in lines for word in line.words[:3]]
    return 2 * sum(RTL.search(word) is not None for word in words) > len(words)


def _joined(row: Sequence[Line], *, is_in_order: bool = False) -> Line:
    """Return the stretches of one row as one line."""
    if len(row) == 1:
        return row[0]
    ordered = row[::-1] if not is_in_order and _is_rtl(row) else row
    first = max(ordered, key=lambda line: len(line.words))
    words: list[Word] = []
    for before, line in zip((None, *ordered), ordered, strict=False):
        gap = 0 if before is None else max(line.left - before.right, before.left - line.right)
        is_joined = before is not None and line.words[0].is_joined and gap < (line.bottom - line.top) // 3
        words += [line.words[0]._replace(is_joined=is_joined), *line.words[1:]]
    return Line(
        words,
        min(line.left for line in row),
        min(line.top for line in row if _is_of_size(line, first)),
        max(line.right for line in row),
        max(line.bottom for line in row if _is_of_size(line, first)),
        first.page,
        first.size,
        all(line.is_bold for line in row),
        is_entry=any(line.is_entry for line in row),
    )


def _is_of_size(line: Line, other: Line) -> bool:
    high, usual = line.bottom - line.top, other.bottom - other.top
    return line is other or 2 * usual < 3 * high < 5 * usual
