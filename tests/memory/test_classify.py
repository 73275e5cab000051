"""The type of a text: one function on every path, without a model, never an error."""

import time
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.classify import classify
from memory.importance import importance
from memory.types import MemoryType
from tests.memory.labelled import LABELLED

ENOUGH = 0.92  # of all; the patterns were written with these sentences in sight. Sentences nobody had seen: 0.75
ENOUGH_OF_EACH = 0.85


def test_people_and_patterns_agree_on_most_sentences() -> None:
    right = Counter(kind for text, kind in LABELLED if classify(text)[0] is kind)
    there = Counter(kind for _text, kind in LABELLED)

    assert len(LABELLED) >= 250
    assert right.total() / len(LABELLED) >= ENOUGH
    assert all(right[kind] / there[kind] >= ENOUGH_OF_EACH for kind in MemoryType), {
        kind: right[kind] / there[kind] for kind in MemoryType
    }


def test_what_is_sure_is_right_more_often_than_what_is_not() -> None:
    found = [(classify(text), kind) for text, kind in LABELLED]
    sure = [got is kind for (got, confidence), kind in found if confidence >= 0.8]
    unsure = [got is kind for (got, confidence), kind in found if confidence < 0.6]

    assert sum(sure) / len(sure) >= 0.97
    assert sum(sure) / len(sure) > sum(unsure) / len(unsure)


@pytest.mark.parametrize(
    "text", ["Miami amuses me stephenly", "athens", "the sandstone steps", "1", "...", "", "\ud800"]
)
def test_parts_of_words_decide_nothing(text: str) -> None:
    kind, confidence = classify(text)

    assert kind not in {MemoryType.PERSONAL, MemoryType.PROCEDURAL} or "me" in text
    assert 0 <= confidence <= 1


@given(st.text(), st.text(max_size=5), st.booleans())
def test_it_never_raises(text: str, language: str, has_date: bool) -> None:
    kind, confidence = classify(text, language=language, has_date=has_date)

    assert kind in MemoryType
    assert 0 <= confidence <= 1


PIECES = (
    "a ", "(", "'", "0", ". ", ", ", "i have not ", "我", "是", "的", "first ", "then ", "last last ", "was in ",
    "the the is ",
    "my my ", "to be or ", "x is the ", "\n", "\u3000", "2019年", "先", "，", "?", "Ab ", "is a kind of ",
)  # fmt: skip


def test_it_is_done_soon_with_the_longest_and_worst_of_texts() -> None:
    spent = {}
    for one, other in product(PIECES, ["", "是", "x ", "'", "was "]):
        text = (one + other) * 20_000
        begun = time.thread_time()
        assert classify(text)[0] in MemoryType
        spent[one + other] = time.thread_time() - begun

    slowest = max(spent, key=lambda piece: spent[piece])
    assert spent[slowest] < 0.1, slowest


@given(st.text(), st.sampled_from(MemoryType), st.integers(0, 1000))
def test_importance_is_a_share(text: str, kind: MemoryType, used: int) -> None:
    assert 0 <= importance(text, kind) <= importance(text, kind, used_count=used) <= 1


def test_details_and_plain_words_make_a_memory_matter_more() -> None:
    assert importance("always use metres, never feet", MemoryType.PROCEDURAL) > importance(
        "use metres", MemoryType.PROCEDURAL
    )
    assert importance("I was in Rome with Anna in 2019", MemoryType.EPISODIC) > importance(
        "I was away", MemoryType.EPISODIC
    )
