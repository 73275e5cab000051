"""Values of the memory: what can be remembered, what a caller wants to see, what a search finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from mindory_web.lib.excerpts import Place

# Below this score a hit fits a question about as well as one about something that was never told.
FLOOR: Final = 0.2
LONGEST_TEXT: Final = 20_000  # characters of one memory or turn
LONGEST_QUOTE: Final = 2_000
LONGEST_NAME: Final = 200  # characters of a subject, an attribute, a speaker, a session's key


class MemoryType(StrEnum):
    """Six kinds, after the design documents (Cortex Memory's names are kept)."""

    CONVERSATIONAL = "conversational"  # what was said, turn by turn
    PROCEDURAL = "procedural"  # how the reader likes things done
    FACTUAL = "factual"  # facts about the world that the reader told
    SEMANTIC = "semantic"  # concepts and how they hang together
    EPISODIC = "episodic"  # things that happened at a time
    PERSONAL = "personal"  # facts about the reader


class State(StrEnum):
    """What has become of a memory. Only what is active is found unless a caller asks for more."""

    ACTIVE = "active"
    ARCHIVED = "archived"  # by quota or on request; comes back as it was
    FORGOTTEN = "forgotten"  # the row says when; its words are gone from every table


class SourceKind(StrEnum):
    """Where a memory comes from."""

    MESSAGE = "message"  # words of a turn: `turn` and `quote`
    BOOK = "book"  # words of a book: `place` and `quote`
    EVENT = "event"  # something the reader did: opened, finished, highlighted
    API = "api"  # told as it is, by a program or on the memory page


class Verb(StrEnum):
    """What happened to a memory: one row of its history each."""

    REMEMBERED = "remembered"
    REPEATED = "repeated"  # told again in the same words
    MERGED = "merged"  # told again in other words
    UPDATED = "updated"
    SUPERSEDED = "superseded"  # a newer value of a single-valued attribute took its place
    PINNED = "pinned"
    UNPINNED = "unpinned"
    ARCHIVED = "archived"
    RESTORED = "restored"  # from the archive, from an earlier wording, or right after it was forgotten
    FORGOTTEN = "forgotten"


class Outcome(StrEnum):
    """What `remember` did with a candidate."""

    NEW = "new"
    REPEATED = "repeated"
    MERGED = "merged"
    SUPERSEDING = "superseding"  # it is the present now; the old value keeps its interval
    HISTORY = "history"  # it is older than what is known: kept, not the present


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory comes from. `turn` is the id of a turn (a memory too), `label` what a page shows."""

    kind: SourceKind = SourceKind.API
    turn: int | None = None
    quote: str = ""
    place: Place | None = None
    key: str = ""  # the sender's own name of it: "reply:12", "annotation:7"; the same key twice is one memory
    label: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become a memory. What is None or empty is worked out from the text.

    Times are aware. A memory is valid in [valid_from, valid_to); None is open. `observed_at` is when it was
    said or seen, in the sender's world; when it was recorded is the store's to say.
    """

    text: str
    type: MemoryType | None = None
    subject: str = ""
    attribute: str = ""
    value: str = ""
    language: str = ""
    importance: float | None = None  # 0..1
    is_pinned: bool = False
    confidence: float = 1.0  # 0..1
    source: Source = field(default_factory=Source)
    agent: str = ""
    session: str = ""  # key of a session
    book: int | None = None
    observed_at: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    expires_on: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said in a session. `key` is the sender's own name of it; the same key twice is one turn."""

    text: str
    role: str = "user"  # user, assistant, system, tool
    speaker: str = ""
    caption: str = ""  # of a picture that went with it
    key: str = ""
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which memories a caller wants. Everything is "and"; empty means all. Shared by list, search, export, forget."""

    types: frozenset[MemoryType] = frozenset()
    is_turn: bool | None = None  # True: only turns of sessions; False: only what was learned or told
    agent: str | None = None
    session: str | None = None  # its key
    book: int | None = None
    subject: str | None = None
    attribute: str | None = None
    is_pinned: bool | None = None
    since: datetime | None = None  # observed at or after
    until: datetime | None = None  # observed before
    as_of: datetime | None = None  # valid at that time, as it is known at `known_at`
    known_at: datetime | None = None  # recorded at or before; None: as known now
    include_archived: bool = False
    include_past: bool = False  # also what is no longer valid


@dataclass(frozen=True, slots=True)
class Parts:
    """What a score is made of; see docs/memory.md. A leg that found nothing is 0."""

    words: float = 0.0
    vector: float = 0.0
    entity: float = 0.0
    time: float = 0.0
    telling: float = 1.0  # how much a turn tells, whatever is asked, 0.6..1.3
    validity: float = 1.0
    retention: float = 1.0  # the factor of the forgetting curve, 0.85..1
    importance: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """One memory found. `score` is in 0..1 and comparable between searches of one reader."""

    memory: int
    score: float
    parts: Parts


@dataclass(frozen=True, slots=True)
class SessionHit:
    """One session found: by its best turn, and by its words as a whole. `score` is in 0..1."""

    session: int
    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first; of hits less than 0.02 apart another session's may come first.

    `is_unsure`: nothing found fits well; it may never have been told.
    """

    hits: tuple[Hit, ...] = ()
    sessions: tuple[SessionHit, ...] = ()
    is_unsure: bool = True
    took_ms: float = 0.0
