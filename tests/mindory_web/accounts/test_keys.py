"""API keys: made once, shown once, ended at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mindory_web.accounts import keys
from mindory_web.accounts.models import ApiKey, Reader
from mindory_web.lib.errors import Invalid, NotFound


def test_a_key_opens_its_reader(alice: Reader) -> None:
    key, secret = keys.make(alice, "phone")

    assert secret.startswith("mdy_")
    assert len(secret) == keys.LENGTH
    assert keys.reader_of(secret) == alice
    assert keys.key_of(secret) == key


def test_only_a_digest_of_the_key_is_kept(alice: Reader) -> None:
    key, secret = keys.make(alice, "phone")

    row = ApiKey.objects.values_list().get(pk=key.pk)
    assert secret not in str(row)
    assert secret[keys.PREFIX_LENGTH :] not in str(row)
    assert len(bytes(key.digest)) == 32


def test_another_secret_key_makes_the_digest_worthless(alice: Reader, settings: pytest.FixtureRequest) -> None:
    _key, secret = keys.make(alice, "phone")

    settings.SECRET_KEY = "another secret, of more than thirty-two characters"  # type: ignore[attr-defined]
    assert keys.reader_of(secret) is None


def test_a_wrong_rest_after_a_right_prefix_opens_nothing(alice: Reader) -> None:
    _key, secret = keys.make(alice, "phone")

    last = "A" if secret[-1] != "A" else "B"
    assert keys.reader_of(secret[:-1] + last) is None
    assert keys.reader_of(secret[: keys.PREFIX_LENGTH]) is None
    assert keys.reader_of("") is None
    assert keys.reader_of("mdy_" + "é" * (keys.LENGTH - 4)) is None


def test_a_revoked_key_opens_nothing(alice: Reader) -> None:
    key, secret = keys.make(alice, "phone")

    first = keys.revoke(alice, key.pk).revoked_at
    assert keys.reader_of(secret) is None
    assert keys.revoke(alice, key.pk).revoked_at == first


def test_an_ended_key_opens_nothing(alice: Reader) -> None:
    key, secret = keys.make(alice, "phone", days=1)
    assert keys.reader_of(secret) == alice

    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert keys.reader_of(secret) is None


def test_a_deactivated_readers_key_opens_nothing(alice: Reader) -> None:
    _key, secret = keys.make(alice, "phone")

    alice.is_active = False
    alice.save()
    assert keys.reader_of(secret) is None


def test_someone_elses_key_is_not_found(alice: Reader, bob: Reader) -> None:
    key, secret = keys.make(alice, "phone")

    with pytest.raises(NotFound):
        keys.revoke(bob, key.pk)
    assert keys.reader_of(secret) == alice


def test_its_last_use_is_noted_at_most_once_a_minute(alice: Reader, django_assert_num_queries: object) -> None:
    key, secret = keys.make(alice, "phone")
    keys.key_of(secret)
    key.refresh_from_db()
    noted = key.last_used_at
    assert noted is not None

    with django_assert_num_queries(1):  # type: ignore[operator]
        keys.key_of(secret)
    key.refresh_from_db()
    assert key.last_used_at == noted

    ApiKey.objects.filter(pk=key.pk).update(last_used_at=noted - timedelta(seconds=61))
    keys.key_of(secret)
    key.refresh_from_db()
    assert key.last_used_at >= noted


def test_a_key_needs_a_name(alice: Reader) -> None:
    with pytest.raises(Invalid):
        keys.make(alice, "  ")


def test_a_reader_has_a_bounded_number_of_keys(alice: Reader) -> None:
    made = [keys.make(alice, f"key {number}")[0] for number in range(keys.MOST_PER_READER)]
    with pytest.raises(Invalid):
        keys.make(alice, "one more")

    keys.revoke(alice, made[0].pk)
    keys.make(alice, "one more")
