"""Unpack the text records of a Kindle book: plain, PalmDOC, or Huffman codes with a dictionary of phrases."""

import re
import struct
from collections.abc import Callable
from typing import Final

from books.errors import DamagedBook, TooDemanding
from books.formats.mobi.palm import NOWHERE, Header, Records

LARGEST_PACKED: Final = 256 * 1024  # bytes of a text record as it lies in the file; real ones have 4 kB
LARGEST_PART: Final = 1024 * 1024  # bytes that may come out of one; real ones give 4 or 8 kB
_DEEPEST_PHRASE: Final = 32  # phrases inside phrases
_MOST_PHRASES: Final = 1 << 20
_LARGEST_DICTIONARY: Final = 64 * 1024 * 1024  # bytes of all phrases, unpacked
_MOST_LOST: Final = 500  # records; trying thousands more would take minutes and give nothing
_PLAIN: Final = re.compile(rb"[\x00\x09-\x7f]+")

Unpack = Callable[[bytes], bytes]


def text_of(records: Records, head: Header, *, first: int, most: int) -> tuple[bytes, int]:
    """Return the whole text and how many of its records were lost; blanks stand for those, so that places stay."""
    unpack = _way(records, head, first)
    parts: list[bytes] = []
    size = lost = 0
    for number in range(first + 1, min(first + 1 + head.text_records, len(records))):
        data = records.read(number, most=LARGEST_PACKED)
        try:
            part = unpack(_without_trailing(data, head.trailing))
            lost += not data
        except (IndexError, ValueError, struct.error):
            part, lost = b" " * head.record_size, lost + 1
        if lost > _MOST_LOST:
            raise DamagedBook("This book is damaged: its text cannot be unpacked.")
        size += len(part)
        if size > most:
            raise TooDemanding("This book holds more text than Mindory keeps of one book.")
        parts.append(part)
    lost += max(head.text_records - len(parts), 0)
    return b"".join(parts), lost


def _way(records: Records, head: Header, first: int) -> Unpack:
    if head.compression == 1:
        return bytes
    if head.compression == 2:
        return palmdoc
    if head.compression == 17480 and head.huff != NOWHERE:
        count = min(head.huffs, len(records))
        packed = [records.read(first + head.huff + number) for number in range(count)]
        try:
            return Phrases(packed).unpack
        except (IndexError, ValueError, struct.error) as error:
            raise DamagedBook("This book is damaged: the dictionary of its text cannot be read.") from error
    raise DamagedBook("This book is damaged: its text is packed in a way that no Kindle book is.")


def _without_trailing(data: bytes, bits: int) -> bytes:
    """Drop what stands behind the text: one entry for each bit, the last one for characters cut in two."""
    for _ in range((bits >> 1).bit_count()):
        length = 0
        for byte in data[-4:]:
            length = byte & 0x7F if byte & 0x80 else length << 7 | byte
        data = data[: max(len(data) - length, 0)]
    if bits & 1 and data:
        data = data[: max(len(data) - (data[-1] & 3) - 1, 0)]
    return data


def palmdoc(data: bytes) -> bytes:
    """Unpack bytes that may repeat what stands up to 2,047 bytes before them."""
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        byte = data[at]
        if byte == 0 or 9 <= byte <= 0x7F:
            run = _PLAIN.match(data, at)
            assert run is not None
            out += run.group()
            at = run.end()
        elif byte <= 8:
            out += data[at + 1 : at + 1 + byte]
            at += 1 + byte
        elif byte >= 0xC0:
            out.append(0x20)
            out.append(byte ^ 0x80)
            at += 1
        else:
            pair = byte << 8 | data[at + 1]
            distance, length = (pair & 0x3FFF) >> 3, (pair & 7) + 3
            if not 0 < distance <= len(out):
                raise ValueError("a repetition of what is not there")
            start = len(out) - distance
            piece = out[start : start + length]
            out += (piece * (length // distance + 1))[:length] if distance < length else piece
            at += 2
        if len(out) > LARGEST_PART:
            raise ValueError("more comes out than fits a record")
    return bytes(out)


class Phrases:
    """Huffman codes that stand for phrases, which may be packed themselves with the same codes."""

    def __init__(self, records: list[bytes]) -> None:
        """Read the HUFF record and the CDIC records after it."""
        huff = records[0]
        if huff[:4] != b"HUFF":
            raise ValueError("no codes")
        short, long = struct.unpack_from(">II", huff, 8)
        self._short = [_short_code(code) for code in struct.unpack_from(">256I", huff, short)]
        edges = struct.unpack_from(">64I", huff, long)
        self._least = [0, *(edges[2 * n] << (31 - n) for n in range(32))]
        self._most = [0, *(((edges[2 * n + 1] + 1) << (31 - n)) - 1 for n in range(32))]
        self._phrases: list[tuple[bytes, bool]] = []  # (bytes, are they plain?)
        for record in records[1:]:
            self._add(record)
        self._open: set[int] = set()  # phrases being unpacked: one that needs itself never ends
        self._kept = 0  # bytes of phrases that were packed

    def _add(self, record: bytes) -> None:
        if record[:4] != b"CDIC":
            raise ValueError("no phrases")
        total, bits = struct.unpack_from(">II", record, 8)
        count = min(1 << min(bits, 20), total - len(self._phrases), _MOST_PHRASES - len(self._phrases))
        count = min(count, (len(record) - 16) // 2)
        for number in range(count):
            (at,) = struct.unpack_from(">H", record, 16 + 2 * number)
            (length,) = struct.unpack_from(">H", record, 16 + at)
            start = 18 + at
            self._phrases.append((record[start : start + (length & 0x7FFF)], bool(length & 0x8000)))

    def unpack(self, data: bytes, depth: int = 0) -> bytes:
        """Return the text of a record, or of a phrase inside `depth` others."""
        if depth > _DEEPEST_PHRASE:
            raise ValueError("phrases nested too deep")
        out: list[bytes] = []
        size, left, at, shift = 0, len(data) * 8, 0, 32
        data += b"\0" * 8
        window = int.from_bytes(data[:8], "big")
        while True:
            if shift <= 0:
                at += 4
                window = int.from_bytes(data[at : at + 8].ljust(8, b"\0"), "big")
                shift += 32
            code = (window >> shift) & 0xFFFFFFFF
            length, is_final, most = self._short[code >> 24]
            if not is_final:
                while code < self._least[length]:
                    length += 1
                most = self._most[length]
            if length == 0:
                raise ValueError("a code of no length")
            shift -= length
            left -= length
            if left < 0:
                return b"".join(out)
            phrase = self._phrase((most - code) >> (32 - length), depth)
            size += len(phrase)
            if size > LARGEST_PART:
                raise ValueError("more comes out than fits a record")
            out.append(phrase)

    def _phrase(self, number: int, depth: int) -> bytes:
        if number < 0:
            raise ValueError("no such phrase")
        data, is_plain = self._phrases[number]
        if is_plain:
            return data
        if number in self._open:
            raise ValueError("a phrase that needs itself")
        self._open.add(number)
        try:
            data = self.unpack(data, depth + 1)
        finally:
            self._open.discard(number)
        self._kept += len(data)
        if self._kept > _LARGEST_DICTIONARY:
            raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")
        self._phrases[number] = (data, True)
        return data


def _short_code(code: int) -> tuple[int, bool, int]:
    """Return (length, is it complete?, largest code of this length) for the first eight bits of a code."""
    length = code & 0x1F
    return length, bool(code & 0x80), (((code >> 8) + 1) << (32 - length)) - 1 if length else 0
