"""Forgetting: the words go from every table at once, the row stays as a sign that something was there.

The caller gets a receipt. Its `undo` token is the only copy of what was forgotten; the server keeps none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from memory import conflicts, indexing, listing, merging, sealing
from memory.attributes import SINGLE
from memory.errors import Conflict, ValidationFailed
from memory.models import Event, Layer, Memory, ModelAnswer, Request, Session
from memory.types import State, Verb, Wanted
from memory.writing import COLLECTION, Hand, no_memory, source_of
from mindory_web.engines.models import Vector

AT_ONCE: Final = 1_000
MOST_UNDONE: Final = 500  # rows that one token can bring back
EMPTY: Final[dict[str, Any]] = {
    "state": State.FORGOTTEN, "subject": "", "attribute": "", "value": "", "text": "", "language": "", "metadata": {},
    "speaker": "", "caption": "", "agent": "", "source_key": "", "source_label": "", "quote": "", "book": None,
    "section": None, "start": None, "end": None, "turn": None, "superseded_by": None, "is_pinned": False,
    "text_hash": b"", "gist": b"", "tokens": b"", "space": None, "expires_on": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was forgotten. `undo` brings it back until `undo_until`; it is empty when that was too much for a token."""

    ids: tuple[int, ...]
    sessions: tuple[str, ...]
    at: datetime
    undo: str = ""
    undo_until: datetime | None = None

    @property
    def count(self) -> int:
        """Return how many memories and turns were forgotten."""
        return len(self.ids)


def forget(hand: Hand, memory_ids: Sequence[int], *, reason: str = "") -> Receipt:
    """Forget memories; all of them or, when one is not the reader's, none."""
    wanted = {pk for pk in memory_ids if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63}
    if len(wanted) != len(set(memory_ids)):
        raise no_memory()
    rows = Memory.objects.filter(owner_id=hand.owner_id, pk__in=wanted).exclude(state=State.FORGOTTEN)
    if rows.count() != len(wanted):
        raise no_memory()
    # What was merged into them says the same, and the reader sees one memory.
    together = wanted | {row.pk for row in merging.merged_into(hand, wanted)}
    return erase(hand, Memory.objects.filter(owner_id=hand.owner_id, pk__in=together), reason=reason)


def forget_all(hand: Hand, wanted: Wanted, *, reason: str = "") -> Receipt:
    """Forget everything that fits, archived and past memories too; sessions of which nothing is left go with it."""
    listing.check(wanted)
    if wanted.as_of is not None or wanted.known_at is not None:
        raise ValidationFailed(_("What is forgotten is chosen by what it is, not by when it was true."), field="as_of")
    every = Wanted(**{**{name: getattr(wanted, name) for name in Wanted.__slots__}, "include_archived": True})
    rows = listing.narrowed(hand.owner_id, every)
    return erase(hand, rows, sessions=_emptied(hand.owner_id, wanted), reason=reason)


def _emptied(owner_id: int, wanted: Wanted) -> list[Session]:
    """Return the sessions that go as a whole with what is wanted."""
    sessions = Session.objects.filter(owner_id=owner_id)
    if wanted in (Wanted(), Wanted(include_archived=True), Wanted(include_past=True)):
        return list(sessions)
    if wanted == Wanted(session=wanted.session):
        return list(sessions.filter(key=wanted.session))
    if wanted == Wanted(book=wanted.book):
        return list(sessions.filter(books=[wanted.book]))
    return []


