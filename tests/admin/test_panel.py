"""The admin panel: who gets in, what it shows, what it costs, and what its actions do."""

import pytest
from django.contrib import admin as panel
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from books.models import Book, Job, Reply
from books.store import BookStore
from mindory_web.accounts.models import ApiKey, Deed, Invitation, Reader
from tests.admin.conftest import SECRET, fill
from tests.conftest import PASSWORD, signed_in

LISTS = sorted(
    reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in panel.site._registry
)


def test_the_panel_lists_exactly_what_it_should() -> None:
    assert {model.__name__ for model in panel.site._registry} == {
        "Reader",
        "Invitation",
        "ApiKey",
        "UserSession",
        "Deed",
        "Book",
        "Job",
        "Conversation",
        "Reply",
        "Mind",
        "Space",
    }


@pytest.mark.parametrize("address", [*LISTS, "/admin/", "/admin/engines/", "/admin/act/1/retry/"])
def test_only_admins_get_in(address: str, alice: Reader) -> None:
    nobody = Client().get(address)
    assert nobody.status_code == 302
    assert nobody.headers["Location"].startswith(("/admin/login/", "/account/login/"))

    reader = signed_in(alice).get(address, follow=True)
    assert reader.status_code == 403


def test_the_panel_has_no_door_of_its_own(admin: Reader) -> None:
    visitor = Client()

    assert visitor.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/account/login/?next=")
    refused = visitor.post("/admin/login/", {"username": "ada", "password": PASSWORD})
    assert (refused.status_code, refused.headers["Location"]) == (302, "/account/login/?next=/admin/")


@pytest.mark.parametrize("address", [*LISTS, "/admin/"])
def test_a_page_costs_the_same_for_any_number_of_rows(address: str, admin: Reader, filled: None) -> None:
    browser = signed_in(admin)
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(address)
    fill(admin, times=9)
    with CaptureQueriesContext(connection) as many:
        assert browser.get(address).status_code == 200

    assert len(many) <= len(few), [query["sql"] for query in many.captured_queries]
    assert len(many) < 40


