"""Drawings (SVG) become pixels, in the parser's child.

| module | what it does |
|---|---|
| `cleaning.py`, `names.py`, `styling.py` | writes a drawing anew from a short list of elements and attributes |
| `weighing.py`, `measures.py` | foresees its work with all references written out, before anything is drawn |
| `fonts.py` | a few well-known fonts, if the server has them |

What comes from elsewhere, scripts, animations, filters and pages in a drawing are left out of it.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from books.formats import tree
from books.formats.drawings import measures
from books.formats.drawings.cleaning import Cleaning, Node, Rewritten
from books.formats.drawings.fonts import Fonts, for_words
from books.formats.drawings.names import SVG, XLINK
from books.formats.drawings.weighing import Weight, refuse_heavy, weighed

LARGEST: Final = 24 * 1024 * 1024  # bytes, with the pictures inside it
MOST_WORK: Final = 2e9  # in plain pixels: about three seconds at most
MOST_PIXELS: Final = 1_500_000
LARGEST_IN_LINE: Final = 64  # pixels; what is not higher stands in a line like a character, and keeps its size
WIDEST, HIGHEST = 900.0, 1_200.0  # pixels, as it is shown
DENSITY: Final = 1.5  # pixels drawn for each that is shown; a photo inside is not drawn finer than it is kept
_SIZES: Final = (1.0, 0.7, 0.5, 0.35, 0.25)  # of the edges: what is much work is drawn smaller
_USUAL: Final = (300.0, 150.0)  # of a drawing that does not say how large it is
_THINNEST: Final = 60.0  # times as long as wide
_BEGIN: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|(?:[A-Za-z]\w{0,20}:)?svg[\s>/])", re.IGNORECASE
)
_TAG: Final = re.compile(rb"<(?:[A-Za-z]\w{0,20}:)?svg[\s>/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing as a PNG; `width` and `height` are how large it is shown. `is_wordless`: its words are missing."""

    data: bytes
    width: int
    height: int
    is_wordless: bool


def is_drawing(data: bytes) -> bool:
    """Say whether a file is an SVG drawing, from its beginning alone."""
    start = data[:4096]
    return _BEGIN.match(start) is not None and _TAG.search(start) is not None


def drawn(data: bytes, *, rewritten: Rewritten, begin: Callable[[], None] = lambda: None) -> Drawn:
    """Return a drawing's pixels; raises ValueError or DamagedBook. `begin` is called before native code draws.

    `rewritten` writes the pictures inside it anew.
    """
    import resvg_py  # 3 MB of native code, which most books do not need

    if len(data) > LARGEST:
        raise ValueError("a very large drawing")
    clean = Cleaning(tree.forgiving_xml(data, what="a drawing"), rewritten)
    weight = weighed(clean.root, clean.ids)
    refuse_heavy(weight)
    words = "".join(clean.words)
    fonts = for_words(words)
    width, height = _placed(clean.root)
    density = 1.0 if clean.has_pictures else DENSITY
    scale = _scale(width, height, weight, view=clean.root.said["viewBox"], density=density)
    clean.root.said["width"], clean.root.said["height"] = f"{width * scale:.3f}", f"{height * scale:.3f}"
    text = etree.tostring(_written(clean.root), encoding="unicode")
    begin()
    try:
        png = resvg_py.svg_to_bytes(svg_string=text, skip_system_fonts=True, **_families(fonts))
    except Exception as error:
        raise ValueError("this drawing cannot be drawn") from error
    except BaseException as error:  # what Rust calls a panic is no Exception in Python
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise ValueError("this drawing cannot be drawn") from error
    return Drawn(png, max(round(width), 1), max(round(height), 1), bool(words.strip()) and not fonts.is_enough)


def _families(fonts: Fonts) -> dict[str, Any]:
    """Return what the rasteriser is told about fonts."""
    if not fonts.files:
        return {}
    return {
        "font_files": list(fonts.files),
        "font_family": fonts.sans,
        "sans_serif_family": fonts.sans,
        "serif_family": fonts.serif,
        "monospace_family": fonts.mono,
        "cursive_family": fonts.serif,
        "fantasy_family": fonts.sans,
    }


def _placed(root: Node) -> tuple[float, float]:
    """Give the root a viewBox if it has none, and return how large the drawing is shown."""
    said = root.said
    wide, high, box = measures.length(said.get("width")), measures.length(said.get("height")), None
    box = measures.view(said.get("viewBox"))
    for key in ("x", "y", "transform"):
        said.pop(key, None)
    if box is None:
        wide, high = wide or _USUAL[0], high or _USUAL[1]
        said["viewBox"] = f"0 0 {wide:.6g} {high:.6g}"
    else:
        said["viewBox"] = " ".join(f"{one:.9g}" for one in box)
        if wide and not high:
            high = wide * box[3] / box[2]
        elif high and not wide:
            wide = high * box[2] / box[3]
        wide, high = wide or box[2], high or box[3]
    if not (wide > 0 and high > 0) or max(wide / high, high / wide) > _THINNEST:
        raise ValueError("a drawing without a size")
    smaller = min(1.0, WIDEST / wide, HIGHEST / high)
    larger = max(smaller, 1.0 / min(wide, high)) if min(wide, high) < 1 else smaller
    return wide * larger, high * larger


def _scale(width: float, height: float, weight: Weight, *, view: str, density: float) -> float:
    """Return how many pixels are drawn for each that is shown: fewer, when they are much work."""
    box = measures.view(view)
    assert box is not None
    full = min(density, math.sqrt(MOST_PIXELS / (width * height)))
    for size in _SIZES:
        scale = full * size
        if weight.work(width * scale, height * scale, box[2] * box[3]) <= MOST_WORK:
            return scale
    raise ValueError("more work than a drawing may be")


def _written(root: Node) -> Any:
    """Return the new drawing as a tree."""
    spaces: Any = {None: SVG[1:-1], "xlink": XLINK[1:].partition("}")[0]}
    top = etree.Element(f"{SVG}svg", nsmap=spaces)
    trail: list[tuple[Node, Any]] = [(root, top)]
    while trail:
        node, element = trail.pop()
        for key, value in node.said.items():
            element.set(XLINK if key == "href" else key, value)
        if "href" in node.names:
            element.set(XLINK, f"#{node.names['href']}")
        element.text = node.text or None
        for child in node.children:
            made = etree.SubElement(element, f"{SVG}{child.name}")
            made.tail = child.tail or None
            trail.append((child, made))
    return top
