"""The reading limit as the search takes it: the first passage of a book that may not be found."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class Limit:
    """The first passage past the limit of one book; it and all after it are not looked at."""

    number: int  # Passage.number
    pk: int


NO_LIMITS: Final[Mapping[int, Limit]] = MappingProxyType({})

# A passage across the line is past it: even that it fits a question would tell what the rest of it says.
_FIRST_PAST: Final = """
SELECT wanted.book, passage.number, passage.id
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS wanted (book, section, place)
CROSS JOIN LATERAL (
    SELECT number, id FROM books_passage
    WHERE book_id = wanted.book AND (section, "end") > (wanted.section, wanted.place)
    ORDER BY number LIMIT 1
) passage
"""


def limits_of(until: Mapping[int, tuple[int, int]]) -> Mapping[int, Limit]:
    """Return the limits of the books in `until` (section, code points); a book read to its end has none."""
    if not until:
        return NO_LIMITS
    sections, places = zip(*until.values(), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_PAST, [list(until), list(sections), list(places)])
        return {book: Limit(number, pk) for book, number, pk in cursor.fetchall()}


def is_past(limits: Mapping[int, Limit], book: int, number: int) -> bool:
    """Say whether a passage lies past its book's limit."""
    return book in limits and number >= limits[book].number
