"""Which value of a single-valued attribute is true when: the timeline of a slot.

A slot is one reader's subject and attribute ("user", "home"). Its rows stand in the order of the time from which
each is valid; each ends where the next begins, or sooner if it was told so. So the same facts make the same
timeline in whatever order they arrive. Many-valued attributes have no slot: they never end each other.
"""

from collections.abc import Collection
from datetime import datetime
from itertools import pairwise
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from memory.attributes import SINGLE, is_single
from memory.duplicates import same_value, says_no_more
from memory.models import Event, Memory
from memory.types import Outcome, State, Verb
from memory.writing import Hand

LINKS: Final = frozenset({State.ACTIVE, State.ARCHIVED})  # an archived fact was true as well


def has_slot(memory: Memory) -> bool:
    """Say whether a memory is a value of a single-valued attribute."""
    return (
        memory.number is None and memory.valid_from is not None and bool(memory.subject) and is_single(memory.attribute)
    )


def begin_of(memory: Memory) -> datetime | None:
    """Return from when a memory is valid: a value of a single-valued attribute, if nothing says so, since it was told.

    Not one that had ended by then.
    """
    is_open = memory.valid_from is None and (memory.told_to is None or memory.told_to > memory.observed_at)
    is_value = memory.number is None and bool(memory.subject) and is_single(memory.attribute)
    return memory.observed_at if is_open and is_value else memory.valid_from


def slot(memory: Memory) -> QuerySet[Memory]:
    """Return the rows of the slot that a memory belongs to, the memory itself left out."""
    return Memory.objects.filter(
        owner_id=memory.owner_id,
        subject=memory.subject,
        attribute=memory.attribute,
        number__isnull=True,
        state__in=LINKS,
    ).exclude(pk=memory.pk)


def earlier(memory: Memory) -> Memory | None:
    """Return the row of the slot that comes before this one."""
    begin, pk = memory.valid_from, memory.pk
    before = Q(valid_from__lt=begin) | Q(valid_from=begin, **({"pk__lt": pk} if pk else {}))
    return slot(memory).filter(before).order_by("-valid_from", "-pk").first()


def later(memory: Memory) -> Memory | None:
    """Return the row of the slot that comes after this one."""
    begin, pk = memory.valid_from, memory.pk
    after = Q(valid_from__gt=begin) | (Q(valid_from=begin, pk__gt=pk) if pk else Q(pk__in=()))
    return slot(memory).filter(after).order_by("valid_from", "pk").first()


def told_before(hand: Hand, memory: Memory) -> Memory | None:
    """Return the row that says the same of a new row's time; one that says it of a later time begins earlier now."""
    before, after = earlier(memory), later(memory)
    begin = memory.valid_from
    if before is not None and _says(before, memory) and before.told_to == memory.told_to:
        is_open = before.valid_to is None or begin is None or before.valid_to > begin
        return before if is_open else None
    if before is not None and _tellings_after(hand, before, memory):
        return None  # another value was told in between
    if after is not None and _says(after, memory) and memory.told_to is None:
        told_at = [after.valid_from]
        hand.keep(after, {"valid_from": begin})
        hand.note(
            after, Verb.UPDATED, before={"valid_from": told_at[0]}, after={"valid_from": begin, "told_at": told_at}
        )
        if before is not None:
            end(hand, before, after)
        return after
    return None


def _says(known: Memory, memory: Memory) -> bool:
    return same_value(known, memory) and says_no_more(memory, known)


def place(hand: Hand, memory: Memory) -> Outcome:
    """Give a new row its place in the timeline of its slot, and say what that makes of it."""
    before, after = earlier(memory), later(memory)
    if before is not None and after is None and _is_cut(before, memory):
        outcome = Outcome.SUPERSEDING
    else:
        outcome = Outcome.HISTORY if after is not None else Outcome.NEW
    again = split(hand, before, memory) if before is not None else None
    if before is not None:
        end(hand, before, memory)
    end(hand, memory, again or after)
    if again is not None:
        end(hand, again, after)
        return Outcome.HISTORY
    return outcome


def lift(hand: Hand, memory: Memory) -> None:
    """Take a row out of the timeline of its slot: what it ended goes on."""
    before, after = earlier(memory), later(memory)
    if before is not None:
        end(hand, before, after)


