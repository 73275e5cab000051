"""Everything a reader's memory holds as lines, and back: exported, and imported into an empty one, it is equal.

Lines refer to each other by names that hold inside one export ("m7", a session's key); ids of a database mean nothing
in them. What is worked out (what a row is found by, vectors, which value ended which) is not written but made anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from django.db.models import Max, Model, QuerySet

from memory import quotas
from memory.importing import ACTOR, FORMAT, Imported, Importer, renamed
from memory.models import Event, Memory, Mind, Session
from memory.types import State
from memory.writing import hand, plain

M = TypeVar("M", bound=Model)

AT_ONCE: Final = 500  # lines of one transaction
OF_SESSIONS: Final = (
    "key", "title", "agent", "books", "participants", "is_learning", "learned_to", "opened_at", "last_turn_at",
    "closed_at",
)  # fmt: skip
OF_MEMORIES: Final = (
    "type", "type_confidence", "subject", "attribute", "value", "text", "language", "metadata", "importance",
    "confidence", "is_pinned", "state", "agent", "number", "role", "speaker", "caption", "is_learnable", "source_kind",
    "source_key", "source_label", "quote", "book", "section", "start", "end", "observed_at", "valid_from", "valid_to",
    "told_to", "recorded_at", "changed_at", "expires_on", "stability_days", "used_count", "last_used_at", "told_count",
)  # fmt: skip
OF_EVENTS: Final = ("memory_id", "verb", "before", "after", "actor", "reason", "at")


def export(owner_id: int) -> Iterator[dict[str, Any]]:
    """Yield everything a reader's memory holds; what is forgotten is not there any more."""
    mind = Mind.objects.filter(reader_id=owner_id).first() or Mind(reader_id=owner_id)
    yield {"line": "mind", "format": FORMAT, "is_learning": mind.is_learning, "is_following": mind.is_following}
    there = Memory.objects.filter(owner_id=owner_id, number__isnull=False).exclude(state=State.FORGOTTEN)
    lasts = dict(there.order_by().values_list("session").annotate(last=Max("number")))
    for session in _each(Session.objects.filter(owner_id=owner_id), *OF_SESSIONS):
        pk = session.pop("id")
        # Of turns that were forgotten no line tells that they were learned from.
        session["learned_to"] = min(session["learned_to"], lasts.get(pk, -1) + 1)
        yield {"line": "session", **plain(session)}
    rows = Memory.objects.filter(owner_id=owner_id).exclude(state=State.FORGOTTEN).order_by("id")
    refs = {pk: f"m{number}" for number, pk in enumerate(rows.values_list("pk", flat=True), 1)}
    keys = dict(Session.objects.filter(owner_id=owner_id).order_by().values_list("pk", "key"))
    for row in _each(rows, *OF_MEMORIES, "session_id", "turn_id", "superseded_by_id"):
        if row["id"] in refs:  # told while this is written: left out
            yield _memory(row, refs, keys)
    for event in _each(Event.objects.filter(owner_id=owner_id).exclude(memory__state=State.FORGOTTEN), *OF_EVENTS):
        if event["memory_id"] in refs:
            yield _event(event, refs)


def _each(rows: QuerySet[M], *columns: str) -> Iterator[dict[str, Any]]:
    """Yield columns in the order of the ids, with no cursor open between two: lines are sent from several threads.

    As values: to make a model's instance of each row costs more than all the rest.
    """
    last = 0
    while some := list(rows.filter(pk__gt=last).order_by("pk").values("id", *columns)[:AT_ONCE]):
        last = some[-1]["id"]
        yield from some


def _memory(row: dict[str, Any], refs: Mapping[int, str], keys: Mapping[int, str]) -> dict[str, Any]:
    line: dict[str, Any] = {"line": "memory" if row["number"] is None else "turn", "ref": refs[row["id"]]}
    line |= plain({name: row[name] for name in OF_MEMORIES})
    line["session"] = keys.get(row["session_id"])
    line["turn"] = refs.get(row["turn_id"])
    line["superseded_by"] = refs.get(row["superseded_by_id"])
    return line


def _event(event: dict[str, Any], refs: Mapping[int, str]) -> dict[str, Any]:
    return {
        "line": "event",
        "memory": refs[event["memory_id"]],
        "verb": event["verb"],
        "before": renamed(event["before"], refs),
        "after": renamed(event["after"], refs),
        "actor": event["actor"],
        "reason": event["reason"],
        "at": event["at"].isoformat(),
    }


def import_lines(owner_id: int, lines: Iterable[Mapping[str, Any]]) -> Imported:
    """Keep lines of an export. One that cannot be kept is refused and told; the others are kept all the same.

    What the reader's memory holds already counts as repeated. Each few hundred lines are one transaction. Of a
    newer format nothing is kept (ValidationFailed): the first line of an export says which it is.
    """
    importer = Importer(owner_id)
    numbered = enumerate(lines, 1)
    while some := list(islice(numbered, AT_ONCE)):
        with hand(owner_id, ACTOR) as mine:
            importer.keep(mine, some)
    with hand(owner_id, ACTOR) as mine:
        importer.end(mine)
        quotas.keep(mine, added=importer.done.added)
    return importer.done
