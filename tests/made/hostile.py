"""Files that mean harm, or that somebody broke: archives, XML and PDFs, made in code.

Everything here is small; what it would become is not.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from tests.books_made import CHAPTERS, epub_members, zipped

LOCAL = struct.Struct("<4s5H3I2H")
ENTRY = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
MEGABYTE = 1024 * 1024


def members(chapters: int = 3) -> dict[str, str | bytes]:
    """Return the members of a small good EPUB."""
    return epub_members("x", dict(list(CHAPTERS.items())[:chapters]))


def deflated(data: bytes) -> bytes:
    """Return raw deflate."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def zeros(megabytes: int, character: bytes = b"a") -> bytes:
    """Return raw deflate of very many equal bytes, without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = character * MEGABYTE
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def by_hand(
    files: Sequence[tuple[str, bytes, int, int]],
    *,
    flags: int = 0,
    directory: bool = True,
    names_inside: Sequence[str] = (),
) -> bytes:
    """Return an archive of raw deflate: (name, packed, size it tells, CRC it tells), as no tool would write it."""
    out, entries = bytearray(), bytearray()
    for number, (name, packed, size, crc) in enumerate(files):
        at = len(out)
        inside = (names_inside[number] if names_inside else name).encode()
        out += LOCAL.pack(b"PK\x03\x04", 20, flags, 8, 0, 0, crc, len(packed), size, len(inside), 0) + inside + packed
        raw = name.encode()
        entries += ENTRY.pack(
            b"PK\x01\x02", 20, 20, flags, 8, 0, 0, crc, len(packed), size, len(raw), 0, 0, 0, 0, 0, at
        )
        entries += raw
    if directory:
        count = min(len(files), 0xFFFF)
        out += entries + END.pack(b"PK\x05\x06", 0, 0, count, count, len(entries), len(out), 0)
    return bytes(out)


def honest(files: Mapping[str, str | bytes]) -> list[tuple[str, bytes, int, int]]:
    """Return members as `by_hand` takes them, with nothing but the truth."""
    found = []
    for name, body in files.items():
        data = body.encode() if isinstance(body, str) else body
        found.append((name, deflated(data), len(data), zlib.crc32(data)))
    return found


def bomb(megabytes: int = 256) -> bytes:
    """Return an EPUB whose first page unpacks to 256 MB, as its header says."""
    files = [file for file in honest(members()) if file[0] != "OEBPS/c0.xhtml"]
    return by_hand([*files, ("OEBPS/c0.xhtml", zeros(megabytes), megabytes * MEGABYTE, 0)])


def lying_bomb(megabytes: int = 256) -> bytes:
    """Return the same, whose header says ten bytes."""
    files = [file for file in honest(members()) if file[0] != "OEBPS/c0.xhtml"]
    return by_hand([*files, ("OEBPS/c0.xhtml", zeros(megabytes), 10, 0)])


def many_small_bombs(pages: int = 300) -> bytes:
    """Return an EPUB each of whose pages is allowed and all together are not: 300 pages of 1 MB."""
    names = {f"c{number}": "" for number in range(pages)}
    files = [file for file in honest(epub_members("x", names)) if not file[0].startswith("OEBPS/c")]
    page = b"<html><body><p>" + b"a" * (MEGABYTE - 100)
    packed = deflated(page)
    return by_hand([*files, *((f"OEBPS/c{n}.xhtml", packed, len(page), zlib.crc32(page)) for n in range(pages))])


def overlapping(count: int = 250) -> bytes:
    """Return an EPUB many of whose members are the same bytes (after Fifield's flat bomb)."""
    whole = bytearray(by_hand(honest(epub_members("x", {f"c{n}": "" for n in range(count)}))))
    packed = zeros(10)
    at = whole.index(b"PK\x01\x02")
    kernel = (
        LOCAL.pack(b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), 10 * MEGABYTE, 14, 0) + b"OEBPS/c0.xhtml" + packed
    )
    entries = bytearray(whole[at : whole.rindex(b"PK\x05\x06")])
    place = 0
    while place < len(entries):
        fields = list(ENTRY.unpack_from(entries, place))
        name = bytes(entries[place + ENTRY.size : place + ENTRY.size + fields[10]])
        if name.startswith(b"OEBPS/c"):
            fields[7:10] = [0, len(packed), 10 * MEGABYTE]
            fields[16] = at
            ENTRY.pack_into(entries, place, *fields)
        place += ENTRY.size + fields[10]
    out = whole[:at] + kernel
    total = whole.count(b"PK\x01\x02")
    return bytes(out + entries + END.pack(b"PK\x05\x06", 0, 0, total, total, len(entries), len(out), 0))


