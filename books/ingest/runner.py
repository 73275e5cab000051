"""Take one job through its steps."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from books import queue
from books.errors import BookError
from books.ingest.steps import STEPS, Step
from books.ingest.work import Cancelled, Lost, MadeWay, Paused, Work
from mindory_web.engines.errors import EngineError
from mindory_web.lib import counts

log = structlog.get_logger(__name__)
T = TypeVar("T")

OUTAGE_SECONDS: Final = 60  # how long a job waits for a database that went away; then it leaves its row to the reaper
_pause = threading.Event()  # never set: a wait that a signal cannot shorten


class AsyncIngestRunner:
    """Runs a job apart from the request that made it. Can be called for any job any number of times."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id

    def run(self) -> None:
        """Claim the job and do what is left of it; nothing when it is not to be had."""
        work = _patiently(lambda: Work.claim(self.job_id))
        if work is None:
            log.debug("job_not_to_be_had", job=self.job_id)
            return
        bound = structlog.contextvars.bound_contextvars(request_id=work.request_id, job=work.job_id, book=work.book_id)
        with bound, work.beating():
            self._run(work)

    def _run(self, work: Work) -> None:
        try:
            for step in STEPS:
                if step.name not in work.steps_done:
                    _patiently(partial(self._step, work, step))
            _patiently(work.finish)
            log.info("book_ready")
        except Lost:
            log.info("job_lost")
        except Cancelled:
            _patiently(work.cancel)
            log.info("job_cancelled")
        except Paused as reason:
            _patiently(work.pause)
            if isinstance(reason, MadeWay):
                queue.wake(work.job_id)  # behind those that wait
            log.info("job_put_back")
        except BookError as error:
            log.info("book_refused", code=error.code, sentence=error.sentence)
            _last_word(partial(work.fail, error))
        except Exception as error:
            log.warning("attempt_failed", error=repr(error))
            _last_word(partial(self._record, work, error))
            raise

    def _step(self, work: Work, step: Step) -> None:
        if step.name in work.steps_done:
            return
        work.check()
        work.begin(step.name)
        began = time.monotonic()
        step.run(work)
        seconds = time.monotonic() - began
        counts.took("ingest_step", seconds, step=step.name)
        log.info("step_done", step=step.name, seconds=round(seconds, 3))

    def _record(self, work: Work, error: Exception) -> None:
        if isinstance(error, EngineError) and not error.is_retryable:
            work.fail(error)
        else:
            work.try_again_later(error)


def _last_word(action: Callable[[], None]) -> None:
    """Record how it ended; a reader who cancelled or deleted meanwhile has the last word."""
    try:
        _patiently(action)
    except (Lost, Cancelled):
        log.info("job_lost")


def _patiently(action: Callable[[], T]) -> T:
    """Do something that can be repeated, again and again while the database is away or ends a deadlock."""
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return action()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database_away", error=str(error).strip())
            connection.close()
            _pause.wait(0.5)
