"""Removing a book and bringing it back: found nowhere meanwhile, whole afterwards, and gone for good after a while."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from books import files, pictures, progress
from books.api.shelf import OPEN_JOBS
from books.chat import talk
from books.ingest.work import Lost, Work
from books.models import Annotation, Book, Citation, Collection, Conversation, Job, Reply, Section
from books.retrieval import Scope, passages_about
from books.store import BookStore, purge
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound
from tests.books.retrieval.shelf import shelved as indexed
from tests.books.talking import heard
from tests.books_made import TALE_EPUB, shelved, upload
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def made_old(book: Book) -> None:
    Book.every.filter(pk=book.pk).update(removed_at=Now() - timedelta(seconds=61))


@pytest.mark.parametrize(
    "look",
    [
        lambda store, pk: store.book(pk),
        lambda store, pk: store.section(pk, 0),
        lambda store, pk: store.change(pk, title="x"),
        lambda store, pk: store.retry(pk),
        lambda store, pk: store.remove(pk),
        lambda store, pk: store.delete(pk),
    ],
)
def test_a_removed_book_is_not_there(alice: Reader, look: Callable[[BookStore, int], object]) -> None:
    store, book = BookStore(alice), shelved(alice)
    Section.objects.create(book=book, number=0, text="Old Marten")

    store.remove(book.pk)

    with pytest.raises(NotFound):
        look(store, book.pk)
    assert list(store.books()) == []
    assert alice.books.count() == 0


def test_another_readers_book_is_neither_removed_nor_brought_back(alice: Reader, bob: Reader) -> None:
    book = shelved(alice)

    with pytest.raises(NotFound):
        BookStore(bob).remove(book.pk)
    BookStore(alice).remove(book.pk)
    with pytest.raises(NotFound):
        BookStore(bob).restore(book.pk)

    assert Book.every.get().removed_at is not None


def test_several_books_are_removed_all_or_none(alice: Reader) -> None:
    store = BookStore(alice)
    one, other = shelved(alice), shelved(alice, b"Another tale.", name="other.txt")

    with pytest.raises(NotFound):
        store.remove(one.pk, 0)
    assert store.books().count() == 2

    store.remove(one.pk, other.pk)
    assert store.books().count() == 0
    assert [book.pk for book in store.restore(one.pk, other.pk)] == [one.pk, other.pk]
    assert store.books().count() == 2


@pytest.mark.usefixtures("by_words")
def test_no_search_finds_a_removed_book_and_every_one_does_when_it_is_back(alice: Reader) -> None:
    book = indexed(alice, ["The parrot knew four hundred words."], title="The Parrot")
    scopes = (Scope(), Scope((book.pk,)))

    BookStore(alice).remove(book.pk)
    assert [passages_about("parrot", reader_id=alice.pk, scope=scope) for scope in scopes] == [[], []]

    BookStore(alice).restore(book.pk)
    assert [len(passages_about("parrot", reader_id=alice.pk, scope=scope)) for scope in scopes] == [1, 1]


def test_talks_citations_and_shelves_do_not_show_a_removed_book(alice: Reader) -> None:
    book = shelved(alice)
    mine = Collection.objects.create(owner=alice, name="Sea")
    mine.books.add(book)
    about_it = Conversation.objects.create(reader=alice, book=book, scope="book")
    about_all = Conversation.objects.create(reader=alice)
    asked = Reply.objects.create(conversation=about_it, question="Who?")
    reply = Reply.objects.create(conversation=about_all, question="Who?")
    Citation.objects.create(reply=reply, number=1, book=book, section=0, start=0, end=3, quote="Old")

    BookStore(alice).remove(book.pk)

    assert list(talk.conversations(alice)) == [about_all]
    assert list(reply.citations.all()) == []
    assert list(mine.books.all()) == []
    with pytest.raises(NotFound):
        talk.reply(alice, asked.pk)

    BookStore(alice).restore(book.pk)

    assert {found.pk for found in talk.conversations(alice)} == {about_it.pk, about_all.pk}
    assert reply.citations.count() == 1
    assert list(mine.books.all()) == [book]
    assert talk.reply(alice, asked.pk) == asked


def test_a_conversation_can_be_locked_though_its_book_is_looked_at(alice: Reader) -> None:
    Conversation.objects.create(reader=alice, book=shelved(alice), scope="book")

    assert len(Conversation.objects.select_for_update()) == 1


def test_a_waiting_job_ends_with_its_book_and_begins_again_where_it_stopped(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    Job.objects.update(steps_done=["reading"])

    store.remove(book.pk)
    assert [job.state for job in book.jobs.all()] == ["cancelled"]

    store.restore(book.pk)
    again = book.jobs.latest("pk")
    assert (store.book(book.pk).state, again.state, again.steps_done) == ("queued", "queued", ["reading"])


def test_a_book_that_was_cancelled_before_stays_cancelled(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    store.cancel(book.pk)
    Job.objects.update(finished_at=Now() - timedelta(seconds=5))

    store.remove(book.pk)
    store.restore(book.pk)

    assert (store.book(book.pk).state, book.jobs.count()) == ("cancelled", 1)


def test_a_worker_whose_book_is_removed_stops_and_another_goes_on_when_it_is_back(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    work = Work.claim(book.jobs.get().pk)
    assert work is not None
    work.begin("reading")

    store.remove(book.pk)
    assert book.jobs.get().is_cancel_asked

    store.restore(book.pk)
    with pytest.raises(Lost), work.fenced():
        pass
    assert Work.claim(work.job_id) is not None


def test_a_worker_that_heard_of_the_removal_leaves_a_book_that_can_come_back(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    work = Work.claim(book.jobs.get().pk)
    assert work is not None
    store.remove(book.pk)

    work.cancel()
    assert Book.every.get().state == "cancelled"

    store.restore(book.pk)
    assert (store.book(book.pk).state, book.jobs.latest("pk").state) == ("queued", "queued")


def test_the_same_bytes_bring_a_removed_book_back_with_all_that_was_in_it(alice: Reader) -> None:
    store, book = BookStore(alice), shelved(alice)
    Annotation.objects.create(reader=alice, book=book, section=0, start=0, end=3, quote="Old")
    store.remove(book.pk)

    again = store.shelve(upload(TALE_EPUB), name="tale.epub")

    assert again.book == book
    assert store.book(book.pk).annotations.count() == 1
    assert Book.every.count() == 1


@pytest.mark.django_db(transaction=True)
def test_only_what_was_removed_long_enough_ago_is_deleted_for_good(alice: Reader, bob: Reader) -> None:
    old, young, his = shelved(alice), shelved(alice, b"Another tale.", name="other.txt"), shelved(bob)
    BookStore(alice).remove(old.pk, young.pk)
    made_old(old)

    assert purge() == 1

    assert set(Book.every.all()) == {young, his}
    assert files.path_of(his.digest).exists()
    with pytest.raises(NotFound):
        BookStore(alice).restore(old.pk)
    made_old(young)
    assert purge() == 1
    assert not files.path_of(young.digest).exists()


@pytest.mark.django_db(transaction=True)
def test_the_files_of_a_removed_book_wait_with_it(alice: Reader, bob: Reader, settings: Any) -> None:
    hers, his = shelved(alice), shelved(bob)
    cover = Path(pictures.path_of("ab" * 32 + ".png"))
    cover.parent.mkdir(parents=True, exist_ok=True)
    cover.write_bytes(b"x")
    Book.objects.filter(pk=hers.pk).update(own_cover=cover.name)
    BookStore(alice).remove(hers.pk)

    BookStore(bob).delete(his.pk)
    pictures.sweep(0xAB)

    assert files.path_of(hers.digest).exists()
    assert cover.exists()


def test_nothing_is_told_of_a_removed_book(alice: Reader) -> None:
    book = shelved(alice)
    assert [frame["book"] for frame in heard(alice, progress.tell_book, book.pk)] == [book.pk]

    BookStore(alice).remove(book.pk)

    assert heard(alice, progress.tell_book, book.pk) == []


def test_the_page_and_the_api_do_not_know_a_removed_book(alice: Reader) -> None:
    book = shelved(alice)
    BookStore(alice).remove(book.pk)
    browser = signed_in(alice)

    for address in ("/books/{}/", "/books/{}/about", "/books/{}/card", "/api/v1/books/{}", "/api/v1/books/{}/pages"):
        assert browser.get(address.format(book.pk)).status_code == 404, address
    assert browser.get("/api/v1/books").json()["count"] == 0
    assert Book.every.prefetch_related(OPEN_JOBS).count() == 1


def test_a_removed_book_keeps_its_place_among_the_rows_of_its_reader(alice: Reader) -> None:
    book = shelved(alice)
    BookStore(alice).remove(book.pk)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM books_book WHERE owner_id = %s", [alice.pk])
        assert cursor.fetchone() == (1,)
    alice.delete()
    assert Book.every.count() == 0
