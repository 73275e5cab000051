"""What a printer adds to a page: running heads and feet, and the page's number.

They leave the text. The number becomes the page's label.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from books.formats.pdf.columns import rows_of
from books.formats.pdf.lines import Line, Sheet

_EDGE_ROWS: Final = 3  # looked at above and below
_FEWEST: Final = 3  # pages on which a head repeats, or numbers follow each other
_LONGEST: Final = 120  # characters
_MOST_WORDS: Final = 20
_NEAR: Final = 150  # tenths of a point between the heights of two page numbers
_NUMBER: Final = re.compile(r"[-–—\[(·•|]*([0-9]{1,5}|[ivxlcdm]{1,8}|[IVXLCDM]{1,8})[-–—\])·•|.]*")
_ROMAN: Final = re.compile(r"m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_PAGE_OF: Final = re.compile(
    r"(?:page|seite|p\.|第)?\s*([0-9]{1,5})\s*(?:/|of|von|de|页\s*共)\s*([0-9]{1,5})\s*页?", re.I
)
_VALUES: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number at the edge of a page that may be the page's own."""

    page: int
    is_top: bool
    kind: str  # "0" for 12, "i" for xii, "I" for XII
    value: int
    row: int  # of the rows at this edge, from outside
    height: int  # where the row stands


def without_furniture(sheets: Sequence[Sheet]) -> dict[int, str]:
    """Take heads, feet and page numbers off the sheets; return the printed number of each page that has one."""
    edges = {sheet.number: _edges(sheet) for sheet in sheets if sheet.lines}
    usual = _usual_size(sheets)
    numbers = [number for page, rows in edges.items() for number in _numbers(page, rows, usual)]
    chosen = _in_sequence(numbers)
    numbered = {(number.page, number.is_top, number.row) for number in chosen}
    numbered |= {*_of_many(edges, len(sheets)), *_labelled(edges, sheets)}
    either = numbered.union(_repeated(edges, usual))
    for sheet in sheets:
        if sheet.number in edges:
            _strip(sheet, edges[sheet.number], numbered, either)
    return _labels(chosen, len(sheets))


def _usual_size(sheets: Sequence[Sheet]) -> int:
    sizes = Counter(line.size for sheet in sheets for line in sheet.lines)
    return max(sizes, key=lambda size: (sizes[size], size), default=0)


_Edges = tuple[list[list[Line]], list[list[Line]]]  # from the top down, from the foot up


