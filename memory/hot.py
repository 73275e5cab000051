"""Indexes kept in this process, one a reader: read from Postgres at first use, told apart by `Mind.revision`.

A search asks for one number, and when it is the one it knows, nothing else is read. Postgres is the truth: a process
that begins empty finds the same. What the caller's own open transaction has written is seen by it, and kept for
nobody else.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from memory import indexing
from memory.index import Index
from memory.models import Memory
from memory.postings import FOREVER, NEVER, Floats, Row
from memory.types import MemoryType, State
from memory.vectors import COLLECTION
from memory.wording import short
from mindory_web.engines.models import Space
from mindory_web.lib import prepared

NO_SPACE: Final = -1
AT_ONCE: Final = 5_000  # rows, and vectors, that are read at once: all of a large memory take far more than its index
# More vectors than these are searched where they are kept. 100,000 take 38 MB here, and 10 ms a search.
MOST_VECTORS: Final = 200_000
VECTORS_SHARE: Final = 2  # and they take at most a half of MEMORY_INDEX_BYTES: a reader's index fits into it as a whole
TYPES: Final = {kind.value: number for number, kind in enumerate(MemoryType)}


class HotIndexes:
    """The indexes of the readers who were active last. For any number of threads."""

    def __init__(self) -> None:
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, owner_id: int, *, model: str | None = None) -> Index:
        """Return the index of a reader as the database is now, with the vectors of a model; None: those it has."""
        slot = self._slot(owner_id)
        revision, is_mine_alone, space = _state(owner_id, model)
        seen = slot.index
        if seen is not None and _is_true(seen, revision, space):
            return seen
        if is_mine_alone:  # this transaction wrote: what it sees, nobody else may
            return _newer(owner_id, seen, revision=revision, space=space)
        with slot.lock:
            index = slot.index
            if index is not seen:  # another thread was faster, and may have read a later state
                revision, _is_mine_alone, space = _state(owner_id, model)
            if index is None or not _is_true(index, revision, space):
                index = _newer(owner_id, index, revision=revision, space=space)
                slot.index, slot.nbytes = index, index.nbytes
                self._shrink(owner_id)
        return index

    def nbytes(self) -> int:
        """Return how many bytes the indexes take."""
        with self._lock:
            return sum(slot.nbytes for slot in self._slots.values())

    def clear(self) -> None:
        """Drop every index."""
        with self._lock:
            self._slots.clear()

    def _slot(self, owner_id: int) -> _Slot:
        with self._lock:
            slot = self._slots.get(owner_id)
            if slot is None:
                slot = self._slots[owner_id] = _Slot()
            self._slots.move_to_end(owner_id)
            return slot

    def _shrink(self, owner_id: int) -> None:
        """Drop the indexes used longest ago until the rest fits; the one in use stays."""
        with self._lock:
            total = sum(slot.nbytes for slot in self._slots.values())
            for other in list(self._slots):
                if total <= settings.MEMORY_INDEX_BYTES:
                    break
                if other != owner_id:
                    total -= self._slots.pop(other).nbytes


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    index: Index | None = None
    nbytes: int = 0


HOT: Final = HotIndexes()


def _state(owner_id: int, model: str | None) -> tuple[int, bool, int | None]:
    """Return the revision of a reader's memory, whether this transaction has written, and the space of a model."""
    with prepared.cursor() as cursor:
        cursor.execute(_STATE, [owner_id, COLLECTION, model])
        revision, has_written, space = cursor.fetchone()
        return revision, has_written, None if model is None else space


_STATE: Final = """
SELECT coalesce((SELECT revision FROM memory_mind WHERE reader_id = %s), 0),
       pg_current_xact_id_if_assigned() IS NOT NULL,
       coalesce((SELECT id FROM engines_space WHERE collection = %s AND model = %s), -1)
"""


def _is_true(index: Index, revision: int, space: int | None) -> bool:
    return index.revision == revision and space in {None, index.space}


def _newer(owner_id: int, index: Index | None, *, revision: int, space: int | None) -> Index:
    """Return the index at a revision, from an older one if that is worth it."""
    wanted = space if space is not None else index.space if index else NO_SPACE
    if index is not None and index.revision <= revision and index.space == wanted:
        rows = list(_rows(owner_id, after=index.revision))
        fresh = [] if index.is_lean else [row.id for row in rows if row.space == wanted]
        vectors = _vectors(owner_id, wanted, fresh)
        changed = index.changed_by(rows, revision=revision, vectors=vectors)
        if not changed.is_ragged:
            return changed
    rows = list(_rows(owner_id, after=-1)) if revision else []  # no change yet: nothing is there
    with_vector = 0 if wanted == NO_SPACE else sum(row.space == wanted for row in rows)
    is_lean = with_vector > 0 and with_vector > _most_vectors(wanted)
    vectors = {} if is_lean or not with_vector else _vectors(owner_id, wanted, None)
    return Index.of(rows, revision=revision, space=wanted, vectors=vectors, is_lean=is_lean)


