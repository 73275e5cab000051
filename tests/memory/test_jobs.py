"""Jobs of the memory: who may do them, what becomes of them, and what the reaper finds."""

import json
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from memory import jobs, leases, queue, reaping
from memory.leases import Lease, Lost
from memory.manager import MemoryManager
from memory.models import Job, Memory, ModelAnswer, Session
from memory.tasks import run_job
from memory.types import Candidate, State, Turn
from mindory_web.accounts.models import Reader
from mindory_web.celery import app
from mindory_web.lib import broker
from tests.fakes import told
from tests.faults.stack import Stack

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_queue(settings: Any) -> Iterator[None]:
    """Vectors a person can compute, and a queue that no test beside this one writes to."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    before = current_app.conf.task_default_queue
    current_app.conf.task_default_queue = f"test.{uuid.uuid4()}"
    try:
        yield
    finally:
        current_app.conf.task_default_queue = before


def key_of_messages() -> str:
    return broker.key(queue.PRIORITY)


def session_of(reader: Reader, *texts: str) -> Session:
    MemoryManager(reader.pk).add_turns("talk", [Turn(text) for text in texts])
    Job.objects.all().delete()
    broker.client().delete(key_of_messages())
    return Session.objects.get()


def learning(session: Session) -> Job:
    with transaction.atomic():
        queue.learn(session.pk)
    return Job.objects.get(kind="learn", state="queued")


def ago(**time: float) -> Any:
    return timezone.now() - timedelta(**time)


# --- The queue ----------------------------------------------------------------------------------


def test_a_message_waits_behind_those_of_books(alice: Reader) -> None:
    link = broker.client()
    books = link.llen(current_app.conf.task_default_queue)

    job = learning(session_of(alice, "I live in Bergen."))

    [message] = link.lrange(key_of_messages(), 0, -1)
    assert json.loads(message)["headers"]["argsrepr"] == f"[{job.pk}]"
    assert json.loads(message)["properties"]["priority"] == 9
    assert link.llen(current_app.conf.task_default_queue) == books
    assert queue.waiting() == 1


def test_asking_twice_is_one_job(alice: Reader) -> None:
    session = session_of(alice, "I live in Bergen.")
    learning(session)
    learning(session)

    assert Job.objects.filter(kind="learn").count() == 1


def test_what_comes_while_a_job_runs_is_a_job_of_its_own(alice: Reader) -> None:
    session = session_of(alice, "I live in Bergen.")
    assert Lease.claim(learning(session).pk) is not None

    assert learning(session).state == "queued"
    assert Job.objects.filter(kind="learn").count() == 2


def test_a_job_is_not_to_be_had_while_what_it_is_about_is_still_being_written(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    with transaction.atomic():
        queue.learn(job.session_id or 0)
        claimed = in_another_thread(lambda: Lease.claim(job.pk))

    assert claimed is None
    assert Lease.claim(job.pk) is not None


def in_another_thread(action: Any) -> Any:
    import concurrent.futures

    from django.db import connection

    def done() -> Any:
        try:
            return action()
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result(20)


def test_without_redis_the_row_is_there_and_nothing_is_raised(alice: Reader) -> None:
    session = session_of(alice, "I live in Bergen.")
    before = app.conf.broker_url
    Stack._use_broker(app, "redis://127.0.0.1:1/0")
    try:
        assert learning(session).state == "queued"
        assert queue.waiting() is None
        reaping.reap()
    finally:
        Stack._use_broker(app, before)

    assert Job.objects.get(kind="learn").state == "queued"


def test_abstracts_are_not_asked_for_without_a_model(alice: Reader) -> None:
    queue.layers(alice.pk)

    assert not Job.objects.exists()


# --- Leases -------------------------------------------------------------------------------------


def test_a_job_is_had_once(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))

    assert Lease.claim(job.pk) is not None
    assert Lease.claim(job.pk) is None


def test_of_one_reader_no_two_jobs_run_at_once(alice: Reader, bob: Reader) -> None:
    session = session_of(alice, "I live in Bergen.")
    assert Lease.claim(learning(session).pk) is not None
    queue.embed(alice.pk)
    queue.embed(bob.pk)
    of_alice, of_bob = (Job.objects.get(kind="embed", owner=reader) for reader in (alice, bob))

    assert Lease.claim(of_alice.pk) is None
    assert jobs.due(10) == [of_bob.pk]
    assert Lease.claim(of_bob.pk) is not None


def test_who_lost_a_job_can_write_nothing(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    old = Lease.claim(job.pk)
    assert old is not None
    Job.objects.update(lease_until=ago(seconds=1))
    reaping.reap()
    new = Lease.claim(job.pk)
    assert new is not None

    with pytest.raises(Lost), old.fenced():
        pass
    with new.fenced() as mine:
        assert mine.attempts == 2


def test_a_job_that_is_put_back_joins_the_one_that_waits(alice: Reader) -> None:
    session = session_of(alice, "I live in Bergen.")
    lease = Lease.claim(learning(session).pk)
    assert lease is not None
    waiting = learning(session)

    lease.pause()

    assert list(Job.objects.filter(state="queued")) == [waiting]
    assert Job.objects.get(pk=lease.job_id).result == {"goes_on": True}


def test_a_worker_that_is_asked_to_end_puts_its_job_back(alice: Reader, monkeypatch: Any) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    monkeypatch.setattr(leases, "_stop", type(leases._stop)())
    leases.stop_all()

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.fence) == ("queued", 0, 1)


def test_a_long_job_makes_way_for_books_where_its_work_is_kept(alice: Reader, settings: Any, monkeypatch: Any) -> None:
    told(settings, json.dumps({"facts": []}))
    job = learning(session_of(alice, *[f"I walked {number} miles on that day." for number in range(50)]))
    monkeypatch.setattr(leases, "SLICE_SECONDS", -1)

    run_job(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.done, job.total) == ("queued", 0, 40, 50)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["turns"]) == ("done", 50)


def test_an_unexpected_error_is_recorded_and_tried_again(alice: Reader, monkeypatch: Any) -> None:
    def fails(_lease: Lease) -> None:
        raise ZeroDivisionError

    job = learning(session_of(alice, "I live in Bergen."))
    monkeypatch.setitem(jobs.WORK, Job.Kind.LEARN, fails)

    for attempt in range(1, 6):
        Job.objects.update(due_at=timezone.now())
        with pytest.raises(ZeroDivisionError):
            run_job(job.pk)
        job.refresh_from_db()
        assert (job.attempts, job.error_code) == (attempt, "internal_error")
    assert job.state == "failed"
    assert Memory.objects.filter(number=0).exists()


# --- The reaper ---------------------------------------------------------------------------------


def test_lost_words_are_sent_again(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    broker.client().delete(key_of_messages())

    reaping.reap()
    reaping.reap()

    assert queue.waiting() == 1
    assert Job.objects.get(pk=job.pk).state == "queued"


def test_a_job_whose_workers_died_too_often_is_given_up(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    Job.objects.update(state="running", attempts=5, fence=5, lease_until=ago(seconds=1))

    reaping.reap()

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "worker_died")
    assert job.finished_at is not None


def test_a_session_that_fell_silent_is_closed_and_learned_from(alice: Reader, settings: Any) -> None:
    session = session_of(alice, "I live in Bergen.")
    reaping.reap()
    assert not Job.objects.filter(kind="learn").exists()
    Memory.objects.update(recorded_at=ago(seconds=settings.MEMORY_IDLE_SECONDS + 1))

    reaping.reap()

    session.refresh_from_db()
    assert session.closed_at is not None
    run_job(Job.objects.get(kind="learn").pk)
    assert Memory.objects.get(number=None).value == "Bergen"


def test_a_session_with_many_new_turns_is_learned_from_while_it_is_open(alice: Reader, settings: Any) -> None:
    settings.MEMORY_TURNS = 3
    session = session_of(alice, "I live in Bergen.", "Where is it?")
    reaping.reap()
    assert not Job.objects.filter(kind="learn").exists()
    MemoryManager(alice.pk).add_turns(session.key, [Turn("I like the rain there.")])

    reaping.reap()
    reaping.reap()

    job = Job.objects.get(kind="learn")
    run_job(job.pk)
    reaping.reap()
    assert Job.objects.filter(kind="learn").count() == 1
    session.refresh_from_db()
    assert (session.closed_at, session.learned_to) == (None, 3)


def test_what_failed_is_tried_again_only_hours_later(alice: Reader, settings: Any) -> None:
    settings.MEMORY_TURNS = 1
    job = learning(session_of(alice, "I live in Bergen."))
    Job.objects.filter(pk=job.pk).update(state="failed", finished_at=timezone.now())

    reaping.reap()
    assert not Job.objects.filter(kind="learn", state="queued").exists()
    Job.objects.filter(pk=job.pk).update(finished_at=ago(hours=7))
    reaping.reap()

    assert Job.objects.filter(kind="learn", state="queued").count() == 1


def test_a_memory_whose_day_has_come_is_forgotten(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    today = timezone.localdate()
    over = manager.remember(Candidate("The parking code is 4711.", expires_on=today)).memory
    kept = manager.remember(Candidate("The door code is 4712.", expires_on=today + timedelta(days=2))).memory

    call_command("reaper", "--once")

    over.refresh_from_db()
    kept.refresh_from_db()
    assert (over.state, over.text) == (State.FORGOTTEN, "")
    assert (kept.state, kept.expires_on) == (State.ACTIVE, date.fromordinal(today.toordinal() + 2))
    assert [event.reason for event in over.events.all()][-1:] == ["expired"]


def test_what_ended_long_ago_is_not_kept(alice: Reader) -> None:
    for days in (1, 40):
        Job.objects.create(owner=alice, kind="embed", state="done", finished_at=ago(days=days))
        ModelAnswer.objects.create(owner=alice, digest=bytes([days]), text="…", made_at=ago(days=days))
    Job.objects.create(owner=alice, kind="embed", created_at=ago(days=90))

    reaping._old()

    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "queued"]
    assert [bytes(answer.digest) for answer in ModelAnswer.objects.all()] == [bytes([1])]


def test_reapers_do_not_take_the_same_twice(alice: Reader) -> None:
    job = learning(session_of(alice, "I live in Bergen."))
    Job.objects.update(state="running", attempts=1, fence=1, lease_until=ago(seconds=1))
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=job.pk)
        in_another_thread(reaping.reap)

    assert Job.objects.get(pk=job.pk).state == "running"
