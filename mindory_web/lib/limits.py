"""How often something may be done: one counter a key, in Redis, shared by all web processes."""

import math

import redis
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from mindory_web.lib import links
from mindory_web.lib.errors import TooMany

log = structlog.get_logger(__name__)


def spend(key: str, *, limit: int, seconds: int) -> None:
    """Count one use of `key`; raise TooMany (`retry_after` in its details) beyond `limit` within `seconds`.

    The window opens with the first use. Without Redis nothing is limited: a broken counter must not
    lock the library; the log says so.
    """
    name = f"limit:{key}"
    try:
        with links.asking(settings.REDIS_URL) as client, client.pipeline(transaction=True) as pipe:
            pipe.set(name, 0, ex=seconds, nx=True)
            pipe.incr(name)
            pipe.pttl(name)
            _made, used, left = pipe.execute()
    except redis.RedisError as error:
        log.warning("limits not counted", key=key, error=str(error))
        return
    if used > limit:
        wait = max(1, math.ceil(left / 1000))
        raise TooMany(_("Too many requests. Try again in %(wait)s seconds.") % {"wait": wait}, retry_after=wait)
