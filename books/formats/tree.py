"""Parse XML and pages into trees: no entities, no network, no DTD, mistakes forgiven where a browser forgives them."""

import re
from html.entities import html5
from itertools import islice
from typing import Any, Final

from lxml import etree

from books.errors import DamagedBook

_ENTITY: Final = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_OWN: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NAMES: Final[dict[str, str]] = {}  # tag -> name; a few dozen in any honest book
_MOST_NAMES: Final = 1_000


def xml(data: bytes, *, what: str) -> Any:
    """Parse strict XML without entities, network or DTD; raise DamagedBook about `what` when it is broken."""
    try:
        root = etree.fromstring(data, _strict())
    except etree.XMLSyntaxError as error:
        raise DamagedBook("This book is damaged: one of its parts cannot be read.", part=what) from error
    return _without_declared_entities(root, what)


def forgiving_xml(data: bytes, *, what: str) -> Any:
    """Parse XML that may be slightly broken: HTML's entities, junk before its start, a wrong end."""
    try:
        return xml(data, what=what)
    except DamagedBook:
        if b"<!ENTITY" in data:
            raise
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    begin = data.find(b"<")
    try:
        root = etree.fromstring(_without_entities(data[max(begin, 0) :]), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise DamagedBook("This book is damaged: one of its parts cannot be read.", part=what)
    return _without_declared_entities(root, what)


def _strict() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _without_declared_entities(root: Any, what: str) -> Any:
    inside: Any = root.getroottree().docinfo.internalDTD
    if inside is not None and next(inside.iterentities(), None) is not None:
        raise DamagedBook("This book is refused: one of its parts declares entities.", part=what)
    return root


def page(data: bytes, *, encoding: str | None = None) -> Any:
    """Parse a page: as strict XHTML if it is, else as a browser would, mistakes and all. None when there is nothing."""
    if encoding is None:
        try:
            return etree.fromstring(_without_entities(data), _strict())
        except etree.XMLSyntaxError:
            encoding = "utf-8"
    # huge_tree: else the text after 256 unclosed tags is lost. HTML has no entities that could expand.
    lenient = etree.HTMLParser(no_network=True, huge_tree=True, encoding=encoding, remove_comments=True)
    try:
        return etree.fromstring(_without_declaration(data), lenient)
    except etree.XMLSyntaxError:
        return None


def _without_entities(data: bytes) -> bytes:
    """Replace HTML's named entities, which XML does not know, by character references."""

    def replaced(found: "re.Match[bytes]") -> bytes:
        name = found.group(1).decode()
        if name in _XML_OWN or f"{name};" not in html5:
            return found.group()
        return "".join(f"&#{ord(character)};" for character in html5[f"{name};"]).encode()

    return _ENTITY.sub(replaced, data) if b"&" in data else data


def _without_declaration(data: bytes) -> bytes:
    return re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data, count=1)


def name_of(element: Any) -> str:
    """Return an element's name without its namespace, in lower case; empty for comments and the like."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    found = _NAMES.get(tag)
    if found is None:
        found = tag.rpartition("}")[2].lower()
        if len(_NAMES) < _MOST_NAMES:
            _NAMES[tag] = found
    return found


def attribute(element: Any, name: str) -> str:
    """Return an attribute's value whatever its namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def attributes(element: Any) -> dict[str, str]:
    """Return all attributes by their names without namespaces; of two of one name (type, epub:type) the prefixed."""
    found: dict[str, str] = {}
    for key, value in element.items():
        _, prefixed, name = key.rpartition("}")
        if prefixed:
            found[name] = value
        else:
            found.setdefault(name.lower(), value)
    return found


def first_words(element: Any, *, most: int = 12) -> str:
    """Return the beginning of an element's text, whatever stands below it; `most` pieces of it at most."""
    return " ".join("".join(islice(element.itertext(), most)).split())


def whole(text: str | None, otherwise: int) -> int:
    """Return a small number from an attribute."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
