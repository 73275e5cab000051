"""In which order the lines of a page are read, from where they stand: columns, rows, and upright writing."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Box = Sequence[int]  # left, top, right, bottom

_MOST_CROSSING: Final = 0.25  # share of the lines that may run across a gap between two columns
_DEEPEST: Final = 3  # columns are divided this many times: up to eight of them
_STRIPS: Final = 200  # how finely a gap is looked for


def in_reading_order(boxes: Sequence[Box], lengths: Sequence[int]) -> list[int]:
    """Return the numbers of the boxes as a person reads them. `lengths`: the characters of each."""
    numbers = list(range(len(boxes)))
    upright = sum(length for box, length in zip(boxes, lengths, strict=True) if length > 1 and _is_upright(box))
    if upright * 2 > sum(lengths):  # Chinese and Japanese: columns from the right to the left
        turned = [(box[1], -box[2], box[3], -box[0]) for box in boxes]
        return _rows(numbers, turned)
    return _read(numbers, boxes, _DEEPEST)


def _is_upright(box: Box) -> bool:
    return (box[3] - box[1]) > 1.5 * (box[2] - box[0])


def _read(numbers: list[int], boxes: Sequence[Box], depth: int) -> list[int]:
    """Read a region: between lines that run across all of it, the left column before the right one."""
    gap = _gap(numbers, boxes) if depth and len(numbers) > 5 else None
    if gap is None:
        return _rows(numbers, boxes)
    found: list[int] = []
    left: list[int] = []
    right: list[int] = []
    for number in _rows(numbers, boxes):
        if boxes[number][2] <= gap:
            left.append(number)
        elif boxes[number][0] >= gap:
            right.append(number)
        else:
            found += _read(left, boxes, depth - 1) + _read(right, boxes, depth - 1) + [number]
            left, right = [], []
    return found + _read(left, boxes, depth - 1) + _read(right, boxes, depth - 1)


def _gap(numbers: list[int], boxes: Sequence[Box]) -> float | None:
    """Return where two columns part: the strip that the fewest lines cross, with text beside text."""
    left = min(boxes[number][0] for number in numbers)
    right = max(boxes[number][2] for number in numbers)
    step = max((right - left) / _STRIPS, 1)
    changes = [0] * (_STRIPS + 2)
    for number in numbers:
        changes[min(int((boxes[number][0] - left) / step), _STRIPS)] += 1
        changes[min(int((boxes[number][2] - left) / step) + 1, _STRIPS + 1)] -= 1
    crossing, best = 0, (len(numbers), 0, 0)
    runs: list[tuple[int, int, int]] = []  # (crossing, -width, first strip)
    first = 0
    counts = []
    for change in changes[:-1]:
        crossing += change
        counts.append(crossing)
    for at, (before, after) in enumerate(pairwise([*counts, -1]), 1):
        if before != after:
            runs.append((before, first - at, first))
            first = at
    inner = [run for run in runs if _STRIPS * 0.15 < run[2] - run[1] / 2 < _STRIPS * 0.85]
    best = min(inner, default=best)
    middle = left + (best[2] - best[1] / 2) * step
    return middle if best[0] <= len(numbers) * _MOST_CROSSING and _are_columns(numbers, boxes, middle) else None


def _are_columns(numbers: list[int], boxes: Sequence[Box], middle: float) -> bool:
    """Say whether at least three lines stand on either side, for the most part beside each other."""
    sides = (
        [boxes[number] for number in numbers if boxes[number][2] <= middle],
        [boxes[number] for number in numbers if boxes[number][0] >= middle],
    )
    if min(map(len, sides)) < 3:
        return False
    tops, ends = [min(box[1] for box in side) for side in sides], [max(box[3] for box in side) for side in sides]
    shared = min(ends) - max(tops)
    if shared < 0.5 * min(end - top for top, end in zip(tops, ends, strict=True)):
        return False
    # Names and numbers beside each other are a table or a list of contents: read across.
    wide = [sum(box[2] - box[0] for box in side) / len(side) for side in sides]
    return min(wide) * 3 > max(wide)


def _rows(numbers: Sequence[int], boxes: Sequence[Box]) -> list[int]:
    """Sort from top to bottom; what stands at one height, from left to right."""
    ordered = sorted(numbers, key=lambda number: boxes[number][1] + boxes[number][3])
    found: list[int] = []
    row: list[int] = []
    for number in ordered:
        if row and not _at_one_height(boxes[row[-1]], boxes[number]):
            found += sorted(row, key=lambda one: boxes[one][0])
            row = []
        row.append(number)
    return found + sorted(row, key=lambda one: boxes[one][0])


def _at_one_height(one: Box, other: Box) -> bool:
    """Say whether two boxes share most of the lower one's height."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > 0.5 * min(one[3] - one[1], other[3] - other[1])
