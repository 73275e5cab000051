"""Django's cache on Redis that does not take the pages down with it when Redis is away or says nothing."""

from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from django.core.cache.backends.redis import RedisCache

from mindory_web.lib import links

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


class TolerantCache(RedisCache):
    """A cache may forget: without Redis a look-up finds nothing and a write is dropped, and the log says so.

    The limits that count in it (failed sign-ins) are open for that time, as in lib/limits.py.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {**links.LIMITS, **params.get("OPTIONS", {})}})
        self._url = server

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Store what is not there; without Redis say that it was stored, so that no one waits for a lock."""
        return self._try(super().add, True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Look up a value."""
        return self._try(super().get, default, key, default, version=version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Store a value."""
        self._try(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Keep a value longer."""
        return self._try(super().touch, False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Forget a value."""
        return self._try(super().delete, False, *args, **kwargs)

    def _try(self, action: Callable[..., Answer], otherwise: Answer, *args: Any, **kwargs: Any) -> Answer:
        try:
            with links.trying(self._url):
                return action(*args, **kwargs)
        except links.Resting:
            return otherwise  # said once already
        except redis.RedisError as error:
            log.warning("cache not reached", error=str(error))
            return otherwise
