"""Walk an HTML or XHTML tree and write its text. Nothing of the markup itself is kept but kinds of blocks and marks."""

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any, Final

from lxml import etree

from books.errors import DamagedBook
from books.formats.writer import EDGE, Writer


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SKIPPED: Final = _names(
    "script style head template svg object iframe embed canvas audio video rp select textarea title meta link map"
)
MARKS: Final = {
    "em": "em", "i": "em", "cite": "em", "dfn": "em", "var": "em", "strong": "strong", "b": "strong",
    "code": "code", "kbd": "code", "samp": "code", "tt": "code", "sup": "sup", "sub": "sub", "u": "under",
    "ins": "under", "s": "strike", "del": "strike", "strike": "strike", "ruby": "ruby", "rt": "rt",
}  # fmt: skip
PARAGRAPHS: Final = _names(
    "p div section article aside header footer nav main figure figcaption address hgroup center body form "
    "fieldset details summary caption table tbody thead tfoot tr td th ul ol dl menu dir legend html"
)
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
DEEPEST: Final = 200  # nested elements; what is deeper is written, but changes nothing any more
_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_OWN: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


def xml(data: bytes, *, what: str) -> Any:
    """Parse strict XML without entities, network or DTD; raise DamagedBook about `what` when it is broken."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedBook("This book is damaged: one of its parts cannot be read.", part=what) from error
    inside: Any = root.getroottree().docinfo.internalDTD
    if inside is not None and next(inside.iterentities(), None) is not None:
        raise DamagedBook("This book is refused: one of its parts declares entities.", part=what)
    return root


def page(data: bytes, *, encoding: str | None = None) -> Any:
    """Parse a page: as strict XHTML if it is, else as a browser would, mistakes and all. None when there is nothing."""
    strict = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if encoding is None:
        try:
            return etree.fromstring(_without_entities(data), strict)
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

    return re.sub(_ENTITY.pattern.encode(), replaced, data) if b"&" in data else data


def _without_declaration(data: bytes) -> bytes:
    return re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data, count=1)


def name_of(element: Any) -> str:
    """Return an element's name without its namespace, in lower case; empty for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """Return an attribute's value whatever its namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


