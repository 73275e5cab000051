"""A reader who leaves takes everything along, at once for everybody, and to the last file even when processes die."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from books import files, leaving, store
from books.chat import log, wire
from books.models import Annotation, Book, Conversation, Reply, Section
from books.store import BookStore
from books.uploads import Uploads
from mindory_web.accounts import deleting, invitations, keys, presence, readers
from mindory_web.accounts.models import Deed, Invitation, Reader
from mindory_web.engines.models import Space, Vector
from mindory_web.lib.errors import Conflict
from tests.books_made import TALE_EPUB, shelved
from tests.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of(reader_id: int) -> list[str]:
    """Return the tables that still name a reader, or a book that is not there."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a "
            "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'f' AND c.confrelid = 'accounts_reader'::regclass"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM {table} WHERE "{column}" = %s', [reader_id])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.fixture
def settled(alice: Reader) -> Book:
    """Give alice one of everything."""
    book = shelved(alice, TALE_EPUB, name="tale.epub")
    Section.objects.create(book=book, number=0, text="Call me Ishmael.")
    Annotation.objects.create(reader=alice, book=book, section=0, start=0, end=4, quote="Call")
    talk = Conversation.objects.create(reader=alice, title="Everything")
    reply = Reply.objects.create(conversation=talk, question="Who?", state="done")
    wire.client_now().xadd(log.key(reply.pk), {"f": "{}"}, id="1-1")
    space = Space.objects.create(collection="books", model="m", dimension=2)
    Vector.objects.create(space=space, group=book.pk, item=1, embedding=[0, 1])
    removed = shelved(alice, b"Another tale.", name="other.txt")
    BookStore(alice).remove(removed.pk)
    Uploads(alice).begin(size=10, name="coming.txt")
    keys.make(alice, "phone")
    return book


def kept_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_everything_of_a_reader_goes(alice: Reader, admin: Reader, settled: Book) -> None:
    client = signed_in(alice)
    pk, key, reply = alice.pk, log.key(Reply.objects.get().pk), settled.owner.api_keys.get()
    assert len(kept_files()) >= 2

    deleting.delete_reader(admin, alice)

    assert client.get("/settings/").status_code == 302
    assert not presence.is_still_allowed(reader_id=pk, api_key_id=reply.pk)
    assert not Client().login(username="alice", password=PASSWORD)
    call_command("reaper", once=True)
    assert not Reader.objects.filter(pk=pk).exists()
    assert rows_of(pk) == []
    assert Vector.objects.count() == Book.every.count() == Section.objects.count() == 0
    assert kept_files() == []
    assert not wire.client_now().exists(key)
    deed = Deed.objects.get(action="reader.deleted")
    assert (deed.subject, deed.actor, deed.details) == ("alice", admin, {"by": "ada"})


def test_a_file_that_another_reader_has_stays_with_them(
    alice: Reader, bob: Reader, admin: Reader, settled: Book
) -> None:
    his = shelved(bob, TALE_EPUB, name="tale.epub")

    deleting.delete_reader(None, alice)
    deleting.finish()

    assert BookStore(bob).path(his).exists()
    assert [path.name for path in kept_files()] == [his.digest]


def test_it_goes_on_where_it_was_killed(alice: Reader, settled: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after each of its steps in turn; nothing is left in the end."""
    pk = alice.pk
    deleting.delete_reader(None, alice)
    for verb in ("_gone", "_delete"):
        with monkeypatch.context() as patched:
            patched.setattr(BookStore, verb, _killed)
            with pytest.raises(KeyboardInterrupt):
                deleting.finish()
        assert Reader.objects.filter(pk=pk).exists()

    assert deleting.finish() == 1
    for part in range(256):
        store.sweep(part)  # the file whose row went when its process was killed
    assert rows_of(pk) == []
    assert kept_files() == []


def _killed(*_args: Any, **_named: Any) -> None:
    raise KeyboardInterrupt


def test_the_sweep_leaves_what_belongs_to_somebody(bob: Reader) -> None:
    his = shelved(bob, TALE_EPUB, name="tale.epub")
    loose = files.path_of("ab" * 32)
    loose.parent.mkdir(parents=True, exist_ok=True)
    loose.write_bytes(b"nobody's")

    assert sum(store.sweep(part) for part in range(256)) == 1
    assert [path.name for path in kept_files()] == [his.digest]


def test_the_last_admin_cannot_go(admin: Reader, alice: Reader) -> None:
    with pytest.raises(Conflict):
        deleting.delete_reader(admin, admin)
    admin.refresh_from_db()
    assert admin.is_active

    readers.set_role(admin, alice, is_admin=True)
    deleting.delete_reader(alice, admin)
    with pytest.raises(Conflict):
        deleting.delete_reader(alice, alice)


def test_who_is_leaving_cannot_be_let_in_again(admin: Reader, alice: Reader) -> None:
    deleting.delete_reader(admin, alice)

    with pytest.raises(Conflict):
        readers.activate(admin, alice)
    with pytest.raises(Conflict):
        deleting.delete_reader(admin, alice)
    alice.refresh_from_db()
    assert not alice.is_active
    assert deleting.is_leaving(alice)


def test_what_an_admin_did_stays_with_their_name_and_their_invitations_go(admin: Reader, alice: Reader) -> None:
    readers.set_role(None, alice, is_admin=True)
    invitations.invite(alice, email="x@example.org")
    made = Deed.objects.get(action="invitation.made")

    deleting.delete_reader(admin, alice)
    deleting.finish()

    made.refresh_from_db()
    assert made.actor is None
    assert made.details["by"] == "alice"
    assert not Invitation.objects.exists()


def test_leaving_twice_is_leaving_once(alice: Reader, settled: Book) -> None:
    leaving.forget(reader=alice)
    leaving.forget(reader=alice)

    assert Book.every.count() == 0
