"""Word's formulas (OMML) as MathML, which the reader of formulas knows."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from lxml import etree

from books.formats import mathml
from books.formats.docx.names import child, full, short, value

_TEXT: Final = (full("m:t"), full("w:t"))
_TOKEN: Final = re.compile(r"(\d+(?:[.,]\d+)?)|([^\W\d_]+)|(\s+)|(.)", re.DOTALL)
_SKIPPED: Final = frozenset({"m:ctrlPr", "m:rPr", "w:rPr", "w:del", "w:moveFrom"})


def formula(element: Any) -> tuple[str, str]:
    """Return the characters of an m:oMath or m:oMathPara and its tree, as mathml.formula does."""
    root = etree.Element("math")
    _fill(root, element)
    return mathml.formula(root)


def _fill(parent: Any, element: Any) -> None:
    """Write what stands in an element. Its depth is bounded: XML nested deeper than 256 elements is not parsed."""
    for one in element:
        name = short(one)
        if name == "m:r":
            _run(parent, one)
        elif name in _FORMS:
            _FORMS[name](parent, one)
        elif name and name not in _SKIPPED and not name.endswith("Pr"):
            _fill(parent, one)


def _run(parent: Any, run: Any) -> None:
    text = "".join(found.text or "" for found in run.iter(*_TEXT))
    is_words = child(run, "m:rPr", "m:nor") is not None
    if is_words:
        _token(parent, "mtext", text)
        return
    for found in _TOKEN.finditer(text):
        if found.group(1):
            _token(parent, "mn", found.group(1))
        elif found.group(2):
            _token(parent, "mi", found.group(2))
        elif found.group(4):
            _token(parent, "mo", found.group(4))


def _token(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = _XML_UNSAFE.sub("", text)


_XML_UNSAFE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def _parts(parent: Any, element: Any, names: Iterable[str]) -> None:
    """Write the named children, each as one row."""
    for name in names:
        row = etree.SubElement(parent, "mrow")
        found = child(element, name)
        if found is not None:
            _fill(row, found)


def _simple(tag: str, *names: str) -> Callable[[Any, Any], None]:
    def write(parent: Any, element: Any) -> None:
        _parts(etree.SubElement(parent, tag), element, names)

    return write


def _root(parent: Any, element: Any) -> None:
    degree = child(element, "m:deg")
    has_degree = degree is not None and any((found.text or "").strip() for found in degree.iter(*_TEXT))
    node = etree.SubElement(parent, "mroot" if has_degree else "msqrt")
    _parts(node, element, ("m:e", "m:deg") if has_degree else ("m:e",))


def _fenced(parent: Any, element: Any) -> None:
    row = etree.SubElement(parent, "mrow")
    opening, closing, between = "(", ")", "|"
    properties = child(element, "m:dPr")
    for one in properties if properties is not None else ():
        said = next((text for key, text in one.items() if key.endswith("}val")), "")
        if short(one) == "m:begChr":
            opening = said
        elif short(one) == "m:endChr":
            closing = said
        elif short(one) == "m:sepChr":
            between = said
    _mark(row, opening)
    for number, one in enumerate(found for found in element if short(found) == "m:e"):
        if number:
            _mark(row, between)
        _fill(row, one)
    _mark(row, closing)


def _mark(parent: Any, text: str) -> None:
    if text:
        _token(parent, "mo", text)


def _large(parent: Any, element: Any) -> None:
    """Write a sum, a product or an integral with its bounds."""
    sign = _said(element, "m:naryPr", "m:chr") or "∫"
    is_beside = sign in "∫∬∭∮" or _said(element, "m:naryPr", "m:limLoc") == "subSup"
    node = etree.SubElement(parent, "msubsup" if is_beside else "munderover")
    _mark(node, sign)
    _parts(node, element, ("m:sub", "m:sup"))
    _parts(parent, element, ("m:e",))


def _accent(parent: Any, element: Any) -> None:
    node = etree.SubElement(parent, "mover")
    _parts(node, element, ("m:e",))
    _mark(node, _said(element, "m:accPr", "m:chr") or "\u0302")


def _bar(parent: Any, element: Any) -> None:
    is_below = _said(element, "m:barPr", "m:pos") == "bot"
    node = etree.SubElement(parent, "munder" if is_below else "mover")
    _parts(node, element, ("m:e",))
    _mark(node, "\u00af")


def _group(parent: Any, element: Any) -> None:
    is_above = _said(element, "m:groupChrPr", "m:pos") == "top"
    node = etree.SubElement(parent, "mover" if is_above else "munder")
    _parts(node, element, ("m:e",))
    _mark(node, _said(element, "m:groupChrPr", "m:chr") or "\u23df")


def _table(parent: Any, element: Any) -> None:
    table = etree.SubElement(parent, "mtable")
    rows = [found for found in element if short(found) == "m:mr"] or [
        [found] for found in element if short(found) == "m:e"
    ]
    for cells in rows:
        row = etree.SubElement(table, "mtr")
        for cell in cells:
            if short(cell) == "m:e":
                _fill(etree.SubElement(row, "mtd"), cell)


def _before(parent: Any, element: Any) -> None:
    node = etree.SubElement(parent, "mmultiscripts")
    _parts(node, element, ("m:e",))
    etree.SubElement(node, "mprescripts")
    _parts(node, element, ("m:sub", "m:sup"))


def _said(element: Any, *path: str) -> str:
    found = child(element, *path)
    if found is None:
        return ""
    return next((text for key, text in found.items() if key.endswith("}val")), value(found))


_FORMS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "m:f": _simple("mfrac", "m:num", "m:den"),
    "m:sSup": _simple("msup", "m:e", "m:sup"),
    "m:sSub": _simple("msub", "m:e", "m:sub"),
    "m:sSubSup": _simple("msubsup", "m:e", "m:sub", "m:sup"),
    "m:limLow": _simple("munder", "m:e", "m:lim"),
    "m:limUpp": _simple("mover", "m:e", "m:lim"),
    "m:rad": _root,
    "m:d": _fenced,
    "m:nary": _large,
    "m:acc": _accent,
    "m:bar": _bar,
    "m:groupChr": _group,
    "m:m": _table,
    "m:eqArr": _table,
    "m:sPre": _before,
}
