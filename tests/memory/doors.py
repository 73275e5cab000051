"""What every door of the memory can do, as the contract test (test_contract.py) uses it.

To add a door: subclass `PythonDoor`, override the verbs that the door has, give it a `name`, and list it in DOORS
of test_contract.py. A verb that is not overridden acts through Python, so a door without sessions still takes part
in the story. Everything goes in as JSON can hold it, and comes out in the shapes of memory/wire.py.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, Protocol
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from memory import standing
from memory.manager import MemoryManager
from memory.search import search
from memory.shown import found_as_dict, layers_as_dict, session_layers_as_dict
from memory.wire import (
    as_dict,
    candidate_of,
    changes_of,
    event_as_dict,
    receipt_as_dict,
    session_as_dict,
    stats_as_dict,
    turn_of,
    wanted_of,
)
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import MindoryError

Json = dict[str, Any]


class Refused(Exception):
    """The door said no; `code` is one of the table in docs/memory.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Door(Protocol):
    """One way to a reader's memory. Every verb raises Refused."""

    name: str

    def __init__(self, reader: Reader) -> None: ...

    def remember(self, *, once: str = "", **given: Any) -> Json:
        """Take the fields of a memory, and a key of the request; return {"outcome", "memory"}."""

    def search(self, query: str, *, limit: int = 10, min_score: float = 0, **filters: Any) -> list[Json]:
        """Return the memories found, best first."""

    def listed(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Json]:
        """Return one page of memories, the latest first."""

    def get(self, pk: int) -> Json:
        """Return a memory."""

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        """Change a memory (only if it has this revision still); return it."""

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        """Pin or unpin a memory; return it."""

    def archive(self, pk: int) -> Json:
        """Put a memory away; return it."""

    def restore(self, pk: int, *, event: int | None = None) -> Json:
        """Bring a memory back from the archive, or to the wording before an event; return it."""

    def layers(self, pk: int) -> Json:
        """Return the shorter forms of a memory."""

    def history(self, pk: int) -> list[Json]:
        """Return the changes to a memory, oldest first."""

    def forget(self, pk: int) -> str:
        """Forget a memory; return the token that undoes it."""

    def forget_all(self, **filters: Any) -> Json:
        """Forget everything that fits; return the receipt."""

    def stats(self) -> Json:
        """Return how much there is."""

    def undo(self, token: str) -> list[Json]:
        """Bring back what was forgotten."""

    def say(self, session: str, text: str, **more: Any) -> Json:
        """Add a turn to a session; return it."""

    def timeline(self, session: str) -> list[Json]:
        """Return the turns of a session."""

    def open(self, session: str, **given: Any) -> Json:
        """Begin a session, or change what is given; return it."""

    def sessions(self) -> list[Json]:
        """Return the sessions, the latest first."""

    def close(self, session: str) -> Json:
        """Close a session; return it."""

    def session_layers(self, session: str) -> Json:
        """Return the shorter forms of a session."""

    def forget_session(self, session: str) -> Json:
        """Forget a session and what was learned from it alone; return the receipt."""

    def batch(self, *, create: Sequence[Json], update: Sequence[Json], forget: Sequence[int]) -> dict[str, list[Json]]:
        """Do several things one by one; return the result of each, or {"error": its code}, in its place."""

    def job(self, pk: int) -> Json:
        """Return how far a job is."""

    def health(self) -> Json:
        """Return what works."""

    def take_along(self) -> list[Json]:
        """Return the lines of an export."""

    def bring_in(self, lines: Iterable[Json]) -> int:
        """Import lines; return how many memories and sessions were added."""


