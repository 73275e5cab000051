"""Send word to Celery's workers without waiting for a broker that is away.

A message carries an address and nothing else: rows hold the truth, and losing one costs seconds, not work.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import redis
import structlog
from celery import current_app
from kombu.exceptions import OperationalError

from mindory_web.lib import links

log = structlog.get_logger(__name__)

SEPARATOR: Final = "\x06\x16"  # between a queue's name and a priority, as the transport writes it


def send(task: str, args: Sequence[Any] = (), named: Mapping[str, Any] | None = None, *, priority: int = 0) -> None:
    """Send word of a task. When Redis does not answer, the log says so: whoever keeps the row sends it again.

    Workers look at priority 0 first and at 9 last.
    """
    try:
        with links.asking(_url()) as link:
            link.ping()  # Celery itself would try for seconds, and a reader waits
        more = {"priority": priority} if priority else {}
        current_app.send_task(task, list(args), dict(named or {}), retry=False, ignore_result=True, **more)
    except (OperationalError, redis.RedisError, OSError) as error:
        log.warning("worker_not_woken", task=task, of=args or named, error=str(error))


def waiting(*, priority: int = 0) -> int | None:
    """Return how many messages of a priority no worker has taken yet; None when Redis does not answer."""
    try:
        with links.asking(_url()) as link:
            return int(link.llen(key(priority)))
    except (redis.RedisError, OSError) as error:
        log.warning("queue_not_seen", error=str(error))
        return None


def key(priority: int = 0) -> str:
    """Return the name of the list that holds the messages of a priority."""
    name = str(current_app.conf.task_default_queue)
    return f"{name}{SEPARATOR}{priority}" if priority else name


def client() -> Any:
    """Return a client of the broker that gives up soon."""
    return links.client(_url())


def _url() -> str:
    return str(current_app.conf.broker_url).replace("redis+socket://", "unix://", 1)
