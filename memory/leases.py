"""One claimed job: the lease that says it is ours, the fence that proves it, and how it ends.

A claim raises the job's fence. Whoever writes results locks the job's row and checks the fence in the same
transaction, so a worker that was thought dead, and another one that took over, never both write. Of one reader no two
jobs run at once.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.db.utils import IntegrityError

from memory import queue
from memory.models import Job, Mind
from mindory_web.lib.heartbeat import Heartbeat

BACK_OFF_SECONDS: Final = (15, 60, 300, 1800)  # before the second, third ... attempt
SLICE_SECONDS: Final = 60.0  # after which a job makes way for another reader's
CLAIM_LOCK: Final = 0x6D656D6F  # advisory locks of claims; the second number is the reader

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

_stop = threading.Event()


class Lost(Exception):
    """The job is not ours any more: another worker has it, or it and its reader are gone."""


class Paused(Exception):
    """This worker is asked to end, or others wait; another one may go on."""


def stop_all() -> None:
    """Ask every job of this process to be put back where its work is kept."""
    _stop.set()


class Lease:
    """A job this process owns. Those who do the work get nothing else."""

    def __init__(self, job: Job) -> None:
        self.job_id, self.owner_id, self.session_id = job.pk, job.owner_id, job.session_id
        self.kind, self.attempt = Job.Kind(job.kind), job.attempts
        self._fence = job.fence
        self._heart = Heartbeat(self._extend, seconds=settings.MEMORY_LEASE_SECONDS / 4, name=f"memory-lease-{job.pk}")
        self._began = time.monotonic()

    @classmethod
    def claim(cls, job_id: int) -> "Lease | None":
        """Take a queued job that is due, counting the attempt; None when it is not to be had."""
        with transaction.atomic():
            due = Job.objects.filter(
                pk=job_id, state=Job.State.QUEUED, due_at__lte=Now(), attempts__lt=settings.MEMORY_ATTEMPTS
            )
            job = due.select_for_update(skip_locked=True, of=("self",)).first()
            if job is None:
                return None
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CLAIM_LOCK, job.owner_id % 2**31])
            if Job.objects.filter(owner=job.owner_id, state=Job.State.RUNNING).exists():
                return None
            job.state, job.attempts, job.fence = Job.State.RUNNING, job.attempts + 1, job.fence + 1
            job.error_code = job.error = ""
            job.save(update_fields=["state", "attempts", "fence", "error_code", "error"])
            Job.objects.filter(pk=job.pk).update(lease_until=Now() + _lease())
        return cls(job)

    # --- Whose it is ----------------------------------------------------------------------------

    def beating(self) -> AbstractContextManager[None]:
        """Extend the lease from a thread of its own, until the block ends."""
        return self._heart.beating()

    def _extend(self) -> bool:
        return bool(self._mine().update(lease_until=Now() + _lease()))

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)

    def check(self) -> None:
        """Stop, by an exception, if there is a reason to."""
        if self._heart.is_lost:
            raise Lost
        if _stop.is_set():
            raise Paused

    def make_way(self) -> None:
        """Stop, by Paused, if others wait. Called where the work so far is kept."""
        self.check()
        if queue.others_wait() or time.monotonic() - self._began > SLICE_SECONDS:
            raise Paused

    @contextmanager
    def fenced(self, *, is_writing: bool = False) -> Iterator[Job]:
        """Open a transaction in which the job is certainly ours, and yield its locked row.

        `is_writing`: nobody else writes into the reader's memory until it ends. That lock comes first, as it does for
        every writer: one who deletes a session, and its jobs with it, would otherwise wait for us and we for them.
        """
        with transaction.atomic():
            if is_writing:
                Mind.objects.select_for_update().filter(pk=self.owner_id).first()
            found = self._mine().select_for_update(of=("self",)).first()
            if found is None:
                raise Lost
            yield found

    # --- How far it is --------------------------------------------------------------------------

    def keep(self, job: Job, counts: Mapping[str, Any], *, done: int, total: int) -> None:
        """Write, in the transaction of the results themselves, what was done. What comes next is a new matter."""
        job.result = added(job.result, counts)
        job.done, job.total, job.attempts = done, total, 1
        job.save(update_fields=["result", "done", "total", "attempts"])
        self.attempt = 1

    # --- How it ends ----------------------------------------------------------------------------

    def finish(self) -> None:
        """All is done."""
        with self.fenced() as job:
            close(job, Job.State.DONE)

    def pause(self) -> None:
        """Put the job back as if it had not been taken."""
        with self.fenced() as job:
            put_back(job, attempts=max(job.attempts - 1, 0), after=0)

    def fail(self, *, code: str, sentence: str, note: Mapping[str, Any] = NOTHING) -> None:
        """Give up: the same would fail the same way."""
        with self.fenced() as job:
            job.result = {**job.result, **note}
            job.error_code, job.error = code[:40], sentence
            close(job, Job.State.FAILED)

    def try_again_later(
        self, *, code: str, sentence: str, note: Mapping[str, Any] = NOTHING, for_ever: bool = False
    ) -> None:
        """Record an error that may pass and put the job back, or give up when it keeps coming."""
        with self.fenced() as job:
            job.result = {**job.result, **note}
            job.error_code, job.error = code[:40], sentence
            outages = int(job.result.get("outages", 0)) + 1
            after = BACK_OFF_SECONDS[min(outages if for_ever else job.attempts, len(BACK_OFF_SECONDS)) - 1]
            if for_ever:
                job.result = {**job.result, "outages": outages}
                put_back(job, attempts=0, after=after)
            elif job.attempts >= settings.MEMORY_ATTEMPTS:
                close(job, Job.State.FAILED)
            else:
                put_back(job, attempts=job.attempts, after=after)


def put_back(job: Job, *, attempts: int, after: float) -> None:
    """Write, in the caller's transaction, that a locked job waits again, or that one like it does."""
    job.state, job.attempts, job.lease_until = Job.State.QUEUED, attempts, None
    try:
        with transaction.atomic():
            job.save()
            Job.objects.filter(pk=job.pk).update(due_at=Now() + timedelta(seconds=after))
    except IntegrityError:  # something new came while it ran: the job that waits for it does the rest
        job.result = {**job.result, "goes_on": True}
        close(job, Job.State.FAILED if job.error_code else Job.State.DONE)


def close(job: Job, state: str) -> None:
    """Write, in the caller's transaction, that a locked job has ended."""
    job.state, job.lease_until = state, None
    job.save()
    Job.objects.filter(pk=job.pk).update(finished_at=Now())


def added(result: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a job has counted so far with `counts` added, number by number."""
    total = dict(result)
    for name, value in counts.items():
        if isinstance(value, Mapping):
            total[name] = added(total.get(name) or {}, value)
        elif isinstance(value, bool | str):
            total[name] = value
        else:
            total[name] = total.get(name, 0) + value
    return total


def let_go() -> None:
    """Give this thread's connection back, unless a transaction is open (as in a test)."""
    if not connection.in_atomic_block:
        connection.close()


def _lease() -> timedelta:
    return timedelta(seconds=settings.MEMORY_LEASE_SECONDS)
