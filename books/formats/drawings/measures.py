"""The sizes of a drawing's parts, as far as they are needed to foresee how much work it is."""

import math
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

LARGEST: Final = 1e12
LARGE: Final = 2_000.0
MOST_LINES: Final = 100_000  # of a path; what is beyond is not counted
_NUMBER: Final = re.compile(r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,4})?")
_LENGTH: Final = re.compile(r"\s*([-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,4})?)\s*([a-z%]*)\s*", re.I)
_UNITS: Final = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "em": 16.0, "ex": 8.0}
_STEP: Final = re.compile(r"([A-Za-z])([^A-Za-z]*(?:[eE][-+]?\d[^A-Za-z]*)*)")
_CALL: Final = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^()]{0,400})\)")
_TAKES: Final = {"m": 2, "l": 2, "t": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "a": 7, "z": 0}
_LINES: Final = {"c": 4, "s": 4, "q": 4, "t": 4, "a": 8}  # how many straight lines a curve counts as


def numbers(text: str) -> list[float]:
    """Return the numbers in a text, none of them beyond what can be reckoned with."""
    return [_bounded(float(found)) for found in _NUMBER.findall(text)]


def _bounded(value: float) -> float:
    return max(-LARGEST, min(LARGEST, value))


def length(text: str | None) -> float | None:
    """Return a length in pixels; None when there is none, or one that hangs on what is around it."""
    found = _LENGTH.fullmatch((text or "")[:200])
    if found is None or found.group(2).lower() not in _UNITS:
        return None
    return _bounded(float(found.group(1)) * _UNITS[found.group(2).lower()])


def view(text: str | None) -> tuple[float, float, float, float] | None:
    """Return a viewBox, which must not be empty."""
    found = numbers((text or "")[:400])
    if len(found) != 4 or found[2] <= 0 or found[3] <= 0:
        return None
    return found[0], found[1], found[2], found[3]


def stretch(transform: str | None) -> float:
    """Return how much larger a transform makes things at most."""
    found = 1.0
    for name, inside in _CALL.findall((transform or "")[:4_000]):
        values = numbers(inside)
        if name == "scale" and values:
            found *= max(abs(value) for value in values[:2])
        elif name == "matrix" and len(values) == 6:
            found *= math.sqrt(sum(value * value for value in values[:4]))
        elif name in {"skewX", "skewY"} and values:
            found *= 1 + abs(math.tan(math.radians(values[0])))
        found = min(found, LARGEST)
    return found


class Extent(NamedTuple):
    """How large a shape is at most: straight lines (a curve counts several), its box, the way around."""

    lines: int
    width: float
    height: float
    length: float


def path(data: str) -> Extent:
    """Return the extent of a path."""
    lines, length = 0, 0.0
    xs: list[float] = []
    ys: list[float] = []
    grown_x = grown_y = 0.0
    at_x = at_y = 0.0
    for step in _STEP.finditer(data):
        letter, inside = step.groups()
        kind = letter.lower()
        takes = _TAKES.get(kind)
        if lines > MOST_LINES:
            break
        if not takes:
            lines += 1
            continue
        values = numbers(inside)
        lines += (len(values) // takes + 1) * _LINES.get(kind, 1)
        across, down = _coordinates(kind, values)
        if letter.isupper() or not xs:
            xs += across or [at_x]
            ys += down or [at_y]
            length += _way([at_x, *across]) + _way([at_y, *down])
            at_x, at_y = xs[-1], ys[-1]
        else:
            grown_x += sum(map(abs, across))
            grown_y += sum(map(abs, down))
        if kind == "a":
            grown_x += sum(map(abs, values[0::7]))
            grown_y += sum(map(abs, values[1::7]))
    width, height = _span(xs) + 2 * grown_x, _span(ys) + 2 * grown_y
    length += 4 * (grown_x + grown_y)
    return Extent(lines, *(min(one, LARGEST) for one in (width, height, length)))


def _coordinates(kind: str, values: list[float]) -> tuple[list[float], list[float]]:
    """Return the coordinates among the numbers of a command: across, down."""
    if kind == "h":
        return values, []
    if kind == "v":
        return [], values
    return (values[5::7], values[6::7]) if kind == "a" else (values[0::2], values[1::2])


def _way(values: list[float]) -> float:
    return sum(abs(after - before) for before, after in pairwise(values))


def _span(values: list[float]) -> float:
    return max(values) - min(values) if values else 0.0


def _points(said: Mapping[str, str]) -> Extent:
    found = numbers(said.get("points", ""))
    xs, ys = found[0::2], found[1::2]
    return Extent(len(xs) + 1, _span(xs), _span(ys), 2 * (_way(xs) + _way(ys)))


def _of(said: Mapping[str, str], name: str) -> float:
    """Return an attribute as a length; a percentage as that of a large whole."""
    found = length(said.get(name))
    return abs(found if found is not None else sum(numbers(said.get(name, "")[:100])[:1]) * 0.01 * LARGE)


def _boxed(lines: int, width: float, height: float) -> Extent:
    return Extent(lines, width, height, 2 * (width + height))


def _round(said: Mapping[str, str]) -> Extent:
    radius = _of(said, "r")
    return _boxed(4 * _LINES["c"], 2 * max(radius, _of(said, "rx")), 2 * max(radius, _of(said, "ry")))


def _square(said: Mapping[str, str]) -> Extent:
    is_round = "rx" in said or "ry" in said
    return _boxed(4 + is_round * 4 * _LINES["c"], _of(said, "width"), _of(said, "height"))


def _line(said: Mapping[str, str]) -> Extent:
    return _boxed(1, _of(said, "x1") + _of(said, "x2"), _of(said, "y1") + _of(said, "y2"))


SHAPES: Final[dict[str, Callable[[Mapping[str, str]], Extent]]] = {
    "path": lambda said: path(said.get("d", "")),
    "polyline": _points,
    "polygon": _points,
    "circle": _round,
    "ellipse": _round,
    "rect": _square,
    "image": _square,
    "line": _line,
}
