"""MemoryManager: everything that can be done with one reader's memory. The only writer of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from django.db.models import QuerySet

from memory import (
    changing,
    checking,
    erasing,
    exchange,
    listing,
    merging,
    quotas,
    receipts,
    remembering,
    sessions,
    titles,
    undoing,
)
from memory.erasing import Receipt
from memory.importing import Imported
from memory.listing import Stats
from memory.models import Event, Memory, Mind, Session
from memory.remembering import Remembered
from memory.types import Candidate, Turn, Wanted
from memory.writing import hand, owned

__all__ = ["Imported", "MemoryManager", "Receipt", "Remembered", "Stats"]

EVERYTHING: Final = Wanted()
# The class has a method `list`, as its callers expect.
Memories: TypeAlias = list[Memory]
Events: TypeAlias = list[Event]
Outcomes: TypeAlias = list[Remembered]


class MemoryManager:
    """One reader's memory. What is another's is NotFound, as what there is not.

    `actor` is written into the history of what is changed: "reader", "key: NAME", "extraction", "import".
    """

    def __init__(self, owner_id: int, *, actor: str = "reader") -> None:
        self.owner_id = owner_id
        self.actor = checking.words(actor, "actor")

    # --- writing ---

    def remember(self, candidate: Candidate, *, once: str = "", reason: str = "") -> Remembered:
        """Keep a candidate. The same `once` key twice is one request; with another candidate it is a Conflict."""
        checking.candidate(candidate)
        with hand(self.owner_id, self.actor) as mine:
            found = remembering.remember(mine, candidate, once=once, reason=reason)
            quotas.keep(mine, added=1)
        return found

    def remember_all(self, candidates: Sequence[Candidate], *, reason: str = "") -> Outcomes:
        """Keep candidates, all of them or none."""
        checking.many(candidates)
        for candidate in candidates:
            checking.candidate(candidate)
        with hand(self.owner_id, self.actor) as mine:
            found = [remembering.remember(mine, candidate, reason=reason) for candidate in candidates]
            quotas.keep(mine, added=len(found))
        return found

    def update(
        self, memory_id: int, changes: Mapping[str, Any], *, if_revision: int | None = None, reason: str = ""
    ) -> Memory:
        """Change a memory; Conflict when it is not at `if_revision` any more."""
        with hand(self.owner_id, self.actor) as mine:
            return changing.update(mine, memory_id, changes, if_revision=if_revision, reason=reason)

    def pin(self, memory_id: int, is_pinned: bool = True) -> Memory:
        """Pin a memory, or let it go."""
        with hand(self.owner_id, self.actor) as mine:
            return changing.pin(mine, memory_id, is_pinned=is_pinned)

    def merge(self, memory_id: int, *, into: int, reason: str) -> bool:
        """Put a memory away into an older one that says the same, unless a rule speaks against it (merging.py)."""
        with hand(self.owner_id, self.actor) as mine:
            older, younger = owned(self.owner_id, into, locked=True), owned(self.owner_id, memory_id, locked=True)
            return merging.merge(mine, older, younger, reason=reason)

    def archive(self, memory_id: int) -> Memory:
        """Put a memory away: it is found only by those who ask for archived ones."""
        with hand(self.owner_id, self.actor) as mine:
            return changing.archive(mine, memory_id)

    def restore(self, memory_id: int, *, event_id: int | None = None) -> Memory:
        """Bring a memory back from the archive; with `event_id`, back to how it was before that event."""
        with hand(self.owner_id, self.actor) as mine:
            return changing.restore(mine, memory_id, event_id=event_id)

    def forget(self, memory_ids: Sequence[int], *, reason: str = "") -> Receipt:
        """Forget memories: their words are gone from every table."""
        checking.many(memory_ids)
        with hand(self.owner_id, self.actor) as mine:
            return erasing.forget(mine, memory_ids, reason=reason)

    def forget_all(self, wanted: Wanted, *, reason: str = "") -> Receipt:
        """Forget everything that fits; `Wanted()` is everything."""
        with hand(self.owner_id, self.actor) as mine:
            return erasing.forget_all(mine, wanted, reason=reason)

    def undo_forget(self, token: str) -> Memories:
        """Bring back what the receipt with this token, or with the short key to it, forgot."""
        token = receipts.token_of(self.owner_id, token)
        with hand(self.owner_id, self.actor) as mine:
            return undoing.undo(mine, token)

    def used(self, memory_ids: Sequence[int]) -> None:
        """Tell that memories were cited in an answer or opened: they are forgotten more slowly."""
        with hand(self.owner_id, self.actor) as mine:
            changing.used(mine, memory_ids)

    # --- reading ---

    def get(self, memory_id: int) -> Memory:
        """Return a memory."""
        return owned(self.owner_id, memory_id)

    def list(self, wanted: Wanted = EVERYTHING) -> QuerySet[Memory]:
        """Return the memories that fit, newest first."""
        return listing.wanted_rows(self.owner_id, wanted)

    def history(self, memory_id: int) -> Events:
        """Return what happened to a memory, oldest first."""
        return [*owned(self.owner_id, memory_id).events.order_by("id")]

    def stats(self) -> Stats:
        """Count what there is."""
        return listing.stats(self.owner_id, self.mind().revision)

    def mind(self) -> Mind:
        """Return the switches and the revision; before anything was remembered, as they would be."""
        return Mind.objects.filter(reader_id=self.owner_id).first() or Mind(reader_id=self.owner_id)

    def set_switches(self, *, is_learning: bool | None = None, is_following: bool | None = None) -> Mind:
        """Pause or resume learning from what is said and from what is read."""
        given = {"is_learning": is_learning, "is_following": is_following}
        changes = {name: checking.flag(value, name) for name, value in given.items() if value is not None}
        with hand(self.owner_id, self.actor):
            Mind.objects.filter(reader_id=self.owner_id).update(**changes) if changes else None
        return self.mind()

    # --- sessions ---

    def open_session(self, key: str, **given: Any) -> Session:
        """Return the session of this name, made if need be, with what is given written into it.

        title, agent, books (ids), participants (names), is_learning.
        """
        with hand(self.owner_id, self.actor) as mine:
            return sessions.open_session(mine, key, **given)

    def add_turns(self, session_key: str, turns: Sequence[Turn]) -> Memories:
        """Keep what was said in a session, which is opened if need be."""
        with hand(self.owner_id, self.actor) as mine:
            found = sessions.add_turns(mine, session_key, turns)
            quotas.keep(mine, added=len(found))
        return found

    def close_session(self, session_key: str) -> Session:
        """Close a session; what is new in it will be learned."""
        with hand(self.owner_id, self.actor) as mine:
            return sessions.close(mine, session_key)

    def session(self, key: str) -> Session:
        """Return a session."""
        return sessions.find(self.owner_id, key)

    def sessions(self) -> QuerySet[Session]:
        """Return all sessions, newest first."""
        return titles.with_titles(Session.objects.filter(owner_id=self.owner_id))

    def timeline(self, key: str) -> QuerySet[Memory]:
        """Return the turns of a session in their order."""
        return sessions.timeline(self.owner_id, key)

    def forget_session(self, key: str, *, with_learned: bool = True, is_over: bool = False) -> Receipt:
        """Forget a session, its turns and what was learned only from it; `is_over`: and never learn from it again."""
        with hand(self.owner_id, self.actor) as mine:
            return sessions.forget_session(mine, key, with_learned=with_learned, is_over=is_over)

    # --- exchange ---

    def export(self) -> Iterator[dict[str, Any]]:
        """Yield everything as lines that `import_lines` reads."""
        return exchange.export(self.owner_id)

    def import_lines(self, lines: Iterable[Mapping[str, Any]]) -> Imported:
        """Keep lines of an export; what is refused is told with its number and a sentence."""
        return exchange.import_lines(self.owner_id, lines)
