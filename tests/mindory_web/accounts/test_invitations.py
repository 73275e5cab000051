"""Who may sign up, under each policy; an invitation works once, within a week."""

import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from mindory_web.accounts import invitations
from mindory_web.accounts.models import Deed, Invitation, Reader
from mindory_web.lib.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.conftest import signed_in

SIGNUP = "/account/signup/"
NEW = {"email": "nora@example.org", "username": "nora", "password1": "correct horse battery"}


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def test_an_invitation_lets_one_person_in_and_signs_them_in(admin: Reader, client: Client) -> None:
    _invitation, link = invitations.invite(admin)

    assert client.get(path_of(link)).headers["Location"] == SIGNUP
    answer = client.post(SIGNUP, NEW)
    nora = Reader.objects.get(username="nora")
    assert answer.headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(nora.pk)
    assert not nora.is_staff
    assert nora.invitation.used_at is not None
    assert [deed.action for deed in Deed.objects.all()] == ["invitation.used", "invitation.made"]


def test_the_same_link_does_not_work_twice(admin: Reader, client: Client) -> None:
    _invitation, link = invitations.invite(admin)
    client.get(path_of(link))
    client.post(SIGNUP, NEW)

    answer = Client().get(path_of(link))
    assert answer.status_code == 404
    assert b"This link has ended" in answer.content


def test_without_an_invitation_the_form_is_closed(admin: Reader, client: Client) -> None:
    assert b"By invitation" in client.get(SIGNUP).content
    client.post(SIGNUP, NEW)
    assert not Reader.objects.filter(username="nora").exists()


def test_an_old_or_withdrawn_invitation_opens_nothing(admin: Reader, client: Client) -> None:
    old, link = invitations.invite(admin)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path_of(link)).status_code == 404

    withdrawn, link = invitations.invite(admin)
    client.get(path_of(link))
    invitations.withdraw(admin, withdrawn.pk)
    client.post(SIGNUP, NEW)
    assert not Reader.objects.filter(username="nora").exists()


def test_the_invitation_of_a_closed_admin_opens_nothing(admin: Reader, client: Client) -> None:
    _invitation, link = invitations.invite(admin)
    admin.is_active = False
    admin.save()

    assert client.get(path_of(link)).status_code == 404


def test_an_invitation_for_one_address_serves_no_other(admin: Reader, client: Client) -> None:
    _invitation, link = invitations.invite(admin, email="Nora@Example.org")
    client.get(path_of(link))

    page = client.post(SIGNUP, {**NEW, "email": "eve@example.org"})
    assert b"for another e-mail address" in page.content
    client.post(SIGNUP, NEW)
    assert EmailAddress.objects.get(user__username="nora").verified


