"""Vectors are kept once, found exactly, and never mixed between models."""

from collections.abc import Iterable

import numpy as np
import pytest
from django.db import connection
from numpy.typing import NDArray

from mindory_web.engines.models import Space, Vector
from mindory_web.engines.vectors import PgVectorStore, VectorRow, VectorStore, VectorStoreFactory
from tests.fakes import OtherWordLengthEmbedder, WordLengthEmbedder

pytestmark = pytest.mark.django_db

WHALE, MOBY = 1, 2


def rows(texts: Iterable[str], *, group: int = WHALE) -> list[VectorRow]:
    made = WordLengthEmbedder().embed(list(texts))
    return [VectorRow(group, item, 0, vector) for item, vector in enumerate(made, start=10)]


def about(text: str) -> NDArray[np.float32]:
    made: NDArray[np.float32] = WordLengthEmbedder().embed([text])[0]
    return made


@pytest.fixture
def store() -> VectorStore:
    return VectorStoreFactory.open("books", WordLengthEmbedder())


def test_the_nearest_vector_comes_first_with_its_cosine(store: VectorStore) -> None:
    store.add(rows(["a cat sat", "whales", "a cat"]))

    first, second, third = store.nearest(about("a dog ran"), groups=[WHALE], k=3)

    assert (first.item, round(first.similarity, 3)) == (10, 1.0)
    assert (second.item, round(second.similarity, 3)) == (12, round(3 / 10**0.5, 3))
    assert (third.item, round(third.similarity, 3)) == (11, 0.0)


def test_adding_the_same_rows_again_adds_nothing(store: VectorStore) -> None:
    assert store.add(rows(["one", "three"])) == 2
    assert store.add(rows(["other", "words", "more"])) == 1

    assert store.count([WHALE]) == 3
    assert store.nearest(about("one"), groups=[WHALE], k=1)[0].item == 10


def test_a_search_stays_inside_its_groups(store: VectorStore) -> None:
    store.add(rows(["one"]))
    store.add(rows(["one"], group=MOBY))

    assert {hit.group for hit in store.nearest(about("one"), groups=[MOBY], k=9)} == {MOBY}
    assert store.nearest(about("one"), groups=[], k=9) == []
    assert store.nearest(about("one"), groups=[3], k=9) == []


def test_an_item_may_have_several_parts_and_an_ingest_sees_which_are_there(store: VectorStore) -> None:
    one = about("one")
    store.add([VectorRow(WHALE, 5, 0, one), VectorRow(WHALE, 5, 1, one)])

    assert store.parts(WHALE) == {(5, 0), (5, 1)}
    assert store.parts(MOBY) == set()


def test_dropping_a_group_leaves_the_others(store: VectorStore) -> None:
    store.add(rows(["one", "two"]))
    store.add(rows(["one"], group=MOBY))

    assert store.drop(WHALE) == 2
    assert (store.count([WHALE]), store.count([MOBY])) == (0, 1)


def test_two_models_have_two_spaces_and_forgetting_a_book_empties_both(store: VectorStore) -> None:
    other = VectorStoreFactory.open("books", OtherWordLengthEmbedder())
    store.add(rows(["one"]))
    other.add(rows(["one", "two"]))

    assert (store.count([WHALE]), other.count([WHALE])) == (1, 2)
    assert VectorStoreFactory.forget("books", WHALE) == 3
    assert not Vector.objects.exists()


def test_a_space_is_opened_again_after_vectors_were_added_in_the_same_transaction(store: VectorStore) -> None:
    store.add(rows(["one"]))
    VectorStoreFactory.open("memory", WordLengthEmbedder())

    again = VectorStoreFactory.open("books", WordLengthEmbedder())

    assert again.count([WHALE]) == 1
    assert Space.objects.count() == 2


def test_a_space_gets_its_index_when_it_has_grown_and_a_large_search_walks_it(store: VectorStore) -> None:
    assert isinstance(store, PgVectorStore)
    grown = PgVectorStore(store.space, exact_up_to=3)
    grown.add(rows(["a", "be", "see"]))
    assert not indexes(store.space)

    grown.add(rows(["four", "fives"], group=MOBY))

    assert indexes(store.space) == [f"engines_vector_space_{store.space.pk}"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            f"EXPLAIN SELECT item FROM engines_vector WHERE space_id = {store.space.pk} "
            "ORDER BY embedding::halfvec(8) <=> '[1,0,0,0,0,0,0,0]'::halfvec(8) LIMIT 2"
        )
        assert f"engines_vector_space_{store.space.pk}" in str(cursor.fetchall())
    assert [hit.item for hit in grown.nearest(about("fives"), groups=[WHALE, MOBY], k=1)] == [11]
    assert grown.add(rows(["sevenly"], group=3)) == 1


def indexes(space: Space) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE indexname LIKE %s", [f"engines\\_vector\\_space\\_{space.pk}"]
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_vector_of_another_length_is_refused(store: VectorStore) -> None:
    with pytest.raises(ValueError, match="7 numbers in a space of 8"):
        store.add([VectorRow(WHALE, 1, 0, np.ones(7, np.float32))])
