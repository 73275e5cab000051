"""The memory as tools of MCP: plain functions of a reader. `mindory_web/mcp` gives them to the protocol.

Each does what the API does and answers in its shapes. What an argument is for stands beside it: models read that.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from typing_extensions import TypedDict

from memory.errors import ValidationFailed
from memory.manager import MemoryManager
from memory.search import rows_of, search
from memory.types import LONGEST_NAME, LONGEST_TEXT
from memory.wire import (
    EventOut,
    MemoryOut,
    as_dict,
    candidate_of,
    changes_of,
    event_as_dict,
    moment_of,
    plain,
    wanted_of,
)
from mindory_web.accounts.models import Reader

MOST: Final = 50

Type = Literal["conversational", "procedural", "factual", "semantic", "episodic", "personal"]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Moment = Annotated[datetime | date | None, Field(description="ISO 8601; UTC without a zone.")]
Limit = Annotated[int, Field(ge=1, le=MOST)]
Types = Annotated[list[Type] | None, Field(max_length=6, description="Only these kinds.")]
OfBook = Annotated[Id | None, Field(description="Only what belongs to this book.")]
OfSession = Annotated[Name | None, Field(description="Only what belongs to the session of this key.")]
Side = Annotated[
    Literal["user", "agent", "session", "resource"] | None,
    Field(description="user: told or learned; session: said turn by turn; agent, resource: of the agent, book named."),
]
OfAgent = Annotated[Name | None, Field(description="Only what this agent remembered.")]
AsOf = Annotated[datetime | date | None, Field(description="What was true at this time.")]


class RememberedOut(TypedDict):
    """What became of it: new, repeated, merged, superseding (it replaces an older value) or history."""

    outcome: str
    memory: MemoryOut


class RecalledOut(TypedDict):
    """What was found, best first; `is_unsure` when nothing fits well."""

    items: list[MemoryOut]
    is_unsure: bool


class ListedOut(TypedDict):
    """One page; `count` is the number of all."""

    items: list[MemoryOut]
    count: int


class HistoryOut(TypedDict):
    """Every change, oldest first."""

    items: list[EventOut]


class ReceiptOut(TypedDict):
    """What was forgotten; the rest of the receipt is in `details`, also the token that undoes it for five minutes."""

    details: dict[str, Any]


class StatsOut(TypedDict):
    """How much is remembered."""

    stats: dict[str, Any]


def remember(
    reader: Reader,
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="One thing, in a whole sentence.")],
    *,
    memory_type: Annotated[Type | None, Field(description="Worked out from the text when it is not given.")] = None,
    subject: Annotated[Name, Field(description="Whom or what it is about; “user” is the reader.")] = "",
    attribute: Annotated[Name, Field(description="For example name, home, employer, likes.")] = "",
    value: Annotated[str, Field(max_length=1_000)] = "",
    importance: Annotated[float | None, Field(ge=0, le=1)] = None,
    pinned: bool = False,
    session: Annotated[Name, Field(description="Key of the session it comes from.")] = "",
    agent: Name = "",
    book: Annotated[Id | None, Field(description="The book it belongs to.")] = None,
    quote: Annotated[str, Field(max_length=2_000, description="The very words it rests on.")] = "",
    observed_at: Moment = None,
    valid_from: Moment = None,
    valid_to: Moment = None,
    expires_on: Annotated[date | None, Field(description="Forgotten for good when this day comes.")] = None,
    idempotency_key: Annotated[Name, Field(description="Sent again with the same key: the same memory.")] = "",
) -> RememberedOut:
    """Remember one thing about the reader or their world. It is found by the next recall.

    The same thing told again is counted, not stored twice; a new value of a single-valued attribute (a name, a home)
    takes the place of the old one, which stays in the history.
    """
    told = {
        "text": text, "type": memory_type, "subject": subject, "attribute": attribute, "value": value,
        "importance": importance, "is_pinned": pinned, "session": session, "agent": agent, "book": book,
        "source": {"quote": quote} if quote else None, "observed_at": observed_at, "valid_from": valid_from,
        "valid_to": valid_to, "expires_on": expires_on,
    }  # fmt: skip
    done = _manager(reader).remember(candidate_of(_given(told)), once=idempotency_key)
    return {"outcome": str(done.outcome), "memory": as_dict(done.memory)}


def recall(
    reader: Reader,
    query: Annotated[str, Field(min_length=1, max_length=2_000, description="A question or some words.")],
    *,
    types: Types = None,
    dimension: Side = None,
    agent: OfAgent = None,
    book: OfBook = None,
    session: OfSession = None,
    since: Moment = None,
    until: Moment = None,
    as_of: AsOf = None,
    reference_date: Annotated[
        datetime | date | None, Field(description="The day that “last summer” is reckoned from; today unless told.")
    ] = None,
    include_archived: bool = False,
    include_past: Annotated[bool, Field(description="Also what is no longer true.")] = False,
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.0,
    limit: Limit = 10,
) -> RecalledOut:
    """Search what is remembered of the reader: facts, notes, and what was said in earlier conversations.

    By words, meaning, names and times together; each item has a score in 0..1 and says where it comes from.
    """
    wanted = wanted_of(
        _given(
            {
                "type": types, "dimension": dimension, "agent": agent, "book": book, "session": session,
                "since": since, "until": until, "as_of": as_of,
                "include_archived": include_archived, "include_past": include_past,
            }
        )
    )  # fmt: skip
    found = search(
        reader.pk,
        query,
        wanted=wanted,
        limit=limit,
        min_score=min_score,
        reference=moment_of(reference_date, "reference_date"),
        explain=True,
    )
    rows = rows_of(reader.pk, found.hits)
    return {"items": [as_dict(memory, hit) for memory, hit in rows], "is_unsure": found.is_unsure}


def get_memory(reader: Reader, memory_id: Id) -> MemoryOut:
    """Show one memory with where it comes from."""
    return as_dict(_manager(reader).get(memory_id))


def list_memories(
    reader: Reader,
    *,
    types: Types = None,
    dimension: Side = "user",
    agent: OfAgent = None,
    book: OfBook = None,
    session: OfSession = None,
    subject: Name | None = None,
    attribute: Name | None = None,
    pinned: bool | None = None,
    since: Moment = None,
    until: Moment = None,
    as_of: AsOf = None,
    include_archived: bool = False,
    include_past: bool = False,
    limit: Limit = 20,
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0,
) -> ListedOut:
    """List what is remembered, the latest first."""
    wanted = wanted_of(
        _given(
            {
                "type": types, "book": book, "session": session, "subject": subject, "attribute": attribute,
                "pinned": pinned, "since": since, "until": until, "as_of": as_of,
                "include_archived": include_archived, "include_past": include_past,
                "dimension": dimension, "agent": agent,
            }
        )
    )  # fmt: skip
    rows = _manager(reader).list(wanted).select_related("session")
    return {"items": [as_dict(memory) for memory in rows[offset : offset + limit]], "count": rows.count()}


def update_memory(
    reader: Reader,
    memory_id: Id,
    *,
    text: Annotated[str | None, Field(min_length=1, max_length=LONGEST_TEXT)] = None,
    memory_type: Type | None = None,
    subject: Name | None = None,
    attribute: Name | None = None,
    value: Annotated[str | None, Field(max_length=1_000)] = None,
    importance: Annotated[float | None, Field(ge=0, le=1)] = None,
    valid_from: Moment = None,
    valid_to: Moment = None,
    expires_on: date | None = None,
    revision: Annotated[int | None, Field(ge=0, description="Change it only if this is still its revision.")] = None,
) -> MemoryOut:
    """Change a memory: what is given, and no more. What it was stays in its history."""
    told = {
        "text": text, "type": memory_type, "subject": subject, "attribute": attribute, "value": value,
        "importance": importance, "valid_from": valid_from, "valid_to": valid_to, "expires_on": expires_on,
    }  # fmt: skip
    changes = changes_of(_given(told))
    if not changes:
        raise ValidationFailed("Say what is to be changed.", field="text")
    return as_dict(_manager(reader).update(memory_id, changes, if_revision=revision))


def forget(
    reader: Reader,
    *,
    ids: Annotated[list[Id] | None, Field(max_length=100, description="These memories.")] = None,
    book: Annotated[Id | None, Field(description="Everything that belongs to this book.")] = None,
    session: Annotated[Name | None, Field(description="Everything that belongs to this session.")] = None,
    reason: Annotated[str, Field(max_length=300)] = "",
) -> ReceiptOut:
    """Forget for good: the words are erased everywhere at once. Ask the reader first.

    Name one: ids, book or session.
    """
    named = [name for name, value in (("ids", ids), ("book", book), ("session", session)) if value is not None]
    if len(named) != 1 or ids == []:
        raise ValidationFailed("Name what is to be forgotten: ids, a book or a session.", field="ids")
    manager = _manager(reader)
    if ids is not None:
        return {"details": plain(manager.forget(ids, reason=reason))}
    wanted = wanted_of(_given({"book": book, "session": session}))
    return {"details": plain(manager.forget_all(wanted, reason=reason))}


def memory_history(reader: Reader, memory_id: Id) -> HistoryOut:
    """Show every change to a memory: before, after, by whom and when."""
    return {"items": [event_as_dict(event) for event in _manager(reader).history(memory_id)]}


def pin_memory(reader: Reader, memory_id: Id, *, pinned: bool = True) -> MemoryOut:
    """Pin a memory, so that it never fades, or unpin it."""
    return as_dict(_manager(reader).pin(memory_id, pinned))


def memory_stats(reader: Reader) -> StatsOut:
    """Count what is remembered, by kind, state and book."""
    return {"stats": plain(_manager(reader).stats())}


READING: Final = (recall, get_memory, list_memories, memory_history, memory_stats)
WRITING: Final = (remember, update_memory, pin_memory)
ERASING: Final = (forget,)


def _manager(reader: Reader) -> MemoryManager:
    return MemoryManager(reader.pk, actor="mcp")


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was really said."""
    return {name: value for name, value in told.items() if value is not None and value != ""}
