"""The memory as tools of MCP: plain functions of a reader. `mindory_web/mcp` gives them to the protocol.

Each does what the API does, under the same names, and answers in its shapes. What an argument is for stands beside
it: models read that. Lists are short: long texts in them are cut, and `get_memory` has them whole.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from django.utils.translation import gettext as _
from pydantic import Field
from typing_extensions import TypedDict

from memory import receipts
from memory.callers import by_key, count_search, count_write
from memory.errors import ValidationFailed
from memory.fields import Day, Dimension, Flag, Moment, Name, Revision, Type, Types
from memory.manager import MemoryManager
from memory.search import rows_of, search
from memory.types import LONGEST_QUOTE, LONGEST_TEXT
from memory.wire import (
    EventOut,
    MemoryOut,
    ReceiptOut,
    StatsOut,
    as_dict,
    candidate_of,
    changes_of,
    event_as_dict,
    moment_of,
    receipt_as_dict,
    stats_as_dict,
    wanted_of,
)
from mindory_web.accounts.models import Reader
from mindory_web.lib.fields import NO_TRUTH, Id, Share, Text

MOST: Final = 50
ROOM: Final = 32_000  # characters of texts in one list, shared by its items
SHORTEST: Final = 200
LONGEST_TOKEN: Final = 16_000  # characters of an undo that no short key stands for; a longer one is no use to a model
LONGEST_SEALED: Final = 1_000_000

J = TypeVar("J")

Limit = Annotated[int, Field(ge=1, le=MOST), NO_TRUTH]
Offset = Annotated[int, Field(ge=0, le=1_000_000, description="Leave out so many first."), NO_TRUTH]
Words = Annotated[Text, Field(min_length=1, max_length=LONGEST_TEXT)]
Value = Annotated[Text, Field(max_length=1_000)]
Reason = Annotated[Text, Field(max_length=300, description="Kept in the history.")]
MemoryId = Annotated[Id, Field(description="The `id` of a memory, from recall or list_memories.")]
SomeTypes = Annotated[Types | Type | None, Field(description="Only this type, or these.")]
OfBook = Annotated[Id | None, Field(description="Only what belongs to the book of this id.")]
OfSession = Annotated[Name | None, Field(description="Only what belongs to the session of this key.")]
OfAgent = Annotated[Name | None, Field(description="Only what this agent remembered.")]
OfSubject = Annotated[Name | None, Field(description="Only what is about this; “user” is the reader.")]
OfAttribute = Annotated[Name | None, Field(description="Only this attribute, such as home.")]
Pinned = Annotated[Flag | None, Field(description="true: only pinned ones; false: only others.")]
Side = Annotated[
    Dimension | None,
    Field(description="user: told or learned; session: said turn by turn; agent, resource: of the `agent`, `book`."),
]
Since = Annotated[Moment | None, Field(description="Observed at or after this time.")]
Until = Annotated[Moment | None, Field(description="Observed before this time.")]
AsOf = Annotated[Moment | None, Field(description="What was true at this time, instead of now.")]
KnownAt = Annotated[Moment | None, Field(description="As it was known at this time, before later corrections.")]
Archived = Annotated[Flag, Field(description="Also what was put away.")]
Past = Annotated[Flag, Field(description="Also what is no longer true.")]
ValidFrom = Annotated[Moment | None, Field(description="True from this time on.")]
ValidTo = Annotated[Moment | None, Field(description="True until this time.")]
Expires = Annotated[Day | None, Field(description="Forgotten for good when this day comes.")]
Importance = Annotated[Share | None, Field(description="0 to 1; worked out from the text when it is not given.")]


class RememberedOut(TypedDict):
    """What became of it: new, repeated, merged, superseding (it replaces an older value) or history.

    A memory whose state is forgotten: this very call was made before, and the reader forgot it since.
    """

    outcome: str
    memory: MemoryOut


class RecalledOut(TypedDict):
    """What was found, best first. `is_unsure`: nothing fits well. `shortened`: ids whose texts are cut here."""

    items: list[MemoryOut]
    is_unsure: bool
    shortened: list[int]


class ListedOut(TypedDict):
    """One page; `count` is the number of all. `shortened`: ids whose texts are cut here."""

    items: list[MemoryOut]
    count: int
    shortened: list[int]


class HistoryOut(TypedDict):
    """One page of the changes, oldest first; `count` is the number of all. Long texts are cut."""

    items: list[EventOut]
    count: int


class BroughtBackOut(TypedDict):
    """What is remembered again."""

    items: list[MemoryOut]


def remember(
    reader: Reader,
    text: Annotated[Words, Field(description="One thing, in a whole sentence that can be understood alone.")],
    *,
    type: Annotated[Type | None, Field(description="Worked out from the text when it is not given.")] = None,  # noqa: A002 (the word of every door)
    subject: Annotated[Name | None, Field(description="Whom or what it is about; “user” is the reader.")] = None,
    attribute: Annotated[Name | None, Field(description="What of them: name, home, employer, likes ...")] = None,
    value: Annotated[Value | None, Field(description="The value of the attribute, such as Ghent.")] = None,
    importance: Importance = None,
    is_pinned: Annotated[Flag, Field(description="Keep it for good: it never fades.")] = False,
    session: Annotated[Name | None, Field(description="Key of the session it comes from.")] = None,
    agent: Annotated[Name | None, Field(description="Your own name, to find it by later.")] = None,
    book: Annotated[Id | None, Field(description="Id of the book it belongs to.")] = None,
    quote: Annotated[
        Text | None, Field(max_length=LONGEST_QUOTE, description="The very words of the reader or book it rests on.")
    ] = None,
    observed_at: Annotated[Moment | None, Field(description="When it was said or seen; now unless told.")] = None,
    valid_from: ValidFrom = None,
    valid_to: ValidTo = None,
    expires_on: Expires = None,
    idempotency_key: Annotated[
        Name | None, Field(description="A name of this call of your own: sent again, it is done once.")
    ] = None,
) -> RememberedOut:
    """Remember one thing about the reader or their world. It is found by the next recall.

    The same thing told again is counted, not stored twice. A new value of what has one value at a time (a name, a
    home) takes the place of the old one, which stays in the history.
    """
    told = {
        "text": text, "type": type, "subject": subject, "attribute": attribute, "value": value,
        "importance": importance, "is_pinned": is_pinned, "session": session, "agent": agent, "book": book,
        "source": {"quote": quote} if quote else None, "observed_at": observed_at, "valid_from": valid_from,
        "valid_to": valid_to, "expires_on": expires_on,
    }  # fmt: skip
    done = _writing(reader).remember(candidate_of(_given(told)), once=idempotency_key or "")
    return {"outcome": str(done.outcome), "memory": as_dict(done.memory)}


def recall(
    reader: Reader,
    query: Annotated[Text, Field(min_length=1, max_length=2_000, description="A question or some words.")],
    *,
    type: SomeTypes = None,  # noqa: A002
    dimension: Side = None,
    agent: OfAgent = None,
    book: OfBook = None,
    session: OfSession = None,
    subject: OfSubject = None,
    attribute: OfAttribute = None,
    pinned: Pinned = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    reference_date: Annotated[
        Moment | None, Field(description="The day that “last summer” is reckoned from; today unless told.")
    ] = None,
    include_archived: Archived = False,
    include_past: Past = False,
    min_score: Annotated[Share, Field(description="Leave out what scores less; below 0.2 fits hardly.")] = 0.0,
    limit: Limit = 10,
) -> RecalledOut:
    """Search what is remembered of the reader: facts, notes, and what was said in earlier conversations.

    By words, meaning, names and times together; each item has a score in 0..1 and says where it comes from.
    """
    count_search(reader.pk)
    wanted = wanted_of(
        _given(
            {
                "type": type, "dimension": dimension, "agent": agent, "book": book, "session": session,
                "subject": subject, "attribute": attribute, "pinned": pinned, "since": since, "until": until,
                "as_of": as_of, "known_at": known_at, "include_archived": include_archived,
                "include_past": include_past,
            }
        )
    )  # fmt: skip
    reference = moment_of(reference_date, "reference_date")
    found = search(reader.pk, query, wanted=wanted, limit=limit, min_score=min_score, reference=reference)
    items = [as_dict(memory, hit) for memory, hit in rows_of(reader.pk, found.hits)]
    for item in items:
        item.pop("parts", None)
    return {"items": items, "is_unsure": found.is_unsure, "shortened": _shorten(items)}


def get_memory(reader: Reader, memory_id: MemoryId) -> MemoryOut:
    """Show one memory whole, with where it comes from."""
    return as_dict(_manager(reader).get(memory_id))


def list_memories(
    reader: Reader,
    *,
    type: SomeTypes = None,  # noqa: A002
    dimension: Annotated[
        Dimension | None,
        Field(
            description="user: told or learned; session: said turn by turn; agent, resource: of the `agent`, `book`; "
            "null: all of it."
        ),
    ] = "user",
    agent: OfAgent = None,
    book: OfBook = None,
    session: OfSession = None,
    subject: OfSubject = None,
    attribute: OfAttribute = None,
    pinned: Pinned = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    include_archived: Archived = False,
    include_past: Past = False,
    limit: Limit = 20,
    offset: Offset = 0,
) -> ListedOut:
    """List what is remembered, the latest first. To find something, use recall."""
    wanted = wanted_of(
        _given(
            {
                "type": type, "book": book, "session": session, "subject": subject, "attribute": attribute,
                "pinned": pinned, "since": since, "until": until, "as_of": as_of, "known_at": known_at,
                "include_archived": include_archived, "include_past": include_past,
                "dimension": dimension, "agent": agent,
            }
        )
    )  # fmt: skip
    rows = _manager(reader).list(wanted).select_related("session")
    items = [as_dict(memory) for memory in rows[offset : offset + limit]]
    return {"items": items, "count": rows.count(), "shortened": _shorten(items)}


def update_memory(
    reader: Reader,
    memory_id: MemoryId,
    *,
    text: Annotated[Words | None, Field(description="The new words, whole.")] = None,
    type: Type | None = None,  # noqa: A002
    subject: Annotated[Name | None, Field(description="Whom or what it is about; “user” is the reader.")] = None,
    attribute: Annotated[Name | None, Field(description="What of them: name, home, employer, likes ...")] = None,
    value: Annotated[Value | None, Field(description="The value of the attribute.")] = None,
    importance: Annotated[Share | None, Field(description="0 to 1.")] = None,
    valid_from: ValidFrom = None,
    valid_to: ValidTo = None,
    expires_on: Expires = None,
    revision: Annotated[Revision | None, Field(description="Change it only if this is still its revision.")] = None,
) -> MemoryOut:
    """Change a memory: what is given, and no more. What it was stays in its history.

    To say that something has changed in the world, remember the new value; this is for what was wrong.
    """
    told = {
        "text": text, "type": type, "subject": subject, "attribute": attribute, "value": value,
        "importance": importance, "valid_from": valid_from, "valid_to": valid_to, "expires_on": expires_on,
    }  # fmt: skip
    changes = changes_of(_given(told))
    if not changes:
        raise ValidationFailed(_("Say what is to be changed."), field="text")
    return as_dict(_writing(reader).update(memory_id, changes, if_revision=revision))


def forget(
    reader: Reader,
    *,
    ids: Annotated[
        list[Id] | None, Field(min_length=1, max_length=100, description="The memories of these ids.")
    ] = None,
    book: Annotated[Id | None, Field(description="Everything that belongs to the book of this id.")] = None,
    session: Annotated[Name | None, Field(description="Everything that belongs to the session of this key.")] = None,
    type: Annotated[Types | Type | None, Field(description="Everything of this type, or these.")] = None,  # noqa: A002
    until: Annotated[Moment | None, Field(description="Everything observed before this time.")] = None,
    reason: Reason | None = None,
) -> ReceiptOut:
    """Forget for good: the words are erased everywhere at once. Ask the reader first.

    Name either ids, or any of book, session, type, until (what fits all of them). For five minutes undo_forget
    brings it back with the `undo` of the receipt. An empty `undo` means that it is gone for good: tell the reader so.
    """
    filters = _given({"book": book, "session": session, "type": type, "until": until})
    if bool(ids) == bool(filters):
        raise ValidationFailed(
            _("Name what is to be forgotten: ids, or a book, a session, a type, a time."), field="ids"
        )
    manager = _writing(reader)
    if ids:
        return _brief(reader, receipt_as_dict(manager.forget(ids, reason=reason or "")))
    return _brief(reader, receipt_as_dict(manager.forget_all(wanted_of(filters), reason=reason or "")))


def undo_forget(
    reader: Reader,
    token: Annotated[Text, Field(min_length=1, max_length=LONGEST_SEALED, description="`undo` of a receipt.")],
) -> BroughtBackOut:
    """Bring back what forget erased less than five minutes ago, under the same ids."""
    items = [as_dict(memory) for memory in _writing(reader).undo_forget(token)]
    _shorten(items)
    return {"items": items}


def memory_history(reader: Reader, memory_id: MemoryId, *, limit: Limit = 20, offset: Offset = 0) -> HistoryOut:
    """Show the changes to a memory: before, after, by whom and when."""
    events = _manager(reader).get(memory_id).events.order_by("id")
    items = [event_as_dict(event) for event in events[offset : offset + limit]]
    room = max(ROOM // max(len(items), 1) // 2, SHORTEST)
    for item in items:
        item["before"], item["after"] = _cut(item["before"], room), _cut(item["after"], room)
    return {"items": items, "count": events.count()}


def pin_memory(
    reader: Reader, memory_id: MemoryId, *, is_pinned: Annotated[Flag, Field(description="false: unpin it.")] = True
) -> MemoryOut:
    """Pin a memory, so that it never fades, or unpin it."""
    return as_dict(_writing(reader).pin(memory_id, is_pinned))


def memory_stats(reader: Reader) -> StatsOut:
    """Count what is remembered, by type, state and book."""
    return stats_as_dict(_manager(reader).stats())


READING: Final = (recall, get_memory, list_memories, memory_history, memory_stats)
WRITING: Final = (remember, update_memory, pin_memory, undo_forget)
ERASING: Final = (forget,)


def _manager(reader: Reader) -> MemoryManager:
    key = getattr(reader, "api_key_name", None)  # over stdio nobody needs one
    return MemoryManager(reader.pk, actor="mcp" if key is None else by_key(key))


def _writing(reader: Reader) -> MemoryManager:
    count_write(reader.pk)
    return _manager(reader)


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was really said."""
    return {name: value for name, value in told.items() if value is not None and value != ""}


