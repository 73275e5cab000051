"""Foresee how much work a drawing is, as it would be with all references written out.

Elements name each other, so a small file can stand for a billion shapes. Each element is weighed once, after those it
names; what names itself loses the name. So the time is that of reading the file, whatever it stands for.
"""

import math
from dataclasses import dataclass
from typing import Final

from books.formats.drawings import measures
from books.formats.drawings.cleaning import DEEPEST, Node, TooMuch
from books.formats.drawings.names import LEAVES, MARKERS, NOT_SHOWN, SHAPES

MOST_LINES: Final = 200_000
MOST_LINES_OF_SHAPE: Final = 40_000
MOST_SHEETS: Final = 20_000
DEEPEST_SHEETS: Final = 6  # each is as large as the drawing while it is open
MOST_STRETCH: Final = 10_000.0
MOST_STRETCH_OF_TILE: Final = 100.0
MOST_REACH: Final = 1e6  # pixels
MOST_OF_TILE: Final = 8e6  # pixels: it is a sheet of its own
# Work of a pixel, in plain pixels: filled, blended, put on a sheet of its own and that on the drawing.
PLAIN: Final = 1.0
BLENDED: Final = 25.0
SHEET: Final = 60.0
# Work along a pixel of an edge.
FILLED_EDGE: Final = 200.0
DRAWN_EDGE: Final = 750.0
_LETTER: Final = 40  # lines of a character
_SPARSE: Final = 0.1  # of its box, what a line without a fill covers
_ENDLESS: Final = 1e18


@dataclass(slots=True)
class Weight:
    """What an element and everything it names cost.

    `lines`: how many. `covers`: work for each pixel if all of it covered everything; `area`: work by its own
    measure, in units of the drawing; `edges` and `length` are the same for edges. `depth`, `sheets`: nested;
    `opened`: sheets in all; `wide`: those of groups, which may be as large as the drawing. `stretch`: by transforms.
    `largest`: the largest shape; `tile`: the largest tile of a pattern; `reach`: the longest side.
    """

    shapes: int = 0
    lines: int = 0
    covers: float = 0.0
    area: float = 0.0
    edges: float = 0.0
    length: float = 0.0
    depth: int = 1
    sheets: int = 0
    opened: int = 0
    wide: float = 0.0
    stretch: float = 1.0
    largest: float = 0.0
    tile: float = 0.0
    reach: float = 0.0

    def add(self, other: "Weight", *, times: int = 1, is_shown: bool = True) -> None:
        """Count what is inside, or named."""
        self.depth = max(self.depth, other.depth + 1)
        if not is_shown:
            return
        self.shapes += other.shapes * times
        self.lines += other.lines * times
        self.covers += other.covers * times
        self.area += other.area * times
        self.edges += other.edges * times
        self.length += other.length * times
        self.opened += other.opened * times
        self.wide += other.wide * times
        self.sheets = max(self.sheets, other.sheets)
        self.stretch = max(self.stretch, other.stretch)
        self.largest, self.tile = max(self.largest, other.largest), max(self.tile, other.tile)
        self.reach = max(self.reach, other.reach)

    def close(self, node: Node) -> None:
        """Count what the element itself does to what is inside."""
        by = measures.stretch(node.said.get("transform")) * _zoom(node)
        self.stretch = min(max(self.stretch * by, by), measures.LARGEST)
        self.area, self.tile = min(self.area * by * by, _ENDLESS), min(self.tile * by * by, _ENDLESS)
        self.reach = min(self.reach * by, _ENDLESS)
        self.length, self.edges = min(self.length * by, _ENDLESS), min(self.edges, _ENDLESS)
        self.covers, self.wide = min(self.covers, _ENDLESS), min(self.wide, _ENDLESS)
        self.shapes, self.lines, self.opened = (min(one, 10**9) for one in (self.shapes, self.lines, self.opened))

    def put_on_sheets(self, count: int, *, size: float | None) -> None:
        """Count sheets that an element is drawn on by itself; `size` is its own, when it is known."""
        self.sheets += 1
        self.opened += count
        if size is None:
            self.wide += count
        else:
            self.covers += SHEET * count
            self.area = min(self.area + SHEET * count * size, _ENDLESS)

    def work(self, width: float, height: float, measure: float) -> float:
        """Return the work at a size in pixels, if the drawing measures so many of its units."""
        pixels = width * height
        if self.tile * pixels / measure > MOST_OF_TILE or self.reach * math.sqrt(pixels / measure) > MOST_REACH:
            return _ENDLESS
        inside = min(self.area * pixels / measure, self.covers * pixels)
        around = min(self.length * math.sqrt(pixels / measure), self.edges * (width + height))
        return inside + around + SHEET * self.wide * pixels


def weighed(root: Node, ids: dict[str, Node]) -> Weight:
    """Return what a drawing costs; TooMuch when that is more than a drawing may. Names in a circle are taken off."""
    done: dict[int, Weight] = {}
    open_now = {id(root)}
    trail = [(root, _edges(root, ids))]
    while trail:
        node, edges = trail[-1]
        following = edges.pop() if edges else None
        if following is None:
            done[id(node)] = _own(node, ids, done)
            open_now.discard(id(node))
            if done[id(node)].depth > DEEPEST:
                raise TooMuch("nested too deep by reference")
            trail.pop()
            continue
        key, target = following
        if id(target) in open_now:
            if not key:
                raise TooMuch("a part that holds what names it")
            _forget(node, key)
        elif id(target) not in done:
            open_now.add(id(target))
            trail.append((target, _edges(target, ids)))
    return done[id(root)]


