"""Kindle books, written here in code: Palm databases with MOBI 6, KF8 or both inside.

mobi6("<html><body>...", lines=[Line("One", 120)])  -> bytes
kf8(["<html>...<body>...</body></html>"], lines=[])  -> bytes
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NOWHERE = 0xFFFFFFFF
RECORD = 4096
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"


@dataclass(frozen=True)
class Line:
    """A line of the contents. `at`: a byte of the text, or (fragment, offset) in KF8. `parent`: a line's number."""

    title: str
    at: int | tuple[int, int]
    parent: int | None = None


@dataclass
class Made:
    """How a book is made. `exth`: kind -> values."""

    exth: Mapping[int, Sequence[bytes | str | int]] = field(default_factory=dict)
    pictures: Sequence[bytes] = ()
    compression: int = 2
    codepage: int = 65001
    encryption: int = 0
    title: str = "The Sea"
    huff_bits: int = 8


def palm(records: Sequence[bytes], *, kind: bytes = b"BOOKMOBI", name: bytes = b"The_Sea") -> bytes:
    """Return a Palm database of these records."""
    head = name.ljust(32, b"\0") + bytes(28) + kind + bytes(8) + struct.pack(">H", len(records))
    at = len(head) + 8 * len(records) + 2
    listed = b""
    for number, record in enumerate(records):
        listed += struct.pack(">II", at, 2 * number)
        at += len(record)
    return head + listed + b"\0\0" + b"".join(records)


def packed(data: bytes) -> bytes:
    """Pack bytes as PalmDOC does."""
    out = bytearray()
    at = 0
    while at < len(data):
        length = min(10, len(data) - at)
        found = -1
        while length >= 3:
            found = data.rfind(data[at : at + length], max(at - 2047, 0), at + length - 1)
            if 0 <= found < at:
                break
            length -= 1
        byte = data[at]
        if length >= 3 and 0 <= found < at:
            out += struct.pack(">H", 0x8000 | (at - found) << 3 | (length - 3))
            at += length
        elif byte == 0x20 and at + 1 < len(data) and 0x40 <= data[at + 1] <= 0x7F:
            out.append(data[at + 1] ^ 0x80)
            at += 2
        else:
            out += bytes([byte]) if byte == 0 or 9 <= byte <= 0x7F else bytes([1, byte])
            at += 1
    return bytes(out)


