"""Three readers do at random what the API can do, with each other's ids too: nobody sees or changes a foreign row."""

import hashlib
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from memory.models import Event, Job, Layer, Memory, Session
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader

STEPS = 150
MARKS = {"ann": "aardvark", "ben": "bumblebee", "cleo": "cormorant"}  # in every word of a reader, and of no other

Deed = Callable[[random.Random, "World", str], tuple[str, str, Any]]


class World:
    """The readers, a program of each, and every id that there is."""

    def __init__(self) -> None:
        self.readers = {name: Reader.objects.create_user(name, f"{name}@example.org") for name in MARKS}
        self.programs = {
            name: Client(headers={"Authorization": f"Bearer {keys.make(reader, 'x')[1]}"})
            for name, reader in self.readers.items()
        }
        self.tokens = ["x"]
        for reader in self.readers.values():
            Job.objects.create(owner=reader, kind="learn", error=MARKS[reader.username], error_code="x")

    def send(self, name: str, method: str, address: str, body: Any) -> tuple[int, str]:
        """Send a request as a reader; return the status and everything that came back."""
        sent = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        answer = self.programs[name].generic(method, f"/api/v1/memory/{address}", sent, content_type="application/json")
        content = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, content.decode()

    def anything(self, chance: random.Random) -> int:
        """Return the id of a memory of anybody."""
        return chance.choice([*Memory.objects.values_list("pk", flat=True), 1])

    def state_of(self, name: str) -> str:
        """Return all that is kept for a reader, as a number."""
        owner = self.readers[name]
        rows = [
            list(kind.objects.filter(owner=owner).order_by("pk").values()) for kind in (Memory, Session, Event, Layer)
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()


def _filters(chance: random.Random) -> dict[str, Any]:
    every = {
        "session": chance.choice(["talk", "walk", "none"]),
        "book": chance.randint(1, 3),
        "type": chance.choice(["personal", "conversational"]),
        "dimension": chance.choice(["user", "session"]),
        "subject": chance.choice([*MARKS.values()]),
        "include_archived": True,
        "include_past": True,
        "until": "2999-01-01",
    }
    return {name: every[name] for name in chance.sample(sorted(every), chance.randint(0, 3))}


def _query(filters: dict[str, Any]) -> str:
    return "&".join(f"{name}={str(value).lower() if value is True else value}" for name, value in filters.items())


def _words(mark: str, chance: random.Random) -> str:
    return f"The {mark} {chance.choice(['sleeps', 'eats', 'swims'])} {chance.randint(1, 50)} times in {mark} land."


DEEDS: tuple[Deed, ...] = (
    lambda c, w, m: ("POST", "", {"text": _words(m, c), "subject": m, "book": c.randint(1, 3), "metadata": {"m": m}}),
    lambda c, w, m: ("POST", "", {"text": _words(m, c), "source": {"kind": "message", "turn": w.anything(c)}}),
    lambda c, w, m: ("POST", f"sessions/{c.choice(['talk', 'walk'])}/messages", {"text": _words(m, c), "speaker": m}),
    lambda c, w, m: ("POST", "sessions", {"key": c.choice(["talk", "walk"]), "title": m}),
    lambda c, w, m: ("GET", f"?{_query(_filters(c))}", None),
    lambda c, w, m: ("POST", "search", {"query": c.choice([*MARKS.values()]), "filters": _filters(c), "explain": True}),
    lambda c, w, m: ("POST", "search", {"query": "who sleeps and swims", "layers": ["l0", "l2"], "limit": 200}),
    lambda c, w, m: ("GET", f"{w.anything(c)}{c.choice(['', '/history', '/layers'])}", None),
    lambda c, w, m: ("PATCH", f"{w.anything(c)}", {"text": _words(m, c)}),
    lambda c, w, m: ("PATCH", f"{w.anything(c)}", {"importance": 0.5, "metadata": {"m": m}}),
    lambda c, w, m: ("DELETE", f"{w.anything(c)}", None),
    lambda c, w, m: (c.choice(["POST", "DELETE"]), f"{w.anything(c)}/pin", None),
    lambda c, w, m: ("POST", f"{w.anything(c)}/{c.choice(['archive', 'restore'])}", None),
    lambda c, w, m: ("POST", "batch", {"update": [{"id": w.anything(c), "text": m}], "forget": [w.anything(c)]}),
    lambda c, w, m: ("POST", "forget", {"reason": m, **(_filters(c) | {"book": 1})}),
    lambda c, w, m: ("POST", "forget/undo", {"token": c.choice(w.tokens)}),
    lambda c, w, m: ("GET", f"sessions/{c.choice(['talk', 'walk'])}{c.choice(['', '/timeline', '/layers'])}", None),
    lambda c, w, m: ("DELETE", f"sessions/{c.choice(['talk', 'walk'])}", None),
    lambda c, w, m: ("GET", c.choice(["stats", "export", "sessions", "health", "settings"]), None),
    lambda c, w, m: ("GET", f"jobs/{c.choice([*Job.objects.values_list('pk', flat=True)])}", None),
)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_nobody_ever_sees_or_changes_a_foreign_row(seed: int, settings: Settings) -> None:
    settings.MEMORY_WRITES_PER_MINUTE = settings.SEARCHES_PER_MINUTE = 10**6
    chance, world = random.Random(seed), World()
    done = 0
    for _step in range(STEPS):
        name = chance.choice([*MARKS])
        others = [other for other in MARKS if other != name]
        before = {other: world.state_of(other) for other in others}
        method, address, body = chance.choice(DEEDS)(chance, world, MARKS[name])
        asked = json.dumps(body) + address

        status, answer = world.send(name, method, address, body)

        assert status < 500, (method, address, body, answer)
        done += status < 300
        for other in others:
            assert MARKS[other] not in answer or MARKS[other] in asked, (name, method, address, body)
            assert '"items": [{' not in answer or MARKS[other] not in answer, (name, method, address, body)
            assert world.state_of(other) == before[other], (name, method, address, body)
        if status < 300 and '"undo": "' in answer and (token := json.loads(answer).get("undo")):
            world.tokens.append(token)
    assert done > STEPS / 3
