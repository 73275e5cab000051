"""Raised figures and signs at the end of a word: they refer to a note, and are no part of the word."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

_CANDIDATE: Final = re.compile(r"(?<=[^\W\d_]|[.,;:!?”’»\"')\]])(?:[0-9]{1,3}|[*†‡§¶]{1,2})(?=[\s.,;:!?”’»\"')\]—–]|$)")
_MOST: Final = 500  # of one page
_SMALLER: Final = 0.85  # than the letter before
_HIGHER: Final = 0.12  # of the height of that letter

Box = tuple[int, int, int, int]


def raised(text: str, box: Callable[[int], Box]) -> list[tuple[int, int]]:
    """Return where the raised figures of a page are; `box` tells the place of a character."""
    found = []
    for number, candidate in enumerate(_CANDIDATE.finditer(text)):
        if number == _MOST:
            break
        start, end = candidate.span()
        _, top, _, bottom = box(start)
        _, before_top, _, before_bottom = box(start - 1)
        high = before_bottom - before_top
        if bottom - top < _SMALLER * high and before_bottom - bottom > _HIGHER * high:
            found.append((start, end))
    return found


def divided(spans: Sequence[tuple[int, int]], cuts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans of words, cut where something raised begins and ends; both are in order."""
    at = 0
    for start, end in spans:
        while at < len(cuts) and cuts[at][0] < end:
            for edge in cuts[at]:
                if start < edge < end:
                    yield start, edge
                    start = edge
            at += 1
        yield start, end
