"""The permission matrix {nobody, other reader, admin, revoked key}, over everything that can be reached.

anyone     nobody is turned away
signed in  nobody is sent to the door (a page) or gets 401 (the API); any reader may
owner      so too; every other reader gets 404, and so does an admin: nothing tells that the thing is there
admin      so too; a reader gets 403
operator   nobody and a reader get 403, an admin does not

A revoked key gets 401 from every API operation and opens no page. Where a row has no place yet, the
first three tests fail: they compare the matrix with what walking the code finds.
"""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from books.models import Annotation, Book, Collection, Conversation, Reply, Upload
from memory.models import Memory, Session
from mindory_web.accounts import keys
from mindory_web.accounts.models import ApiKey, Invitation, Reader
from tests.conftest import signed_in
from tests.mindory_web.mcp.speaking import with_key
from tests.security import surface
from tests.security.matrix import API, COMMANDS, PAGES, TOOLS, Row

PAGE_ROWS = [(route, row) for route, rows in PAGES.items() for row in rows]
API_ROWS = [(operation, row) for operation, rows in API.items() for row in rows]
page_rows = pytest.mark.parametrize(("route", "row"), PAGE_ROWS, ids=[f"{r.method} /{route}" for route, r in PAGE_ROWS])
api_rows = pytest.mark.parametrize(("operation", "row"), API_ROWS, ids=[f"{m} {p}" for (m, p), _row in API_ROWS])


def test_every_page_has_a_row() -> None:
    found = {route for route in surface.routes() if not route.startswith(surface.PANEL)}
    assert found == set(PAGES)


def test_every_api_operation_has_a_row() -> None:
    assert surface.operations() == set(API)


def test_every_socket_command_has_a_row() -> None:
    assert surface.commands() == set(COMMANDS)


def test_every_tool_has_a_row() -> None:
    assert surface.tools() == set(TOOLS)


def filled(value: Any, things: dict[str, Any]) -> Any:
    """Put alice's ids into the holes."""
    if isinstance(value, dict):
        return {name: filled(part, things) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, things) for part in value]
    if not isinstance(value, str):
        return value
    if value.startswith("{") and value.endswith("}"):
        return things[value[1:-1]]
    return value.format(**things) if "{" in value else value


def send_page(client: Client, route: str, row: Row, things: dict[str, Any]) -> Any:
    return client.generic(
        row.method,
        filled(row.address, things) or f"/{route}",
        "&".join(f"{name}={value}" for name, value in filled(dict(row.data), things).items()),
        content_type="application/x-www-form-urlencoded",
    )


def send_api(client: Client, path: str, row: Row, things: dict[str, Any], **headers: str) -> Any:
    address = "/api/v1/" + (filled(row.address, things) or path)
    body = json.dumps(filled(dict(row.data), things)) if row.method != "GET" else ""
    return client.generic(row.method, address, body, content_type="application/json", headers=headers)


