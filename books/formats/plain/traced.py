"""Write the paragraphs of a text file, remembering for every character where in the file it was."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from books.formats.division import Piece
from books.formats.parsed import Block, ParsedSection
from books.formats.plain.lines import Line
from books.formats.writer import Writer, cuts

# Runs of layout become one space; what no page or database can hold is left out.
_ODD: Final = re.compile("[ \t\v]{2,}|[\t\v]|[\x00-\x08\x0e-\x1f\ud800-\udfff]+")
_CONTROLS: Final = re.compile("[\x00-\x09\x0b\x0e-\x1f\ud800-\udfff]")
Run = tuple[str, int]  # characters, and the offset of the first of them in the file; -1: white space of ours


class Traced(Writer):
    """A writer for whole paragraphs that knows where each run of characters came from."""

    def __init__(self, *, is_odd: bool = True) -> None:
        super().__init__()
        self._is_odd = is_odd
        self.origins: list[tuple[int, int]] = []

    def paragraph(self, kind: str, lines: Iterable[tuple[str, Line]], *, level: int = 0) -> None:
        """Write lines as one block; before each line stands what joins it to the one before."""
        runs: list[Run] = []
        for glue, line in lines:
            if runs and glue:
                runs.append((glue, -1))
            if self._is_odd or "  " in line.text:
                runs += _runs(line)
            else:
                runs.append((line.text, line.start))
        text = "".join(words for words, _ in runs)
        if not text.strip():
            return
        at = base = self._separate()
        for words, origin in runs:
            if origin >= 0:
                self.origins.append((at, origin))
            at += len(words)
        self._pieces.append(text)
        self.length = at
        for start, end in cuts(text):
            self.blocks.append(Block(kind, base + start, base + end, level))


def is_odd(text: str) -> bool:
    """Say whether a text holds characters that are not kept as they are, other than spaces and line ends."""
    return _CONTROLS.search(text) is not None


def _runs(line: Line) -> Iterator[Run]:
    """Yield the characters of a line as they are kept."""
    at = 0
    for odd in _ODD.finditer(line.text):
        if odd.start() > at:
            yield line.text[at : odd.start()], line.start + at
        if odd.group()[0] in " \t\v":
            yield " ", -1
        at = odd.end()
    if at < len(line.text):
        yield line.text[at:], line.start + at


def sections(pieces: Sequence[Piece], origins: Sequence[tuple[int, int]]) -> list[ParsedSection]:
    """Return the sections of a divided text, each with the origins of its characters."""
    places = [here for here, _ in origins]
    found = []
    for piece in pieces:
        end = piece.offset + len(piece.section.text)
        first = max(bisect_right(places, piece.offset) - 1, 0)
        own = []
        for here, there in origins[first : bisect_right(places, end - 1)]:
            before = max(piece.offset - here, 0)  # a paragraph may begin in the section before
            own.append((here + before - piece.offset, there + before))
        found.append(replace(piece.section, origins=tuple(own)))
    return found
