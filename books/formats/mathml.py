"""Formulas: MathML as a small tree of allow-listed elements, whose strings are the formula's text."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from books.formats.parsed import LONGEST_MATH
from books.formats.tree import first_words, name_of
from books.formats.writer import EDGE, cleaned

ROWS: Final = frozenset(
    {"mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
     "mprescripts", "none", "mtable", "mtr", "mlabeledtr", "mtd", "mstyle", "merror", "mpadded", "mphantom", "menclose"}
)  # fmt: skip
TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext", "mspace"})
_SKIPPED: Final = frozenset({"annotation", "annotation-xml", "script", "style"})
_UNSHOWN: Final = _SKIPPED | {""}  # comments have no name
_LONGEST_FENCE: Final = 20  # characters of a bracket
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
        name = "mo" if isinstance(element, str) else name_of(element)
        if name in _UNSHOWN:
            continue
        if name in TOKENS:
            said = _said(element if isinstance(element, str) else "".join(element.itertext()))
            size += len(said) + len(name) + 8
            strings.append(said)
            node: list[Any] = [name, said] if said else [name]
        else:
            size += len(name) + 6
            is_fenced = name == "mfenced"
            node = ["mrow" if is_fenced else name]
            trail.append((_fenced(element) if is_fenced else iter(element), node if node[0] in ROWS else parent))
        is_whole = is_whole and size <= LONGEST_MATH and len(trail) <= DEEPEST
        if is_whole and (name in TOKENS or node[0] in ROWS):
            parent.append(node)
    if not is_whole:
        return None
    return root[1] if len(root) == 2 else root


def _fenced(element: Any) -> Iterator[Any]:
    """Yield what an mfenced stands for: its parts, and as strings the brackets and commas that only it names."""
    before, after = (element.get(*said)[:_LONGEST_FENCE] for said in (("open", "("), ("close", ")")))
    signs = "".join(element.get("separators", ",").split())
    if before:
        yield before
    for number, part in enumerate(part for part in element if name_of(part) not in _UNSHOWN):
        if number and signs:
            yield signs[min(number, len(signs)) - 1]
        yield part
    if after:
        yield after


def _said(text: str) -> str:
    """Return characters as the book's text will have them."""
    return _SPACES.sub(" ", cleaned(text)).strip(EDGE)
