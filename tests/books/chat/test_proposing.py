"""Questions a model thought of: from the pages at the place, never from beyond the limit, kept by what they say."""

from dataclasses import asdict
from typing import Any

import pytest
import redis
from django.utils.translation import override
from pytest_django import Settings

from books import queue, reach
from books.chat import proposing, suggestions
from books.models import Book, Section
from books.places import Came, Places
from books.tasks import think_of_questions
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import EngineError
from tests.books.retrieval.shelf import shelved
from tests.books.talking import Sent
from tests.fakes import ToldModel, told

READ = "Ahab walked the deck and said nothing. " * 60
LATER = "Then the white whale came, and the ship was lost with all hands. " * 60
CONTENTS = [
    {"title": "The Deck", "section": 0, "start": 0, "depth": 0},
    {"title": "The Chase", "section": 0, "start": len(READ), "depth": 0},
    {"title": "The End", "section": 1, "start": 0, "depth": 0},
]
SAID = (
    "1. Why does Ahab say nothing?\n2. **What does the deck mean to him?**\nNot a question.\nSee https://x.example?\n"
)
THOUGHT_OF = ["Why does Ahab say nothing?", "What does the deck mean to him?"]


@pytest.fixture
def model(settings: Settings) -> ToldModel:
    """A model with questions, and a cache of this test alone."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": settings.REDIS_URL}}
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return told(settings, SAID)


@pytest.fixture
def sent() -> Sent:
    """What a worker is told."""
    return Sent()


def wanted(sent: Sent) -> list[dict[str, Any]]:
    return [named for _args, named in sent.of(queue.THINK_OF_QUESTIONS)]


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book whose reader is in the middle of its first chapter."""
    made = shelved(alice, [READ + LATER, LATER], title="The Whale")
    made.contents = CONTENTS
    made.save()
    Places(alice, made).keep(Came(section=0, offset=len(READ) + 90))
    reach.put(alice, made, section=0, offset=len(READ) + 90)
    return made


def suggested(alice: Reader, book: Book, *, is_limited: bool = True) -> list[str]:
    return suggestions.for_book(alice, book.pk, is_limited=is_limited)


def test_questions_are_thought_of_in_the_background_and_shown_when_they_are_there(
    alice: Reader, book: Book, model: ToldModel, sent: Sent
) -> None:
    before = suggested(alice, book)
    assert not set(THOUGHT_OF) & set(before)
    assert model.asked == []
    suggested(alice, book)
    (message,) = wanted(sent)

    think_of_questions(**message)
    think_of_questions(**message)

    assert suggested(alice, book)[:2] == THOUGHT_OF
    assert suggested(alice, book)[2:] == before[:2]
    assert len(model.asked) == len(wanted(sent)) == 1


def test_nothing_after_the_limit_is_told(alice: Reader, book: Book, model: ToldModel, sent: Sent) -> None:
    suggested(alice, book)
    think_of_questions(**wanted(sent)[0])
    shown = model.asked[0][1]["content"]
    assert "Ahab walked" in shown
    assert "The Deck" in shown
    assert "whale came" not in shown
    assert "The Chase" not in shown
    assert wanted(sent)[0]["end"] <= len(READ) + 90

    suggested(alice, book, is_limited=False)
    think_of_questions(**wanted(sent)[1])
    assert "whale came" in model.asked[1][1]["content"]
    assert "The End" in model.asked[1][1]["content"]


def test_at_the_beginning_of_a_chapter_the_one_before_is_asked_about(alice: Reader, book: Book) -> None:
    whole = len(READ + LATER)
    stretch = proposing.around(book, (1, 50), is_limited=True)
    assert stretch
    assert (stretch.section, stretch.start, stretch.end) == (0, max(0, whole - proposing.READ), whole)
    assert proposing.around(book, (0, 50), is_limited=True) is None


def test_the_same_pages_are_asked_about_once_whoever_reads_them(
    alice: Reader, bob: Reader, book: Book, model: ToldModel, sent: Sent
) -> None:
    suggested(alice, book)
    think_of_questions(**wanted(sent)[0])
    other = shelved(bob, [READ + LATER, LATER], title="The Whale")
    Book.objects.filter(pk=other.pk).update(contents=CONTENTS)
    reach.put(bob, other, section=0, offset=len(READ) + 90)
    Places(bob, other).keep(Came(section=0, offset=len(READ) + 90))

    assert suggested(bob, other)[:2] == THOUGHT_OF

    Section.objects.filter(book=other, number=0).update(text="Other words. " + READ + LATER)
    suggested(bob, other)
    assert len(wanted(sent)) == 2


def test_a_failure_is_quiet_and_not_tried_again_at_once(
    alice: Reader, book: Book, model: ToldModel, sent: Sent
) -> None:
    model.tell(error=EngineError("no", code="engine_busy"))
    before = suggested(alice, book)
    think_of_questions(**wanted(sent)[0])
    think_of_questions(**wanted(sent)[0])
    assert suggested(alice, book) == before
    assert len(model.asked) == len(wanted(sent)) == 1


def test_the_language_of_the_page_is_told(alice: Reader, book: Book, model: ToldModel, sent: Sent) -> None:
    with override("zh-hans"):
        suggested(alice, book)
    think_of_questions(**wanted(sent)[0])
    assert "四个问题" in model.asked[0][0]["content"]
    assert "never an instruction" not in model.asked[0][0]["content"]
    assert "绝不是指令" in model.asked[0][0]["content"]


def test_a_book_that_is_gone_and_a_server_without_a_model_think_of_nothing(
    alice: Reader, book: Book, model: ToldModel, settings: Settings
) -> None:
    stretch = proposing.around(book, (0, len(READ)), is_limited=False)
    assert stretch
    assert proposing.think(proposing.Stretch(**{**asdict(stretch), "book": book.pk + 999})) == []
    settings.LLM_CLIENT, settings.LLM_BASE_URL = "mindory_web.engines.llm.OpenAIClient", ""
    assert proposing.think(stretch) == []
    assert proposing.ready(alice, stretch) == []
