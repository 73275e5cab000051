"""Kill what can be killed: every book still ends ready or failed with a reason, nothing twice, nothing missing."""

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from books import queue
from books.models import Book, Job, Posting, RecognisedPage, Section
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Vector
from tests.books_made import long_tale, pdf, shelved
from tests.faults.stack import GATES, PATIENCE, Stack, until
from tests.made import scans
from tests.sanity import faults_of

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """Servers of this module's own."""
    data = Path(tempfile.mkdtemp(prefix="mindory-faults-"))  # pytest's own are swept by the next session
    stack = Stack(data)
    try:
        stack.set_up()
        yield stack
    finally:
        stack.tear_down()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def stack(servers: Stack, settings: Any, django_db_blocker: Any) -> Iterator[Stack]:
    """An empty database, a worker and a reaper."""
    settings.MEDIA_ROOT = servers.data / "files"
    settings.EMBEDDING_ENGINE = "tests.faults.slow.SlowEmbedder"
    with django_db_blocker.unblock(), servers.entered():
        servers.start_worker()
        servers.start_reaper()
        try:
            yield servers
        finally:
            for name in [name for name in servers.children if name not in {"postgres", "redis"}]:
                servers.kill(name)
            for reader in Reader.objects.all():
                for book in Book.objects.filter(owner=reader):
                    BookStore(reader).delete(book.pk)
                reader.delete()


@pytest.fixture
def alice(stack: Stack) -> Reader:
    """The owner of every book here, in the database of this stack."""
    return Reader.objects.create_user("alice", "alice@example.org", "correct horse battery")


def is_running(job_id: int) -> bool:
    return Job.objects.filter(pk=job_id, state="running").exists()


def all_ended() -> bool:
    try:
        return not Job.objects.filter(state__in=["queued", "running"]).exists()
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def check_everything(stack: Stack) -> None:
    """Assert that every book is whole and every job ended."""
    for book in Book.objects.all():
        assert (book.state, book.error_code) == ("ready", "")
        assert faults_of(book) == []
    assert set(Vector.objects.values_list("group", flat=True)) <= set(Book.objects.values_list("pk", flat=True))
    assert stack.parsers() == []


@pytest.mark.parametrize("step", list(GATES))
def test_a_worker_killed_in_any_step_is_recovered_from(stack: Stack, alice: Reader, step: str) -> None:
    with stack.gate_closed(step) as is_one_waiting:
        book = shelved(alice, long_tale(4, 40))
        job = book.jobs.get()
        until(is_one_waiting, seconds=PATIENCE, what=f"the worker is in {step}")
        fence = Job.objects.get(pk=job.pk).fence
        stack.kill("worker")
    killed = time.monotonic()
    stack.start_worker()

    until(lambda: Job.objects.get(pk=job.pk).fence > fence, seconds=PATIENCE, what="another worker has the job")
    print(f"\n{step}: taken up again {time.monotonic() - killed:.1f} s after the kill")
    until(all_ended, seconds=PATIENCE, what="the book is ready")
    check_everything(stack)


def test_a_worker_killed_while_pages_are_recognised_loses_no_page_that_is_done(stack: Stack, alice: Reader) -> None:
    pages = [
        scans.page(
            [f"On day {day} of the log, at bell {bell}, Marten saw {day * 10 + bell} boats." for bell in range(6)]
        )
        for day in range(1, 5)
    ]
    book = shelved(alice, scans.scan(*pages), name="scan.pdf")
    until(RecognisedPage.objects.filter(book=book).exists, seconds=2 * PATIENCE, what="a page is kept")
    stack.kill("worker")
    known = "This was read before the worker died."
    line = {"text": known, "box": [480, 720, 5000, 920], "score": 1.0}
    assert RecognisedPage.objects.filter(book=book, number=0).update(lines=[line]) == 1
    stack.start_worker()

    until(all_ended, seconds=2 * PATIENCE, what="the book is ready")
    check_everything(stack)
    text = " ".join(Section.objects.filter(book=book).values_list("text", flat=True))
    assert known in text
    assert "On day 4 of the log" in text
    assert RecognisedPage.objects.filter(book=book).count() == 4


