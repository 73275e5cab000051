"""The words of a page and where they stand: pdfium's characters -> words -> stretches of one line.

Every place is in tenths of a point from the top left corner of the page as it is shown (turned and cropped).
"""

import ctypes
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from operator import eq
from typing import Any, Final, NamedTuple

from books.formats.pdf.raised import divided, raised

UNITS: Final = 10  # in a point
# pdfium writes U+FFFE or U+0002 for a hyphen at the end of a line.
_HYPHENS: Final = str.maketrans({"\ufffe": "-", "\x02": "-"})
_WIDE: Final = "\u2e80-\u303f\u3041-\u33ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
# A word ends at white space, or after a hyphen that pdfium marks; Chinese and Japanese ones after four characters.
_TOKEN: Final = re.compile(rf"[{_WIDE}]{{1,4}}|[^\s\ufffe\x02{_WIDE}]+[\ufffe\x02]?|[\ufffe\x02]")
WIDE: Final = re.compile(f"[{_WIDE}]")
RTL: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEADER: Final = 5  # dots
_LOOKED_AT: Final = 6  # words of a line, for its type: the first may be a bullet or a figure
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0e-\x1f]")
_UNKEEPABLE: Final = re.compile("[\0-\x1f\ufeff\ud800-\udfff]")


class Word(NamedTuple):
    """A word, or a part of one. `is_joined`: no space stands before it."""

    text: str
    left: int
    top: int
    right: int
    bottom: int
    is_joined: bool
    is_raised: bool = False  # a figure that refers to a note


@dataclass(slots=True)
class Line:
    """Words of one line, left of each other (right of each other in Arabic and Hebrew), as one reads them."""

    words: list[Word]
    left: int
    top: int
    right: int
    bottom: int
    page: int = 0
    size: int = 0  # of the type
    is_bold: bool = False
    is_upright: bool = False  # it runs up or down the page
    is_entry: bool = False  # of a list of the contents: dots led to its end

    @property
    def text(self) -> str:
        """Return what stands in the line."""
        return "".join(word.text if word.is_joined else f" {word.text}" for word in self.words).lstrip(" ")

    @property
    def middle(self) -> int:
        """Return its height on the page."""
        return (self.top + self.bottom) // 2

    def overlaps(self, other: "Line") -> bool:
        """Say whether both stand at one height."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return 2 * shared > min(self.bottom - self.top, other.bottom - other.top)


@dataclass(slots=True)
class Sheet:
    """A page as it was read: its size, and its lines in the order in which the file draws them."""

    number: int
    width: int = 0
    height: int = 0
    lines: Sequence[Line] = ()
    characters: int = 0
    label: str = ""
    shown: "Shown | None" = None
    is_scan: bool = False
    is_lost: bool = False
    has_places: bool = True  # false: only the order of its words is known


class _Calls(NamedTuple):
    """Functions of pdfium called once for every word: without ctypes' checks they take half the time."""

    box: Callable[[int, int, int], int]
    unicode: Callable[[int, int], int]


@cache
def _calls() -> _Calls:
    import pypdfium2.raw as raw

    def bare(function: Any, result: Any, *arguments: Any) -> Any:
        return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)

    page, index = ctypes.c_void_p, ctypes.c_int
    return _Calls(
        bare(raw.FPDFText_GetLooseCharBox, ctypes.c_int, page, index, ctypes.c_void_p),
        bare(raw.FPDFText_GetUnicode, ctypes.c_uint, page, index),
    )


def lines_of(words_page: Any, shown: "Shown", page: int) -> tuple[list[Line], int]:
    """Return the lines of a page (a pypdfium2.PdfTextPage), and how many characters it has."""
    text = _text(words_page)
    spans = [found.span() for found in _TOKEN.finditer(text)]
    figures = raised(text, lambda at: _box(words_page, at, shown))
    if figures:
        spans = list(divided(spans, figures))
    words = _words(text, spans, _boxes(words_page, spans, shown), {start for start, _ in figures})
    lines = _lines(words, page)
    for line, first in lines:
        longest = max(range(min(len(line.words), _LOOKED_AT)), key=lambda number: len(line.words[number].text))
        _dress(line, words_page.raw, spans[first + longest][0], shown)
        _without_leaders(line)
    return [line for line, _ in lines], len(text)


