"""Doors and bells of the ingest: the task, the reaper's command, the frames, the log."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
import structlog
from django.core.management import call_command

from books import progress, queue
from books.ingest import AsyncIngestRunner
from books.ingest.steps import STEPS
from books.models import Book, Job
from books.store import BookStore
from books.tasks import run_job
from mindory_web.accounts.models import Reader
from mindory_web.lib import alive, broker
from tests.books_made import TALE_EPUB, shelved, upload
from tests.faults.stack import PATIENCE, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def messages() -> list[str]:
    """What the messages that no worker has taken carry."""
    kept = broker.client().lrange(broker.key(), 0, -1)
    return [json.loads(message)["headers"]["argsrepr"] for message in kept]


def test_a_message_carries_an_id_to_the_runner(alice: Reader) -> None:
    book = shelved(alice)
    job = book.jobs.get().pk
    before = messages().count(f"[{job}]")

    queue.wake(job)
    run_job(job)

    assert messages().count(f"[{job}]") > before
    book.refresh_from_db()
    assert book.state == "ready"


def test_a_worker_logs_under_the_id_of_the_browsers_request(alice: Reader) -> None:
    book = BookStore(alice).shelve(upload(TALE_EPUB), name="tale.epub", request_id="request-7").book
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        AsyncIngestRunner(book.jobs.get().pk).run()

    told = [line for line in lines if line.get("event") in {"step_done", "book_ready"}]
    assert [line["event"] for line in told] == ["step_done"] * len(STEPS) + ["book_ready"]
    assert {(line["request_id"], line["book"]) for line in told} == {("request-7", book.pk)}


def test_a_frame_repeats_what_the_rows_say(alice: Reader) -> None:
    book = shelved(alice)
    Job.objects.update(step="reading", done=3, total=12)
    Book.objects.update(state="reading")
    book.refresh_from_db()

    assert progress.book_frame(book, Job.objects.get()) == {
        "type": "book", "book": book.pk, "title": "tale", "state": "reading", "step": "reading", "done": 3, "total": 12,
        "is_readable": False, "is_askable": False, "is_embedded": False, "error_code": "", "error_message": "",
    }  # fmt: skip


def test_the_reaper_looks_once_for_a_timer(alice: Reader) -> None:
    shelved(alice)
    Job.objects.update(state="running", fence=1, attempts=1, lease_until="2020-01-01T00:00:00Z")

    call_command("reaper", "--once")

    assert Job.objects.get().state == "queued"


def test_the_reaper_ends_when_it_is_asked_to(settings: Any) -> None:
    child = subprocess.Popen(
        [sys.executable, "manage.py", "reaper"], env={**os.environ, "REDIS_URL": settings.REDIS_URL}
    )
    try:
        until(lambda: str(child.pid) in {one.name.partition(":")[2] for one in alive.who_is_alive()}, what="it lives")
        child.send_signal(signal.SIGTERM)

        assert child.wait(PATIENCE) == 0
    finally:
        child.kill()
