"""Pictures and links of a Kindle book, as its pages name them, and its language."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

from books.formats.album import Album
from books.formats.links import is_safe
from books.formats.mobi import places
from books.formats.mobi.palm import NOWHERE, Header, Records

_COVER, _COVER_ADDRESS, _THUMBNAIL = 201, 129, 202  # metadata
_LANGUAGE: Final = 524
_EMBEDDED: Final = re.compile(r"kindle:embed:([0-9A-V]{1,6})", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"recindex:(\d{1,6})")
# The lowest ten bits of a Windows language code
_LANGUAGES: Final = {
    1: "ar", 2: "bg", 3: "ca", 4: "zh", 5: "cs", 6: "da", 7: "de", 8: "el", 9: "en", 10: "es", 11: "fi", 12: "fr",
    13: "he", 14: "hu", 15: "is", 16: "it", 17: "ja", 18: "ko", 19: "nl", 20: "no", 21: "pl", 22: "pt", 24: "ro",
    25: "ru", 26: "hr", 27: "sk", 29: "sv", 30: "th", 31: "tr", 33: "id", 34: "uk", 36: "sl", 42: "vi",
}  # fmt: skip


class Resources:
    """What a page asks about the book around it. `places`: of each (fragment, offset) the place in the text."""

    def __init__(self, records: Records, first: int) -> None:
        self.album = Album()
        self.places: Mapping[tuple[int, int], int] = {}
        self._records, self._first = records, first

    def picture(self, address: str, /) -> int | None:
        """Return the number of the picture at this address."""
        if found := _EMBEDDED.match(address):
            return self._picture(int(found.group(1), 32) - 1)
        found = _NUMBERED.match(address)
        return self._picture(int(found.group(1)) - 1) if found else None

    def _picture(self, resource: int) -> int | None:
        number = self._first + resource
        if self._first == NOWHERE or not 0 <= number < len(self._records) or resource < 0:
            return None
        return self.album.number(f"record {number}", partial(self._records.read, number))

    def drawing(self, data: bytes, base: str, /) -> int | None:
        """Return the number of a drawing in a page."""
        return self.album.drawing(data)

    def link(self, address: str, /) -> str | None:
        """Return a mark's target for an address."""
        if address.startswith("#"):
            return address
        if pair := places.fragment_of(address):
            return f"#{places.name(self.places[pair])}" if pair in self.places else None
        return address if is_safe(address) else None

    def cover(self, head: Header, outer: Header) -> int | None:
        """Return the number of the cover."""
        for one in (head, outer):
            for kind in (_COVER, _THUMBNAIL):
                if one.number(kind) != NOWHERE and (number := self._picture(one.number(kind))) is not None:
                    return number
            for address in one.values(_COVER_ADDRESS):
                if (number := self.picture(address)) is not None:
                    return number
        return None


def language(head: Header) -> str:
    """Return the language a book says it is in."""
    return next(iter(head.values(_LANGUAGE)), "").strip() or _LANGUAGES.get(head.language & 0x3FF, "")
