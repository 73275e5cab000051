"""One claimed job: the lease that says it is ours, the fence that proves it, and how it ends.

A claim raises the job's fence. Whoever writes results locks the job's row and checks the fence in the
same transaction, so a worker that was thought dead, and another one that took over, never both write.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.db.utils import InterfaceError, OperationalError

from books.models import Book, Job
from books.progress import book_frame, tell_book
from books.publishing import tell_now
from mindory_web.lib.errors import MindoryError
from mindory_web.lib.heartbeat import Heartbeat

log = structlog.get_logger(__name__)

TELL_SECONDS: Final = 0.2  # between two words about the progress
WAKE_AFTER_SECONDS: Final = 5  # the reaper sends word again of a job that has been queued this long
BACK_OFF_SECONDS: Final = (5, 8, 15, 30)  # before the second, third ... attempt
UNEXPECTED: Final = "internal_error"
UNEXPECTED_SENTENCE: Final = "Something unexpected went wrong while Mindory worked on this book. Try again."

_stop = threading.Event()


class Lost(Exception):
    """The job is not ours any more: another worker has it, or it and its book are gone."""


class Cancelled(Exception):
    """The reader does not want this any more."""


class Paused(Exception):
    """This worker is asked to end; another one may go on."""


class MadeWay(Paused):
    """A book that nobody can ask yet waits for a worker; this one, which only gets better, goes on after it."""


def stop_all() -> None:
    """Ask every job of this process to be put back at its next step or batch."""
    _stop.set()


class Work:
    """A job this process owns. The steps of the ingest get nothing else."""

    def __init__(self, job_id: int, book_id: int, fence: int, *, steps_done: list[str], request_id: str) -> None:
        self.job_id = job_id
        self.book_id = book_id
        self.steps_done = steps_done
        self.request_id = request_id
        self._fence = fence
        self._is_cancelled = threading.Event()
        self._heart = Heartbeat(self._extend, seconds=settings.INGEST_LEASE_SECONDS / 4, name=f"lease-{job_id}")
        self._told_at = 0.0

    @classmethod
    def claim(cls, job_id: int) -> "Work | None":
        """Take a queued job, counting the attempt; None when it is not to be had."""
        values: list[Any] = [_owner(), _lease(), job_id, settings.INGEST_ATTEMPTS]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE books_job SET state = 'running', attempts = attempts + 1, fence = fence + 1, lease_owner = %s,"
                " lease_until = now() + %s, started_at = coalesce(started_at, now()) "
                "WHERE id = %s AND state = 'queued' AND NOT is_cancel_asked AND attempts < %s "
                "RETURNING book_id, fence, steps_done, request_id",
                values,
            )
            row = cursor.fetchone()
        return cls(job_id, row[0], row[1], steps_done=list(row[2]), request_id=row[3]) if row else None

    # --- Whose it is ----------------------------------------------------------------------------

    def beating(self) -> AbstractContextManager[None]:
        """Extend the lease from a thread of its own, until the block ends."""
        return self._heart.beating()

    def _extend(self) -> bool:
        mine = Job.objects.filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)
        is_ours = bool(mine.update(lease_until=Now() + _lease()))
        if is_ours and mine.filter(is_cancel_asked=True).exists():
            self._is_cancelled.set()
        return is_ours

    @property
    def is_over(self) -> bool:
        """Say whether there is a reason to stop."""
        return self._heart.is_lost or self._is_cancelled.is_set() or _stop.is_set()

    def check(self) -> None:
        """Stop, by an exception, if there is a reason to."""
        if self._heart.is_lost:
            raise Lost
        if self._is_cancelled.is_set():
            raise Cancelled
        if _stop.is_set():
            raise Paused

    def make_way(self) -> None:
        """Stop, by MadeWay, if a book waits that cannot be asked yet. Called where the work so far is kept."""
        waiting = Job.objects.filter(state=Job.State.QUEUED, queued_at__lte=Now())
        if waiting.exclude(steps_done__contains=[Book.State.INDEXING]).exists():
            raise MadeWay

    @contextmanager
    def fenced(self) -> Iterator[Job]:
        """Open a transaction in which the job is certainly ours, and yield its locked row."""
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)
            found = job.first()
            if found is None:
                raise Lost
            if found.is_cancel_asked:
                raise Cancelled
            yield found

    # --- How far it is --------------------------------------------------------------------------

    def begin(self, step: str) -> None:
        """Say which step is being done now."""
        with self.fenced() as job:
            job.step, job.done, job.total = step, 0, 0
            job.save(update_fields=["step", "done", "total"])
            Book.every.filter(pk=self.book_id).update(state=step, error_code="", error_message="")
        tell_book(self.book_id)

    def tell(self, done: int, total: int) -> None:
        """Keep and show real counts, a few times a second. No connection is held afterwards."""
        now = time.monotonic()
        if now - self._told_at < TELL_SECONDS and done != total:
            return
        self._told_at = now
        try:
            mine = Job.objects.filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)
            mine.update(done=done, total=total)
            job = mine.select_related("book").defer("book__contents", "book__details").first()
        except (OperationalError, InterfaceError) as error:
            log.warning("progress_not_kept", job=self.job_id, error=str(error))
            return
        finally:
            let_go()
        if job is not None and job.book.removed_at is None:
            tell_now(job.book.owner_id, book_frame(job.book, job))

    def step_done(self, job: Job, step: str, **book: Any) -> None:
        """Write, in the transaction of the step's own results, that it is done. What comes next is a new matter."""
        job.steps_done = list(dict.fromkeys([*job.steps_done, step]))
        job.attempts = 1
        transaction.on_commit(lambda: self.steps_done.append(step))  # a commit can fail: then it is not done
        job.save(update_fields=["steps_done", "attempts"])
        if book:
            Book.every.filter(pk=self.book_id).update(**book)

    # --- How it ends ----------------------------------------------------------------------------

    def finish(self) -> None:
        """The book is ready."""
        with self.fenced() as job:
            _close(job, Job.State.DONE)
            Book.every.filter(pk=self.book_id).update(
                state=Book.State.READY, error_code="", error_message="", ready_at=Now()
            )
        tell_book(self.book_id)

    def fail(self, error: MindoryError) -> None:
        """Give up: the same file would fail the same way."""
        with self.fenced() as job:
            close_failed(job, code=error.code, sentence=str(error.sentence))
        tell_book(self.book_id)

    def cancel(self) -> None:
        """Stop here; what is done stays."""
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)
            if (found := job.first()) is not None:
                close_cancelled(found)
        tell_book(self.book_id)

    def pause(self) -> None:
        """Put the job back as if it had not been taken."""
        with self.fenced() as job:
            requeue(job, attempts=max(job.attempts - 1, 0), after=0)
        tell_book(self.book_id)

    def try_again_later(self, error: Exception) -> None:
        """Record an error that may pass, and put the job back, or give up when it keeps coming."""
        code, sentence = UNEXPECTED, UNEXPECTED_SENTENCE
        if isinstance(error, MindoryError):
            code, sentence = error.code, str(error.sentence)
        with self.fenced() as job:
            if job.attempts >= settings.INGEST_ATTEMPTS:
                close_failed(job, code=code, sentence=sentence)
            else:
                after = BACK_OFF_SECONDS[min(job.attempts, len(BACK_OFF_SECONDS)) - 1]
                requeue(job, attempts=job.attempts, after=after, error={"code": code, "sentence": sentence})
        tell_book(self.book_id)


