"""The Palm database around a Kindle book: numbered records, and what the first of them says about the rest."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from books.errors import DamagedBook

_NAME_END: Final = 78  # where the list of records begins
LARGEST_RECORD: Final = 64 * 1024 * 1024  # bytes; a picture may be large, a text record never
NOWHERE: Final = 0xFFFFFFFF
_CODECS: Final = {
    65001: "utf-8", 932: "cp932", 936: "gb18030", 949: "cp949", 950: "big5hkscs", 1250: "cp1250", 1251: "cp1251",
    1253: "cp1253", 1254: "cp1254", 1255: "cp1255", 1256: "cp1256",
}  # fmt: skip
_MOST_EXTH: Final = 2_000


class Records:
    """The records of a Palm database, read from the file when they are asked for. What lies outside it is empty."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        file.seek(0)
        head = file.read(_NAME_END)
        if len(head) < _NAME_END:
            raise DamagedBook("This book is damaged: it ends before its text.")
        self.kind = head[60:68]
        self.name = head[:32].partition(b"\0")[0]
        (count,) = struct.unpack(">H", head[76:78])
        listed = file.read(8 * count)
        self._offsets = [struct.unpack_from(">I", listed, 8 * at)[0] for at in range(len(listed) // 8)]

    def __len__(self) -> int:
        return len(self._offsets)

    def read(self, number: int, *, most: int = LARGEST_RECORD) -> bytes:
        """Return a record, or nothing when there is none."""
        if not 0 <= number < len(self._offsets):
            return b""
        start = self._offsets[number]
        end = self._offsets[number + 1] if number + 1 < len(self._offsets) else self._size
        if not start < end <= self._size:
            end = self._size if number + 1 < len(self._offsets) and start < self._size < end else start
        if end <= start:
            return b""
        self._file.seek(start)
        return self._file.read(min(end - start, most))


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a book, MOBI 6 or KF8. Numbers of records count from the book's own first record."""

    compression: int
    text_length: int
    text_records: int
    record_size: int
    encryption: int
    is_mobi: bool  # else bare PalmDOC
    codepage: int
    version: int
    title: bytes
    language: int  # a Windows language code
    first_resource: int
    huff: int
    huffs: int
    trailing: int  # bits: what stands behind the text in each record
    ncx: int
    fdst: int
    fragments: int
    skeletons: int
    exth: Mapping[int, Sequence[bytes]]

    @property
    def encoding(self) -> str:
        """Return the codec of the text."""
        return _CODECS.get(self.codepage, "cp1252")

    def values(self, kind: int) -> list[str]:
        """Return the texts of one kind in the metadata."""
        found = [_decoded(data, self.encoding) for data in self.exth.get(kind, ())]
        return [text for text in found if text.strip()]

    def number(self, kind: int) -> int:
        """Return a number in the metadata."""
        found = next(iter(self.exth.get(kind, ())), b"")
        return int.from_bytes(found, "big") if 0 < len(found) <= 4 else NOWHERE


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(encoding, errors="replace")


def header(record: bytes) -> Header:
    """Return what a book's first record says; what it is too short for is not there."""
    if len(record) < 16:
        raise DamagedBook("This book is damaged: its first part is missing.")
    compression, length, texts, size, encryption = struct.unpack_from(">HxxIHHH", record)
    is_mobi = record[16:20] == b"MOBI"
    long = _long(record, 20) if is_mobi else 0  # bytes of the MOBI header, which begins at 16
    known = min(16 + long, len(record))

    def field(at: int, otherwise: int = NOWHERE) -> int:
        return _long(record, at) if at + 4 <= known else otherwise

    version = field(36, 0)
    title_at, title_length = field(84, 0), min(field(88, 0), 2_000)
    return Header(
        compression=compression,
        text_length=length,
        text_records=texts,
        record_size=size or 4096,
        encryption=encryption,
        is_mobi=is_mobi,
        codepage=field(28, 1252),
        version=version,
        title=record[title_at : title_at + title_length],
        language=field(92, 0),
        first_resource=field(108),
        huff=field(112),
        huffs=field(116, 0),
        trailing=field(240, 0) & 0xFFFF if long >= 228 else 0,
        ncx=field(244),
        fdst=field(192) if version >= 8 else NOWHERE,
        fragments=field(248) if version >= 8 else NOWHERE,
        skeletons=field(252) if version >= 8 else NOWHERE,
        exth=_exth(record, 16 + long) if field(128, 0) & 0x40 else {},
    )


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _exth(record: bytes, at: int) -> dict[int, list[bytes]]:
    if record[at : at + 4] != b"EXTH":
        return {}
    found: dict[int, list[bytes]] = {}
    count = min(_long(record, at + 8), _MOST_EXTH)
    at += 12
    for _ in range(count):
        kind, length = _long(record, at), _long(record, at + 4)
        if length < 8 or at + length > len(record):
            break
        found.setdefault(kind, []).append(record[at + 8 : at + length])
        at += length
    return found
