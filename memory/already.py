"""Which of the rows that come in are there already: of a batch at once, and whatever the file says.

The same is what has the same words, was observed at the same time, and is about the same thing in the same session; or
what has the same name of its sender's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from memory.models import Memory
from memory.types import State

Key: TypeAlias = tuple[Any, ...]


class Known:
    """The rows of a reader's memory that some of a file may be the same as. Two queries, however many rows."""

    def __init__(self, owner_id: int, rows: Sequence[Memory]) -> None:
        there = Memory.objects.filter(owner_id=owner_id).exclude(state=State.FORGOTTEN).order_by("pk")
        self._same: dict[Key, list[int]] = defaultdict(list)
        for row in there.filter(text_hash__in={row.text_hash for row in rows}).only(*COMPARED) if rows else ():
            self._same[_key(row)].append(row.pk)
        keys = {row.source_key for row in rows if row.source_key}
        self._named = dict(there.filter(source_key__in=keys).values_list("source_key", "pk")) if keys else {}

    def find(self, row: Memory, *, besides: Collection[int]) -> int | None:
        """Return the id of the oldest row that is the same; of those in `besides` only one of the same name."""
        ids = [pk for pk in self._same.get(_key(row), ()) if pk not in besides]
        if row.source_key in self._named:
            ids.append(self._named[row.source_key])
        return min(ids, default=None)


@dataclass(slots=True)
class Batch:
    """The rows that are about to be written. Two that have names in the file are not compared by what they say: an
    export may hold two that are alike."""

    refs: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    said: set[Key] = field(default_factory=set)
    unnamed: set[Key] = field(default_factory=set)

    def add(self, row: Memory, ref: str) -> None:
        """Have a row be one of them."""
        key = (*_key(row), row.number)
        self.refs |= {ref} if ref else set()
        self.names |= {row.source_key} if row.source_key else set()
        self.said.add(key)
        if not ref:
            self.unnamed.add(key)

    def has(self, row: Memory, ref: str) -> bool:
        """Say whether one of them is the same."""
        if (ref and ref in self.refs) or (row.source_key and row.source_key in self.names):
            return True
        return (*_key(row), row.number) in (self.unnamed if ref else self.said)


COMPARED = ("text_hash", "observed_at", "subject", "attribute", "value", "book", "number", "session")


def _key(row: Memory) -> Key:
    about = (row.subject, row.attribute, row.value, row.book)
    return (bytes(row.text_hash), row.observed_at, *about, row.number is None, row.session_id)
