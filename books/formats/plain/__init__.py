"""Plain text: the encoding is decided on the whole file, chapters are found by their headings."""

from collections.abc import Sequence
from itertools import pairwise

from books.errors import EmptyBook, UnknownFormat
from books.formats import decoding, language
from books.formats.division import Heading, divide, entries, one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.plain import furniture
from books.formats.plain.chapters import chapters, depths, running_heads
from books.formats.plain.front import front_of
from books.formats.plain.headings import Found
from books.formats.plain.lines import Line, lines_of
from books.formats.plain.paragraphs import Layout, paragraphs
from books.formats.plain.traced import Traced, is_odd, sections
from books.formats.sources import Source
from books.formats.writer import cleaned


class PlainText:
    """The parser for text files."""

    name = "txt"
    label = "TXT"

    def recognises(self, source: Source, /) -> bool:
        """Text is what looks like text and is no other program's XML; asked last."""
        return decoding.looks_like_text(source.start) and not source.start.lstrip(b"\xef\xbb\xbf \r\n").startswith(
            b"<?xml"
        )

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Find chapters, and paragraphs in them."""
        found = decoding.decoded(source.whole(), chosen=source.options.encoding)
        if found is None:
            raise UnknownFormat("This file is neither text nor a book in a format Mindory reads.")
        left_out = furniture.Furniture()
        lines = furniture.without(lines_of(found.text), left_out, text=found.text)
        if not lines:
            raise EmptyBook("There is no text in this file.")
        layout = Layout.of(lines)
        headings = chapters(lines, column=layout.column)
        front = front_of(lines, first_heading=headings[0].line if headings else len(lines))
        lines, placed = _without_heads(lines, headings, left_out)
        written = Traced(is_odd=is_odd(found.text))
        marks, dividing = _written(lines, placed, layout, written)
        pieces = divide(written, dividing)
        if not pieces:
            raise EmptyBook("There is no text in this file.")
        told(len(pieces), len(pieces))
        parts = sections(pieces, written.origins)
        return ParsedBook(
            format="txt",
            sections=parts,
            contents=entries(marks, pieces),
            title=front.title,
            authors=[front.author] if front.author else [],
            language=language.settled("", (section.text for section in parts)),
            details=found.details() | left_out.details(),
            warnings=warnings(found),
        )


def warnings(found: decoding.Decoded) -> list[str]:
    """Return what a reader must know of how a file was decoded."""
    return (
        ["Some characters of this file could not be read. Choose another encoding if many are missing."]
        if (found.replaced)
        else []
    )


def _without_heads(
    lines: list[Line], headings: list[Found], left_out: furniture.Furniture
) -> tuple[list[Line], dict[int, Found]]:
    """Drop the lines that repeat the heading under them; return the headings by their lines as they are then."""
    heads = running_heads(lines, headings)
    left_out.add(lines[number] for number in sorted(heads))
    places = {}
    gone = 0
    for number in range(len(lines)):
        places[number] = number - gone
        gone += number in heads
    kept = [line for number, line in enumerate(lines) if number not in heads] if heads else lines
    return kept, {places[found.line]: found for found in headings}


def _written(
    lines: Sequence[Line], headings: dict[int, Found], layout: Layout, written: Traced
) -> tuple[list[Heading], list[Heading]]:
    """Write headings and paragraphs. Return all lines of the contents, and those that divide the book."""
    marks: list[Heading] = []
    dividing: list[Heading] = []
    depth = dict(zip(headings, depths(list(headings.values())), strict=True))
    edges = [*sorted(headings), len(lines)]
    volume = ""
    latest = _write(written, lines[: edges[0]], layout)  # where the last words begin that are no heading
    for first, last in pairwise(edges):
        found = headings[first]
        body = first + found.lines
        written.paragraph("h", [("\n", line) for line in lines[first:body]], level=2 + depth[first])
        start = written.blocks[-1].start
        own = _own(found, start, depth[first])
        is_same = len(own) > 1 and own[0].title == volume  # each chapter of a volume names it again
        volume = own[0].title if len(own) > 1 else ""
        marks += own[1:] if is_same else own
        # A volume whose first chapter follows at once is one section with it.
        if dividing and latest <= dividing[-1].start:
            dividing[-1] = Heading(own[-1].title, dividing[-1].start, dividing[-1].depth)
        else:
            dividing.append(Heading(own[-1].title, start, own[0].depth))
        latest = max(latest, _write(written, lines[body:last], layout))
    return marks, dividing


def _own(found: Found, start: int, depth: int) -> list[Heading]:
    """Return the lines of the contents that a heading makes: two when a volume and its chapter stand in one line."""
    outer = Heading(title_of(found), start, depth)
    return [outer, Heading(title_of(found.inner), start + found.inner_at, depth + 1)] if found.inner else [outer]


def title_of(found: Found) -> str:
    """Return a heading as the contents show it."""
    return one_line(cleaned(found.title).strip("*= "))


def _write(written: Traced, lines: Sequence[Line], layout: Layout) -> int:
    """Write what stands between two headings. Return where the last block of it begins, or -1."""
    first, before = 0, len(written.blocks)
    for number, line in enumerate(lines):
        if furniture.RULE.match(line.text):
            _write_paragraphs(written, lines[first:number], layout)
            written.rule()
            first = number + 1
    _write_paragraphs(written, lines[first:], layout)
    return written.blocks[-1].start if len(written.blocks) > before else -1


def _write_paragraphs(written: Traced, lines: Sequence[Line], layout: Layout) -> None:
    for paragraph in paragraphs(lines, layout):
        written.paragraph(paragraph.kind, paragraph.lines)
