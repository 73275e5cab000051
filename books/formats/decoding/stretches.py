"""Files that change their encoding in the middle: parts that were written elsewhere and put together.

Lines, or windows of a few lines, are each judged in every encoding in question; then the cheapest way through all
of them is taken, on which every change of encoding has its price. All of it is linear in the size of the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from books.formats.decoding.names import codec_of
from books.formats.decoding.scores import strangers, weigher


class Stretch(NamedTuple):
    """Bytes [start, end) are in one encoding; "" for one that is not UTF-8 and not known yet."""

    encoding: str
    start: int
    end: int


# Bytes that are several characters of UTF-8 in a row, and by chance hardly ever something else.
# They begin with a byte that is rare in everything else, so that most files are passed over quickly.
_UTF_8: Final = (
    re.compile(rb"[\x80-\xa0](?:[\xe3-\xe9\xef][\x80-\xbf]{2}){4}"),
    re.compile(rb"[\x80-\x8f](?:[\xd0\xd1][\x80-\xbf]){5}"),
    re.compile(rb"[a-z](?:\xc3[\x80-\xbf]|\xe2\x80[\x90-\xa6])[a-z ]"),
)
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_LONGEST_LINE: Final = 4000  # bytes of a line that may hold two encodings
_CHANGE: Final = 24.0  # bytes that must speak for another encoding before it is believed
_WINDOW: Final = 1500  # bytes, to the end of a line
_POOR: Final = 0.45  # a window that scores less is looked at in other encodings
_BETTER: Final = 0.3
_STRANGE: Final = 0.15  # of the different characters of a window are not everyday ones: it is looked at
_TRIED: Final = 200  # windows
_PRICE: Final = 30.0  # of a change, in characters that are everyday ones
_EASTERN: Final = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr")


def unmixed(data: bytes) -> list[Stretch]:
    """Divide a file that is not UTF-8 as a whole into what is, and what is not."""
    if not any(pattern.search(data) for pattern in _UTF_8):
        return [Stretch("", 0, len(data))]
    lines = list(_lines(data, 0, len(data)))
    costs = [_line_costs(data[start:end]) for start, end in lines]
    parts = _merged(lines, ["utf-8" if at == 0 else "" for at in _cheapest(costs, change=_CHANGE)])
    return sharpened(data, parts)


def sharpened(data: bytes, parts: Sequence[Stretch]) -> list[Stretch]:
    """Move the edges of UTF-8 into the middle of a line, where two files were put together without a line end."""
    edges = [parts[0].start]
    for before, after in pairwise(parts):
        edge = _edge(data, before, after)
        is_same = data[min(edge, after.start) : max(edge, after.start)].isascii()
        edges.append(after.start if is_same else edge)
    edges.append(parts[-1].end)
    return [Stretch(part.encoding, edges[at], edges[at + 1]) for at, part in enumerate(parts)]


def _edge(data: bytes, before: Stretch, after: Stretch) -> int:
    """Return where UTF-8 begins or ends in the two lines at an edge."""
    first = max(data.rfind(b"\n", before.start, before.end - 1) + 1, before.start, before.end - _LONGEST_LINE)
    last = data.find(b"\n", after.start, min(after.end, after.start + _LONGEST_LINE)) + 1 or after.end
    last = min(last, after.start + _LONGEST_LINE)
    line = data[first:last]
    if before.encoding == "utf-8":
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            return first + error.start
        return last
    at = 0
    while at < len(line):
        try:
            line[at:].decode("utf-8")
        except UnicodeDecodeError as error:
            at += error.end
        else:
            break
    return first + at


def parted(data: bytes, main: str) -> list[Stretch]:
    """Divide a file that is mostly in the encoding `main` where some of it is in another; [] when none is."""
    windows = list(_windows(data))
    if len(windows) < 2:
        return []
    odd = [at for at, (start, end) in enumerate(windows) if strangers(_text(data[start:end], main), main) > _STRANGE]
    scores = {at: _window_score(data[slice(*windows[at])], main) for at in odd}
    poor = {at: score / count for at, (score, count) in scores.items() if count > 20 and score < _POOR * count}
    others = [name for name in _EASTERN if name != main and _wins(data, windows, poor, name)]
    if not others:
        return []
    names = [main, *others]
    path = _path(data, windows, names)
    if not any(path):
        return []
    # Near a change the windows are single lines, so that the edge is where it is.
    edges = {at + side for at in range(len(path) - 1) if path[at] != path[at + 1] for side in (-1, 0, 1, 2)}
    fine = [part for at, window in enumerate(windows) for part in (_lines(data, *window) if at in edges else [window])]
    return _merged(fine, [names[at] for at in _path(data, fine, names)])


def _path(data: bytes, windows: Sequence[tuple[int, int]], names: Sequence[str]) -> list[int]:
    """Return for each window the number of its encoding."""
    costs = []
    for start, end in windows:
        own, count = _window_score(data[start:end], names[0])
        is_good = own > 0.7 * count
        rest = [-count if is_good else _window_score(data[start:end], name)[0] for name in names[1:]]
        costs.append([-own, *(-score for score in rest)])
    return _cheapest(costs, change=_PRICE)


def _wins(data: bytes, windows: Sequence[tuple[int, int]], poor: Mapping[int, float], name: str) -> bool:
    """Say whether another encoding makes much more sense of some poor window."""
    for at in list(poor)[:: max(len(poor) // _TRIED, 1)]:
        score, count = _window_score(data[slice(*windows[at])], name)
        if count and score / count > max(poor[at] + _BETTER, _POOR):
            return True
    return False


def _text(data: bytes, name: str) -> str:
    return data.decode(codec_of(name), errors="replace")


def _window_score(data: bytes, name: str) -> tuple[float, int]:
    """Return what the characters of a window say for an encoding, and how many there are beyond ASCII."""
    text = _text(data, name)
    beyond = len(text) - len(text.encode("ascii", errors="ignore"))
    return weigher(name)(text), beyond


def _lines(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        end = data.find(b"\n", start, stop) + 1 or stop
        yield start, end
        start = end


def _windows(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + _WINDOW, len(data))) + 1 or len(data)
        yield start, end
        start = end


def _line_costs(line: bytes) -> tuple[float, float]:
    """Return what it costs to read a line as UTF-8, and as something else: the bytes that speak against it."""
    if line.isascii():
        return 0.0, 0.0
    high = sum(map(len, _HIGH.findall(line)))
    good = high if _fits(line) else sum(map(len, _HIGH.findall(line.decode("utf-8", errors="ignore").encode())))
    # Two characters of GBK may be one of UTF-8 by chance; a dozen bytes never.
    return 2.0 * (high - good), float(good) if good >= 12 else 0.1 * good


def _fits(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cheapest(costs: Sequence[Sequence[float]], *, change: float) -> list[int]:
    """Return for each part the number of its encoding, on the cheapest way through all parts."""
    totals = list(costs[0])
    before: list[list[int]] = []
    for row in costs[1:]:
        cheapest = min(range(len(totals)), key=totals.__getitem__)
        came = [at if totals[at] <= totals[cheapest] + change else cheapest for at in range(len(totals))]
        totals = [row[at] + (totals[at] if came[at] == at else totals[cheapest] + change) for at in range(len(totals))]
        before.append(came)
    path = [min(range(len(totals)), key=totals.__getitem__)]
    for came in reversed(before):
        path.append(came[path[-1]])
    return path[::-1]


def _merged(parts: Sequence[tuple[int, int]], names: Sequence[str]) -> list[Stretch]:
    found: list[Stretch] = []
    for (start, end), name in zip(parts, names, strict=True):
        if found and found[-1].encoding == name:
            found[-1] = Stretch(name, found[-1].start, end)
        else:
            found.append(Stretch(name, start, end))
    return found