def huffed(data: bytes, *, bits: int = 8) -> bytes:
    """Code each byte with as many bits as all the others, the highest code for the first phrase."""
    top = (1 << bits) - 1
    coded = 0
    for byte in data:
        coded = coded << bits | (top - byte)
    spare = -len(data) * bits % 8
    return (coded << spare).to_bytes((len(data) * bits + spare) // 8, "big")


def codes(*, bits: int = 8, phrases: Mapping[int, bytes] | None = None) -> list[bytes]:
    """Return a HUFF and a CDIC record: phrase n is byte n, or the coded bytes that `phrases` gives it."""
    top = (1 << bits) - 1
    short = (top << 8 | 0x80 | 8) if bits == 8 else bits
    edges = [0] * 64
    edges[2 * bits - 1] = top
    huff = b"HUFF" + struct.pack(">III", 24, 24, 24 + 1024) + bytes(8)
    huff += struct.pack(">256I", *[short] * 256) + struct.pack(">64I", *edges)
    places, body = b"", b""
    for number in range(256):
        coded = (phrases or {}).get(number)
        places += struct.pack(">H", 512 + len(body))
        body += struct.pack(">H", 0x8001) + bytes([number]) if coded is None else struct.pack(">H", len(coded)) + coded
    return [huff, b"CDIC" + struct.pack(">III", 16, 256, 8) + places + body]


def number(value: int) -> bytes:
    """Return a number of seven bits a byte, the last one marked."""
    out = [value & 0x7F | 0x80]
    while value := value >> 7:
        out.insert(0, value & 0x7F)
    return bytes(out)


def index(
    rows: Sequence[tuple[bytes, Mapping[int, Sequence[int]]]], tags: Mapping[int, int], labels: bytes
) -> list[bytes]:
    """Return the records of an index. `tags`: tag -> values of it in a row. Rows may lack tags."""
    table = b"".join(bytes([tag, each, 1 << n, 0]) for n, (tag, each) in enumerate(tags.items())) + b"\0\0\0\1"
    head = bytearray(192)
    head[:8] = b"INDX" + struct.pack(">I", 192)
    head[24:28], head[36:40] = struct.pack(">I", 1), struct.pack(">I", len(rows))
    head[28:32], head[52:56] = struct.pack(">I", 65001), struct.pack(">I", 1 if labels else 0)
    head += b"TAGX" + struct.pack(">II", 12 + len(table), 1) + table
    body, places = bytearray(192), []
    for name, values in rows:
        places.append(len(body))
        bits = sum(1 << n for n, tag in enumerate(tags) if tag in values)
        body += bytes([len(name)]) + name + bytes([bits])
        body += b"".join(number(value) for tag in tags for value in values.get(tag, ()))
    body[:8] = b"INDX" + struct.pack(">I", 192)
    body[20:28] = struct.pack(">II", len(body), len(rows))
    body += b"IDXT" + b"".join(struct.pack(">H", at) for at in places)
    return [bytes(head), bytes(body), *([labels] if labels else [])]


def ncx(lines: Sequence[Line]) -> list[bytes]:
    """Return the records of a table of contents."""
    labels, rows = b"", []
    for place, line in enumerate(lines):
        where = {6: line.at} if isinstance(line.at, tuple) else {1: [line.at]}
        parent = {} if line.parent is None else {21: [line.parent]}
        rows.append((b"%03d" % place, {**where, 3: [len(labels)], 4: [0 if line.parent is None else 1], **parent}))
        title = line.title.encode()
        labels += number(len(title)) + title
    return index(rows, {1: 1, 3: 1, 4: 1, 6: 2, 21: 1}, labels)


def _exth(values: Mapping[int, Sequence[bytes | str | int]]) -> bytes:
    found = b""
    count = 0
    for kind, each in values.items():
        for value in each:
            data = (
                struct.pack(">I", value)
                if isinstance(value, int)
                else value.encode()
                if isinstance(value, str)
                else value
            )
            found += struct.pack(">II", kind, 8 + len(data)) + data
            count += 1
    return b"EXTH" + struct.pack(">II", 12 + len(found), count) + found + bytes(-len(found) % 4)


def _head(made: Made, *, version: int, text: bytes, fields: Mapping[int, int]) -> bytes:
    """Return the first record. `fields`: offset -> number."""
    records = -(-len(text) // RECORD)
    head = bytearray(struct.pack(">HxxIHHHxx", made.compression, len(text), records, RECORD, made.encryption))
    head += b"MOBI" + struct.pack(">I", 264) + bytes(256)
    exth = _exth(made.exth)
    title = made.title.encode()
    known = {24: 2, 28: made.codepage, 36: version, 84: len(head) + len(exth), 88: len(title), 92: 9, 128: 0x40}
    for at in (108, 112, 192, 244, 248, 252):
        head[at : at + 4] = struct.pack(">I", NOWHERE)
    for at, value in {**known, **fields}.items():
        head[at : at + 4] = struct.pack(">I", value)
    return bytes(head) + exth + title


def _text(made: Made, text: bytes) -> list[bytes]:
    parts = [text[at : at + RECORD] for at in range(0, len(text), RECORD)]
    if made.compression == 2:
        return [packed(part) for part in parts]
    return [huffed(part, bits=made.huff_bits) for part in parts] if made.compression == 17480 else parts


def _records(
    made: Made, text: bytes, parts: Mapping[int, Sequence[bytes]], *, version: int, first_picture: int = 0
) -> list[bytes]:
    """Return all records; `parts`: the header's field that names them -> records."""
    records = [b"", *_text(made, text)]
    fields: dict[int, int] = {}
    if made.compression == 17480:
        parts = {**parts, 112: codes(bits=made.huff_bits)}
        fields[116] = 2
    for at, some in parts.items():
        if some:
            fields[at] = len(records)
            records += some
    fields[108] = first_picture or len(records)
    records += made.pictures
    records[0] = _head(made, version=version, text=text, fields=fields)
    return records


def mobi6(text: bytes | str, *, lines: Sequence[Line] = (), **made: Any) -> bytes:
    """Return a MOBI 6 book."""
    data = text.encode() if isinstance(text, str) else text
    return palm(_records(Made(**made), data, {244: ncx(lines) if lines else []}, version=6))


def kf8_records(pages: Sequence[str], *, lines: Sequence[Line] = (), **made: Any) -> list[bytes]:
    """Return the records of a KF8 book; what is inside the body of a page is its fragment."""
    text, skeletons, fragments = b"", [], []
    for place, page in enumerate(pages):
        data = page.encode()
        start = data.find(b">", data.find(b"<body")) + 1
        end = data.rfind(b"</body>")
        skeletons.append((b"SKEL%010d" % place, {1: [1], 6: [len(text), len(data) - (end - start)]}))
        fragments.append((b"%010d" % (len(text) + start), {4: [place], 6: [0, end - start]}))
        text += data[:start] + data[end:] + data[start:end]
    style = b"p { color: red }"
    flows = b"FDST" + struct.pack(">IIIIII", 12, 2, 0, len(text), len(text), len(text) + len(style))
    parts = {
        252: index(skeletons, {1: 1, 6: 2}, b""),
        248: index(fragments, {4: 1, 6: 2}, b""),
        192: [flows],
        244: ncx(lines) if lines else [],
    }
    return _records(Made(**made), text + style, parts, version=8)


def kf8(pages: Sequence[str], **made: Any) -> bytes:
    """Return a KF8 book (.azw3)."""
    return palm(kf8_records(pages, **made))


def both(text: str, pages: Sequence[str], **made: Any) -> bytes:
    """Return a file that holds a MOBI 6 book and the same as KF8."""
    inner = kf8_records(pages, **{**made, "pictures": ()})
    count = len(_records(Made(**made), text.encode(), {}, version=6)) + 1
    outer = Made(**{**made, "exth": {**made.get("exth", {}), 121: [count]}})
    return palm([*_records(outer, text.encode(), {}, version=6), b"BOUNDARY", *inner])


def fid(fragment: int, offset: int) -> str:
    """Return the address of an offset in a fragment."""
    return f"kindle:pos:fid:{_base32(fragment, 4)}:off:{_base32(offset, 10)}"


def _base32(value: int, width: int) -> str:
    return "".join(DIGITS[value >> 5 * place & 31] for place in reversed(range(width)))


def xhtml(body: str, *, title: str = "A page") -> str:
    """Return a page of a KF8 book."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head><body>{body}</body></html>'
    )


def tale() -> bytes:
    """Return a plain MOBI 6 book."""
    words = "The sea was calm that day, and nobody came. " * 80
    return mobi6(f"<html><body><h1>One</h1><p>{words}</p><mbp:pagebreak/><h1>Two</h1><p>{words}</p></body></html>")
