"""Take what readers left in a book along when its text is replaced: annotations, citations, where they are and were.

What cannot be placed for sure is kept, with `is_placed` false, and tried again when the book is read anew.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import structlog

from books import pages
from books.anchoring import Anchor, Found, Moved
from books.coordinates import Span
from books.formats.parsed import Block, ParsedBook
from books.models import Annotation, Book, Citation, Reach, ReadingPlace, Section

log = structlog.get_logger(__name__)

CONTEXT: Final = 64  # characters kept before and after an annotation's words
AT_ONCE: Final = 500  # rows written by one statement
READINGS_APART: Final = 2  # the first parser that keeps readings (ruby) out of the text


class Moving:
    """The marks of one book, on their way from the text it has to another one."""

    def __init__(self, book: Book, parsed: ParsedBook) -> None:
        """Compare the texts, when there is anything to move. Needs no transaction."""
        self._book = book
        self._new = [section.text for section in parsed.sections]
        self._titles = [section.title for section in parsed.sections]
        self._pages = pages.starts(parsed.pages)
        self._old: list[str] = []
        self._moved: Moved | None = None
        if _has_marks(book.pk):
            self._compare()

    def _compare(self) -> None:
        rows = Section.objects.filter(book=self._book).order_by("number")
        self._old = list(rows.values_list("text", flat=True))
        if self._old == self._new or not self._new:
            return
        left_out: dict[int, list[tuple[int, int]]] = {}
        if self._book.parser_version < READINGS_APART:
            for number, blocks in enumerate(rows.values_list("blocks", flat=True)):
                marks = [mark for row in blocks for mark in Block.from_row(row).marks]
                left_out[number] = [(mark.start, mark.end) for mark in marks if mark.kind == "rt"]
        self._moved = Moved(self._old, self._new, left_out=left_out)

    def carry_out(self) -> None:
        """Write the new places. Called in the transaction that replaces the text, before it does."""
        if self._moved is None and not self._old and _has_marks(self._book.pk):
            self._compare()  # somebody made the first mark this moment
        if self._moved is None:
            return
        notes = list(Annotation.objects.filter(book=self._book))
        quotes = list(Citation.every.filter(book=self._book))  # a removed conversation comes back with its quotes
        anchors = [Anchor(note.quote, note.before, note.after, self._span(note)) for note in notes]
        anchors += [Anchor(quote.quote, span=self._span(quote)) for quote in quotes]
        found = self._moved.place(anchors)
        self._annotations(notes, found[: len(notes)])
        self._citations(quotes, found[len(notes) :])
        self._places()
        unplaced = sum(result is None for result in found)
        log.info("marks_moved", book=self._book.pk, marks=len(found), unplaced=unplaced)

    def _span(self, row: Annotation | Citation) -> Span | None:
        is_there = row.is_placed and row.section < len(self._old)
        if not is_there or not 0 <= row.start <= row.end <= len(self._old[row.section]):
            return None
        return Span(row.section, row.start, row.end)

    def _annotations(self, notes: Sequence[Annotation], found: Sequence[Found | None]) -> None:
        for note, result in zip(notes, found, strict=True):
            note.is_placed = result is not None
            if result is not None:
                put(note, result.span, self._new[result.span.section])
        fields = ["section", "start", "end", "quote", "before", "after", "is_placed"]
        Annotation.objects.bulk_update(notes, fields, batch_size=AT_ONCE)

    def _citations(self, quotes: Sequence[Citation], found: Sequence[Found | None]) -> None:
        for quote, result in zip(quotes, found, strict=True):
            # A citation is literally in the book: words with an alteration inside are other words.
            quote.is_placed = result is not None and result.how != "changed"
            if result is None or not quote.is_placed:
                continue
            span = result.span
            quote.section, quote.start, quote.end = span.section, span.start, span.end
            quote.quote = span.of(self._new[span.section])
            quote.heading = self._titles[span.section][:500]
            quote.page = self._page(span)
            quote.how = quote.how if result.how == "exact" else result.how
        fields = ["section", "start", "end", "quote", "heading", "page", "how", "is_placed"]
        Citation.objects.bulk_update(quotes, fields, batch_size=AT_ONCE)

    def _page(self, span: Span) -> str:
        """Return the label of the page on which a span begins."""
        number = bisect_right(self._pages, (span.section, span.start), key=lambda page: page[:2]) - 1
        return self._pages[number][2] if number >= 0 else ""

    def _places(self) -> None:
        assert self._moved is not None
        places = list(ReadingPlace.objects.filter(book=self._book))
        reaches = list(Reach.objects.filter(book=self._book))
        both: list[ReadingPlace | Reach] = [*places, *reaches]
        for place in both:
            place.section, place.offset = self._moved.point(place.section, place.offset)
        ReadingPlace.objects.bulk_update(places, ["section", "offset"], batch_size=AT_ONCE)
        Reach.objects.bulk_update(reaches, ["section", "offset"], batch_size=AT_ONCE)


def put(note: Annotation, span: Span, text: str) -> None:
    """Give an annotation a place, and the words there, so that it finds them again."""
    note.section, note.start, note.end = span.section, span.start, span.end
    note.quote = span.of(text)
    note.before, note.after = text[max(span.start - CONTEXT, 0) : span.start], text[span.end : span.end + CONTEXT]


def _has_marks(book_id: int) -> bool:
    marks = (Annotation.objects, Citation.every, ReadingPlace.objects, Reach.objects)
    return any(rows.filter(book=book_id).exists() for rows in marks)
