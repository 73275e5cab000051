"""One thing that is remembered, as a page shows it: its words, where it comes from, what it said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from memory import conflicts
from memory.models import Event, Memory, Session
from memory.types import SourceKind

SHORT: Final = 60  # characters that name a thing where it is not shown
TALK: Final = "conversation:"  # keys of sessions that are conversations with a page
SHOWN: Final = ("text", "is_pinned")
MOST_WORDINGS: Final = 100
MOST_BEFORE: Final = 20  # earlier values of the same thing
ICONS: Final = {SourceKind.MESSAGE: "chat", SourceKind.BOOK: "quote", SourceKind.EVENT: "book", SourceKind.API: "note"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A memory with what it said, and whether it was pinned, at the time that is shown."""

    memory: Memory
    text: str
    is_pinned: bool

    @property
    def short(self) -> str:
        """Return the beginning of its words."""
        return self.text if len(self.text) <= SHORT else self.text[: SHORT - 1].rstrip() + "…"

    @property
    def icon(self) -> str:
        """Return the icon of where it comes from."""
        return "chat" if self.memory.number is not None else ICONS[SourceKind(self.memory.source_kind)]

    @property
    def session(self) -> Session | None:
        """Return where it was said."""
        turn = self.memory.turn
        return (turn.session if turn else None) or self.memory.session

    @property
    def talk(self) -> int | None:
        """Return the number of the conversation in which it was said, when it is one with a page."""
        key = self.session.key if self.session else ""
        number = key.removeprefix(TALK)
        return int(number) if key.startswith(TALK) and number.isascii() and number.isdecimal() else None

    @property
    def has_place(self) -> bool:
        """Say whether it stands at a place of a book."""
        memory = self.memory
        return None not in {memory.book, memory.section, memory.start, memory.end}


def as_it_was(rows: Sequence[Memory], moment: datetime | None) -> list[Fact]:
    """Return rows as they are or, with a moment, in the words they had then."""
    was: dict[int, dict[str, Any]] = {}
    if moment is not None:
        later = Event.objects.filter(memory__in=[row.pk for row in rows], at__gt=moment, before__has_any_keys=SHOWN)
        for pk, before in later.order_by("-pk").values_list("memory_id", "before"):  # the oldest has the last word
            was.setdefault(pk, {}).update({name: before[name] for name in SHOWN if name in before})
    return [Fact(row, **{"text": row.text, "is_pinned": row.is_pinned, **was.get(row.pk, {})}) for row in rows]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a thing said from one time to another. `event` is the change that ended it: one can go back before it."""

    text: str
    since: datetime | None
    until: datetime | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """How a thing came to what it says: its wordings, and the values that were true before it; the latest first."""

    wordings: list[Wording]
    before: list[Wording]


def past(memory: Memory) -> Past:
    """Return what a thing said before, its latest MOST_WORDINGS wordings."""
    latest = Event.objects.filter(memory=memory, before__has_key="text").order_by("-pk")[:MOST_WORDINGS]
    since, wordings = memory.recorded_at, []
    for event in reversed(latest):
        text = event.before["text"]
        if text is not None and text != event.after.get("text"):
            wordings.append(Wording(text, since, event.at, event.pk))
            since = event.at
    wordings.append(Wording(memory.text, since))
    return Past(wordings[::-1], _before(memory))


def _before(memory: Memory) -> list[Wording]:
    if not conflicts.has_slot(memory):
        return []
    rows = conflicts.slot(memory).filter(valid_from__lt=memory.valid_from).order_by("-valid_from", "-pk")
    return [Wording(row.text, row.valid_from, row.valid_to) for row in rows[:MOST_BEFORE]]