@pytest.mark.parametrize("address", [*LISTS, "/admin/"])
def test_nothing_that_was_asked_or_answered_is_shown(address: str, admin: Reader, filled: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        page = signed_in(admin).get(address).content.decode()

    assert SECRET not in page
    assert not any('"books_reply"."text"' in query["sql"] for query in asked.captured_queries)


def test_a_conversation_has_no_page(admin: Reader, filled: None) -> None:
    reply = Reply.objects.all()[0]
    browser = signed_in(admin)

    assert browser.get(f"/admin/books/reply/{reply.pk}/change/").status_code in {403, 302}
    assert browser.get(f"/admin/books/conversation/{reply.conversation_id}/change/").status_code in {403, 302}
    assert SECRET not in browser.get(f"/admin/books/reply/{reply.pk}/change/", follow=True).content.decode()


def test_a_book_has_a_page_that_changes_nothing(admin: Reader, filled: None) -> None:
    book = Book.objects.all()[0]
    browser = signed_in(admin)

    assert "It is damaged." in browser.get(f"/admin/books/book/{book.pk}/change/").content.decode()
    assert browser.post(f"/admin/books/book/{book.pk}/change/", {"title": "Mine"}).status_code == 403
    assert browser.post(f"/admin/books/book/{book.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Book.objects.filter(pk=book.pk).exclude(title="Mine").exists()


def run(browser: Client, name: str, action: str, *keys: int) -> str:
    """Carry out an action on rows of a list and return the page that follows."""
    address = reverse(f"admin:{name}_changelist")
    sent = {"action": action, "_selected_action": [str(key) for key in keys]}
    return browser.post(address, sent, follow=True).content.decode()


def test_books_are_retried_cancelled_and_read_again_and_each_is_written_down(admin: Reader, filled: None) -> None:
    book = Book.objects.all()[0]
    browser = signed_in(admin)

    run(browser, "books_book", "retry", book.pk)
    assert Job.objects.filter(book=book, state="queued").count() == 1
    assert "already working" in run(browser, "books_book", "reingest", book.pk)
    run(browser, "books_book", "cancel", book.pk)
    run(browser, "books_book", "reingest", book.pk)

    assert [deed.action for deed in Deed.objects.filter(action__startswith="book.").order_by("pk")] == [
        "book.retry",
        "book.cancel",
        "book.reingest",
    ]
    assert Deed.objects.filter(action="book.retry").get().actor == admin


def test_a_failed_book_is_retried_from_the_dashboard(admin: Reader, filled: None) -> None:
    book = Book.objects.all()[0]
    browser = signed_in(admin)

    assert browser.get(f"/admin/act/{book.pk}/retry/").status_code == 405
    page = browser.post(f"/admin/act/{book.pk}/retry/", follow=True).content.decode()
    assert "is on its way again" in page
    assert browser.post(f"/admin/act/{book.pk}/delete/").status_code == 403


def test_closing_an_account_ends_its_sessions(admin: Reader, alice: Reader) -> None:
    hers = signed_in(alice)
    hers.get("/settings/")
    run(signed_in(admin), "accounts_reader", "deactivate", alice.pk)
    alice.refresh_from_db()

    assert not alice.is_active
    assert hers.get("/api/v1/me").status_code == 401
    run(signed_in(admin), "accounts_reader", "activate", alice.pk)
    assert Reader.objects.get(pk=alice.pk).is_active
    assert set(Deed.objects.values_list("action", flat=True)) >= {"reader.deactivated", "reader.activated"}


def test_the_last_admin_stays(admin: Reader) -> None:
    browser = signed_in(admin)

    assert "last admin" in run(browser, "accounts_reader", "make_reader", admin.pk)
    assert "last admin" in run(browser, "accounts_reader", "deactivate", admin.pk)
    assert Reader.objects.get(pk=admin.pk).is_admin


def test_a_role_cannot_be_changed_by_a_form(admin: Reader, alice: Reader) -> None:
    sent = {"username": "alicia", "email": "alice@example.org", "language": "", "is_superuser": "on", "is_staff": "on"}
    signed_in(admin).post(f"/admin/accounts/reader/{alice.pk}/change/", sent)
    alice.refresh_from_db()

    assert (alice.username, alice.is_superuser, alice.is_staff) == ("alicia", False, False)
    assert Deed.objects.get(action="reader.changed").details == {"fields": ["username"]}


def test_an_invitation_is_made_shown_once_and_withdrawn(admin: Reader) -> None:
    browser = signed_in(admin)
    page = browser.post("/admin/accounts/invitation/add/", {"email": "new@example.org"}, follow=True).content.decode()
    made = Invitation.objects.get()

    assert "/invitation/" in page
    assert "/invitation/" not in browser.get("/admin/accounts/invitation/").content.decode().replace(
        "accounts/invitation/", ""
    )
    again = browser.post("/admin/accounts/invitation/add/", {"email": "ada@example.org"}, follow=True).content.decode()
    assert "is here already" in again
    run(browser, "accounts_invitation", "withdraw", made.pk)
    assert not Invitation.objects.exists()


def test_a_key_is_revoked_and_its_secret_is_nowhere(admin: Reader, filled: None) -> None:
    key = ApiKey.objects.all()[0]
    browser = signed_in(admin)
    page = browser.get("/admin/accounts/apikey/").content.decode()
    run(browser, "accounts_apikey", "revoke_keys", key.pk)

    assert key.prefix in page
    assert bytes(key.digest).hex() not in page
    assert ApiKey.objects.get(pk=key.pk).revoked_at


@pytest.mark.parametrize("name", ["accounts_deed", "books_reply", "books_conversation", "engines_space"])
def test_what_is_a_record_cannot_be_added_or_deleted(name: str, admin: Reader, filled: None) -> None:
    browser = signed_in(admin)
    before = Deed.objects.count()

    assert browser.post(reverse(f"admin:{name}_add"), {}).status_code == 403
    run(browser, name, "delete_selected", *Deed.objects.values_list("pk", flat=True))
    assert Deed.objects.count() == before


def test_a_removed_book_is_listed_as_such(admin: Reader, alice: Reader) -> None:
    book = Book.objects.create(owner=alice, digest="7" * 64, file_name="a.txt", file_size=1, title="Gone for now")
    BookStore(alice).remove(book.pk)

    page = signed_in(admin).get("/admin/books/book/").content.decode()

    assert "Gone for now" in page
    assert "Removed" in page


def test_an_admin_deletes_a_reader_after_being_told_what_goes(admin: Reader, alice: Reader, bob: Reader) -> None:
    browser = signed_in(admin)
    address = reverse("admin:accounts_reader_changelist")
    chosen = {"action": "delete_readers", "_selected_action": [alice.pk, admin.pk]}

    told = browser.post(address, chosen).content.decode()
    assert "Delete these 2 readers?" in told
    assert Reader.objects.filter(is_active=True).count() == 3

    answer = browser.post(address, {**chosen, "sure": "yes"}, follow=True).content.decode()
    assert "last admin" in answer
    assert "Being deleted" in answer
    assert {reader.username for reader in Reader.objects.filter(is_active=True)} == {"ada", "bob"}
    assert (Deed.objects.get().action, Deed.objects.get().subject) == ("reader.deleted", "alice")
