"""Numbers that several processes add up: counted in memory, put together in Redis every few seconds.

A counter is a name of METRICS and its labels. Without Redis the numbers wait in memory; an emptied
Redis starts them at zero, as a restart does.
"""

import json
import threading
from collections import defaultdict
from typing import Final

import redis
from django.conf import settings

from mindory_web.lib import links

TOTALS: Final = "mindory:counts"
Labels = tuple[tuple[str, str], ...]

_lock = threading.Lock()
_new: defaultdict[str, float] = defaultdict(float)
_held: defaultdict[str, int] = defaultdict(int)


def count(name: str, by: float = 1.0, **labels: str) -> None:
    """Add to a counter that only grows. Costs no round trip."""
    with _lock:
        _new[_key(name, labels)] += by


def took(name: str, seconds: float, **labels: str) -> None:
    """Count one occurrence and the time it took: `name_seconds_count` and `name_seconds_sum`."""
    count(f"{name}_seconds_count", 1, **labels)
    count(f"{name}_seconds_sum", seconds, **labels)


def hold(name: str, by: int) -> None:
    """Change how many of something this process has open now (`by` is 1 or -1)."""
    with _lock:
        _held[name] += by


def held() -> dict[str, int]:
    """Return what this process has open now."""
    with _lock:
        return dict(_held)


def flush() -> None:
    """Add what was counted since the last time to the totals. What cannot be sent is kept."""
    with _lock:
        sent = dict(_new)
        _new.clear()
    if not sent:
        return
    try:
        with links.asking(settings.REDIS_URL) as client, client.pipeline(transaction=True) as pipe:
            for key, by in sent.items():
                pipe.hincrbyfloat(TOTALS, key, by)
            pipe.execute()
    except redis.RedisError:
        with _lock:
            for key, by in sent.items():
                _new[key] += by
        raise


def totals() -> dict[tuple[str, Labels], float]:
    """Return the totals of all processes by name and labels."""
    with links.asking(settings.REDIS_URL) as client:
        found = client.hgetall(TOTALS)
    return {_unkey(key): float(value) for key, value in found.items()}


def _key(name: str, labels: dict[str, str]) -> str:
    return json.dumps([name, sorted(labels.items())], separators=(",", ":"))


def _unkey(key: bytes) -> tuple[str, Labels]:
    name, labels = json.loads(key)
    return name, tuple((label, value) for label, value in labels)
