"""Wake an ingest worker. A message carries an address and nothing else; losing it costs seconds, not work.

The task is named, not imported: those who queue work need not know those who do it.
"""

from functools import cache
from typing import Any, Final

import redis
import structlog
from celery import current_app
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

RUN_JOB: Final = "books.tasks.run_job"
NAME_TALK: Final = "books.tasks.name_talk"
THINK_OF_QUESTIONS: Final = "books.tasks.think_of_questions"
PATIENCE_SECONDS: Final = 1.0


def wake(job_id: int) -> None:
    """Send word of a job. When Redis does not answer, the reaper will send it again."""
    _send(RUN_JOB, job_id)


def name_talk(reply_id: int) -> None:
    """Have the conversation of an answer named. Lost word: it keeps its first question as its title."""
    _send(NAME_TALK, reply_id)


def think_of_questions(**spot: Any) -> None:
    """Have questions about a place of a book thought of. Lost word: the next look asks again."""
    _send(THINK_OF_QUESTIONS, **spot)


def _send(task: str, *args: Any, **named: Any) -> None:
    try:
        _redis(current_app.conf.broker_url).ping()  # Celery itself would try for seconds, and a reader waits
        current_app.send_task(task, list(args), named, retry=False, ignore_result=True)
    except (OperationalError, redis.RedisError, OSError) as error:
        log.warning("worker_not_woken", task=task, of=args or named, error=str(error))


def waiting() -> int | None:
    """Return how many messages no worker has taken yet; None when Redis does not answer."""
    try:
        return int(_redis(current_app.conf.broker_url).llen(current_app.conf.task_default_queue))
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
