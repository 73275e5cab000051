"""Paragraphs -> canonical text, with the place of every word on its page."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, overload

from books.formats.division import Piece
from books.formats.parsed import Page, Word
from books.formats.pdf.hyphens import Hyphens
from books.formats.pdf.lines import WIDE, Line, Sheet
from books.formats.pdf.paragraphs import Paragraph
from books.formats.writer import Writer

_SIGN: Final = re.compile(r"[\[(]?([0-9]{1,3}|[*†‡§¶]{1,2})")
_NUMBERS: Final = 6  # of a word: start, end, left, top, right, bottom


@dataclass(slots=True)
class Place:
    """A line that is in the text: where it stands on its page, where in the text, and where its paragraph begins."""

    top: int
    bottom: int
    start: int
    paragraph: int
    is_first: bool  # of its paragraph


@dataclass(slots=True)
class Written:
    """The text of a book, and for each page its words and lines."""

    writer: Writer
    words: "dict[int, array[int]]" = field(default_factory=dict)
    places: dict[int, list[Place]] = field(default_factory=dict)
    notes: dict[tuple[int, str], str] = field(default_factory=dict)  # (page, sign) -> the note's anchor


def written(paragraphs: Sequence[Paragraph], hyphens: Hyphens) -> Written:
    """Write every paragraph."""
    result = Written(Writer())
    for number, paragraph in enumerate(paragraphs):
        if paragraph.kind == "note" and paragraph.number:
            key = (paragraph.lines[0].page, _sign(paragraph.lines[0].words[0].text))
            result.notes.setdefault(key, f"note{number}")
    for number, paragraph in enumerate(paragraphs):
        _write(paragraph, result, hyphens, f"note{number}")
    result.writer.finish()
    return result


def _sign(text: str) -> str:
    """Return the figure or sign at the beginning of a note."""
    found = _SIGN.match(text)
    return found.group(1) if found else ""


def _write(paragraph: Paragraph, result: Written, hyphens: Hyphens, anchor: str) -> None:
    parts: list[str] = []
    spans: list[tuple[int, array[int]]] = []  # (page, words), counted from the paragraph's beginning
    firsts: list[tuple[Line, int]] = []
    figures: list[tuple[int, str]] = []  # (which part, what it refers to)
    length = 0
    for number, line in enumerate(paragraph.lines):
        words: array[int] = array("i")
        is_first = number > 0
        for text, left, top, right, bottom, is_joined, is_raised in line.words:
            if is_first:
                is_first, is_joined = False, True
                glue = _glue(parts[-1], text, hyphens)
                if glue is None:  # the hyphen goes
                    parts[-1] = parts[-1][:-1]
                    length -= 1
                    spans[-1][1][1 - _NUMBERS] = length
                else:
                    parts.append(glue)
                    length += len(glue)
            if not is_joined and length:
                parts.append(" ")
                length += 1
            if is_raised:
                figures.append((len(parts), result.notes.get((line.page, text), "")))
            parts.append(text)
            words.extend((length, length + len(text), left, top, right, bottom))
            length += len(text)
        spans.append((line.page, words))
        firsts.append((line, words[0]))
    block = len(result.writer.blocks)
    result.writer.start(paragraph.kind, level=paragraph.level, number=paragraph.number)
    if paragraph.kind == "note" and paragraph.number:
        result.writer.anchor(anchor)
    _write_parts(parts, figures, result.writer)
    result.writer.close()
    written_blocks = result.writer.blocks[block:]
    if written_blocks:
        is_whole = written_blocks[-1].end - written_blocks[0].start == length  # else no word's place would be right
        _keep(result, written_blocks[0].start, spans if is_whole else [], firsts)


def _write_parts(parts: Sequence[str], figures: Sequence[tuple[int, str]], writer: Writer) -> None:
    """Write a paragraph, what is raised in it as a mark."""
    done = 0
    for at, anchor in figures:
        writer.write("".join(parts[done:at]))
        writer.open_mark("note" if anchor else "sup", f"#{anchor}" if anchor else "")
        writer.write(parts[at])
        writer.close_mark()
        done = at + 1
    writer.write("".join(parts[done:]))


def _keep(
    result: Written, base: int, spans: "Sequence[tuple[int, array[int]]]", firsts: Sequence[tuple[Line, int]]
) -> None:
    for page, words in spans:
        for at in range(0, len(words), _NUMBERS):
            words[at] += base
            words[at + 1] += base
        result.words.setdefault(page, array("i")).extend(words)
    for number, (line, start) in enumerate(firsts):
        place = Place(line.top, line.bottom, base + start, base, number == 0)
        result.places.setdefault(line.page, []).append(place)


def _glue(before: str, after: str, hyphens: Hyphens) -> str | None:
    """Return what stands between the last word of a line and the first of the next; None: not even the hyphen."""
    last, first = before[-1:], after[:1]
    if last in "-\u2010\xad" and hyphens.divides(before, after):
        return "" if hyphens.stays(before, after) else None
    if last == "—" or before.endswith("--"):
        return ""
    return "" if WIDE.match(last) or WIDE.match(first) else " "


class Pages(Sequence[Page]):
    """The pages of a book, each made when it is asked for: their words are many."""

    def __init__(self, sheets: Sequence[Sheet], text: Written, pieces: Sequence[Piece]) -> None:
        self._sheets, self._words = sheets, text.words
        self._offsets = [piece.offset for piece in pieces]
        self._lengths = [len(piece.section.text) for piece in pieces]
        self.starts = self._begins(text)

    def _begins(self, text: Written) -> list[int]:
        """Return where each page begins; one without words begins where the next one does."""
        starts, following = [], max(text.writer.length - 1, 0)
        for sheet in reversed(self._sheets):
            places = text.places.get(sheet.number)
            following = min((place.start for place in places), default=following) if places else following
            starts.append(following)
        return starts[::-1]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sheets) if self._offsets else 0

    @overload
    def __getitem__(self, at: int) -> Page: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Page]: ...
    def __getitem__(self, at: int | slice) -> Page | Sequence[Page]:
        """Return one page, or some."""
        if isinstance(at, slice):
            return [self._page(number) for number in range(len(self))[at]]
        return self._page(range(len(self))[at])

    def __eq__(self, other: object) -> bool:
        """Say whether all pages are the same."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _page(self, number: int) -> Page:
        sheet = self._sheets[number]
        section, start = self.place(self.starts[number])
        return Page(
            sheet.label,
            section,
            start,
            sheet.width,
            sheet.height,
            tuple(self._words_of(sheet.number)) if sheet.has_places else (),
        )

    def place(self, offset: int) -> tuple[int, int]:
        """Return (section, character) of an offset of the whole text."""
        section = max(bisect_right(self._offsets, offset) - 1, 0)
        return section, min(max(offset - self._offsets[section], 0), self._lengths[section])

    def _words_of(self, number: int) -> Iterator[Word]:
        numbers = self._words.get(number, ())
        section, first, last = 0, 0, -1
        for at in range(0, len(numbers), _NUMBERS):
            start, end, left, top, right, bottom = numbers[at : at + _NUMBERS]
            if not first <= start < last:
                section = max(bisect_right(self._offsets, start) - 1, 0)
                first, last = self._offsets[section], self._offsets[section] + self._lengths[section]
            yield section, start - first, end - first, left, top, right, bottom
