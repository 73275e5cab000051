"""The settings page: plain forms, every reader their own."""

from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from mindory_web.accounts import keys, presence, readers, sessions
from mindory_web.accounts.models import Deed, Reader
from mindory_web.lib.errors import Conflict
from tests.conftest import PASSWORD, signed_in

SETTINGS = "/settings/"


def test_it_is_for_who_is_signed_in(db: None, client: Client) -> None:
    assert client.get(SETTINGS).headers["Location"].startswith("/account/login/")


def test_every_form_carries_a_csrf_token_and_works_without_javascript(admin: Reader) -> None:
    page = signed_in(admin).get(SETTINGS).content.decode()

    assert page.count("<form") == page.count("csrfmiddlewaretoken")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    answer = strict.post("/settings/name/", {"first_name": "Eve"})
    assert answer.status_code == 403
    assert b"too old" in answer.content


def test_a_reader_changes_the_name_that_is_shown(alice: Reader) -> None:
    client = signed_in(alice)

    answer = client.post("/settings/name/", {"first_name": "Алиса 爱丽丝"}, follow=True)
    assert answer.redirect_chain == [(SETTINGS, 302)]
    assert "爱丽丝" in answer.content.decode()


def test_nobody_makes_themselves_an_admin_through_a_form(alice: Reader) -> None:
    client = signed_in(alice)
    everything = {"first_name": "A", "is_staff": "on", "is_superuser": "on", "email": "x@example.org", "id": "1"}
    client.post("/settings/name/", everything)

    alice.refresh_from_db()
    assert not alice.is_staff
    assert alice.email == "alice@example.org"


