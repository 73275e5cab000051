"""The verbs of conversations, and who may use them on what."""

from typing import Any

import pytest

from books.chat import talk
from books.errors import BadQuestion, BookNotReady
from books.models import Book, Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, NotFound, TooMany
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE

pytestmark = pytest.mark.usefixtures("by_words")


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book of alice's."""
    return shelved(alice, [TALE])


def test_a_question_begins_a_conversation_that_is_named_after_it(alice: Reader, book: Book) -> None:
    reply = talk.ask(alice, "  Who   is\nhe? \0", book=book.pk, language="zh-hans")
    assert (reply.state, reply.question, reply.language) == ("queued", "Who   is\nhe?", "zh-hans")
    assert reply.conversation.title == "Who is he?"
    assert reply.conversation.book == book
    long = talk.ask(alice, "word " * 100)
    assert len(long.conversation.title) <= talk.LONGEST_TITLE + 1
    assert long.conversation.title.endswith("word…")
    assert long.conversation.book is None


def test_a_conversation_goes_on_and_comes_to_the_front(alice: Reader, book: Book) -> None:
    first = talk.ask(alice, "One?", book=book.pk)
    second = talk.ask(alice, "Two?")
    assert list(talk.conversations(alice)) == [second.conversation, first.conversation]
    again = talk.ask(alice, "Three?", conversation=first.conversation_id)
    assert again.conversation_id == first.conversation_id
    assert [found.pk for found in talk.conversations(alice)] == [first.conversation_id, second.conversation_id]
    assert list(talk.conversations(alice, book=book.pk)) == [first.conversation]


def test_a_question_sent_twice_is_one(alice: Reader, bob: Reader, book: Book) -> None:
    one = talk.ask(alice, "Who?", book=book.pk, nonce="n1")
    assert talk.ask(alice, "Who?", book=book.pk, nonce="n1") == one
    assert talk.ask(alice, "Who?", conversation=one.conversation_id, nonce="n1") == one
    assert talk.ask(bob, "Who?", nonce="n1") != one
    assert Conversation.objects.filter(reader=alice).count() == 1


@pytest.mark.parametrize("text", ["", " \n ", "\0", "x" * (talk.LONGEST_QUESTION + 1)])
def test_a_question_is_neither_empty_nor_endless(alice: Reader, text: str) -> None:
    with pytest.raises(BadQuestion):
        talk.ask(alice, text)
    assert not Conversation.objects.exists()


def test_a_book_is_asked_when_its_words_are_indexed(alice: Reader, book: Book) -> None:
    talked = talk.begin(alice, book=book.pk)
    Book.objects.update(is_askable=False)
    with pytest.raises(BookNotReady):
        talk.ask(alice, "Who?", book=book.pk)
    with pytest.raises(BookNotReady):
        talk.ask(alice, "Who?", conversation=talked.pk)


def test_a_reader_has_only_so_many_questions_open(alice: Reader, bob: Reader) -> None:
    for _ in range(talk.MOST_OPEN):
        talk.ask(alice, "Who?")
    with pytest.raises(TooMany):
        talk.ask(alice, "Who?")
    assert talk.ask(bob, "Who?")


def test_nothing_of_another_reader_is_there(alice: Reader, bob: Reader, book: Book) -> None:
    reply = talk.ask(alice, "Who?", book=book.pk)
    verbs: list[Any] = [
        lambda: talk.ask(bob, "Who?", book=book.pk),
        lambda: talk.ask(bob, "Who?", conversation=reply.conversation_id),
        lambda: talk.begin(bob, book=book.pk),
        lambda: talk.reply(bob, reply.pk),
        lambda: talk.whole(bob, reply.pk),
        lambda: talk.again(bob, reply.pk),
        lambda: talk.stop(bob, reply.pk),
        lambda: talk.conversation(bob, reply.conversation_id),
        lambda: talk.rename(bob, reply.conversation_id, title="Mine"),
        lambda: talk.delete(bob, reply.conversation_id),
    ]
    for verb in verbs:
        with pytest.raises(NotFound):
            verb()
    assert list(talk.conversations(bob)) == []
    assert list(talk.conversations(bob, book=book.pk)) == []
    reply.refresh_from_db()
    assert (reply.state, reply.is_stop_asked) == ("queued", False)


def test_a_waiting_question_is_stopped_at_once(alice: Reader) -> None:
    reply = talk.ask(alice, "Who?")
    assert talk.stop(alice, reply.pk).state == "stopped"
    assert talk.stop(alice, reply.pk).last_seq == 1  # stopping twice changes nothing


def test_an_open_question_is_not_asked_again_and_a_finished_one_is(alice: Reader, book: Book) -> None:
    reply = talk.ask(alice, "Who?", book=book.pk, language="zh-hans")
    with pytest.raises(Conflict):
        talk.again(alice, reply.pk)
    Reply.objects.update(state=Reply.State.FAILED)
    anew = talk.again(alice, reply.pk)
    assert (anew.question, anew.conversation_id, anew.language) == ("Who?", reply.conversation_id, "zh-hans")


def test_a_conversation_is_renamed_and_deleted(alice: Reader) -> None:
    reply = talk.ask(alice, "Who?")
    assert talk.rename(alice, reply.conversation_id, title="  The  end ").title == "The end"
    assert talk.rename(alice, reply.conversation_id, title="").title == "The end"
    talk.delete(alice, reply.conversation_id)
    assert not Reply.objects.exists()
