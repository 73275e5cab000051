"""What is kept of files that come in pieces, when processes die, time passes, or the disk is full."""

import os
import random
import resource
import signal
import threading
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from books import files, uploads
from books.errors import ServerFull, WrongOffset
from books.models import Book, Job, Upload
from books.store import BookStore
from books.uploads import EMPTY_KEPT, IDLE, KEPT, MOST, Uploads
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound, TooMany
from tests.books_made import TALE_EPUB, shelved

pytestmark = pytest.mark.django_db(transaction=True)

HALF = len(TALE_EPUB) // 2


def begun(reader: Reader, *, received: bytes = b"") -> Upload:
    mine = Uploads(reader)
    upload = mine.begin(size=len(TALE_EPUB), name="tale.epub")
    return mine.append(upload.pk, offset=0, chunks=[received]) if received else upload


def path_of(upload: Upload) -> Path:
    return files.piece(upload.pk.hex)


def aged(upload: Upload, by: timedelta) -> None:
    Upload.objects.filter(pk=upload.pk).update(expires_at=upload.expires_at - by)


def test_bytes_that_were_written_and_not_told_of_are_written_anew(alice: Reader) -> None:
    upload = begun(alice, received=TALE_EPUB[:HALF])
    with path_of(upload).open("ab") as piece:
        piece.write(b"what a killed process wrote")

    Uploads(alice).append(upload.pk, offset=HALF, chunks=[TALE_EPUB[HALF:]])

    assert files.path_of(Book.objects.get().digest).read_bytes() == TALE_EPUB


@pytest.mark.parametrize("is_placed", [False, True])
def test_a_whole_file_whose_process_died_becomes_a_book(alice: Reader, is_placed: bool) -> None:
    upload = begun(alice, received=TALE_EPUB[:HALF])
    path_of(upload).write_bytes(TALE_EPUB)
    Upload.objects.filter(pk=upload.pk).update(received=len(TALE_EPUB))
    if is_placed:  # it died after the file got its place, and before the book was committed
        files.place(files.whole(path_of(upload)))

    found = Uploads(alice).one(upload.pk)

    assert (found.book, found.is_new) == (Book.objects.get(), True)
    assert files.path_of(Book.objects.get().digest).read_bytes() == TALE_EPUB
    assert not path_of(upload).exists()


def test_a_whole_file_that_nobody_asks_for_becomes_a_book_by_the_sweep(alice: Reader) -> None:
    upload = begun(alice, received=TALE_EPUB[:HALF])
    path_of(upload).write_bytes(TALE_EPUB)
    Upload.objects.filter(pk=upload.pk).update(received=len(TALE_EPUB))

    uploads.sweep()
    assert Book.objects.count() == 0  # its own process may be at it
    aged(upload, timedelta(minutes=2))
    uploads.sweep()

    assert Upload.objects.get().book == Book.objects.get()


def test_what_is_too_old_goes_with_its_bytes_and_the_rest_stays(alice: Reader, bob: Reader) -> None:
    old, young = begun(alice, received=TALE_EPUB[:9]), begun(bob, received=TALE_EPUB[:9])
    aged(old, KEPT + timedelta(minutes=1))
    orphan = files.piece("0" * 32)
    orphan.write_bytes(b"of a reader who is gone")
    os.utime(orphan, (time.time() - 7200,) * 2)

    with pytest.raises(NotFound):
        Uploads(alice).one(old.pk)
    assert uploads.sweep() == 2

    assert list(Upload.objects.all()) == [young]
    assert list(path_of(old).parent.iterdir()) == [path_of(young)]


def test_an_upload_whose_book_is_deleted_ends(alice: Reader) -> None:
    upload = begun(alice, received=TALE_EPUB)
    BookStore(alice).delete(Book.objects.get().pk)

    with pytest.raises(NotFound):
        Uploads(alice).one(upload.pk)
    aged(upload, timedelta(minutes=2))
    uploads.sweep()
    assert Upload.objects.count() == 0