def _shorten(items: list[MemoryOut]) -> list[int]:
    """Cut the long texts of a list, so that a model can take it in; return the ids of what was cut."""
    room = max(ROOM // max(len(items), 1), SHORTEST)
    shortened = []
    for item in items:
        whole = dict(item)
        item["text"], item["caption"] = _cut(item["text"], room), _cut(item["caption"], room // 2)
        item["source"] = {**item["source"], "quote": _cut(item["source"]["quote"], room // 2)}
        item["metadata"] = _cut(item["metadata"], room // 4)
        if item != whole:
            shortened.append(item["id"])
    return shortened


def _cut(value: J, room: int) -> J:
    """Return text cut to so many characters; an object with its texts cut, or empty if it is still too long."""
    if isinstance(value, str):
        return value if len(value) <= room else value[: room - 1] + "…"  # type: ignore[return-value]
    if isinstance(value, dict) and len(json.dumps(value, ensure_ascii=False)) > room:
        kept = {name: _cut(part, room // 2) for name, part in value.items()}
        return kept if len(json.dumps(kept, ensure_ascii=False)) <= 2 * room else {}  # type: ignore[return-value]
    return value


def _brief(reader: Reader, receipt: ReceiptOut) -> ReceiptOut:
    """Name the first ids only, and hand out a short key to the token; the token itself only where that cannot be."""
    receipt["ids"], receipt["sessions"] = receipt["ids"][:100], receipt["sessions"][:100]
    token = receipt["undo"]
    receipt["undo"] = receipts.shortened(reader.pk, token) or (token if len(token) <= LONGEST_TOKEN else "")
    receipt["undo_until"] = receipt["undo_until"] if receipt["undo"] else None
    return receipt
