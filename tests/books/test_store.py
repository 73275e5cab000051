"""The shelf: one book per file and reader, files shared by their bytes, nothing of another reader's."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from books import files
from books.errors import BookTooLarge, EmptyFile
from books.models import Book, Job, Section
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound
from tests.books_made import TALE_EPUB, shelved, upload

pytestmark = pytest.mark.django_db


def files_kept() -> list[Path]:
    root = files.path_of("ab" * 32).parent.parent
    return sorted(path for path in root.glob("*/*") if path.is_file())


def test_a_shelved_file_lies_under_its_digest_and_its_job_waits(alice: Reader) -> None:
    book = shelved(alice, name="My_first  tale.epub")

    assert (book.title, book.state, book.file_size) == ("My first tale", "queued", len(TALE_EPUB))
    assert files.path_of(book.digest).read_bytes() == TALE_EPUB
    assert [job.state for job in book.jobs.all()] == ["queued"]


def test_the_same_file_twice_is_one_book(alice: Reader) -> None:
    first = BookStore(alice).shelve(upload(TALE_EPUB), name="tale.epub")
    second = BookStore(alice).shelve(upload(TALE_EPUB), name="another name.epub")

    assert (first.is_new, second.is_new) == (True, False)
    assert first.book == second.book
    assert Job.objects.count() == 1
    assert not list((files.path_of("00" * 32).parents[2] / "incoming").iterdir())


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_file_at_the_same_moment_are_one_book(alice: Reader) -> None:
    found: list[bool] = []

    def add() -> None:
        found.append(BookStore(alice).shelve(upload(TALE_EPUB), name="tale.epub").is_new)
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [False, False, False, True]
    assert (Book.objects.count(), Job.objects.count(), len(files_kept())) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_file_stays_while_another_reader_has_it(alice: Reader, bob: Reader) -> None:
    hers, his = shelved(alice), shelved(bob)

    BookStore(alice).delete(hers.pk)
    assert len(files_kept()) == 1

    BookStore(bob).delete(his.pk)
    assert files_kept() == []


def test_an_upload_over_the_limit_leaves_nothing_behind(alice: Reader, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100

    with pytest.raises(BookTooLarge):
        shelved(alice)

    assert not Book.objects.exists()
    assert not list((Path(settings.MEDIA_ROOT) / "incoming").iterdir())


def test_an_empty_file_is_no_book(alice: Reader) -> None:
    with pytest.raises(EmptyFile):
        shelved(alice, b"")


@pytest.mark.parametrize(
    "verb",
    [
        lambda store, pk: store.book(pk),
        lambda store, pk: store.section(pk, 0),
        lambda store, pk: store.change(pk, title="Mine", authors=[]),
        lambda store, pk: store.delete(pk),
        lambda store, pk: store.retry(pk),
        lambda store, pk: store.cancel(pk),
        lambda store, pk: store.reingest(pk),
        lambda store, pk: store.set_cover(pk, upload(b"x")),
        lambda store, pk: store.remove_cover(pk),
        lambda store, pk: store.encodings(pk),
        lambda store, pk: store.choose_encoding(pk, "big5"),
        lambda store, pk: store.unlock(pk, "x"),
        lambda store, pk: store.path(Book.objects.get(pk=pk)),
    ],
)
def test_another_readers_book_is_not_there(
    alice: Reader, bob: Reader, verb: Callable[[BookStore, int], object]
) -> None:
    book = shelved(alice)
    Section.objects.create(book=book, number=0, text="Old Marten")

    with pytest.raises(NotFound):
        verb(BookStore(bob), book.pk)

    assert Book.objects.get().title == "tale"


def test_a_waiting_book_is_cancelled_at_once_and_taken_up_again(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)

    store.cancel(book.pk)
    assert store.book(book.pk).state == "cancelled"

    store.retry(book.pk)
    assert store.book(book.pk).state == "queued"
    assert sorted(Job.objects.values_list("state", flat=True)) == ["cancelled", "queued"]


def test_trying_again_goes_on_where_it_stopped(alice: Reader) -> None:
    book = shelved(alice)
    Job.objects.update(state="failed", steps_done=["reading", "splitting"])
    Book.objects.update(state="failed", error_code="x", error_message="y")

    job = BookStore(alice).retry(book.pk)

    assert job.steps_done == ["reading", "splitting"]
    assert BookStore(alice).book(book.pk).error_code == ""


def test_a_book_is_not_read_twice_at_a_time(alice: Reader) -> None:
    book = shelved(alice)

    with pytest.raises(Conflict):
        BookStore(alice).reingest(book.pk)
    with pytest.raises(Conflict):
        BookStore(alice).retry(book.pk)


def test_nothing_is_cancelled_when_nothing_is_being_done(alice: Reader) -> None:
    book = shelved(alice)
    Job.objects.update(state="done")

    with pytest.raises(Conflict):
        BookStore(alice).cancel(book.pk)


def test_a_title_is_one_line_and_an_empty_one_goes_back_to_the_files_own(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    Book.objects.update(told={"title": "The Tale", "authors": ["A. Writer"]})

    changed = store.change(book.pk, title=" The  Keeper\n", authors=["", " A  Writer "])
    assert (changed.title, changed.authors, changed.edited) == ("The Keeper", ["A Writer"], ["title", "authors"])

    back = store.change(book.pk, title="  ", authors=None)
    assert (back.title, back.authors, back.edited) == ("The Tale", ["A. Writer"], [])


def test_a_title_that_no_file_tells_goes_back_to_the_files_name(alice: Reader) -> None:
    book = shelved(alice, name="grey_point.epub")
    BookStore(alice).change(book.pk, title="Mine")

    assert BookStore(alice).change(book.pk, title="").title == "grey point"


@pytest.mark.parametrize(
    ("sent", "kept"), [("EN", "en"), ("pt_br", "pt-BR"), ("zh-hans", "zh-Hans"), ("zh-hant-tw", "zh-Hant-TW"), ("", "")]
)
def test_a_language_is_written_as_everybody_writes_it(alice: Reader, sent: str, kept: str) -> None:
    assert BookStore(alice).change(shelved(alice).pk, language=sent).language == kept


@pytest.mark.parametrize("sent", ["english", "e", "und", "en-", "en--US", "en US", "zh-Hans-x", "x-klingon", "../en"])
def test_what_is_no_language_is_refused(alice: Reader, sent: str) -> None:
    with pytest.raises(Invalid):
        BookStore(alice).change(shelved(alice).pk, language=sent)


@pytest.mark.parametrize("sent", ["nan", "inf", "three", -1, 1e9, [3]])
def test_what_is_no_number_in_a_series_is_refused(alice: Reader, sent: object) -> None:
    with pytest.raises(Invalid):
        BookStore(alice).change(shelved(alice).pk, series_number=sent)


def test_the_first_and_the_zeroth_of_a_series_are_numbers(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)

    assert store.change(book.pk, series=" Grey  Point ", series_number="1.5").series_number == 1.5
    assert store.change(book.pk, series_number=0).series_number == 0.0
    assert store.change(book.pk, series_number="").series_number is None
    assert store.book(book.pk).series == "Grey Point"


def test_another_language_has_a_finished_book_indexed_again(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    Job.objects.update(state="done")
    Book.objects.update(state="ready", is_askable=True, is_embedded=True, language="en", window_count=3)

    store.change(book.pk, language="de")

    job = book.jobs.latest("pk")
    assert (job.state, job.steps_done) == ("queued", ["reading", "recognising", "splitting"])
    assert (store.book(book.pk).is_askable, store.book(book.pk).is_embedded) == (True, False)


def test_another_language_waits_for_nothing_before_a_book_is_indexed_and_is_refused_meanwhile(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    store.change(book.pk, language="de")
    assert Job.objects.count() == 1

    Job.objects.update(state="running", step="indexing")
    with pytest.raises(Conflict):
        store.change(book.pk, language="fr")
    assert store.book(book.pk).language == "de"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\books\\tale.epub", "tale.epub"),
        ("红楼梦.txt", "红楼梦.txt"),
        ("a\0b\n.txt", "ab.txt"),
        ("x" * 400 + ".epub", "x" * 250 + ".epub"),
        ("", "book"),
    ],
)
def test_a_file_name_is_only_ever_a_name(sent: str, kept: str) -> None:
    assert files.clean_name(sent) == kept
