"""What is told besides books: notes of a chat source of their own, with and without words of a book they stand on."""

from typing import Any

import pytest
from django.conf import LazySettings

from books.chat import talk
from books.chat.scopes import Wanted
from books.models import Book, Citation
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Excerpt, Place
from tests.books.talking import TALE, frames_of, in_db, working
from tests.fakes import told

MOSES = TALE.index("white parrot called Moses")
asked_where: list[Any] = []


def noted(question: str, *, reader_id: int, scope: Any, k: int) -> list[Excerpt]:
    """Know how alice likes answers, and what she noted on the parrot."""
    asked_where.append(scope.conversation)
    book = Book.objects.get(owner=reader_id)
    place = Place(book.pk, 0, MOSES, MOSES + len("white parrot called Moses"))
    return [
        Excerpt("Alice noted: a funny name for a parrot.", 0.8, "Tale", place=place, key="memory:7"),
        Excerpt("Alice likes short answers.", 0.3, "", key="memory:9"),
    ]


@pytest.fixture(autouse=True)
def with_notes(settings: LazySettings) -> None:
    """A second chat source."""
    settings.CHAT_SOURCES = ["books.retrieval.passages_about", f"{__name__}.noted"]
    asked_where.clear()


async def asked(reader: Reader, book: Book, question: str) -> tuple[Any, list[Any]]:
    """Ask and return the stored reply and its frames."""
    async with working():
        reply = await in_db(talk.ask, reader, question, book=book.pk)
        frames = await frames_of(reply.pk)
    return await in_db(talk.reply, reader, reply.pk), frames


async def test_a_model_is_told_notes_apart_from_the_book_and_the_page_is_told_which(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "You found it funny [[1|a white parrot called Moses]].")

    reply, frames = await asked(alice, tale, "What did I think of the parrot?")

    prompt = model.asked[0][-1]["content"]
    assert "Notes about the reader:" in prompt
    assert (
        prompt.index("a bright cold day") < prompt.index("Alice noted: a funny name") < prompt.index("The reader asks")
    )
    assert reply.noted == ["memory:7", "memory:9"]
    (writing,) = [frame for frame in frames if frame.get("stage") == "writing"]
    assert writing["noted"] == ["memory:7", "memory:9"]
    assert (await in_db(talk.whole, alice, reply.pk))["noted"] == ["memory:7", "memory:9"]
    assert asked_where == [reply.conversation_id]


async def test_the_words_a_note_stands_on_can_be_quoted(alice: Reader, tale: Book, settings: LazySettings) -> None:
    told(settings, "You found it funny [[1|a white parrot called Moses]].")

    reply, _frames = await asked(alice, tale, "Zyzzyva quark?")

    cited = await in_db(lambda: Citation.objects.get(reply=reply))
    assert TALE[cited.start : cited.end] == cited.quote == "a white parrot called Moses"


async def test_without_a_model_only_a_sure_note_is_shown_and_named(alice: Reader, tale: Book) -> None:
    reply, _frames = await asked(alice, tale, "What did I think of the parrot?")

    assert "What you told or noted earlier:" in reply.text
    assert "a funny name for a parrot" in reply.text
    assert "short answers" not in reply.text
    assert reply.noted == ["memory:7"]


async def test_the_words_a_note_stands_on_stay_within_the_reading_limit(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "You found it funny.")
    async with working():
        reply = await in_db(talk.ask, alice, "What did I think?", wanted=Wanted(book=tale.pk, is_limited=True))
        await frames_of(reply.pk)

    prompt = str(model.asked[0])
    assert "white parrot called Moses" in prompt  # marked by the reader, so known to them
    assert "At midnight" not in prompt
