"""The first visit makes one admin, and only who holds the link can make it."""

import threading
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from mindory_web.accounts import first_admin
from mindory_web.accounts.models import Deed, Reader, SetupLink

NEW = {"username": "Nora", "email": "Nora@Example.org", "password": "correct horse battery"}


def printed() -> str:
    out = StringIO()
    call_command("setup_link", stdout=out)
    return out.getvalue().strip()


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def test_the_link_makes_the_first_admin_and_signs_them_in(db: None, client: Client) -> None:
    link = printed()
    assert link.startswith("http://localhost:8000/setup/?token=")
    token = token_of(link)
    assert b"Who runs this library?" in client.get("/setup/", {"token": token}).content

    answer = client.post("/setup/", {"token": token, **NEW})
    admin = Reader.objects.get()
    assert answer.headers["Location"] == "/"
    assert admin.is_admin
    assert admin.email == "nora@example.org"
    assert client.session["_auth_user_id"] == str(admin.pk)
    assert Deed.objects.get().action == "admin.first"


def test_after_that_nothing_is_printed_and_the_link_opens_nothing(db: None, client: Client) -> None:
    token, other = token_of(printed()), token_of(printed())
    client.post("/setup/", {"token": token, **NEW})

    assert printed() == ""
    assert not first_admin.opens(other)
    late = Client().post("/setup/", {"token": other, **NEW, "username": "eve", "email": "eve@example.org"})
    assert late.headers["Location"] == "/"
    assert Reader.objects.count() == 1


def test_two_links_printed_by_two_replicas_both_work_until_one_is_used(db: None) -> None:
    assert first_admin.opens(token_of(printed()))
    assert SetupLink.objects.count() == 1
    assert first_admin.opens(token_of(printed()))
    assert SetupLink.objects.count() == 2


def test_only_a_digest_of_the_link_is_kept(db: None) -> None:
    token = token_of(printed())
    assert token not in str(SetupLink.objects.values_list().get())


def test_an_old_link_opens_nothing(db: None, client: Client) -> None:
    token = token_of(printed())
    SetupLink.objects.update(created_at=timezone.now() - first_admin.LASTS - timedelta(seconds=1))

    assert not first_admin.opens(token)
    answer = client.post("/setup/", {"token": token, **NEW})
    assert answer.status_code == 403
    assert b"too old" in answer.content
    assert not Reader.objects.exists()


@pytest.mark.parametrize("token", ["", "guessed", "é" * 43, "x" * 5000, "\x00"])
def test_without_the_link_nobody_becomes_admin(db: None, client: Client, token: str) -> None:
    printed()

    assert client.post("/setup/", {"token": token, **NEW}).status_code in {200, 403}
    assert not Reader.objects.exists()


def test_a_weak_password_is_told_and_makes_nobody(db: None, client: Client) -> None:
    token = token_of(printed())

    answer = client.post("/setup/", {"token": token, **NEW, "password": "nora"})
    assert answer.status_code == 422
    assert token.encode() in answer.content  # the form can be sent again
    assert not Reader.objects.exists()


def test_until_there_is_an_admin_the_doors_lead_to_the_set_up_page(db: None, client: Client) -> None:
    for path in ("/", "/account/login/", "/account/signup/"):
        assert client.get(path).headers["Location"] == "/setup/"
    assert b"in the terminal" in client.get("/setup/").content

    Reader.objects.create_superuser("ada", "ada@example.org", "x")
    assert client.get("/account/login/").status_code == 200
    assert client.get("/setup/").headers["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_of_many_first_visits_at_once_exactly_one_makes_the_admin() -> None:
    tokens = [token_of(printed()), token_of(printed())]
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def visit(number: int) -> None:
        start.wait()
        try:
            first_admin.make_admin(
                tokens[number % 2], username=f"n{number}", email=f"n{number}@example.org", password="x"
            )
            outcomes.append("made")
        except first_admin.SetUpAlready:
            outcomes.append("late")
        finally:
            connection.close()

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert sorted(outcomes) == ["late"] * 7 + ["made"]
    assert Reader.objects.count() == 1


def test_the_link_is_not_in_the_log(db: None, client: Client, caplog: Any) -> None:
    token = token_of(printed())
    with caplog.at_level("INFO"):
        client.get("/setup/", {"token": token})
    assert token not in caplog.text
