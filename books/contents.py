"""The contents of a book as a reader sees them, and the entry that a place stands under."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final

from books.models import Book, Citation, Section
from mindory_web.accounts.models import Reader

MOST_CITATIONS: Final = 20_000  # looked at to count the conversations of chapters

Entry = dict[str, Any]  # title, section, start, depth


def entries(book: Book) -> list[Entry]:
    """Return the book's contents in reading order; a book without any lists its sections that have a title."""
    if book.contents:
        return sorted(book.contents, key=lambda entry: (entry["section"], entry["start"]))
    titled = Section.objects.filter(book=book).exclude(title="").order_by("number")
    return [
        {"title": title, "section": number, "start": 0, "depth": 0}
        for title, number in titled.values_list("title", "number")
    ]


def entry_at(listed: Sequence[Entry], section: int, offset: int) -> int:
    """Return the number of the entry a place stands under; -1 before the first."""
    return bisect_right(listed, (section, offset), key=lambda entry: (entry["section"], entry["start"])) - 1


def title_at(listed: Sequence[Entry], section: int, offset: int) -> str:
    """Return the title of the entry a place stands under; "" before the first."""
    number = entry_at(listed, section, offset)
    return str(listed[number]["title"]) if number >= 0 else ""


def with_talks(listed: Iterable[Entry], book: Book, reader: Reader) -> list[Entry]:
    """Return the entries, each with `talks`: how many of the reader's conversations quoted words under it."""
    counted = [{**entry, "talks": 0} for entry in listed]
    cited = Citation.objects.filter(book=book, is_placed=True, reply__conversation__reader=reader)
    places = cited.values_list("section", "start", "reply__conversation").distinct()[:MOST_CITATIONS]
    for number, _talk in {(entry_at(counted, section, start), talk) for section, start, talk in places}:
        if number >= 0:
            counted[number]["talks"] += 1
    return counted
