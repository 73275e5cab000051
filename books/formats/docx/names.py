"""The names in a Word document's XML, short and the same for the strict variant of the format."""

import re
from collections.abc import Iterator
from typing import Any, Final

_OLD: Final = "http://schemas.openxmlformats.org/"
NAMESPACES: Final = {
    "w": _OLD + "wordprocessingml/2006/main",
    "r": _OLD + "officeDocument/2006/relationships",
    "a": _OLD + "drawingml/2006/main",
    "wp": _OLD + "drawingml/2006/wordprocessingDrawing",
    "m": _OLD + "officeDocument/2006/math",
    "mc": _OLD + "markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
_PREFIXES: Final = {uri: prefix for prefix, uri in NAMESPACES.items()}
# ISO 29500 Strict has names of its own for the same things.
_STRICT: Final = {
    b"wordprocessingml/main": NAMESPACES["w"],
    b"officeDocument/relationships": NAMESPACES["r"],
    b"drawingml/main": NAMESPACES["a"],
    b"drawingml/wordprocessingDrawing": NAMESPACES["wp"],
    b"officeDocument/math": NAMESPACES["m"],
}
_DECLARED: Final = re.compile(
    rb"(\bxmlns(?::[A-Za-z0-9]{1,20})?\s?=\s?[\"'])http://purl\.oclc\.org/ooxml/([A-Za-z/]{1,60})"
)
_OFF: Final = frozenset({"0", "false", "none", "off"})
_SHORT: Final[dict[Any, str]] = {}
_MOST_NAMES: Final = 2_000


def loosened(data: bytes) -> bytes:
    """Return XML of the strict variant with the names of the usual one."""
    if b"purl.oclc.org/ooxml" not in data:
        return data
    return _DECLARED.sub(_usual, data)


def _usual(found: "re.Match[bytes]") -> bytes:
    name = _STRICT.get(found.group(2))
    return found.group(1) + name.encode() if name else found.group()


def full(name: str) -> str:
    """Return the name that lxml knows: "w:p" becomes "{http://...}p"."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def short(element: Any) -> str:
    """Return an element's name as "w:p"; empty for comments and the like, ":name" in a namespace of no interest."""
    tag = element.tag
    found = _SHORT.get(tag)
    if found is None:
        if not isinstance(tag, str):
            return ""
        uri, _, local = tag.rpartition("}")
        found = f"{_PREFIXES.get(uri[1:], '')}:{local}"
        if len(_SHORT) < _MOST_NAMES:
            _SHORT[tag] = found
    return found


_VAL: Final = full("w:val")


def child(element: Any, *path: str) -> Any:
    """Return the element at the end of a path of children ("w:pPr", "w:jc"), or None."""
    for name in path:
        if element is None:
            return None
        element = element.find(full(name))
    return element


def value(element: Any, *path: str) -> str:
    """Return the w:val at the end of a path of children, or nothing."""
    found = child(element, *path)
    return "" if found is None else str(found.get(_VAL) or "")


def is_on(element: Any, *path: str) -> bool:
    """Say whether the switch at the end of a path of children is there and not turned off."""
    found = child(element, *path)
    return found is not None and found.get(_VAL) not in _OFF


def number(text: str | None, otherwise: int) -> int:
    """Return a whole number from an attribute."""
    text = (text or "").strip()
    is_number = text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 10
    return int(text) if is_number else otherwise


def chosen(alternatives: Any) -> Iterator[Any]:
    """Yield what stands in that one of an mc:AlternateContent's versions that is read: never in two of them."""
    fallback = None
    for version in alternatives:
        name = short(version)
        if name == "mc:Choice" and next(version.iter(*_UNDERSTOOD), None) is not None:
            return iter(version)
        if name == "mc:Fallback":
            fallback = version
    return iter(() if fallback is None else fallback)


_UNDERSTOOD: Final = tuple(map(full, ("a:blip", "w:txbxContent", "w:t", "v:imagedata", "m:t", "w:p")))
_TRANSPARENT: Final = frozenset({"w:sdt", "w:sdtContent", "w:customXml", "w:smartTag", "w:ins", "w:moveTo"})


def inside(parent: Any, wanted: str) -> Iterator[Any]:
    """Yield the children of one name, also those in content controls and insertions, in order."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif (name := short(element)) == wanted:
            yield element
        elif name in _TRANSPARENT:
            stack.append(iter(element))
