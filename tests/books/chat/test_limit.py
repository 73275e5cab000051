"""A question asked under the reading limit: the secret past the reader's place is in nothing that comes back."""

import json
from typing import Any

import pytest
from django.conf import LazySettings

from books import reach
from books.chat import talk
from books.chat.scopes import Wanted
from books.models import Book, Conversation, Reply
from mindory_web.accounts.models import Reader
from tests.books.chat.test_answers import answered
from tests.books.retrieval.shelf import shelved
from tests.books.talking import in_db
from tests.fakes import told

BEGUN = "The captain keeps a locked drawer. Nobody on the ship asks what is in it."
SECRET = "It was Wilhelmina. The captain is the murderer, and Wilhelmina knew about the locked drawer."
QUESTION = "Who is the murderer, and what is in the locked drawer?"


@pytest.fixture
def mystery(transactional_db: None, by_words: None, closed_lines: None, alice: Reader) -> Book:
    """A book whose second chapter holds a name that the first one does not; its reader has read the first."""
    book = shelved(alice, [BEGUN, SECRET], title="Mystery")
    reach.put(alice, book, section=0, offset=len(BEGUN))
    return book


def everything(reply: Reply) -> str:
    """Return all that is kept of a reply, as one text."""
    quotes = list(reply.citations.values_list("quote", "heading", "raw_anchor"))
    return json.dumps([reply.question, reply.text, reply.trace, quotes], ensure_ascii=False)


async def asked(reader: Reader, text: str, **where: Any) -> tuple[Reply, str]:
    """Ask, and return the reply with all that is kept of it."""
    reply = await answered(reader, text, **where)
    return reply, await in_db(everything, reply)


async def test_without_a_model_the_secret_is_not_quoted_and_it_is_said_that_more_lies_ahead(
    alice: Reader, mystery: Book
) -> None:
    reply, kept = await asked(alice, QUESTION, wanted=Wanted(book=mystery.pk, is_limited=True))
    assert "Wilhelmina" not in kept
    assert "what is in it" in reply.text
    assert reply.ahead == 1


async def test_a_model_is_not_told_the_secret(alice: Reader, mystery: Book, settings: LazySettings) -> None:
    model = told(settings, "Nobody knows yet. [[1|The captain keeps a locked drawer.]]")
    _reply, kept = await asked(alice, QUESTION, wanted=Wanted(book=mystery.pk, is_limited=True))
    assert "Wilhelmina" not in kept
    assert "locked drawer" in str(model.asked)
    assert "Wilhelmina" not in str(model.asked)


async def test_a_quote_that_a_model_knows_from_elsewhere_is_not_shown(
    alice: Reader, mystery: Book, settings: LazySettings
) -> None:
    told(settings, "I know it. [[1|The captain is the murderer, and Wilhelmina knew]] [[2|It was Wilhelmina.]]")
    reply, _kept = await asked(alice, QUESTION, wanted=Wanted(book=mystery.pk, is_limited=True))
    assert await in_db(reply.citations.count) == 0
    assert reply.left_out == 2


async def test_the_whole_library_is_limited_too(alice: Reader, mystery: Book) -> None:
    await in_db(shelved, alice, ["A book never opened, where Wilhelmina sings of a locked drawer."], title="Other")
    _reply, kept = await asked(alice, QUESTION, wanted=Wanted(is_limited=True))
    assert "Wilhelmina" not in kept


async def test_an_answer_given_without_the_limit_is_forgotten_under_it(
    alice: Reader, mystery: Book, settings: LazySettings
) -> None:
    model = told(settings, "It was Wilhelmina. [[2|It was Wilhelmina.]]")
    first, kept = await asked(alice, QUESTION, book=mystery.pk)
    assert "Wilhelmina" in kept
    await in_db(Conversation.objects.filter(pk=first.conversation_id).update, is_limited=True)
    del model.asked[:]
    await asked(alice, "And the captain?", conversation=first.conversation_id)
    assert model.asked
    assert "Wilhelmina" not in str(model.asked)


async def test_reading_on_lifts_the_limit(alice: Reader, mystery: Book) -> None:
    await in_db(reach.put, alice, mystery, section=1, offset=len(SECRET))
    reply, kept = await asked(alice, QUESTION, wanted=Wanted(book=mystery.pk, is_limited=True))
    assert "Wilhelmina" in kept
    assert reply.ahead == 0


async def test_where_nothing_was_read_the_answer_says_so(alice: Reader, mystery: Book) -> None:
    await in_db(reach.put, alice, mystery, section=0, offset=0)
    reply, _kept = await asked(alice, QUESTION, wanted=Wanted(book=mystery.pk, is_limited=True))
    assert reply.text == "The book does not say, as far as you have read."
    assert reply.ahead > 0


async def test_a_reader_who_likes_it_has_the_limit_from_the_start(alice: Reader, mystery: Book) -> None:
    await in_db(Reader.objects.filter(pk=alice.pk).update, is_limited=True)
    reader = await in_db(Reader.objects.get, pk=alice.pk)
    reply, kept = await asked(reader, QUESTION, book=mystery.pk)
    assert "Wilhelmina" not in kept
    assert (await in_db(talk.conversation, reader, reply.conversation_id)).is_limited
