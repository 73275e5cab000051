"""A whole installation into a file and back, with real books, and what must be refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mindory_web.embedded.site import BASE

pytestmark = pytest.mark.faults  # starts servers of its own, four times

# Everything a reader leaves behind: a book with its file, text, words and vectors, a talk with a citation, a key.
FILL = """
from django.core.files.base import ContentFile
from books import pictures
from books.models import Book, Citation, Conversation, Passage, ReadingPlace, Reply, Section
from books.retrieval.lexical import index_passages
from books.store import BookStore
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector
preparing.prepare_database()
alice = Reader.objects.create_user("alice", "alice@example.org", "correct horse battery")
book = BookStore(alice).shelve(ContentFile("Once upon a time \\u2014 红楼梦".encode()), name="tale.txt").book
Section.objects.create(book=book, number=0, title="One", text="Once upon a time", blocks=[{"kind": "p"}])
Passage.objects.create(book=book, number=0, section=0, start=0, end=16)
index_passages(book.pk, [(0, "Once upon a time — 红楼梦")], language="zh")
space = Space.objects.create(collection="books", model="m", dimension=3)
Vector.objects.create(space=space, group=book.pk, item=0, embedding=[1, 0, 0.5])
talk = Conversation.objects.create(reader=alice, book=book, title="A talk")
reply = Reply.objects.create(conversation=talk, question="When?", text="Then [1].", state="done")
Citation.objects.create(reply=reply, number=1, book=book, section=0, start=0, end=4, quote="Once")
ReadingPlace.objects.create(reader=alice, book=book, section=0, offset=7)
book.own_cover = "ab" * 32 + ".png"
book.save()
pictures.path_of(book.own_cover).parent.mkdir(parents=True)
pictures.path_of(book.own_cover).write_text("her own cover")
told = {"key": keys.make(alice, "script")[1]}
"""
LOOK = """
from django.db import connection
from books import pictures
from books.models import Book
from books.store import BookStore
from mindory_web.accounts import keys
told = {}
with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        rows = f"SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {table} t"
        cursor.execute(rows)
        told[table] = list(cursor.fetchone())
reader = keys.reader_of(sys.argv[1])
for book in Book.objects.all():
    told["cover"] = pictures.path_of(book.own_cover).read_text()
    told["reader"], told["file"] = reader and reader.username, BookStore(book.owner).path(book).read_text()
"""
FRAME = """
import json, sys, django
django.setup()
from mindory_web import preparing
from mindory_web.backups.whole import a_database
with a_database():
    exec(sys.argv.pop(1))
    print(json.dumps(told))
"""


class Place:
    """An installation that nobody runs."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.environment = {
            "PATH": os.environ["PATH"],
            "MINDORY_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "mindory_web.settings",
            "MINDORY_LOG_LEVEL": "ERROR",
        }

    def told(self, script: str, *words: str) -> dict[str, object]:
        done = self.run("-c", FRAME, script, *words)
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
        return found

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.run("manage.py", *words)

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=BASE, env=self.environment, check=False, capture_output=True, text=True)


def test_an_empty_installation_becomes_the_saved_one(scratch: Path) -> None:
    old, new = Place(scratch / "old"), Place(scratch / "new")
    key = str(old.told(FILL)["key"])
    before = old.told(LOOK, "no key")  # to look with the key would change its row
    saved = scratch / "saved.tar"

    done = old.manage("backup", str(saved))
    assert done.returncode == 0, done.stderr
    assert "1 reader(s), 1 book(s), 1 conversation(s), 1 reply(s)" in done.stdout
    assert saved.stat().st_mode & 0o077 == 0
    assert "is there already" in old.manage("backup", str(saved)).stderr
    assert not list(old.data.glob(".backup-*"))

    done = new.manage("restore", str(saved))
    assert done.returncode == 0, done.stderr
    after = new.told(LOOK, key)
    assert after.pop("reader") == "alice"
    assert before.pop("reader") is None
    assert after == before

    done = new.manage("restore", str(saved))
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "CommandError: This installation is not empty: restore into a new MINDORY_DATA or an empty database."
    )


def test_a_backup_of_a_newer_mindory_or_a_damaged_one_changes_nothing(scratch: Path) -> None:
    old, new = Place(scratch / "old"), Place(scratch / "new")
    old.told("""preparing.prepare_database()
from django.db.migrations.recorder import MigrationRecorder
from django.db import connection
MigrationRecorder(connection).record_applied("books", "9999_from_the_future")
told = {}""")
    saved = scratch / "saved.tar"
    assert old.manage("backup", str(saved)).returncode == 0
    done = new.manage("restore", str(saved))
    assert done.returncode == 1
    assert "made by a newer Mindory" in done.stderr
    assert "books.9999_from_the_future" in done.stderr

    text = saved.read_bytes()
    saved.write_bytes(text[:2000] + b"?" + text[2001:])
    done = new.manage("restore", str(saved))
    assert done.returncode == 1
    assert not (new.data / "postgres").exists()
    assert "is not a backup" in new.manage("restore", str(BASE / "manage.py")).stderr
