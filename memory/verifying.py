"""Look a reader's memory over for what should not be there. Nothing is changed.

Junk is what no gate should have let through: acknowledgements, prompts, our own recalled words, nothing at all. A
duplicate is counted when the rules of writing would have made one memory of two.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from memory import gates
from memory.duplicates import is_same_time, says_the_same
from memory.layers import layer
from memory.models import Layer, Memory, Recall
from memory.types import SourceKind, State
from memory.wording import same_words
from memory.writing import COLLECTION
from mindory_web.engines.models import Vector

AT_ONCE: Final = 500
MOST_NAMED: Final = 20  # ids that a finding spells out
MOST_COMPARED: Final = 50  # different ones of one group that a row is compared with

Advance = Callable[[int], object]


@dataclass(slots=True)
class Finding:
    """How often something was found, and the first ids it was found at."""

    count: int = 0
    ids: list[int] = field(default_factory=list)

    def add(self, pk: int) -> None:
        """Count one more."""
        self.count += 1
        if len(self.ids) < MOST_NAMED:
            self.ids.append(pk)


@dataclass(slots=True)
class Verified:
    """What was found. Rates are shares of what was told or learned, 0..1; turns are kept as they were said."""

    memories: int = 0
    turns: int = 0
    junk_rate: float = 0.0
    acknowledgements: Finding = field(default_factory=Finding)
    prompts: Finding = field(default_factory=Finding)
    learned_again: Finding = field(default_factory=Finding)
    empty: Finding = field(default_factory=Finding)
    duplicate_rate: float = 0.0
    exact_duplicates: Finding = field(default_factory=Finding)
    near_duplicates: Finding = field(default_factory=Finding)
    facts_without_turn: Finding = field(default_factory=Finding)
    turns_without_session: Finding = field(default_factory=Finding)
    rows_without_tokens: Finding = field(default_factory=Finding)
    forgotten_with_words: Finding = field(default_factory=Finding)
    vectors_without_rows: Finding = field(default_factory=Finding)
    stale_layers: Finding = field(default_factory=Finding)
    is_clean: bool = True


def verified(owner_id: int, *, advance: Advance = lambda steps: None) -> Verified:
    """Look at every row of a reader; `advance` is told how many were."""
    found = Verified()
    _count_junk(owner_id, found, advance)
    _count_duplicates(owner_id, found, advance)
    _count_orphans(owner_id, found)
    _count_stale(owner_id, found, advance)
    junk = (found.acknowledgements, found.prompts, found.learned_again, found.empty)
    twice = (found.exact_duplicates, found.near_duplicates)
    found.junk_rate = _rate(junk, found.memories)
    found.duplicate_rate = _rate(twice, found.memories)
    found.is_clean = not any(part.count for part in _findings(found))
    return found


def _count_junk(owner_id: int, found: Verified, advance: Advance) -> None:
    recalled = _recalled(owner_id)
    facts = _facts(owner_id)
    found.turns = _there(owner_id).filter(number__isnull=False).count()
    for memory in _each(facts.select_related("turn")):
        advance(1)
        found.memories += 1
        if not memory.text.strip():
            found.empty.add(memory.pk)
            continue
        told = memory.source_kind == SourceKind.MESSAGE
        session = memory.session_id or (memory.turn.session_id if memory.turn else None)
        if gates.is_nod(memory.text):
            found.acknowledgements.add(memory.pk)
        elif not gates.says_something(gates.ground(memory.text)):
            found.prompts.add(memory.pk)
        elif told and _is_again(memory, recalled.get(session or 0, {})):
            found.learned_again.add(memory.pk)


def _is_again(memory: Memory, recalled: dict[int, str]) -> bool:
    """Say whether a learned memory only says what was recalled into its session before."""
    texts = [text for pk, text in recalled.items() if pk != memory.pk]
    return bool(texts) and not gates.says_something(gates.ground(memory.text, texts))


def _recalled(owner_id: int) -> dict[int, dict[int, str]]:
    """Return the texts that were recalled into each session, by the id of their memory."""
    told: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Recall.objects.filter(owner=owner_id, memory__number__isnull=True)
    for session, memory, text in rows.values_list("session", "memory", "memory__text").iterator(AT_ONCE):
        told[session][memory] = text
    return told


def _count_duplicates(owner_id: int, found: Verified, advance: Advance) -> None:
    """Compare what has the same words, or the same gist, and is about the same thing."""
    exact: dict[Any, list[int]] = defaultdict(list)
    near: dict[Any, list[int]] = defaultdict(list)
    for pk, subject, book, words, gist in (
        _facts(owner_id).order_by("pk").values_list("pk", "subject", "book", "text_hash", "gist")
    ):
        exact[subject, book, bytes(words)].append(pk)
        if gist:
            near[subject, book, bytes(gist)].append(pk)
        advance(1)
    doubles = _pairs(exact, lambda one, other: same_words(one.text, other.text))
    for pk in sorted(doubles):
        found.exact_duplicates.add(pk)
    for pk in sorted(_pairs(near, says_the_same) - doubles):
        found.near_duplicates.add(pk)


def _pairs(groups: dict[Any, list[int]], is_same: Callable[[Memory, Memory], bool]) -> set[int]:
    """Return the later one of every two that are one."""
    doubles = set()
    for ids in groups.values():
        kept: list[Memory] = []  # of the ones that say the same, the first
        for row in _in_order(ids) if len(ids) > 1 else ():
            # A single-valued attribute depends on when: those are for the rules of conflicts, not for these.
            if any(not one.superseded_by_id and is_same_time(row, one) and is_same(row, one) for one in kept):
                doubles.add(row.pk)
            elif len(kept) < MOST_COMPARED:
                kept.append(row)
    return doubles


def _in_order(ids: list[int]) -> Iterator[Memory]:
    for start in range(0, len(ids), AT_ONCE):
        yield from Memory.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk")


def _count_orphans(owner_id: int, found: Verified) -> None:
    rows = _there(owner_id)
    lost = Q(turn__isnull=True) | Q(turn__state=State.FORGOTTEN)
    learned = rows.filter(lost, source_kind=SourceKind.MESSAGE, number__isnull=True)
    forgotten = Memory.objects.filter(owner=owner_id, state=State.FORGOTTEN)
    vectors = Vector.objects.filter(space__collection=COLLECTION, group=owner_id)
    kept = _there(owner_id).filter(pk=OuterRef("item"))
    homeless = rows.filter(number__isnull=False, session__isnull=True)
    for part, pks in (
        (found.facts_without_turn, learned.values_list("pk", flat=True)),
        (found.turns_without_session, homeless.values_list("pk", flat=True)),
        (found.rows_without_tokens, rows.filter(tokens=b"").exclude(text="").values_list("pk", flat=True)),
        (found.forgotten_with_words, forgotten.exclude(text="", quote="", value="").values_list("pk", flat=True)),
        (found.vectors_without_rows, vectors.filter(~Exists(kept)).values_list("item", flat=True)),
    ):
        for pk in pks.order_by("pk").iterator(AT_ONCE):
            part.add(pk)


def _count_stale(owner_id: int, found: Verified, advance: Advance) -> None:
    for row in _each(Layer.objects.filter(owner=owner_id).select_related("memory", "session")):
        advance(1)
        made_from = row.memory or row.session
        if made_from is not None and layer(made_from, row.level) is None:
            found.stale_layers.add(row.pk)


def _there(owner_id: int) -> QuerySet[Memory]:
    return Memory.objects.filter(owner=owner_id).exclude(state=State.FORGOTTEN)


def _facts(owner_id: int) -> QuerySet[Memory]:
    return _there(owner_id).filter(number__isnull=True)


def _each(rows: QuerySet[Any]) -> Iterator[Any]:
    return rows.order_by("pk").iterator(AT_ONCE)


def _rate(parts: tuple[Finding, ...], of: int) -> float:
    return round(sum(part.count for part in parts) / of, 4) if of else 0.0


def _findings(found: Verified) -> Iterator[Finding]:
    return (value for name in Verified.__slots__ if isinstance(value := getattr(found, name), Finding))
