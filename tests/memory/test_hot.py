"""Indexes kept in a process: true at once after every write, of this process and of others."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.manager import MemoryManager
from memory.search import Found, search
from memory.types import Candidate, Turn
from memory.writing import begin
from mindory_web.accounts.models import Reader
from mindory_web.engines.vectors import VectorRow, VectorStoreFactory
from tests.fakes import WordLengthEmbedder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(transactional_db: None, settings: Settings) -> Iterator[Reader]:
    """A reader whose rows are committed, as a site's are."""
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    HOT.clear()
    yield Reader.objects.create_user("dora", "dora@example.org", "correct horse battery")
    HOT.clear()


def filled(reader: Reader, count: int) -> None:
    """Add sessions of ten turns."""
    manager = MemoryManager(reader.pk)
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    things = ["boat", "garden", "violin", "kitchen", "letter", "mountain", "train"]
    for first in range(0, count, 10):
        manager.add_turns(
            f"session {first}",
            [
                Turn(
                    text=f"The {things[number % 7]} number {number} and the {things[number % 5]}",
                    speaker=("Ana", "Ben")[number % 2],
                    said_at=begun + timedelta(hours=number),
                )
                for number in range(first, first + 10)
            ],
        )


def scores(found: Found) -> list[tuple[int, float]]:
    """Return the hits as (id, score)."""
    return [(hit.memory, pytest.approx(hit.score, abs=2e-4)) for hit in found.hits]  # type: ignore[misc]


def test_a_second_search_reads_one_number_only(reader: Reader, django_assert_num_queries: Callable[[int], Any]) -> None:
    MemoryManager(reader.pk).remember(Candidate(text="The lamp is green."))
    search(reader.pk, "lamp")

    with django_assert_num_queries(1):
        assert search(reader.pk, "lamp").hits


def test_a_warm_index_finds_what_a_cold_one_finds(reader: Reader) -> None:
    filled(reader, 400)
    manager = MemoryManager(reader.pk)
    search(reader.pk, "anything")
    rows = list(manager.list()[:50])
    fact, train = (manager.remember(Candidate(text=f"The {thing} is Ana's.")).memory for thing in ("boat", "train"))
    search(reader.pk, "anything")
    manager.update(fact.pk, {"text": "The boat sank in the harbour."})
    manager.archive(train.pk)
    manager.forget([row.pk for row in rows[:5]])
    filled(reader, 20)
    manager.add_turns("session 30", [Turn(text="The violin was sold.", speaker="Ben", key="new")])
    manager.remember(Candidate(text="The garden is sold, said Ana."))

    questions = ["boat harbour", "violin sold", "What did Ana say of the garden?", "letter number 33", "January 2026"]
    warm = [search(reader.pk, question, limit=40) for question in questions]
    HOT.clear()
    cold = [search(reader.pk, question, limit=40) for question in questions]

    for one, other in zip(warm, cold, strict=True):
        assert [hit.memory for hit in one.hits] == [hit.memory for hit in other.hits]
        assert scores(one) == [(hit.memory, hit.score) for hit in other.hits]
        assert [each.key for each in one.sessions] == [each.key for each in other.sessions]


def test_another_process_writes_and_this_one_finds_it(reader: Reader) -> None:
    MemoryManager(reader.pk).remember(Candidate(text="The lamp is green."))
    assert search(reader.pk, "lamp").hits

    code = (
        "import django; django.setup()\n"
        "from memory.manager import MemoryManager\n"
        "from memory.search import search\n"
        "from memory.types import Candidate\n"
        f"print(len(search({reader.pk}, 'lamp').hits))\n"
        f"MemoryManager({reader.pk}).remember(Candidate(text='The kettle is red.'))\n"
    )
    url = re.sub(r"(?<=[^/:]/)[^/?]+(?=\?|$)", connection.settings_dict["NAME"], os.environ["DATABASE_URL"], count=1)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "mindory_web.settings"},
    )  # fmt: skip

    assert done.stdout.strip().splitlines()[-1:] == ["1"], done.stderr
    assert [hit.score > 0 for hit in search(reader.pk, "kettle").hits] == [True]


def test_many_threads_search_while_others_write(reader: Reader) -> None:
    filled(reader, 50)
    wrong: list[str] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                word = f"{name}{number}"
                MemoryManager(reader.pk).remember(Candidate(text=f"The word is {word}."))
                if not search(reader.pk, word).hits:
                    wrong.append(word)
        except Exception as error:  # noqa: BLE001 (told by the test)
            wrong.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("alpha", "beta", "gamma", "delta")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert wrong == []


