"""How far a reader has read: the line that the reading limit does not let answers cross.

It grows by reading on: by a run of reading that began no further than a screen or two past it. A jump ahead (a
link, the contents, a quote, the place line) begins another run, which moves the place where the book opens and
never the reach, until the reader says that everything before it is known (`put`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models.functions import Now

from books.models import Book, Reach, Section
from mindory_web.accounts.models import Reader

NEAR: Final = 4_000  # characters: a run that begins this little past the reach goes on from it
FRONT: Final = 20_000  # characters of title pages and forewords that one may skip when a book is begun

At = tuple[int, int]  # section, code points into its text


def reaches(reader: Reader, books: Iterable[int]) -> Mapping[int, At]:
    """Return how far the reader is in these books; (0, 0) in one that was never opened."""
    wanted = list(books)
    rows = Reach.objects.filter(reader=reader, book__in=wanted).values_list("book", "section", "offset")
    known = {book: (section, offset) for book, section, offset in rows}
    return {book: known.get(book, (0, 0)) for book in wanted}


def read_on(reader: Reader, book: Book, *, section: int, offset: int, since: At | None = None) -> At:
    """Note a place the reader came to, in a run of reading that began at `since`, and return the reach now.

    Without `since` the run began at the place itself: it counts when it is a little past what was read before.
    """
    known = reaches(reader, [book.pk])[book.pk]
    place = (section, offset)
    if place <= known:
        return known
    begun = min(since or place, place)
    if begun > known:
        skipped = _before(book, *begun) - _before(book, *known)
        if skipped > (FRONT if known == (0, 0) else NEAR):
            return known
    put(reader, book, section=section, offset=offset)
    return place


def put(reader: Reader, book: Book, *, section: int, offset: int) -> None:
    """Say that everything before a place is known, and nothing after it."""
    place = {"section": section, "offset": offset, "updated_at": Now()}
    Reach.objects.update_or_create(reader=reader, book=book, defaults=place)


def share_of(book: Book, at: At) -> float:
    """Return how much of a book stands before a place, 0..1."""
    return _before(book, *at) / book.characters if book.characters else 0.0


def _before(book: Book, section: int, offset: int) -> int:
    """Return how many characters of the book stand before a place."""
    starts = Section.objects.filter(book=book, number=section).values_list("start_in_book", flat=True)
    return (starts.first() or 0) + offset
