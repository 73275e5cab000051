"""What the operations take and give. What goes out has the shapes of memory/wire.py.

A field that nobody knows is refused, and so is every attempt to name an owner.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, StrictBool

from memory.errors import ValidationFailed
from memory.told import LARGEST_ID, moment_of
from memory.types import LONGEST_NAME, LONGEST_QUOTE, LONGEST_TEXT
from memory.wire import EventOut, JobOut, MemoryOut, ReceiptOut, SessionOut
from mindory_web.lib.api import LARGEST_NUMBER, MOST_ITEMS, Id, Number, Text

MOST_AT_ONCE: Final = 100  # items of a batch, messages of a request
MOST_FOUND: Final = 200
LONGEST_QUERY: Final = 2_000
LONGEST_VALUE: Final = 1_000
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Type = Literal["conversational", "procedural", "factual", "semantic", "episodic", "personal"]
Name = Annotated[Text, Field(max_length=LONGEST_NAME)]
Share = Annotated[float, Field(ge=0, le=1)]


def _moment(value: Any) -> Any:
    """Read ISO 8601 and nothing else: a bare number may be a year, or seconds, or a slip."""
    if not isinstance(value, str):
        raise ValueError("it is not a time like 2026-11-22T14:05:00Z")
    try:
        return moment_of(value, "time")
    except ValidationFailed as refusal:
        raise ValueError(refusal.sentence) from refusal


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("it is not a day like 2026-11-22")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]


def _fits_an_address(key: str) -> str:
    if "/" in key or key in {".", ".."} or not key.isprintable():
        raise ValueError("a key that stands in addresses has no slash and no control characters")
    return key


Key = Annotated[Text, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_fits_an_address)]
Level = Literal["l0", "l1", "l2"]
Filtered = Annotated[list[Type], Field(max_length=6)]


class Strict(Schema):
    """A body whose every field is known."""

    model_config = ConfigDict(extra="forbid")


class Narrowing(Strict):
    """Which memories; everything is "and". Times without a zone are UTC.

    `dimension`: `user` is what was told or learned, `session` what was said turn by turn, `agent` and `resource` need
    `agent` or `book` beside them. `as_of`: what was true then, as it was known at `known_at` (now, unless told).
    """

    type: Filtered | Type | None = None
    dimension: Literal["user", "agent", "session", "resource"] | None = None
    agent: Name | None = None
    book: Id | None = None
    session: Name | None = None
    subject: Name | None = None
    attribute: Name | None = None
    pinned: bool | None = None
    since: Moment | None = Field(None, description="Observed at or after.")
    until: Moment | None = Field(None, description="Observed before.")
    as_of: Moment | None = None
    known_at: Moment | None = None
    include_archived: bool | None = None
    include_past: bool | None = Field(None, description="Also what is no longer valid.")


class Listing(Strict):
    """Which memories, and which part of the list. `type` may be repeated."""

    type: Filtered = Field(default_factory=list)
    dimension: Literal["user", "agent", "session", "resource"] | None = None
    agent: Name | None = None
    book: Id | None = None
    session: Name | None = None
    subject: Name | None = None
    attribute: Name | None = None
    pinned: bool | None = None
    since: Moment | None = Field(None, description="Observed at or after.")
    until: Moment | None = Field(None, description="Observed before.")
    as_of: Moment | None = None
    known_at: Moment | None = None
    include_archived: bool | None = None
    include_past: bool | None = Field(None, description="Also what is no longer valid.")
    limit: int = Field(50, ge=1, le=MOST_ITEMS)
    offset: int = Field(0, ge=0, le=LARGEST_NUMBER)

    def filters(self) -> dict[str, Any]:
        """Return what narrows the list."""
        return self.dict(exclude_unset=True, exclude={"limit", "offset"})


class PlaceIn(Strict):
    """Characters [start, end) of a section of a book."""

    book: Id
    section: Number
    start: Number
    end: Number


class SourceIn(Strict):
    """Where it comes from. The same `key` twice is one memory."""

    kind: Literal["message", "book", "event", "api"] = "api"
    turn: Id | None = None
    quote: Text = Field("", max_length=LONGEST_QUOTE)
    place: PlaceIn | None = None
    key: Name = ""
    label: Text = Field("", max_length=300)


class MemoryIn(Strict):
    """What is to be remembered. What is not given is worked out from the text."""

    text: Text = Field(min_length=1, max_length=LONGEST_TEXT)
    type: Type | None = None
    subject: Name = ""
    attribute: Name = ""
    value: Text = Field("", max_length=LONGEST_VALUE)
    language: Text = Field("", max_length=16)
    importance: Share | None = None
    is_pinned: StrictBool = False
    confidence: Share = 1.0
    source: SourceIn | None = None
    agent: Name = ""
    session: Name = ""
    book: Id | None = None
    observed_at: Moment | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    expires_on: Day | None = None
    metadata: dict[str, Any] | None = None


class MemoryChange(Strict):
    """What can be changed; what is not sent stays. `null` opens `valid_from`, `valid_to` and `expires_on`."""

    text: Text = Field("", min_length=1, max_length=LONGEST_TEXT)
    type: Type = "conversational"
    subject: Name = ""
    attribute: Name = ""
    value: Text = Field("", max_length=LONGEST_VALUE)
    importance: Share = 0.5
    is_pinned: StrictBool = False
    confidence: Share = 1.0
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    expires_on: Day | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class UpdateIn(MemoryChange):
    """One change of a batch; with `revision`, only if nobody changed it since."""

    id: Id
    revision: int | None = Field(None, ge=0, le=LARGEST_ID)


class RestoreIn(Strict):
    """Nothing: out of the archive. `event`: back to the wording before that change."""

    event: Id | None = None


class BatchIn(Strict):
    """Up to 100 items together. They are done one by one, in this order, and one that fails stops none."""

    create: list[MemoryIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    update: list[UpdateIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    forget: list[Id] = Field(default_factory=list, max_length=MOST_AT_ONCE)


class SearchIn(Strict):
    """What is looked for. `reference_date` is the day that "last summer" is reckoned from (now, unless told).

    `layers`: `l0` and `l1` are shorter forms; without `l2` the answer leaves the texts out.
    """

    query: Text = Field(min_length=1, max_length=LONGEST_QUERY)
    filters: Narrowing | None = None
    limit: int = Field(10, ge=1, le=MOST_FOUND)
    min_score: Share = 0.0
    reference_date: Moment | None = None
    explain: bool = False
    layers: list[Level] = Field(["l2"], min_length=1, max_length=3)


class TurnIn(Strict):
    """One thing said. The same `key` twice is one turn."""

    text: Text = Field(max_length=LONGEST_TEXT)
    role: Literal["user", "assistant", "system", "tool"] = "user"
    speaker: Name = ""
    caption: Text = Field("", max_length=LONGEST_TEXT, description="Of a picture that went with it.")
    key: Name = ""
    said_at: Moment | None = None


class SessionIn(Strict):
    """A session to begin, or to be sure of: the same key twice is one session."""

    key: Key
    title: Name = ""
    agent: Name = ""
    books: list[Id] = Field(default_factory=list, max_length=1000)
    participants: list[Name] = Field(default_factory=list, max_length=100)
    is_learning: StrictBool | None = None


class SessionChange(Strict):
    """What can be changed; what is not sent, or empty, stays."""

    title: Name = ""
    agent: Name = ""
    books: list[Id] = Field(default_factory=list, max_length=1000)
    participants: list[Name] = Field(default_factory=list, max_length=100)
    is_learning: StrictBool | None = None


class MessagesIn(Strict):
    """Several things said, in their order."""

    messages: list[TurnIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ForgetIn(Narrowing):
    """What is to be forgotten: at least one filter, or `everything`."""

    everything: StrictBool = False
    reason: Text = Field("", max_length=300)


class UndoIn(Strict):
    """The `undo` of a receipt, within five minutes."""

    token: Text = Field(min_length=1, max_length=1_000_000)


class SwitchesIn(Strict):
    """What can be switched; what is not sent stays."""

    is_learning: StrictBool | None = None
    is_following: StrictBool | None = None


class Remembered(Schema):
    """What became of what was told: `repeated` and `merged` are memories that were there."""

    outcome: Literal["new", "repeated", "merged", "superseding", "history"]
    memory: MemoryOut


class MemoryPage(Schema):
    """One page of a list; `count` is the number of all."""

    items: list[MemoryOut]
    count: int


class SessionPage(Schema):
    """One page of a list; `count` is the number of all."""

    items: list[SessionOut]
    count: int


class HistoryOut(Schema):
    """Every change to a memory, oldest first."""

    items: list[EventOut]


class MemoriesSaid(Schema):
    """Memories, in the order of what was sent."""

    items: list[MemoryOut]


class RefusedItem(Schema):
    """Why one item of several was refused."""

    code: str
    message: str


class BatchCreated(Schema):
    """The result of one item, or why there is none."""

    outcome: str | None = None
    memory: MemoryOut | None = None
    error: RefusedItem | None = None


class BatchForgotten(Schema):
    """The receipt of one item, or why there is none."""

    receipt: ReceiptOut | None = None
    error: RefusedItem | None = None


class BatchOut(Schema):
    """The results, each list in the order of its items."""

    create: list[BatchCreated]
    update: list[BatchCreated]
    forget: list[BatchForgotten]


class SessionClosed(Schema):
    """A closed session, and the work of learning from it; None when there is nothing to learn."""

    session: SessionOut
    job: JobOut | None


class ImportedOut(Schema):
    """What became of the lines of an import."""

    class RefusedLine(Schema):
        """A line that was left out (from 1), and why."""

        line: int
        message: str

    added: int
    repeated: int
    refused: list[RefusedLine]
    refused_count: int


class SwitchesOut(Schema):
    """What Mindory remembers by itself."""

    is_learning: bool
    is_following: bool


class HealthOut(Schema):
    """What works. Remembering and searching by words need neither engine."""

    status: Literal["ok"]
    language_model: str
    embedding: str
    jobs: dict[str, int]
