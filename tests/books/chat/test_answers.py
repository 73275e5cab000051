"""From a question to an answer with checked quotes, through the real worker."""

from typing import Any, cast

import pytest
from django.conf import LazySettings

from books.chat import talk
from books.chat.following import follow
from books.models import Book, Citation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import EngineError
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE, frames_of, in_db, until, working
from tests.fakes import told

ANSWER = ["It was called ", "Moses [", "[1|a white parrot cal", "led Moses]", "]. [9] It spoke [[1|four languages]]."]


async def answered(reader: Reader, text: str, **where: Any) -> Reply:
    """Ask, let a worker answer, and return the reply."""
    async with working():
        reply = await in_db(talk.ask, reader, text, **where)
        await frames_of(reply.pk)
    return cast(Reply, await in_db(talk.reply, reader, reply.pk))


async def last(reply: Reply) -> Any:
    """Return the last frame of a reply."""
    return (await frames_of(reply.pk))[-1]


async def test_an_answer_comes_with_the_place_of_its_quote(alice: Reader, tale: Book, settings: LazySettings) -> None:
    model = told(settings, *ANSWER)
    async with working():
        reply = await in_db(talk.ask, alice, "What was the parrot called?", book=tale.pk)
        frames = await frames_of(reply.pk)
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert [frame["stage"] for frame in frames if frame["type"] == "reply.stage"] == ["looking", "writing"]
    (cited,) = [frame for frame in frames if frame["type"] == "reply.citation"]
    assert TALE[cited["start"] : cited["end"]] == cited["quote"] == "a white parrot called Moses"
    assert (cited["book"], cited["section"], cited["number"]) == (tale.pk, 0, 1)
    text = "".join(frame["text"] for frame in frames if frame["type"] == "reply.words")
    assert text == "It was called Moses [1]. It spoke."
    stored = await in_db(talk.whole, alice, reply.pk)
    assert (stored["text"], stored["state"], stored["left_out"]) == (text, "done", 1)
    assert stored["seq"] == frames[-1]["seq"]
    assert (await in_db(talk.reply, alice, reply.pk)).engine == "told"
    assert "(1)" not in str(model.asked)


async def test_without_a_model_the_best_sentences_are_quoted(alice: Reader, tale: Book) -> None:
    reply = await answered(alice, "What did the parrot call for at midnight?", book=tale.pk)
    citations = await in_db(lambda: list(Citation.objects.filter(reply=reply)))
    assert reply.state == "done"
    assert "At midnight it called for the moon." in reply.text
    assert "[1]" in reply.text
    assert all(TALE[citation.start : citation.end] == citation.quote for citation in citations)
    assert reply.engine == ""


async def test_a_question_about_nothing_in_the_book_is_told_so(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "Quantum!")
    reply = await answered(alice, "Zyzzyva quark?", book=tale.pk)
    assert "does not say" in reply.text
    assert model.asked == []


async def test_a_chinese_question_is_told_so_in_chinese_where_translated(alice: Reader, tale: Book) -> None:
    reply = await answered(alice, "林黛玉是誰？", book=tale.pk)
    assert reply.state == "done"
    assert reply.text


async def test_what_the_endpoint_says_went_wrong_is_told_and_the_words_stay(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    told(settings, "It was ", error=EngineError("The model is overloaded."))
    reply = await answered(alice, "What was the parrot called?", book=tale.pk)
    assert (reply.state, reply.error_code, reply.error_message) == (
        "failed",
        "engine_error",
        "The model is overloaded.",
    )
    assert reply.text == "It was"
    model = told(settings, "Moses.")
    async with working():
        anew = await in_db(talk.again, alice, reply.pk)
        await frames_of(anew.pk)
    assert (await in_db(talk.reply, alice, anew.pk)).text == "Moses."
    assert anew.question == reply.question
    assert len(model.asked) == 1


async def test_an_unexpected_error_ends_the_reply_and_not_the_worker(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    settings.CHAT_SOURCES = ["tests.books.chat.test_answers.broken_source"]
    async with working():
        reply = await in_db(talk.ask, alice, "What?", book=tale.pk)
        assert (await last(reply))["error_code"] == "internal"
        settings.CHAT_SOURCES = ["books.retrieval.passages_about"]
        reply = await in_db(talk.ask, alice, "Who is the parrot?", book=tale.pk)
        assert (await last(reply))["state"] == "done"


def broken_source(question: str, **_how: object) -> list[object]:
    """Break."""
    raise ZeroDivisionError(question)


async def test_the_library_answers_from_several_books(alice: Reader, bob: Reader, tale: Book) -> None:
    other = await in_db(shelved, alice, ["A parrot sat in the tavern and sang of the sea."], title="Tavern")
    secret = await in_db(shelved, bob, ["The parrot of bob is a secret parrot, parrot, parrot."], title="Bob's")
    reply = await answered(alice, "Where is the parrot?")
    books = set(await in_db(lambda: list(Citation.objects.filter(reply=reply).values_list("book", flat=True))))
    assert books == {tale.pk, other.pk}
    assert secret.pk not in books


@pytest.mark.parametrize("count", [40])
async def test_many_questions_are_answered_at_once(
    alice: Reader, tale: Book, settings: LazySettings, count: int
) -> None:
    model = told(settings, "One ", "two.")
    model.delay = 0.2
    readers = [
        await in_db(Reader.objects.create_user, f"reader{number}", f"r{number}@example.org") for number in range(4)
    ]
    async with working() as worker:
        replies = [await in_db(talk.ask, readers[number % 4], "Who is it?") for number in range(count)]
        ends = [await last(reply) for reply in replies]
    assert {end["state"] for end in ends} == {"done"}
    assert worker.running == {}


async def test_a_deleted_conversation_ends_its_answer(alice: Reader, tale: Book, settings: LazySettings) -> None:
    model = told(settings, *["and on "] * 2000)
    model.delay = 0.01
    async with working() as worker:
        reply = await in_db(talk.ask, alice, "Who is it?", book=tale.pk)
        is_there = True
        async for frame in follow(reply.pk):
            if is_there and frame["type"] == "reply.words":
                await in_db(talk.delete, alice, reply.conversation_id)
                is_there = False
        await until(lambda: in_db(lambda: not worker.running))
    assert model.closed == 1
