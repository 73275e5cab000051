"""How far a reader has read: the line that the reading limit does not let answers cross.

It moves with reading on. A jump ahead (a link, the contents, a quote) moves the place where the book opens,
never the reach; when reading goes on from there the reader may say that all before it is known.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models.functions import Now

from books.models import Book, Reach, Section
from mindory_web.accounts.models import Reader

READ_ON: Final = 20_000  # characters of the book: a place further ahead than this was jumped to

At = tuple[int, int]  # section, code points into its text


def reaches(reader: Reader, books: Iterable[int]) -> Mapping[int, At]:
    """Return how far the reader is in these books; (0, 0) in one that was never opened."""
    wanted = list(books)
    rows = Reach.objects.filter(reader=reader, book__in=wanted).values_list("book", "section", "offset")
    known = {book: (section, offset) for book, section, offset in rows}
    return {book: known.get(book, (0, 0)) for book in wanted}


def read_on(reader: Reader, book: Book, *, section: int, offset: int) -> None:
    """Note a place the reader came to. It counts when it is a little past what was read before."""
    known = Reach.objects.filter(reader=reader, book=book).first()
    if known is None:
        if _before(book, section, offset) <= READ_ON:
            put(reader, book, section=section, offset=offset)
        return
    if (section, offset) <= (known.section, known.offset):
        return
    if _before(book, section, offset) - _before(book, known.section, known.offset) <= READ_ON:
        put(reader, book, section=section, offset=offset)


def put(reader: Reader, book: Book, *, section: int, offset: int) -> None:
    """Say that everything before a place is known."""
    place = {"section": section, "offset": offset, "updated_at": Now()}
    Reach.objects.update_or_create(reader=reader, book=book, defaults=place)


def _before(book: Book, section: int, offset: int) -> int:
    """Return how many characters of the book stand before a place."""
    starts = Section.objects.filter(book=book, number=section).values_list("start_in_book", flat=True)
    return (starts.first() or 0) + offset