def erase(hand: Hand, rows: QuerySet[Memory], *, sessions: Sequence[Session] = (), reason: str = "") -> Receipt:
    """Erase the words of rows, and whole sessions, from every table."""
    going = set(rows.order_by().values_list("pk", flat=True))
    ids = sorted(going)
    for some in _by(AT_ONCE, ids):
        merging.part(hand, set(some), going)
    sessions = list(sessions)
    kept = _kept(hand, ids, sessions) if len(ids) <= MOST_UNDONE else None
    told = {session.pk for session in sessions} | set(
        Memory.objects.filter(pk__in=ids[:MOST_UNDONE], session__isnull=False).values_list("session_id", flat=True)
    )
    lifted: list[Memory] = []
    for some in _by(AT_ONCE, ids):
        lifted += _slots(some)
        _erase_words(hand, some)
        told |= set(Memory.objects.filter(pk__in=some, session__isnull=False).values_list("session_id", flat=True))
    for memory in lifted:
        conflicts.lift(hand, memory)
    _erase_traces(hand, ids, told)
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    for some in _by(AT_ONCE, ids):
        for pk in some:
            hand.note(Memory(pk=pk, owner_id=hand.owner_id), Verb.FORGOTTEN, reason=reason)
    undo = sealing.sealed(kept) if kept else ""
    until = hand.now + timedelta(seconds=sealing.SECONDS) if undo else None
    return Receipt(tuple(ids), tuple(session.key for session in sessions), hand.now, undo, until)


def _slots(ids: Sequence[int]) -> list[Memory]:
    """Return those of the rows that stand in the timeline of a single-valued attribute."""
    rows = Memory.objects.filter(pk__in=ids, number__isnull=True, attribute__in=SINGLE)
    return [row for row in rows.defer("text", "tokens") if conflicts.has_slot(row)]


def _erase_words(hand: Hand, ids: Sequence[int]) -> None:
    Memory.objects.filter(pk__in=ids).update(**EMPTY, revision=hand.revision, changed_at=hand.now)
    hand.write_events()
    Event.objects.filter(memory__in=ids).update(before={}, after={}, reason="")
    Layer.objects.filter(memory__in=ids).delete()
    Request.objects.filter(memory__in=ids).delete()
    Vector.objects.filter(
        space__collection=COLLECTION, group=hand.owner_id, item__in=[*ids, *_after(hand, ids)]
    ).delete()


def _after(hand: Hand, ids: Sequence[int]) -> list[int]:
    """Have the turns after forgotten ones embedded anew, for a vector is made of the turn before it, too."""
    gone = Memory.objects.filter(pk__in=ids, number__isnull=False, session__isnull=False)
    places = {
        (session, number + 1) for session, number in gone.values_list("session_id", "number") if number is not None
    }
    if not places:
        return []
    near = Memory.objects.filter(
        session__in={session for session, _ in places}, number__in={number for _, number in places}
    ).exclude(state=State.FORGOTTEN)
    found = [pk for pk, *place in near.values_list("pk", "session_id", "number") if tuple(place) in places]
    if Memory.objects.filter(pk__in=found).update(space=None, revision=hand.revision):
        hand.is_new = True
    return found


def _erase_traces(hand: Hand, ids: Sequence[int], sessions: set[int]) -> None:
    """Erase what others keep of the rows: quotes of turns, abstracts of sessions, what a model answered about them."""
    for learned in _learned(hand.owner_id, ids):
        hand.keep(learned, {"quote": ""})
    for event in _quoting(hand.owner_id, ids):
        event.after.pop("text", None)
        source_of(event).pop("quote", None)
        event.save(update_fields=["after"])
    Layer.objects.filter(session__in=sessions).delete()
    ModelAnswer.objects.filter(Q(session__in=sessions) | Q(session=None), owner_id=hand.owner_id).delete()


def _learned(owner_id: int, turn_ids: Sequence[int]) -> list[Memory]:
    """Return what was learned from turns and quotes them."""
    rows = Memory.objects.filter(owner_id=owner_id, turn__in=list(turn_ids)).exclude(quote="")
    return list(rows.exclude(state=State.FORGOTTEN))


def _quoting(owner_id: int, turn_ids: Sequence[int]) -> list[Event]:
    """Return the events that tell in the words of turns how something was told again."""
    turns = list(Memory.objects.filter(pk__in=turn_ids, number__isnull=False).values_list("pk", flat=True))
    if not turns:
        return []
    told = Event.objects.filter(owner_id=owner_id, verb__in=[Verb.MERGED, Verb.REPEATED])
    return list(told.filter(after__source__turn__in=turns))


