"""Counters in a real Redis."""

import uuid
from typing import Any

import pytest

from mindory_web.lib.errors import TooMany
from mindory_web.lib.limits import spend


def test_beyond_the_limit_it_says_how_long_to_wait() -> None:
    key = f"test:{uuid.uuid4()}"
    for _time in range(3):
        spend(key, limit=3, seconds=60)

    with pytest.raises(TooMany) as caught:
        spend(key, limit=3, seconds=60)
    assert 1 <= caught.value.details["retry_after"] <= 60
    assert caught.value.status == 429


def test_keys_are_counted_apart() -> None:
    one, other = f"test:{uuid.uuid4()}", f"test:{uuid.uuid4()}"
    spend(one, limit=1, seconds=60)
    spend(other, limit=1, seconds=60)

    for spent in (one, other):
        with pytest.raises(TooMany):
            spend(spent, limit=1, seconds=60)


def test_without_redis_nothing_is_refused_and_the_log_says_so(settings: Any, caplog: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    for _time in range(5):
        spend("test:nobody counts", limit=1, seconds=60)
    assert "limits not counted" in caplog.text
