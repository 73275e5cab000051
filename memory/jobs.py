"""Do one job: claim it, do what is left of it, write down how it ended.

A worker does one job of the memory at a time, so that its other threads are there for books.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from django.db import connection
from django.db.models.functions import Now
from django.db.utils import InterfaceError, OperationalError

from memory import embedding, enriching, extraction, queue
from memory.errors import LLMError
from memory.leases import Lease, Lost, Paused, let_go, stop_all
from memory.models import Job
from mindory_web.engines.errors import EngineError

__all__ = ["run", "stop_all"]

log = structlog.get_logger(__name__)

WORK: Final[dict[Job.Kind, Callable[[Lease], None]]] = {
    Job.Kind.LEARN: extraction.learn,
    Job.Kind.EMBED: embedding.embed,
    Job.Kind.LAYERS: enriching.enrich,
}
UNEXPECTED: Final = "internal_error"
UNEXPECTED_SENTENCE: Final = "Something unexpected went wrong. What is remembered is kept as it is."

_busy = threading.Lock()


def run(job_id: int) -> None:
    """Do a job if it is to be had, and send word of the next. Can be called for any job any number of times."""
    if not _busy.acquire(blocking=False):
        return  # whoever is busy sends word when it is done
    try:
        lease = Lease.claim(job_id)
        if lease is None:
            return
        with structlog.contextvars.bound_contextvars(memory_job=job_id, kind=str(lease.kind)), lease.beating():
            _run(lease)
    finally:
        _busy.release()
        let_go()
    wake_next()


def wake_next() -> None:
    """Send word of the job that waits longest, unless words are on their way."""
    if queue.waiting() == 0 and (waiting := due(1)):
        queue.wake(waiting[0])


def due(at_most: int) -> list[int]:
    """Return the jobs that could be done now, of each reader the first, those that wait longest before others."""
    running = Job.objects.filter(state=Job.State.RUNNING).values("owner")
    waiting = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=Now()).exclude(owner__in=running)
    first = waiting.order_by("owner", "due_at", "pk").distinct("owner")
    return list(Job.objects.filter(pk__in=first.values("pk")).order_by("due_at", "pk").values_list("pk", flat=True))[
        :at_most
    ]


def _run(lease: Lease) -> None:
    try:
        WORK[lease.kind](lease)
        lease.finish()
    except Lost:
        log.info("memory_job_lost")
    except Paused:
        _last_word(lease.pause)
    except (LLMError, EngineError) as error:
        log.info("memory_job_postponed", code=error.code, sentence=str(error))
        _last_word(partial(_postpone, lease, error))
    except (OperationalError, InterfaceError) as error:
        log.warning("database_away", error=str(error).strip())  # the lease runs out, and the reaper puts it back
        connection.close()
    except Exception as error:
        log.warning("memory_job_failed", error=repr(error))
        _last_word(lambda: lease.try_again_later(code=UNEXPECTED, sentence=UNEXPECTED_SENTENCE))
        raise


def _postpone(lease: Lease, error: LLMError | EngineError) -> None:
    """Write down what an engine said. Vectors are tried for until they are made: nobody asks for them again."""
    note = {"engine": engine} if (engine := error.details.get("engine")) else {}
    if error.details.get("is_retryable") is False:
        lease.fail(code=error.code, sentence=str(error.sentence), note=note)
    else:
        is_for_ever = lease.kind == Job.Kind.EMBED
        lease.try_again_later(code=error.code, sentence=str(error.sentence), note=note, for_ever=is_for_ever)


def _last_word(action: Callable[[], None]) -> None:
    try:
        action()
    except Lost:
        log.info("memory_job_lost")
    except (OperationalError, InterfaceError) as error:
        log.warning("database_away", error=str(error).strip())
        connection.close()
