"""Find words in a book as they are written: every place, in the order of the text.

Case, full and half width, the shapes of quote marks and dashes, and the kind and length of white space do not
matter; everything else does. The text is not folded, the searched words are a pattern, so every place is exact.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from books.models import Book, Section

LONGEST: Final = 200  # characters searched for
MOST: Final = 500  # places shown; more are only counted
AROUND: Final = 70  # characters before and after, for people
AT_ONCE: Final = 50  # sections read from the database together

_ALIKE: Final = ("'‘’‛ʼ＇", '"“”„‟«»＂「」『』', "-‐‑‒–—―－", "….．。｡", ",，､、")
_CLASSES: Final = {sign: f"[{re.escape(signs)}]" for signs in _ALIKE for sign in signs}
_WIDER: Final = 0xFEE0  # from a half-wide character of ASCII to its full-wide one


@dataclass(frozen=True, slots=True)
class Hit:
    """Words that were found: code points [start, end) of a section, with those around them."""

    section: int
    start: int
    end: int
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How often words stand in a book, and the first places."""

    count: int
    hits: tuple[Hit, ...]


def find(book: Book, words: str) -> Finding:
    """Find all places of these words."""
    wanted = pattern(words)
    if wanted is None:
        return Finding(0, ())
    count, hits = 0, list[Hit]()
    for number, text in _sections(book):
        for match in wanted.finditer(text):
            count += 1
            if len(hits) < MOST:
                hits.append(_hit(number, text, match))
    return Finding(count, tuple(hits))


def pattern(words: str) -> "re.Pattern[str] | None":
    """Return what matches these words however they are set; None when there is nothing to look for."""
    parts = words[:LONGEST].split()
    if not parts:
        return None
    return re.compile(r"\s+".join("".join(map(_sign, part)) for part in parts), re.IGNORECASE)


def _sign(sign: str) -> str:
    """Return a pattern for one character and those that are set instead of it."""
    if sign in _CLASSES:
        return _CLASSES[sign]
    if "!" <= sign <= "~":
        return f"[{re.escape(sign)}{re.escape(chr(ord(sign) + _WIDER))}]"
    if "\uff01" <= sign <= "\uff5e":
        return f"[{re.escape(sign)}{re.escape(chr(ord(sign) - _WIDER))}]"
    return re.escape(sign)


def _sections(book: Book) -> Iterator[tuple[int, str]]:
    rows = Section.objects.filter(book=book).order_by("number").values_list("number", "text")
    yield from rows.iterator(chunk_size=AT_ONCE)


def _hit(section: int, text: str, match: "re.Match[str]") -> Hit:
    start, end = match.span()
    before = text[max(start - AROUND, 0) : start].rpartition("\n")[2]
    after = text[end : end + AROUND].partition("\n")[0]
    if len(before) == AROUND:
        before = before.partition(" ")[2] or before
    if len(after) == AROUND:
        after = after.rpartition(" ")[0] or after
    return Hit(section, start, end, before, " ".join(match.group().split()), after)
