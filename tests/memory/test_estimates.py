"""Among very many vectors a search estimates first, and compares exactly what may be found: it finds the same."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from numpy.typing import NDArray
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.manager import MemoryManager
from memory.models import Memory
from memory.postings import MANY, Vectors
from memory.search import Found, search
from memory.types import Candidate, Turn, Wanted
from memory.writing import begin
from mindory_web.accounts.models import Reader
from mindory_web.engines.vectors import VectorRow, VectorStoreFactory
from tests.fakes import WordLengthEmbedder

DIMENSION = 380  # not a multiple of 64


def unit(count: int, *, seed: int, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """Return unit vectors that lie in some topics, as those of texts do."""
    luck = np.random.default_rng(seed)
    topics = np.random.default_rng(1).normal(size=(12, dimension))
    made = topics[luck.integers(0, 12, count)] + luck.normal(size=(count, dimension))
    vectors: NDArray[np.float32] = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return vectors


@pytest.fixture(scope="module")
def many() -> Vectors:
    """More vectors than a search compares one by one, of every second row."""
    return Vectors.of(list(range(0, 2 * MANY, 2)), list(unit(MANY, seed=2)))


def cosines(vectors: Vectors, question: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.full(2 * MANY, np.nan, np.float32)
    vectors.similarities(question, found)
    return found


def estimates(vectors: Vectors, question: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.full(2 * MANY, np.nan, np.float32)
    vectors.estimates(question, found)
    return found


def test_estimates_lie_around_the_cosines(many: Vectors) -> None:
    for question in unit(5, seed=3):
        exact, about = cosines(many, question), estimates(many, question)
        assert np.array_equal(np.isnan(about), np.isnan(exact))  # rows without a vector have neither
        off = (about - exact)[::2]
        assert abs(off.mean()) < 0.02
        assert np.median(np.abs(off)) < 0.08


def test_the_nearest_are_among_the_first_by_estimates(many: Vectors) -> None:
    for question in unit(20, seed=4):
        nearest = set(np.argsort(-cosines(many, question)[::2])[:10].tolist())
        first = set(np.argsort(-estimates(many, question)[::2])[: MANY // 12].tolist())
        assert nearest <= first


def test_what_is_refined_is_the_cosine_and_the_rest_stays(many: Vectors) -> None:
    question = unit(1, seed=5)[0]
    found, exact = estimates(many, question), cosines(many, question)
    before = found.copy()
    wanted = np.zeros(2 * MANY, np.bool_)
    wanted[[0, 1, 6, 2 * MANY - 2]] = True  # 1 has no vector

    many.refine(question, wanted, found)

    assert found[[0, 6, 2 * MANY - 2]] == pytest.approx(exact[[0, 6, 2 * MANY - 2]], abs=1e-6)
    assert np.isnan(found[1])
    assert np.array_equal(found[~wanted], before[~wanted], equal_nan=True)


def test_a_question_that_is_nothing_is_as_near_to_all(many: Vectors) -> None:
    assert set(estimates(many, np.zeros(DIMENSION, np.float32))[::2].tolist()) == {0.0}


def test_few_vectors_are_compared_as_they_are() -> None:
    few = Vectors.of([0, 2, 4], list(unit(3, seed=6)))
    question = unit(1, seed=7)[0]
    assert few.signs is None
    assert np.array_equal(estimates(few, question), cosines(few, question), equal_nan=True)


class Sampled(WordLengthEmbedder):
    """An engine whose vectors tell nothing of texts: the tests write them."""

    model, dimension = "sampled", DIMENSION

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        return unit(len(texts), seed=len(texts))


@pytest.fixture
def reader(transactional_db: None, settings: Settings) -> Iterator[Reader]:
    settings.EMBEDDING_ENGINE = "tests.memory.test_estimates.Sampled"
    HOT.clear()
    yield Reader.objects.create_user("dora", "dora@example.org", "correct horse battery")
    HOT.clear()


def told(reader: Reader, count: int) -> None:
    """Remember turns and a fact for every tenth, and give all but the last their vectors."""
    manager = MemoryManager(reader.pk)
    things = ["boat", "garden", "violin", "kitchen", "letter", "mountain", "train"]
    turns = [Turn(text=f"The {things[at % 7]} number {at}", speaker=("Ana", "Ben")[at % 2]) for at in range(count)]
    for first in range(0, count, 50):
        manager.add_turns(f"session {first}", turns[first : first + 50])
    for at in range(0, count, 10):
        manager.remember(Candidate(text=f"Ana likes the {things[at % 5]} {at}.", subject="Ana"))
    ids = list(Memory.objects.filter(owner=reader.pk).order_by("pk").values_list("pk", flat=True))[:-1]
    store = VectorStoreFactory.open("memory", Sampled())
    vectors = unit(len(ids), seed=9)
    with transaction.atomic():
        revision = begin(reader.pk)
        store.add([VectorRow(reader.pk, pk, 0, vector) for pk, vector in zip(ids, vectors, strict=True)])
        Memory.objects.filter(pk__in=ids).update(space=store.space.pk, revision=revision)  # type: ignore[attr-defined]


def found_by(reader: Reader, wanted: Wanted) -> list[Found]:
    questions = ["Where is the boat?", "violin 17", "What does Ana like?", "nothing of this"]
    return [
        search(reader.pk, question, vector=vector, wanted=wanted, limit=10, explain=True)
        for question, vector in zip(questions, unit(4, seed=11), strict=True)
    ]


def test_a_search_finds_the_same_with_estimates_and_without(reader: Reader, monkeypatch: Any) -> None:
    told(reader, 600)
    wishes = [Wanted(), Wanted(session="session 100"), Wanted(subject="Ana")]
    exact = [found_by(reader, wanted) for wanted in wishes]
    HOT.clear()
    monkeypatch.setattr("memory.postings.MANY", 100)
    monkeypatch.setattr("memory.ranking.LEAST_EXACT", 220)  # of 660
    monkeypatch.setattr("memory.ranking.EXACT_SHARE", 0.0)

    estimated = [found_by(reader, wanted) for wanted in wishes]

    assert HOT.of(reader.pk).has_many_vectors
    for before, after in zip(exact, estimated, strict=True):
        assert [one.hits for one in after] == [one.hits for one in before]
