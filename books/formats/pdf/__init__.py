"""PDF: pdfium gives the words of each page, pypdf the outline and the properties.

pdfium is C++ and is known to abort its process on some files: it only ever runs in the parser's child.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook
from books.formats import language
from books.formats.division import Heading, divide, entries, one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.pdf.document import opened
from books.formats.reflow import Layout, ends_paragraph, paragraphs
from books.formats.sources import Source
from books.formats.writer import Writer

PAGES_A_SECTION: Final = 20  # when there is no outline
MOST_PAGES: Final = 20_000
RUNNING_LINES: Final = 2  # at the head or foot of a page: its title and its number
_HYPHEN: Final = re.compile("[\ufffe\x02]\\s*$")
_PAGE_NUMBER: Final = re.compile(
    r"[-–—\s]*(?:page\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:/|of)\s*\d{1,5})?[-–—\s]*$", re.IGNORECASE
)


class Pdf:
    """The parser for PDF."""

    name = "pdf"
    label = "PDF"

    def recognises(self, source: Source, /) -> bool:
        """The header may stand anywhere in the first kilobyte."""
        return b"%PDF-" in source.start[:1024]

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read every page, then divide by the outline."""
        pages = _pages(source, told)
        if not any(line.strip() for page in pages for line in page):
            raise EmptyBook("There is no text in this PDF: its pages are pictures. Mindory cannot read scans yet.")
        meta, outline = _properties(source)
        body = _without_running_heads(pages)
        written, starts = _written(body)
        marks = [Heading(title, starts[min(page, len(starts) - 1)], depth) for title, page, depth in outline]
        cuts = marks or [
            Heading(f"{first + 1}–{min(first + PAGES_A_SECTION, len(starts))}", starts[first])
            for first in range(0, len(starts), PAGES_A_SECTION)
        ]
        pieces = divide(written, cuts)
        sections = [piece.section for piece in pieces]
        return ParsedBook(
            format="pdf",
            sections=sections,
            contents=entries(cuts, pieces),
            title=one_line(meta.get("title", "")),
            authors=[one_line(meta["author"])] if meta.get("author") else [],
            language=language.settled("", (section.text for section in sections)),
            details={"pages": len(pages)},
        )


def _pages(source: Source, told: Told) -> list[list[str]]:
    """Return the lines of every page."""
    with opened(source) as document:
        count = len(document)
        if count > MOST_PAGES:
            raise DamagedBook("This PDF is refused: it says it has more than 20,000 pages.")
        pages: list[list[str]] = []
        for number in range(count):
            pages.append(_lines(document, number))
            told(number + 1, count)
    return pages


def _lines(document: Any, number: int) -> list[str]:
    import pypdfium2

    try:
        page = document[number]
        words = page.get_textpage()
        text = str(words.get_text_range())
        words.close()
        page.close()
    except pypdfium2.PdfiumError:
        return []  # one broken page is no reason to lose the book
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _without_running_heads(pages: Sequence[list[str]]) -> list[list[str]]:
    """Drop page numbers and lines that stand at the top or foot of many pages."""
    counts: Counter[str] = Counter()
    for page in pages:
        edge = [line for line in page if line.strip()]
        counts.update({_shape(line) for line in (*edge[:1], *edge[-1:])})
    often = max(4, len(pages) * 0.15)
    running = {shape for shape, count in counts.items() if count >= often and len(shape) < 100}
    return [_trimmed(page, running) for page in pages]


def _trimmed(page: list[str], running: set[str]) -> list[str]:
    """Return a page's lines without up to two running lines at its head and at its foot."""
    lines = [line for line in page if line.strip()]
    for _ in range(RUNNING_LINES):
        if len(lines) > 1 and _is_running(lines[0], running):
            lines = lines[1:]
        if len(lines) > 1 and _is_running(lines[-1], running):
            lines = lines[:-1]
    return lines


def _is_running(line: str, running: set[str]) -> bool:
    return _shape(line) in running or bool(_PAGE_NUMBER.match(line))


def _shape(line: str) -> str:
    """Return a line with its numbers made alike."""
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _written(pages: Sequence[list[str]]) -> tuple[Writer, list[int]]:
    """Write the paragraphs; return also at which offset each page begins."""
    layout = Layout.of([line for page in pages for line in page])
    layout = Layout(layout.column, has_blank_lines=False, is_typeset=True)
    written, starts = Writer(), []
    carried: list[str] = []
    for page in pages:
        lines = [*carried, *_unbroken(page)]
        starts.append(written.length if carried else written.length + (2 if written.length else 0))
        carried = _tail(lines, layout)
        for paragraph in paragraphs(lines[: len(lines) - len(carried)], layout):
            written.start("p")
            written.write(paragraph)
            written.close()
    for paragraph in paragraphs(carried, layout):
        written.start("p")
        written.write(paragraph)
    written.finish()
    return written, [min(start, max(written.length - 1, 0)) for start in starts]


def _tail(lines: Sequence[str], layout: Layout) -> list[str]:
    """Return the last lines of a page when their paragraph goes on overleaf."""
    if not layout.column or not lines or ends_paragraph(lines[-1], layout):
        return []
    for number in range(len(lines) - 1, 0, -1):
        if ends_paragraph(lines[number - 1], layout):
            return list(lines[number:])
    return list(lines) if len(lines) < 200 else []


def _unbroken(lines: Sequence[str]) -> list[str]:
    """Join words that a hyphen divides at a line's end, where pdfium marks the hyphen as such."""
    joined: list[str] = []
    for line in lines:
        if joined and _HYPHEN.search(joined[-1]):
            head, _, rest = line.lstrip().partition(" ")
            joined[-1] = _HYPHEN.sub("", joined[-1]) + head
            line = rest
        if line.strip():
            joined.append(line)
    return [_HYPHEN.sub("-", line) for line in joined]


def _properties(source: Source) -> tuple[dict[str, str], list[tuple[str, int, int]]]:
    """Return the properties and the outline [(title, page, depth)]; neither is worth failing for."""
    from pypdf import PdfReader  # 300 ms that other formats need not wait for
    from pypdf.errors import PyPdfError

    try:
        source.file.seek(0)
        reader = PdfReader(source.file, strict=False)
        found: Any = reader.metadata or {}
        meta = {name: str(found.get(f"/{name.title()}") or "") for name in ("title", "author")}
        return meta, list(_outline(reader, reader.outline, 0))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        return {}, []


def _outline(reader: Any, items: Sequence[Any], depth: int) -> Iterator[tuple[str, int, int]]:
    for item in items:
        if isinstance(item, list):
            if depth < 12:
                yield from _outline(reader, item, depth + 1)
        elif item.title and (page := reader.get_destination_page_number(item)) is not None and page >= 0:
            yield one_line(str(item.title)), page, depth
