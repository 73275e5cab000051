"""A short key stands for a long token: for its reader alone, for five minutes, and no copy is read without it."""

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from memory import receipts
from memory.errors import ValidationFailed
from memory.manager import MemoryManager
from memory.types import Candidate
from mindory_web.accounts.models import Reader


@pytest.fixture
def token(alice: Reader) -> str:
    """Return the token of something that alice forgot."""
    mind = MemoryManager(alice.pk)
    return mind.forget([mind.remember(Candidate("My locker code is 5512.")).memory.pk]).undo


def test_a_key_brings_back_what_its_token_would(alice: Reader, token: str) -> None:
    key = receipts.shortened(alice.pk, token)

    assert len(key) == receipts.LENGTH < 60 < len(token)
    assert [memory.text for memory in MemoryManager(alice.pk).undo_forget(key)] == ["My locker code is 5512."]


def test_a_key_of_another_reader_or_a_wrong_one_opens_nothing(alice: Reader, bob: Reader, token: str) -> None:
    key = receipts.shortened(alice.pk, token)
    for reader, given in (
        (bob, key),
        (alice, key[:-1] + ("A" if key[-1] != "A" else "B")),
        (alice, receipts.MARK),
        (alice, key.upper()),
        (alice, receipts.MARK + "é" * 43),
        (alice, receipts.MARK + "=" * 43),
    ):
        with pytest.raises(ValidationFailed):
            MemoryManager(reader.pk).undo_forget(given)


def test_the_copy_holds_for_five_minutes_and_nobody_reads_it_without_the_key(alice: Reader, token: str) -> None:
    key = receipts.shortened(alice.pk, token)
    name = receipts._name(alice.pk, key)
    store: Any = cache
    client = store._cache.get_client()
    raw = client.get(store.make_key(name))

    assert 0 < client.ttl(store.make_key(name)) <= 300
    assert token.encode()[:40] not in raw
    assert key.removeprefix(receipts.MARK) not in name


def test_of_one_reader_only_some_are_kept(alice: Reader, bob: Reader, token: str) -> None:
    keys = [receipts.shortened(alice.pk, token) for _time in range(receipts.MOST_KEPT + 1)]

    assert all(keys[:-1])
    assert keys[-1] == ""
    assert receipts.shortened(bob.pk, token)


def test_without_redis_there_is_no_key(alice: Reader, token: str, settings: Settings) -> None:
    away = "redis://127.0.0.1:1"
    settings.REDIS_URL = away
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": away}}

    assert receipts.shortened(alice.pk, token) == ""
    assert receipts.shortened(alice.pk, "") == ""
