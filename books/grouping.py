"""The shelf in groups: by author, series, language or state, each with its count and its first books."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from books.browsing import NONE, STATES, Wish, found, states_of, with_places
from books.models import Book
from books.order import sorting
from mindory_web.accounts.models import Reader

COVERS: Final = 8  # books of a group that are shown with it; its own shelf has all

_FAMILY_NAME: Final = re.compile(r"^([^,]*)\s(\S+)$")


@dataclass(frozen=True, slots=True)
class Group:
    """Some books that have something in common. `value` is what `Wish` takes for it; `books` are the first of them."""

    value: str
    count: int
    books: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A page of groups. `total` counts all of them, `book_count` the books; a book of two authors is one."""

    groups: Sequence[Group]
    total: int
    book_count: int


def grouped(reader: Reader, wish: Wish, *, start: int, most: int, unseen: Sequence[str] = ()) -> Grouped:
    """Return groups `start` to `start + most` of what a wish means: two questions to the database, however many books.

    Authors come by their family names, languages by the number of their books, what belongs nowhere last. `unseen`:
    fields of the books that are left to be fetched.
    """
    held: dict[str, list[int]] = defaultdict(list)
    books: set[int] = set()
    for pk, value in _rows(reader, wish):
        books.add(pk)
        held[value].append(pk)
    values = sorted(held, key=lambda value: _place(wish.by, value, len(held[value])))
    shown = values[start : start + most]
    wanted = {pk for value in shown for pk in held[value][:COVERS]}
    rows = with_places(Book.objects.filter(owner=reader, pk__in=wanted), reader=reader)
    known = {book.pk: book for book in rows.defer(*unseen)}
    groups = [
        Group(value, len(held[value]), [known[pk] for pk in held[value][:COVERS] if pk in known]) for value in shown
    ]
    return Grouped(groups, len(values), len(books))


def _rows(reader: Reader, wish: Wish) -> list[tuple[int, str]]:
    """Return (book, value), a book once for each group it belongs to, in the order within the groups."""
    ordered = found(reader, wish.but(sort=wish.order))
    if wish.by == "author":
        rows = ordered.values_list("pk", "authors")
        return [(pk, name) for pk, names in rows for name in dict.fromkeys(names) or [NONE]]
    if wish.by == "series":
        return [(pk, name or NONE) for pk, name in ordered.values_list("pk", "series")]
    if wish.by == "language":
        return [(pk, code.partition("-")[0] or "und") for pk, code in ordered.values_list("pk", "language")]
    rows = ordered.values_list("pk", "state", "percent")
    return [(pk, value) for pk, state, percent in rows for value in states_of(state, percent)]


def _place(by: str, value: str, count: int) -> tuple[Any, ...]:
    if by == "state":
        return (STATES.index(value),)
    if by == "language":
        return (value == "und", -count, value)
    return (value == NONE, sorting(_plain(value, is_name=by == "author")), value)


def _plain(text: str, *, is_name: bool) -> str:
    """Return a text as it is sorted: without accents, a name by its last word unless a comma turned it round."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return _FAMILY_NAME.sub(r"\2 \1", bare) if is_name else bare
