"""A job goes through its steps once, and its row tells the truth, whatever happens on the way."""

import contextlib
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import psutil
import pytest
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from books import files
from books.ingest import AsyncIngestRunner, reap, stop_all, work
from books.ingest.work import Lost, Work
from books.models import Book, Job, Passage, Section
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Vector
from tests import books_made
from tests.books_made import shelved
from tests.fakes import SilentEmbedder, WordLengthEmbedder
from tests.sanity import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute, and a short lease."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    settings.INGEST_LEASE_SECONDS = 3


def run(book: Book) -> Book:
    AsyncIngestRunner(book.jobs.latest("pk").pk).run()
    book.refresh_from_db()
    return book


def job_of(book: Book) -> Job:
    return book.jobs.latest("pk")


class CountingEmbedder(WordLengthEmbedder):
    """Remembers what it was asked to embed."""

    asked: list[str] = []

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Count."""
        CountingEmbedder.asked += texts
        return super().embed(texts)


class FailingOnceEmbedder(WordLengthEmbedder):
    """Breaks at its second call, and only then."""

    calls = 0

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Break at the second call."""
        FailingOnceEmbedder.calls += 1
        if FailingOnceEmbedder.calls == 2:
            raise ZeroDivisionError("a defect")
        return super().embed(texts)


class CancellingEmbedder(WordLengthEmbedder):
    """A reader cancels while the first windows are embedded."""

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Cancel."""
        job = Job.objects.select_related("book__owner").get()
        if not job.is_cancel_asked:
            BookStore(job.book.owner).cancel(job.book.pk)
        return super().embed(texts)


class DeletingEmbedder(WordLengthEmbedder):
    """A reader deletes the book while it is embedded."""

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Delete."""
        for book in Book.objects.select_related("owner"):
            BookStore(book.owner).delete(book.pk)
        return super().embed(texts)


def test_a_book_becomes_readable_askable_and_embedded(alice: Reader) -> None:
    book = run(shelved(alice))

    assert (book.state, book.title, book.authors, book.language) == (
        "ready", "The Keeper of Grey Point", ["A. Writer"], "en",
    )  # fmt: skip
    assert (book.is_readable, book.is_askable, book.is_embedded) == (True, True, True)
    assert faults_of(book) == []
    job = job_of(book)
    assert (job.state, job.steps_done) == ("done", ["reading", "recognising", "splitting", "indexing", "embedding"])
    assert (job.done, job.total) == (book.window_count, book.window_count)
    assert book.ready_at is not None
    assert job.finished_at is not None


def test_every_format_becomes_a_whole_book(alice: Reader) -> None:
    bodies = {
        "a.txt": books_made.chinese_txt().encode("gb18030"),
        "b.docx": books_made.docx([("Heading1", "One"), ("Normal", "Old Marten kept the light.")]),
        "c.pdf": books_made.pdf([["Old Marten kept the light."]], title="C"),
        "d.md": b"# One\n\nOld Marten kept the light.\n\n# Two\n\nHe sleeps.\n",
        "e.html": b"<!doctype html><title>E</title><h1>One</h1><p>Old Marten kept the light.",
    }
    for name, body in bodies.items():
        book = run(shelved(alice, body, name=name))
        assert (name, book.state, faults_of(book)) == (name, "ready", [])


def test_an_engine_without_a_vote_makes_no_vectors(alice: Reader) -> None:
    book = run(shelved(alice, books_made.chinese_txt().encode("gb18030"), name="石塔.txt"))

    assert (book.language, book.is_embedded, book.window_count) == ("zh-Hans", True, 0)
    assert not Vector.objects.exists()


def test_a_second_run_of_a_finished_job_does_nothing(alice: Reader) -> None:
    book = run(shelved(alice))
    before = list(Passage.objects.values_list("pk", flat=True))

    run(book)

    assert list(Passage.objects.values_list("pk", flat=True)) == before
    assert job_of(book).attempts == 1