_ROWS: Final = """
SELECT one.id, one.state, one.type, coalesce(one.session_id, -1), coalesce(session.key, ''), coalesce(one.number, -1),
       one.speaker, one.agent, one.subject, one.attribute, one.language, one.role, coalesce(one.book, -1),
       coalesce(one.turn_id, -1), one.is_pinned, one.importance, one.stability_days, one.observed_at,
       extract(epoch FROM greatest(one.observed_at, one.last_used_at))::float8,
       extract(epoch FROM one.valid_to)::float8, one.expires_on, one.text_hash, coalesce(one.space, -1), one.tokens
FROM memory_memory one LEFT JOIN memory_session session ON session.id = one.session_id
WHERE one.owner_id = %s AND (one.revision > %s OR %s) AND (one.state <> 'forgotten' OR NOT %s)
"""


def _rows(owner_id: int, *, after: int) -> Iterator[Row]:
    """Yield the rows of a reader that changed after a revision; -1: all that are not forgotten."""
    is_all = after < 0
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [owner_id, after, is_all, is_all])
        while read := cursor.fetchmany(AT_ONCE):
            yield from _opened(owner_id, read)


def _opened(owner_id: int, read: Sequence[Sequence[Any]]) -> Iterator[Row]:
    zone = timezone.get_default_timezone()
    unread = [row[0] for row in read if row[1] != State.FORGOTTEN and not indexing.is_packed(row[-1])]
    rest = Memory.objects.filter(owner_id=owner_id, pk__in=unread) if unread else ()
    packed = {one.pk: indexing.tokens_of(one) for one in rest}
    for row in read:
        yield _row(row, packed.get(row[0]) or bytes(row[-1]), zone)


def _row(read: Sequence[Any], packed: bytes, zone: Any) -> Row:
    (pk, state, kind, session, session_key, number, speaker, agent, subject, attribute, language, role, book, turn,
     is_pinned, importance, stability, observed, touched, valid_to, expires, text_hash, space, _) = read  # fmt: skip
    return Row(
        id=pk, is_alive=state != State.FORGOTTEN, type=TYPES.get(kind, 0), is_archived=state == State.ARCHIVED,
        session=session, session_key=session_key, number=number, speaker=speaker, agent=agent, subject=subject,
        attribute=attribute, language=language, role=role, book=book, turn=turn, is_pinned=is_pinned,
        importance=importance, stability=stability, observed=observed.timestamp(),
        day=observed.astimezone(zone).toordinal(),
        touched=touched, valid_to=FOREVER if valid_to is None else valid_to,
        expires=NEVER if expires is None else expires.toordinal(),
        hash=short(bytes(text_hash)), space=space,
        tokens=indexing.opened(packed) or indexing.NOTHING,
    )  # fmt: skip


_VECTORS: Final = """
SELECT item, halfvec_send(embedding) FROM engines_vector
WHERE space_id = %s AND "group" = %s AND (%s::bigint[] IS NULL OR item = ANY(%s)) AND item > %s AND part = 0
ORDER BY item LIMIT %s
"""


def _vectors(owner_id: int, space: int, ids: Sequence[int] | None) -> dict[int, Floats]:
    """Return the vectors of a reader's memories, by id. Held as Postgres sends them: numbers of two bytes."""
    if space == NO_SPACE or (ids is not None and not ids):
        return {}
    wanted = None if ids is None else list(ids)
    found: dict[int, Floats] = {}
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_VECTORS, [space, owner_id, wanted, wanted, last, AT_ONCE])
            read = cursor.fetchall()
            found |= {item: np.frombuffer(sent, ">f2", offset=4) for item, sent in read}
            if len(read) < AT_ONCE:
                return found
            last = read[-1][0]


def _most_vectors(space: int) -> int:
    """Return how many vectors of one reader are held here."""
    dimension = Space.objects.filter(pk=space).values_list("dimension", flat=True).first() or 1
    return min(MOST_VECTORS, settings.MEMORY_INDEX_BYTES // VECTORS_SHARE // dimension)


def seconds(moment: datetime) -> float:
    """Return a time as the columns hold it."""
    return moment.astimezone(UTC).timestamp()
