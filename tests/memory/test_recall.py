"""How much of what answers a question is found, in conversations of our own, by words alone."""

from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.search import search
from mindory_web.accounts.models import Reader
from tests.memory import talk_chinese, talk_english, talks


@pytest.fixture(autouse=True)
def no_engine(settings: Settings) -> None:
    """No engine answers; nothing is kept from another test."""
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    HOT.clear()


def test_words_alone_find_what_answers_questions_in_english(alice: Reader) -> None:
    words = talks.load(alice.pk, talk_english.SESSIONS)

    asked = talks.ask(alice.pk, talk_english.QUESTIONS, words, k=10, reference=datetime(2025, 1, 5, tzinfo=UTC))

    missed = [one.question for one in asked if one.recall < 1]
    assert talks.mean(asked) >= 68, missed
    assert talks.mean(asked, "one") >= 77, missed
    assert talks.mean(asked, "list") >= 42, missed


def test_words_alone_find_what_answers_questions_in_chinese(alice: Reader) -> None:
    words = talks.load(alice.pk, talk_chinese.SESSIONS)

    asked = talks.ask(alice.pk, talk_chinese.QUESTIONS, words, k=10, reference=datetime(2024, 3, 1, tzinfo=UTC))

    missed = [one.question for one in asked if one.recall < 1]
    assert talks.mean(asked) >= 90, missed
    assert talks.mean(asked, "one") >= 90, missed
    assert talks.mean(asked, "when") == 100, missed
    assert talks.mean(asked, "list") >= 66, missed


def test_what_was_never_said_is_unsure_and_most_of_what_was_said_is_not_in_english(alice: Reader) -> None:
    words = talks.load(alice.pk, talk_english.SESSIONS)
    strange = (
        "Which surgeon treated the horse?", "How much rent does the violin shop pay?", "Who won the lottery?",
        "When did the volcano erupt?", "What colour is the submarine?", "Which visa is needed for Mongolia?",
        "What is the password of the router?", "Where was the wedding dress sewn?",
    )  # fmt: skip

    unsure = [question for question in strange if search(alice.pk, question).is_unsure]
    own = talks.ask(alice.pk, talk_english.QUESTIONS, words, k=10, reference=datetime(2025, 1, 5, tzinfo=UTC))

    assert len(unsure) >= len(strange) - 1, set(strange) - set(unsure)
    assert sum(one.found.is_unsure for one in own) <= len(own) * 0.4


def test_what_was_never_said_is_unsure_and_most_of_what_was_said_is_not_in_chinese(alice: Reader) -> None:
    words = talks.load(alice.pk, talk_chinese.SESSIONS)
    strange = (
        "哪位医生治好了那匹马？", "小提琴店的房租是多少？", "谁中了彩票？", "火山什么时候爆发的？",
        "潜水艇是什么颜色？", "去蒙古需要什么签证？", "路由器的密码是什么？", "飞机为什么晚点？",
    )  # fmt: skip

    unsure = [question for question in strange if search(alice.pk, question).is_unsure]
    own = talks.ask(alice.pk, talk_chinese.QUESTIONS, words, k=10, reference=datetime(2024, 3, 1, tzinfo=UTC))

    assert len(unsure) == len(strange), set(strange) - set(unsure)
    assert sum(one.found.is_unsure for one in own) <= len(own) * 0.4