def test_a_title_that_the_reader_gave_stays(alice: Reader) -> None:
    book = shelved(alice)
    BookStore(alice).change(book.pk, title="My lighthouse", authors=["Me"])

    run(book)

    assert (book.title, book.authors) == ("My lighthouse", ["Me"])


def test_a_file_that_is_no_book_fails_at_once_with_a_sentence(alice: Reader) -> None:
    book = run(shelved(alice, books_made.zipped({"a.bin": b"\0nothing to read here"}), name="tale.epub"))

    assert (book.state, book.error_code) == ("failed", "unknown_format")
    assert "EPUB" in book.error_message
    assert (job_of(book).state, job_of(book).attempts) == ("failed", 1)


def test_a_missing_file_is_told(alice: Reader) -> None:
    book = shelved(alice)
    files.remove(book.digest)

    assert run(book).error_code == "damaged_book"


def test_an_unexpected_error_is_tried_again_and_goes_on_where_it_stopped(alice: Reader, settings: Any) -> None:
    settings.EMBEDDING_ENGINE = f"{__name__}.FailingOnceEmbedder"
    book = shelved(alice, books_made.long_tale(4, 40))

    with pytest.raises(ZeroDivisionError):
        run(book)
    book.refresh_from_db()
    job = job_of(book)
    assert (job.state, job.error_code, book.state) == ("queued", "internal_error", "queued")
    assert job.queued_at > timezone.now() - timedelta(seconds=5)  # not at once
    assert (book.is_readable, book.is_askable, book.is_embedded) == (True, True, False)
    kept = Vector.objects.count()
    assert kept == 64

    settings.EMBEDDING_ENGINE = f"{__name__}.CountingEmbedder"
    CountingEmbedder.asked = []
    run(book)
    assert book.state == "ready"
    assert len(CountingEmbedder.asked) == book.window_count - kept
    assert faults_of(book) == []


def test_an_engine_that_stays_silent_fails_the_job_after_three_attempts_and_the_book_can_be_asked(
    alice: Reader, settings: Any
) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    book = shelved(alice)

    for _ in range(3):
        with pytest.raises(Exception, match="does not answer"):
            run(book)
    book.refresh_from_db()

    assert (book.state, book.error_code) == ("failed", "engine_error")
    assert (book.is_readable, book.is_askable, book.is_embedded) == (True, True, False)
    run(book)  # there is nothing to claim
    assert job_of(book).state == "failed"

    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    BookStore(alice).retry(book.pk)
    assert run(book).state == "ready"
    assert SilentEmbedder.model == WordLengthEmbedder.model


def test_cancelling_stops_between_two_batches_and_trying_again_ends_it(alice: Reader, settings: Any) -> None:
    settings.EMBEDDING_ENGINE = f"{__name__}.CancellingEmbedder"
    book = run(shelved(alice, books_made.long_tale(4, 40)))

    assert (book.state, job_of(book).state) == ("cancelled", "cancelled")
    assert book.is_askable

    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    BookStore(alice).retry(book.pk)
    assert run(book).state == "ready"
    assert faults_of(book) == []


def test_deleting_a_book_in_the_middle_leaves_nothing(alice: Reader, settings: Any) -> None:
    settings.EMBEDDING_ENGINE = f"{__name__}.DeletingEmbedder"
    book = shelved(alice, books_made.long_tale(4, 40))

    AsyncIngestRunner(job_of(book).pk).run()

    assert not any(model.objects.exists() for model in (Book, Job, Section, Passage, Vector))
    assert not files.path_of(book.digest).exists()


def test_reading_again_replaces_everything_and_leaves_it_readable_meanwhile(alice: Reader) -> None:
    book = run(shelved(alice))
    BookStore(alice).reingest(book.pk)
    assert BookStore(alice).book(book.pk).is_readable

    run(book)

    assert book.state == "ready"
    assert faults_of(book) == []


def test_a_job_is_claimed_once(alice: Reader) -> None:
    job = job_of(shelved(alice))

    assert Work.claim(job.pk) is not None
    assert Work.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.attempts, job.fence, job.state) == (1, 1, "running")


