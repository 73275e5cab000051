"""Changes to memories that are there: wording, pins, the archive, earlier wordings, use."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from memory import checking, conflicts, forgetting
from memory.attributes import Statement, attribute_of, restated, subject_of
from memory.errors import Conflict, NotFound, ValidationFailed
from memory.models import Memory
from memory.remembering import rewrite
from memory.types import LONGEST_TEXT, MemoryType, State, Verb
from memory.wording import same_words
from memory.writing import Hand, owned

CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "text": lambda given: checking.body(given, "text", most=LONGEST_TEXT),
    "type": checking.memory_type,
    "subject": lambda given: subject_of(checking.words(given, "subject")),
    "attribute": lambda given: attribute_of(checking.words(given, "attribute")),
    "value": lambda given: checking.words(given, "value", most=checking.LONGEST_VALUE).strip(),
    "importance": lambda given: checking.share(given, "importance"),
    "is_pinned": lambda given: checking.flag(given, "is_pinned"),
    "confidence": lambda given: checking.share(given, "confidence"),
    "valid_from": lambda given: checking.time(given, "valid_from"),
    "valid_to": lambda given: checking.time(given, "valid_to"),
    "expires_on": lambda given: checking.day(given, "expires_on"),
    "metadata": checking.metadata,
}
OF_TURNS: Final = frozenset({"importance", "is_pinned", "expires_on", "metadata"})
MEANING: Final = frozenset({"subject", "attribute", "value"})
SECONDS_A_DAY: Final = 86_400


def update(
    hand: Hand, memory_id: int, changes: Mapping[str, Any], *, if_revision: int | None = None, reason: str = ""
) -> Memory:
    """Change fields of a memory. A turn keeps its words: it is what was said."""
    memory = owned(hand.owner_id, memory_id, locked=True)
    # A new vector makes a new revision and no event: nobody's change is lost by it.
    if if_revision is not None and (
        if_revision > memory.revision or memory.events.filter(revision__gt=if_revision).exists()
    ):
        raise Conflict(_("This memory was changed meanwhile."), revision=memory.revision)
    wanted = _checked(memory, changes)
    wanted |= _meaning(memory, wanted)
    begin = wanted.get("valid_from", memory.valid_from)
    checking.interval(begin, wanted.get("valid_to", memory.told_to))
    column = {"valid_to": "told_to"}  # the other one may be worked out
    if all(getattr(memory, column.get(name, name)) == value for name, value in wanted.items()):
        return memory  # nobody's copy of it is old for a change that changes nothing
    verb = Verb.UPDATED
    if set(wanted) == {"is_pinned"}:
        verb = Verb.PINNED if wanted["is_pinned"] else Verb.UNPINNED
    rewrite(hand, memory, wanted, reason=reason, verb=verb)
    _steady(hand, memory, wanted)
    return memory


def _checked(memory: Memory, changes: Mapping[str, Any]) -> dict[str, Any]:
    for name in changes:
        if name not in CHECKS:
            raise ValidationFailed(_("“%(field)s” is nothing that can be changed.") % {"field": name}, field=str(name))
        if memory.number is not None and name not in OF_TURNS:
            raise ValidationFailed(_("What was said stays as it was said; it can only be forgotten."), field=name)
    return {name: CHECKS[name](value) for name, value in changes.items()}


def _meaning(memory: Memory, wanted: Mapping[str, Any]) -> dict[str, str]:
    """Return what a memory is about once it is reworded, unless that is told, too."""
    if "text" not in wanted or MEANING & wanted.keys() or same_words(wanted["text"], memory.text):
        return {}
    known = Statement(memory.subject, memory.attribute, memory.value)
    stated = restated(known, memory.text, wanted["text"])
    return {"subject": stated.subject, "attribute": stated.attribute, "value": stated.value}


def _steady(hand: Hand, memory: Memory, changes: Mapping[str, Any]) -> None:
    """Let what depends on type and importance follow them."""
    if not {"type", "importance", "is_pinned"} & set(changes):
        return
    importance = 1.0 if changes.get("is_pinned") and "importance" not in changes else memory.importance
    stable = max(forgetting.stability(MemoryType(memory.type), importance), memory.stability_days)
    if (importance, stable) != (memory.importance, memory.stability_days):
        hand.keep(memory, {"importance": importance, "stability_days": stable})


def pin(hand: Hand, memory_id: int, *, is_pinned: bool) -> Memory:
    """Pin a memory, or let it go."""
    return update(hand, memory_id, {"is_pinned": is_pinned})


def archive(hand: Hand, memory_id: int, *, reason: str = "") -> Memory:
    """Put a memory away."""
    memory = owned(hand.owner_id, memory_id, locked=True)
    hand.change(memory, Verb.ARCHIVED, {"state": State.ARCHIVED}, reason=reason)
    return memory


def restore(hand: Hand, memory_id: int, *, event_id: int | None = None) -> Memory:
    """Bring a memory back from the archive, or to how it was before an event of its history."""
    memory = owned(hand.owner_id, memory_id, locked=True)
    if event_id is None:
        hand.change(memory, Verb.RESTORED, {"state": State.ACTIVE})
        return memory
    hand.write_events()
    number = checking.number(event_id, "event_id", most=checking.LARGEST_ID) or 0
    events = memory.events.filter(pk__gte=number).order_by("-pk")
    if not any(event.pk == number for event in events):
        raise NotFound(_("There is no such event."))
    before: dict[str, Any] = {}
    state = memory.state
    for event in events:  # newest first: the oldest of them has the last word
        before |= {name: value for name, value in event.before.items() if name in CHECKS}
        state = was if isinstance(was := event.before.get("state"), str) and was in conflicts.LINKS else state
        if "told_to" in event.before:
            before["valid_to"] = event.before["told_to"]
        elif event.verb == Verb.SUPERSEDED:
            before.pop("valid_to", None)
    changes = {name: CHECKS[name](_read(name, value)) for name, value in before.items()}
    rewrite(hand, memory, {**changes, "state": state}, verb=Verb.RESTORED)
    _steady(hand, memory, changes)
    return memory


def _read(name: str, value: Any) -> Any:
    """Return a value of an event as a column holds it."""
    if value is None:
        return None
    try:
        if name in {"valid_from", "valid_to"}:
            return datetime.fromisoformat(value)
        return date.fromisoformat(value) if name == "expires_on" else value
    except (TypeError, ValueError):  # a history that came in from elsewhere
        raise ValidationFailed(_("There is nothing to go back to."), field="event_id") from None


def used(hand: Hand, memory_ids: Sequence[int]) -> None:
    """Let memories grow that were of use. Ids that are not the reader's are passed over."""
    wanted = [pk for pk in set(memory_ids) if isinstance(pk, int) and 0 < pk < 2**63]
    rows = Memory.objects.filter(owner_id=hand.owner_id, pk__in=wanted).exclude(state=State.FORGOTTEN)
    for memory in rows.select_for_update().order_by("pk"):
        days = max((hand.now - (memory.last_used_at or memory.observed_at)).total_seconds() / SECONDS_A_DAY, 0.0)
        grown = forgetting.grown(memory.stability_days, forgetting.retention(days, memory.stability_days))
        memory.stability_days, memory.last_used_at, memory.revision = grown, hand.now, hand.revision
        memory.used_count += 1
        memory.save(update_fields=["stability_days", "last_used_at", "used_count", "revision"])
