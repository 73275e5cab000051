"""Forgetting is from every table; what may stay stays, and for five minutes everything can come back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from memory.errors import Conflict, NotFound, ValidationFailed
from memory.manager import MemoryManager
from memory.models import Event, Layer, Memory, ModelAnswer, Session
from memory.types import Candidate, Source, SourceKind, Turn, Wanted
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Space, Vector

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECRET = "zanzibar"
few = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def places_of(word: str) -> list[str]:
    """Return every column of every table of the memory that holds a word."""
    found = []
    for model in apps.get_app_config("memory").get_models():
        for row in model._default_manager.all():
            for field in row._meta.concrete_fields:
                value: Any = getattr(row, field.attname)
                is_binary = isinstance(field, models.BinaryField)
                if word in str(bytes(value) if is_binary and value is not None else value).casefold():
                    found.append(f"{model.__name__}.{field.name}")
    return found


def test_no_table_keeps_a_word_of_what_is_forgotten(mind: MemoryManager, alice: Reader) -> None:
    (turn,) = mind.add_turns("talk", [Turn(f"I was in {SECRET}", caption=SECRET, speaker=SECRET, key=SECRET)])
    session = mind.session("talk")
    fact = mind.remember(Candidate("The reader travels", source=Source(SourceKind.MESSAGE, turn.pk, f"in {SECRET}")))
    mind.remember(Candidate("The reader  travels!", source=Source(SourceKind.MESSAGE, turn.pk, f"{SECRET}, I was")))
    told = mind.remember(
        Candidate(f"I like {SECRET}", value=SECRET, metadata={SECRET: SECRET}, source=Source(label=SECRET)), once=SECRET
    ).memory
    mind.update(told.pk, {"text": f"I love {SECRET}"}, reason=SECRET)
    Layer.objects.create(owner=alice, memory=told, level=0, text=SECRET, source_hash=b"x", made_by="m")
    Layer.objects.create(owner=alice, session=session, level=0, text=SECRET, source_hash=b"x", made_by="m")
    ModelAnswer.objects.create(owner=alice, session=session, digest=b"x", text=SECRET)
    space = Space.objects.create(collection="memory", model="m", dimension=1)
    Vector.objects.create(space=space, group=alice.pk, item=told.pk, embedding=[1.0])

    receipt = mind.forget([turn.pk, told.pk])

    Session.objects.update(participants=[])  # names of people stay with the session
    assert places_of(SECRET) == []
    assert not Vector.objects.filter(item=told.pk).exists()
    assert receipt.count == 2
    mind.undo_forget(receipt.undo)
    assert mind.get(told.pk).text == f"I love {SECRET}"
    assert mind.get(fact.memory.pk).quote == f"in {SECRET}"
    assert mind.history(fact.memory.pk)[-1].after["source"]["quote"] == f"{SECRET}, I was"
    assert mind.history(told.pk)[1].reason == SECRET


def test_a_session_goes_with_its_turns_and_what_was_learned_only_there(mind: MemoryManager) -> None:
    (turn,) = mind.add_turns("talk", [Turn("I have a boat and a cat and a hat")])
    (other,) = mind.add_turns("other", [Turn("I have a cat")])
    learning = MemoryManager(mind.owner_id, actor="extraction")

    def learned(text: str, of: Memory) -> Memory:
        return learning.remember(Candidate(text, source=Source(SourceKind.MESSAGE, of.pk, "a"))).memory

    boat, cat, hat, coat = (learned(text, turn) for text in ("owns a boat", "owns a cat", "owns a hat", "owns a coat"))
    learned("owns a cat", other)
    mind.pin(hat.pk)
    mind.update(coat.pk, {"text": "owns a red coat"})

    receipt = mind.forget_session("talk")

    assert set(receipt.ids) == {turn.pk, boat.pk}
    assert receipt.sessions == ("talk",)
    assert {mind.get(row.pk).session_id for row in (cat, hat, coat)} == {None}
    assert {mind.get(row.pk).quote for row in (cat, hat, coat)} == {""}
    with pytest.raises(NotFound):
        mind.session("talk")
    mind.undo_forget(receipt.undo)
    assert [row.pk for row in mind.timeline("talk")] == [turn.pk]
    assert {mind.get(row.pk).session_id for row in (cat, hat, coat)} == {mind.session("talk").pk}
    assert mind.get(boat.pk).turn_id == turn.pk


def test_everything_about_a_book_goes_and_nothing_else(mind: MemoryManager) -> None:
    mind.open_session("about", books=[7])
    mind.open_session("both", books=[7, 8])
    mind.add_turns("about", [Turn("said of the book")])
    (kept,) = mind.add_turns("both", [Turn("said of two books")])
    gone = mind.remember(Candidate("a note", book=7)).memory
    mind.archive(gone.pk)
    other = mind.remember(Candidate("another note", book=8)).memory

    receipt = mind.forget_all(Wanted(book=7))

    assert (receipt.count, receipt.sessions) == (2, ("about",))
    assert {row.pk for row in mind.list()} == {kept.pk, other.pk}


def test_bulk_forgetting_by_day_and_by_everything(mind: MemoryManager) -> None:
    old = mind.remember(Candidate("old", observed_at=NOON - timedelta(days=400))).memory
    mind.remember(Candidate("new", observed_at=NOON))
    mind.add_turns("talk", [Turn("hello")])

    assert mind.forget_all(Wanted(until=NOON - timedelta(days=300))).ids == (old.pk,)
    everything = mind.forget_all(Wanted())
    assert (everything.count, mind.stats().memories, mind.stats().sessions) == (2, 0, 0)
    assert len(mind.undo_forget(everything.undo)) == 2
    assert mind.stats().sessions == 1
    with pytest.raises(ValidationFailed):
        mind.forget_all(Wanted(as_of=NOON))


def test_a_session_that_is_emptied_by_the_way_goes_unless_nothing_may_be_learned_from_it(mind: MemoryManager) -> None:
    long_ago = NOON - timedelta(days=400)
    for key in ("old", "begun", "paused"):
        mind.open_session(key, title=f"{SECRET} {key}", is_learning=key != "paused")
        mind.add_turns(key, [Turn("of long ago", said_at=long_ago)])
    mind.add_turns("begun", [Turn("of now", said_at=NOON)])
    mind.add_turns("gone before", [Turn("gone", said_at=NOON)])
    mind.forget([mind.timeline("gone before")[0].pk])

    receipt = mind.forget_all(Wanted(until=NOON - timedelta(days=300)))

    assert receipt.sessions == ("old",)
    assert {session.key for session in mind.sessions()} == {"begun", "paused", "gone before"}
    mind.undo_forget(receipt.undo)
    assert mind.session("old").title == f"{SECRET} old"
    assert mind.forget_all(Wanted(session="old", include_archived=True)).sessions == ("old",)
    assert len(mind.forget_all(Wanted(include_past=True)).sessions) == 3


def many_turns(mind: MemoryManager, count: int, *, attribute: str = "home") -> None:
    """Tell much: turns, what was learned from them, told again, and values of one attribute."""
    for talk in range(4):
        turns = mind.add_turns(f"talk {talk}", [Turn(f"said {talk} {number}") for number in range(count // 4)])
        for number, turn in enumerate(turns):
            of = Source(SourceKind.MESSAGE, turn.pk, f"said {talk}")
            for text in (f"fact {talk} {number}", f"fact {talk} {number}!"):
                mind.remember(Candidate(text, subject="Anna", attribute=attribute, value=text[5:9], source=of))


def test_much_is_forgotten_and_brought_back_with_as_many_queries_as_little(mind: MemoryManager, bob: Reader) -> None:
    asked = []
    for owner, count in ((mind.owner_id, 8), (bob.pk, 80)):
        one = MemoryManager(owner)
        many_turns(one, count, attribute="likes")
        with CaptureQueriesContext(connection) as forgetting:
            receipt = one.forget_all(Wanted())
        with CaptureQueriesContext(connection) as undoing:
            one.undo_forget(receipt.undo)
        asked.append((len(forgetting), len(undoing)))

    assert asked[0] == asked[1]


def all_of(mind: MemoryManager) -> list[Any]:
    """Return everything a reader would miss: all columns but those that tell of the last change."""
    rows = Memory.objects.filter(owner=mind.owner_id).order_by("pk").values()
    last = {"revision", "changed_at"}
    return [
        [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
                if name not in last
            }
            for row in rows
        ],
        list(Session.objects.filter(owner=mind.owner_id).order_by("pk").values()),
    ]


def told_of(mind: MemoryManager, until: int) -> list[Any]:
    """Return the histories as they were up to an event."""
    return list(Event.objects.filter(owner=mind.owner_id, pk__lte=until).order_by("pk").values())


@few
@given(chosen=st.sets(st.integers(0, 40)), what=st.sampled_from(["some", "session", "everything", "book"]))
def test_an_undo_brings_back_every_column_of_everything(alice: Reader, chosen: set[int], what: str) -> None:
    Memory.objects.all().delete()
    Session.objects.all().delete()
    mind = MemoryManager(alice.pk)
    mind.open_session("talk 1", books=[3], title="A talk", participants=["Bea"])
    many_turns(mind, 12)
    mind.remember(
        Candidate("我住在北京", metadata={"a": [1, {"b": None}]}, source=Source(key="a:1", label="l"), book=3)
    )
    mind.remember(Candidate("I live in Rome", observed_at=NOON, expires_on=date(2999, 1, 1), is_pinned=True))
    mind.used(list(Memory.objects.values_list("pk", flat=True))[:5])
    mind.update(Memory.objects.latest("pk").pk, {"text": "I live in Oslo"}, reason="moved")
    before, last = all_of(mind), Event.objects.latest("pk").pk
    told = told_of(mind, last)

    ids = list(Memory.objects.order_by("pk").values_list("pk", flat=True))
    if what == "some":
        receipt = mind.forget([pk for index, pk in enumerate(ids) if index in chosen])
    elif what == "session":
        receipt = mind.forget_session("talk 1", with_learned=bool(chosen))
    else:
        receipt = mind.forget_all(Wanted(book=3) if what == "book" else Wanted())
    mind.undo_forget(receipt.undo)

    assert all_of(mind) == before
    assert told_of(mind, last) == told


def test_forgetting_is_all_or_nothing(mind: MemoryManager, bob: Reader) -> None:
    mine = mind.remember(Candidate("mine")).memory
    theirs = MemoryManager(bob.pk).remember(Candidate("theirs")).memory

    for wrong in (theirs.pk, 10**12, 0, -1):
        with pytest.raises(NotFound):
            mind.forget([mine.pk, wrong])
    assert mind.get(mine.pk).text == "mine"


def test_what_has_expired_is_not_there_any_more(mind: MemoryManager) -> None:
    mind.remember(Candidate("today", expires_on=datetime.now(UTC).date()))
    mind.remember(Candidate("some day", expires_on=date(2999, 1, 1)))

    assert [row.text for row in mind.list(Wanted(include_past=True, include_archived=True))] == ["some day"]


def test_a_session_that_was_begun_again_is_not_overwritten_by_an_undo(mind: MemoryManager) -> None:
    mind.add_turns("talk", [Turn("first")])
    receipt = mind.forget_session("talk")
    mind.add_turns("talk", [Turn("second")])

    with pytest.raises(Conflict):
        mind.undo_forget(receipt.undo)
    assert [row.text for row in mind.timeline("talk")] == ["second"]


def test_a_session_that_is_over_learns_nothing_more_and_an_undo_brings_it_back(mind: MemoryManager) -> None:
    mind.add_turns("talk", [Turn("first")])

    receipt = mind.forget_session("talk", is_over=True)

    assert not mind.session("talk").is_learning
    assert list(mind.timeline("talk")) == []
    mind.undo_forget(receipt.undo)
    assert mind.session("talk").is_learning
    assert [row.text for row in mind.timeline("talk")] == ["first"]


def test_what_was_left_out_stays_left_out_when_everything_is_forgotten(mind: MemoryManager) -> None:
    mind.add_turns("talk", [Turn("first")])
    mind.open_session("talk", title="A secret", is_learning=False)

    receipt = mind.forget_all(Wanted())

    assert (mind.session("talk").is_learning, mind.session("talk").title) == (False, "")
    mind.undo_forget(receipt.undo)
    assert mind.session("talk").title == "A secret"
    assert [row.text for row in mind.timeline("talk")] == ["first"]


# --- Sent again -----------------------------------------------------------------------------------


def test_a_forgotten_turn_does_not_come_back_when_its_sender_tries_again(mind: MemoryManager, bob: Reader) -> None:
    said = [Turn("My code is 5512", key="a"), Turn("It rains", key="b")]
    first, second = mind.add_turns("talk", said)
    token = mind.forget([first.pk]).undo

    again = mind.add_turns("talk", [*said, Turn("It stopped", key="c")])

    assert [(row.pk, row.state, row.text) for row in again[:2]] == [
        (first.pk, "forgotten", ""),
        (second.pk, "active", "It rains"),
    ]
    assert [row.text for row in mind.timeline("talk")] == ["It rains", "It stopped"]
    assert MemoryManager(bob.pk).add_turns("talk", said[:1])[0].text == "My code is 5512"
    assert mind.undo_forget(token) == [first]
    assert mind.add_turns("talk", said[:1])[0].text == "My code is 5512"
    assert mind.timeline("talk").count() == 3


def test_a_forgotten_session_does_not_come_back_either_and_what_is_said_anew_is_new(mind: MemoryManager) -> None:
    said = [Turn("My code is 5512", key="a"), Turn("It rains", key="b")]
    mind.add_turns("talk", said)
    mind.forget_session("talk")

    assert {row.state for row in mind.add_turns("talk", said)} == {"forgotten"}
    assert not Session.objects.exists()
    mind.add_turns("talk", [*said, Turn("My code is 5512", key="c"), Turn("My code is 5512")])
    assert [(row.number, row.text) for row in mind.timeline("talk")] == [(0, "My code is 5512"), (1, "My code is 5512")]


def test_what_an_import_brought_back_can_be_forgotten_again(mind: MemoryManager) -> None:
    said = Turn("My code is 5512", key="a")
    mind.add_turns("talk", [said])
    lines = list(mind.export())
    for _time in range(2):
        mind.forget_all(Wanted())
        assert mind.import_lines(lines).added == 1
        assert mind.add_turns("talk", [said])[0].text == "My code is 5512"
    mind.forget_all(Wanted())
    assert mind.add_turns("talk", [said])[0].state == "forgotten"


def test_a_request_for_what_was_forgotten_answers_with_its_empty_row(mind: MemoryManager) -> None:
    told = Candidate("The boiler was mended")
    row = mind.remember(told, once="k1").memory
    token = mind.forget([row.pk]).undo

    again = mind.remember(told, once="k1")
    assert (again.memory.pk, again.memory.state, again.memory.text) == (row.pk, "forgotten", "")
    assert mind.remember(told, once="k2").memory.pk != row.pk
    mind.undo_forget(token)
    assert mind.remember(told, once="k1").memory.text == "The boiler was mended"
    mind.forget([row.pk])
    assert mind.remember(told, once="k1").memory.state == "forgotten"