def test_what_a_rolled_back_transaction_saw_is_found_by_nobody_else(reader: Reader) -> None:
    manager = MemoryManager(reader.pk)
    manager.remember(Candidate(text="The lamp is green."))
    search(reader.pk, "lamp")
    with transaction.atomic():
        manager.remember(Candidate(text="The secret is out."))
        assert search(reader.pk, "secret").hits
        transaction.set_rollback(True)

    assert search(reader.pk, "secret").hits == ()
    manager.remember(Candidate(text="The kettle is red."))  # the same revision as the one that was rolled back
    assert search(reader.pk, "secret").hits == ()
    assert search(reader.pk, "kettle").hits


def test_indexes_that_take_too_much_room_give_way_to_the_one_in_use(reader: Reader, settings: Settings) -> None:
    settings.MEMORY_INDEX_BYTES = 1
    other = Reader.objects.create_user("emil", "emil@example.org", "correct horse battery")
    for one in (reader, other):
        MemoryManager(one.pk).remember(Candidate(text="The lamp is green."))
        assert search(one.pk, "lamp").hits
    one_index = HOT.nbytes()

    settings.MEMORY_INDEX_BYTES = 10**9
    assert search(reader.pk, "lamp").hits
    assert HOT.nbytes() > one_index


def with_vectors(reader: Reader, *texts: str) -> dict[str, int]:
    """Remember texts and keep a vector of each, as the job does; return their ids."""
    manager, engine = MemoryManager(reader.pk), WordLengthEmbedder()
    rows = [manager.remember(Candidate(text=text)).memory for text in texts]
    store = VectorStoreFactory.open("memory", engine)
    voted = [row for row in rows if engine.has_vote(row.language)]
    vectors = engine.embed([row.text for row in voted])
    with transaction.atomic():
        revision = begin(reader.pk)
        store.add(VectorRow(reader.pk, row.pk, 0, vector) for row, vector in zip(voted, vectors, strict=True))
        for row in voted:
            row.space, row.revision = store.space.pk, revision  # type: ignore[attr-defined]
            row.save()
    return {row.text: row.pk for row in rows}


def test_vectors_find_what_shares_no_word(reader: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    ids = with_vectors(reader, "Lorem ipsum dolor", "a of to in it", "我的猫叫小饼干")

    found = search(reader.pk, "be or so by", explain=True)

    assert found.hits[0].memory == ids["a of to in it"]
    assert found.hits[0].parts.vector > 0.9
    assert ids["我的猫叫小饼干"] not in {hit.memory for hit in found.hits}


def test_a_memory_without_a_vector_scores_what_its_words_give(reader: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    with_vectors(reader, "Lorem ipsum dolor", "a of to in it")
    late = MemoryManager(reader.pk).remember(Candidate(text="The lamp is green.")).memory

    both = search(reader.pk, "green lamp", explain=True).hits
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    by_words = search(reader.pk, "green lamp", explain=True).hits

    assert both[0].memory == by_words[0].memory == late.pk
    assert both[0].score == by_words[0].score


def test_a_question_in_chinese_is_not_put_to_an_english_engine(reader: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    ids = with_vectors(reader, "Lorem ipsum dolor", "我的猫叫小饼干")

    found = search(reader.pk, "猫叫什么", explain=True)

    assert [hit.memory for hit in found.hits] == [ids["我的猫叫小饼干"]]
    assert found.hits[0].parts.vector == 0


def test_a_vector_that_the_caller_brings_is_used(reader: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    ids = with_vectors(reader, "Lorem ipsum dolor", "a of to in it")
    vector = np.zeros(8, np.float32)
    vector[4] = 1.0

    found = search(reader.pk, "zzz", vector=vector)

    assert found.hits[0].memory == ids["Lorem ipsum dolor"]


def test_vectors_of_large_memories_are_searched_where_they_are_kept(
    reader: Reader, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    ids = with_vectors(reader, "Lorem ipsum dolor", "a of to in it", "the cat sat")
    few = search(reader.pk, "be or so by", explain=True)
    HOT.clear()
    monkeypatch.setattr("memory.hot.MOST_VECTORS", 1)
    monkeypatch.setattr("memory.meaning.MOST_VECTORS", 1)

    many = search(reader.pk, "be or so by", explain=True)

    assert many.hits[0].memory == few.hits[0].memory == ids["a of to in it"]
    assert many.hits[0].parts.vector == pytest.approx(few.hits[0].parts.vector, abs=0.01)
