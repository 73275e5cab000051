"""Which processes of this installation are alive, on any host.

Each one says so every few seconds in Redis; a process that was killed is forgotten after LIFETIME.
Nothing is decided by it (leases in Postgres decide): it is what /health, /metrics and the admin show.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import psutil
import redis
import structlog
from django.conf import settings

from mindory_web.lib import counts, links

log = structlog.get_logger(__name__)

Kind = Literal["web", "ingest", "reply", "reaper", "embedder"]

LIFETIME: Final = 12  # seconds until a silent process counts as gone
INTERVAL: Final = 3.0  # seconds between two signs of life
MEMBERS: Final = "mindory:alive"
STARTED: Final = time.time()


@dataclass(frozen=True, slots=True)
class Alive:
    """One process. `since` is a Unix time, `memory` the resident bytes it had at its last sign of life.

    `held` is what it had open then (`lib/counts.py`): sockets, streams.
    """

    kind: str
    name: str
    since: float
    memory: int
    held: dict[str, int] = field(default_factory=dict)


def my_name() -> str:
    """Return the name of this process: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def say_alive(kind: Kind, name: str = "") -> None:
    """Tell the others that this process lives. Costs one round trip to Redis; say it every few seconds."""
    key = f"{MEMBERS}:{kind}:{name or my_name()}"
    sign = {"since": STARTED, "memory": psutil.Process().memory_info().rss, "held": counts.held()}
    with links.asking(settings.REDIS_URL) as client, client.pipeline(transaction=False) as pipe:
        pipe.set(key, json.dumps(sign), ex=LIFETIME)
        pipe.sadd(MEMBERS, key)
        pipe.execute()


def say_goodbye(kind: Kind, name: str = "") -> None:
    """Tell the others that this process ends now, so that nobody waits for LIFETIME."""
    key = f"{MEMBERS}:{kind}:{name or my_name()}"
    with links.asking(settings.REDIS_URL) as client, client.pipeline(transaction=False) as pipe:
        pipe.delete(key)
        pipe.srem(MEMBERS, key)
        pipe.execute()


def who_is_alive() -> list[Alive]:
    """Return every process that gave a sign of life lately, sorted by kind and name; two round trips."""
    with links.asking(settings.REDIS_URL) as client:
        keys = sorted(key.decode() for key in client.smembers(MEMBERS))
        signs = client.mget(keys) if keys else []
        gone = [key for key, sign in zip(keys, signs, strict=True) if sign is None]
        if gone:
            client.srem(MEMBERS, *gone)
    return [_alive(key, sign) for key, sign in zip(keys, signs, strict=True) if sign]


def _alive(key: str, sign: bytes) -> Alive:
    kind, name = key.removeprefix(f"{MEMBERS}:").split(":", 1)
    told = json.loads(sign)
    held = {what: int(number) for what, number in told.get("held", {}).items()}
    return Alive(kind=kind, name=name, since=float(told["since"]), memory=int(told["memory"]), held=held)


@contextmanager
def staying_alive(kind: Kind, name: str = "") -> Iterator[None]:
    """Say it from a thread for as long as the block runs, however busy the block is."""
    ending = start_saying(kind, name)
    try:
        yield
    finally:
        ending.set()


def start_saying(kind: Kind, name: str = "") -> threading.Event:
    """Say it from a daemon thread until the returned event is set or the process ends."""
    ending = threading.Event()
    threading.Thread(target=_keep_saying, args=(kind, name, ending), name=f"alive-{kind}", daemon=True).start()
    return ending


def _keep_saying(kind: Kind, name: str, ending: threading.Event) -> None:
    is_heard = True
    while True:
        try:
            say_alive(kind, name)
            counts.flush()
            is_heard = True
        except redis.RedisError as error:
            if is_heard:  # one line an outage
                log.warning("sign_of_life_not_heard", kind=kind, error=str(error))
            is_heard = False
        if ending.wait(INTERVAL):
            break
    try:
        say_goodbye(kind, name)
    except redis.RedisError as error:
        log.info("goodbye_not_heard", kind=kind, error=str(error))