def test_without_mail_a_new_address_holds_at_once_given_the_password(alice: Reader) -> None:
    client = signed_in(alice)

    client.post("/settings/email/", {"email": "A@example.org", "password": PASSWORD})
    alice.refresh_from_db()
    assert alice.email == "a@example.org"
    assert Client().post("/account/login/", {"login": "a@example.org", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("a@example.org", "wrong", b"does not match"),
        ("bob@example.org", PASSWORD, b"cannot be used"),
        ("alice@example.org", PASSWORD, b"already"),
        ("no address", PASSWORD, b"valid email"),
    ],
)
def test_an_address_that_cannot_be_is_told(
    alice: Reader, bob: Reader, email: str, password: str, sentence: bytes
) -> None:
    answer = signed_in(alice).post("/settings/email/", {"email": email, "password": password})

    assert answer.status_code == 422
    assert sentence in answer.content
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_with_mail_a_new_address_waits_for_its_link(alice: Reader, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    client = signed_in(alice)

    client.post("/settings/email/", {"email": "a@example.org", "password": PASSWORD})
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    link = next(word for word in mail.outbox[0].body.split() if "confirm-email" in word)
    client.post(link.removeprefix("http://localhost:8000"))
    alice.refresh_from_db()
    assert alice.email == "a@example.org"


def test_a_password_is_not_guessed_through_the_address_form(alice: Reader) -> None:
    client = signed_in(alice)
    tries = [client.post("/settings/email/", {"email": "a@example.org", "password": "wrong"}) for _time in range(11)]

    assert tries[-1].status_code == 429
    assert tries[-1].headers["Retry-After"]


def test_the_readers_language_wins_over_the_browsers(alice: Reader) -> None:
    client = signed_in(alice)
    client.post("/settings/look/", {"language": "zh-hans", "theme": "sepia"})

    page = client.get(SETTINGS, HTTP_ACCEPT_LANGUAGE="en").content
    assert b'lang="zh-hans"' in page
    assert b'data-theme="sepia"' in page
    assert signed_in(alice).get(SETTINGS, HTTP_ACCEPT_LANGUAGE="en").content.count(b'lang="zh-hans"') == 1

    client.post("/settings/look/", {"language": "", "theme": ""})
    assert b'<html lang="en" data-icons' in client.get(SETTINGS, HTTP_ACCEPT_LANGUAGE="en").content


def test_a_language_that_is_not_there_is_refused(alice: Reader) -> None:
    assert signed_in(alice).post("/settings/look/", {"language": "xx", "theme": "neon"}).status_code == 422


def test_a_visitor_chooses_the_language_at_the_door(admin: Reader, client: Client) -> None:
    answer = client.post("/language/", {"language": "zh-hans", "next": "/account/login/"})
    assert answer.headers["Location"] == "/account/login/"
    assert b'<html lang="zh-hans"' in client.get("/account/login/", HTTP_ACCEPT_LANGUAGE="en").content

    away = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert away.headers["Location"] == "/"


def test_sessions_are_listed_and_ended_one_by_one(alice: Reader) -> None:
    here = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    there = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit Safari/605"})
    here.force_login(alice)
    there.force_login(alice)
    there.get(SETTINGS)
    page = here.get(SETTINGS).content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page

    other = next(one for one in sessions.sign_ins(alice, session_key=here.session.session_key) if not one.is_this)
    key = there.cookies["sessionid"].value
    here.post(f"/settings/sessions/{other.pk}/end/")
    assert not presence.is_still_allowed(reader_id=alice.pk, session_key=key)
    assert there.get(SETTINGS).status_code == 302
    assert here.get(SETTINGS).status_code == 200


def test_nobody_ends_someone_elses_session(alice: Reader, bob: Reader) -> None:
    client = signed_in(alice)
    client.get(SETTINGS)
    number = sessions.sign_ins(alice, session_key=None)[0].pk

    assert signed_in(bob).post(f"/settings/sessions/{number}/end/").status_code == 404
    assert client.get(SETTINGS).status_code == 200


def test_all_other_sessions_end_at_once(alice: Reader) -> None:
    here, there = signed_in(alice), signed_in(alice)
    here.get(SETTINGS)
    there.get(SETTINGS)

    here.post("/settings/sessions/end-others/")
    assert there.get(SETTINGS).status_code == 302
    assert here.get(SETTINGS).status_code == 200


def test_a_session_is_noted_once_a_minute_not_at_every_click(alice: Reader, django_assert_num_queries: Any) -> None:
    client = signed_in(alice)
    client.get("/source")
    with django_assert_num_queries(2):  # the session, the reader
        client.get("/source")


def test_a_key_is_shown_once_and_revoked(alice: Reader) -> None:
    client = signed_in(alice)

    page = client.post("/settings/keys/", {"name": "phone", "days": "30"})
    key = alice.api_keys.get()
    secret = page.content.decode().split('id="secret">')[1].split("<")[0]
    assert page.status_code == 201
    assert page.headers["Cache-Control"] == "no-store"
    assert keys.reader_of(secret) == alice
    assert key.expires_at is not None
    assert secret not in client.get(SETTINGS).content.decode()

    client.post(f"/settings/keys/{key.pk}/revoke/")
    assert keys.reader_of(secret) is None
    assert b"No keys yet" in client.get(SETTINGS).content


def test_sending_the_key_form_again_makes_no_second_key(alice: Reader) -> None:
    client = signed_in(alice)
    client.post("/settings/keys/", {"name": "phone", "days": ""})

    answer = client.post("/settings/keys/", {"name": "phone", "days": ""})
    assert answer.status_code == 422
    assert alice.api_keys.count() == 1


def test_the_command_line_makes_a_key(admin: Reader, alice: Reader) -> None:
    out = StringIO()
    call_command("api_key", "backup", stdout=out)
    assert keys.reader_of(out.getvalue().strip()) == admin

    out = StringIO()
    call_command("api_key", "phone", "--reader", "Alice@example.org", stdout=out)
    assert keys.reader_of(out.getvalue().strip()) == alice
    with pytest.raises(CommandError):
        call_command("api_key", "x", "--reader", "nobody")


def test_a_closed_account_loses_its_sessions_and_the_last_admin_stays(admin: Reader, alice: Reader) -> None:
    client = signed_in(alice)
    client.get(SETTINGS)

    readers.deactivate(admin, alice)
    assert client.get(SETTINGS).status_code == 302
    assert sessions.sign_ins(alice, session_key=None) == []
    with pytest.raises(Conflict):
        readers.deactivate(admin, admin)
    with pytest.raises(Conflict):
        readers.set_role(admin, admin, is_admin=False)
    readers.activate(admin, alice)
    readers.set_role(admin, alice, is_admin=True)
    readers.deactivate(alice, admin)
    assert [deed.action for deed in Deed.objects.all()] == [
        "reader.deactivated",
        "reader.role",
        "reader.activated",
        "reader.deactivated",
    ]


def test_how_books_look_is_kept_and_forgotten(alice: Reader) -> None:
    client = signed_in(alice)

    client.post("/settings/reading/", {"mode": "pages", "size": "22", "lead": "airy"})
    alice.refresh_from_db()
    assert alice.reading == {"mode": "pages", "size": "22", "lead": "airy", "keys": "off"}
    assert b'<option value="22" selected>' in client.get(SETTINGS).content
    assert client.post("/settings/reading/", {"size": "9000"}).status_code == 422

    client.post("/settings/reading/", {"forget": "1"})
    alice.refresh_from_db()
    assert alice.reading == {}


def test_how_conversations_begin_is_kept(alice: Reader) -> None:
    client = signed_in(alice)

    answer = client.post("/settings/talks/", {"default_scope": "reading", "is_limited": "on"})
    alice.refresh_from_db()
    assert answer.headers["Location"] == "/settings/#talks"
    assert (alice.default_scope, alice.is_limited) == ("reading", True)
    assert client.post("/settings/talks/", {"default_scope": "everything"}).status_code == 422


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [("alice", "wrong", b"does not match"), ("bob", PASSWORD, b"not the name"), ("", PASSWORD, b"required")],
)
def test_an_account_is_deleted_only_by_name_and_password(
    alice: Reader, username: str, password: str, sentence: bytes
) -> None:
    answer = signed_in(alice).post("/settings/delete/", {"username": username, "password": password})

    assert answer.status_code == 422
    assert sentence in answer.content
    alice.refresh_from_db()
    assert alice.is_active


