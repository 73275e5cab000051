"""Who may stay: every way out makes it false."""

from typing import Any

import pytest
from django.test import Client

from mindory_web.accounts import keys, presence
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in


def stays(reader: Reader, client: Client) -> bool:
    return presence.is_still_allowed(reader_id=reader.pk, session_key=key_of(client))


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def test_a_signed_in_reader_stays_for_one_query(alice: Reader, django_assert_num_queries: Any) -> None:
    client = signed_in(alice)

    with django_assert_num_queries(1):
        assert stays(alice, client)


def test_nobody_stays_without_a_session_or_a_key(alice: Reader) -> None:
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key=None, api_key_id=None)
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key="")
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key="nothing like this")


def test_someone_elses_session_is_not_yours(alice: Reader, bob: Reader) -> None:
    assert not presence.is_still_allowed(reader_id=bob.pk, session_key=key_of(signed_in(alice)))


def test_logout_ends_it(alice: Reader) -> None:
    client = signed_in(alice)
    key = key_of(client)

    client.logout()
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key=key)


def test_deactivation_ends_it(alice: Reader) -> None:
    client = signed_in(alice)

    alice.is_active = False
    alice.save()
    assert not stays(alice, client)


def test_another_password_ends_it(alice: Reader) -> None:
    client = signed_in(alice)

    alice.set_password("quite another battery")
    alice.save()
    assert not stays(alice, client)


def test_a_key_stays_until_it_is_revoked(alice: Reader, bob: Reader) -> None:
    key, _secret = keys.make(alice, "phone")
    assert presence.is_still_allowed(reader_id=alice.pk, api_key_id=key.pk)
    assert not presence.is_still_allowed(reader_id=bob.pk, api_key_id=key.pk)

    keys.revoke(alice, key.pk)
    assert not presence.is_still_allowed(reader_id=alice.pk, api_key_id=key.pk)


@pytest.mark.django_db(transaction=True)
async def test_the_same_question_from_an_event_loop(alice: Reader) -> None:
    from asgiref.sync import sync_to_async

    client = await sync_to_async(signed_in)(alice)
    assert await presence.ais_still_allowed(reader_id=alice.pk, session_key=key_of(client))
    await sync_to_async(client.logout)()
    assert not await presence.ais_still_allowed(reader_id=alice.pk, session_key="gone")
