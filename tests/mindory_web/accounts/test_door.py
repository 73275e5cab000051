"""Signing in and out, and what a stranger learns at the door."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from mindory_web.accounts import presence
from mindory_web.accounts.models import Reader
from tests.conftest import PASSWORD, signed_in

LOGIN = "/account/login/"


def sign_in(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, {"login": name, "password": password, "remember": "on", **more})


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.org", "Alice@Example.org"])
def test_a_reader_signs_in_by_name_or_by_address(admin: Reader, alice: Reader, client: Client, name: str) -> None:
    answer = sign_in(client, name)

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_without_remember_the_session_ends_with_the_browser(alice: Reader, client: Client) -> None:
    client.post(LOGIN, {"login": "alice", "password": PASSWORD})
    assert client.session.get_expire_at_browser_close()

    sign_in(other := Client(), "alice")
    assert not other.session.get_expire_at_browser_close()


def test_the_door_does_not_tell_who_is_here(admin: Reader, alice: Reader, client: Client) -> None:
    def told(name: str) -> str:
        page: str = sign_in(client, name, "a wrong password").content.decode()
        return page[page.index('role="alert"') :].split("</div>")[0]

    assert told("alice") == told("nobody")
    assert told("alice@example.org") == told("nobody@example.org")


def test_a_closed_account_cannot_sign_in(admin: Reader, alice: Reader, client: Client) -> None:
    alice.is_active = False
    alice.save()

    answer = sign_in(client, "alice")
    assert answer.headers["Location"] == "/account/inactive/"
    assert "_auth_user_id" not in client.session
    assert b"This account is closed" in client.get("/account/inactive/").content


def test_a_wrong_password_does_not_tell_that_an_account_is_closed(admin: Reader, alice: Reader, client: Client) -> None:
    alice.is_active = False
    alice.save()

    assert sign_in(client, "alice", "a wrong password").status_code == 200


def test_an_account_is_tried_five_times_by_whichever_name_from_wherever(admin: Reader, alice: Reader) -> None:
    names = ["alice", "alice@example.org", "ALICE", "Alice@example.org", "alice"]
    for number, name in enumerate(names):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), name, "a wrong password")

    late = Client(REMOTE_ADDR="192.0.2.77", HTTP_HOST="127.0.0.1")
    answer = sign_in(late, "alice")
    assert answer.status_code == 200
    assert b"Wait five minutes" in answer.content
    assert "_auth_user_id" not in late.session


def test_whoever_knocks_too_often_gets_a_page_with_a_sentence(admin: Reader, client: Client) -> None:
    answers = [sign_in(client, f"name{number}", "wrong") for number in range(31)]

    assert answers[-1].status_code == 429
    assert answers[-1].headers["Retry-After"]
    assert b"Too many attempts" in answers[-1].content


def test_without_redis_a_reader_still_signs_in(alice: Reader, client: Client, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}

    assert sign_in(client, "alice").status_code == 302


def test_logout_takes_a_click_and_ends_the_session(alice: Reader) -> None:
    client = signed_in(alice)
    key = client.cookies["sessionid"].value

    assert client.get("/account/logout/").status_code == 200
    assert presence.is_still_allowed(reader_id=alice.pk, session_key=key)
    client.post("/account/logout/")
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key=key)


def test_after_signing_in_nobody_is_sent_elsewhere(admin: Reader, alice: Reader, client: Client) -> None:
    assert sign_in(client, "alice", next="https://evil.example/").headers["Location"] == "/"
    assert sign_in(Client(), "alice", next="//evil.example/").headers["Location"] == "/"
    assert sign_in(Client(), "alice", next="/settings/").headers["Location"] == "/settings/"


def test_the_admin_panel_has_no_door_of_its_own(admin: Reader, alice: Reader, client: Client) -> None:
    answer = client.post("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD})
    assert answer.headers["Location"].startswith(LOGIN)
    assert "_auth_user_id" not in client.session

    assert signed_in(alice).get("/admin/login/").status_code == 403


def test_a_forgotten_password_is_set_anew_and_ends_every_session(admin: Reader, alice: Reader, client: Client) -> None:
    elsewhere = signed_in(alice)
    answer = client.post("/account/password/reset/", {"email": "alice@example.org"}, HTTP_HOST="127.0.0.1")
    assert answer.headers["Location"] == "/account/password/reset/done/"

    words = next(line for line in mail.outbox[0].body.split() if "password/reset/key" in line)
    assert words.startswith("http://localhost:8000/account/password/reset/key/")  # MINDORY_URL, not the Host header
    page = client.get(words.removeprefix("http://localhost:8000"), follow=True)
    where = page.redirect_chain[-1][0]
    client.post(where, {"password1": "quite another battery", "password2": "quite another battery"})

    alice.refresh_from_db()
    assert alice.check_password("quite another battery")
    key = elsewhere.cookies["sessionid"].value
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key=key)
    assert b"Bad" in client.get(words.removeprefix("http://localhost:8000"), follow=True).content  # once


def test_asking_for_a_strangers_password_looks_the_same(admin: Reader, alice: Reader, client: Client) -> None:
    known = client.post("/account/password/reset/", {"email": "alice@example.org"})
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"})

    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


def test_a_changed_password_keeps_this_session_and_ends_the_others(alice: Reader) -> None:
    here, there = signed_in(alice), signed_in(alice)
    new = "quite another battery"

    answer = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.headers["Location"] == "/settings/"
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302


@pytest.mark.parametrize("path", [LOGIN, "/account/password/reset/", "/account/inactive/", "/account/logout/"])
def test_the_doors_wear_the_design_in_both_languages(admin: Reader, client: Client, path: str) -> None:
    english = client.get(path, follow=True)
    chinese = client.get(path, follow=True, HTTP_ACCEPT_LANGUAGE="zh-CN")

    assert b'class="brand"' in english.content
    assert b'lang="en"' in english.content
    assert b'lang="zh-hans"' in chinese.content
    assert b"<style" not in english.content
    assert b" style=" not in english.content
