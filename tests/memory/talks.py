"""Conversations of our own with questions about them: loading, and how much of what answers a question is found.

A conversation is text: a line `# 2024-01-14 19:30` begins a session, every other line is a turn, "Speaker: words",
with what a picture shows in brackets at its end. A question names the turns that answer it by words of each, which
stand in one turn alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from memory.manager import MemoryManager
from memory.search import search
from memory.types import Found, Turn

CAPTION: Final = re.compile(r"\[(.+)\]$")
Question = tuple[str, str, tuple[str, ...]]  # kind, question, words of the turns that answer it


@dataclass(frozen=True, slots=True)
class Measured:
    """How a question went: `recall` is the share of its turns that is among those asked for, `found` all of it."""

    kind: str
    question: str
    recall: float
    found: Found


def sessions_of(text: str) -> Iterator[tuple[str, list[Turn]]]:
    """Yield (key, turns) of each session of a conversation; a turn's key is "session:number", from 1."""
    parts = re.split(r"^# (.+)$", text.strip(), flags=re.MULTILINE)[1:]
    for number, (begun, lines) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1):
        at = datetime.strptime(begun, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        turns = []
        for place, line in enumerate(lines.strip().splitlines()):
            speaker, _, said = line.partition(": ")
            shown = CAPTION.search(said)
            words = CAPTION.sub("", said).strip()
            turns.append(
                Turn(
                    text=words, speaker=speaker, caption=shown[1] if shown else "", key=f"{number}:{place + 1}",
                    said_at=at + timedelta(seconds=30 * place),
                )
            )  # fmt: skip
        yield f"session {number}", turns


def load(owner: int, text: str) -> dict[int, str]:
    """Remember a conversation; return the words of each turn, by its id."""
    manager, words = MemoryManager(owner), {}
    for key, turns in sessions_of(text):
        for turn, row in zip(turns, manager.add_turns(key, turns), strict=True):
            words[row.pk] = f"{turn.text} [{turn.caption}]"
    return words


def ask(
    owner: int, questions: Sequence[Question], words: dict[int, str], *, k: int, reference: datetime
) -> list[Measured]:
    """Ask every question, on the day of `reference`; look at the first `k`."""
    asked = []
    for kind, question, quotes in questions:
        found = search(owner, question, limit=k, reference=reference)
        wanted = {turn_with(quote, words) for quote in quotes}
        met = wanted & {hit.memory for hit in found.hits}
        asked.append(Measured(kind, question, len(met) / len(wanted), found))
    return asked


def turn_with(quote: str, words: dict[int, str]) -> int:
    """Return the one turn that holds these words."""
    (held,) = [pk for pk, text in words.items() if quote in text]
    return held


def mean(asked: Sequence[Measured], kind: str = "") -> float:
    """Return the mean recall of questions of a kind, in a hundred; of all when none is named."""
    some = [one.recall for one in asked if not kind or one.kind == kind]
    return 100 * sum(some) / len(some)