def let_go() -> None:
    """Give this thread's connection back, unless a transaction is open (as in a test)."""
    if not connection.in_atomic_block:
        connection.close()


def requeue(job: Job, *, attempts: int, after: float, error: Mapping[str, str] | None = None) -> None:
    """Write, in the caller's transaction, that a locked job waits again; the reaper wakes a worker after `after` s."""
    job.state, job.attempts, job.lease_owner, job.lease_until = Job.State.QUEUED, attempts, "", None
    job.error_code, job.error_message = (error["code"], error["sentence"]) if error else ("", "")
    job.save()
    Job.objects.filter(pk=job.pk).update(queued_at=Now() + timedelta(seconds=after - WAKE_AFTER_SECONDS))
    Book.every.filter(pk=job.book_id).update(state=Book.State.QUEUED)


def close_failed(job: Job, *, code: str, sentence: str) -> None:
    """Write, in the caller's transaction, that a locked job failed."""
    job.error_code, job.error_message = code[:40], sentence
    _close(job, Job.State.FAILED)
    Book.every.filter(pk=job.book_id).update(state=Book.State.FAILED, error_code=code[:40], error_message=sentence)


def close_cancelled(job: Job) -> None:
    """Write, in the caller's transaction, that a locked job was cancelled."""
    _close(job, Job.State.CANCELLED)
    Book.every.filter(pk=job.book_id).update(state=Book.State.CANCELLED, error_code="", error_message="")


def _close(job: Job, state: str) -> None:
    job.state, job.lease_owner, job.lease_until = state, "", None
    job.save()
    Job.objects.filter(pk=job.pk).update(finished_at=Now())


def _lease() -> timedelta:
    return timedelta(seconds=settings.INGEST_LEASE_SECONDS)


def _owner() -> str:
    return f"{socket.gethostname()[:40]}/{os.getpid()}/{threading.get_ident()}"[:80]