def nested(depth: int = 5) -> bytes:
    """Return an archive in an archive in an archive."""
    inside = zipped({f"bomb{number}.txt": b"0" * 100_000 for number in range(10)})
    for level in range(depth):
        inside = zipped({f"level{level}-{number}.zip": inside for number in range(4)})
    return inside


def crowd(count: int = 60_000) -> bytes:
    """Return an EPUB with very many empty members."""
    empty = deflated(b"")
    return by_hand([*honest(members()), *((f"f{number}", empty, 0, 0) for number in range(count))])


def linked() -> bytes:
    """Return an EPUB one of whose pages is a symbolic link."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members().items():
            archive.writestr(name, body)
        link = zipfile.ZipInfo("OEBPS/link.xhtml")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def doubled(*, equal: bool) -> bytes:
    """Return an EPUB that holds its first page twice."""
    files = honest(members())
    page = next(file for file in files if file[0] == "OEBPS/c0.xhtml")
    other = b"<html><body><p>Something else.</p></body></html>"
    second = page if equal else (page[0], deflated(other), len(other), zlib.crc32(other))
    return by_hand([*files, second])


def encrypted() -> bytes:
    """Return an EPUB whose members say that they are encrypted."""
    return by_hand(honest(members()), flags=1)


def without_directory() -> bytes:
    """Return an EPUB whose directory was never written: an upload that broke off."""
    return by_hand(honest(members()), directory=False)


def damaged_directory() -> bytes:
    """Return an EPUB whose directory holds rubbish."""
    whole = bytearray(zipped(members()))
    at = whole.index(b"PK\x01\x02")
    whole[at : at + 200] = bytes(range(200))
    return bytes(whole)


def moved() -> bytes:
    """Return an EPUB from whose beginning bytes were lost, so that every offset is wrong."""
    whole = zipped({"lost.txt": "x" * 50, **members()}, compress=False)
    return whole[: 30 + 8] + whole[30 + 8 + 20 :]


def entities() -> str:
    """Return a document type whose entity &laugh; would be a thousand million letters."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return f'<!DOCTYPE x [<!ENTITY l0 "aaaaaaaaaa">{levels}<!ENTITY laugh "{"&l8;" * 10}">]>'


def pdf_bomb(plain: bytes, *, megabytes: int = 990, holding: str = "") -> bytes:
    """Return a PDF in which the content of its only page, or that holding these words, unpacks to about a gigabyte."""
    packer = zlib.compressobj(9)
    line = b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * (MEGABYTE // 36)
    body = b"".join(packer.compress(line) for _ in range(megabytes)) + packer.flush()
    head_at = plain.rindex(b" 0 obj", 0, plain.index(holding.encode())) if holding else plain.index(b"4 0 obj") + 1
    start = plain.rindex(b"\n", 0, head_at) + 1
    end = plain.index(b"endobj", start)
    named = plain[start : plain.index(b" 0 obj", start)]
    head = named + b" 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(body)
    return plain[:start] + head + body + b"\nendstream\n" + plain[end:]


def unzipped(data: bytes) -> dict[str, str | bytes]:
    """Return the members of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
