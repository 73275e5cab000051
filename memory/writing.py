"""Every change to a reader's memory: one transaction, one revision, one event a changed row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from memory import checking, indexing, queue
from memory.errors import NotFound
from memory.models import Event, Memory
from memory.types import State, Verb
from mindory_web.engines.models import Vector

COLLECTION: Final = "memory"  # of the vectors
LONGEST_ACTOR: Final = 100
LONGEST_REASON: Final = 300
AS_IT_IS: Final = frozenset({str, int, float, bool})


def begin(owner_id: int) -> int:
    """Return the revision of the change that begins. Writers of one reader wait for each other here.

    Only inside a transaction: the lock is held until it ends.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("writing.begin is called inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memory_mind (reader_id, revision, is_learning, is_following) VALUES (%s, 1, true, true) "
            "ON CONFLICT (reader_id) DO UPDATE SET revision = memory_mind.revision + 1 RETURNING revision",
            [owner_id],
        )
        return int(cursor.fetchone()[0])


@dataclass(slots=True)
class Hand:
    """Who changes whose memory, and under which revision. Lives as long as its transaction."""

    owner_id: int
    actor: str
    revision: int
    now: datetime
    events: list[Event] = field(default_factory=list)
    is_new: bool = False  # something was added that has no vector yet

    def note(
        self, memory: Memory, verb: Verb, *, before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None, reason: str = "",
    ) -> None:  # fmt: skip
        """Add an event to the history of a memory. It is written when the hand is lifted."""
        self.events.append(
            Event(
                owner_id=self.owner_id,
                memory=memory,
                verb=verb,
                before=plain(before or {}),
                after=plain(after or {}),
                actor=self.actor[:LONGEST_ACTOR],
                reason=reason_of(reason),
                at=self.now,
                revision=self.revision,
            )
        )

    def note_all(
        self, ids: Sequence[int], verb: Verb, *, before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None, reason: str = "",
    ) -> None:  # fmt: skip
        """Add the same event to the histories of many memories, at once and by one statement."""
        told = [json.dumps(plain(what or {})) for what in (before, after)]
        actor = self.actor[:LONGEST_ACTOR]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO memory_event (owner_id, memory_id, verb, before, after, actor, reason, at, revision) "
                "SELECT %s, id, %s, %s, %s, %s, %s, %s, %s FROM unnest(%s::bigint[]) AS these (id)",
                [self.owner_id, verb, *told, actor, reason_of(reason), self.now, self.revision, list(ids)],
            )

    def change(self, memory: Memory, verb: Verb, changes: Mapping[str, Any], *, reason: str = "") -> bool:
        """Set fields of a memory and tell its history; say whether anything was another than before."""
        before = {name: getattr(memory, name) for name in changes if getattr(memory, name) != changes[name]}
        if not before:
            return False
        after = {name: changes[name] for name in before}
        self.keep(memory, after)
        self.note(memory, verb, before=before, after=after, reason=reason)
        return True

    def keep(self, memory: Memory, changes: Mapping[str, Any]) -> None:
        """Set fields of a memory and let searches know."""
        for name, value in changes.items():
            setattr(memory, name, value)
        memory.revision, memory.changed_at = self.revision, self.now
        memory.save(update_fields=[*changes, "revision", "changed_at"])

    def write_events(self) -> None:
        """Write what was noted so far."""
        Event.objects.bulk_create(self.events, batch_size=1000)
        self.events.clear()

    def reword(self, memory: Memory) -> None:
        """Work out again what a memory is found by, after its words changed."""
        Vector.objects.filter(space__collection=COLLECTION, group=self.owner_id, item=memory.pk).delete()
        memory.layers.all().delete()
        self.keep(memory, {"tokens": indexing.tokens_of(memory), "space": None})
        self.is_new = True


@contextmanager
def hand(owner_id: int, actor: str) -> Iterator[Hand]:
    """Open a change: a transaction in which this writer is the only one of the reader's memory."""
    with transaction.atomic():
        mine = Hand(owner_id=owner_id, actor=actor, revision=begin(owner_id), now=timezone.now())
        yield mine
        mine.write_events()
        if mine.is_new:
            queue.embed(owner_id)


def owned(owner_id: int, memory_id: int, *, locked: bool = False) -> Memory:
    """Return a memory of the reader's; NotFound for another's, and one that is unknown, forgotten or over."""
    rows = Memory.objects.filter(owner_id=owner_id).exclude(state=State.FORGOTTEN)
    rows = rows.exclude(expires_on__lte=timezone.localdate())  # the reaper has not come yet
    if locked:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=memory_id).first() if _is_id(memory_id) else None
    if found is None:
        raise no_memory()
    return found


def among(ids: Sequence[int]) -> RawSQL:
    """Return ids for a lookup `__in`, however many: they travel as one parameter."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def reason_of(given: str) -> str:
    """Return why something is changed, as its history keeps it: a long one is cut."""
    return checking.words(given[:LONGEST_REASON], "reason", most=LONGEST_REASON)


def no_memory() -> NotFound:
    """Return the answer to an id that is not the reader's."""
    return NotFound(_("There is no such memory."))


def _is_id(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**63


def source_of(event: Event) -> dict[str, Any]:
    """Return the source that an event names; what came in from elsewhere may hold anything."""
    source = event.after.get("source")
    return source if isinstance(source, dict) else {}


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an event keeps them: times and days as text, rows as their ids."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if value is None or type(value) in AS_IT_IS:
        return value  # most are: a hundred thousand memories have millions
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value
