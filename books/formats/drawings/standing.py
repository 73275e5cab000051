"""What a drawing is made of, before anything is drawn: pictures, words, shapes. Looked at while a page is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from books.formats.drawings.names import NOT_SHOWN, SHAPES
from books.formats.tree import attribute, name_of

_NOT_SHOWN: Final = frozenset(name.lower() for name in NOT_SHOWN) | {"style", "script", "foreignobject", "metadata"}
_WORDS: Final = frozenset({"text", "tspan", "textpath"})
MOST_PICTURES: Final = 200


@dataclass(slots=True)
class Standing:
    """The addresses of pictures in a drawing, its title, its words, and which shapes it has."""

    pictures: list[str] = field(default_factory=list)
    title: str = ""
    words: str = ""
    shapes: set[str] = field(default_factory=set)

    @property
    def is_drawn(self) -> bool:
        """Say whether there is more to see than words, or a picture on a ground or in a frame."""
        return bool(self.shapes) and not (self.pictures and self.shapes <= {"rect"} and not self.words)

    @property
    def label(self) -> str:
        """Return what stands for the drawing where it cannot be seen."""
        return self.title or self.words


def look(drawing: Any) -> Standing:
    """Look through an `svg` element."""
    found, words = Standing(), []
    walk = etree.iterwalk(drawing, events=("start", "end"))
    for event, inside in walk:
        if event == "end":
            words.append((inside.tail or "") if name_of(inside) in {"tspan", "textpath"} else "")
            continue
        name = name_of(inside)
        if name in _NOT_SHOWN:
            walk.skip_subtree()
        elif name == "image" and len(found.pictures) < MOST_PICTURES:
            found.pictures.append(attribute(inside, "href"))
        elif name in SHAPES or (name == "use" and attribute(inside, "href").strip().startswith("#")):
            found.shapes.add(name)
        elif name == "title":
            found.title = found.title or " ".join((inside.text or "").split())
        elif name in _WORDS:
            words.append(inside.text or "")
    found.words = "".join(words).strip()
    if "use" in found.shapes and not _has_its_own(drawing):
        found.shapes.discard("use")
    return found


def _has_its_own(drawing: Any) -> bool:
    """Say whether a drawing holds a thing that it uses: it may stand in another one."""
    ids = {one.get("id") for one in drawing.iter() if isinstance(one.tag, str)}
    uses = (attribute(one, "href").strip()[1:] for one in drawing.iter() if name_of(one) == "use")
    return any(name in ids for name in uses)


def is_hidden(said: dict[str, str]) -> bool:
    """Say whether a drawing in a page only holds parts for others."""
    style = said.get("style", "")[:1_000].replace(" ", "").lower()
    is_nothing = said.get("width", "").strip() == "0" or said.get("height", "").strip() == "0"
    return "hidden" in said or "display:none" in style or is_nothing


def written_out(drawing: Any) -> bytes:
    """Return a drawing in a page as a file of its own."""
    return bytes(etree.tostring(drawing, encoding="utf-8", with_tail=False))


def with_pictures(data: bytes, root: Any, picture: Callable[[str], str]) -> bytes:
    """Return a drawing whose pictures have other addresses; `picture` gives them, or nothing."""
    images = [one for one in root.iter() if name_of(one) == "image"][:MOST_PICTURES]
    for image in images:
        address = picture(attribute(image, "href"))
        for key in [key for key in image.attrib if address and key.rpartition("}")[2].rpartition(":")[2] == "href"]:
            image.set(key, address)
    return bytes(etree.tostring(root, encoding="utf-8")) if images else data
