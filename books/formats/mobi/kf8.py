"""KF8: pages that were taken apart into skeletons and fragments, and are put together again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from books.errors import TooDemanding
from books.formats.mobi import index
from books.formats.mobi.palm import NOWHERE, Header, Records

_COUNT, _PLACE = 1, 6  # tags of a skeleton
_FRAGMENT_PLACE: Final = 6  # tag of a fragment
MOST_FLOWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """A page: its bytes, and the place in the whole text where it begins."""

    start: int
    data: bytes


class Book:
    """The pages of a KF8 book."""

    def __init__(self, records: Records, head: Header, text: bytes, *, first: int) -> None:
        self._text = text[: _first_flow_end(records, head, first) or len(text)]
        self._skeletons = _rows(records, head.skeletons, first)
        self._fragments = _rows(records, head.fragments, first)
        self._inserted = [_whole(row.name) for row in self._fragments]

    def place(self, fragment: int, offset: int) -> int | None:
        """Return the place in the whole text of an offset in a fragment."""
        return self._inserted[fragment] + offset if fragment < len(self._inserted) else None

    def parts(self) -> Iterator[Part]:
        """Yield the pages in their order; a book without skeletons is one page."""
        if not self._skeletons:
            yield Part(0, self._text)
            return
        used = 0
        left = 2 * len(self._text) + 1024  # honest pages lie side by side
        for skeleton in self._skeletons:
            start, length = skeleton.value(_PLACE, 0), skeleton.value(_PLACE, 1)
            if NOWHERE in (start, length):
                continue
            count = min(skeleton.value(_COUNT), len(self._fragments) - used)
            part = Part(start, self._assembled(start, length, used, count))
            used += count
            left -= len(part.data)
            if left < 0:
                raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")
            yield part

    def _assembled(self, start: int, length: int, first: int, count: int) -> bytes:
        """Put `count` fragments into a skeleton; they lie behind it, each tells where it belongs in the page so far."""
        skeleton = self._text[start : start + length]
        pieces: list[bytes] = []
        done = taken = 0  # bytes of the page so far, bytes of the skeleton in it
        at = start + length
        for number in range(first, first + count):
            size = self._fragments[number].value(_FRAGMENT_PLACE, 1)
            if size == NOWHERE:
                continue
            ahead = min(max(self._inserted[number] - start - done, 0), len(skeleton) - taken)
            fragment = self._text[at : at + size]
            pieces += [skeleton[taken : taken + ahead], fragment]
            taken += ahead
            done += ahead + len(fragment)
            at += size
        return b"".join([*pieces, skeleton[taken:]])


def _rows(records: Records, number: int, first: int) -> list[index.Row]:
    found = index.read(records, first + number) if number != NOWHERE else None
    return found.rows if found else []


def _whole(name: bytes) -> int:
    return int(name) if name.isdigit() and len(name) < 12 else 0


def _first_flow_end(records: Records, head: Header, first: int) -> int:
    """Return where the pages end and style sheets and drawings begin."""
    data = records.read(first + head.fdst, most=1 << 20) if head.fdst != NOWHERE else b""
    return int.from_bytes(data[16:20], "big") if data[:4] == b"FDST" and len(data) >= 20 else 0