def end(hand: Hand, memory: Memory, by: Memory | None) -> None:
    """End a row where the next begins, or where it was told to end if that is sooner."""
    is_cut = by is not None and _is_cut(memory, by)
    changes = {
        "valid_to": by.valid_from if is_cut and by is not None else memory.told_to,
        "superseded_by_id": by.pk if is_cut and by is not None else None,
    }
    hand.change(memory, Verb.SUPERSEDED if is_cut else Verb.UPDATED, changes)


def _is_cut(memory: Memory, by: Memory) -> bool:
    return by.valid_from is not None and (memory.told_to is None or memory.told_to > by.valid_from)


def split(hand: Hand, told: Memory, between: Memory) -> Memory | None:
    """Return the later half of a row that was told before and after a value that has come between.

    London in 2020 and again in 2024 is one row, until Paris in 2022 arrives: then London is two.
    """
    tellings = _tellings_after(hand, told, between)
    if not tellings:
        return None
    again = Memory.objects.get(pk=told.pk)
    again.pk = None
    again._state.adding = True
    again.source_key = ""  # of one row only
    again.valid_from, again.observed_at = tellings[0], tellings[0]
    again.told_count = len(tellings)
    again.valid_to, again.superseded_by_id = again.told_to, None
    again.space, again.revision, again.changed_at = None, hand.revision, hand.now
    again.save()
    hand.is_new = True
    hand.note(again, Verb.REMEMBERED, after={"told_at": tellings, "from": told.pk})
    hand.keep(told, {"told_count": max(1, told.told_count - len(tellings))})
    return again


def _tellings_after(hand: Hand, told: Memory, between: Memory) -> list[datetime]:
    """Return when a memory was told again after the time of another, and before it ended."""
    begin, over = between.valid_from, told.valid_to  # what was told after its end belongs to a later half already
    if begin is None:
        return []
    return [telling for telling in tellings_of(hand, told) if telling > begin and (over is None or telling < over)]


def tellings_of(hand: Hand, memory: Memory) -> list[datetime]:
    """Return when a memory was told again, earliest first."""
    hand.write_events()
    found: set[datetime] = set()
    for after in Event.objects.filter(memory=memory).values_list("after", flat=True):
        told_at = after.get("told_at")
        found |= {at for written in (told_at if isinstance(told_at, list) else ()) if (at := _moment(written))}
    return sorted(found)


def _moment(written: object) -> datetime | None:
    """Return a time of a history; a history that came in from elsewhere may hold anything."""
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
    except (ValueError, OverflowError):
        return None
    return found if found is not None and found.tzinfo is not None else None


def settle(hand: Hand, subject: str, attribute: str, *, quietly: Collection[int]) -> None:
    """Work out a whole timeline again; rows in `quietly` are put right without telling."""
    rows = Memory.objects.filter(
        owner_id=hand.owner_id, subject=subject, attribute=attribute, number__isnull=True, state__in=LINKS
    )
    ordered = list(rows.filter(valid_from__isnull=False).order_by("valid_from", "pk").defer("tokens"))
    for memory, by in pairwise([*ordered, None]):
        if memory is None:
            continue
        if memory.pk not in quietly:
            end(hand, memory, by)
            continue
        is_cut = by is not None and _is_cut(memory, by)
        rows.filter(pk=memory.pk).update(
            valid_to=by.valid_from if is_cut and by else memory.told_to, superseded_by=by if is_cut else None
        )


def as_known(rows: QuerySet[Memory], at: datetime, known_at: datetime) -> QuerySet[Memory]:
    """Narrow rows to what was valid at one time, as it was known at another.

    What ended a value may have been learned later: so the ends are worked out from what was recorded by then.
    """
    next_one = Memory.objects.filter(
        owner_id=OuterRef("owner_id"),
        subject=OuterRef("subject"),
        attribute=OuterRef("attribute"),
        number__isnull=True,
        state__in=LINKS,
        recorded_at__lte=known_at,
        valid_from__lte=at,
    )
    # Only with this does Postgres take the index of slots, which holds no others: each value read the whole memory.
    next_one = next_one.exclude(attribute="")
    next_one = next_one.filter(
        Q(valid_from__gt=OuterRef("valid_from")) | Q(valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk"))
    )
    rows = rows.filter(recorded_at__lte=known_at)
    rows = rows.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=at))
    rows = rows.filter(Q(told_to__isnull=True) | Q(told_to__gt=at))
    rows = rows.exclude(number__isnull=False, observed_at__gt=at)  # what was said later had not been said
    in_slot = Q(number__isnull=True, attribute__in=SINGLE) & ~Q(subject="")
    return rows.exclude(in_slot & Q(Exists(next_one)))
