"""What a reader marked in a book, to take along: Markdown for people, plain values for programs."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from books import contents
from books.addresses import address
from books.annotations import Annotations
from books.chat.exporting import plain
from books.models import Annotation, Book, Page
from mindory_web.accounts.models import Reader

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark, the chapter it stands in, the label of its page, and where it is read; "" for one without a place."""

    mark: Annotation
    chapter: str
    page: str
    address: str


def entries(reader: Reader, book: Book) -> list[Entry]:
    """Return all marks in the order of the text, those that lost their place at the end."""
    listed = contents.entries(book)
    printed = Page.objects.filter(book=book).exclude(label="").order_by("section", "start")
    pages = list(printed.values_list("section", "start", "label"))
    marks = sorted(Annotations(reader, book).all(), key=lambda mark: not mark.is_placed)
    return [_entry(mark, listed, pages) for mark in marks]


def as_values(reader: Reader, book: Book) -> dict[str, Any]:
    """Return a book's marks as values that JSON knows."""
    return {
        "format": FORMAT,
        "book": {
            "id": book.pk,
            "title": book.title,
            "authors": book.authors,
            "language": book.language,
            "digest": book.digest,
        },
        "exported_at": timezone.now().isoformat(),
        "annotations": [_values(entry) for entry in entries(reader, book)],
    }


def as_markdown(reader: Reader, book: Book) -> str:
    """Return a book's marks as a text with a heading for each chapter; a note stands below the words it is about."""
    found = entries(reader, book)
    day = date_format(timezone.localtime(), "DATE_FORMAT")
    by = ", ".join(plain(name) for name in book.authors)
    parts = [f"# {plain(book.title)}", " · ".join(filter(None, [by, _("Notes of %(day)s") % {"day": day}]))]
    chapter: str | None = None
    for entry in found:
        heading = entry.chapter if entry.mark.is_placed else _("Without a place in the text")
        if heading != chapter:
            chapter = heading
            parts += [f"## {plain(heading)}"] if heading else []
        parts += _paragraphs(entry)
    if not found:
        parts.append(_("Nothing is marked in this book."))
    return "\n\n".join(parts) + "\n"


def _entry(mark: Annotation, listed: Sequence[contents.Entry], pages: Sequence[tuple[int, int, str]]) -> Entry:
    if not mark.is_placed:
        return Entry(mark, "", "", "")
    at = bisect_right(pages, (mark.section, mark.start), key=lambda page: page[:2]) - 1
    where = address(mark.book_id, mark.section, mark.start, mark.end)
    chapter = contents.title_at(listed, mark.section, mark.start)
    return Entry(mark, chapter, pages[at][2] if at >= 0 else "", where)


def _paragraphs(entry: Entry) -> Iterator[str]:
    mark = entry.mark
    lines = [plain(line) for line in mark.quote.splitlines() if line.strip()]
    if lines:
        yield "\n>\n".join(f"> {line}" for line in lines)
    if mark.text.strip():
        yield mark.text.strip()
    kind = mark.get_kind_display() if mark.kind == Annotation.Kind.BOOKMARK else mark.get_colour_display()
    page = _("page %(page)s") % {"page": plain(entry.page)} if entry.page else ""
    moment = date_format(timezone.localtime(mark.created_at), "SHORT_DATETIME_FORMAT")
    link = f"[{_('Open')}](<{entry.address}>)" if entry.address else ""
    yield f"*{' · '.join(filter(None, [str(kind), page, moment]))}*{' · ' if link else ''}{link}"


def _values(entry: Entry) -> dict[str, Any]:
    mark = entry.mark
    return {
        "id": mark.pk,
        "kind": mark.kind,
        "colour": mark.colour,
        "quote": mark.quote,
        "text": mark.text,
        "chapter": entry.chapter,
        "page": entry.page,
        "is_placed": mark.is_placed,
        "section": mark.section if mark.is_placed else None,
        "start": mark.start if mark.is_placed else None,
        "end": mark.end if mark.is_placed else None,
        "before": mark.before,
        "after": mark.after,
        "address": entry.address,
        "created_at": mark.created_at.isoformat(),
        "updated_at": mark.updated_at.isoformat(),
    }
