"""Deleting a conversation so that it can come back: found nowhere meanwhile, whole afterwards, gone for good later."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from books import contents, margins
from books.chat import finding, talk
from books.models import Book, Citation, Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE
from tests.conftest import signed_in

pytestmark = pytest.mark.usefixtures("by_words")


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book of alice's."""
    return shelved(alice, [TALE])


@pytest.fixture
def said(alice: Reader, book: Book) -> Reply:
    """An answer that quotes the book."""
    asked = talk.ask(alice, "Who kept a parrot?", book=book.pk, nonce="n1")
    Reply.objects.filter(pk=asked.pk).update(state="done", text="Ahab [1].")
    Citation.objects.create(reply=asked, number=1, book=book, section=0, start=0, end=2, quote="It")
    return talk.reply(alice, asked.pk)


def made_old(conversation: int) -> None:
    Conversation.every.filter(pk=conversation).update(removed_at=Now() - timedelta(seconds=61))


def test_a_removed_conversation_is_found_nowhere_and_comes_back_whole(alice: Reader, book: Book, said: Reply) -> None:
    pk = said.conversation_id
    talk.remove(alice, pk)

    for look in (
        lambda: talk.conversation(alice, pk),
        lambda: talk.reply(alice, said.pk),
        lambda: talk.remove(alice, pk),
        lambda: talk.again(alice, said.pk),
        lambda: talk.change(alice, pk, title="x"),
    ):
        with pytest.raises(NotFound):
            look()
    assert not finding.found(alice, finding.Filter(words="parrot")).exists()
    assert not margins.quoted(alice, book, first=0, last=9).exists()
    listed: list[Any] = [{"title": "One", "section": 0, "start": 0, "depth": 0}]
    assert contents.with_talks(listed, book, alice)[0]["talks"] == 0

    talk.restore(alice, pk)

    assert talk.reply(alice, said.pk).citations.count() == 1
    assert margins.quoted(alice, book, first=0, last=9).count() == 1


def test_what_is_being_written_is_stopped_and_kept(alice: Reader, book: Book) -> None:
    waiting = talk.ask(alice, "Who?", book=book.pk)
    talk.remove(alice, waiting.conversation_id)

    talk.restore(alice, waiting.conversation_id)

    assert talk.reply(alice, waiting.pk).state == "stopped"


def test_after_a_while_it_is_gone_with_everything(alice: Reader, said: Reply) -> None:
    kept = talk.begin(alice)
    talk.remove(alice, said.conversation_id)
    assert talk.purge() == 0
    made_old(said.conversation_id)

    assert talk.purge() == 1

    assert list(Conversation.every.all()) == [kept]
    assert not Reply.objects.exists()
    assert not Citation.every.exists()
    with pytest.raises(NotFound):
        talk.restore(alice, said.conversation_id)


def test_a_conversation_that_came_back_is_not_deleted_later(alice: Reader, said: Reply) -> None:
    talk.remove(alice, said.conversation_id)
    made_old(said.conversation_id)
    talk.restore(alice, said.conversation_id)

    assert talk.purge() == 0
    assert talk.reply(alice, said.pk)


def test_nobody_else_removes_it_or_brings_it_back(alice: Reader, bob: Reader, said: Reply) -> None:
    with pytest.raises(NotFound):
        talk.remove(bob, said.conversation_id)
    talk.remove(alice, said.conversation_id)
    with pytest.raises(NotFound):
        talk.restore(bob, said.conversation_id)
    assert Conversation.every.get().removed_at is not None


def test_the_api_deletes_for_good_or_so_that_it_can_come_back(alice: Reader, said: Reply) -> None:
    browser, address = signed_in(alice), f"/api/v1/conversations/{said.conversation_id}"

    assert browser.delete(f"{address}?undo=1").status_code == 204
    assert browser.get(address).status_code == 404
    assert browser.post(f"{address}/restore").json()["id"] == said.conversation_id
    assert browser.get(address).status_code == 200
    assert browser.delete(address).status_code == 204
    assert browser.post(f"{address}/restore").status_code == 404
    assert not Conversation.every.exists()
