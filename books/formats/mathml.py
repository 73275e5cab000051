"""Formulas: MathML as a small tree of allow-listed elements, whose strings are the formula's text."""

import json
import re
from typing import Any, Final

from books.formats.parsed import LONGEST_MATH
from books.formats.tree import first_words, name_of
from books.formats.writer import EDGE, cleaned

ROWS: Final = frozenset(
    {"mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
     "mprescripts", "none", "mtable", "mtr", "mlabeledtr", "mtd", "mstyle", "merror", "mpadded", "mphantom", "menclose",
     "mfenced"}
)  # fmt: skip
TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext", "mspace"})
_SKIPPED: Final = frozenset({"annotation", "annotation-xml", "script", "style"})
DEEPEST: Final = 60
_SPACES: Final = re.compile(r"[ \t\n\r\f]+")


def formula(math: Any) -> tuple[str, str]:
    """Return a formula's characters and its tree as JSON; the tree is empty when the formula is too large for one."""
    strings: list[str] = []
    tree = _tree(math, strings)
    text = "".join(strings)
    if not text:
        return _said(math.get("alttext") or first_words(math)), ""
    if tree is None:
        return text, ""
    target = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
    return text, target if len(target) <= LONGEST_MATH else ""


def _tree(math: Any, strings: list[str]) -> list[Any] | None:
    """Build the tree of a formula and collect its strings. None when it is too deep or too large."""
    root: list[Any] = ["mrow"]
    trail: list[tuple[Any, list[Any]]] = [(iter(math), root)]
    size, is_whole = 0, True
    while trail:
        children, parent = trail[-1]
        element = next(children, None)
        if element is None:
            trail.pop()
            continue
        name = name_of(element)
        if not name or name in _SKIPPED:
            continue
        if name in TOKENS:
            said = _said("".join(element.itertext()))
            size += len(said) + len(name) + 8
            strings.append(said)
            node: list[Any] = [name, said] if said else [name]
        else:
            size += len(name) + 6
            node = [name]
            trail.append((iter(element), node if name in ROWS else parent))
        is_whole = is_whole and size <= LONGEST_MATH and len(trail) <= DEEPEST
        if is_whole and (name in TOKENS or name in ROWS):
            parent.append(node)
    if not is_whole:
        return None
    return root[1] if len(root) == 2 else root


def _said(text: str) -> str:
    """Return characters as the book's text will have them."""
    return _SPACES.sub(" ", cleaned(text)).strip(EDGE)