class PythonDoor:
    """MemoryManager and search(), called as they are."""

    name = "python"

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.manager = MemoryManager(reader.pk)

    def remember(self, *, once: str = "", **given: Any) -> Json:
        with _refusing():
            done = self.manager.remember(candidate_of(given), once=once)
            return {"outcome": str(done.outcome), "memory": as_json(as_dict(done.memory))}

    def search(self, query: str, *, limit: int = 10, min_score: float = 0, **filters: Any) -> list[Json]:
        with _refusing():
            found = search(self.reader.pk, query, wanted=wanted_of(filters), limit=limit, min_score=min_score)
            return [as_json(item) for item in found_as_dict(self.reader.pk, found)["items"]]

    def listed(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Json]:
        with _refusing():
            rows = self.manager.list(wanted_of(filters))
            return [as_json(as_dict(row)) for row in rows[offset : offset + limit]]

    def get(self, pk: int) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.get(pk)))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.update(pk, changes_of(changes), if_revision=revision)))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.pin(pk, is_pinned)))

    def archive(self, pk: int) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.archive(pk)))

    def restore(self, pk: int, *, event: int | None = None) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.restore(pk, event_id=event)))

    def layers(self, pk: int) -> Json:
        with _refusing():
            return as_json(layers_as_dict(self.manager.get(pk)))

    def history(self, pk: int) -> list[Json]:
        with _refusing():
            return [as_json(event_as_dict(event)) for event in self.manager.history(pk)]

    def forget(self, pk: int) -> str:
        with _refusing():
            return self.manager.forget([pk]).undo

    def forget_all(self, **filters: Any) -> Json:
        with _refusing():
            return as_json(receipt_as_dict(self.manager.forget_all(wanted_of(filters))))

    def stats(self) -> Json:
        return as_json(stats_as_dict(self.manager.stats()))

    def undo(self, token: str) -> list[Json]:
        with _refusing():
            return [as_json(as_dict(memory)) for memory in self.manager.undo_forget(token)]

    def say(self, session: str, text: str, **more: Any) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.add_turns(session, [turn_of({"text": text, **more})])[0]))

    def timeline(self, session: str) -> list[Json]:
        with _refusing():
            return [as_json(as_dict(turn)) for turn in self.manager.timeline(session)]

    def open(self, session: str, **given: Any) -> Json:
        with _refusing():
            return as_json(session_as_dict(self.manager.open_session(session, **given)))

    def sessions(self) -> list[Json]:
        return [as_json(session_as_dict(session)) for session in self.manager.sessions()]

    def close(self, session: str) -> Json:
        with _refusing():
            return as_json(session_as_dict(self.manager.close_session(session)))

    def session_layers(self, session: str) -> Json:
        with _refusing():
            return as_json(session_layers_as_dict(self.manager, session))

    def forget_session(self, session: str) -> Json:
        with _refusing():
            return as_json(receipt_as_dict(self.manager.forget_session(session)))

    def batch(self, *, create: Sequence[Json], update: Sequence[Json], forget: Sequence[int]) -> dict[str, list[Json]]:
        def changed(each: Json) -> Json:
            rest = {name: value for name, value in each.items() if name not in {"id", "revision"}}
            return {"memory": self.update(each["id"], rest, revision=each.get("revision"))}

        return {
            "create": [_or_refusal(lambda each: self.remember(**each), each) for each in create],
            "update": [_or_refusal(changed, each) for each in update],
            "forget": [_or_refusal(lambda pk: {"count": 1} if self.forget(pk) else {}, pk) for pk in forget],
        }

    def job(self, pk: int) -> Json:
        with _refusing():
            return as_json(standing.job(self.reader.pk, pk))

    def health(self) -> Json:
        return as_json(standing.health(self.reader.pk))

    def take_along(self) -> list[Json]:
        return [as_json(line) for line in self.manager.export()]

    def bring_in(self, lines: Iterable[Json]) -> int:
        with _refusing():
            return self.manager.import_lines(lines).added


