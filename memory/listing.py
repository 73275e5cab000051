"""Which of a reader's memories a caller wants, as rows; and how many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Min, Q, QuerySet
from django.utils import timezone

from memory import checking, conflicts
from memory.attributes import attribute_of, subject_of
from memory.models import Event, Job, Memory, Session
from memory.types import State, Wanted

T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class Stats:
    """How much a reader's memory holds. What is forgotten is not counted; turns are counted apart."""

    memories: int
    turns: int
    sessions: int
    pinned: int
    archived: int  # of both
    by_type: Mapping[str, int]  # active memories
    by_state: Mapping[str, int]  # memories and turns
    by_book: Mapping[int, int]  # active memories and turns
    first_at: datetime | None
    last_at: datetime | None
    jobs_open: int
    revision: int


def wanted_rows(owner_id: int, wanted: Wanted) -> QuerySet[Memory]:
    """Return the memories a caller wants, newest first. What has expired or is forgotten is never among them."""
    check(wanted)
    now = timezone.now()
    rows = narrowed(owner_id, wanted)
    rows = rows.filter(Q(expires_on__isnull=True) | Q(expires_on__gt=timezone.localdate(now)))
    if wanted.as_of is not None or wanted.known_at is not None:
        if wanted.include_past and wanted.as_of is None and wanted.known_at is not None:
            return rows.filter(recorded_at__lte=wanted.known_at)
        return conflicts.as_known(rows, wanted.as_of or now, wanted.known_at or now)
    if wanted.include_past:
        return rows
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=now))


def narrowed(owner_id: int, wanted: Wanted) -> QuerySet[Memory]:
    """Return the rows that fit everything but the times of validity."""
    states = [State.ACTIVE, *([State.ARCHIVED] if wanted.include_archived else [])]
    rows = Memory.objects.filter(owner_id=owner_id, state__in=states)
    if wanted.types:
        rows = rows.filter(type__in=wanted.types)
    if wanted.is_turn is not None:
        rows = rows.filter(number__isnull=not wanted.is_turn)
    if wanted.agent is not None:
        rows = rows.filter(Q(agent=wanted.agent) | Q(pk__in=told_again_by(owner_id, wanted.agent)))
    exact = {"book": wanted.book, "session__key": wanted.session, "is_pinned": wanted.is_pinned}
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if wanted.subject is not None:
        rows = rows.filter(subject=subject_of(wanted.subject))
    if wanted.attribute is not None:
        rows = rows.filter(attribute=attribute_of(wanted.attribute))
    if wanted.since is not None:
        rows = rows.filter(observed_at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(observed_at__lt=wanted.until)
    return rows.order_by("-observed_at", "-id")


def told_again_by(owner_id: int, agent: str) -> QuerySet[Event, int]:
    """Return the ids of what an agent told that was known already: a row names only who told it first."""
    again = Event.objects.filter(owner_id=owner_id, verb__in=["merged", "repeated"], after__source__agent=agent)
    return again.order_by().values_list("memory", flat=True)


def check(wanted: Wanted) -> None:
    """Refuse a wish that cannot be understood."""
    for one in wanted.types:
        checking.memory_type(one)
    for name in ("agent", "session", "subject", "attribute"):
        if (text := getattr(wanted, name)) is not None:
            checking.words(text, name)
    checking.number(wanted.book, "book", most=checking.LARGEST_ID)
    for name in ("since", "until", "as_of", "known_at"):
        checking.time(getattr(wanted, name), name)


def stats(owner_id: int, revision: int) -> Stats:
    """Count what a reader's memory holds."""
    groups = _groups(owner_id)
    active = [group for group in groups if group.state == State.ACTIVE]
    return Stats(
        memories=sum(group.rows for group in active if not group.is_turn),
        turns=sum(group.rows for group in active if group.is_turn),
        sessions=Session.objects.filter(owner_id=owner_id).count(),
        pinned=sum(group.pinned for group in active),
        archived=sum(group.rows for group in groups if group.state == State.ARCHIVED),
        by_type=_counts((group.type, group.rows) for group in active if not group.is_turn),
        by_state=_counts((group.state, group.rows) for group in groups),
        by_book=_counts((group.book, group.rows) for group in active if group.book is not None),
        first_at=min((group.first_at for group in groups), default=None),
        last_at=max((group.last_at for group in groups), default=None),
        jobs_open=Job.objects.filter(owner_id=owner_id, state__in=[Job.State.QUEUED, Job.State.RUNNING]).count(),
        revision=revision,
    )


class _Group(NamedTuple):
    """Rows that are counted together."""

    type: str
    state: str
    book: int | None
    is_turn: bool
    rows: int
    pinned: int
    first_at: datetime
    last_at: datetime


def _groups(owner_id: int) -> list[_Group]:
    """Count the rows of a reader in one pass: there are far fewer kinds of them than rows."""
    rows = Memory.objects.filter(owner_id=owner_id).exclude(state=State.FORGOTTEN).order_by()
    kinds = rows.annotate(is_turn=ExpressionWrapper(Q(number__isnull=False), BooleanField()))
    counted = kinds.values_list("type", "state", "book", "is_turn").annotate(
        rows=Count("id"),
        pinned=Count("id", filter=Q(is_pinned=True)),
        first_at=Min("observed_at"),
        last_at=Max("observed_at"),
    )
    return [_Group(*group) for group in counted]


def _counts(groups: Iterable[tuple[T, int]]) -> dict[T, int]:
    """Return the sums of counts by what they are of, in its order."""
    sums: dict[T, int] = defaultdict(int)
    for name, count in groups:
        sums[name] += count
    return dict(sorted(sums.items()))
