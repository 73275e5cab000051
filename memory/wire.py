"""The one shape in which REST, MCP and the command line answer; what they are told is read by memory/told.py.

Times go out as ISO 8601 in UTC.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final, Literal, NotRequired, cast

from typing_extensions import TypedDict

from memory import forgetting
from memory.erasing import Receipt
from memory.listing import Stats
from memory.models import Event, Job, Memory, Session
from memory.titles import title_of
from memory.told import candidate_of, changes_of, moment_of, turn_of, wanted_of
from memory.types import Hit, MemoryType, Parts

__all__ = [
    "EventOut",
    "HealthOut",
    "JobOut",
    "LayersOut",
    "MemoryOut",
    "PartsOut",
    "PlaceOut",
    "ReceiptOut",
    "SessionOut",
    "SourceOut",
    "StatsOut",
    "as_dict",
    "candidate_of",
    "changes_of",
    "event_as_dict",
    "is_going_on",
    "iso",
    "iso_or_none",
    "job_as_dict",
    "learning_of",
    "moment_of",
    "plain",
    "receipt_as_dict",
    "session_as_dict",
    "stats_as_dict",
    "turn_of",
    "wanted_of",
]


PARTS: Final = tuple(each.name for each in fields(Parts))


class PlaceOut(TypedDict):
    """Characters [start, end) of one section of one book; offsets count Unicode code points."""

    book: int
    section: int
    start: int
    end: int


class SourceOut(TypedDict):
    """Where a memory comes from: words of a turn, words of a book, something done, or told as it is."""

    kind: Literal["message", "book", "event", "api"]
    turn: int | None
    quote: str
    place: PlaceOut | None
    key: str
    label: str


class LayersOut(TypedDict, total=False):
    """Shorter forms, those that were asked for: `l0` an abstract, `l1` an overview."""

    l0: str
    l1: str


class PartsOut(TypedDict):
    """What a score is made of (docs/memory.md)."""

    words: float
    vector: float
    entity: float
    time: float
    telling: float
    validity: float
    retention: float
    importance: float


class MemoryOut(TypedDict):
    """A memory. A turn of a session is one too: `number` is its place there, and None for everything else."""

    id: int
    type: Literal["conversational", "procedural", "factual", "semantic", "episodic", "personal"]
    type_confidence: float
    subject: str
    attribute: str
    value: str
    text: str
    language: str
    importance: float
    confidence: float
    is_pinned: bool
    state: Literal["active", "archived", "forgotten"]
    agent: str
    session: str | None
    number: int | None
    role: str
    speaker: str
    caption: str
    book: int | None
    source: SourceOut
    observed_at: str
    valid_from: str | None
    valid_to: str | None
    recorded_at: str
    changed_at: str
    superseded_by: int | None
    expires_on: str | None
    stability_days: float
    retention: float
    used_count: int
    last_used_at: str | None
    told_count: int
    metadata: dict[str, Any]
    revision: int
    layers: NotRequired[LayersOut]
    score: NotRequired[float]
    parts: NotRequired[PartsOut]


class EventOut(TypedDict):
    """One change to a memory: the fields that changed, before and after, by whom, when and why."""

    id: int
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    actor: str
    reason: str
    at: str


class SessionOut(TypedDict):
    """A timeline of turns. Nothing was learned yet from the turns at and after `learned_to`."""

    key: str
    title: str
    agent: str
    books: list[int]
    participants: list[str]
    is_learning: bool
    turn_count: int
    learned_to: int
    opened_at: str
    last_turn_at: str | None
    closed_at: str | None


class ReceiptOut(TypedDict):
    """What was forgotten: gone from rows, index, vectors and abstracts. `undo` is held by nobody but you.

    `sessions`: keys of those that went as a whole. `undo` is empty when it was too much to bring back.
    """

    ids: list[int]
    count: int
    sessions: list[str]
    at: str
    undo: str
    undo_until: str | None


class JobOut(TypedDict):
    """Work that needs a model or long minutes. `total` 0: not known yet."""

    id: int
    kind: Literal["learn", "embed", "layers"]
    session: str | None
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    attempts: int
    error: dict[str, str] | None
    created_at: str
    finished_at: str | None


class HealthOut(TypedDict):
    """What works. Remembering and searching by words need neither engine. `jobs`: how many, by their state."""

    status: Literal["ok"]
    language_model: str
    embedding: str
    jobs: dict[str, int]


class StatsOut(TypedDict):
    """How much is remembered. Memories and turns are the active ones; `archived` and `by_state` count both."""

    memories: int
    turns: int
    sessions: int
    pinned: int
    archived: int
    by_type: dict[str, int]
    by_state: dict[str, int]
    by_book: dict[str, int]
    first_at: str | None
    last_at: str | None
    jobs_open: int
    revision: int


def as_dict(memory: Memory, hit: Hit | None = None, *, layers: LayersOut | None = None) -> MemoryOut:
    """Return a memory as every door answers with it; with what found it, and its shorter forms, where given."""
    out = MemoryOut(
        id=memory.pk,
        type=memory.type,  # type: ignore[typeddict-item]  # the column holds these words
        type_confidence=round(memory.type_confidence, 3),
        subject=memory.subject,
        attribute=memory.attribute,
        value=memory.value,
        text=memory.text,
        language=memory.language,
        importance=round(memory.importance, 3),
        confidence=round(memory.confidence, 3),
        is_pinned=memory.is_pinned,
        state=memory.state,  # type: ignore[typeddict-item]
        agent=memory.agent,
        session=memory.session.key if memory.session else None,
        number=memory.number,
        role=memory.role,
        speaker=memory.speaker,
        caption=memory.caption,
        book=memory.book,
        source=_source(memory),
        observed_at=iso(memory.observed_at),
        valid_from=iso_or_none(memory.valid_from),
        valid_to=iso_or_none(memory.valid_to),
        recorded_at=iso(memory.recorded_at),
        changed_at=iso(memory.changed_at),
        superseded_by=memory.superseded_by_id,
        expires_on=memory.expires_on.isoformat() if memory.expires_on else None,
        stability_days=round(memory.stability_days, 2),
        retention=_retention(memory),
        used_count=memory.used_count,
        last_used_at=iso_or_none(memory.last_used_at),
        told_count=memory.told_count,
        metadata=dict(memory.metadata),
        revision=memory.revision,
    )
    if layers is not None:
        out["layers"] = layers
    if hit is not None:
        out["score"] = round(hit.score, 4)
        out["parts"] = _parts(hit.parts)
    return out


def event_as_dict(event: Event) -> EventOut:
    """Return a change as every door answers with it."""
    return EventOut(
        id=event.pk,
        verb=event.verb,
        before=event.before,
        after=event.after,
        actor=event.actor,
        reason=event.reason,
        at=iso(event.at),
    )


def session_as_dict(session: Session) -> SessionOut:
    """Return a session as every door answers with it."""
    return SessionOut(
        key=session.key,
        title=title_of(session),
        agent=session.agent,
        books=list(session.books),
        participants=list(session.participants),
        is_learning=session.is_learning,
        turn_count=session.turn_count,
        learned_to=session.learned_to,
        opened_at=iso(session.opened_at),
        last_turn_at=iso_or_none(session.last_turn_at),
        closed_at=iso_or_none(session.closed_at),
    )


def job_as_dict(job: Job) -> JobOut:
    """Return a job as every door answers with it."""
    return JobOut(
        id=job.pk,
        kind=job.kind,  # type: ignore[typeddict-item]
        session=job.session.key if job.session else None,
        state=job.state,  # type: ignore[typeddict-item]
        done=job.done,
        total=job.total,
        attempts=job.attempts,
        error={"code": job.error_code, "message": job.error} if job.error_code else None,
        created_at=iso(job.created_at),
        finished_at=iso_or_none(job.finished_at),
    )


def learning_of(session: Session) -> JobOut | None:
    """Return the newest job of learning from a session, or None where there was nothing to learn."""
    jobs = Job.objects.filter(owner=session.owner_id, session=session.pk, kind=Job.Kind.LEARN).select_related("session")
    found = jobs.order_by("-pk").first()
    return job_as_dict(found) if found else None


def is_going_on(job: JobOut | None) -> bool:
    """Say whether there is something to wait for."""
    return job is not None and job["state"] in {Job.State.QUEUED, Job.State.RUNNING}


def receipt_as_dict(receipt: Receipt) -> ReceiptOut:
    """Return a receipt as every door answers with it."""
    return ReceiptOut(
        ids=list(receipt.ids),
        count=receipt.count,
        sessions=list(receipt.sessions),
        at=iso(receipt.at),
        undo=receipt.undo,
        undo_until=iso_or_none(receipt.undo_until),
    )


def stats_as_dict(stats: Stats) -> StatsOut:
    """Return the counts as every door answers with them."""
    out: StatsOut = plain(stats)
    return out


def plain(value: Any) -> Any:
    """Return a value of ours (statistics, a receipt) as JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def iso(moment: datetime) -> str:
    """Return a time as ISO 8601 in UTC: 2026-11-22T14:05:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, or None."""
    return iso(moment) if moment else None


def _parts(parts: Parts) -> PartsOut:
    return cast(PartsOut, {name: getattr(parts, name) for name in PARTS})


def _source(memory: Memory) -> SourceOut:
    place = None
    if memory.book is not None and None not in (memory.section, memory.start, memory.end):
        place = PlaceOut(book=memory.book, section=memory.section, start=memory.start, end=memory.end)  # type: ignore[typeddict-item]
    return SourceOut(
        kind=memory.source_kind,  # type: ignore[typeddict-item]
        turn=memory.turn_id,
        quote=memory.quote,
        place=place,
        key=memory.source_key,
        label=memory.source_label,
    )


def _retention(memory: Memory) -> float:
    if memory.is_pinned or memory.type == MemoryType.PERSONAL:
        return 1.0
    since = memory.last_used_at or memory.observed_at
    days = (datetime.now(UTC) - since).total_seconds() / 86_400
    return round(forgetting.retention(days, memory.stability_days), 4)
