"""The verbs of the command line: each reads its options, calls the memory, and returns what is to be printed."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

from django.utils.translation import gettext as _

from memory import standing
from memory.errors import NotFound, ValidationFailed
from memory.lines import Lines
from memory.manager import MemoryManager
from memory.shown import found_as_dict, layers_as_dict, session_layers_as_dict
from memory.told import CHANGED, FILTERS, OPENED
from memory.wire import (
    as_dict,
    candidate_of,
    changes_of,
    event_as_dict,
    is_going_on,
    learning_of,
    moment_of,
    plain,
    receipt_as_dict,
    session_as_dict,
    stats_as_dict,
    turn_of,
    wanted_of,
)

MOST: Final = 200
BLOCK: Final = 256 * 1024
LONGEST_WAIT: Final = 3600  # seconds
LOOK_EVERY: Final = 0.25  # seconds between two looks at a job


@dataclass(frozen=True)
class Asked:
    """What the command line asks for, and of whom. `is_quiet`: a program reads, so no progress is drawn."""

    owner_id: int
    options: Mapping[str, Any]
    out: TextIO
    is_quiet: bool = False

    @cached_property
    def manager(self) -> MemoryManager:
        """Return the reader's memory."""
        return MemoryManager(self.owner_id, actor="command line")

    def given(self, *names: str) -> dict[str, Any]:
        """Return those options that were given."""
        return {name: self.options[name] for name in names if self.options.get(name) is not None}

    def whole(self, name: str, *, least: int, most: int) -> int:
        """Return a number within its bounds."""
        number = int(self.options[name])
        if not least <= number <= most:
            sentence = _("--%(name)s is a number from %(least)s to %(most)s.")
            raise ValidationFailed(sentence % {"name": name, "least": least, "most": most}, field=name)
        return number

    def share(self, name: str) -> float:
        """Return a number from 0 to 1."""
        number = float(self.options[name])
        if not 0 <= number <= 1:  # NaN is not, either
            word = name.replace("_", "-")
            raise ValidationFailed(_("--%(name)s is a number from 0 to 1.") % {"name": word}, field=name)
        return number

    def progress(self, description: str) -> AbstractContextManager[Any]:
        """Return something that counts steps (`advance()`), drawn where a person looks on."""
        from memory.commandline.tables import Counting

        is_drawn = not self.is_quiet and sys.stderr.isatty()
        return Counting(description) if is_drawn else nullcontext(lambda steps=1: None)


def add(asked: Asked) -> Any:
    """Remember something."""
    names = set(CHANGED) - {"metadata", "is_pinned", "text"}
    given = asked.given(*names, "language", "agent", "session", "book", "observed_at")
    given |= {"text": _read(asked.options["text"]), "is_pinned": asked.options["pin"], **_metadata(asked)}
    source = {"key": asked.options["source_key"], "quote": asked.options["quote"]}
    given["source"] = {name: value for name, value in source.items() if value}
    done = asked.manager.remember(candidate_of(given), once=asked.options["once"])
    return {"outcome": str(done.outcome), "memory": as_dict(done.memory)}


def search(asked: Asked) -> Any:
    """Search what is remembered."""
    from memory.search import search as look

    found = look(
        asked.owner_id,
        asked.options["query"],
        wanted=wanted_of(asked.given(*FILTERS)),
        limit=asked.whole("limit", least=1, most=MOST),
        min_score=asked.share("min_score"),
        reference=moment_of(asked.options["reference_date"], "reference_date"),
        explain=asked.options["explain"],
    )
    return found_as_dict(asked.owner_id, found, explain=asked.options["explain"])


def list_(asked: Asked) -> Any:
    """List what is remembered."""
    rows = asked.manager.list(wanted_of(asked.given(*FILTERS))).select_related("session")
    return _page(asked, rows, as_dict)


def get(asked: Asked) -> Any:
    """Show one memory."""
    return as_dict(asked.manager.get(asked.options["id"]))


def update(asked: Asked) -> Any:
    """Change a memory."""
    given = asked.given(*set(CHANGED) - {"metadata"})
    opened = {name: None for name in OPENED if given.get(name) == "none"}
    changes = changes_of({**given, **opened, **_metadata(asked)})
    return as_dict(asked.manager.update(asked.options["id"], changes, if_revision=asked.options["revision"]))


def forget(asked: Asked) -> Any:
    """Forget memories by id, by filters, or all; or bring them back."""
    filters = asked.given(*FILTERS)
    is_narrowed = any(not name.startswith("include_") for name in filters)
    ids, everything, token = (asked.options[name] for name in ("ids", "everything", "undo"))
    if sum(map(bool, (ids, is_narrowed, everything, token))) != 1:
        raise ValidationFailed(_("Say what is to be forgotten: ids, filters, or --everything."), field="ids")
    if token:
        return {"items": [as_dict(memory) for memory in asked.manager.undo_forget(token)]}
    if ids:
        return receipt_as_dict(asked.manager.forget(ids, reason=asked.options["reason"]))
    return receipt_as_dict(asked.manager.forget_all(wanted_of(filters), reason=asked.options["reason"]))


def history(asked: Asked) -> Any:
    """Show every change to a memory."""
    return _page(asked, asked.manager.get(asked.options["id"]).events.order_by("id"), event_as_dict)


def pin(asked: Asked) -> Any:
    """Pin or unpin a memory."""
    return as_dict(asked.manager.pin(asked.options["id"], not asked.options["off"]))


