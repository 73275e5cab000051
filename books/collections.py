"""A reader's own shelves: made, named, filled and taken down. Everything is bounded by the reader."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from books import publishing
from books.models import Book, Collection
from books.order import in_order
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound

MOST: Final = 500  # of one reader
LONGEST_NAME: Final = 80


class Collections:
    """The collections of one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def all(self) -> "QuerySet[Any]":
        """Return them by name, each with `book_count`."""
        shown = Count("books", filter=Q(books__removed_at=None))
        mine = Collection.objects.filter(owner=self.reader).annotate(book_count=shown)
        return mine.order_by(in_order(Lower("name")), "pk")

    def one(self, pk: int) -> Any:
        """Return one."""
        return self.all().filter(pk=pk).first() or _not_found()

    def make(self, name: str) -> Any:
        """Make an empty one. Conflict when there is one of this name, however it is capitalised."""
        if Collection.objects.filter(owner=self.reader).count() >= MOST:
            raise Conflict(_("You have as many collections as Mindory keeps for one reader."))
        with _unlike_the_others():
            made = Collection.objects.create(owner=self.reader, name=_name(name))
        self._tell()
        return self.one(made.pk)

    def rename(self, pk: int, name: str) -> Any:
        """Give one another name."""
        found = self.one(pk)
        found.name = _name(name)
        with _unlike_the_others():
            found.save(update_fields=["name"])
        self._tell()
        return found

    def delete(self, pk: int) -> None:
        """Take one down. Its books stay on the shelf."""
        self.one(pk).delete()
        self._tell()

    def put(self, pk: int, books: Iterable[int]) -> Any:
        """Put books on one; those that stand there already stay."""
        collection = self.one(pk)
        collection.books.add(*self._mine(books))
        self._tell()
        return self.one(pk)

    def take(self, pk: int, books: Iterable[int]) -> Any:
        """Take books off one; those that do not stand there are no matter."""
        collection = self.one(pk)
        collection.books.remove(*self._mine(books))
        self._tell()
        return self.one(pk)

    def holding(self, books: Sequence[int]) -> dict[int, int]:
        """Return how many of these books each collection holds; one that holds none is left out."""
        rows = Collection.objects.filter(owner=self.reader, books__in=self._mine(books)).annotate(held=Count("books"))
        return dict(rows.values_list("pk", "held"))

    def _tell(self) -> None:
        """Tell the reader's pages that their sidebars are old."""
        transaction.on_commit(lambda: publishing.tell_now(self.reader.pk, {"type": "shelf.changed"}))

    def _mine(self, books: Iterable[int]) -> list[int]:
        wanted = set(books)
        mine = list(Book.objects.filter(owner=self.reader, pk__in=wanted).values_list("pk", flat=True))
        if len(mine) != len(wanted):
            raise NotFound(_("There is no such book."))
        return mine


@contextmanager
def _unlike_the_others() -> Iterator[None]:
    """Write a name; Conflict when it is taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Conflict(_("You have a collection of this name.")) from error


def _name(name: str) -> str:
    line = " ".join(name.replace("\0", "").split())[:LONGEST_NAME].strip()
    if not line:
        raise Invalid(_("Give the collection a name."))
    return line


def _not_found() -> NoReturn:
    raise NotFound(_("There is no such collection."))
