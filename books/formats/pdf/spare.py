"""A page that brings pdfium down, read by pypdf: its words without their places."""

from typing import Any, Final

from books.formats.pdf.lines import UNITS, Sheet
from books.formats.pdf.scans import recognised
from books.formats.sources import Source

# Tenths of a point: places that only keep the lines in their order.
_MARGIN: Final = 720
_LINE: Final = 140
_LETTER: Final = 60
_MOST_LINES: Final = 500


def sheet(source: Source, number: int) -> Sheet:
    """Return page `number`; a lost one when pypdf cannot read it either."""
    from pypdf import PdfReader  # 300 ms that other books need not wait for
    from pypdf.errors import PyPdfError

    found = Sheet(number, has_places=False)
    try:
        source.file.seek(0)
        page = PdfReader(source.file, password=source.options.password or None).pages[number]
        found.width, found.height = int(page.mediabox.width * UNITS), int(page.mediabox.height * UNITS)
        text = page.extract_text()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        found.is_lost = True
        return found
    lines = [line for line in text.splitlines() if line.strip()][:_MOST_LINES]
    found.lines = recognised([_placed(line, at) for at, line in enumerate(lines)], found)
    return found


def _placed(line: str, number: int) -> dict[str, Any]:
    top = _MARGIN + number * _LINE
    return {"text": line, "box": [_MARGIN, top, _MARGIN + _LETTER * len(line), top + _LINE * 5 // 7]}
