"""Whatever readers do, and at once: nothing is lost, nothing is doubled, and nobody touches what is another's."""

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from memory.errors import Conflict, NotFound
from memory.manager import MemoryManager
from memory.models import Event, Memory, Mind, Session
from memory.types import Candidate, Source, State, Turn, Verb, Wanted
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
few = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def at_once(count: int, work: Callable[[int], object]) -> list[BaseException]:
    """Do the same in several threads with connections of their own, begun together; return what went wrong."""
    gate, wrong = threading.Barrier(count), list[BaseException]()

    def one(number: int) -> None:
        try:
            gate.wait(timeout=30)
            work(number)
        except Exception as error:  # noqa: BLE001 (told to the test)
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return wrong


@pytest.mark.django_db(transaction=True)
def test_the_same_words_told_by_many_at_once_are_one_memory(alice: Reader) -> None:
    def tell(_number: int) -> None:
        MemoryManager(alice.pk).remember(Candidate("The library closes at six"))

    assert at_once(6, tell) == []
    (row,) = Memory.objects.filter(owner=alice)
    assert row.told_count == 6
    assert Mind.objects.get(reader=alice).revision == 6


@pytest.mark.django_db(transaction=True)
def test_many_who_change_a_memory_at_once_lose_no_change(alice: Reader) -> None:
    told = MemoryManager(alice.pk).remember(Candidate("A number", metadata={})).memory

    def add_one(number: int) -> None:
        for _again in range(60):
            mind = MemoryManager(alice.pk)
            seen = mind.get(told.pk)
            try:
                mind.update(told.pk, {"metadata": {**seen.metadata, str(number): 1}}, if_revision=seen.revision)
                return
            except Conflict:
                continue
        raise AssertionError("never alone")

    assert at_once(5, add_one) == []
    assert MemoryManager(alice.pk).get(told.pk).metadata == {str(number): 1 for number in range(5)}
    assert Event.objects.filter(memory=told, verb=Verb.UPDATED).count() == 5


@pytest.mark.django_db(transaction=True)
def test_turns_and_keys_that_come_at_once_are_numbered_without_gaps(alice: Reader) -> None:
    def say(number: int) -> None:
        mind = MemoryManager(alice.pk)
        for part in range(4):
            mind.add_turns("talk", [Turn(f"{number} {part}", key=f"{number}.{part}"), Turn("both", key="both")])
        mind.remember(Candidate("Sent again"), once="k")

    assert at_once(4, say) == []
    turns = MemoryManager(alice.pk).timeline("talk")
    assert [turn.number for turn in turns] == list(range(17))
    assert Memory.objects.filter(text="Sent again").get().told_count == 1


@pytest.mark.django_db(transaction=True)
def test_values_told_at_once_make_one_timeline(alice: Reader) -> None:
    def move(number: int) -> None:
        MemoryManager(alice.pk).remember(
            Candidate(f"I live in City{number}", observed_at=NOON - timedelta(days=number))
        )

    assert at_once(5, move) == []
    mind = MemoryManager(alice.pk)
    assert [row.value for row in mind.list()] == ["City0"]
    for number in range(5):
        (then,) = mind.list(Wanted(as_of=NOON - timedelta(days=number)))
        assert then.value == f"City{number}"


def everything_of(owner: Reader) -> list[Any]:
    """Return all rows of a reader."""
    return [
        list(Memory.objects.filter(owner=owner).order_by("pk").values()),
        list(Event.objects.filter(owner=owner).order_by("pk").values()),
        list(Session.objects.filter(owner=owner).order_by("pk").values()),
        list(Mind.objects.filter(reader=owner).values()),
        list(Vector.objects.filter(group=owner.pk).values("item", "part")),
    ]