def refuse_heavy(found: Weight) -> None:
    """Raise TooMuch over more than can be drawn in seconds, at any size."""
    if not found.shapes:
        raise ValueError("nothing is drawn")
    is_heavy = found.lines > MOST_LINES or found.opened > MOST_SHEETS or found.sheets > DEEPEST_SHEETS
    if is_heavy or found.stretch > MOST_STRETCH:
        raise TooMuch("more work than a drawing may be")


def _edges(node: Node, ids: dict[str, Node]) -> list[tuple[str, Node]]:
    """Return what an element holds (under no key) and names, and take off names of nobody."""
    for key, name in list(node.names.items()):
        if name not in ids:
            _forget(node, key)
    return [("", child) for child in node.children] + [(key, ids[name]) for key, name in node.names.items()]


def _forget(node: Node, key: str) -> None:
    if node.names.pop(key, None) is not None and key != "href":
        node.said.pop(key, None)
        if key == "fill":
            node.said[key] = "none"


def _own(node: Node, ids: dict[str, Node], done: dict[int, Weight]) -> Weight:
    """Return the weight of an element whose children and names are weighed."""
    found = Weight()
    if node.name in LEAVES:
        _leaf(node, found)
    for child in node.children:
        inside = done[id(child)]
        found.add(inside, is_shown=child.name not in NOT_SHOWN)
    lines, size = found.lines, found.largest if node.name in SHAPES else None
    for key, name in list(node.names.items()):
        target = ids[name]
        if target.name == "pattern" and key != "href":
            tile = _tile(target, found) if node.name in SHAPES else None  # in a group: each shape would be painted so
            if tile is None or done[id(target)].stretch > MOST_STRETCH_OF_TILE:
                _forget(node, key)
                continue
            found.tile = max(found.tile, tile)
        found.add(done[id(target)], times=lines + 1 if key in MARKERS else 1)
    sheets = sum(1 for key in ("clip-path", "mask", "opacity") if node.said.get(key, "1") != "1")
    if sheets and found.shapes:
        found.put_on_sheets(sheets, size=size)
    found.close(node)
    return found


def _leaf(node: Node, found: Weight) -> None:
    said = node.said
    found.shapes = 1
    if node.name == "text":
        letters = sum(len(one.text) + len(one.tail) for one in _words(node))
        found.lines = _LETTER * letters
        found.covers = 0.001 * letters * BLENDED
        found.area = 400.0 * letters * BLENDED
        return
    extent = measures.SHAPES[node.name](said)
    is_blended = any(said.get(key, "1") not in {"1", "1.0"} for key in ("fill-opacity", "stroke-opacity"))
    is_blended = is_blended or bool(node.names) or node.name == "image"
    is_filled, is_drawn = said.get("fill") != "none", said.get("stroke", "none") != "none"
    work = (BLENDED if is_blended else PLAIN) * (1.0 if is_filled else _SPARSE)
    edge = FILLED_EDGE * is_filled + DRAWN_EDGE * is_drawn
    found.lines = extent.lines * (1 + is_drawn)
    if dashes := measures.numbers(said.get("stroke-dasharray", "")):
        found.lines += int(min(extent.length / max(sum(dashes), 0.1), 10**9))
    if found.lines > MOST_LINES_OF_SHAPE:
        raise TooMuch("a shape of very many lines")
    found.covers = work
    found.reach = max(extent.width, extent.height, *measures.numbers(said.get("stroke-width", "0")[:50]), 0.0)
    found.largest = min(extent.width * extent.height, measures.LARGEST)
    found.area = min(work * found.largest, _ENDLESS)
    found.edges, found.length = edge * extent.lines, edge * extent.length


def _words(node: Node) -> list[Node]:
    found = [node]
    for one in found:
        found += one.children
    return found


def _zoom(node: Node) -> float:
    """Return how much larger a viewBox makes what is inside; the root's own is told by who draws."""
    box = measures.view(node.said.get("viewBox"))
    if box is None or node.name not in {"svg", "symbol", "marker", "pattern"}:
        return 1.0
    if node.name == "marker":
        wide, high = node.said.get("markerWidth", "3"), node.said.get("markerHeight", "3")
    else:
        wide, high = node.said.get("width", ""), node.said.get("height", "")
    width, height = measures.length(wide), measures.length(high)
    found = max((width or box[2]) / box[2], (height or box[3]) / box[3])
    return max(min(found, measures.LARGEST), 1e-6)


def _tile(pattern: Node, shape: Weight) -> float | None:
    """Return the size of a pattern's tile on a shape; None when there is none to see."""
    wide, high = (measures.length(pattern.said.get(key)) for key in ("width", "height"))
    if not wide or not high or wide < 0 or high < 0:
        return None
    is_own = pattern.said.get("patternUnits") == "userSpaceOnUse"
    by = measures.stretch(pattern.said.get("patternTransform"))
    size = wide * high * by * by * (1.0 if is_own else max(shape.largest, 1.0))
    return size if size > 1e-6 else None