def is_sent_to_the_door(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/"))


@pytest.fixture
def unharmed(things: dict[str, Any]) -> Any:
    """After the test, alice's things are as they were."""
    yield
    assert Book.objects.get(pk=things["book"]).title == "Moby-Dick"
    assert Book.objects.get(pk=things["book"]).state == Book.State.READY
    assert Annotation.objects.get(pk=things["annotation"]).text == ""
    assert Conversation.objects.get(pk=things["conversation"]).title == "Names"
    assert Collection.objects.get(pk=things["collection"]).name == "Sea"
    assert Reply.objects.get(pk=things["reply"]).state == Reply.State.DONE
    assert Upload.objects.get(pk=things["upload"]).received == 0
    assert ApiKey.objects.get(pk=things["key"]).revoked_at is None
    memory = Memory.objects.get(pk=things["memory"])
    assert (memory.text, memory.state, memory.is_pinned) == ("My friend Queequeg hunts the whale.", "active", False)
    assert Memory.objects.get(pk=things["turn"]).text == "Call me Ishmael."
    assert Session.objects.get(owner=memory.owner_id).title == ""
    assert Invitation.objects.filter(pk=things["invitation"]).exists()


@page_rows
def test_nobody_at_a_page(route: str, row: Row, things: dict[str, Any], unharmed: None) -> None:
    answer = send_page(Client(), route, row, things)

    if row.who == "anyone":
        assert answer.status_code not in {401, 403, 500}
        assert not is_sent_to_the_door(answer) or route in {"account/login/code/confirm/", "account/logout/"}
    elif row.who == "operator":
        assert answer.status_code == 403
    else:
        assert is_sent_to_the_door(answer)


@page_rows
def test_another_reader_at_a_page(route: str, row: Row, things: dict[str, Any], bob: Reader, unharmed: None) -> None:
    check_other(send_page(signed_in(bob), route, row, things), row, on_admin=403)


@page_rows
def test_an_admin_at_a_page(route: str, row: Row, things: dict[str, Any], admin: Reader) -> None:
    check_other(send_page(signed_in(admin), route, row, things), row, on_admin=None)


@page_rows
def test_a_key_opens_no_page(route: str, row: Row, things: dict[str, Any], alice: Reader, unharmed: None) -> None:
    _key, secret = keys.make(alice, "another")
    client = Client(headers={"authorization": f"Bearer {secret}"})

    if row.who not in {"anyone", "operator"}:
        assert is_sent_to_the_door(send_page(client, route, row, things))


@page_rows
def test_the_owner_at_a_page(route: str, row: Row, things: dict[str, Any], alice: Reader) -> None:
    if row.who in {"owner", "signed in"}:
        assert send_page(signed_in(alice), route, row, things).status_code not in {401, 403, 404, 500}


@api_rows
def test_nobody_at_the_api(operation: tuple[str, str], row: Row, things: dict[str, Any], unharmed: None) -> None:
    assert send_api(Client(), operation[1], row, things).status_code == 401


@api_rows
def test_a_revoked_key_at_the_api(
    operation: tuple[str, str], row: Row, things: dict[str, Any], alice: Reader, unharmed: None
) -> None:
    key, secret = keys.make(alice, "another")
    keys.revoke(alice, key.pk)

    for client in (Client(), signed_in(alice)):  # a session beside it does not mend it
        answer = send_api(client, operation[1], row, things, authorization=f"Bearer {secret}")
        assert answer.status_code == 401


@api_rows
def test_a_closed_readers_key_at_the_api(
    operation: tuple[str, str], row: Row, things: dict[str, Any], alice: Reader
) -> None:
    _key, secret = keys.make(alice, "another")
    Reader.objects.filter(pk=alice.pk).update(is_active=False)

    assert send_api(Client(), operation[1], row, things, authorization=f"Bearer {secret}").status_code == 401


@api_rows
def test_another_reader_at_the_api(
    operation: tuple[str, str], row: Row, things: dict[str, Any], bob: Reader, unharmed: None
) -> None:
    _key, secret = keys.make(bob, "his")

    check_other(send_api(signed_in(bob), operation[1], row, things), row, on_admin=403)
    check_other(send_api(Client(), operation[1], row, things, authorization=f"Bearer {secret}"), row, on_admin=403)


@api_rows
def test_an_admin_at_the_api(
    operation: tuple[str, str], row: Row, things: dict[str, Any], admin: Reader, unharmed: None
) -> None:
    check_other(send_api(signed_in(admin), operation[1], row, things), row, on_admin=None)


@api_rows
def test_a_session_needs_the_csrf_token_to_change_anything(
    operation: tuple[str, str], row: Row, things: dict[str, Any], alice: Reader, unharmed: None
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    if row.method not in {"GET", "HEAD", "OPTIONS"}:
        assert send_api(client, operation[1], row, things).status_code == 403


def check_other(answer: Any, row: Row, *, on_admin: int | None) -> None:
    """Check what someone gets who is signed in and does not own alice's things."""
    if row.who == "owner":
        assert answer.status_code == 404
        assert b"Ishmael" not in answer.content
        assert b"Moby" not in answer.content
        assert b"Queequeg" not in answer.content
    elif row.who in {"admin", "operator"} and on_admin is not None:
        assert answer.status_code == on_admin
    else:
        assert answer.status_code not in {401, 403, 500}
        assert not is_sent_to_the_door(answer)


def test_the_panel_is_closed_to_everyone_but_admins(things: dict[str, Any], bob: Reader) -> None:
    doors = {"/admin/logout/", "/admin/jsi18n/"}  # out, and the words of its scripts
    addresses = sorted(surface.panel_addresses(things) - doors)
    assert len(addresses) > 20

    for address in addresses:
        for method in ("get", "post"):
            nobody = getattr(Client(), method)(address)
            assert is_sent_to_the_door(nobody) or "/admin/login/" in nobody.headers.get("Location", ""), address
            reader = getattr(signed_in(bob), method)(address, follow=True)
            assert reader.status_code in {403, 404}, address


def test_an_admin_reads_nobodys_words_in_the_panel(things: dict[str, Any], admin: Reader) -> None:
    client = signed_in(admin)
    for address in sorted(surface.panel_addresses(things) - {"/admin/logout/"}):
        shown = client.get(address, follow=True)
        assert shown.status_code in {200, 403, 404, 405}, address
        for words in (b"Ishmael", b"Queequeg"):
            assert words not in shown.content, address


def test_a_key_opens_nothing_of_the_panel(things: dict[str, Any], admin: Reader) -> None:
    _key, secret = keys.make(admin, "hers")
    for address in surface.panel_addresses(things) - {"/admin/jsi18n/"}:
        assert Client(headers={"authorization": f"Bearer {secret}"}).get(address).status_code == 302, address


@pytest.mark.parametrize("who", ["another reader", "an admin"])
def test_others_at_the_tools(things: dict[str, Any], bob: Reader, admin: Reader, who: str, unharmed: None) -> None:
    _key, secret = keys.make(bob if who == "another reader" else admin, "tools")
    rows = [(tool, kind, filled(told, things)) for tool, calls in TOOLS.items() for kind, told in calls]

    async def speak() -> list[Any]:
        async with with_key(secret) as client:
            return [await client.call_tool(tool, told) for tool, _kind, told in rows]

    for (tool, kind, told), answer in zip(rows, async_to_sync(speak)(), strict=True):
        said = json.dumps(answer.structured_content)
        refusal = {"owner": "not_found", "refused": "invalid"}.get(kind)
        assert answer.is_error is (refusal is not None), (tool, told, said)
        assert refusal is None or answer.structured_content["error"]["code"] == refusal, (tool, told, said)
        for words in ("Ishmael", "Moby", "Queequeg"):
            assert words not in said, (tool, told)