def _text(words_page: Any) -> str:
    """Return the characters of a page, one for each index of pdfium."""
    count = words_page.count_chars()
    text = str(words_page.get_text_range()) if count > 0 else ""
    if len(text) == count:
        return text
    handle = ctypes.cast(words_page.raw, ctypes.c_void_p).value or 0
    codes = map(_calls().unicode, repeat(handle), range(max(count, 0)))
    return "".join(chr(code) if code < 0x110000 else "\0" for code in codes)


def _boxes(words_page: Any, spans: Sequence[tuple[int, int]], shown: "Shown") -> list[int]:
    """Return left, top, right, bottom of the first and of the last character of every word, in one row."""
    indexes = [index for start, end in spans for index in (start, end - 1)]
    edges = (ctypes.c_float * (4 * len(indexes)))()
    base = ctypes.addressof(edges)
    handle = ctypes.cast(words_page.raw, ctypes.c_void_p).value or 0
    places = range(base, base + 16 * len(indexes), 16)
    deque(map(_calls().box, repeat(handle), indexes, places), maxlen=0)
    return shown.placed(list(edges))


def _box(words_page: Any, index: int, shown: "Shown") -> tuple[int, int, int, int]:
    left, top, _, _, _, _, right, bottom = _boxes(words_page, [(index, index + 1)], shown)
    return left, top, right, bottom


def _words(text: str, spans: Sequence[tuple[int, int]], edges: Sequence[int], figures: set[int]) -> list[Word]:
    """Return the words with their places: column by column, because they are many."""
    texts = [text[start:end] for start, end in spans]
    if not text.isascii() or _CONTROL.search(text):
        texts = [word if word.isascii() and word.isprintable() else _kept(word) for word in texts]
    lefts, rights = map(min, edges[0::8], edges[4::8]), map(max, edges[2::8], edges[6::8])
    tops, bottoms = map(min, edges[1::8], edges[5::8]), map(max, edges[3::8], edges[7::8])
    is_joined = map(eq, (start for start, _ in spans), (-1, *(end for _, end in spans)))
    is_raised = map(figures.__contains__, (start for start, _ in spans)) if figures else repeat(False)
    return list(map(Word._make, zip(texts, lefts, tops, rights, bottoms, is_joined, is_raised, strict=False)))


def _kept(word: str) -> str:
    """Return a word without what no page can show; halves of a character become one."""
    word = word.translate(_HYPHENS)
    if _UNKEEPABLE.search(word):
        word = word.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
        word = _UNKEEPABLE.sub("", word)
    return word


def _lines(words: Sequence[Word], page: int) -> list[tuple[Line, int]]:
    """Put neighbours together; return each line with the number of its first word."""
    lines: list[tuple[Line, int]] = []
    line: Line | None = None
    for number, word in enumerate(words):
        text, left, top, right, bottom, is_joined, _ = word
        if not text:
            continue
        if line is not None:
            high = bottom - top
            last = line.bottom - line.top
            low = high if high < last else last
            shared = (bottom if bottom < line.bottom else line.bottom) - (top if top > line.top else line.top)
            gap = left - line.right
            if gap < -low:
                gap = line.left - right  # Arabic and Hebrew go on at the left
            if 2 * shared > low and -low <= gap <= high:
                if is_joined or gap > low // 3 or not (WIDE.match(text[0]) and WIDE.match(line.words[-1].text[-1])):
                    line.words.append(word)
                else:
                    line.words.append(word._replace(is_joined=True))  # a gap that is no space
                if left < line.left:
                    line.left = left
                if right > line.right:
                    line.right = right
                if len(line.words) == 2 and 2 * last > 3 * high:  # a large first letter stands beside several lines
                    line.top, line.bottom = top, bottom
                elif 3 * high > 2 * last:  # a raised figure does not make its line higher
                    line.top = top if top < line.top else line.top
                    line.bottom = bottom if bottom > line.bottom else line.bottom
                continue
        line = Line([word], left, top, right, bottom, page)
        lines.append((line, number))
    return lines


