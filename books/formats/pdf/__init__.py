"""PDF: pdfium gives the words of each page with their places; what is read in which order is worked out here.

pdfium is C++ and is known to abort its process on some files: it only ever runs in the parser's child.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from books.errors import DamagedBook, EmptyBook
from books.formats import language
from books.formats.division import Heading, divide, entries
from books.formats.links import linked
from books.formats.parsed import Original, ParsedBook, Told
from books.formats.pdf import furniture, headings, initials, scans, spare, structure
from books.formats.pdf.columns import columns_of
from books.formats.pdf.document import opened
from books.formats.pdf.hyphens import Hyphens
from books.formats.pdf.lines import Sheet, Shown, lines_of
from books.formats.pdf.paragraphs import Style, paragraphs_of
from books.formats.pdf.writing import Pages, Written, written
from books.formats.sources import Source

PAGES_A_SECTION: Final = 20  # when nothing else divides the book
MOST_LOST: Final = 200  # pages in a row that are not there: the file says more than it has
_MOST_NAMED: Final = 20  # pages named in a warning


class Pdf:
    """The parser for PDF."""

    name = "pdf"
    label = "PDF"

    def recognises(self, source: Source, /) -> bool:
        """The header may stand anywhere in the first kilobyte."""
        return b"%PDF-" in source.start[:1024]

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Read every page, then divide by the outline, or by what looks like a heading."""
        warnings: list[str] = []
        with opened(source) as document:
            sheets = _sheets(document, source, told, warnings)
            found = structure.properties(document, source.file)
            targets = list(structure.outline(document, sheets))
            is_bound_right = structure.is_bound_right(document)
        if len(targets) >= structure.MOST_ENTRIES:
            warnings.append("The outline of this PDF is too long: only its beginning was kept.")
        numbers = furniture.without_furniture(sheets)
        for sheet in sheets:
            sheet.label = sheet.label or numbers.get(sheet.number) or str(sheet.number + 1)
        text, marks, named = _text(sheets, targets)
        title = found.title or named
        cuts = marks or _tens(text, sheets)
        pieces = divide(text.writer, cuts, title=title)
        sections = linked(text.writer, pieces)
        recognised = set(source.options.recognised)
        unread = [sheet.number for sheet in sheets if sheet.is_scan and str(sheet.number) not in recognised]
        if not sections and not unread:
            raise EmptyBook("There is no text in this PDF.")
        return ParsedBook(
            format="pdf",
            sections=sections,
            contents=entries(cuts, pieces) if pieces else [],
            title=title,
            authors=found.authors,
            language=language.settled(found.language, (section.text for section in sections)),
            details=_details(found, sheets, is_bound_right=is_bound_right),
            warnings=warnings,
            pages=Pages(sheets, text, pieces),
            scans=unread,
            originals=[] if source.options.is_careful else [Original(0, lambda: _cover(source), "cover")],
            cover=None if source.options.is_careful else 0,
        )


def _cover(source: Source) -> bytes:
    from books.formats.pdf import render  # Pillow, which reading does not need

    return render.cover(source)


def _details(found: structure.Properties, sheets: Sequence[Sheet], *, is_bound_right: bool) -> dict[str, Any]:
    more = {"description": found.subject, "date": found.date, "publisher": found.publisher}
    more["binding"] = "right" if is_bound_right else ""
    return {"pages": len(sheets), **{name: value for name, value in more.items() if value}}


def _sheets(document: Any, source: Source, told: Told, warnings: list[str]) -> list[Sheet]:
    """Read every page; one that cannot be read is no reason to lose the book."""
    recognised: Mapping[str, Any] = source.options.recognised
    skipped = frozenset(source.options.skipped)
    count, most, lost_in_a_row = len(document), source.limits.pages, 0
    if count > most:
        warnings.append("This PDF has more pages than Mindory reads of one book: only the first ones were kept.")
        count = most
    sheets: list[Sheet] = []
    told(0, count)
    for number in range(count):
        if number in skipped:
            sheet = spare.sheet(source, number)
        else:
            sheet = _sheet(document, number, recognised.get(str(number)))
        sheets.append(sheet)
        lost_in_a_row = lost_in_a_row + 1 if sheet.is_lost else 0
        if lost_in_a_row >= MOST_LOST:
            break
        told(number + 1, count)
    if lost_in_a_row >= MOST_LOST:
        del sheets[-lost_in_a_row:]
        warnings.append("This PDF says that it has more pages than it really has.")
    lost = [sheet.number + 1 for sheet in sheets if sheet.is_lost]
    if len(lost) == len(sheets):
        raise DamagedBook("This PDF is damaged: none of its pages can be read.")
    if lost:
        warnings.append(f"Some pages of this PDF are damaged and could not be read: {_named(lost)}.")
    return sheets


def _named(pages: Sequence[int]) -> str:
    named = ", ".join(map(str, pages[:_MOST_NAMED]))
    return named if len(pages) <= _MOST_NAMED else f"{named} …"


def _sheet(document: Any, number: int, recognised: Any) -> Sheet:
    """Read one page."""
    import pypdfium2

    sheet = Sheet(number)
    try:
        page = document[number]
    except (pypdfium2.PdfiumError, IndexError):
        sheet.is_lost = True
        return sheet
    try:
        shown = Shown(page)
        sheet.shown, sheet.width, sheet.height = shown, shown.width, shown.height
        sheet.label = structure.label(document, number)
        words = page.get_textpage()
        sheet.lines, characters = lines_of(words, shown, number)
        words.close()
        letters = sum(len(word.text) for line in sheet.lines[:20] for word in line.words) if characters < 500 else 500
        sheet.is_scan = letters < scans.FEWEST_CHARACTERS and scans.is_scan(page, letters)
        if recognised:
            sheet.lines = scans.recognised(recognised, sheet)
    except pypdfium2.PdfiumError:
        sheet.is_lost = True
    finally:
        page.close()
    return sheet


def _text(sheets: Sequence[Sheet], targets: Sequence[structure.Target]) -> tuple[Written, list[Heading], str]:
    """Return the text of the book, what its contents name, and the title that its first page shows."""
    pages = [columns_of(sheet.lines) if sheet.lines else [] for sheet in sheets]
    hyphens = Hyphens(line for sheet in sheets for line in sheet.lines)
    for sheet in sheets:
        sheet.lines = ()
    for columns in pages:
        for column in columns:
            initials.settle(column, hyphens)
    style = Style.of(pages)
    paragraphs = paragraphs_of(pages, style)
    chosen = headings.find(paragraphs, style)
    has_outline = len(targets) > 1 or (len(targets) == 1 and len(chosen) < 3)
    if has_outline:
        headings.name(paragraphs, targets)
    text = written(paragraphs, hyphens)
    title = headings.title(paragraphs, style)
    if not has_outline:
        return text, headings.guessed(chosen, text), title
    heads = [block.start for block in text.writer.blocks if block.kind == "h"]
    return text, headings.places(targets, text, _page_starts(sheets, text), heads), title


def _page_starts(sheets: Sequence[Sheet], text: Written) -> list[int]:
    """Return where each page begins; one without words begins where the next one does."""
    return Pages(sheets, text, []).starts


def _tens(text: Written, sheets: Sequence[Sheet]) -> list[Heading]:
    """Return places that divide a book of which nothing else is known."""
    starts = _page_starts(sheets, text)
    return [
        Heading(f"{first + 1}–{min(first + PAGES_A_SECTION, len(starts))}", starts[first])
        for first in range(0, len(starts), PAGES_A_SECTION)
    ]
