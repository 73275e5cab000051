"""Sockets: who may open one, what one may name, and how soon it closes when its reader may not stay."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections
from django.test import Client

from books.events import CLOSED_NOT_SIGNED_IN
from books.models import Conversation, Reply
from books.sockets import guarded, socket_urlpatterns
from mindory_web.accounts import keys, readers, sessions
from mindory_web.accounts.models import Reader
from tests.conftest import PASSWORD, signed_in
from tests.security.matrix import COMMANDS
from tests.security.test_permissions import filled

pytestmark = pytest.mark.django_db(transaction=True)
application = guarded(URLRouter(socket_urlpatterns))

Socket: TypeAlias = WebsocketCommunicator


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Close what the helper thread of `sync_to_async` has open, or the test database cannot be dropped."""
    yield
    await sync_to_async(connections.close_all)()


def by_session(client: Client | None, origin: str | None = None) -> Socket:
    """Return a socket as a page opens it."""
    headers = [(b"origin", (settings.SOCKET_ORIGINS[0] if origin is None else origin).encode())]
    if client is not None:
        headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
    return Socket(application, "/ws/", headers=headers)


def by_key(secret: str) -> Socket:
    """Return a socket as a program opens it."""
    return Socket(application, "/ws/", headers=[(b"authorization", f"Bearer {secret}".encode())])


async def greeted(socket: Socket) -> Socket:
    is_open, _protocol = await socket.connect(timeout=5)
    assert is_open
    assert (await received(socket))["type"] == "hello"
    return socket


async def received(socket: Socket) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.receive_from(timeout=5))
    return frame


async def is_turned_away(socket: Socket) -> bool:
    """Say whether the socket is refused, before or right after the handshake, without a word sent."""
    is_open, _code = await socket.connect(timeout=5)
    if not is_open:
        return True
    message = await socket.receive_output(timeout=5)
    return bool(message["type"] == "websocket.close" and message["code"] == CLOSED_NOT_SIGNED_IN)


async def test_nobody_opens_a_socket() -> None:
    assert await is_turned_away(by_session(None))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://localhost:8000.evil.example"])
async def test_another_site_opens_no_socket_with_a_readers_cookie(alice: Reader, origin: str) -> None:
    client = await sync_to_async(signed_in)(alice)
    assert await is_turned_away(by_session(client, origin))


async def test_a_revoked_or_invented_key_opens_no_socket(alice: Reader) -> None:
    key, secret = await sync_to_async(keys.make)(alice, "phone")
    socket = await greeted(by_key(secret))
    await socket.disconnect()

    await sync_to_async(keys.revoke)(alice, key.pk)
    assert await is_turned_away(by_key(secret))
    assert await is_turned_away(by_key("mdy_invented"))
    assert await is_turned_away(by_key(""))


NAMING = [(name, frame) for name, frames in COMMANDS.items() for frame in frames]


@pytest.mark.parametrize(("name", "frame"), NAMING, ids=[name for name, _frame in NAMING])
@pytest.mark.parametrize("who", ["bob", "admin"])
async def test_someone_elses_thing_is_not_found(
    name: str, frame: dict[str, Any], who: str, things: dict[str, Any], bob: Reader, admin: Reader
) -> None:
    client = await sync_to_async(signed_in)({"bob": bob, "admin": admin}[who])
    socket = await greeted(by_session(client))

    await socket.send_to(text_data=json.dumps(filled(frame, things)))
    answer = await received(socket)
    assert answer["type"] == "refused"
    assert answer["code"] == "not_found"
    assert "Moby" not in json.dumps(answer)
    await socket.disconnect()
    assert await Conversation.objects.acount() == 1
    assert (await Reply.objects.aget()).state == Reply.State.DONE


async def test_frames_of_one_reader_reach_no_other(alice: Reader, bob: Reader, admin: Reader) -> None:
    from books import publishing

    sockets = [await greeted(by_session(await sync_to_async(signed_in)(reader))) for reader in (alice, bob, admin)]
    await publishing.tell(alice.pk, {"type": "book.gone", "book": 7})

    assert await received(sockets[0]) == {"type": "book.gone", "book": 7}
    assert await sockets[1].receive_nothing(timeout=0.3)
    assert await sockets[2].receive_nothing(timeout=0.3)
    for socket in sockets:
        await socket.disconnect()


def _reader(name: str) -> Reader:
    return Reader.objects.create_user(name, f"{name}@example.org", PASSWORD)


def _sign_out(reader: Reader, client: Client) -> None:
    client.post("/account/logout/")


def _end_from_elsewhere(reader: Reader, client: Client) -> None:
    sessions.end(reader, next(one.pk for one in sessions.sign_ins(reader, session_key=None)))


def _close_account(reader: Reader, client: Client) -> None:
    readers.deactivate(None, reader)


def _change_password(reader: Reader, client: Client) -> None:
    reader.set_password("quite another battery")
    reader.save()


def _revoke(reader: Reader, client: Client) -> None:
    keys.revoke(reader, reader.api_keys.get().pk)


ENDS: dict[str, Callable[[Reader, Client], None]] = {
    "logout": _sign_out,
    "elsewhere": _end_from_elsewhere,
    "closed": _close_account,
    "password": _change_password,
    "revoked": _revoke,
    "closed_key": _close_account,
}


async def test_every_way_out_closes_the_socket_within_five_seconds() -> None:
    """All at once, each with a reader of its own; one that nothing happens to stays open."""

    async def opened(how: str) -> tuple[Reader, Client, Socket]:
        reader = await sync_to_async(_reader)(how)
        client = await sync_to_async(signed_in)(reader)
        await sync_to_async(client.get)("/source")
        if how not in {"revoked", "closed_key"}:
            return reader, client, await greeted(by_session(client))
        _key, secret = await sync_to_async(keys.make)(reader, "phone")
        return reader, client, await greeted(by_key(secret))

    stays = (await opened("stays"))[2]
    opens = {how: await opened(how) for how in ENDS}
    seconds: dict[str, float] = {}

    async def ends(how: str) -> None:
        reader, client, socket = opens[how]
        await sync_to_async(ENDS[how])(reader, client)
        started = time.monotonic()
        message = await socket.receive_output(timeout=6)
        seconds[how] = time.monotonic() - started
        assert (message["type"], message["code"]) == ("websocket.close", CLOSED_NOT_SIGNED_IN), how

    await asyncio.gather(*(ends(how) for how in ENDS))
    assert set(seconds) == set(ENDS)
    assert max(seconds.values()) < 5, seconds
    await stays.send_to(text_data='{"type": "ping"}')
    assert (await received(stays))["type"] == "pong"
    await stays.disconnect()
