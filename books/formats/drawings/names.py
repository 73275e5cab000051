"""What may stand in a drawing: everything else is left out of it."""

from typing import Final

SVG: Final = "{http://www.w3.org/2000/svg}"
XLINK: Final = "{http://www.w3.org/1999/xlink}href"


def _by_lower(listed: str) -> dict[str, str]:
    return {name.lower(): name for name in listed.split()}


SHAPES: Final = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
LEAVES: Final = SHAPES | {"text", "image"}
WORDS: Final = frozenset({"text", "tspan"})
GRADIENTS: Final = frozenset({"linearGradient", "radialGradient"})
NOT_SHOWN: Final = frozenset({"defs", "symbol", "clipPath", "mask", "pattern", "marker", *GRADIENTS})
# A parser of HTML writes names in small letters; here they get their form back.
ELEMENTS: Final = {
    **_by_lower(
        "svg g defs symbol use text tspan linearGradient radialGradient stop clipPath mask pattern marker image"
    ),
    **{name: name for name in SHAPES},
    "a": "g",
    "switch": "g",
}
GEOMETRY: Final = _by_lower(
    "d x y x1 y1 x2 y2 cx cy r rx ry fx fy fr width height points transform viewBox preserveAspectRatio dx dy rotate "
    "textLength lengthAdjust offset gradientUnits gradientTransform spreadMethod patternUnits patternContentUnits "
    "patternTransform clipPathUnits maskUnits maskContentUnits markerWidth markerHeight markerUnits refX refY orient"
)
MARKERS: Final = ("marker-start", "marker-mid", "marker-end")
PAINTS: Final = ("fill", "stroke")
PROPERTIES: Final = frozenset(
    _by_lower(
        "fill-opacity fill-rule stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit "
        "stroke-dasharray stroke-dashoffset opacity color display visibility clip-path clip-rule mask font-family "
        "font-size font-style font-weight letter-spacing word-spacing text-anchor text-decoration dominant-baseline "
        "alignment-baseline baseline-shift stop-color stop-opacity paint-order marker-start marker-mid marker-end "
        "fill stroke"
    )
)
# Properties that may name another element: url(#...).
NAMING: Final = frozenset({"clip-path", "mask", *MARKERS, *PAINTS})
