"""A book as one run of letters: without white space, hyphens and what else typesetting changes. Every place is kept."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

# One character that stands for several letters, in print or in an encoding.
WRITTEN_OUT: Final = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "…": "...",
}  # fmt: skip
_DROPPED: Final = (
    r"\s\u00ad\u200b-\u200f\u2060\ufeff"  # white space, soft hyphens, what has no width
    r"\-\u2010-\u2015\u2212\u2500\u2e3a\u2e3b\ufe58\ufe63\uff0d"  # hyphens and dashes
)
_PIECES: Final = re.compile(f"[{''.join(WRITTEN_OUT)}]|[^{_DROPPED}{''.join(WRITTEN_OUT)}]+")
# Full-width letters and signs are the ordinary ones; every quote mark is one.
_SAME: Final = {
    **{0xFF01 + number: 0x21 + number for number in range(94)},
    **dict.fromkeys(map(ord, '"`´‘’‚‛“”„‟«»‹›「」『』〝〞〟＂＇'), ord("'")),
}
_WIDE_FROM: Final = "\u2e80"  # a character from here on says as much as three Latin letters
_WIDE: Final = 3

LeftOut = Mapping[int, Sequence[tuple[int, int]]]


class Stream:
    """The letters of all sections. `left_out`: stretches of sections that do not count as text."""

    def __init__(self, texts: Sequence[str], *, left_out: LeftOut | None = None) -> None:
        self._begins: list[int] = []  # of each section, counting one character between two
        self._starts: list[int] = []  # of each piece, in letters
        self._origins: list[int] = []  # of each piece, in characters from the beginning of the book
        self._joined: set[int] = set()  # pieces of one character that is written out
        letters: list[str] = []
        length = begin = 0
        for number, text in enumerate(texts):
            self._begins.append(begin)
            for start, piece in _pieces(text, (left_out or {}).get(number, ())):
                self._starts.append(length)
                self._origins.append(begin + start)
                if piece in WRITTEN_OUT:
                    self._joined.add(len(self._starts) - 1)
                    piece = WRITTEN_OUT[piece]
                letters.append(piece)
                length += len(piece)
            begin += len(text) + 1
        self.letters = "".join(letters).translate(_SAME)
        self.sections = len(texts)

    def __len__(self) -> int:
        return len(self.letters)

    def at(self, section: int, offset: int) -> int:
        """Return how many letters stand before a character."""
        place = self._begins[section] + offset
        piece = bisect_right(self._origins, place) - 1
        if piece < 0:
            return 0
        inside = place - self._origins[piece]
        after = self._starts[piece + 1] if piece + 1 < len(self._starts) else len(self.letters)
        if piece in self._joined:
            return after if inside else self._starts[piece]
        return min(self._starts[piece] + inside, after)

    def place(self, letter: int) -> tuple[int, int]:
        """Return (section, offset) of the character that a letter stands for."""
        piece = bisect_right(self._starts, letter) - 1
        inside = 0 if piece in self._joined else letter - self._starts[piece]
        place = self._origins[piece] + inside
        section = bisect_right(self._begins, place) - 1
        return section, place - self._begins[section]


def _pieces(text: str, left_out: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a section that count, each with where it begins."""
    at = 0
    for start, end in [*sorted(left_out), (len(text), len(text))]:
        for found in _PIECES.finditer(text, at, max(start, at)):
            yield found.start(), found.group()
        at = max(at, end)


def letters_of(text: str) -> str:
    """Return a text as a stream has it."""
    pieces = (WRITTEN_OUT.get(piece, piece) for _start, piece in _pieces(text, ()))
    return "".join(pieces).translate(_SAME)


def edges_of(text: str) -> tuple[str, str]:
    """Return what a text has before its first and after its last letter."""
    found = list(_PIECES.finditer(text))
    return (text[: found[0].start()], text[found[-1].end() :]) if found else (text, "")


def weight(letters: str) -> int:
    """Return how much a run of letters says, in Latin letters."""
    return sum(_WIDE if letter >= _WIDE_FROM else 1 for letter in letters)