@pytest.mark.django_db(transaction=True)
def test_of_many_sign_ups_at_once_with_one_link_exactly_one_succeeds(admin: Reader) -> None:
    _invitation, link = invitations.invite(admin)
    visitors = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(4)]
    for visitor in visitors:
        assert visitor.get(path_of(link)).status_code == 302
    start = threading.Barrier(len(visitors))
    answers: list[int] = []

    def sign_up(visitor: Client, number: int) -> None:
        start.wait()
        try:
            new = {**NEW, "email": f"n{number}@example.org", "username": f"nora{number}"}
            answers.append(visitor.post(SIGNUP, new).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_up, args=pair) for pair in zip(visitors, range(4), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(302) == 1
    assert Reader.objects.filter(username__startswith="nora").count() == 1


def test_using_it_again_is_a_conflict_not_a_second_reader(admin: Reader, alice: Reader, bob: Reader) -> None:
    invitation, _link = invitations.invite(admin)
    invitations.use(invitation, alice)
    with pytest.raises(Conflict):
        invitations.use(invitation, bob)
    invitation.refresh_from_db()
    assert invitation.used_by == alice


def test_only_admins_invite(alice: Reader) -> None:
    with pytest.raises(NotAllowed):
        invitations.invite(alice)
    assert signed_in(alice).post("/settings/invitations/", {"email": ""}).status_code == 403
    assert b"Invitations" not in signed_in(alice).get("/settings/").content


def test_an_admin_invites_and_withdraws_on_the_settings_page(admin: Reader) -> None:
    client = signed_in(admin)

    page = client.post("/settings/invitations/", {"email": "nora@example.org"})
    invitation = Invitation.objects.get()
    assert page.status_code == 201
    assert b"http://localhost:8000/invitation/" in page.content
    assert b"/invitation/" not in client.get("/settings/").content  # shown once
    client.post(f"/settings/invitations/{invitation.pk}/withdraw/")
    assert not Invitation.objects.exists()
    with pytest.raises(NotFound):
        invitations.withdraw(admin, invitation.pk)


def test_only_a_digest_of_the_link_is_kept(admin: Reader) -> None:
    _invitation, link = invitations.invite(admin)
    assert link.rstrip("/").rsplit("/", 1)[1] not in str(Invitation.objects.values_list().get())


def test_the_link_is_not_in_the_log(admin: Reader, client: Client, caplog: Any) -> None:
    _invitation, link = invitations.invite(admin)
    with caplog.at_level("INFO"):
        client.get(path_of(link))
    assert "GET /invitation/…/" in caplog.text
    assert link.rstrip("/").rsplit("/", 1)[1] not in caplog.text


def test_who_is_here_is_not_invited_again(admin: Reader, alice: Reader) -> None:
    with pytest.raises(Invalid):
        invitations.invite(admin, email="ALICE@example.org")


def test_where_mail_is_set_up_the_link_is_sent(admin: Reader, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"

    page = signed_in(admin).post("/settings/invitations/", {"email": "nora@example.org"})
    assert b"Sent to nora@example.org" in page.content
    assert mail.outbox[0].to == ["nora@example.org"]
    assert "http://localhost:8000/invitation/" in mail.outbox[0].body


def test_closed_means_closed(admin: Reader, client: Client, settings: Any) -> None:
    _invitation, link = invitations.invite(admin)
    settings.SIGNUP = "closed"

    assert client.get(path_of(link)).status_code == 404
    assert b"Sign-up is closed" in client.get(SIGNUP).content
    client.post(SIGNUP, NEW)
    assert not Reader.objects.filter(username="nora").exists()
    with pytest.raises(CommandError):
        call_command("invite", "nora@example.org")


def test_open_means_open(admin: Reader, client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"

    assert client.post(SIGNUP, NEW).status_code == 302
    assert Reader.objects.get(username="nora").is_active


def test_names_differ_by_more_than_capitals(admin: Reader, alice: Reader, client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"

    client.post(SIGNUP, {**NEW, "username": "ALICE"})
    client.post(SIGNUP, {**NEW, "email": "ALICE@example.org"})
    assert Reader.objects.count() == 2


def test_an_open_door_with_mail_does_not_tell_who_is_here(
    admin: Reader, alice: Reader, client: Client, settings: Any
) -> None:
    settings.SIGNUP = "open"
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    known = client.post(SIGNUP, {**NEW, "email": "alice@example.org", "username": "nora1"})
    unknown = Client().post(SIGNUP, {**NEW, "username": "nora2"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert not Reader.objects.filter(username="nora1").exists()
    assert {message.to[0] for message in mail.outbox} == {"alice@example.org", "nora@example.org"}


def test_a_new_address_of_an_open_door_is_confirmed_by_its_link(admin: Reader, client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(SIGNUP, NEW)
    assert "_auth_user_id" not in client.session

    link = next(word for word in mail.outbox[0].body.split() if "confirm-email" in word)
    assert link.startswith("http://localhost:8000/")
    client.post(path_of(link))
    assert EmailAddress.objects.get(user__username="nora").verified


def test_an_admin_made_on_the_command_line_needs_no_confirmation(admin: Reader, client: Client, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    client.post("/account/login/", {"login": "ada", "password": "correct horse battery"})
    assert client.session["_auth_user_id"] == str(admin.pk)


def test_the_command_line_invites(db: None, client: Client) -> None:
    Reader.objects.create_superuser("ada", "ada@example.org", "x")
    out = StringIO()
    call_command("invite", "nora@example.org", stdout=out)

    assert client.get(path_of(out.getvalue().strip())).status_code == 302
    assert Deed.objects.get().actor is None