ids = st.integers(0, 3)
keys = itertools.count()
VERBS: dict[str, Callable[[MemoryManager, int, int], object]] = {
    "get": lambda mind, pk, _: mind.get(pk),
    "history": lambda mind, pk, _: mind.history(pk),
    "update": lambda mind, pk, _: mind.update(pk, {"text": "mine now"}),
    "pin": lambda mind, pk, _: mind.pin(pk),
    "archive": lambda mind, pk, _: mind.archive(pk),
    "restore": lambda mind, pk, _: mind.restore(pk),
    "back": lambda mind, pk, event: mind.restore(pk, event_id=event),
    "forget": lambda mind, pk, _: mind.forget([pk]),
    "of a turn": lambda mind, pk, _: mind.remember(Candidate("from theirs", source=Source(turn=pk))),
}
QUIET: dict[str, Callable[[MemoryManager, int, int], object]] = {
    "used": lambda mind, pk, _: mind.used([pk]),
    "list": lambda mind, pk, _: list(mind.list(Wanted(include_archived=True, include_past=True))),
    "forget all": lambda mind, pk, _: mind.forget_all(Wanted()),
    "forget book": lambda mind, pk, _: mind.forget_all(Wanted(book=1)),
    "turns": lambda mind, pk, _: mind.add_turns("talk", [Turn("in my own")]),
    "session": lambda mind, pk, _: mind.open_session("talk", title="mine"),
    "tell": lambda mind, pk, _: mind.remember(Candidate("I live in Rome", source=Source(key="a:1")), once="k"),
    "switches": lambda mind, pk, _: mind.set_switches(is_learning=False),
    "import": lambda mind, pk, _: mind.import_lines([{"text": "x", "ref": str(pk), "turn": str(pk)}]),
    "stats": lambda mind, pk, _: mind.stats(),
    "export": lambda mind, pk, _: list(mind.export()),
}


@few
@given(done=st.lists(st.tuples(st.sampled_from(sorted(VERBS | QUIET)), ids), min_size=1, max_size=12))
def test_nothing_that_one_reader_does_touches_or_shows_what_is_anothers(
    alice: Reader, bob: Reader, done: list[tuple[str, int]]
) -> None:
    mine, theirs = MemoryManager(alice.pk), MemoryManager(bob.pk)
    key = str(next(keys))  # what was forgotten in the example before does not come back under its key
    rows = [*theirs.add_turns("talk", [Turn("theirs", key=key)])]
    rows.append(theirs.remember(Candidate("I live in Paris", source=Source(key="a:1")), once=key).memory)
    rows.append(theirs.remember(Candidate("in a book", book=1)).memory)
    rows.append(theirs.remember(Candidate("put away")).memory)
    theirs.archive(rows[-1].pk)
    space, _new = Space.objects.get_or_create(collection="memory", model="m", defaults={"dimension": 1})
    for row in rows:
        Vector.objects.get_or_create(space=space, group=bob.pk, item=row.pk, defaults={"embedding": [1.0]})
    before = everything_of(bob)
    event = Event.objects.filter(owner=bob).latest("pk").pk

    for verb, index in done:
        if verb in VERBS:
            with pytest.raises(NotFound):
                VERBS[verb](mine, rows[index].pk, event)
        else:
            found = QUIET[verb](mine, rows[index].pk, event)
            if isinstance(found, list):
                assert not any(getattr(each, "owner_id", alice.pk) != alice.pk for each in found)

    assert everything_of(bob) == before
    assert not Memory.objects.filter(owner=alice, turn__owner=bob).exists()
    assert not Memory.objects.filter(owner=alice, session__owner=bob).exists()
    theirs.forget_all(Wanted())
    assert not Vector.objects.filter(group=bob.pk).exists()


def test_beyond_the_quota_the_least_retained_are_put_away_and_none_is_lost(alice: Reader, settings: Settings) -> None:
    settings.MEMORY_QUOTA = 5
    mind = MemoryManager(alice.pk)
    told = [
        mind.remember(Candidate(f"Thing {number}", observed_at=NOON - timedelta(days=number), is_pinned=number == 7))
        for number in range(8)
    ]

    at_hand = {row.pk for row in mind.list()}
    assert len(at_hand) == 5
    assert told[7].memory.pk in at_hand
    assert told[0].memory.pk in at_hand
    assert mind.list(Wanted(include_archived=True)).count() == 8
    away = Memory.objects.filter(owner=alice, state=State.ARCHIVED)
    assert [event.actor for event in Event.objects.filter(memory__in=away, verb=Verb.ARCHIVED)] == ["quota"] * 3
    assert mind.restore(away[0].pk).state == State.ACTIVE


def test_a_token_of_another_reader_brings_nothing_back(alice: Reader, bob: Reader) -> None:
    mine = MemoryManager(alice.pk)
    receipt = mine.forget([mine.remember(Candidate("a secret")).memory.pk])

    with pytest.raises(Exception, match="undone"):
        MemoryManager(bob.pk).undo_forget(receipt.undo)
    with pytest.raises(Exception, match="undone"):
        mine.undo_forget(receipt.undo[:-3] + "abc")
    assert Memory.objects.get(owner=alice).text == ""
