"""Parse XML and pages into trees: no entities, no network, no DTD, mistakes forgiven where a browser forgives them."""

import codecs
import re
from contextlib import suppress
from html.entities import html5
from itertools import islice
from typing import Any, Final

from lxml import etree

from books.errors import DamagedBook
from books.formats import decoding

_ENTITY: Final = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
# Up to the next "<" only: a tag that never ends costs no second look at what follows.
_TAG: Final = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:_-]{0,40})[^<>]*?(/?)>")
_NEVER_DROPPED: Final = frozenset(
    {b"a", b"img", b"br", b"hr", b"link", b"meta", b"input", b"wbr", b"navlabel", b"text", b"content"}
)
# A tag as a browser sees it: quotes count after "=" only, and nothing else but ">" ends it. Whatever follows a name
# matches, and nothing is given back, so no byte is looked at twice.
_WHOLE_TAG: Final = re.compile(
    rb"""<([A-Za-z][A-Za-z0-9:_-]{0,40})(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)*+>?"""
)
_LONG_TAG: Final = 8_192
_END_OF_OTHER: Final = re.compile(rb"</(?:script|style)|-->", re.IGNORECASE)  # then what began like a tag was none
_WORD: Final = re.compile(rb""""[^"]*"|'[^']*'|[^\s"'/]+""")
_MOST_ATTRIBUTES: Final = 1_000
_DEEPEST_TREE: Final = 1_000
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
    """Parse XML that may be slightly broken: HTML's entities, junk before its start, a wrong end, no end of nesting."""
    try:
        return xml(data, what=what)
    except DamagedBook:
        if b"<!ENTITY" in data:
            raise
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True)
    root = None
    with suppress(etree.XMLSyntaxError):
        data = _without_entities(_without_floods(data[max(data.find(b"<"), 0) :]))
        root = etree.fromstring(data, parser)
        if _is_too_deep(parser):
            root = etree.fromstring(_flattened(data), parser)
        root = decodable(root, parser)
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
            data, encoding = _as_utf8(data), "utf-8"
    # huge_tree: else the text after 256 unclosed tags is lost. HTML has no entities that could expand.
    lenient = etree.HTMLParser(no_network=True, huge_tree=True, encoding=encoding, remove_comments=True)
    data = _without_floods(_without_declaration(data))
    try:
        root = etree.fromstring(data, lenient)
        return etree.fromstring(_flattened(data), lenient) if _is_too_deep(lenient) else root
    except etree.XMLSyntaxError:
        return None


def _without_floods(data: bytes) -> bytes:
    """Take the attributes from a tag that has thousands: a forgiving parser compares each of them with all others."""

    pieces: list[bytes] = []
    at = 0
    for tag in _WHOLE_TAG.finditer(data) if len(data) > _LONG_TAG else ():
        if tag.end() - tag.start() > _LONG_TAG:
            words = sum(1 for _ in islice(_WORD.finditer(tag.group()), 2 * _MOST_ATTRIBUTES + 1))
            if words > 2 * _MOST_ATTRIBUTES:
                pieces += [data[at : tag.start()], b"<", tag.group(1), b">"]
                end = _END_OF_OTHER.search(data, tag.start(), tag.end())
                at = end.start() if end else tag.end()
    return b"".join([*pieces, data[at:]]) if pieces else data


def decodable(root: Any, parser: Any) -> Any:
    """Return a tree without the characters that are none, which a forgiving parser lets through (&#xD800;)."""
    if root is None:
        return None
    said = etree.tostring(root, encoding="utf-8")
    try:
        said.decode("utf-8")
    except UnicodeDecodeError:
        return etree.fromstring(said.decode("utf-8", errors="replace").encode(), parser)
    return root


def _as_utf8(data: bytes) -> bytes:
    """Return a page in UTF-8, whatever it is in: what it says is believed if its bytes do not speak against it."""
    said = decoding.said_in(data)
    try:
        if said.lower() in {"", "utf-8"}:
            data.decode("utf-8")
            return data.removeprefix(codecs.BOM_UTF8)
    except UnicodeDecodeError:
        pass
    found = decoding.decoded(data, said=said)
    return data if found is None else found.text.encode("utf-8", errors="replace")


def _is_too_deep(parser: Any) -> bool:
    """Say whether a parser left out what is nested deeper than it can hold."""
    return any("Excessive depth" in (entry.message or "") for entry in parser.error_log)


def _flattened(data: bytes) -> bytes:
    """Return markup without the tags nested deeper than a parser can hold, and with all of its text."""
    pieces: list[bytes] = []
    at = depth = 0
    for tag in _TAG.finditer(data):
        is_end, name, is_empty = tag.group(1), tag.group(2).lower(), tag.group(3)
        if is_empty or name in _NEVER_DROPPED:
            continue
        depth += -1 if is_end else 1
        if depth >= _DEEPEST_TREE + (not is_end):
            pieces.append(data[at : tag.start()])
            at = tag.end()
        depth = max(depth, 0)
    return b"".join([*pieces, data[at:]])


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
        found = tag.rpartition("}")[2].rpartition(":")[2].lower()  # "dc:title" when nobody declared dc
        if len(_NAMES) < _MOST_NAMES:
            _NAMES[tag] = found
    return found


def attribute(element: Any, name: str) -> str:
    """Return an attribute's value whatever its namespace."""
    if len(element.attrib) > _MOST_ATTRIBUTES:  # looking at all of them takes the square of that
        return ""
    for key, value in element.attrib.items():
        if key == name or key.rpartition("}")[2].rpartition(":")[2] == name:
            return str(value)
    return ""


def attributes(element: Any) -> dict[str, str]:
    """Return all attributes by their names without namespaces; of two of one name (type, epub:type) the prefixed."""
    found: dict[str, str] = {}
    if len(element.attrib) > _MOST_ATTRIBUTES:
        return found
    for key, value in element.items():
        name = key.rpartition("}")[2].rpartition(":")[2]
        if name == key:
            found.setdefault(name.lower(), value)
        else:
            found[name.lower()] = value
    return found


def first_words(element: Any, *, most: int = 12) -> str:
    """Return the beginning of an element's text, whatever stands below it; `most` pieces of it at most."""
    return " ".join("".join(islice(element.itertext(), most)).split())


def whole(text: str | None, otherwise: int) -> int:
    """Return a small number from an attribute."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
