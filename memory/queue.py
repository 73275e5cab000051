"""Have work done later: a row that says what, and word to a worker once it is committed.

The row is the truth, the message carries an address and nothing else; losing it costs seconds, not work. Messages go
to the workers that ingest books, behind all that is theirs: a priority of Redis' own list, which they look at last.
"""

from functools import cache
from typing import Any, Final

import redis
import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from memory.models import Job, Session
from mindory_web.engines.llm import llm_client

log = structlog.get_logger(__name__)

RUN_JOB: Final = "memory.tasks.run_job"
PRIORITY: Final = 9  # the last that a worker looks at; books have 0
SEPARATOR: Final = "\x06\x16"  # between a queue's name and a priority, as the transport writes it
PATIENCE_SECONDS: Final = 1.0


def learn(session_id: int) -> None:
    """Have memories learned from what is new in a session."""
    owner = Session.objects.filter(pk=session_id).values_list("owner_id", flat=True).first()
    if owner is not None:
        _add(owner, Job.Kind.LEARN, session_id)


def embed(owner_id: int) -> None:
    """Have vectors made of a reader's memories that have none of the present engine."""
    _add(owner_id, Job.Kind.EMBED)


def layers(owner_id: int) -> None:
    """Have abstracts written of a reader's sessions and long memories; nothing to do without a model."""
    if llm_client() is not None:
        _add(owner_id, Job.Kind.LAYERS)


def _add(owner_id: int, kind: Job.Kind, session_id: int | None = None) -> None:
    """Add a job unless one like it waits already: that one will see what is new."""
    with transaction.atomic():
        waiting = Job.objects.filter(owner=owner_id, kind=kind, session=session_id, state=Job.State.QUEUED)
        # Locked, so that no worker takes it before the caller's rows are committed and can be seen by it.
        if waiting.select_for_update(no_key=True).values_list("pk", flat=True).first() is not None:
            return
        job = Job(owner_id=owner_id, kind=kind, session_id=session_id)
        Job.objects.bulk_create([job], ignore_conflicts=True)
        if (found := waiting.values_list("pk", flat=True).first()) is not None:
            transaction.on_commit(lambda: wake(found))


def wake(job_id: int) -> None:
    """Send word of a job. When Redis does not answer, the reaper will send it again."""
    try:
        _redis(current_app.conf.broker_url).ping()  # Celery itself would try for seconds, and a reader waits
        queue = current_app.conf.task_default_queue
        current_app.send_task(RUN_JOB, [job_id], queue=queue, priority=PRIORITY, retry=False, ignore_result=True)
    except (OperationalError, redis.RedisError, OSError) as error:
        log.warning("worker_not_woken", job=job_id, error=str(error))


def waiting() -> int | None:
    """Return how many of our messages no worker has taken yet; None when Redis does not answer."""
    return _length(f"{current_app.conf.task_default_queue}{SEPARATOR}{PRIORITY}")


def others_wait() -> bool:
    """Say whether a worker is wanted for more urgent work than ours."""
    return bool(_length(current_app.conf.task_default_queue))


def _length(key: str) -> int | None:
    try:
        return int(_redis(current_app.conf.broker_url).llen(key))
    except (redis.RedisError, OSError) as error:
        log.warning("queue_not_seen", error=str(error))
        return None


@cache
def _redis(broker_url: str) -> Any:
    """Return a client of the broker that gives up soon."""
    url = broker_url.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=PATIENCE_SECONDS,
        **({} if url.startswith("unix:") else {"socket_connect_timeout": PATIENCE_SECONDS}),
    )