def test_bytes_that_the_disk_lost_are_asked_for_again(alice: Reader) -> None:
    upload = begun(alice, received=TALE_EPUB[:HALF])
    path_of(upload).unlink()

    with pytest.raises(NotFound):
        Uploads(alice).one(upload.pk)
    with pytest.raises(NotFound):
        Uploads(alice).append(upload.pk, offset=HALF, chunks=[TALE_EPUB[HALF:]])


def test_a_reader_has_a_bounded_number_on_the_way_and_an_idle_one_makes_way(alice: Reader, bob: Reader) -> None:
    mine = [begun(alice) for _ in range(MOST)]
    begun(bob)

    with pytest.raises(TooMany):
        begun(alice)
    aged(mine[3], IDLE + timedelta(minutes=1))
    begun(alice)

    assert Uploads(alice).open().count() == MOST
    assert mine[3] not in Upload.objects.all()
    assert begun(bob).expires_at < timezone.now() + EMPTY_KEPT + timedelta(seconds=1)


def test_the_same_file_again_is_the_same_book(alice: Reader, bob: Reader) -> None:
    book, his = shelved(alice), shelved(bob)

    upload = begun(alice, received=TALE_EPUB)

    assert (upload.book, upload.is_new, Job.objects.filter(book=book).count()) == (book, False, 1)
    assert files.path_of(his.digest).stat().st_nlink == 1


def test_two_pieces_for_one_place_at_the_same_moment_are_one(alice: Reader) -> None:
    upload = begun(alice)
    outcomes: list[str] = []

    def send() -> None:
        try:
            Uploads(alice).append(upload.pk, offset=0, chunks=[TALE_EPUB])
            outcomes.append("taken")
        except WrongOffset:
            outcomes.append("conflict")
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict", "conflict", "taken"]
    assert Job.objects.count() == 1


def test_a_full_disk_keeps_what_was_there(alice: Reader) -> None:
    upload = begun(alice, received=TALE_EPUB[:HALF])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HALF + 100, before[1]))
    try:
        with pytest.raises(ServerFull):
            Uploads(alice).append(upload.pk, offset=HALF, chunks=[TALE_EPUB[HALF:]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    assert Uploads(alice).one(upload.pk).received == path_of(upload).stat().st_size == HALF
    assert Uploads(alice).append(upload.pk, offset=HALF, chunks=[TALE_EPUB[HALF:]]).book is not None


def test_a_process_killed_at_any_moment_loses_nothing_it_told_of(alice: Reader) -> None:
    chance = random.Random(7)
    body = "".join(f"Line {number} of a long tale.\n" for number in range(60_000)).encode()
    upload = Uploads(alice).begin(size=len(body), name="long.txt")
    kills = 0
    while Uploads(alice).open().filter(pk=upload.pk).exists():
        told = _sent_and_killed(alice, upload, body, after=chance.randint(1, 4), pause=chance.uniform(0, 0.02))
        kills += 1
        received = Upload.objects.get(pk=upload.pk).received
        assert received >= told
        piece = path_of(upload)
        assert not piece.exists() or piece.read_bytes()[:received] == body[:received]

    assert kills > 3
    assert Uploads(alice).one(upload.pk).book == Book.objects.get()
    assert files.path_of(sha256(body).hexdigest()).read_bytes() == body
    assert Job.objects.count() == 1


def _sent_and_killed(reader: Reader, upload: Upload, body: bytes, *, after: int, pause: float) -> int:
    """Send pieces in a process of their own and kill it after it told of a few; return the last it told of."""
    connection.close()
    getattr(connection, "close_pool")()  # noqa: B009  (of psycopg's back end only)
    ears, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _send(reader, upload, body, mouth)
        finally:
            os._exit(0)
    os.close(mouth)
    with os.fdopen(ears) as heard:
        lines = [heard.readline() for _ in range(after)]
        time.sleep(pause)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines += heard.readlines()
    return max((int(line) for line in lines if line), default=0)


def _send(reader: Reader, upload: Upload, body: bytes, mouth: int) -> None:
    offset = Uploads(reader).one(upload.pk).received
    while offset < len(body):
        offset = Uploads(reader).append(upload.pk, offset=offset, chunks=[body[offset : offset + 15_000]]).received
        os.write(mouth, f"{offset}\n".encode())