def _kept(hand: Hand, ids: Sequence[int], sessions: Sequence[Session]) -> dict[str, Any]:
    """Return everything that erasing takes away and that cannot be worked out again."""
    events = Event.objects.filter(memory__in=ids)
    losing = Memory.objects.filter(session__in=sessions).exclude(pk__in=ids)
    return {
        "owner": hand.owner_id,
        "revision": hand.revision,
        "rows": [sealing.written(row) for row in Memory.objects.filter(pk__in=ids).order_by("pk")],
        "events": [[event.pk, event.before, event.after, event.reason] for event in events],
        "sessions": [sealing.written(session) for session in sessions],
        "quotes": [[row.pk, row.quote] for row in _learned(hand.owner_id, ids) if row.pk not in set(ids)],
        "told": [[event.pk, event.after] for event in _quoting(hand.owner_id, ids)],
        "in": [[pk, session] for pk, session in losing.values_list("pk", "session_id")],
        "turns": [[pk, turn] for pk, turn in _pointing(ids).values_list("pk", "turn_id")],
    }


def _pointing(ids: Sequence[int]) -> QuerySet[Memory]:
    return Memory.objects.filter(pk__in=ids, turn__isnull=False)


def undo(hand: Hand, token: str) -> list[Memory]:
    """Write back what a token holds, under the same ids."""
    kept = sealing.opened(token)
    if kept.get("owner") != hand.owner_id:
        raise ValidationFailed(_("This can no longer be undone."), field="undo")
    ids = [int(row["id"]) for row in kept["rows"]]
    there = Memory.objects.filter(owner_id=hand.owner_id, pk__in=ids, state=State.FORGOTTEN, revision=kept["revision"])
    if there.count() != len(ids):
        raise Conflict(_("This was undone already."))
    _put_back_sessions(hand, kept)
    rows = [_put_back(hand, row) for row in kept["rows"]]
    _put_back_links(hand, kept)
    for row in rows:
        if conflicts.has_slot(row):
            conflicts.place(hand, row)
        hand.note(row, Verb.RESTORED)
    hand.is_new = True
    return rows


def _put_back_sessions(hand: Hand, kept: dict[str, Any]) -> None:
    for session in kept["sessions"]:
        another = Session.objects.filter(owner_id=hand.owner_id, key=session["key"])
        if another.filter(turn_count__gt=0).exists():
            raise Conflict(_("There is another session of this name now."))
        another.delete()  # what was left so that nothing more is learned
        Session.objects.create(**sealing.read(Session, session))


def _put_back(hand: Hand, kept: dict[str, Any]) -> Memory:
    columns = sealing.read(Memory, kept)
    mine = Memory.objects.filter(owner_id=hand.owner_id)
    if columns["source_key"] and mine.filter(source_key=columns["source_key"]).exists():
        columns["source_key"] = ""  # its source told it again meanwhile
    if columns["session_id"] and not Session.objects.filter(owner_id=hand.owner_id, pk=columns["session_id"]).exists():
        columns["session_id"] = columns["number"] = None
    columns |= {"superseded_by_id": None, "valid_to": columns["told_to"], "turn_id": None, "space": None}
    columns |= {"revision": hand.revision, "changed_at": hand.now}
    row = Memory(**columns)
    row.tokens = indexing.tokens_of(row)
    row.save(force_update=True)
    return row


def _put_back_links(hand: Hand, kept: dict[str, Any]) -> None:
    mine = Memory.objects.filter(owner_id=hand.owner_id)
    turns = set(mine.filter(pk__in=[turn for _pk, turn in kept["turns"]]).values_list("pk", flat=True))
    for pk, turn in kept["turns"]:
        if turn in turns:
            mine.filter(pk=pk).update(turn_id=turn)
    for pk, quote in kept["quotes"]:
        mine.filter(pk=pk).exclude(state=State.FORGOTTEN).update(quote=quote, revision=hand.revision)
    for pk, session in kept["in"]:
        mine.filter(pk=pk).exclude(state=State.FORGOTTEN).update(session_id=session, revision=hand.revision)
    for pk, before, after, reason in kept["events"]:
        Event.objects.filter(owner_id=hand.owner_id, pk=pk).update(before=before, after=after, reason=reason)
    for pk, after in kept["told"]:
        Event.objects.filter(owner_id=hand.owner_id, pk=pk).update(after=after)


def _by(size: int, ids: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
