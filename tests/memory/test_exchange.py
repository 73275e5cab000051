"""What is exported can be imported, and is the same; what strangers write is looked at."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from memory.errors import NotFound, ValidationFailed
from memory.manager import MemoryManager
from memory.models import Event, Memory, Session
from memory.types import Candidate, MemoryType, Source, SourceKind, State, Turn, Wanted
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Place

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
few = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
candidates = st.builds(
    Candidate,
    st.one_of(texts, st.sampled_from(["I live in Paris", "I live in Rome", "I moved to Berlin", "我住在北京"])),
    type=st.one_of(st.none(), st.sampled_from(MemoryType)),
    subject=st.sampled_from(["", "user", "Anna"]),
    attribute=st.sampled_from(["", "home", "likes", "name"]),
    value=st.sampled_from(["", "Paris", "Rome"]),
    importance=st.one_of(st.none(), st.floats(0, 1)),
    is_pinned=st.booleans(),
    confidence=st.floats(0, 1),
    source=st.one_of(
        st.builds(Source, st.sampled_from(SourceKind), quote=texts, label=texts),
        st.builds(Source, place=st.just(Place(3, 1, 2, 9)), key=st.sampled_from(["", "a:1", "a:2"])),
    ),
    book=st.sampled_from([None, 1, 2]),
    observed_at=moments,
    expires_on=st.sampled_from([None, date(2040, 1, 1)]),
    metadata=st.dictionaries(texts, st.one_of(st.integers(-5, 5), texts, st.lists(st.booleans())), max_size=3),
)
turns = st.builds(
    Turn, texts, st.sampled_from(["user", "assistant", "tool"]), speaker=st.sampled_from(["", "Anna"]), said_at=moments
)


@few
@given(told=st.lists(candidates, max_size=8), said=st.lists(turns, max_size=5), data=st.data())
def test_an_export_brought_into_an_empty_memory_gives_the_same_export(
    alice: Reader, bob: Reader, told: list[Candidate], said: list[Turn], data: st.DataObject
) -> None:
    Memory.objects.all().delete()
    Session.objects.all().delete()
    mind = MemoryManager(alice.pk)
    mind.set_switches(is_following=data.draw(st.booleans()))
    mind.open_session("talk", title="A talk", books=[4], participants=["Bea"])
    rows = mind.add_turns("talk", said)
    rows += [each.memory for each in mind.remember_all(told)]
    if said:
        rows.append(mind.remember(Candidate("learned", source=Source(turn=rows[0].pk, quote="q"))).memory)
    for row in rows:
        change(mind, row, data.draw(st.sampled_from(["", "", "pin", "archive", "text", "forget", "used"])))

    lines = [json.loads(json.dumps(line)) for line in mind.export()]
    other = MemoryManager(bob.pk)
    done = other.import_lines(lines)

    assert done.refused == []
    assert done.added == sum(line["line"] in {"memory", "turn"} for line in lines)
    assert list(other.export()) == lines
    again = other.import_lines(lines)
    assert (again.added, again.repeated) == (0, done.added)


def change(mind: MemoryManager, row: Memory, what: str) -> None:
    """Do something to a memory, if it is still there."""
    try:
        if what == "pin":
            mind.pin(row.pk)
        elif what == "archive":
            mind.archive(row.pk)
        elif what == "forget":
            mind.forget([row.pk])
        elif what == "used":
            mind.used([row.pk])
        elif what == "text" and row.number is None:
            mind.update(row.pk, {"text": "I moved to Lisbon", "importance": 0.4}, reason="better")
    except NotFound:
        return


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def test_an_export_is_the_same_after_turns_and_beginnings_were_taken_away(mind: MemoryManager, bob: Reader) -> None:
    *_others, last = mind.add_turns("talk", [Turn("one"), Turn("two"), Turn("three")])
    Session.objects.update(learned_to=3)
    mind.forget([last.pk])
    home = mind.remember(Candidate("I live in Paris", observed_at=NOON, valid_to=NOON + timedelta(days=400))).memory
    mind.update(home.pk, {"valid_from": None})
    mind.add_turns("silent", [Turn("gone", key="g")])
    mind.forget([mind.timeline("silent")[0].pk])
    lines = list(mind.export())

    other = MemoryManager(bob.pk)
    assert other.import_lines(lines).refused == []

    assert list(other.export()) == lines
    assert [session.learned_to for session in other.sessions().order_by("key")] == [0, 2]


def test_lines_written_by_hand_need_only_a_text(mind: MemoryManager) -> None:
    done = mind.import_lines([{"text": "I live in Paris"}, {"line": "turn", "session": "s", "text": "hello"}])

    assert (done.added, done.refused) == (2, [])
    (home,) = mind.list(Wanted(is_turn=False))
    assert (home.type, home.attribute, home.value) == ("personal", "home", "Paris")
    assert [event.actor for event in mind.history(home.pk)] == ["import"]
    assert [row.text for row in mind.timeline("s")] == ["hello"]
    twice = {"text": "The shop opens at nine", "observed_at": "2026-01-01T00:00:00Z"}
    assert mind.import_lines([twice, twice]).added == 1


def test_a_value_that_comes_in_takes_its_place_on_the_timeline(mind: MemoryManager) -> None:
    mind.remember(Candidate("I live in Rome", observed_at=NOON))

    mind.import_lines([{"text": "I live in Paris", "observed_at": "2020-01-01T00:00:00+00:00"}])

    assert [row.value for row in mind.list()] == ["Rome"]
    assert [row.value for row in mind.list(Wanted(as_of=NOON - timedelta(days=9)))] == ["Paris"]


WRONG: list[Any] = [
    None,
    7,
    "text",
    [],
    {},
    {"line": "reader", "text": "x"},
    {"line": "memory"},
    {"line": ["memory"], "text": "x"},
    {"line": "session", "key": ["k"]},
    {"text": "x", "state": ["active"]},
    {"text": "x", "source_kind": {}},
    {"text": "x", "type": ["personal"]},
    {"line": "turn", "session": "s", "text": "x", "role": []},
    {"line": "event", "memory": "m1", "verb": []},
    {"text": ""},
    {"text": "a\0b"},
    {"text": "\ud800"},
    {"text": "x" * 20_001},
    {"text": "x", "type": "secret"},
    {"text": "x", "state": "forgotten"},
    {"text": "x", "importance": 7},
    {"text": "x", "importance": float("nan")},
    {"text": "x", "observed_at": "2026-01-01T00:00:00"},
    {"text": "x", "observed_at": "2226-01-01T00:00:00+00:00"},
    {"text": "x", "recorded_at": "9999-12-31T23:59:59+00:00"},
    {"text": "x", "observed_at": 12},
    {"text": "x", "expires_on": "soon"},
    {"text": "x", "valid_from": "2026-01-02T00:00:00Z", "told_to": "2026-01-01T00:00:00Z"},
    {"text": "x", "metadata": {"a": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}},
    {"text": "x", "metadata": {"a": "b" * 20_000}},
    {"text": "x", "metadata": []},
    {"text": "x", "session": "nowhere"},
    {"text": "x", "session": ["a"]},
    {"text": "x", "book": "1"},
    {"text": "x", "book": 2**70},
    {"text": "x", "told_count": -1},
    {"text": "x", "stability_days": 1e308},
    {"text": "x", "ref": "r" * 101},
    {"text": "x", "source_kind": "magic"},
    {"line": "turn", "text": "x"},
    {"line": "turn", "session": "s", "text": "x", "role": "god"},
    {"line": "turn", "session": "s", "text": "x", "number": -1},
    {"line": "session"},
    {"line": "session", "key": "k", "books": "123"},
    {"line": "session", "key": "k", "books": ["a"]},
    {"line": "session", "key": "k", "books": {"a": 1}},
    {"line": "mind", "is_learning": "no"},
    {"line": "event", "memory": "m1", "verb": "remembered"},
    {"line": "event", "memory": 1, "verb": "remembered"},
]


@pytest.mark.parametrize("line", WRONG, ids=str)
def test_a_line_that_cannot_be_kept_is_refused_alone_and_told(mind: MemoryManager, line: Any) -> None:
    done = mind.import_lines([{"text": "before"}, line, {"text": "after"}])

    assert [number for number, _sentence in done.refused] == [2]
    assert done.refused[0][1]
    assert sorted(row.text for row in mind.list()) == ["after", "before"]


@pytest.mark.parametrize("number", [2, 99, "2.0", None, []])
def test_a_file_of_a_newer_format_is_refused_whole_and_says_what_to_do(mind: MemoryManager, number: Any) -> None:
    with pytest.raises(ValidationFailed, match="Update Mindory") as refusal:
        mind.import_lines([{"text": "before"}, {"line": "mind", "format": number}, {"text": "after"}])

    assert refusal.value.details == {"field": "format", "newest": 1}
    assert not mind.list().exists()


def test_ids_of_another_reader_mean_nothing(mind: MemoryManager, bob: Reader) -> None:
    theirs = MemoryManager(bob.pk).add_turns("talk", [Turn("a secret")])[0]

    done = mind.import_lines(
        [
            {"text": "mine", "ref": "m1", "turn": str(theirs.pk), "superseded_by": str(theirs.pk), "owner": bob.pk},
            {"line": "event", "memory": str(theirs.pk), "verb": "updated", "before": {"text": "x"}},
            {"line": "event", "memory": "m1", "verb": "merged", "after": {"source": {"turn": theirs.pk}}},
            {"text": "in their session", "session": "talk"},
        ]
    )

    (row,) = mind.list()
    assert (row.turn_id, row.superseded_by_id, [number for number, _ in done.refused]) == (None, None, [2, 4])
    assert Event.objects.get(memory=row).after == {"source": {"turn": None}}
    assert MemoryManager(bob.pk).history(theirs.pk)[0].verb == "remembered"
    assert Memory.objects.filter(owner=bob).count() == 1


def test_a_history_full_of_nonsense_breaks_nothing(mind: MemoryManager) -> None:
    nonsense = {"told_at": ["never", 7, None], "source": "x", "text": 7, "valid_from": "x", "state": [], "type": "x"}
    mind.import_lines(
        [
            {"text": "I live in Paris", "ref": "m1", "observed_at": "2020-01-01T00:00:00Z"},
            {"line": "event", "memory": "m1", "verb": "merged", "before": nonsense, "after": nonsense},
            {"line": "event", "memory": "m1", "verb": "updated", "before": nonsense, "after": {"told_at": {"a": 1}}},
        ]
    )
    (row,) = mind.list()

    mind.remember(Candidate("I live in Rome", observed_at=NOON))
    with pytest.raises(Exception) as refused:  # noqa: PT011 (its class is looked at below)
        mind.restore(row.pk, event_id=mind.history(row.pk)[0].pk)
    assert type(refused.value).__name__ == "ValidationFailed"
    mind.forget([row.pk])
    assert Memory.objects.get(pk=row.pk).state == State.FORGOTTEN
