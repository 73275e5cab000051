"""Tools of MCP and jobs, used by several readers at random: nobody sees, changes or learns what is another's."""

import json
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from memory import jobs, mcp, queue
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Event, Job, Layer, Memory, ModelAnswer, Session
from memory.types import Turn
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Vector
from mindory_web.engines.types import ChatMessage
from mindory_web.lib.errors import MindoryError
from tests.fakes import ToldModel

MARKS = {"ann": "aardvark", "ben": "bumblebee", "cleo": "cormorant"}  # in all that a reader says, and no other
STEPS = 120


class Parrot(ToldModel):
    """A model that takes every turn it is shown for a fact, and every other text for its own abstract."""

    model = "parrot"

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncIterator[str]:
        """Say again what was shown."""
        shown = str(messages[-1]["content"])
        turns = [json.loads(line) for line in shown.splitlines() if line.startswith('{"turn"')]
        facts = [
            {"turn": one["turn"], "quote": one["text"], "text": one["text"], "kind": "fact", "confidence": 0.9}
            for one in turns
        ]
        yield json.dumps({"facts": facts}) if facts else shown[-2_000:]


@pytest.fixture
def readers(db: None, settings: Settings) -> dict[str, Reader]:
    settings.MEMORY_WRITES_PER_MINUTE = settings.SEARCHES_PER_MINUTE = 10**6
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    settings.LLM_CLIENT = "tests.memory.test_strangers.Parrot"
    return {name: Reader.objects.create_user(name, f"{name}@example.org") for name in MARKS}


def kept_of(reader: Reader) -> str:
    """Return all that is kept for a reader."""
    kinds = (Memory, Session, Event, Layer, ModelAnswer)
    rows = [list(kind._default_manager.filter(owner=reader).order_by("pk").values()) for kind in kinds]
    vectors = list(Vector.objects.filter(group=reader.pk).order_by("pk").values_list("item", "part"))
    return repr([rows, vectors])


Tool = Callable[[random.Random, Reader, str], Any]


def anything(chance: random.Random) -> int:
    """Return the id of a memory of anybody."""
    return chance.choice([*Memory.objects.values_list("pk", flat=True), 1])


def words(chance: random.Random, mark: str) -> str:
    return f"The {mark} {chance.choice(['sleeps', 'eats', 'swims'])} {chance.randint(1, 50)} times in {mark} land."


def filters(chance: random.Random) -> dict[str, Any]:
    every = {"session": "talk", "book": chance.randint(1, 2), "subject": chance.choice([*MARKS.values()])}
    return {name: every[name] for name in chance.sample(sorted(every), chance.randint(0, 2))}


TOOLS: tuple[Tool, ...] = (
    lambda c, r, m: mcp.remember(r, words(c, m), subject=m, book=c.randint(1, 2)),
    lambda c, r, m: mcp.remember(r, words(c, m), session="talk"),
    lambda c, r, m: mcp.recall(r, c.choice([*MARKS.values(), "who sleeps"]), include_archived=True, **filters(c)),
    lambda c, r, m: mcp.list_memories(r, include_archived=True, include_past=True, limit=50, **filters(c)),
    lambda c, r, m: mcp.get_memory(r, anything(c)),
    lambda c, r, m: mcp.memory_history(r, anything(c)),
    lambda c, r, m: mcp.update_memory(r, anything(c), text=words(c, m)),
    lambda c, r, m: mcp.pin_memory(r, anything(c), is_pinned=c.random() < 0.5),
    lambda c, r, m: mcp.forget(r, ids=[anything(c)]),
    lambda c, r, m: mcp.forget(r, book=c.randint(1, 2)),
    lambda c, r, m: mcp.memory_stats(r),
    lambda c, r, m: MemoryManager(r.pk).add_turns("talk", [Turn(words(c, m), speaker=m)]),
)


@pytest.mark.parametrize("seed", range(2))
def test_a_tool_shows_and_changes_only_what_is_its_readers(seed: int, readers: dict[str, Reader]) -> None:
    chance, done = random.Random(seed), 0
    for _step in range(STEPS):
        name = chance.choice([*MARKS])
        others = [other for other in MARKS if other != name]
        before = {other: kept_of(readers[other]) for other in others}
        tool = chance.choice(TOOLS)

        try:
            with transaction.atomic():
                answer = repr(tool(chance, readers[name], MARKS[name]))
            done += 1
        except MindoryError as error:
            answer = repr(error)

        assert not any(MARKS[other] in answer for other in others), (name, answer)
        assert {other: kept_of(readers[other]) for other in others} == before, name
    assert done > STEPS / 3


def work(job: Job) -> None:
    """Do one job that waits."""
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    lease = Lease.claim(job.pk)
    if lease is not None:
        jobs._run(lease)


def test_a_job_touches_only_what_is_its_readers(readers: dict[str, Reader]) -> None:
    chance, worked = random.Random(7), 0
    for _round in range(3):
        for name in MARKS:
            mind = MemoryManager(readers[name].pk)
            mind.add_turns("talk", [Turn(words(chance, MARKS[name]), speaker=MARKS[name]) for _ in range(3)])
            mind.close_session("talk")
            queue.layers(readers[name].pk)
        waiting = list(Job.objects.filter(state="queued"))
        chance.shuffle(waiting)
        for job in waiting:
            others = [reader for reader in readers.values() if reader.pk != job.owner_id]
            before = [kept_of(other) for other in others]
            work(job)
            worked += Job.objects.get(pk=job.pk).state == "done"
            assert [kept_of(other) for other in others] == before, job.kind

    assert worked >= 2 * len(MARKS)
    assert Memory.objects.filter(number=None).exists()
    assert Vector.objects.exists()
    for name, reader in readers.items():
        kept = kept_of(reader)
        assert not any(MARKS[other] in kept for other in MARKS if other != name)
        of_others = Memory.objects.filter(owner=reader).exclude(turn=None).exclude(turn__owner=reader)
        assert not of_others.exists()
        assert not Memory.objects.filter(owner=reader).exclude(session=None).exclude(session__owner=reader).exists()
