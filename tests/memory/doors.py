"""What every door of the memory can do, as the contract test (test_contract.py) uses it.

To add a door: subclass `PythonDoor`, override the verbs that the door has, give it a `name`, and list it in DOORS
of test_contract.py. A verb that is not overridden acts through Python, so a door without sessions still takes part
in the story. Everything goes in as JSON can hold it, and comes out in the shapes of memory/wire.py.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, Protocol

import pytest
from django.core.management import call_command
from django.test import Client

from memory.manager import MemoryManager
from memory.search import search
from memory.shown import found_as_dict
from memory.wire import as_dict, candidate_of, changes_of, event_as_dict, turn_of, wanted_of
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

    def remember(self, **given: Any) -> Json:
        """Take the fields of a memory; return {"outcome", "memory"}."""

    def search(self, query: str, **filters: Any) -> list[Json]:
        """Return the memories found, best first."""

    def listed(self, **filters: Any) -> list[Json]:
        """Return memories, the latest first."""

    def get(self, pk: int) -> Json:
        """Return a memory."""

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        """Change a memory (only if it has this revision still); return it."""

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        """Pin or unpin a memory; return it."""

    def history(self, pk: int) -> list[Json]:
        """Return the changes to a memory, oldest first."""

    def forget(self, pk: int) -> str:
        """Forget a memory; return the token that undoes it."""

    def undo(self, token: str) -> list[Json]:
        """Bring back what was forgotten."""

    def say(self, session: str, text: str, **more: Any) -> Json:
        """Add a turn to a session; return it."""

    def timeline(self, session: str) -> list[Json]:
        """Return the turns of a session."""

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

    def remember(self, **given: Any) -> Json:
        with _refusing():
            done = self.manager.remember(candidate_of(given))
            return {"outcome": str(done.outcome), "memory": as_json(as_dict(done.memory))}

    def search(self, query: str, **filters: Any) -> list[Json]:
        with _refusing():
            found = search(self.reader.pk, query, wanted=wanted_of(filters))
            return [as_json(item) for item in found_as_dict(self.reader.pk, found)["items"]]

    def listed(self, **filters: Any) -> list[Json]:
        with _refusing():
            return [as_json(as_dict(row)) for row in self.manager.list(wanted_of(filters))[:50]]

    def get(self, pk: int) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.get(pk)))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.update(pk, changes_of(changes), if_revision=revision)))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.pin(pk, is_pinned)))

    def history(self, pk: int) -> list[Json]:
        with _refusing():
            return [as_json(event_as_dict(event)) for event in self.manager.history(pk)]

    def forget(self, pk: int) -> str:
        with _refusing():
            return self.manager.forget([pk]).undo

    def undo(self, token: str) -> list[Json]:
        with _refusing():
            return [as_json(as_dict(memory)) for memory in self.manager.undo_forget(token)]

    def say(self, session: str, text: str, **more: Any) -> Json:
        with _refusing():
            return as_json(as_dict(self.manager.add_turns(session, [turn_of({"text": text, **more})])[0]))

    def timeline(self, session: str) -> list[Json]:
        with _refusing():
            return [as_json(as_dict(turn)) for turn in self.manager.timeline(session)]

    def take_along(self) -> list[Json]:
        return [as_json(line) for line in self.manager.export()]

    def bring_in(self, lines: Iterable[Json]) -> int:
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
        if answer.status_code >= 400:
            raise Refused(answer.json()["code"])
        return answer.json()

    def remember(self, **given: Any) -> Json:
        return dict(self.ask("POST", "", given))

    def search(self, query: str, **filters: Any) -> list[Json]:
        return list(self.ask("POST", "/search", {"query": query, "filters": filters})["items"])

    def listed(self, **filters: Any) -> list[Json]:
        return list(
            self.ask("GET", "?" + "&".join(f"{name}={_word(value)}" for name, value in filters.items()))["items"]
        )

    def get(self, pk: int) -> Json:
        return dict(self.ask("GET", f"/{pk}"))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        return dict(self.ask("PATCH", f"/{pk}", changes, headers=headers))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return dict(self.ask("POST" if is_pinned else "DELETE", f"/{pk}/pin"))

    def history(self, pk: int) -> list[Json]:
        return list(self.ask("GET", f"/{pk}/history")["items"])

    def forget(self, pk: int) -> str:
        return str(self.ask("DELETE", f"/{pk}")["undo"])

    def undo(self, token: str) -> list[Json]:
        return list(self.ask("POST", "/forget/undo", {"token": token})["items"])

    def say(self, session: str, text: str, **more: Any) -> Json:
        return dict(self.ask("POST", f"/sessions/{session}/messages", {"text": text, **more})["items"][0])

    def timeline(self, session: str) -> list[Json]:
        return list(self.ask("GET", f"/sessions/{session}/timeline")["items"])

    def take_along(self) -> list[Json]:
        answer = self.client.get("/api/v1/memory/export")
        return [json.loads(line) for line in b"".join(answer).splitlines()]

    def bring_in(self, lines: Iterable[Json]) -> int:
        body = "\n".join(json.dumps(line) for line in lines)
        answer = self.client.post("/api/v1/memory/import", body, content_type="application/jsonl")
        return int(answer.json()["added"])


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

    def remember(self, **given: Any) -> Json:
        text = given.pop("text")
        return dict(self.run("add", *_options(given), "--", text))

    def search(self, query: str, **filters: Any) -> list[Json]:
        return list(self.run("search", *_options(filters), "--", query)["items"])

    def listed(self, **filters: Any) -> list[Json]:
        return list(self.run("list", *_options(filters))["items"])

    def get(self, pk: int) -> Json:
        return dict(self.run("get", pk))

    def update(self, pk: int, changes: Json, *, revision: int | None = None) -> Json:
        return dict(self.run("update", pk, *_options(changes), *_options({"revision": revision})))

    def pin(self, pk: int, *, is_pinned: bool = True) -> Json:
        return dict(self.run("pin", pk, *([] if is_pinned else ["--off"])))

    def history(self, pk: int) -> list[Json]:
        return list(self.run("history", pk)["items"])

    def forget(self, pk: int) -> str:
        return str(self.run("forget", pk)["undo"])

    def undo(self, token: str) -> list[Json]:
        return list(self.run("forget", f"--undo={token}")["items"])

    def say(self, session: str, text: str, **more: Any) -> Json:
        more["turn_key"] = more.pop("key", None)
        return dict(self.run("session", "say", session, text, *_options(more))["items"][0])

    def timeline(self, session: str) -> list[Json]:
        return list(self.run("session", "timeline", session)["items"])

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


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except MindoryError as refusal:
        raise Refused(refusal.code) from refusal


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _options(given: Json) -> list[str]:
    """Return fields as options: {"valid_from": "2020-01-01"} is --valid-from=2020-01-01, pinned=False --no-pinned."""
    options = []
    for name, value in given.items():
        word = name.replace("_", "-")
        if isinstance(value, bool):
            options.append(f"--{word}" if value else f"--no-{word}")
        elif value is not None:
            options.append(f"--{word}={value}")
    return options