class RestDoor(PythonDoor):
    """`/api/v1/memory/` with a key."""

    name = "rest"

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self.client = Client(headers={"Authorization": f"Bearer {keys.make(reader, 'contract')[1]}"})

    def ask(self, method: str, address: str, body: Any = None, **more: Any) -> Any:
        """Send a request; return what the answer holds."""
        sent = "" if body is None else json.dumps(body)
        answer = self.client.generic(method, f"/api/v1/memory{address}", sent, content_type="application/json", **more)
        return _unless_refused(answer)

    def remember(self, *, once: str = "", **given: Any) -> Json:
        return dict(self.ask("POST", "", given, headers={"Idempotency-Key": once} if once else {}))

    def search(self, query: str, *, limit: int = 10, min_score: float = 0, **filters: Any) -> list[Json]:
        asked = {"query": query, "filters": filters, "limit": limit, "min_score": min_score}
        return list(self.ask("POST", "/search", asked)["items"])

    def listed(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Json]:
        told = {name: _word(value) for name, value in {**filters, "limit": limit, "offset": offset}.items()}
        return list(self.ask("GET", "?" + urlencode(told, doseq=True))["items"])

    def get(self, pk: int) -> Json:
        return dict(self.ask("GET", f"/{pk}"))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        return dict(self.ask("PATCH", f"/{pk}", changes, headers=headers))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return dict(self.ask("POST" if is_pinned else "DELETE", f"/{pk}/pin"))

    def archive(self, pk: int) -> Json:
        return dict(self.ask("POST", f"/{pk}/archive"))

    def restore(self, pk: int, *, event: int | None = None) -> Json:
        return dict(self.ask("POST", f"/{pk}/restore", {"event": event} if event else None))

    def layers(self, pk: int) -> Json:
        return dict(self.ask("GET", f"/{pk}/layers"))

    def history(self, pk: int) -> list[Json]:
        return list(self.ask("GET", f"/{pk}/history")["items"])

    def forget(self, pk: int) -> str:
        return str(self.ask("DELETE", f"/{pk}")["undo"])

    def forget_all(self, **filters: Any) -> Json:
        return dict(self.ask("POST", "/forget", filters))

    def stats(self) -> Json:
        return dict(self.ask("GET", "/stats"))

    def undo(self, token: str) -> list[Json]:
        return list(self.ask("POST", "/forget/undo", {"token": token})["items"])

    def say(self, session: str, text: str, **more: Any) -> Json:
        return dict(self.ask("POST", f"/sessions/{session}/messages", {"text": text, **more})["items"][0])

    def timeline(self, session: str) -> list[Json]:
        return list(self.ask("GET", f"/sessions/{session}/timeline")["items"])

    def open(self, session: str, **given: Any) -> Json:
        return dict(self.ask("POST", "/sessions", {"key": session, **given}))

    def sessions(self) -> list[Json]:
        return list(self.ask("GET", "/sessions")["items"])

    def close(self, session: str) -> Json:
        return dict(self.ask("POST", f"/sessions/{session}/close")["session"])

    def session_layers(self, session: str) -> Json:
        return dict(self.ask("GET", f"/sessions/{session}/layers"))

    def forget_session(self, session: str) -> Json:
        return dict(self.ask("DELETE", f"/sessions/{session}"))

    def batch(self, *, create: Sequence[Json], update: Sequence[Json], forget: Sequence[int]) -> dict[str, list[Json]]:
        done = self.ask("POST", "/batch", {"create": create, "update": update, "forget": forget})
        for each in (each for results in done.values() for each in results if each["error"]):
            assert each["error"]["message"]
            each["error"] = each["error"]["code"]
        forgotten = [
            {"error": each["error"]} if each["error"] else {"count": each["receipt"]["count"]}
            for each in done["forget"]
        ]
        return {**done, "forget": forgotten}

    def job(self, pk: int) -> Json:
        return dict(self.ask("GET", f"/jobs/{pk}"))

    def health(self) -> Json:
        return dict(self.ask("GET", "/health"))

    def take_along(self) -> list[Json]:
        answer = self.client.get("/api/v1/memory/export")
        return [json.loads(line) for line in b"".join(answer).splitlines()]

    def bring_in(self, lines: Iterable[Json]) -> int:
        body = "\n".join(json.dumps(line) for line in lines)
        answer = self.client.post("/api/v1/memory/import", body, content_type="application/jsonl")
        return int(_unless_refused(answer)["added"])