def archive(asked: Asked) -> Any:
    """Put a memory away."""
    return as_dict(asked.manager.archive(asked.options["id"]))


def restore(asked: Asked) -> Any:
    """Bring a memory back."""
    return as_dict(asked.manager.restore(asked.options["id"], event_id=asked.options["event"]))


def session(asked: Asked) -> Any:
    """Do something with a session."""
    manager, key = asked.manager, asked.options.get("key", "")
    match asked.options["deed"]:
        case "list":
            return _page(asked, manager.sessions(), session_as_dict)
        case "open":
            named = {"book": "books", "participant": "participants", "learning": "is_learning"}
            given = {named.get(name, name): value for name, value in asked.given("title", "agent", *named).items()}
            return session_as_dict(manager.open_session(key, **given))
        case "say":
            said = {**asked.given("role", "speaker", "said_at"), "text": _read(asked.options["text"])}
            turn = turn_of({**said, "key": asked.options["turn_key"]})
            return {"items": [as_dict(each) for each in manager.add_turns(key, [turn])]}
        case "timeline":
            return _page(asked, manager.timeline(key).select_related("session"), as_dict)
        case "close":
            return _closed(asked, key)
        case _:
            return receipt_as_dict(manager.forget_session(key, with_learned=not asked.options["keep_learned"]))


def _closed(asked: Asked, key: str) -> dict[str, Any]:
    """Close a session; with --wait, until memories are learned from it or time is up."""
    wait = asked.options["wait"]
    if wait is not None and not 0 <= wait <= LONGEST_WAIT:
        sentence = _("--wait is a number of seconds up to %(most)s.") % {"most": LONGEST_WAIT}
        raise ValidationFailed(sentence, field="wait")
    found = asked.manager.close_session(key)
    deadline = time.monotonic() + (wait or 0)
    job = learning_of(found)
    with asked.progress(_("Learning")) as advance:
        while is_going_on(job) and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY)
            advance()
            job = learning_of(found)
    return {"session": session_as_dict(asked.manager.session(key)), "job": job}


def export(asked: Asked) -> Any:
    """Write everything as JSON lines; nothing more is printed when they go to the standard output."""
    name, count = asked.options["file"], 0
    with _writing(asked, name) as file, asked.progress(_("Exporting")) as advance:
        for line in asked.manager.export():
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
            advance()
    return None if name == "-" else {"lines": count, "file": name}


def import_(asked: Asked) -> Any:
    """Read JSON lines."""
    with _reading(asked.options["file"]) as file, asked.progress(_("Importing")) as advance:

        def blocks() -> Iterator[bytes]:
            while block := file.read(BLOCK):
                advance(block.count(b"\n"))
                yield block

        lines = Lines(blocks())
        done = asked.manager.import_lines(lines)
    refused = lines.explained(done.refused)
    return {
        "added": done.added,
        "repeated": done.repeated,
        "refused": [{"line": line, "message": sentence} for line, sentence in refused],
    }


def stats(asked: Asked) -> Any:
    """Count what is remembered."""
    return stats_as_dict(asked.manager.stats())


def job(asked: Asked) -> Any:
    """Show how far a job is."""
    return standing.job(asked.owner_id, asked.options["id"])


def health(asked: Asked) -> Any:
    """Show what works."""
    return standing.health(asked.owner_id)


def layers(asked: Asked) -> Any:
    """Show the shorter forms of a memory or a session."""
    if bool(asked.options["id"]) == bool(asked.options["session"]):
        raise ValidationFailed(_("Name a memory or a session."), field="id")
    if asked.options["id"]:
        return layers_as_dict(asked.manager.get(asked.options["id"]))
    return session_layers_as_dict(asked.manager, asked.options["session"])


def verify(asked: Asked) -> Any:
    """Look for what should not be there."""
    from memory.verifying import verified

    with asked.progress(_("Verifying")) as advance:
        return plain(verified(asked.owner_id, advance=advance))


VERBS: Final[dict[str, Callable[[Asked], Any]]] = {
    "add": add,
    "search": search,
    "list": list_,
    "get": get,
    "update": update,
    "forget": forget,
    "history": history,
    "pin": pin,
    "archive": archive,
    "restore": restore,
    "session": session,
    "export": export,
    "import": import_,
    "stats": stats,
    "job": job,
    "health": health,
    "layers": layers,
    "verify": verify,
}


def _page(asked: Asked, rows: Any, shown: Callable[[Any], Any]) -> dict[str, Any]:
    limit = asked.whole("limit", least=1, most=MOST)
    offset = asked.whole("offset", least=0, most=2**31 - 1)
    return {"items": [shown(row) for row in rows[offset : offset + limit]], "count": rows.count()}


def _read(text: str) -> str:
    return sys.stdin.read().strip() if text == "-" else text


def _metadata(asked: Asked) -> dict[str, Any]:
    told = asked.options["metadata"]
    if told is None:
        return {}
    try:
        return {"metadata": json.loads(told)}
    except ValueError as error:
        raise ValidationFailed(_("--metadata must be a JSON object."), field="metadata") from error


def _writing(asked: Asked, name: str) -> AbstractContextManager[TextIO]:
    if name == "-":
        return nullcontext(asked.out)
    try:
        return Path(name).open("w", encoding="utf-8")
    except OSError as error:
        raise NotFound(_("This file cannot be written: %(why)s") % {"why": error.strerror}) from error


def _reading(name: str) -> AbstractContextManager[BinaryIO]:
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise NotFound(_("This file cannot be read: %(why)s") % {"why": error.strerror}) from error
