"""What the operations take and give. What goes out has the shapes of memory/wire.py.

A field that nobody knows is refused, and so is every attempt to name an owner.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, cast

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict, Discriminator, Tag
from pydantic.config import JsonDict

from memory.fields import Day, Dimension, Flag, Moment, Name, Revision, Role, Type, Types
from memory.types import LONGEST_NAME, LONGEST_QUOTE, LONGEST_TEXT
from memory.wire import EventOut, JobOut, MemoryOut, ReceiptOut, SessionOut
from mindory_web.lib.api import LARGEST_NUMBER, MOST_ITEMS, Id, Number, Text
from mindory_web.lib.fields import Share, Whole

MOST_AT_ONCE: Final = 100  # items of a batch, messages of a request
MOST_FOUND: Final = 200
LONGEST_QUERY: Final = 2_000
LONGEST_VALUE: Final = 1_000


def _fits_an_address(key: str) -> str:
    if "/" in key or key in {".", ".."} or not key.isprintable():
        raise ValueError("a key that stands in addresses has no slash and no control characters")
    return key


Key = Annotated[Text, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_fits_an_address)]
Level = Literal["l0", "l1", "l2"]


def example(**told: Any) -> JsonDict:
    """Return what shows in the handbook how a body may look."""
    return {"examples": [told]}


def change(**told: Any) -> Callable[[JsonDict], None]:
    """Return the same for a body of what changes, and no more: generated clients would send a default."""

    def only_what_is_sent(schema: JsonDict) -> None:
        schema["examples"] = [told]
        for member in cast("dict[str, JsonDict]", schema["properties"]).values():
            member.pop("default", None)

    return only_what_is_sent


class Strict(Schema):
    """A body whose every field is known."""

    model_config = ConfigDict(extra="forbid")


class Narrowing(Strict):
    """Which memories; everything is "and". Times without a zone are UTC.

    `dimension`: `user` is what was told or learned, `session` what was said turn by turn, `agent` and `resource` need
    `agent` or `book` beside them. `as_of`: what was true then, as it was known at `known_at` (now, unless told).
    """

    type: Types | Type | None = None
    dimension: Dimension | None = None
    agent: Name | None = None
    book: Id | None = None
    session: Name | None = None
    subject: Name | None = None
    attribute: Name | None = None
    pinned: Flag | None = None
    since: Moment | None = Field(None, description="Observed at or after.")
    until: Moment | None = Field(None, description="Observed before.")
    as_of: Moment | None = None
    known_at: Moment | None = None
    include_archived: Flag | None = None
    include_past: Flag | None = Field(None, description="Also what is no longer valid.")


class Listing(Strict):
    """Which memories, and which part of the list. `type` may be repeated."""

    type: Types = Field(default_factory=list)
    dimension: Dimension | None = None
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


class MemoryIn(
    Strict, json_schema_extra=example(text="I live in Ghent.", attribute="home", value="Ghent", valid_from="2021-06-01")
):
    """What is to be remembered. What is not given is worked out from the text."""

    text: Text = Field(min_length=1, max_length=LONGEST_TEXT)
    type: Type | None = None
    subject: Name = ""
    attribute: Name = ""
    value: Text = Field("", max_length=LONGEST_VALUE)
    language: Text = Field("", max_length=16)
    importance: Share | None = None
    is_pinned: Flag = False
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


class MemoryChange(Strict, json_schema_extra=change(text="I live in Ghent, by the canal.", importance=0.8)):
    """What can be changed; what is not sent stays. `null` opens `valid_from`, `valid_to` and `expires_on`."""

    text: Text = Field("", min_length=1, max_length=LONGEST_TEXT)
    type: Type = "conversational"
    subject: Name = ""
    attribute: Name = ""
    value: Text = Field("", max_length=LONGEST_VALUE)
    importance: Share = 0.5
    is_pinned: Flag = False
    confidence: Share = 1.0
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    expires_on: Day | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class UpdateIn(MemoryChange, json_schema_extra=change(id=17, revision=42, importance=0.8)):
    """One change of a batch; with `revision`, only if nobody changed it since."""

    id: Id
    revision: Revision | None = None


class RestoreIn(Strict, json_schema_extra=example(event=91)):
    """Nothing: out of the archive. `event`: back to the wording before that change."""

    event: Id | None = None


class BatchIn(Strict, json_schema_extra=example(create=[{"text": "I take my tea without sugar."}], forget=[17])):
    """Up to 100 items together. They are done one by one, in this order, and one that fails stops none.

    A body of the wrong shape is refused whole, before anything is done; `fields` names the item, as `create.3.text`.
    """

    create: list[MemoryIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    update: list[UpdateIn] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    forget: list[Id] = Field(default_factory=list, max_length=MOST_AT_ONCE)


class SearchIn(
    Strict,
    json_schema_extra=example(query="Where do I live?", filters={"dimension": "user", "as_of": "2022-01-01"}, limit=5),
):
    """What is looked for. `reference_date` is the day that "last summer" is reckoned from (now, unless told).

    `layers`: `l0` and `l1` are shorter forms; without `l2` the answer leaves the texts out.
    """

    query: Text = Field(min_length=1, max_length=LONGEST_QUERY)
    filters: Narrowing | None = None
    limit: Whole = Field(10, ge=1, le=MOST_FOUND)
    min_score: Share = 0.0
    reference_date: Moment | None = None
    explain: Flag = False
    layers: list[Level] = Field(["l2"], min_length=1, max_length=3)


class TurnIn(
    Strict, json_schema_extra=example(text="We saw a kingfisher at the weir.", speaker="Ines", key="message-1")
):
    """One thing said. The same `key` twice is one turn."""

    text: Text = Field(max_length=LONGEST_TEXT)
    role: Role = "user"
    speaker: Name = ""
    caption: Text = Field("", max_length=LONGEST_TEXT, description="Of a picture that went with it.")
    key: Name = ""
    said_at: Moment | None = None


class SessionIn(Strict, json_schema_extra=example(key="walk-7", title="Along the river", participants=["Ines Vale"])):
    """A session to begin, or to be sure of: the same key twice is one session."""

    key: Key
    title: Name = ""
    agent: Name = ""
    books: list[Id] = Field(default_factory=list, max_length=1000)
    participants: list[Name] = Field(default_factory=list, max_length=100)
    is_learning: Flag | None = None


class SessionChange(Strict, json_schema_extra=change(title="Along the river", is_learning=False)):
    """What can be changed; what is not sent, or empty, stays."""

    title: Name = ""
    agent: Name = ""
    books: list[Id] = Field(default_factory=list, max_length=1000)
    participants: list[Name] = Field(default_factory=list, max_length=100)
    is_learning: Flag | None = None


class MessagesIn(
    Strict,
    json_schema_extra=example(messages=[{"text": "Which weir?", "role": "assistant"}, {"text": "The upper one."}]),
):
    """Several things said, in their order."""

    messages: list[TurnIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


def _which(given: Any) -> str:
    return "[many]" if isinstance(given, MessagesIn) or (isinstance(given, dict) and "messages" in given) else "[one]"


# One is chosen before it is looked at, so that a refusal speaks of what was meant.
Said = Annotated[
    Annotated[MessagesIn, Tag("[many]")] | Annotated[TurnIn, Tag("[one]")],
    Discriminator(_which),
]


class ForgetIn(Narrowing, json_schema_extra=example(book=7, reason="finished with it")):
    """What is to be forgotten: at least one filter, or `everything`."""

    everything: Flag = False
    reason: Text = Field("", max_length=300)


class UndoIn(Strict):
    """The `undo` of a receipt, within five minutes."""

    token: Text = Field(min_length=1, max_length=1_000_000)


class SwitchesIn(Strict, json_schema_extra=change(is_learning=False)):
    """What can be switched; what is not sent stays."""

    is_learning: Flag | None = None
    is_following: Flag | None = None


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
    """Changes to a memory, oldest first; `count` is the number of all."""

    items: list[EventOut]
    count: int


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
