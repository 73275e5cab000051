"""Where a reader is in a book, on each of their devices. The newest place is where the book opens."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length, Now
from django.utils.translation import gettext as _

from books import reach, signals
from books.models import Book, ReadingPlace, Section
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid

FINISHED: Final = 0.98  # of a book: behind it come notes, an index, other books of the house
MOST_DEVICES: Final = 12  # of one book; the place of the one that was used least lately goes


@dataclass(frozen=True, slots=True)
class Came:
    """A place that was come to, the device it was on, and where the run of reading that led there began.

    Offsets are code points of the section's text. `is_end`: the last words of the book are on the screen.
    """

    section: int
    offset: int
    device: str = ""
    device_name: str = ""
    since: reach.At | None = None
    is_end: bool = False


class Places:
    """The places of one reader in one book."""

    def __init__(self, reader: Reader, book: Book) -> None:
        self.reader, self.book = reader, book

    def all(self) -> "QuerySet[ReadingPlace]":
        """Return one place for each device, newest first."""
        return ReadingPlace.objects.filter(reader=self.reader, book=self.book).order_by("-updated_at", "-pk")

    def newest(self) -> ReadingPlace:
        """Return where the reader is; the beginning when the book was never opened."""
        return self.all().first() or ReadingPlace(reader=self.reader, book=self.book)

    def keep(self, came: Came) -> ReadingPlace:
        """Remember where the reader is on a device, and how far they have read."""
        with transaction.atomic():
            # Its text may be replaced at this moment.
            book = Book.objects.select_for_update(no_key=True).get(pk=self.book.pk)
            for section, offset in {(came.section, came.offset), came.since or (came.section, came.offset)}:
                check(book, section, offset)
            place, is_new = ReadingPlace.objects.update_or_create(
                reader=self.reader,
                book=book,
                device=came.device,
                defaults={
                    "section": came.section,
                    "offset": came.offset,
                    "device_name": came.device_name,
                    "updated_at": Now(),
                },
            )
            if is_new:
                kept = self.all().values_list("pk", flat=True)[:MOST_DEVICES]
                self.all().exclude(pk__in=list(kept)).delete()
            section, offset = end_of(book) if came.is_end else (came.section, came.offset)
            before = reach.reaches(self.reader, [book.pk])[book.pk]
            now = reach.read_on(self.reader, book, section=section, offset=offset, since=came.since)
        self._tell(before, now)
        place.refresh_from_db()
        return place

    def _tell(self, before: reach.At, now: reach.At) -> None:
        """Tell those who want to know that a book was begun, or read to its end."""
        if before == now:
            return
        told = {"sender": Book, "book_id": self.book.pk, "reader_id": self.reader.pk}
        if before == (0, 0):
            signals.book_begun.send_robust(**told)
        if reach.share_of(self.book, before) < FINISHED <= reach.share_of(self.book, now):
            signals.book_finished.send_robust(**told)


def check(book: Book, section: int, offset: int) -> None:
    """Refuse a place that is not in the book."""
    if offset > _length(book, section):
        raise Invalid(_("There is no such place in this book."))


def end_of(book: Book) -> reach.At:
    """Return the place after the last words of a book."""
    last = max(book.section_count - 1, 0)
    return last, max(_length(book, last), 0)


def _length(book: Book, section: int) -> int:
    """Return how many characters a section has; -1 when there is no such section."""
    found = Section.objects.filter(book=book, number=section).annotate(length=Length("text"))
    length = found.values_list("length", flat=True).first()
    return -1 if length is None else int(length)
