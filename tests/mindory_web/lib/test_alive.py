"""Processes say that they are alive, and are forgotten when they stop."""

import threading
import time

import pytest
import redis
from pytest_django import Settings

from mindory_web.lib import alive


@pytest.fixture(autouse=True)
def nobody(own_redis: None) -> None:
    """Begin with nobody alive."""
    for process in alive.who_is_alive():
        alive.say_goodbye(process.kind, process.name)  # type: ignore[arg-type]


def test_a_process_that_says_so_is_alive() -> None:
    alive.say_alive("ingest", "one")
    alive.say_alive("reply", "two")

    assert [(process.kind, process.name) for process in alive.who_is_alive()] == [("ingest", "one"), ("reply", "two")]
    assert all(process.memory > 1_000_000 and process.since <= time.time() for process in alive.who_is_alive())


def test_a_process_that_says_goodbye_is_gone_at_once() -> None:
    alive.say_alive("web", "one")
    alive.say_goodbye("web", "one")

    assert alive.who_is_alive() == []


def test_a_silent_process_is_forgotten(settings: Settings) -> None:
    alive.say_alive("reaper", "one")
    line = redis.Redis.from_url(settings.REDIS_URL)
    (sign,) = line.smembers(alive.MEMBERS)
    assert 0 < line.ttl(sign) <= alive.LIFETIME

    line.pexpire(sign, 0)  # as if that time were over

    assert alive.who_is_alive() == []
    assert line.smembers(alive.MEMBERS) == set()


def test_a_busy_process_stays_alive_and_says_goodbye_at_the_end() -> None:
    with alive.staying_alive("reply", "busy"):
        deadline = time.monotonic() + 5
        while not alive.who_is_alive() and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        assert [process.name for process in alive.who_is_alive()] == ["busy"]

    while alive.who_is_alive() and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert alive.who_is_alive() == []