def test_who_deletes_their_account_is_out_at_once_and_the_browser_forgets(alice: Reader) -> None:
    here, there = signed_in(alice), signed_in(alice)

    answer = here.post("/settings/delete/", {"username": "Alice", "password": PASSWORD})

    assert b"Your account is deleted" in answer.content
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert there.get(SETTINGS).status_code == 302
    assert Client().post("/account/login/", {"login": "alice", "password": PASSWORD}).status_code != 302
    assert Deed.objects.get().action == "reader.deleted"


def test_the_last_admin_is_told_why_they_cannot_go(admin: Reader) -> None:
    answer = signed_in(admin).post("/settings/delete/", {"username": "ada", "password": PASSWORD})

    assert answer.status_code == 422
    assert b"last admin" in answer.content
    assert signed_in(admin).get(SETTINGS).status_code == 200


def test_every_answer_says_for_whom_it_may_be_kept(alice: Reader, bob: Reader) -> None:
    hers = signed_in(alice).get(SETTINGS).headers["Kept-For"]

    assert len(hers) == 24
    assert signed_in(alice).get("/api/v1/me").headers["Kept-For"] == hers
    assert signed_in(bob).get(SETTINGS).headers["Kept-For"] not in {hers, "-"}
    assert Client().get("/account/login/").headers["Kept-For"] == "-"


def test_a_browser_that_does_not_stay_signed_in_keeps_nothing(alice: Reader) -> None:
    door = {"login": "alice", "password": PASSWORD}
    passing, staying = Client(), Client()
    passing.post("/account/login/", door)
    staying.post("/account/login/", {**door, "remember": "on"})

    assert passing.get(SETTINGS).headers["Kept-For"] == "-"
    assert b"did not choose to stay" in passing.get(SETTINGS).content
    assert staying.get(SETTINGS).headers["Kept-For"] != "-"
    staying.post("/settings/device/", {})
    assert staying.get(SETTINGS).headers["Kept-For"] == "-"
    staying.post("/settings/device/", {"keep": "on"})
    assert staying.get(SETTINGS).headers["Kept-For"] != "-"


def test_signing_out_has_the_browser_forget(alice: Reader) -> None:
    client = signed_in(alice)

    assert "Clear-Site-Data" not in client.get(SETTINGS).headers
    assert client.post("/account/logout/").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/account/login/").headers