def _dress(line: Line, handle: Any, index: int, shown: "Shown") -> None:
    """Find out the size and weight of a line's type, from one of its characters."""
    import pypdfium2.raw as raw

    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(handle, index)
    if raw.FPDFText_GetMatrix(handle, index, matrix):
        across, down = shown.turned(matrix.a, matrix.b)
        line.is_upright = abs(down) > 2 * abs(across)
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    line.size = round(size * UNITS) if 0 < size < 5000 else line.bottom - line.top
    line.is_bold = raw.FPDFText_GetFontWeight(handle, index) >= 600


def _without_leaders(line: Line) -> None:
    """Take out the dots that lead from a title to its page number."""
    dots = [word for word in line.words if not word.text.strip(".·…")]
    if sum(len(word.text) for word in dots) >= _LEADER and len(dots) < len(line.words):
        line.words = [word for word in line.words if word.text.strip(".·…")]
        line.is_entry = True


class Shown:
    """How a page's own coordinates become places on it as it is shown."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as raw

        wide, high = page.get_size()
        self.width, self.height = (min(max(round(edge * UNITS), 1), 2_000_000) for edge in (wide, high))
        x, y = ctypes.c_int(), ctypes.c_int()

        def at(left: float, up: float) -> tuple[int, int]:
            raw.FPDF_PageToDevice(page, 0, 0, self.width, self.height, 0, left, up, x, y)
            return x.value, y.value

        (left, top), across, up = at(0, 0), at(1000, 0), at(0, 1000)
        self._x = ((across[0] - left) / 1000, (up[0] - left) / 1000, left)
        self._y = ((across[1] - top) / 1000, (up[1] - top) / 1000, top)

    def placed(self, edges: list[float]) -> list[int]:
        """Return boxes (left, top, right, bottom, in a row) as places on the page."""
        (xx, xy, x0), (yx, yy, y0) = self._x, self._y
        if edges and not (abs(sum(edges)) < 1e12 and min(edges) > -1e6 and max(edges) < 1e6):
            edges = [edge if _is_near(edge) else 0.0 for edge in edges]
        placed = [0] * len(edges)
        left, top, right, bottom = edges[0::4], edges[1::4], edges[2::4], edges[3::4]
        if xy == yx == 0 and xx > 0 > yy:  # nearly every page
            placed[0::4] = [int(xx * x + x0) for x in left]
            placed[1::4] = [int(yy * y + y0) for y in top]
            placed[2::4] = [int(xx * x + x0) + 1 for x in right]
            placed[3::4] = [int(yy * y + y0) + 1 for y in bottom]
            return placed
        for n, (x1, y1, x2, y2) in enumerate(zip(left, top, right, bottom, strict=True)):
            xs = sorted((xx * x1 + xy * y1 + x0, xx * x2 + xy * y2 + x0))
            ys = sorted((yx * x1 + yy * y1 + y0, yx * x2 + yy * y2 + y0))
            placed[4 * n : 4 * n + 4] = [int(xs[0]), int(ys[0]), int(xs[1]) + 1, int(ys[1]) + 1]
        return placed

    def turned(self, across: float, up: float) -> tuple[float, float]:
        """Return a direction of the page's own as a direction on the page as it is shown."""
        return self._x[0] * across + self._x[1] * up, self._y[0] * across + self._y[1] * up

    def place(self, left: float, up: float) -> tuple[int, int]:
        """Return one point."""
        across, down = self.turned(left, up)
        return int(across + self._x[2]), int(down + self._y[2])


def _is_near(edge: float) -> bool:
    """Say whether this is a place a page can have: neither infinite nor no number."""
    return -1e6 < edge < 1e6
