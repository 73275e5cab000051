"""The index records of a Kindle book: tables of named entries whose values are numbers of seven bits a byte."""

from dataclasses import dataclass
from typing import Final

from books.formats.mobi.palm import NOWHERE, Records

MOST_ENTRIES: Final = 200_000
_MOST_TAGS: Final = 64
_MOST_PARTS: Final = 5_000  # records of one index
_MOST_VALUES: Final = 1_000  # of one tag in one entry


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its name, and the values of each tag."""

    name: bytes
    tags: dict[int, list[int]]

    def value(self, tag: int, place: int = 0) -> int:
        """Return a value, or NOWHERE."""
        found = self.tags.get(tag, [])
        return found[place] if place < len(found) else NOWHERE


@dataclass(frozen=True, slots=True)
class Index:
    """A table, and where its labels are."""

    rows: list[Row]
    records: Records
    first_label: int  # record

    def label(self, offset: int) -> bytes:
        """Return the label at an offset; labels lie in records of 64 kB at most."""
        if offset == NOWHERE or not 0 <= offset >> 16 < 1024:
            return b""
        data = self.records.read(self.first_label + (offset >> 16), most=1 << 20)
        length, at = _number(data, offset & 0xFFFF, len(data))
        return data[at : at + length]


def read(records: Records, number: int) -> Index | None:
    """Return the index that begins with record `number`; None when there is none."""
    head = records.read(number, most=1 << 20)
    if head[:4] != b"INDX":
        return None
    tags, control_bytes = _tags(head)
    parts, labels = _long(head, 24), _long(head, 52)
    rows: list[Row] = []
    for part in range(min(parts, len(records), _MOST_PARTS)):
        data = records.read(number + 1 + part, most=1 << 20)
        if data[:4] != b"INDX" or len(rows) >= MOST_ENTRIES:
            break
        rows += _rows(data, tags, control_bytes, most=MOST_ENTRIES - len(rows))
    return Index(rows, records, number + 1 + parts if labels else NOWHERE)


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _tags(head: bytes) -> tuple[list[tuple[int, int, int, int]], int]:
    """Return (tag, values at a time, mask in a control byte, is it the last of that byte?), and the control bytes."""
    at = _long(head, 4)
    if head[at : at + 4] != b"TAGX":
        return [], 0
    size, control_bytes = _long(head, at + 4), _long(head, at + 8)
    count = min((size - 12) // 4, _MOST_TAGS) if size > 12 else 0
    found = [head[at + 12 + 4 * n : at + 16 + 4 * n] for n in range(count)]
    return [(tag[0], tag[1], tag[2], tag[3]) for tag in found if len(tag) == 4], min(control_bytes, 16)


def _rows(data: bytes, tags: list[tuple[int, int, int, int]], control_bytes: int, *, most: int) -> list[Row]:
    places, count = _long(data, 20), _long(data, 24)
    if data[places : places + 4] != b"IDXT":
        return []
    count = min(count, (len(data) - places - 4) // 2, most)
    starts = [int.from_bytes(data[places + 4 + 2 * n : places + 6 + 2 * n], "big") for n in range(count)]
    rows = []
    for start, end in zip(starts, [*starts[1:], places], strict=True):
        if not start < end <= len(data):
            continue
        length = data[start]
        name = data[start + 1 : start + 1 + length]
        rows.append(Row(name, _values(data[start + 1 + length : end], tags, control_bytes)))
    return rows


def _values(data: bytes, tags: list[tuple[int, int, int, int]], control_bytes: int) -> dict[int, list[int]]:
    """Read one entry: control bytes say which tags it has and how many values, or how many bytes of them."""
    control = 0
    at = control_bytes
    wanted: list[tuple[int, int, int]] = []  # (tag, values, or -1; bytes of values)
    for tag, each, mask, is_last in tags:
        if is_last & 1:
            control += 1
            continue
        if control >= min(control_bytes, len(data)) or not mask:
            continue
        bits = data[control] & mask
        if bits == mask and mask.bit_count() > 1:
            size, at = _number(data, at, len(data))
            wanted.append((tag, -1, size))
        elif bits:
            wanted.append((tag, each * (bits >> ((mask & -mask).bit_length() - 1)), 0))
    found: dict[int, list[int]] = {}
    for tag, count, size in wanted:
        values = found.setdefault(tag, [])
        end = min(at + size, len(data)) if count < 0 else len(data)
        while at < end and len(values) < (_MOST_VALUES if count < 0 else min(count, _MOST_VALUES)):
            value, at = _number(data, at, end)
            values.append(value)
    return found


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a number and where it ends: seven bits a byte, the last byte has its high bit set."""
    value = 0
    for place in range(at, min(at + 5, end)):
        value = value << 7 | data[place] & 0x7F
        if data[place] & 0x80:
            return value, place + 1
    return value, min(at + 5, max(end, at))