class Walk:
    """One walk over one tree, writing into `writer`."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._lists: list[int] = []  # of each open list the next number, or -1 when it has bullets
        self._quotes = 0
        self._rows: list[bool] = []  # for each open table: is it written as rows?
        self._pre = 0

    def over(self, root: Any) -> None:
        """Write everything below `root`."""
        for is_start, element, depth in _events(root):
            if depth > DEEPEST:
                self._text(element.text if is_start else element.tail)
            elif is_start:
                self._enter(element)
                self._text(element.text)
            else:
                self._leave(element)
                if element is not root:
                    self._text(element.tail)
        self.writer.close()

    def _text(self, text: str | None) -> None:
        if text:
            self.writer.write(text)

    def _enter(self, element: Any) -> None:
        name = name_of(element)
        if name in MARKS:
            self._name(element)
            self.writer.open_mark(MARKS[name])
        elif name == "br":
            self.writer.write(" ") if self._in_row() else self.writer.line_break()
        elif name in HEADINGS and not self._in_row():
            self.writer.start("h", level=HEADINGS[name])
            self._name(element)
        else:
            self._enter_block(element, name)

    def _enter_block(self, element: Any, name: str) -> None:
        if name in {"ul", "ol", "menu", "dir"}:
            self._lists.append(_whole(element.get("start"), 1) if name == "ol" else -1)
        elif name == "blockquote":
            self._quotes += 1
        elif name == "table":
            self._rows.append(not self._in_row() and _is_of_rows(element))
        elif name == "pre":
            self._pre += 1
        if name in {"td", "th"} and self._in_row():
            if element.getprevious() is not None:
                self.writer.tab()
        elif name in PARAGRAPHS or name in {"li", "blockquote", "dt", "dd", "pre"}:
            self._new_block(element, name)
        elif name == "hr":
            self.writer.rule()
        self._name(element)

    def _name(self, element: Any) -> None:
        for named in (element.get("id"), element.get("name") if name_of(element) == "a" else None):
            if named:
                self.writer.anchor(named)

    def _new_block(self, element: Any, name: str) -> None:
        """Start the block that `element` opens, in the light of what it stands in."""
        if self._in_row():
            if name == "tr":
                self.writer.start("row")
            else:
                self.writer.write(" ")  # a paragraph inside a cell does not break the row
        elif name == "li":
            self._start_item(element)
        elif self._pre:
            self.writer.start("pre")
        elif name == "dt":
            self.writer.start("term")
        elif name not in {"ul", "ol", "dl", "table"} and self._first_in_item(element):
            return  # the first paragraph of an item is the item
        elif self._quotes:
            self.writer.start("quote", level=self._quotes)
        else:
            self.writer.start("p")

    def _start_item(self, element: Any) -> None:
        number = -1
        if self._lists and self._lists[-1] >= 0:
            number = _whole(element.get("value"), self._lists[-1])
            self._lists[-1] = number + 1
        kind = "oli" if number >= 0 else "li"
        self.writer.start(kind, level=max(len(self._lists), 1), number=max(number, 0))

    def _first_in_item(self, element: Any) -> bool:
        parent = element.getparent()
        return (
            parent is not None
            and name_of(parent) == "li"
            and not self.writer.has_words
            and self.writer.kind in {"li", "oli"}
        )

    def _leave(self, element: Any) -> None:
        name = name_of(element)
        if name in MARKS:
            self.writer.close_mark()
        elif name in {"ul", "ol", "menu", "dir"}:
            self._lists.pop()
        elif name == "table":
            self._rows.pop()
        elif name == "blockquote":
            self._quotes -= 1
        if name == "pre":
            self._pre -= 1
        if name in HEADINGS or name in PARAGRAPHS or name in {"li", "blockquote", "dt", "dd", "pre"}:
            if not self._in_row() or name == "tr":
                self._after(name)
            else:
                self.writer.write(" ")

    def _after(self, name: str) -> None:
        """Close the block; text that follows directly belongs to what is around it."""
        self.writer.close()
        if self._pre:
            self.writer.start("pre")
        elif self._quotes:
            self.writer.start("quote", level=self._quotes)

    def _in_row(self) -> bool:
        return bool(self._rows) and any(self._rows)


def _events(root: Any) -> Iterator[tuple[bool, Any, int]]:
    """Yield (is_start, element, depth) without recursion; skipped elements, comments and entities only end."""
    stack: list[tuple[Any, Iterator[Any]]] = []
    element: Any = root
    while True:
        if isinstance(element.tag, str) and name_of(element) not in SKIPPED:
            yield True, element, len(stack)
            stack.append((element, iter(element)))
        elif element.tail and stack:
            yield False, element, DEEPEST + 1
        while stack:
            following = next(stack[-1][1], None)
            if following is not None:
                element = following
                break
            done, _ = stack.pop()
            yield False, done, len(stack)
        else:
            return


def _is_of_rows(table: Any) -> bool:
    """Say whether a table holds plain cells. One whose cells hold paragraphs only lays out the page."""
    for cell in table.iter("{*}td", "{*}th"):
        inside = 0
        for element in cell.iterdescendants():
            name = name_of(element)
            inside += name in {"p", "div", "li", "table", "blockquote"} or name in HEADINGS
            if inside > 1:
                return False
    return True


def _whole(text: str | None, otherwise: int) -> int:
    """Return a small number from an attribute."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def visible(element: Any) -> str:
    """Return the text of a small element, as one line."""
    written = Writer()
    Walk(written).over(element)
    written.finish()
    return " ".join(written.text.split()).strip(EDGE)
