"""Which stretches of two texts are the same, in the same order. Linear in the length of the texts."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

BLOCK: Final = 16  # letters that are looked up
SHORTEST: Final = 32  # letters of a stretch that proves something


class Run(NamedTuple):
    """`length` letters are the same from letter `old` of the one text and from letter `new` of the other on."""

    old: int
    new: int
    length: int


class Alignment:
    """The common stretches of two texts."""

    def __init__(self, old: str, new: str) -> None:
        self.runs = _chain(_common_runs(old, new))
        self._starts = [run.old for run in self.runs]
        self._ends = (len(old), len(new))

    def around(self, letter: int) -> tuple[Run, Run]:
        """Return the last run that begins at or before a letter of the old text, and the one after it.

        Beyond the first and the last there are empty ones at the ends of the texts.
        """
        number = bisect_right(self._starts, letter) - 1
        before = self.runs[number] if number >= 0 else Run(0, 0, 0)
        after = self.runs[number + 1] if number + 1 < len(self.runs) else Run(*self._ends, 0)
        return before, after

    def covering(self, start: int, end: int) -> Run | None:
        """Return the run that holds the letters [start, end) of the old text, if one does."""
        run, _after = self.around(start)
        return run if run.length and run.old <= start and end <= run.old + run.length else None

    def pieces(self, start: int, end: int) -> list[Run]:
        """Return what the runs hold of the letters [start, end) of the old text."""
        found = []
        number = max(bisect_right(self._starts, start) - 1, 0)
        for run in self.runs[number:]:
            if run.old >= end:
                break
            first, last = max(run.old, start), min(run.old + run.length, end)
            if first < last:
                found.append(Run(first, run.new + first - run.old, last - first))
        return found

    def gap(self, start: int, end: int) -> tuple[int, int, int, int]:
        """Return the stretches of the old and the new text between the runs that lie wholly before and after."""
        number = bisect_right(self._starts, start) - 1
        while number >= 0 and self.runs[number].old + self.runs[number].length > start:
            number -= 1
        before = self.runs[number] if number >= 0 else Run(0, 0, 0)
        number = bisect_left(self._starts, end)
        after = self.runs[number] if number < len(self.runs) else Run(*self._ends, 0)
        return before.old + before.length, after.old, before.new + before.length, after.new

    def expected(self, letter: int) -> int:
        """Return where a letter of the old text is in the new one, or would be."""
        before, after = self.around(letter)
        if letter <= before.old + before.length:
            return before.new + letter - before.old
        old, new = before.old + before.length, before.new + before.length
        return new + (letter - old) * (after.new - new) // max(after.old - old, 1)


def _common_runs(old: str, new: str) -> list[Run]:
    """Return common stretches in the order of the old text; in the new one they may stand in any."""
    first = same_after(old, 0, new, 0)
    last = same_after(old[::-1], 0, new[::-1], 0, most=min(len(old), len(new)) - first)
    blocks: dict[str, int] = {}
    for start in range(first, len(new) - last - BLOCK + 1, BLOCK):
        block = new[start : start + BLOCK]
        blocks[block] = -1 if block in blocks else start  # what is there twice proves nothing
    runs = [Run(0, 0, first)]
    at = end = first
    while at <= len(old) - last - BLOCK:
        found = blocks.get(old[at : at + BLOCK], -1)
        if found < 0:
            at += 1
            continue
        back = _same_before(old, at, new, found, most=at - end)
        length = back + BLOCK + same_after(old, at + BLOCK, new, found + BLOCK, most=len(old) - last - at - BLOCK)
        runs.append(Run(at - back, found - back, length))
        at = end = at - back + length
    return [*runs, Run(len(old) - last, len(new) - last, last)]


def same_after(one: str, at: int, other: str, there: int, *, most: int = 1 << 60) -> int:
    """Return how many letters are the same from `at` and from `there` on."""
    most = min(most, len(one) - at, len(other) - there)
    same, size = 0, 32
    while same < most:  # ever larger steps while all is the same
        step = min(size, most - same)
        if one[at + same : at + same + step] != other[there + same : there + same + step]:
            break
        same, size = same + step, size * 2
    else:
        return max(most, 0)
    differs = same + min(size, most - same)
    while differs - same > 1:
        middle = (same + differs) // 2
        if one[at + same : at + middle] == other[there + same : there + middle]:
            same = middle
        else:
            differs = middle
    return same


def _same_before(one: str, at: int, other: str, there: int, *, most: int) -> int:
    most = min(most, there)
    same = 0
    while same < most and one[at - same - 1] == other[there - same - 1]:
        same += 1
    return same


def _chain(runs: Sequence[Run]) -> list[Run]:
    """Return those runs that stand in one order in both texts, the longest together; none overlap."""
    runs = [run for run in runs if run.length >= SHORTEST]
    ranks = {new: rank for rank, new in enumerate(sorted({run.new for run in runs}), 1)}
    best = [(0, -1)] * (len(ranks) + 1)  # a Fenwick tree of (letters, number of the last run)
    before: list[int] = []
    for number, run in enumerate(runs):
        rank = ranks[run.new]
        letters, last = max(best[at] for at in _down(rank - 1))
        before.append(last)
        for at in _up(rank, len(ranks)):
            best[at] = max(best[at], (letters + run.length, number))
    chain = []
    number = max((best[at] for at in _down(len(ranks))), default=(0, -1))[1]
    while number >= 0:
        chain.append(runs[number])
        number = before[number]
    return _without_overlaps(chain[::-1])


def _down(at: int) -> list[int]:
    found = [0]
    while at > 0:
        found.append(at)
        at -= at & -at
    return found


def _up(at: int, last: int) -> list[int]:
    found = []
    while at <= last:
        found.append(at)
        at += at & -at
    return found


def _without_overlaps(chain: Sequence[Run]) -> list[Run]:
    kept: list[Run] = []
    for run in chain:
        cut = max(kept[-1].new + kept[-1].length - run.new, 0) if kept else 0
        if run.length - cut >= SHORTEST:
            kept.append(Run(run.old + cut, run.new + cut, run.length - cut))
    return kept
