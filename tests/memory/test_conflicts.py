"""Which value is true when: the timeline of an attribute that has one value at a time."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from memory.manager import MemoryManager
from memory.models import Memory
from memory.types import Candidate, Outcome, Verb, Wanted
from mindory_web.accounts.models import Reader

DAY = timedelta(days=1)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
CITIES = ("Paris", "Berlin", "Rome")

few = settings(  # rows are written: making a failure smaller would take minutes
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def home(city: str, day: int, *, until: int | None = None) -> Candidate:
    """Return what a reader told on a day of where they live."""
    return Candidate(
        f"The reader's home is {city}",
        subject="user",
        attribute="home",
        value=city,
        observed_at=BEGIN + day * DAY,
        valid_from=BEGIN + day * DAY,
        valid_to=None if until is None else BEGIN + until * DAY,
    )


def homes(mind: MemoryManager, day: float) -> list[str]:
    """Return where the reader lived on a day, as it is known now."""
    return [row.value for row in mind.list(Wanted(attribute="home", as_of=BEGIN + day * DAY))]


def expected(told: list[tuple[int, str, int | None]], day: float) -> list[str]:
    """Return the same by the rule alone: what was told last before the day holds, unless it was told to have ended."""
    before = [one for one in told if one[0] <= day]
    if not before:
        return []
    _begin, city, until = max(before)
    return [city] if until is None or day < until else []


tellings = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(CITIES), st.one_of(st.none(), st.integers(1, 8))),
    min_size=1,
    max_size=7,
    unique_by=lambda one: one[0],
)


@few
@given(told=tellings, data=st.data())
def test_the_timeline_is_the_same_in_whatever_order_it_is_told(
    alice: Reader, told: list[tuple[int, str, int | None]], data: st.DataObject
) -> None:
    told = [(day, city, None if more is None else day + more) for day, city, more in told]
    order = data.draw(st.permutations(told))
    Memory.objects.all().delete()
    mind = MemoryManager(alice.pk)

    for day, city, until in order:
        mind.remember(home(city, day, until=until))

    for half in range(-1, 80, 3):
        assert homes(mind, half / 2) == expected(told, half / 2), (half, order)
    assert Memory.objects.filter(valid_to__isnull=False, superseded_by=None, told_to=None).count() == 0


@few
@given(told=tellings, data=st.data())
def test_what_was_known_is_what_had_been_told_by_then(
    alice: Reader, told: list[tuple[int, str, int | None]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations([(day, f"{city} {day}", None) for day, city, _more in told]))
    Memory.objects.all().delete()
    mind = MemoryManager(alice.pk)
    moments = []
    for day, city, _until in order:
        mind.remember(home(city, day))
        moments.append(Memory.objects.latest("recorded_at").recorded_at)

    for count, moment in enumerate(moments, 1):
        for day in range(0, 32, 3):
            then = mind.list(Wanted(as_of=BEGIN + day * DAY, known_at=moment))
            assert [row.value for row in then] == expected(list(order[:count]), day)


@few
@given(told=tellings, data=st.data())
def test_a_value_that_is_forgotten_leaves_the_timeline_as_if_it_had_never_been_told(
    alice: Reader, told: list[tuple[int, str, int | None]], data: st.DataObject
) -> None:
    told = [(day, f"{city} {day}", None if more is None else day + more) for day, city, more in told]
    Memory.objects.all().delete()
    mind = MemoryManager(alice.pk)
    ids = [mind.remember(home(city, day, until=until)).memory.pk for day, city, until in told]
    gone = data.draw(st.sets(st.integers(0, len(told) - 1)))

    receipt = mind.forget([ids[index] for index in gone])

    left = [one for index, one in enumerate(told) if index not in gone]
    assert all(homes(mind, day) == expected(left, day) for day in range(-1, 40))
    mind.undo_forget(receipt.undo)
    assert all(homes(mind, day) == expected(told, day) for day in range(-1, 40))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_value_that_came_back_is_the_present_in_every_order(mind: MemoryManager, order: tuple[int, ...]) -> None:
    told = [home("Paris", 0), home("Berlin", 5), home("Paris", 9)]

    for index in order:
        mind.remember(told[index])

    assert [homes(mind, day) for day in (1, 6, 10)] == [["Paris"], ["Berlin"], ["Paris"]]
    assert [row.value for row in mind.list()] == ["Paris"]


def test_an_older_value_that_is_told_later_becomes_history(mind: MemoryManager) -> None:
    mind.remember(home("Berlin", 9))
    told = mind.remember(home("Paris", 0))

    assert told.outcome is Outcome.HISTORY
    assert told.memory.valid_to == BEGIN + 9 * DAY
    assert [row.value for row in mind.list()] == ["Berlin"]
    assert {row.value for row in mind.list(Wanted(include_past=True))} == {"Paris", "Berlin"}


def test_what_has_many_values_never_ends(mind: MemoryManager) -> None:
    for index, thing in enumerate(("tea", "coffee", "the sea")):
        mind.remember(Candidate(f"I like {thing}", attribute="likes", value=thing, observed_at=BEGIN + index * DAY))
        mind.remember(Candidate(f"The friend is {thing}", subject="user", attribute="friend", value=thing))

    assert mind.list().count() == 6


def test_values_of_others_do_not_end_each_other(mind: MemoryManager, bob: Reader) -> None:
    mind.remember(home("Paris", 0))
    mind.remember(Candidate("Anna lives in Rome", subject="Anna", attribute="home", value="Rome"))
    MemoryManager(bob.pk).remember(home("Berlin", 3))

    assert {row.value for row in mind.list()} == {"Paris", "Rome"}


def test_an_update_is_not_lost_however_alike_the_words_are(mind: MemoryManager) -> None:
    first = mind.remember(Candidate("My citizenship is Argentina", observed_at=BEGIN)).memory
    then = mind.remember(Candidate("My citizenship is Armenia", observed_at=BEGIN + DAY))

    assert then.outcome is Outcome.SUPERSEDING
    assert [row.value for row in mind.list()] == ["Armenia"]
    ended = mind.history(first.pk)[-1]
    assert (ended.verb, ended.after["superseded_by_id"]) == (Verb.SUPERSEDED, then.memory.pk)


def test_correcting_a_value_moves_it_on_the_timeline(mind: MemoryManager) -> None:
    paris = mind.remember(home("Paris", 0)).memory
    rome = mind.remember(home("Rome", 5)).memory

    mind.update(rome.pk, {"valid_from": BEGIN + 9 * DAY})
    assert (homes(mind, 7), homes(mind, 9)) == (["Paris"], ["Rome"])

    mind.update(rome.pk, {"attribute": "likes"})
    assert mind.get(paris.pk).valid_to is None
    assert mind.get(paris.pk).superseded_by is None


def test_since_last_may_says_from_when_a_home_is_valid(mind: MemoryManager) -> None:
    said = datetime(2026, 3, 10, 12, tzinfo=UTC)
    home = mind.remember(Candidate("I moved to Berlin last May", observed_at=said)).memory
    job = mind.remember(Candidate("我从2019年起在谷歌工作", observed_at=said)).memory

    assert (home.value, home.valid_from) == ("Berlin", datetime(2025, 5, 1, tzinfo=UTC))
    assert (job.value, job.valid_from) == ("谷歌", datetime(2019, 1, 1, tzinfo=UTC))


deeds = st.lists(
    st.tuples(
        st.sampled_from(
            ["tell", "tell", "tell", "begin", "end", "word", "leave", "archive", "restore", "forget", "undo"]
        ),
        st.integers(0, 5),
        st.integers(0, 20),
        st.sampled_from(CITIES),
    ),
    max_size=14,
)


@few
@given(done=deeds)
def test_whatever_is_done_each_value_ends_where_the_next_begins(
    alice: Reader, done: list[tuple[str, int, int, str]]
) -> None:
    Memory.objects.all().delete()
    mind = MemoryManager(alice.pk)
    ids, tokens = list[int](), list[str]()
    for verb, index, day, city in done:
        if verb == "tell":
            ids.append(mind.remember(home(city, day)).memory.pk)
        elif verb == "undo" and tokens:
            mind.undo_forget(tokens.pop())
        elif ids and (row := Memory.objects.filter(pk=ids[index % len(ids)]).exclude(state="forgotten").first()):
            change(mind, row, verb, day, tokens)

    rows = list(Memory.objects.filter(attribute="home", state__in=["active", "archived"]).order_by("valid_from", "pk"))
    for row, after in zip(rows, [*rows[1:], None][: len(rows)], strict=True):
        begin = after.valid_from if after else None
        is_cut = begin is not None and (row.told_to is None or row.told_to > begin)
        assert row.valid_to == (begin if is_cut else row.told_to)
        assert row.superseded_by == (after if is_cut else None)
    assert all(len(homes(mind, half / 2)) <= 1 for half in range(50))


def change(mind: MemoryManager, row: Memory, verb: str, day: int, tokens: list[str]) -> None:
    """Do something to a value that is there."""
    if verb == "begin" and (row.told_to is None or row.told_to > BEGIN + day * DAY):
        mind.update(row.pk, {"valid_from": BEGIN + day * DAY})
    elif verb == "end" and row.valid_from is not None:
        mind.update(row.pk, {"valid_to": row.valid_from + (day + 1) * DAY})
    elif verb == "word":
        mind.update(row.pk, {"text": f"They live in {day}", "value": str(day)})
    elif verb == "leave":
        mind.update(row.pk, {"attribute": "likes" if row.attribute == "home" else "home"})
    elif verb == "archive":
        mind.archive(row.pk)
    elif verb == "restore":
        mind.restore(row.pk)
    elif verb == "forget":
        tokens.append(mind.forget([row.pk]).undo)


def test_a_value_is_not_stretched_over_days_at_which_another_was_told(mind: MemoryManager) -> None:
    told = [(5, "Paris", None), (16, "Paris", None), (22, "Rome", 25), (14, "Rome", None)]

    for day, city, until in told:
        mind.remember(home(city, day, until=until))

    assert [homes(mind, day) for day in (6, 15, 17, 23, 26)] == [["Paris"], ["Rome"], ["Paris"], ["Rome"], []]
