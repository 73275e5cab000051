"""What a reader's memory keeps, changes and forgets."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.utils import timezone

from memory.errors import Conflict, NotFound, ValidationFailed
from memory.manager import MemoryManager
from memory.models import Event, Memory
from memory.types import LONGEST_NAME, Candidate, MemoryType, Outcome, Source, State, Turn, Verb, Wanted
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


def test_a_reason_that_is_no_text_is_refused(mind: MemoryManager) -> None:
    told = mind.remember(Candidate("The library closes at six.")).memory

    for broken in ("a\0b", "\ud800"):
        with pytest.raises(ValidationFailed, match="reason"):
            mind.forget([told.pk], reason=broken)
        with pytest.raises(ValidationFailed, match="reason"):
            mind.update(told.pk, {"text": "It closes at seven"}, reason=broken)
    assert mind.update(told.pk, {"text": "It closes at seven"}, reason="why " * 100).text == "It closes at seven"
    assert mind.history(told.pk)[-1].reason == ("why " * 100)[:300]


def test_turns_of_like_names_are_all_kept(mind: MemoryManager) -> None:
    longest = "k" * (LONGEST_NAME - 1)
    mind.add_turns("a", [Turn("one", key="b#c")])
    mind.add_turns("a#b", [Turn("two", key="c"), Turn("three", key=f"{longest}1"), Turn("four", key=f"{longest}2")])
    mind.add_turns("a#b", [Turn("again", key="c"), Turn("again", key=f"{longest}2")])
    mind.remember(Candidate("a fact", source=Source(key="talk#1")))

    assert [row.text for row in mind.timeline("a")] == ["one"]
    assert [row.text for row in mind.timeline("a#b")] == ["two", "three", "four"]
    with pytest.raises(Conflict):
        mind.add_turns("talk", [Turn("a turn", key="1")])


def test_what_was_to_end_and_is_told_again_goes_on(mind: MemoryManager) -> None:
    over, later = NOON.date(), NOON.date() + timedelta(days=30_000)
    for text in ("The fair is open", "I live in Paris"):
        mind.remember(Candidate(text, expires_on=over, observed_at=NOON))
        again = mind.remember(Candidate(text, expires_on=later, observed_at=NOON))
        assert (again.outcome, again.memory.expires_on) == (Outcome.REPEATED, later)
        assert mind.remember(Candidate(text, expires_on=over, observed_at=NOON)).memory.expires_on == later
        mind.remember(Candidate(text, observed_at=NOON))
    mind.remember(Candidate("of a source", expires_on=over, source=Source(key="a:1")))
    mind.remember(Candidate("of a source", source=Source(key="a:1")))

    rows = mind.list()
    assert {row.text for row in rows} == {"The fair is open", "I live in Paris", "of a source"}
    assert {row.expires_on for row in rows} == {None}


def test_what_a_second_telling_adds_is_added(mind: MemoryManager) -> None:
    first = mind.remember(Candidate("The library closes at six", confidence=0.4, metadata={"a": 1, "b": 1})).memory
    mind.remember(Candidate("the library closes at six", confidence=0.9, importance=0.7, metadata={"b": 2}))
    mind.remember(Candidate("the library closes at six", confidence=0.2))

    now = mind.get(first.pk)
    assert (now.confidence, now.importance, now.metadata, now.told_count) == (0.9, 0.7, {"a": 1, "b": 2}, 3)
    assert mind.restore(first.pk, event_id=mind.history(first.pk)[1].pk).metadata == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("told", "new", "meaning"),
    [
        (Candidate("I live in Paris"), "I live in Rome", ("home", "Rome")),
        (Candidate("I live in Paris"), "I live in Paris, by the river", ("home", "Paris")),
        (Candidate("I live in Paris"), "There is a river", ("", "")),
        (Candidate("I liv in Paris"), "I live in Paris", ("home", "Paris")),
        (Candidate("我住在北京"), "我住在上海", ("home", "上海")),
        (Candidate("Home: Paris.", subject="Anna", attribute="home", value="Paris"), "Home: Rome.", ("home", "Rome")),
        (Candidate("She likes tea", subject="Anna", attribute="likes", value="tea"), "She left", ("", "")),
        (Candidate("Tea it is", subject="Anna", attribute="likes"), "Milk it is", ("likes", "")),
    ],
    ids=lambda given: given.text if isinstance(given, Candidate) else str(given),
)
def test_a_memory_that_is_reworded_means_what_it_says(
    mind: MemoryManager, told: Candidate, new: str, meaning: tuple[str, str]
) -> None:
    row = mind.remember(told).memory
    was = (row.attribute, row.value)

    now = mind.update(row.pk, {"text": new})

    assert (now.attribute, now.value) == meaning
    assert now.valid_from is not None or now.attribute != "home"
    back = mind.restore(row.pk, event_id=mind.history(row.pk)[1].pk)
    assert (back.text, back.attribute, back.value) == (told.text, *was)
    assert mind.update(row.pk, {"text": new, "value": "as told"}).value == "as told"


def test_going_back_before_it_was_put_away_brings_it_back(mind: MemoryManager) -> None:
    told = mind.remember(Candidate("The library closes at six")).memory
    mind.archive(told.pk)
    mind.remember(Candidate("The library closes at six"))
    away, again = mind.history(told.pk)[1:]

    assert mind.restore(told.pk, event_id=again.pk).state == State.ARCHIVED
    assert mind.restore(told.pk, event_id=away.pk).state == State.ACTIVE


def test_a_time_before_all_time_is_no_beginning(mind: MemoryManager) -> None:
    for text in ("I moved to Berlin 900 years ago", "我从0001年起住在北京", "I have lived in Paris since 0005"):
        told = mind.remember(Candidate(text, observed_at=datetime(1200, 1, 1, tzinfo=UTC))).memory
        assert told.valid_from is None or told.valid_from.year >= 1000


SIGNS = [
    "\u200f",
    "\u202e",
    "e\u0301",
    "👨‍👩‍👧",
    "❤️",
    "🏴\U000e0067\U000e007f",
    "\ufffe",
    "\U0010ffff",
    "\x01",
    "\u2028x",
    "ﷺ",
    "ǅ",
]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_every_sign_of_unicode_is_kept_as_it_is(mind: MemoryManager, sign: str) -> None:
    of, held = Source(label=sign, quote=sign), {sign: sign}
    for number, text in enumerate((f"{sign}|", f"I live in {sign}", f"a{sign}b", f"{sign * 300}|")):
        value = f"|{sign}|"
        told = Candidate(text, subject=f"s{number}", attribute="a", value=value, agent=sign, metadata=held, source=of)
        kept = mind.get(mind.remember(told).memory.pk)
        assert (kept.text, kept.value, kept.agent, kept.quote, kept.source_label) == (text, value, sign, sign, sign)
        assert kept.metadata == held
        (turn,) = mind.add_turns(f"s{sign}", [Turn(text, speaker=sign, caption=sign, key=f"{sign}{text[:9]}")])
        assert (mind.get(turn.pk).text, turn.speaker, turn.caption) == (text, sign, sign)


def test_metadata_of_any_mapping_is_kept(mind: MemoryManager) -> None:
    held = MappingProxyType({"a": MappingProxyType({"b": (1, 2)})})

    told = mind.remember(Candidate("x y", metadata=held), once="k").memory

    assert mind.get(told.pk).metadata == {"a": {"b": [1, 2]}}
    assert mind.remember(Candidate("x y", metadata=held), once="k").memory.pk == told.pk


def test_what_there_is_is_counted_by_what_it_is(mind: MemoryManager, bob: Reader) -> None:
    empty = mind.stats()
    assert (empty.memories, empty.by_type, empty.first_at, empty.revision) == (0, {}, None, 0)

    mind.add_turns("talk", [Turn("one", said_at=NOON), Turn("two", said_at=NOON + timedelta(hours=1))])
    for number in range(3):
        told = Candidate(f"note {number}", type=MemoryType.FACTUAL, book=7, observed_at=NOON - timedelta(days=number))
        mind.remember(told)
    pinned = mind.remember(Candidate("I like tea", type=MemoryType.PERSONAL, is_pinned=True, observed_at=NOON)).memory
    away = mind.remember(Candidate("put away", is_pinned=True, book=7, observed_at=NOON)).memory
    mind.archive(away.pk)
    mind.forget([mind.remember(Candidate("gone", book=9, observed_at=NOON - timedelta(days=99))).memory.pk])
    MemoryManager(bob.pk).remember(Candidate("theirs", book=7, is_pinned=True))

    found = mind.stats()
    assert (found.memories, found.turns, found.sessions, found.pinned, found.archived) == (4, 2, 1, 1, 1)
    assert found.by_type == {"factual": 3, "personal": 1}
    assert found.by_state == {"active": 6, "archived": 1}
    assert found.by_book == {7: 3}
    assert (found.first_at, found.last_at) == (NOON - timedelta(days=2), NOON + timedelta(hours=1))
    assert found.revision == mind.get(pinned.pk).revision + 4


def test_a_change_that_changes_nothing_makes_no_revision(mind: MemoryManager) -> None:
    row = mind.remember(Candidate("I live in Lisbon.")).memory
    changes: dict[str, Any] = {"is_pinned": True, "metadata": {"seen": 1}, "valid_to": None}
    revision = mind.update(row.pk, changes).revision

    assert mind.update(row.pk, changes).revision == revision
    assert mind.pin(row.pk).revision == revision
    assert [event.verb for event in mind.history(row.pk)] == [Verb.REMEMBERED, Verb.UPDATED]


def test_what_is_over_is_gone_for_everyone_who_has_its_id(mind: MemoryManager) -> None:
    row = mind.remember(Candidate("The market is on the square today.")).memory
    Memory.objects.filter(pk=row.pk).update(expires_on=timezone.localdate())

    for act in (mind.get, mind.history, mind.archive, mind.pin):
        with pytest.raises(NotFound):
            act(row.pk)
