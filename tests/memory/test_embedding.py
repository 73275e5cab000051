"""Vectors of memories: made in the background, of the present model, told to searches."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from memory import embedding, jobs, queue, reaping
from memory.errors import Conflict
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Memory, Mind
from memory.types import Candidate, State, Turn
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector
from tests.fakes import WordLengthEmbedder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def remember(reader: Reader, *texts: str) -> list[Memory]:
    manager = MemoryManager(reader.pk)
    return [manager.remember(Candidate(text)).memory for text in texts]


def run() -> Job:
    """Run the one embedding job that waits."""
    job = Job.objects.get(kind="embed", state="queued")
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    lease = Lease.claim(job.pk)
    assert lease is not None
    jobs._run(lease)
    job.refresh_from_db()
    return job


def items() -> set[int]:
    return set(Vector.objects.values_list("item", flat=True))


def test_what_is_remembered_gets_a_vector_and_a_new_revision(alice: Reader) -> None:
    [memory] = remember(alice, "The keys hang beside the door.")
    before = memory.revision

    job = run()

    memory.refresh_from_db()
    [vector] = Vector.objects.all()
    assert (vector.group, vector.item, vector.part) == (alice.pk, memory.pk, 0)
    assert vector.space_id == memory.space == Space.objects.get(collection="memory").pk
    assert memory.revision == Mind.objects.get().revision > before
    assert (job.state, job.result, job.done) == ("done", {"embedded": 1}, 1)


def test_a_turn_is_embedded_together_with_the_one_before_it(alice: Reader) -> None:
    MemoryManager(alice.pk).add_turns("talk", [Turn("aa aa aa"), Turn("bbbb")])

    run()

    first, second = (list(vector.embedding) for vector in Vector.objects.order_by("item"))
    assert first[1] == pytest.approx(1.0, abs=0.01)
    assert second[1] > 0.3
    assert second[3] > 0.8


def test_many_go_in_batches_and_none_is_left_out(alice: Reader) -> None:
    MemoryManager(alice.pk).remember_all([Candidate(f"The tide table has a line {number}.") for number in range(150)])

    job = run()

    assert len(items()) == 150
    assert job.result == {"embedded": 150}
    assert not Memory.objects.filter(space=None).exists()


def test_texts_that_the_engine_has_no_vote_on_are_left_out(alice: Reader) -> None:
    english, chinese = remember(alice, "The keys hang beside the door.", "钥匙挂在门边。")

    run()

    chinese.refresh_from_db()
    assert items() == {english.pk}
    assert chinese.space is None
    assert embedding.behind() == []


def test_an_engine_that_is_away_is_tried_until_it_is_back(alice: Reader, settings: Any) -> None:
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    [memory] = remember(alice, "The keys hang beside the door.")
    for outages in range(1, 9):
        job = run()
        assert (job.state, job.error_code, job.result) == ("queued", "engine_error", {"outages": outages})
        assert job.due_at > timezone.now()
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"

    job = run()

    assert (job.state, job.error_code, items()) == ("done", "", {memory.pk})


def test_another_model_makes_all_vectors_anew(alice: Reader, bob: Reader, settings: Any) -> None:
    [one], [other] = remember(alice, "The keys hang beside the door."), remember(bob, "The boat lies at the quay.")
    for _ in range(2):
        job = Job.objects.filter(kind="embed", state="queued").first()
        assert job is not None
        lease = Lease.claim(job.pk)
        assert lease is not None
        jobs._run(lease)
    assert embedding.behind() == []
    settings.EMBEDDING_ENGINE = "tests.fakes.OtherWordLengthEmbedder"

    assert embedding.behind() == sorted([alice.pk, bob.pk])
    reaping._behind()
    reaping._behind()
    for job in Job.objects.filter(kind="embed", state="queued"):
        lease = Lease.claim(job.pk)
        assert lease is not None
        jobs._run(lease)

    space = Space.objects.get(model="word-lengths-2")
    assert items() == {one.pk, other.pk}
    assert set(Vector.objects.values_list("space", flat=True)) == {space.pk}
    assert set(Memory.objects.values_list("space", flat=True)) == {space.pk}


def test_a_reworded_memory_gets_a_new_vector(alice: Reader) -> None:
    [memory] = remember(alice, "aa aa aa")
    run()
    MemoryManager(alice.pk).update(memory.pk, {"text": "bbbb bbbb"})

    run()

    [vector] = Vector.objects.all()
    assert vector.embedding[3] == pytest.approx(1.0, abs=0.01)


def test_what_was_forgotten_or_reworded_meanwhile_gets_none(alice: Reader) -> None:
    kept, gone, changed = remember(alice, "The keys hang there.", "The boat lies there.", "The lamp stands there.")
    lease = Lease.claim(Job.objects.get(kind="embed").pk)
    assert lease is not None
    rows = [kept, gone, changed]
    vectors = WordLengthEmbedder().embed([row.text for row in rows])
    manager = MemoryManager(alice.pk)
    manager.forget([gone.pk])
    manager.update(changed.pk, {"text": "The lamp is broken."})

    embedding._keep(lease, embedding.space_of(WordLengthEmbedder()), rows, vectors)

    assert items() == {kept.pk}
    gone.refresh_from_db()
    assert (gone.state, gone.space) == (State.FORGOTTEN, None)
    assert Job.objects.filter(kind="embed", state="queued").exists()


def test_writing_asks_for_vectors_once(alice: Reader) -> None:
    remember(alice, "The keys hang beside the door.", "The boat lies at the quay.")
    queue.embed(alice.pk)

    assert Job.objects.filter(kind="embed").count() == 1


def test_nothing_of_a_forgotten_turn_stays_in_the_vector_of_the_next(alice: Reader) -> None:
    MemoryManager(alice.pk).add_turns("talk", [Turn("aa aa aa"), Turn("bbbb"), Turn("ccccc")])
    run()

    MemoryManager(alice.pk).forget([Memory.objects.get(number=0).pk])
    assert items() == {Memory.objects.get(number=2).pk}
    run()

    vector = Vector.objects.get(item=Memory.objects.get(number=1).pk)
    assert vector.embedding[1] == pytest.approx(0.0, abs=0.01)
    assert vector.embedding[3] == pytest.approx(1.0, abs=0.01)


def test_a_new_vector_is_nobodys_conflict(alice: Reader) -> None:
    [memory] = remember(alice, "The keys hang beside the door.")
    seen = memory.revision
    run()
    manager = MemoryManager(alice.pk)

    assert manager.get(memory.pk).revision > seen
    manager.update(memory.pk, {"importance": 0.9}, if_revision=seen)
    with pytest.raises(Conflict):
        manager.update(memory.pk, {"importance": 0.8}, if_revision=seen)
    assert manager.get(memory.pk).importance == 0.9
