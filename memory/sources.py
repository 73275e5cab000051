"""What a reader's memory adds to a conversation about books: a few memories, each short, each named by its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from django.utils import timezone

from memory.finding import rows_of, search
from memory.listing import wanted_rows
from memory.models import Memory
from memory.types import Hit, MemoryType, Parts, Wanted
from mindory_web.lib.excerpts import Excerpt, Place

MOST: Final = 6  # memories
MOST_PINNED: Final = 3  # told whatever is asked: how the reader wants things
BUDGET: Final = 2_400  # characters, some 600 tokens
LONGEST: Final = 600  # characters of one
LEAST: Final = 0.25  # score
LEAST_SHARE: Final = 0.6  # of the best one's score
LOOKED_AT: Final = 40
LASTING: Final = frozenset({MemoryType.PROCEDURAL, MemoryType.PERSONAL})


def memories_about(question: str, *, reader_id: int, scope: Any, k: int) -> list[Excerpt]:
    """Return the memories that may help with a question, best first, within a budget of characters.

    What was learned comes in place of the turn it was learned from, and nothing comes from the conversation that
    asks (`scope.conversation`) or from a book that is not asked (`scope.books`). What an assistant said is no
    memory of the reader's.
    """
    found = search(reader_id, question, limit=LOOKED_AT)
    best = found.hits[0].score if found.hits else 0.0
    likely = [hit for hit in found.hits if hit.score >= max(LEAST, LEAST_SHARE * best)]
    rows = [*_learned(reader_id, rows_of(reader_id, likely)), *_pinned(reader_id)]
    return list(_within(_told(rows, scope), budget=BUDGET))[: min(k, MOST)]


def _learned(owner_id: int, rows: Sequence[tuple[Memory, Hit]]) -> list[tuple[Memory, Hit]]:
    """Put what was learned from a turn in the turn's place."""
    turns = [row.pk for row, _ in rows if row.number is not None]
    of_turn: dict[int, list[Memory]] = {}
    for fact in wanted_rows(owner_id, Wanted(is_turn=False)).filter(turn__in=turns).order_by("pk"):
        of_turn.setdefault(fact.turn_id or 0, []).append(fact)
    put: dict[int, tuple[Memory, Hit]] = {}
    for row, hit in rows:
        for one in of_turn.get(row.pk, [row]):
            put.setdefault(one.pk, (one, replace(hit, memory=one.pk)))
    return list(put.values())


def _pinned(owner_id: int) -> list[tuple[Memory, Hit]]:
    """Return what the reader pinned about themselves and how they like things."""
    wanted = Wanted(types=LASTING, is_turn=False, is_pinned=True)
    return [(row, Hit(row.pk, LEAST, Parts())) for row in wanted_rows(owner_id, wanted)[:MOST_PINNED]]


def _told(rows: Iterable[tuple[Memory, Hit]], scope: Any) -> Iterator[tuple[Memory, Hit]]:
    """Yield the rows that may be told in this conversation, each text once."""
    here = f"conversation:{getattr(scope, 'conversation', 0)}"
    books = getattr(scope, "books", None)
    seen: set[bytes] = set()
    for row, hit in rows:
        is_here = row.session is not None and row.session.key == here
        is_elsewhere = books is not None and row.book is not None and row.book not in books
        is_said_by_another = row.number is not None and row.role != "user"
        if not (is_here or is_elsewhere or is_said_by_another or bytes(row.text_hash) in seen):
            seen.add(bytes(row.text_hash))
            yield row, hit


def _within(rows: Iterable[tuple[Memory, Hit]], *, budget: int) -> Iterator[Excerpt]:
    for row, hit in rows:
        excerpt = _excerpt(row, hit)
        budget -= len(excerpt.text)
        if budget < 0:
            return
        yield excerpt


def _excerpt(row: Memory, hit: Hit) -> Excerpt:
    text = row.text if len(row.text) <= LONGEST else row.text[: LONGEST - 1].rstrip() + "…"
    place = None
    if row.book is not None and row.section is not None and row.start is not None and row.end is not None:
        place = Place(row.book, row.section, row.start, row.end)
    day = timezone.localdate(row.observed_at).isoformat()
    return Excerpt(
        text=f"{text} ({day})", score=hit.score, title=row.source_label, language=row.language, place=place,
        legs={"memory": row.pk}, key=f"memory:{row.pk}",
    )  # fmt: skip