class CommandDoor(PythonDoor):
    """`manage.py memory --json`."""

    name = "command line"

    def run(self, *words: Any) -> Any:
        """Run a command; return its data."""
        out = StringIO()
        try:
            call_command("memory", "--json", "--reader", self.reader.username, *map(str, words), stdout=out)
        except SystemExit as end:
            code, answer = end.code, json.loads(out.getvalue())
        else:
            code, answer = 0, json.loads(out.getvalue())
        assert answer["ok"] is (code == 0)
        if code:
            raise Refused(answer["error"]["code"])
        return answer["data"]

    def remember(self, *, once: str = "", **given: Any) -> Json:
        text = given.pop("text")
        return dict(self.run("add", *_options({**given, "once": once or None}), "--", text))

    def search(self, query: str, *, limit: int = 10, min_score: float = 0, **filters: Any) -> list[Json]:
        options = _options({**filters, "limit": limit, "min_score": min_score})
        return list(self.run("search", *options, "--", query)["items"])

    def listed(self, *, limit: int = 50, offset: int = 0, **filters: Any) -> list[Json]:
        return list(self.run("list", *_options({**filters, "limit": limit, "offset": offset}))["items"])

    def get(self, pk: int) -> Json:
        return dict(self.run("get", pk))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        return dict(self.run("update", pk, *_options(changes), *_options({"revision": revision})))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return dict(self.run("pin", pk, *([] if is_pinned else ["--off"])))

    def archive(self, pk: int) -> Json:
        return dict(self.run("archive", pk))

    def restore(self, pk: int, *, event: int | None = None) -> Json:
        return dict(self.run("restore", pk, *_options({"event": event})))

    def layers(self, pk: int) -> Json:
        return dict(self.run("layers", pk))

    def history(self, pk: int) -> list[Json]:
        return list(self.run("history", pk)["items"])

    def forget(self, pk: int) -> str:
        return str(self.run("forget", pk)["undo"])

    def forget_all(self, **filters: Any) -> Json:
        return dict(self.run("forget", *_options(filters)))

    def stats(self) -> Json:
        return dict(self.run("stats"))

    def undo(self, token: str) -> list[Json]:
        return list(self.run("forget", f"--undo={token}")["items"])

    def say(self, session: str, text: str, **more: Any) -> Json:
        more["turn_key"] = more.pop("key", None)
        return dict(self.run("session", "say", session, text, *_options(more))["items"][0])

    def timeline(self, session: str) -> list[Json]:
        return list(self.run("session", "timeline", session)["items"])

    def open(self, session: str, **given: Any) -> Json:
        named = {"books": "book", "participants": "participant", "is_learning": "learning"}
        told = {named.get(name, name): value for name, value in given.items()}
        return dict(self.run("session", "open", session, *_options(told)))

    def sessions(self) -> list[Json]:
        return list(self.run("session", "list")["items"])

    def close(self, session: str) -> Json:
        return dict(self.run("session", "close", session)["session"])

    def session_layers(self, session: str) -> Json:
        return dict(self.run("layers", "--session", session))

    def forget_session(self, session: str) -> Json:
        return dict(self.run("session", "forget", session))

    def job(self, pk: int) -> Json:
        return dict(self.run("job", pk))

    def health(self) -> Json:
        return dict(self.run("health"))

    def take_along(self) -> list[Json]:
        out = StringIO()
        call_command("memory", "--reader", self.reader.username, "export", stdout=out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def bring_in(self, lines: Iterable[Json]) -> int:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("\n".join(json.dumps(line) for line in lines))
            file.flush()
            return int(self.run("import", file.name)["added"])


def as_json(value: Any) -> Json:
    """Return a value as it is after it crossed a wire."""
    return dict(json.loads(json.dumps(value)))


def refused(code: str) -> Any:
    """Expect a refusal with this code."""
    return pytest.raises(Refused, match=f"^{code}$")


def _or_refusal(verb: Callable[[Any], Json], item: Any) -> Json:
    try:
        return verb(item)
    except Refused as refusal:
        return {"error": refusal.code}


def _unless_refused(answer: Any) -> Any:
    """Return what an answer of the API holds."""
    if answer.status_code >= 400:
        raise Refused(answer.json()["code"])
    return answer.json()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except MindoryError as refusal:
        raise Refused(refusal.code) from refusal


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _options(given: Json) -> list[str]:
    """Return fields as options: {"valid_from": "2020-01-01"} is --valid-from=2020-01-01, pinned=False --no-pinned."""
    options = []
    for name, value in given.items():
        word = name.replace("_", "-")
        if isinstance(value, bool):
            options.append(f"--{word}" if value else f"--no-{word}")
        elif isinstance(value, list):
            options.extend(f"--{word}={each}" for each in value)
        elif value is not None:
            options.append(f"--{word}={value}")
    return options