def _edges(sheet: Sheet) -> _Edges:
    rows = rows_of(line for line in sheet.lines if not line.is_upright)
    few = min(_EDGE_ROWS, max(len(rows) // 2, 1))
    return rows[:few], rows[: -few - 1 : -1] if len(rows) > 1 else []


def _text(row: Sequence[Line]) -> str:
    return " ".join(line.text for line in row)


def _numbers(page: int, edges: _Edges, usual: int) -> Iterator[_Number]:
    """Yield what may be the page's number; one in larger type than `usual` counts chapters, not pages."""
    for is_top, rows in ((True, edges[0]), (False, edges[1])):
        for row, lines in enumerate(rows):
            words = _text(lines).split()
            if not words or len(words) > _MOST_WORDS or 4 * lines[0].size > 5 * usual:
                continue
            is_counted = words[-2:-1] and words[-2].casefold() in _COUNTED  # Chapter 3
            for word in dict.fromkeys(words[:1] if is_counted else (words[0], words[-1])):
                if found := _NUMBER.fullmatch(word):
                    kind, value = _value(found.group(1))
                    if value:
                        yield _Number(page, is_top, kind, value, row, lines[0].middle)


def _value(number: str) -> tuple[str, int]:
    """Return what kind of number this is, and its value; 0 for a word that only looks like one."""
    if number.isdigit():
        return "0", int(number)
    small = number.lower()
    if not _ROMAN.fullmatch(small):
        return "", 0
    values = [_VALUES[letter] for letter in small]
    total = sum(-value if value < max(values[n + 1 :], default=0) else value for n, value in enumerate(values))
    return ("i" if number.islower() else "I"), total


def _in_sequence(numbers: Sequence[_Number]) -> list[_Number]:
    """Return the numbers that rise by one from page to page, at one height; one for each page at most."""
    groups: defaultdict[tuple[bool, str, int], list[_Number]] = defaultdict(list)
    for number in numbers:
        groups[number.is_top, number.kind, number.value - number.page].append(number)
    best: dict[int, tuple[int, _Number]] = {}
    for group in groups.values():
        usual = sorted(number.height for number in group)[len(group) // 2]
        near = [number for number in group if abs(number.height - usual) <= _NEAR]
        pages = len({number.page for number in near})
        if pages < _FEWEST:
            continue
        for number in near:
            if number.page not in best or best[number.page][0] < pages:
                best[number.page] = (pages, number)
    return [best[page][1] for page in sorted(best)]


def _of_many(edges: Mapping[int, _Edges], pages: int) -> Iterator[tuple[int, bool, int]]:
    """Yield the rows that say "page 3 of 12" and tell the truth."""
    for page, (top, foot) in edges.items():
        for is_top, rows in ((True, top), (False, foot)):
            for row, lines in enumerate(rows):
                found = _PAGE_OF.fullmatch(_text(lines).strip(" -–—|"))
                if found and (int(found.group(1)), int(found.group(2))) == (page + 1, pages):
                    yield page, is_top, row


def _labelled(edges: Mapping[int, _Edges], sheets: Sequence[Sheet]) -> Iterator[tuple[int, bool, int]]:
    """Yield the rows that hold nothing but the label that the file gives their page."""
    for sheet in sheets:
        for is_top, rows in zip((True, False), edges.get(sheet.number, ()), strict=False):
            for row, lines in enumerate(rows[:1]):
                if sheet.label and _text(lines).strip(" -–—[]()") == sheet.label:
                    yield sheet.number, is_top, row


def _repeated(edges: Mapping[int, _Edges], usual: int) -> Iterator[tuple[int, bool, int]]:
    """Yield the rows that say the same on many pages near each other, in no larger type than the text."""
    found: defaultdict[tuple[bool, str], list[tuple[int, int]]] = defaultdict(list)
    for page, (top, foot) in edges.items():
        for is_top, rows in ((True, top), (False, foot)):
            for row, lines in enumerate(rows):
                text = _shape(_text(lines)) if 4 * lines[0].size <= 5 * usual else ""
                if text and len(text) <= _LONGEST:
                    found[is_top, text].append((page, row))
    for (is_top, _), places in found.items():
        pages = [page for page, _ in places]
        near = sum(
            min((abs(page - other) for other in pages[max(n - 1, 0) : n + 2] if other != page), default=99) <= 2
            for n, page in enumerate(pages)
        )
        if len(set(pages)) >= _FEWEST and 2 * near >= len(pages):
            yield from ((page, is_top, row) for page, row in places)


def _shape(text: str) -> str:
    """Return a row without a number at its edges: what repeats beside a page's number."""
    words = text.casefold().split()
    if len(words) > 1 and _NUMBER.fullmatch(words[0]) and not words[0].isalpha():
        words = words[1:]
    if len(words) > 2 and words[-1].isdigit() and words[-2] not in _COUNTED:
        words = words[:-1]
    return " ".join(words) if any(letter.isalpha() for word in words for letter in word) else ""


_COUNTED: Final = frozenset({"chapter", "part", "book", "canto", "act", "scene", "letter", "section", "volume"})


_Row = tuple[int, bool, int]  # page, at its top, how far from the edge


def _strip(sheet: Sheet, edges: _Edges, numbered: set[_Row], either: set[_Row]) -> None:
    """Drop rows from the outside in, as long as they hold the page's number, or `either` that or a running head."""
    gone: set[int] = set()
    for is_top, rows in ((True, edges[0]), (False, edges[1])):
        places = [(sheet.number, is_top, number) for number in range(len(rows))]
        # no head is so high: these are pages that say the same
        is_text = len(rows) == _EDGE_ROWS and either.issuperset(places)
        of_sheet = numbered if is_text else either
        for row, place in zip(rows, places, strict=True):
            if place not in of_sheet:
                break
            gone.update(id(line) for line in row)
    if gone:
        sheet.lines = [line for line in sheet.lines if id(line) not in gone]


def _labels(chosen: Sequence[_Number], pages: int) -> dict[int, str]:
    """Return the printed numbers, also of pages between numbered ones that do not show theirs."""
    labels = {number.page: _said(number.kind, number.value) for number in chosen}
    runs: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for number in chosen:
        runs[number.kind, number.value - number.page].append(number.page)
    for (kind, shift), of_run in sorted(runs.items(), key=lambda run: (-len(run[1]), run[0])):
        first, last = of_run[0], of_run[-1]
        while first > max(0, 1 - shift) and first - 1 not in labels:
            first -= 1
        while last < pages - 1 and last + 1 not in labels:
            last += 1
        for page in range(first, last + 1):
            labels.setdefault(page, _said(kind, page + shift))
    return labels


def _said(kind: str, value: int) -> str:
    if kind == "0":
        return str(value)
    parts = (("m", 1000), ("cm", 900), ("d", 500), ("cd", 400), ("c", 100), ("xc", 90), ("l", 50), ("xl", 40))
    said = ""
    for letters, worth in (*parts, ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1)):
        said += letters * (value // worth)
        value %= worth
    return said.upper() if kind == "I" else said
