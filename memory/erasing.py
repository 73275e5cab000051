"""Forgetting: the words go from every table at once, the row stays as a sign that something was there.

The caller gets a receipt. Its `undo` token is the only copy of what was forgotten; the server keeps none that it
could read (memory/undoing.py, memory/receipts.py). Every table is changed by one statement: to forget everything takes
seconds, not minutes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from memory import conflicts, listing, merging, resent, sealing, undoing
from memory.attributes import SINGLE
from memory.errors import ValidationFailed
from memory.models import Event, Layer, Memory, ModelAnswer, Session
from memory.types import State, Verb, Wanted
from memory.writing import COLLECTION, Hand, among, no_memory
from mindory_web.engines.models import Vector

AT_ONCE: Final = 1_000
WITHOUT_WORDS: Final = RawSQL("(after - 'text') #- '{source,quote}'", [])  # what an event tells after a change
MOST_UNDONE: Final = 5_000  # rows that one token can bring back; it holds that many of common length
EMPTY: Final[dict[str, Any]] = {
    "state": State.FORGOTTEN, "subject": "", "attribute": "", "value": "", "text": "", "language": "", "metadata": {},
    "speaker": "", "caption": "", "agent": "", "source_label": "", "quote": "", "book": None,
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
    """Forget everything that fits, archived and past memories too; sessions of which nothing is left go with it.

    Of one that was left out of the memory an empty session of its name stays, which goes on learning nothing.
    """
    listing.check(wanted)
    if wanted.as_of is not None or wanted.known_at is not None:
        raise ValidationFailed(_("What is forgotten is chosen by what it is, not by when it was true."), field="as_of")
    ids = _ids(listing.narrowed(hand.owner_id, replace(wanted, include_archived=True)))
    sessions = _emptied(hand.owner_id, wanted, ids)
    receipt = _erase(hand, ids, sessions, reason)
    left_out = [session.key for session in sessions if not session.is_learning]
    Session.objects.bulk_create(
        Session(owner_id=hand.owner_id, key=key, is_learning=False, opened_at=hand.now) for key in left_out
    )
    return receipt


def _emptied(owner_id: int, wanted: Wanted, ids: Sequence[int]) -> list[Session]:
    """Return the sessions that go with what is wanted: those it names, and those of which nothing is left.

    One that is emptied by the way stays if nothing may be learned from it: the reader has said so.
    """
    sessions = Session.objects.filter(owner_id=owner_id).order_by("pk")
    bare = replace(wanted, include_archived=False, include_past=False)
    if bare == Wanted():
        return list(sessions)
    named = Q(pk__in=())
    if bare == Wanted(session=bare.session):
        named = Q(key=bare.session)
    elif bare == Wanted(book=bare.book):
        named = Q(books=[bare.book])
    there = Memory.objects.filter(owner_id=owner_id, session=OuterRef("pk")).exclude(state=State.FORGOTTEN)
    goes, stays = there.filter(pk__in=among(ids)), there.exclude(pk__in=among(ids))
    return list(sessions.filter(named | (Q(is_learning=True) & Exists(goes) & ~Exists(stays))))


def erase(hand: Hand, rows: QuerySet[Memory], *, sessions: Sequence[Session] = (), reason: str = "") -> Receipt:
    """Erase the words of rows, and whole sessions, from every table."""
    return _erase(hand, _ids(rows), sessions, reason)


def _ids(rows: QuerySet[Memory]) -> list[int]:
    return sorted(set(rows.order_by().values_list("pk", flat=True)))


def _erase(hand: Hand, ids: list[int], sessions: Sequence[Session], reason: str) -> Receipt:
    going = set(ids)
    for some in _by(AT_ONCE, ids):
        merging.part(hand, set(some), going)
    hand.write_events()
    kept = undoing.kept(hand, ids, sessions) if len(ids) <= MOST_UNDONE else None
    mine = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(ids)).order_by()
    told = {session.pk for session in sessions} | {pk for pk in mine.values_list("session", flat=True).distinct() if pk}
    lifted = _slots(mine)
    _erase_traces(hand, mine, ids, told)
    _erase_rows(hand, mine, ids, [session.pk for session in sessions])
    _lift(hand, lifted)
    Session.objects.filter(owner_id=hand.owner_id, pk__in=[session.pk for session in sessions]).delete()
    hand.note_all(ids, Verb.FORGOTTEN, reason=reason)
    undo = sealing.sealed(kept) if kept else ""
    until = hand.now + timedelta(seconds=sealing.SECONDS) if undo else None
    return Receipt(tuple(ids), tuple(session.key for session in sessions), hand.now, undo, until)


def _slots(mine: QuerySet[Memory]) -> list[Memory]:
    """Return those of the rows that stand in the timeline of a single-valued attribute."""
    rows = mine.filter(number__isnull=True, attribute__in=SINGLE).only(
        "owner", "subject", "attribute", "number", "valid_from"
    )
    return [row for row in rows if conflicts.has_slot(row)]


def _lift(hand: Hand, rows: Sequence[Memory]) -> None:
    """Take erased rows out of their timelines: what they ended goes on. Those of which nothing is left need nothing."""
    slots: dict[tuple[str, str], list[Memory]] = defaultdict(list)
    for row in rows:
        slots[row.subject, row.attribute].append(row)
    left = Memory.objects.filter(owner_id=hand.owner_id, number__isnull=True, state__in=conflicts.LINKS)
    left = left.filter(attribute__in={attribute for _subject, attribute in slots}) if slots else left.none()
    for slot in left.order_by("subject", "attribute").values_list("subject", "attribute").distinct():
        if len(gone := slots.get(slot, [])) == 1:
            conflicts.lift(hand, gone[0])
        elif gone:
            conflicts.settle(hand, *slot, quietly=())


def _erase_rows(hand: Hand, mine: QuerySet[Memory], ids: Sequence[int], sessions: Sequence[int]) -> None:
    """Erase the rows, what is derived from them, and their histories; rows that stay leave the sessions that go."""
    near = _after(hand, ids)
    Vector.objects.filter(space__collection=COLLECTION, group=hand.owner_id, item__in=among([*ids, *near])).delete()
    Layer.objects.filter(memory__in=among(ids)).delete()
    bare = {"before": {}, "after": {}, "reason": ""}
    Event.objects.filter(owner_id=hand.owner_id, memory__in=among(ids)).exclude(**bare).update(**bare)
    changed = {"revision": hand.revision, "changed_at": hand.now}
    goes = When(session__in=among(sessions), then=Value(None))
    key = resent.hide(hand.owner_id, mine, among(ids))
    mine.update(**EMPTY, **changed, source_key=key, session=Case(goes, default=F("session")))
    Memory.objects.filter(owner_id=hand.owner_id, session__in=sessions).update(session=None, revision=hand.revision)


def _after(hand: Hand, ids: Sequence[int]) -> list[int]:
    """Have the turns after forgotten ones embedded anew, for a vector is made of the turn before it, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT next.id FROM unnest(%s::bigint[]) AS gone (id) JOIN memory_memory AS this ON this.id = gone.id "
            "JOIN memory_memory AS next ON next.session_id = this.session_id AND next.number = this.number + 1 "
            "WHERE next.owner_id = %s AND next.state <> %s",
            [list(ids), hand.owner_id, State.FORGOTTEN],
        )
        near = [int(pk) for (pk,) in cursor.fetchall()]
    near = sorted(set(near) - set(ids))
    if Memory.objects.filter(pk__in=among(near)).update(space=None, revision=hand.revision):
        hand.is_new = True
    return near


def _erase_traces(hand: Hand, mine: QuerySet[Memory], ids: Sequence[int], sessions: set[int]) -> None:
    """Erase what others keep of the rows: quotes of turns, abstracts of sessions, what a model answered about them."""
    if mine.filter(number__isnull=False).exists():
        undoing.learned(hand.owner_id, ids).update(quote="", revision=hand.revision, changed_at=hand.now)
        undoing.quoting(hand.owner_id, ids).update(after=WITHOUT_WORDS)
    Layer.objects.filter(owner_id=hand.owner_id, session__in=sessions).delete()
    ModelAnswer.objects.filter(Q(session__in=sessions) | Q(session=None), owner_id=hand.owner_id).delete()


def _by(size: int, ids: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
