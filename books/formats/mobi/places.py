"""Turn places in the bytes of a Kindle text into anchors, and its links and pictures into those of a page."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

MOST_PLACES: Final = 100_000
_LONGEST_TAG: Final = 4_000  # bytes that are searched for the beginning of a tag
_BODY: Final = re.compile(rb"<body\b[^<>]{0,2000}>", re.IGNORECASE)
# filepos=0000012345 in a link, recindex="00012" in a picture: what MOBI 6 writes instead of addresses
_FILEPOS: Final = re.compile(rb"""(<a\s[^<>]{0,300}?)\bfilepos\s?=\s?["']?0{0,16}(\d{1,10})["']?""", re.IGNORECASE)
_RECINDEX: Final = re.compile(rb"""(<img\s[^<>]{0,300}?)\brecindex\s?=\s?["']?0{0,16}(\d{1,6})["']?""", re.IGNORECASE)
_OWN_TAGS: Final = re.compile(rb"</?mbp:[^<>]{0,300}>", re.IGNORECASE)
_GUIDE: Final = re.compile(rb"<reference\s([^<>]{1,500})>", re.IGNORECASE)
_GUIDE_PLACE: Final = re.compile(rb"""\bfilepos\s?=\s?["']?0{0,16}(\d{1,10})""", re.IGNORECASE)
_FRAGMENT: Final = re.compile(rb"kindle:pos:fid:([0-9A-V]{1,8}):off:([0-9A-V]{1,12})", re.IGNORECASE)


def name(at: int) -> str:
    """Return the anchor of a place."""
    return f"pos:{at}"


def linked(data: bytes) -> list[int]:
    """Return the places that MOBI 6 links lead to."""
    return [int(found.group(2)) for found in _FILEPOS.finditer(data)][:MOST_PLACES]


def linked_fragments(data: bytes) -> list[tuple[int, int]]:
    """Return (fragment, offset) of the places that KF8 links lead to."""
    found = dict.fromkeys(place.groups() for place in _FRAGMENT.finditer(data))
    return [(int(fragment, 32), int(offset, 32)) for fragment, offset in found][:MOST_PLACES]


def fragment_of(address: str) -> tuple[int, int] | None:
    """Return (fragment, offset) of a KF8 address."""
    found = _FRAGMENT.match(address.encode("ascii", errors="replace"))
    return (int(found.group(1), 32), int(found.group(2), 32)) if found else None


def guide(data: bytes, kind: bytes) -> int | None:
    """Return the place that the guide of a MOBI 6 book names: its "toc", its "text"."""
    for found in _GUIDE.finditer(data):
        said = found.group(1)
        if b"type=" + kind in said.replace(b'"', b"").replace(b"'", b"").lower():
            place = _GUIDE_PLACE.search(said)
            return int(place.group(1)) if place else None
    return None


def as_page(data: bytes) -> bytes:
    """Write the links, pictures and page breaks of MOBI 6 as a page has them."""
    data = _FILEPOS.sub(rb'\1href="#pos:\2"', data)
    data = _RECINDEX.sub(rb'\1src="recindex:\2"', data)
    return _OWN_TAGS.sub(b"<div></div>", data)


def anchored(data: bytes, places: Iterable[int], *, start: int = 0) -> bytes:
    """Put an anchor at each of these places; `data` begins at place `start` of the text."""
    body = _BODY.search(data)
    least = body.end() if body else 0
    cuts: dict[int, list[int]] = {}
    for place in places:
        cuts.setdefault(_outside(data, max(place - start, least)), []).append(place)
    parts: list[bytes] = []
    last = 0
    for cut in sorted(cuts):
        parts.append(data[last:cut])
        parts += [b'<span id="pos:%d"></span>' % place for place in cuts[cut]]
        last = cut
    return b"".join([*parts, data[last:]])


def within(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    """Return those of the sorted places that lie in [start, end)."""
    return places[bisect_left(places, start) : bisect_right(places, end - 1)]


def _outside(data: bytes, at: int) -> int:
    """Return where an anchor may stand: before the tag that `at` is in, and not inside a character."""
    at = min(at, len(data))
    opened = data.rfind(b"<", max(at - _LONGEST_TAG, 0), at)
    if opened >= 0 and data.find(b">", opened, at) < 0:
        return opened
    while at and at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    return at