def test_a_worker_that_was_overtaken_writes_nothing_more(alice: Reader) -> None:
    book = shelved(alice)
    late = Work.claim(job_of(book).pk)
    assert late is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reap() == 1
    assert Work.claim(job_of(book).pk) is not None

    with pytest.raises(Lost), late.fenced():
        pass
    with pytest.raises(Lost):
        late.finish()


def test_the_lease_is_extended_while_a_worker_works(alice: Reader) -> None:
    job = job_of(shelved(alice))
    held = Work.claim(job.pk)
    assert held is not None
    before = Job.objects.get().lease_until

    with held.beating():
        deadline = time.monotonic() + 10
        while Job.objects.get().lease_until == before and time.monotonic() < deadline:
            time.sleep(0.05)

    assert Job.objects.filter(lease_until__gt=before).exists()
    assert not held.is_over


def test_a_parser_whose_file_kills_it_is_tried_three_times(alice: Reader, settings: Any) -> None:
    book = shelved(alice, books_made.pdf([[f"line {n}" for n in range(50)]] * 400))
    killing = threading.Event()

    def kill_parsers() -> None:
        while not killing.wait(0.01):
            with contextlib.suppress(psutil.Error):
                for parser in _parsers():
                    parser.kill()

    killer = threading.Thread(target=kill_parsers)
    killer.start()
    for _ in range(3):
        with pytest.raises(Exception, match="stopped unexpectedly"):
            run(book)
    killing.set()
    killer.join()
    book.refresh_from_db()

    assert (book.state, book.error_code, job_of(book).attempts) == ("failed", "parser_died", 3)
    connection.close()


def _parsers() -> list[psutil.Process]:
    """Return the parsers that this process runs now."""
    return [child for child in psutil.Process().children() if "books.formats.child" in " ".join(child.cmdline())]


def test_a_worker_that_is_asked_to_end_puts_its_job_back(alice: Reader) -> None:
    book = shelved(alice)
    stop_all()
    try:
        run(book)
    finally:
        work._stop.clear()  # the tests after this one are a worker's next life

    job = job_of(book)
    assert (job.state, job.attempts, book.state) == ("queued", 0, "queued")


def test_the_reaper_puts_back_what_a_dead_worker_held(alice: Reader) -> None:
    book = shelved(alice)
    assert Work.claim(job_of(book).pk) is not None
    assert reap() == 0
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert reap() == 1

    assert job_of(book).state == "queued"
    assert run(book).state == "ready"


def test_the_reaper_gives_up_after_three_dead_workers(alice: Reader) -> None:
    book = shelved(alice)
    for _ in range(3):
        assert Work.claim(job_of(book).pk) is not None
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert reap() == 1
    book.refresh_from_db()

    assert (book.state, book.error_code) == ("failed", "worker_died")
    assert book.error_message


def test_the_reaper_ends_what_was_cancelled_before_its_worker_died(alice: Reader) -> None:
    book = shelved(alice)
    assert Work.claim(job_of(book).pk) is not None
    BookStore(alice).cancel(book.pk)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    reap()

    book.refresh_from_db()
    assert (book.state, job_of(book).state) == ("cancelled", "cancelled")


def test_a_book_that_only_gets_better_makes_way_for_one_that_cannot_be_asked(alice: Reader, settings: Any) -> None:
    settings.EMBEDDING_ENGINE = f"{__name__}.CountingEmbedder"
    CountingEmbedder.asked = []
    long = shelved(alice, books_made.long_tale(), name="long.epub")
    new = shelved(alice)

    run(long)
    assert (long.is_askable, long.is_embedded, job_of(long).state) == (True, False, Job.State.QUEUED)
    run(new)
    run(long)

    assert (new.state, long.state) == (Book.State.READY, Book.State.READY)
    assert len(CountingEmbedder.asked) == long.window_count + new.window_count
    assert faults_of(long) == []
