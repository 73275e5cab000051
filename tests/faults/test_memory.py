"""Kill workers that learn: everything is learned, nothing twice, and what is known already is not asked again."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from memory import queue
from memory.manager import MemoryManager
from memory.models import Event, Job, Memory, Session
from memory.types import Candidate, Turn
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Vector
from tests.fake_endpoint import Answer, FakeEndpoint
from tests.faults.stack import Stack, until

pytestmark = pytest.mark.faults

GATES = {"answered": "memory_modelanswer", "keeping": "memory_event", "embedding": "engines_vector"}
FIRST_GATE = 40  # numbers of the locks; those of the books' gates are lower
TURNS = ["I keep bees behind the station.", "I sell the honey on Sundays.", "I like the sound of the trains."]
FACTS = ["The reader keeps bees behind the station.", "The reader sells honey on Sundays.", "The reader likes trains."]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    """A language model."""
    with FakeEndpoint() as model:
        yield model


@pytest.fixture(scope="module")
def servers(endpoint: FakeEndpoint) -> Iterator[Stack]:
    """Servers of this module's own, with a gate where a worker writes."""
    data = Path(tempfile.mkdtemp(prefix="mindory-faults-"))
    stack = Stack(data)
    stack.environment |= {
        "MINDORY_LLM_BASE_URL": endpoint.base_url,
        "MINDORY_LLM_MODEL": "fake",
        "SECONDS_A_BATCH": "0",
    }
    try:
        stack.set_up()
        with stack.own_link() as link:
            for number, table in enumerate(GATES.values(), FIRST_GATE):
                link.execute(
                    f"CREATE TRIGGER memory_gate AFTER INSERT ON {table} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION gate({number})"
                )
        yield stack
    finally:
        stack.tear_down()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def stack(servers: Stack, settings: Any, django_db_blocker: Any, endpoint: FakeEndpoint) -> Iterator[Stack]:
    """An empty database and a reaper; the tests start the workers."""
    settings.EMBEDDING_ENGINE = "tests.faults.slow.SlowEmbedder"
    facts = [
        {"turn": at, "quote": TURNS[at], "text": text, "type": "personal", "confidence": 0.9}
        for at, text in enumerate(FACTS)
    ]
    endpoint.say(json.dumps({"facts": facts}))
    endpoint.requests.clear()
    with django_db_blocker.unblock(), servers.entered():
        servers.start_reaper()
        try:
            yield servers
        finally:
            for name in [name for name in servers.children if name not in {"postgres", "redis"}]:
                servers.kill(name)
            Reader.objects.all().delete()


@pytest.fixture
def alice(stack: Stack) -> Reader:
    """The reader who is learned about, in the database of this stack."""
    return Reader.objects.create_user("alice", "alice@example.org", "correct horse battery")


@contextmanager
def gate_closed(stack: Stack, name: str) -> Iterator[Callable[[], bool]]:
    """Hold every worker at the moment when it has written, and yield "is one waiting there?"."""
    number = list(GATES).index(name) + FIRST_GATE
    with stack.own_link() as link:
        link.execute("SELECT pg_advisory_lock(%s::bigint)", [number])
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"

        def is_one_waiting() -> bool:
            row = link.execute(waiting, [number]).fetchone()
            return row is not None and row[0] > 0

        yield is_one_waiting


def said(reader: Reader) -> Session:
    """Return a closed session that waits to be learned from."""
    manager = MemoryManager(reader.pk)
    manager.add_turns("talk", [Turn(text) for text in TURNS])
    return manager.close_session("talk")


def all_ended() -> bool:
    try:
        return not Job.objects.filter(state__in=["queued", "running"]).exists()
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def check_all_is_learned_once(session: Session) -> None:
    session.refresh_from_db()
    learned = Memory.objects.filter(session=session, number=None)
    assert sorted(learned.values_list("text", flat=True)) == sorted(FACTS)
    assert set(learned.values_list("told_count", flat=True)) == {1}
    assert Event.objects.filter(memory__in=learned).count() == len(FACTS)
    assert session.learned_to == session.turn_count == len(TURNS)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    rows = list(Memory.objects.values_list("pk", flat=True))
    vectors = Vector.objects.filter(group=session.owner_id)
    assert sorted(vectors.values_list("item", flat=True)) == sorted(rows)


@pytest.mark.parametrize(("moment", "requests"), [("answered", 2), ("keeping", 1)])
def test_a_worker_killed_while_it_learns_is_recovered_from(
    stack: Stack, alice: Reader, endpoint: FakeEndpoint, moment: str, requests: int
) -> None:
    session = said(alice)
    with gate_closed(stack, moment) as is_one_waiting:
        stack.start_worker()
        until(is_one_waiting, seconds=60, what=f"a worker is {moment}")
        stack.kill("worker")
    stack.start_worker()

    until(all_ended, seconds=90, what="all jobs ended")
    check_all_is_learned_once(session)
    learning = [request for request in endpoint.requests if "worth remembering" in json.dumps(request.body)]
    assert len(learning) == requests


def test_a_worker_killed_while_the_model_thinks_is_recovered_from(
    stack: Stack, alice: Reader, endpoint: FakeEndpoint
) -> None:
    told = endpoint._answers[0]
    assert isinstance(told, Answer)
    endpoint.answers(Answer(wait=3600), told)
    session = said(alice)
    stack.start_worker()
    until(lambda: endpoint.requests, seconds=60, what="the model is asked")
    stack.kill("worker")
    stack.start_worker()

    until(all_ended, seconds=90, what="all jobs ended")
    check_all_is_learned_once(session)


def test_a_worker_killed_while_it_embeds_is_recovered_from(stack: Stack, alice: Reader) -> None:
    MemoryManager(alice.pk).remember_all([Candidate(f"The tide table has a line {number}.") for number in range(150)])
    with gate_closed(stack, "embedding") as is_one_waiting:
        stack.start_worker()
        until(is_one_waiting, seconds=60, what="a worker embeds")
        stack.kill("worker")
    stack.start_worker()

    until(all_ended, seconds=90, what="all jobs ended")
    assert Vector.objects.filter(group=alice.pk).count() == Memory.objects.filter(space__isnull=False).count() == 150


def test_redis_emptied_with_jobs_queued_loses_nothing(stack: Stack, alice: Reader) -> None:
    session = said(alice)
    stack.kill("redis")
    stack.start_redis()
    assert queue.waiting() == 0
    stack.start_worker()

    until(all_ended, seconds=90, what="all jobs ended")
    check_all_is_learned_once(session)