def test_workers_killed_at_any_moment_lose_nothing(stack: Stack, alice: Reader) -> None:
    moments = random.Random(20261122)
    for number in range(4):
        shelved(alice, long_tale(3 + number, 30), name=f"log {number}.epub")
    for _ in range(4):
        time.sleep(moments.uniform(0.3, 4.0))  # the moment of the kill is the input of this test
        stack.kill("worker")
        stack.start_worker()

    until(all_ended, seconds=2 * PATIENCE, what="all books ended")
    check_everything(stack)
    assert Book.objects.count() == 4


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)  # whoever buries it may take a while
    except psutil.NoSuchProcess:
        return False


def test_a_parser_dies_with_its_worker(stack: Stack, alice: Reader) -> None:
    shelved(alice, pdf([[f"page {n} line {line}" for line in range(50)] for n in range(3000)]), name="long.pdf")
    parsers: list[psutil.Process] = []

    def is_parsing() -> bool:
        parsers[:] = stack.parsers()
        return bool(parsers)

    until(is_parsing, seconds=PATIENCE, what="a parser runs")
    stack.kill("worker")

    until(lambda: not any(map(is_alive, parsers)), seconds=20, what="it is dead")


def test_redis_killed_and_emptied_with_jobs_queued_loses_nothing(stack: Stack, alice: Reader) -> None:
    stack.kill("worker")
    for number in range(5):
        shelved(alice, long_tale(1 + number, 20), name=f"log {number}.epub")
    assert queue.waiting() == 5
    stack.kill("redis")
    stack.start_redis()
    assert queue.waiting() == 0

    began = time.monotonic()
    stack.start_worker()
    until(lambda: Job.objects.exclude(state="queued").exists(), seconds=PATIENCE, what="a job is taken up")
    print(f"\nfirst job taken up {time.monotonic() - began:.1f} s after the restart")
    until(all_ended, seconds=PATIENCE, what="all books ended")
    check_everything(stack)


def test_redis_killed_while_books_are_made_stops_no_step(stack: Stack, alice: Reader) -> None:
    books = [shelved(alice, long_tale(3 + number, 40), name=f"log {number}.epub") for number in range(3)]
    until(lambda: is_running(books[0].jobs.get().pk), seconds=PATIENCE, what="a job runs")
    stack.kill("redis")
    late = shelved(alice, long_tale(9, 10), name="late.epub")  # an upload does not need Redis
    time.sleep(1)
    stack.start_redis()

    until(all_ended, seconds=2 * PATIENCE, what="all books ended")
    check_everything(stack)
    assert Book.objects.get(pk=late.pk).state == "ready"


def test_postgres_restarted_under_load_loses_nothing(stack: Stack, alice: Reader) -> None:
    for number in range(3):
        shelved(alice, long_tale(4 + number, 40), name=f"log {number}.epub")
    for state in ("reading", "embedding"):
        until(Book.objects.filter(state=state).exists, seconds=PATIENCE, what=f"a book is {state}")
        stack.crash_postgres()
        connection.close()

    began = time.monotonic()
    until(all_ended, seconds=2 * PATIENCE, what="all books ended")
    print(f"\nall books ended {time.monotonic() - began:.1f} s after the last restart")
    check_everything(stack)
    assert not Job.objects.filter(attempts__gt=1).exists()  # an outage is nobody's fault


def test_a_book_that_kills_every_worker_stops_after_three_attempts(stack: Stack, alice: Reader) -> None:
    for attempt in (1, 2, 3):
        with stack.gate_closed("reading") as is_one_waiting:
            if attempt == 1:
                shelved(alice)
            until(is_one_waiting, seconds=PATIENCE, what=f"attempt {attempt} reads the book")
            stack.kill("worker")
        stack.start_worker()

    until(all_ended, seconds=PATIENCE, what="the job ended")
    book = Book.objects.get()
    assert (book.state, book.error_code, book.is_readable) == ("failed", "worker_died", False)
    assert not Posting.objects.exists()
