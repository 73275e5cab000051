"""What rendering must know beside the text: which pictures there are, and which way the book runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

from books.models import Picture

VERSION: Final = 12  # characters of a digest: another picture has another address, so a browser keeps it for ever
GLYPH: Final = ' class="glyph"'
LARGEST_GLYPH: Final = 64  # pixels; a picture of this height stands in a line like a character


@dataclass(frozen=True, slots=True)
class Look:
    """The pictures of a book that may be shown, by number, and whether it runs from right to left."""

    book: int = 0
    pictures: Mapping[int, Picture] = field(default_factory=dict)
    is_rtl: bool = False

    def picture(self, target: str, label: str, *, in_line: bool = False, in_link: bool = False) -> str:
        """Return a picture that leads to itself, or a place that names it when it is not there."""
        found = self.pictures.get(int(target)) if target.isdecimal() else None
        if found is None:
            return f'<span class="nopicture" role="img" aria-label="{escape(label)}"></span>' if label else ""
        address = f"/books/{self.book}/pictures/{found.number}?v={found.digest[:VERSION]}"
        is_glyph = in_line and found.height <= LARGEST_GLYPH
        drawn = (
            f'<img{GLYPH if is_glyph else ""} src="{address}" alt="{escape(label)}" '
            f'width="{found.width}" height="{found.height}" loading="lazy" decoding="async">'
        )
        return drawn if is_glyph or in_link else f'<a class="zoom" href="{address}" data-zoom>{drawn}</a>'


PLAIN: Final = Look()
