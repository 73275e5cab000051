"""The ways to a reply worker: one Redis list that wakes it, one channel that tells it to stop.

Nothing here is the truth. Rows in Postgres are; the reaper wakes again what a lost message left asleep,
and workers read `is_stop_asked` with every heartbeat.
"""

import asyncio
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from mindory_web.lib import links

log = structlog.get_logger(__name__)

ASKED: Final = "mindory:asked"  # list of reply ids that wait for a worker
STOPPED: Final = "mindory:stopped"  # channel of reply ids that a reader stopped
LONGEST_LIST: Final = 1_000  # without a worker the reaper would fill it for ever

_ONCE: Final = Retry(NoBackoff(), 0)  # who asks goes on without, and asks again soon
_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Any]] = WeakKeyDictionary()


def client() -> Any:
    """Return the client of the running event loop, for commands that answer at once."""
    made = _of_loop.setdefault(asyncio.get_running_loop(), {})
    if settings.REDIS_URL not in made:
        made[settings.REDIS_URL] = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, retry=_ONCE
        )
    return made[settings.REDIS_URL]


def patient_client() -> Any:
    """Return a new client for commands that wait; whoever asks for it closes it."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, decode_responses=True, socket_timeout=None, socket_connect_timeout=2, retry=_ONCE
    )


async def disconnect() -> None:
    """Close the client of the running loop."""
    for made in _of_loop.pop(asyncio.get_running_loop(), {}).values():
        await made.aclose()


def client_now() -> Any:
    """Return the client for code without an event loop."""
    return _client_now(settings.REDIS_URL)


@cache
def _client_now(url: str) -> Any:
    return redis.Redis.from_url(url, decode_responses=True, **links.LIMITS)


def wake(reply_id: int) -> None:
    """Tell a reply worker that this reply waits. Without Redis nobody hears it, and the reaper calls again."""
    try:
        with links.asking(settings.REDIS_URL) as link:
            if link.rpush(ASKED, reply_id) > LONGEST_LIST:
                link.ltrim(ASKED, -LONGEST_LIST, -1)
    except redis.RedisError as error:
        log.warning("worker_not_woken", reply=reply_id, error=str(error))


def tell_to_stop(reply_id: int) -> None:
    """Tell whoever writes this reply to stop at once."""
    try:
        with links.asking(settings.REDIS_URL) as link:
            link.publish(STOPPED, reply_id)
    except redis.RedisError as error:
        log.warning("stop_not_told", reply=reply_id, error=str(error))
