"""What a PDF says about itself: title, author, language, page labels, outline. All of it by pdfium, all bounded."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from lxml import etree

from books.formats.division import one_line
from books.formats.pdf.lines import Sheet, Shown

MOST_ENTRIES: Final = 10_000  # of an outline
DEEPEST: Final = 12
_LONGEST: Final = 4_000  # bytes of a title or a property
_LARGEST_XMP: Final = 1024 * 1024
_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the outline: page from 0, and how far down it (tenths of a point; None: the whole page)."""

    title: str
    depth: int
    page: int
    down: int | None


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says about the book."""

    title: str = ""
    authors: tuple[str, ...] = ()
    language: str = ""
    subject: str = ""
    date: str = ""
    publisher: str = ""


def properties(document: Any, file: BinaryIO) -> Properties:
    """Return the properties: those of the Info dictionary, else those of the XMP packet."""
    import pypdfium2.raw as raw

    info = {name: _string(raw.FPDF_GetMetaText, document, name.encode()) for name in ("Title", "Author", "Subject")}
    language = _string(raw.FPDFCatalog_GetLanguage, document)
    xmp = _xmp(file)
    title = info["Title"] if _is_title(info["Title"]) else xmp.get("title", [""])[0]
    authors = tuple(xmp.get("creator", ())) if not info["Author"] else _authors(info["Author"])
    return Properties(
        title=one_line(title),
        authors=authors,
        language=language or xmp.get("language", [""])[0],
        subject=one_line(info["Subject"] or xmp.get("description", [""])[0]),
        date=xmp.get("date", [""])[0],
        publisher=xmp.get("publisher", [""])[0],
    )


def _is_title(text: str) -> bool:
    """Say whether this is a title, and not the name of the file it was made from."""
    return bool(text.strip()) and not re.search(r"\.(docx?|indd|tex|dvi|pdf|qxd|rtf|odt|pmd)$", text.strip().lower())


def _authors(text: str) -> tuple[str, ...]:
    found = (one_line(name) for name in re.split(r"[;；]|\band\b|&", text))
    return tuple(name for name in found if name)


def _string(function: Any, *arguments: Any) -> str:
    """Return a string that pdfium writes into a buffer of ours, as UTF-16."""
    size = int(function(*arguments, None, 0))
    if not 2 < size <= _LONGEST * 4:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*arguments, buffer, size)
    text = bytes(buffer)[:size].decode("utf-16-le", errors="ignore").rstrip("\0")
    return "".join(letter for letter in text if letter.isprintable() or letter.isspace())[:_LONGEST]


def _xmp(file: BinaryIO) -> dict[str, list[str]]:
    """Return the Dublin Core of the XMP packet; packets are not compressed, so that they can be found like this."""
    found: dict[str, list[str]] = {}
    packet = _packet(file)
    if packet is None:
        return found
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError):
        return found
    if root is None:
        return found
    for name in ("title", "creator", "language", "description", "date", "publisher"):
        for element in root.iter(_DC + name):
            values = [one_line(str(item.text or "")) for item in element.iter(_RDF + "li")]
            values = [value for value in values or [one_line(str(element.text or ""))] if value]
            if values:
                found.setdefault(name, values[:50])
    return found


def _packet(file: BinaryIO) -> bytes | None:
    """Return the last XMP packet of a file, read piece by piece."""
    start = _last(file, b"<x:xmpmeta")
    if start is None:
        return None
    file.seek(start)
    body = file.read(_LARGEST_XMP)
    end = body.find(b"</x:xmpmeta>")
    return body[: end + len(b"</x:xmpmeta>")] if end >= 0 else None


def _last(file: BinaryIO, mark: bytes) -> int | None:
    """Return the last place of `mark`."""
    found, at, tail = None, 0, b""
    file.seek(0)
    while chunk := file.read(1 << 20):
        body = tail + chunk
        if (inside := body.rfind(mark)) >= 0:
            found = at - len(tail) + inside
        at += len(chunk)
        tail = body[-len(mark) + 1 :]
    return found


def label(document: Any, number: int) -> str:
    """Return the label that the file gives a page, if it gives labels."""
    import pypdfium2.raw as raw

    return one_line(_string(raw.FPDF_GetPageLabel, document, number))[:100]


def is_bound_right(document: Any) -> bool:
    """Say whether the file wants its pages turned from the right, as Arabic and upright Japanese books do."""
    import pypdfium2.raw as raw

    buffer = ctypes.create_string_buffer(8)
    size = int(raw.FPDF_VIEWERREF_GetName(document, b"Direction", buffer, len(buffer)))
    return 0 < size <= len(buffer) and buffer.value == b"R2L"


def outline(document: Any, sheets: Sequence[Sheet]) -> Iterator[Target]:
    """Yield the lines of the outline, at most MOST_ENTRIES; one that leads in a circle is followed once."""
    import pypdfium2.raw as raw

    seen: set[int] = set()
    waiting: list[tuple[Any, int]] = [(raw.FPDFBookmark_GetFirstChild(document, None), 0)]
    while waiting and len(seen) < MOST_ENTRIES:
        mark, depth = waiting.pop()
        address = ctypes.cast(mark, ctypes.c_void_p).value
        if not address or address in seen:
            continue
        seen.add(address)
        waiting.append((raw.FPDFBookmark_GetNextSibling(document, mark), depth))
        if depth < DEEPEST:
            waiting.append((raw.FPDFBookmark_GetFirstChild(document, mark), depth + 1))
        title = one_line(_string(raw.FPDFBookmark_GetTitle, mark))
        target = raw.FPDFBookmark_GetDest(document, mark)
        page = raw.FPDFDest_GetDestPageIndex(document, target) if target else -1
        if title and 0 <= page < len(sheets):
            yield Target(title, depth, page, down(target, sheets[page].shown))


def down(target: Any, shown: Shown | None) -> int | None:
    """Return how far down its page a destination is."""
    import pypdfium2.raw as raw

    has_x, has_y, has_zoom = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
    x, y, zoom = ctypes.c_float(), ctypes.c_float(), ctypes.c_float()
    if not raw.FPDFDest_GetLocationInPage(target, has_x, has_y, has_zoom, x, y, zoom) or not has_y.value:
        up = _fit_height(target)
        if up is None:
            return None
        y.value = up
    if shown is None or not abs(y.value) < 1e5:
        return None
    return shown.place(x.value if has_x.value and abs(x.value) < 1e5 else 0, y.value)[1]


def _fit_height(target: Any) -> float | None:
    """Return the height that a destination of the kind FitH names."""
    import pypdfium2.raw as raw

    count, values = ctypes.c_ulong(), (ctypes.c_float * 4)()
    view = raw.FPDFDest_GetView(target, count, values)
    return float(values[0]) if view in (raw.PDFDEST_VIEW_FITH, raw.PDFDEST_VIEW_FITBH) and count.value else None
