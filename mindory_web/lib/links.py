"""Redis for somebody who waits: asked with little patience, and left alone for a moment once it said nothing.

A Redis that takes connections and is silent (stopped, swapped out, behind a network that lost it) would otherwise cost
a request one timeout for every question. Nothing in it is the only copy, so whoever asks goes on without.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE_SECONDS: Final = 1.0  # for a connection, and for an answer
REST_SECONDS: Final = 2.0  # after a failure; then the next one who comes tries again
LIMITS: Final[dict[str, Any]] = {
    "socket_timeout": PATIENCE_SECONDS,
    "socket_connect_timeout": PATIENCE_SECONDS,
    "retry": Retry(NoBackoff(), 0),
}

_rests_until: dict[str, float] = {}


class Resting(redis.ConnectionError):
    """Redis did not answer a moment ago."""


@contextmanager
def trying(url: str) -> Iterator[None]:
    """Let the block speak with the Redis at `url`; raise Resting at once while it is left alone.

    A connection that fails in the block, or an answer that does not come, begins such a rest for this process.
    """
    unless_resting(url)
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, TimeoutError):
        _rests_until[url] = time.monotonic() + REST_SECONDS
        raise


def unless_resting(url: str) -> None:
    """Raise Resting while the Redis at `url` is left alone.

    All that a coroutine asks: when it waits too long, its own loop may be what is late, and Redis has done nothing.
    """
    if time.monotonic() < _rests_until.get(url, 0.0):
        raise Resting("Redis did not answer a moment ago.")


@contextmanager
def asking(url: str) -> Iterator[Any]:
    """Yield a client for commands that answer at once. Raises redis.RedisError, at once while Redis is left alone."""
    with trying(url):
        yield client(url)


def forget_rests() -> None:
    """Ask every Redis again."""
    _rests_until.clear()


@cache
def client(url: str) -> Any:
    """Return the client of this process, which gives up soon; its connections are shared by all threads."""
    return redis.Redis.from_url(url, **LIMITS)
