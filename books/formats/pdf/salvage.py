"""Make a PDF that pdfium cannot open into one that it can: find its objects again, and list them anew.

A file that was cut off has lost the list of its objects, and often the catalog: both stand at the end.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

LARGEST: Final = 128 * 1024 * 1024  # bytes
_MOST_OBJECTS: Final = 1_000_000
_LARGEST_STREAM: Final = 16 * 1024 * 1024  # bytes, unpacked, of one stream that holds objects
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024  # all of them
_HEAD: Final = 4096  # bytes of an object that are looked at
_OBJECT: Final = re.compile(rb"(?<![0-9])([0-9]{1,7})[ \t\r\n]{1,4}[0-9]{1,5}[ \t\r\n]{1,4}obj\b")
_CATALOG: Final = re.compile(rb"/Type\s{0,4}/Catalog\b")
_PAGES: Final = re.compile(rb"/Pages\s{1,4}([0-9]{1,7})\s")
_PAGE: Final = re.compile(rb"/Type\s{0,4}/Page(?![A-Za-z])")
_PARENT: Final = re.compile(rb"/Parent\s{1,4}([0-9]{1,7})\s")
_OF_OBJECTS: Final = re.compile(rb"/Type\s{0,4}/ObjStm\b")
_NUMBERS: Final = re.compile(rb"/(N|First|Length)\s{1,4}([0-9]{1,9})")


def mended(file: BinaryIO, size: int) -> io.BytesIO | None:
    """Return the same document with a new list of its objects, or None when it has no pages."""
    if size > LARGEST:
        return None
    file.seek(0)
    body = bytearray(file.read())
    places = {int(found.group(1)): found.start() for found in _OBJECT.finditer(body)}
    if not places or len(places) > _MOST_OBJECTS:
        return None
    body += b"\n"
    for number, inner in list(_packed(bytes(body), places)):
        if number not in places:
            _add(body, places, number, inner)
    root = _root(body, places)
    if root is None:
        return None
    _close(body, places, root)
    return io.BytesIO(bytes(body))


def _add(body: bytearray, places: dict[int, int], number: int, inner: bytes) -> None:
    places[number] = len(body)
    body += b"%d 0 obj\n%s\nendobj\n" % (number, inner)


def _packed(body: bytes, places: dict[int, int]) -> Iterator[tuple[int, bytes]]:
    """Yield the objects that are packed into streams."""
    left = _LARGEST_UNPACKED
    for place in sorted(places.values()):
        start = body.find(b"stream", place, place + _HEAD)
        head = body[place:start] if start >= 0 else b""
        if not _OF_OBJECTS.search(head):
            continue
        start += 8 if body[start + 6 : start + 8] == b"\r\n" else 7
        numbers = {name: int(value) for name, value in _NUMBERS.findall(head)}
        end = body.find(b"endstream", start)
        raw = body[start : end if end >= 0 else None]
        unpacked = _unpacked(raw, min(_LARGEST_STREAM, left)) if b"/FlateDecode" in head else raw
        left -= len(unpacked)
        yield from _inner(unpacked, numbers.get(b"N", 0), numbers.get(b"First", 0))
        if left <= 0:
            return


def _unpacked(raw: bytes, most: int) -> bytes:
    """Return as much of a packed stream as can be unpacked."""
    try:
        return zlib.decompressobj().decompress(raw, most)
    except zlib.error:
        return b""


def _inner(body: bytes, count: int, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield the objects of a stream, whose head gives their numbers and places."""
    listed = re.findall(rb"[0-9]{1,9}", body[:first])[: 2 * count]
    pairs = [(int(number), first + int(place)) for number, place in zip(listed[::2], listed[1::2], strict=False)]
    for n, (number, place) in enumerate(pairs):
        end = pairs[n + 1][1] if n + 1 < len(pairs) else len(body)
        if number < 10_000_000 and place < end:
            yield number, body[place:end]


def _root(body: bytearray, places: dict[int, int]) -> int | None:
    """Return the number of the catalog, or of a new one over all pages that are there."""
    pages: list[int] = []
    for number, place in sorted(places.items(), key=lambda item: -item[1]):
        head = bytes(body[place : place + _HEAD]).partition(b"endobj")[0]
        if _CATALOG.search(head) and (tree := _PAGES.search(head)) and int(tree.group(1)) in places:
            return number
        if _PAGE.search(head):
            pages.append(number)
    if not pages:
        return None
    top = max(places) + 1
    for number in pages:
        _adopt(body, places, number, top)
    kids = b" ".join(b"%d 0 R" % number for number in reversed(pages))
    box = b"/MediaBox [0 0 612 792]"
    _add(body, places, top, b"<< /Type /Pages /Count %d %s /Kids [%s] >>" % (len(pages), box, kids))
    _add(body, places, top + 1, b"<< /Type /Catalog /Pages %d 0 R >>" % top)
    return top + 1


def _adopt(body: bytearray, places: dict[int, int], number: int, top: int) -> None:
    """Give a page whose parent is lost a new one, so that it keeps what it inherits from one that is not."""
    head = bytes(body[places[number] : places[number] + _HEAD]).partition(b"endobj")[0]
    found = _PARENT.search(head)
    if found and int(found.group(1)) in places:
        return
    inner = head.partition(b"obj")[2]
    _add(body, places, number, inner.replace(found.group(), b"/Parent %d 0 R " % top) if found else inner)


def _close(body: bytearray, places: dict[int, int], root: int) -> None:
    """Write the list of all objects."""
    table = len(body)
    body += b"xref\n"
    for number, place in sorted(places.items()):
        body += b"%d 1\n%010d 00000 n \n" % (number, place)
    body += b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(places) + 1, root, table)
