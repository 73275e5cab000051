"""Write a drawing anew: the elements and attributes that we know, and nothing that could do more than draw."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from books.formats.drawings import measures, styling
from books.formats.drawings.names import (
    ELEMENTS,
    GEOMETRY,
    GRADIENTS,
    LEAVES,
    MARKERS,
    NAMING,
    SHAPES,
    WORDS,
)
from books.formats.tree import attributes, name_of

Rewritten = Callable[[bytes], bytes]  # a picture made of pixels, written anew; nothing when it cannot be read

DEEPEST: Final = 60  # nested elements, also by reference: the rasteriser calls itself for each level
MOST_ELEMENTS: Final = 50_000
MOST_PICTURES: Final = 20
MOST_WORDS: Final = 20_000  # characters
LARGEST: Final = 4_000_000  # characters of numbers
LONGEST_ID: Final = 200
_NAMES: Final = frozenset({"font-family", "fill", "stroke", "clip-path", "mask", "color", "stop-color", *MARKERS})
_XHTML: Final = "{http://www.w3.org/1999/xhtml}"
_SVG: Final = "{http://www.w3.org/2000/svg}"
_INSIDE: Final = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp)(?:;[\w=-]{1,40}){0,3};base64,", re.IGNORECASE)
# A million or more: there the rasteriser miscounts, and ends itself.
_VAST: Final = re.compile(r"(?<![\d.])\d{7}|[eE]\+?0{0,9}(?:[6-9]|[1-9]\d)")
_UNKEEPABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class TooMuch(ValueError):
    """A drawing that is more work than a drawing may be."""


@dataclass(slots=True, eq=False)
class Node:
    """An element of the new drawing. `names`: the elements that it refers to, by what refers to them."""

    name: str
    said: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    tail: str = ""
    names: dict[str, str] = field(default_factory=dict)


class Cleaning:
    """One drawing being written anew."""

    def __init__(self, root: Any, rewritten: Rewritten) -> None:
        self.ids: dict[str, Node] = {}
        self.words: list[str] = []
        self.has_pictures = False
        self._rewritten = rewritten
        self._count = self._pictures = self._letters = self._size = 0
        styles = (one for one in root.iterdescendants() if name_of(one) == "style")
        self._sheet = styling.Sheet("".join(style.itertext()) for style in styles)
        found = self._node(root)
        if found is None or found.name != "svg":
            raise ValueError("no drawing")
        self.root = found
        self._fill(root)

    def _fill(self, root: Any) -> None:
        """Add what is below the root, level by level of an own stack."""
        trail: list[tuple[Iterator[Any], Node, bool]] = [(iter(root), self.root, False)]
        while trail:
            children, parent, is_choice = trail[-1]
            element = next(children, None)
            if element is None:
                trail.pop()
                continue
            node = None if is_choice and parent.children else self._node(element)
            if node is None:
                self._tail(element, parent)
                continue
            if len(trail) >= DEEPEST:
                raise TooMuch("nested too deep")
            parent.children.append(node)
            if node.name in WORDS:
                node.text = self._letter(element.text)
            if parent.name in WORDS:
                node.tail = self._letter(element.tail)
            trail.append((iter(element), node, name_of(element) == "switch"))

    def _tail(self, element: Any, parent: Node) -> None:
        """Keep the words after an element that is left out."""
        if parent.name not in WORDS:
            return
        words = self._letter(element.tail)
        if parent.children:
            parent.children[-1].tail += words
        else:
            parent.text += words

    def _letter(self, text: str | None) -> str:
        text = _UNKEEPABLE.sub("", text or "")
        self._letters += len(text)
        if self._letters > MOST_WORDS:
            raise TooMuch("very many words")
        self.words.append(text)
        return text

    def _node(self, element: Any) -> Node | None:
        """Return an element as far as it is drawn; None when it is not."""
        tag = element.tag
        if not isinstance(tag, str) or (tag.startswith("{") and not tag.startswith((_SVG, _XHTML))):
            return None
        name = ELEMENTS.get(name_of(element))
        if name is None:
            return None
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise TooMuch("very many elements")
        said = attributes(element)
        node = Node(name)
        for key, value in said.items():
            if (known := GEOMETRY.get(key)) is not None:
                node.said[known] = _UNKEEPABLE.sub("", value)
                self._size += len(value)
                if known != "viewBox" and _VAST.search(value):
                    raise TooMuch("a number beyond all drawings")
        if self._size > LARGEST:
            raise TooMuch("a very large drawing")
        self._dress(node, said)
        if name == "image":
            return node if self._show(node, said.get("href", "")) else None
        if name == "use" or name in GRADIENTS or name == "pattern":
            target = said.get("href", "").strip()
            if target.startswith("#") and len(target) <= LONGEST_ID:
                node.names["href"] = target[1:]
            elif name == "use":
                return None
        if (own := said.get("id", "")) and len(own) <= LONGEST_ID:
            node.said["id"] = _UNKEEPABLE.sub("", own)
            self.ids.setdefault(own, node)
        return node

    def _dress(self, node: Node, said: dict[str, str]) -> None:
        """Give an element its look as attributes."""
        look: styling.Look = {}
        for key, value in said.items():
            styling.keep(look, key, value)
        look.update(self._sheet.look(node.name, said))
        if style := said.get("style"):
            look.update(styling.declared(style))
        if node.name not in SHAPES:  # else a group would put markers on all that is in it
            for marker in MARKERS:
                look.pop(marker, None)
        for key in NAMING & look.keys():
            if named := styling.named(look[key]):
                node.names[key] = named
        if node.name in LEAVES and "opacity" in look:
            _fade(look, look.pop("opacity"))
        if "stroke-dasharray" in look and not _is_dashed(look["stroke-dasharray"]):
            del look["stroke-dasharray"]
        if any(_VAST.search(value) for key, value in look.items() if key not in _NAMES):
            raise TooMuch("a number beyond all drawings")
        node.said.update(look)

    def _show(self, node: Node, address: str) -> bool:
        """Put a picture made of pixels into its element; False when it is none, or from elsewhere."""
        head = _INSIDE.match(address[:200])
        self._pictures += 1
        if head is None or self._pictures > MOST_PICTURES:
            return False
        try:
            data = self._rewritten(binascii.a2b_base64(address[head.end() :]))
        except binascii.Error:
            data = b""
        if not data:
            return False
        kind = "png" if data.startswith(b"\x89PNG") else "jpeg" if data.startswith(b"\xff\xd8") else "webp"
        self.has_pictures = True
        node.said["href"] = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        return True


def _fade(look: styling.Look, opacity: str) -> None:
    """Make a shape itself see-through, which is far less work than a sheet of its own for it."""
    for paint in ("fill-opacity", "stroke-opacity"):
        look[paint] = f"{_share(opacity) * _share(look.get(paint, '1')):.4g}"


def _share(text: str) -> float:
    found = measures.numbers(text[:40])
    value = found[0] / (100 if text.strip().endswith("%") else 1) if found else 1.0
    return min(max(value, 0.0), 1.0)


def _is_dashed(text: str) -> bool:
    """Say whether dashes can be seen; very small ones are a line that takes very long."""
    found = measures.numbers(text)
    return 1 <= len(found) <= 32 and min(found) >= 0 and sum(found) >= 0.1
