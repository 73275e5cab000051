"""Indexes kept in a process: true at once after every write, of this process and of others."""

import gc
import os
import re
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.manager import MemoryManager
from memory.postings import Codes
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


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all at the same time, each in a thread with a connection of its own; return what they return."""
    begin_all = threading.Barrier(len(acts))

    def do(act: Callable[[], Any]) -> Any:
        begin_all.wait(60)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


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


WRITER = """
import sys, django
django.setup()
from memory.manager import MemoryManager
from memory.search import search
from memory.types import Candidate
owner, name = int(sys.argv[1]), sys.argv[2]
for number in range(15):
    MemoryManager(owner).remember(Candidate(text=f"The word is {name}{number}."))
    assert search(owner, f"{name}{number}").hits, f"lost {name}{number}"
print("done")
"""
PIPES: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


def python(code: str, *words: object) -> list[str]:
    """Return the command of a process that runs code on the database of this test."""
    url = re.sub(r"(?<=[^/:]/)[^/?]+(?=\?|$)", connection.settings_dict["NAME"], os.environ["DATABASE_URL"], count=1)
    environment = [f"DATABASE_URL={url}", "DJANGO_SETTINGS_MODULE=mindory_web.settings"]
    return ["env", *environment, sys.executable, "-c", code, *map(str, words)]


def test_another_process_writes_and_this_one_finds_it(reader: Reader) -> None:
    MemoryManager(reader.pk).remember(Candidate(text="The lamp is green."))
    assert search(reader.pk, "lamp").hits

    done = subprocess.run(python(WRITER, reader.pk, "kettle"), check=False, timeout=120, **PIPES)

    assert done.stdout.split()[-1:] == ["done"], done.stderr
    assert search(reader.pk, "kettle7").hits


def test_threads_and_processes_that_write_at_once_find_their_own_words_and_in_the_end_all(reader: Reader) -> None:
    filled(reader, 50)
    others = [subprocess.Popen(python(WRITER, reader.pk, name), **PIPES) for name in ("gamma", "delta")]

    def write(name: str) -> list[str]:
        for number in range(15):
            manager = MemoryManager(reader.pk)
            if number % 3 == 2:  # a change that is taken back
                with transaction.atomic():
                    manager.remember(Candidate(text=f"Never said {name}{number}."))
                    search(reader.pk, f"{name}{number}")
                    transaction.set_rollback(True)
                if search(reader.pk, f"{name}{number}").hits:
                    return [f"found {name}{number}"]
                continue
            manager.remember(Candidate(text=f"The word is {name}{number}."))
            if not search(reader.pk, f"{name}{number}").hits:
                return [f"lost {name}{number}"]
        return []

    assert together([partial(write, name) for name in ("alpha", "beta")]) == [[], []]
    for other in others:
        told, fault = other.communicate(timeout=120)
        assert told.split()[-1:] == ["done"], fault
    words = [f"{name}{number}" for name in ("alpha", "beta", "gamma", "delta") for number in (0, 13)]
    warm = [search(reader.pk, word) for word in words]
    HOT.clear()
    cold = [search(reader.pk, word) for word in words]
    assert all(found.hits for found in warm)
    assert [[hit.memory for hit in found.hits] for found in warm] == [
        [hit.memory for hit in found.hits] for found in cold
    ]


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


def test_indexes_of_many_readers_stay_within_the_bound(reader: Reader, settings: Settings) -> None:
    filled(reader, 20)
    search(reader.pk, "boat")
    of_one = HOT.nbytes()
    others = [Reader.objects.create_user(f"r{at}", f"r{at}@example.org", "correct horse") for at in range(5)]

    settings.MEMORY_INDEX_BYTES = 3 * of_one + of_one // 2
    for one in others:
        filled(one, 20)
    for one in others * 2:
        assert search(one.pk, "boat").hits
        assert HOT.nbytes() <= settings.MEMORY_INDEX_BYTES


def test_an_index_tells_about_how_much_memory_it_takes(reader: Reader) -> None:
    filled(reader, 2_000)
    search(reader.pk, "boat")  # what is loaded once
    HOT.clear()
    gc.collect()
    tracemalloc.start()
    search(reader.pk, "What did Ana say of the boat?")
    gc.collect()
    taken, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 0.6 < HOT.nbytes() / taken < 1.6


def test_an_index_that_gives_way_while_others_search_harms_none(reader: Reader, settings: Settings) -> None:
    settings.MEMORY_INDEX_BYTES = 1
    words = {reader.pk: "lamp"}
    for at in range(3):
        one = Reader.objects.create_user(f"r{at}", f"r{at}@example.org", "correct horse")
        words[one.pk] = f"kettle{at}"
    for owner, word in words.items():
        MemoryManager(owner).remember(Candidate(text=f"The {word} is green."))

    def look(owner: int) -> bool:
        return all(
            [hit.score > 0 for hit in search(owner, f"green {words[owner]}").hits] == [True] for _again in range(20)
        )

    assert all(together([partial(look, owner) for owner in words for _twice in range(2)]))


def test_a_memory_that_is_not_there_any_more_is_found_by_nobody(reader: Reader) -> None:
    owner = reader.pk
    for text in ("The lamp is green.", "The kettle is red."):
        MemoryManager(owner).remember(Candidate(text=text))
    assert search(owner, "lamp").hits

    reader.delete()
    assert search(owner, "lamp").hits == ()
    Reader.objects.create_user("emil", "emil@example.org", "correct horse battery", pk=owner)
    MemoryManager(owner).remember(Candidate(text="The boat is blue."))

    assert search(owner, "lamp").hits == ()
    assert search(owner, "boat").hits


def test_names_get_one_number_each_however_many_threads_ask() -> None:
    codes = Codes()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        together([lambda: [codes(name) for name in range(20_000)]] * 4)
    finally:
        sys.setswitchinterval(interval)

    assert codes.things == [codes.things[codes.numbers[name]] for name in codes.things]
    assert sorted(codes.things) == list(range(20_000))


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


def test_a_reworded_memory_is_not_found_by_the_meaning_of_its_old_words(reader: Reader, settings: Settings) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    with_vectors(reader, "Lorem ipsum dolor")
    search(reader.pk, "be or so by")
    ids = with_vectors(reader, "a of to in it")  # its vector comes to an index that is there
    assert search(reader.pk, "be or so by", explain=True).hits[0].parts.vector > 0.9

    MemoryManager(reader.pk).update(ids["a of to in it"], {"text": "be kettle"})
    warm = {hit.memory: hit.parts.vector for hit in search(reader.pk, "be or so by", explain=True).hits}

    assert warm[ids["a of to in it"]] == 0


def test_what_is_read_in_parts_is_the_same(reader: Reader, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    filled(reader, 20)
    with_vectors(reader, *(f"{'a' * length} of to {'b' * length}" for length in range(3, 11)))
    whole = search(reader.pk, "a of boat garden", limit=40, explain=True)
    HOT.clear()
    monkeypatch.setattr("memory.hot.AT_ONCE", 3)
    monkeypatch.setattr("memory.postings.AT_ONCE", 3)

    parts = search(reader.pk, "a of boat garden", limit=40, explain=True)

    assert parts.hits == whole.hits
    assert len(HOT.of(reader.pk).base.vectors.rows) == 8


@pytest.mark.parametrize("most", [1, 200_000])  # kept here; where they are too many, in the store
def test_vectors_of_another_length_than_the_question_have_no_vote(
    reader: Reader, settings: Settings, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    monkeypatch.setattr("memory.hot.MOST_VECTORS", most)
    ids = with_vectors(reader, "Lorem ipsum dolor", "a of to in it")

    found = search(reader.pk, "dolor", vector=np.ones(3, np.float32), explain=True)

    assert [(hit.memory, hit.parts.vector) for hit in found.hits] == [(ids["Lorem ipsum dolor"], 0.0)]


@pytest.mark.parametrize(("most", "room"), [(1, 10**8), (200_000, 16)])  # too many; too large for the room there is
def test_vectors_of_large_memories_are_searched_where_they_are_kept(
    reader: Reader, settings: Settings, monkeypatch: pytest.MonkeyPatch, most: int, room: int
) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    ids = with_vectors(reader, "Lorem ipsum dolor", "a of to in it", "the cat sat")
    few = search(reader.pk, "be or so by", explain=True)
    assert not HOT.of(reader.pk).is_lean
    HOT.clear()
    monkeypatch.setattr("memory.hot.MOST_VECTORS", most)
    settings.MEMORY_INDEX_BYTES = room

    many = search(reader.pk, "be or so by", explain=True)
    ids |= with_vectors(reader, "we go up on")  # comes to an index that holds no vectors
    more = search(reader.pk, "be or so by", explain=True)

    assert HOT.of(reader.pk).is_lean
    assert many.hits[0].memory == few.hits[0].memory == ids["a of to in it"]
    assert many.hits[0].parts.vector == pytest.approx(few.hits[0].parts.vector, abs=0.01)
    assert {hit.memory for hit in more.hits[:2]} == {ids["a of to in it"], ids["we go up on"]}
