"""Formulas as MathML, built by us from a tree of names and strings."""

import json
from html import escape
from typing import Any, Final

# Elements that hold characters, and elements that hold elements. Nothing else is written.
TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_PARTS: Final = (
    "math mrow mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts mprescripts none "
    "mtable mtr mtd mpadded mstyle merror mspace menclose mphantom mlabeledtr mfenced"
)
PARTS: Final = frozenset(_PARTS.split())
_NOW: Final = {"math": "mrow", "mlabeledtr": "mtr", "mfenced": "mrow"}  # what browsers no longer draw
DEEPEST: Final = 60


def math_html(tree: str, text: str) -> str:
    """Return the formula as MathML whose characters are exactly `text`; nothing when it is not such a formula."""
    try:
        parts: list[str] = []
        said: list[str] = []
        _write(json.loads(tree), parts, said, 0)
    except (ValueError, TypeError, RecursionError):
        return ""
    return f"<math>{''.join(parts)}</math>" if "".join(said) == text else ""


def _write(node: Any, parts: list[str], said: list[str], depth: int) -> None:
    """Add a node and what is below it to `parts`, and its characters to `said`; ValueError when it is none."""
    if isinstance(node, str):
        said.append(node)
        parts.append(f"<mtext>{escape(node)}</mtext>")
        return
    if not isinstance(node, list) or not node or depth > DEEPEST:
        raise ValueError("not a part of a formula")
    name, *inner = node
    if name in TOKENS:
        if not all(isinstance(piece, str) for piece in inner):
            raise ValueError("a token holds characters only")
        said.extend(inner)
        parts.append(f"<{name}>{escape(''.join(inner))}</{name}>")
        return
    if name not in PARTS:
        raise ValueError("not an element of a formula")
    shown = _NOW.get(name, name)
    parts.append(f"<{shown}>")
    for piece in inner:
        _write(piece, parts, said, depth + 1)
    parts.append(f"</{shown}>")
