"""The drawings (SVG) of an EPUB, which may name pictures of the book."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from books.errors import BookError
from books.formats import tree
from books.formats.context import joined
from books.formats.drawings import standing
from books.formats.epub.package import resolved
from books.formats.sources import Archive

MOST_BYTES: Final = 12 * 1024 * 1024  # of the pictures that a drawing names
_BEGIN_INSIDE: Final = re.compile(rb"""href\s{0,9}=\s{0,9}(["'])data:image/(?:jpe?g|png|gif|webp);base64,""")
_MOST_INSIDE: Final = 100  # pictures of one drawing that are looked at


@dataclass(frozen=True, slots=True)
class Found:
    """What a drawing's file holds: something to draw, or only a frame around a picture, whose address is `framed`."""

    is_drawn: bool
    framed: str

    @property
    def is_framed(self) -> bool:
        """Say whether it frames a picture of the book."""
        return not self.is_drawn and bool(self.framed) and not self.framed.startswith("data:")

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to show."""
        return not self.is_drawn and not self.framed


def found(data: bytes) -> Found:
    """Look at a drawing; raises DamagedBook when it cannot be read."""
    seen = standing.look(tree.forgiving_xml(data, what="a drawing"))
    is_drawn = seen.is_drawn or bool(seen.words)
    return Found(is_drawn, next((address.strip() for address in seen.pictures if address.strip()), ""))


def read(archive: Archive, member: str, data: Callable[[], bytes]) -> bytes:
    """Return a drawing with the pictures that it names inside it, or the one that it frames."""
    body = data()
    if b"image" not in body:
        return body
    root = tree.forgiving_xml(body, what="a drawing")
    if not (seen := standing.look(root)).is_drawn and not seen.words and (inside := _inside(body)):
        return inside
    left = MOST_BYTES

    def held(address: str) -> str:
        """Return a picture of the book as an address that holds it."""
        nonlocal left
        if ":" in address or not address.strip():
            return ""
        try:
            picture = archive.read(resolved("", joined(member, address))[0])
        except BookError:
            return ""
        left -= len(picture)
        return f"data:image/png;base64,{base64.b64encode(picture).decode()}" if left >= 0 else ""

    return standing.with_pictures(body, root, held)


def _inside(data: bytes) -> bytes:
    """Return the largest picture inside a drawing that holds nothing else."""
    begins = islice(_BEGIN_INSIDE.finditer(data), _MOST_INSIDE)
    pictures = [data[begin.end() : data.find(begin.group(1), begin.end())] for begin in begins]
    return binascii.a2b_base64(max(pictures, key=len)) if pictures else b""
