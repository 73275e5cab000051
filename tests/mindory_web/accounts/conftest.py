"""Accounts are tested with limits that start at nothing."""

from typing import Any

import pytest
import redis


@pytest.fixture(autouse=True)
def no_attempts_yet(settings: Any) -> None:
    """Count attempts from nothing, in this worker's own Redis database."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
