"""What a reader's memory keeps, changes and forgets."""

from datetime import UTC, datetime, timedelta

import pytest

from memory.errors import Conflict, NotFound, ValidationFailed
from memory.manager import MemoryManager
from memory.models import Event, Memory
from memory.types import Candidate, Outcome, Source, State, Turn, Verb, Wanted
from mindory_web.accounts.models import Reader

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def test_what_is_told_is_kept_with_what_its_words_say(mind: MemoryManager) -> None:
    told = mind.remember(Candidate("I live in Paris.", observed_at=NOON))

    kept = mind.get(told.memory.pk)
    assert told.outcome is Outcome.NEW
    assert (kept.subject, kept.attribute, kept.value, kept.type) == ("user", "home", "Paris", "personal")
    assert (kept.valid_from, kept.valid_to) == (NOON, None)
    assert len(kept.text_hash) == 16
    assert kept.tokens
    assert [event.verb for event in mind.history(kept.pk)] == [Verb.REMEMBERED]


def test_the_same_words_again_are_the_same_memory(mind: MemoryManager) -> None:
    first = mind.remember(Candidate("The library closes at six."))
    again = mind.remember(Candidate("the  library closes at six"))

    assert (again.outcome, again.memory.pk, again.memory.told_count) == (Outcome.REPEATED, first.memory.pk, 2)


def test_another_reader_finds_nothing(mind: MemoryManager, bob: Reader) -> None:
    told = mind.remember(Candidate("The library closes at six.")).memory
    other = MemoryManager(bob.pk)

    with pytest.raises(NotFound):
        other.get(told.pk)
    with pytest.raises(NotFound):
        other.forget([told.pk])
    with pytest.raises(NotFound):
        other.update(told.pk, {"text": "mine"})
    assert list(other.list()) == []


def test_a_forgotten_memory_leaves_no_words_and_can_be_brought_back(mind: MemoryManager) -> None:
    told = mind.remember(Candidate("The library closes at six.", metadata={"a": "six"})).memory
    mind.update(told.pk, {"text": "The library closes at seven."})

    receipt = mind.forget([told.pk], reason="wrong")

    row = Memory.objects.get(pk=told.pk)
    assert (row.state, row.text, row.metadata, bytes(row.tokens)) == (State.FORGOTTEN, "", {}, b"")
    assert not Event.objects.filter(memory=row, before__has_key="text").exists()
    with pytest.raises(NotFound):
        mind.get(told.pk)
    assert [back.text for back in mind.undo_forget(receipt.undo)] == ["The library closes at seven."]
    assert mind.get(told.pk).metadata == {"a": "six"}
    assert mind.restore(told.pk, event_id=mind.history(told.pk)[1].pk).text == "The library closes at six."
    with pytest.raises(Conflict):
        mind.undo_forget(receipt.undo)


def test_a_newer_home_ends_the_older_one(mind: MemoryManager) -> None:
    paris = mind.remember(Candidate("I live in Paris.", observed_at=NOON)).memory
    berlin = mind.remember(Candidate("I moved to Berlin.", observed_at=NOON + timedelta(days=9)))

    assert berlin.outcome is Outcome.SUPERSEDING
    old = mind.get(paris.pk)
    assert (old.valid_to, old.superseded_by_id) == (NOON + timedelta(days=9), berlin.memory.pk)
    assert [row.value for row in mind.list()] == ["Berlin"]
    assert [row.value for row in mind.list(Wanted(as_of=NOON + timedelta(days=1)))] == ["Paris"]


def test_a_request_that_is_sent_again_answers_with_the_same_memory(mind: MemoryManager) -> None:
    first = mind.remember(Candidate("I like tea."), once="k")

    assert mind.remember(Candidate("I like tea."), once="k").memory.pk == first.memory.pk
    assert mind.get(first.memory.pk).told_count == 1
    with pytest.raises(Conflict):
        mind.remember(Candidate("I like milk."), once="k")


def test_turns_are_kept_in_their_order_and_the_same_key_is_one_turn(mind: MemoryManager) -> None:
    mind.add_turns("talk", [Turn("Hello", key="1"), Turn("Hello", role="assistant", key="2")])
    mind.add_turns("talk", [Turn("Hello", key="2"), Turn("Hello", key="3")])

    assert [(row.number, row.role) for row in mind.timeline("talk")] == [(0, "user"), (1, "assistant"), (2, "user")]
    assert mind.session("talk").turn_count == 3
    assert mind.close_session("talk").closed_at is not None


def test_forgetting_a_turn_erases_the_quotes_of_what_was_learned_from_it(mind: MemoryManager) -> None:
    (turn,) = mind.add_turns("talk", [Turn("I was in Rome in 2019")])
    fact = mind.remember(Candidate("The reader was in Rome", source=Source(turn=turn.pk, quote="in Rome"))).memory

    receipt = mind.forget([turn.pk])

    assert mind.get(fact.pk).quote == ""
    mind.undo_forget(receipt.undo)
    assert (mind.get(fact.pk).quote, mind.get(turn.pk).text) == ("in Rome", "I was in Rome in 2019")


@pytest.mark.parametrize(
    "wrong",
    [
        Candidate(" "),
        Candidate("a\0b"),
        Candidate("\ud800"),
        Candidate("x" * 20_001),
        Candidate("x", importance=1.1),
        Candidate("x", confidence=float("nan")),
        Candidate("x", observed_at=datetime(2026, 1, 1)),
        Candidate("x", observed_at=datetime(2126, 1, 1, tzinfo=UTC)),
        Candidate("x", valid_from=NOON, valid_to=NOON - timedelta(days=1)),
        Candidate("x", metadata={"a": "b" * 20_000}),
        Candidate("x", subject="s" * 201),
        Candidate("x", book=-1),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(mind: MemoryManager, wrong: Candidate) -> None:
    with pytest.raises(ValidationFailed) as refused:
        mind.remember(wrong)
    assert str(refused.value)
    assert Memory.objects.count() == 0
