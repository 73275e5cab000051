"""What was forgotten by mistake: everything that erasing takes away goes into a token, and comes back out of it."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from memory import conflicts, duplicates, indexing, sealing
from memory.errors import Conflict, ValidationFailed
from memory.models import Event, Memory, Session
from memory.types import State, Verb
from memory.wording import text_hash
from memory.writing import Hand, among

AT_ONCE: Final = 500
DERIVED: Final = frozenset({"tokens", "text_hash", "gist", "space"})  # worked out again from the words


def learned(owner_id: int, turn_ids: Sequence[int]) -> QuerySet[Memory]:
    """Return what was learned from turns and quotes them, and does not go with them."""
    rows = Memory.objects.filter(owner_id=owner_id, turn__in=among(turn_ids)).exclude(quote="")
    return rows.exclude(state=State.FORGOTTEN).exclude(pk__in=among(turn_ids))


def quoting(owner_id: int, turn_ids: Sequence[int]) -> QuerySet[Event]:
    """Return the events that tell in the words of turns how something else was told again."""
    told = RawSQL(
        "SELECT id FROM memory_event WHERE owner_id = %s AND verb IN ('merged', 'repeated') "
        "AND jsonb_typeof(after -> 'source') = 'object' "
        "AND after #>> '{source,turn}' IN (SELECT unnest(%s::bigint[])::text)",
        [owner_id, list(turn_ids)],
    )
    return Event.objects.filter(owner_id=owner_id, pk__in=told).exclude(memory__in=among(turn_ids))


def kept(hand: Hand, ids: Sequence[int], sessions: Sequence[Session]) -> dict[str, Any]:
    """Return everything that erasing takes away and that cannot be worked out again."""
    mine = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(ids)).order_by("pk")
    events = Event.objects.filter(owner_id=hand.owner_id, memory__in=among(ids))
    losing = Memory.objects.filter(owner_id=hand.owner_id, session__in=sessions).exclude(pk__in=among(ids))
    return {
        "owner": hand.owner_id,
        "revision": hand.revision,
        "rows": sealing.written(mine.defer("tokens"), without=DERIVED),
        "events": _rows(events.exclude(before={}, after={}, reason=""), "pk", "before", "after", "reason"),
        "sessions": sealing.written(sessions),
        "quotes": _rows(learned(hand.owner_id, ids), "pk", "quote"),
        "told": _rows(quoting(hand.owner_id, ids), "pk", "after"),
        "in": _rows(losing, "pk", "session_id"),
    }


def _rows(rows: QuerySet[Any], *columns: str) -> list[list[Any]]:
    return [[*row] for row in rows.order_by("pk").values_list(*columns)]


def undo(hand: Hand, token: str) -> list[Memory]:
    """Write back what a token holds, under the same ids."""
    kept = sealing.opened(token)
    if kept.get("owner") != hand.owner_id:
        raise ValidationFailed(_("This can no longer be undone."), field="undo")
    columns = list(sealing.read(Memory, kept["rows"]))
    ids = [row["id"] for row in columns]
    there = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(ids), state=State.FORGOTTEN)
    if there.filter(revision=kept["revision"]).count() != len(ids):
        raise Conflict(_("This was undone already."))
    _put_back_sessions(hand, kept)
    rows = _put_back(hand, columns)
    _put_back_traces(hand, kept)
    for row in rows:
        if conflicts.has_slot(row):
            conflicts.place(hand, row)
        hand.note(row, Verb.RESTORED)
    hand.is_new = True
    return rows


def _put_back_sessions(hand: Hand, kept: dict[str, Any]) -> None:
    sessions = [Session(**columns) for columns in sealing.read(Session, kept["sessions"])]
    others = Session.objects.filter(owner_id=hand.owner_id, key__in=[session.key for session in sessions])
    if others.filter(turn_count__gt=0).exists():
        raise Conflict(_("There is another session of this name now."))
    others.delete()  # what was left so that nothing more is learned
    Session.objects.bulk_create(sessions, batch_size=AT_ONCE)


def _put_back(hand: Hand, kept: Sequence[dict[str, Any]]) -> list[Memory]:
    """Write the rows back. What they point to and is not there any more, they point to no more."""
    mine = Memory.objects.filter(owner_id=hand.owner_id)
    turns = set(
        mine.filter(pk__in=among([row["turn_id"] for row in kept if row["turn_id"]])).values_list("pk", flat=True)
    )
    keys = [row["source_key"] for row in kept if row["source_key"]]
    taken = set(mine.filter(source_key__in=keys).values_list("source_key", flat=True))  # told again meanwhile
    sessions = set(Session.objects.filter(owner_id=hand.owner_id).values_list("pk", flat=True))
    rows = []
    for columns in kept:
        row = Memory(**columns)
        row.source_key = "" if row.source_key in taken else row.source_key
        if row.session_id is not None and row.session_id not in sessions:
            row.session_id = row.number = None
        row.turn_id = row.turn_id if row.turn_id in turns else None
        row.superseded_by_id, row.valid_to, row.space = None, row.told_to, None
        row.revision, row.changed_at = hand.revision, hand.now
        row.text_hash = text_hash(row.text)
        row.gist = b"" if row.number is not None else duplicates.gist_of(row)
        row.tokens = indexing.tokens_of(row)
        rows.append(row)
    columns_of_rows = [field.attname for field in Memory._meta.concrete_fields if not field.primary_key]
    Memory.objects.bulk_create(
        rows, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["id"], update_fields=columns_of_rows
    )
    return rows


def _put_back_traces(hand: Hand, kept: dict[str, Any]) -> None:
    """Write back the histories, and what others kept of the rows."""
    told = {pk: {"after": after} for pk, after in kept["told"]}
    told |= {pk: {"before": before, "after": after, "reason": reason} for pk, before, after, reason in kept["events"]}
    events = list(Event.objects.filter(owner_id=hand.owner_id, pk__in=among(list(told))))
    for event in events:
        for name, value in told[event.pk].items():
            setattr(event, name, value)
    Event.objects.bulk_update(events, ["before", "after", "reason"], batch_size=AT_ONCE)
    others = {pk: {"quote": quote} for pk, quote in kept["quotes"]}
    for pk, session in kept["in"]:
        others.setdefault(pk, {})["session_id"] = session
    rows = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(list(others))).exclude(state=State.FORGOTTEN)
    changed = list(rows.defer("tokens"))
    for row in changed:
        for name, value in {**others[row.pk], "revision": hand.revision}.items():
            setattr(row, name, value)
    Memory.objects.bulk_update(changed, ["quote", "session", "revision"], batch_size=AT_ONCE)
