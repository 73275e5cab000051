"""One story, told at every door: the same verbs, the same answers, the same refusals."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from memory.models import Job
from mindory_web.accounts.models import Reader
from tests.memory.doors import CommandDoor, Door, PythonDoor, RestDoor, refused
from tests.memory.mcp_door import McpDoor

DOORS: tuple[type[Door], ...] = (PythonDoor, RestDoor, CommandDoor, McpDoor)
Opened = Callable[[Reader], Door]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=DOORS, ids=[each.name for each in DOORS])
def opened(request: pytest.FixtureRequest) -> Opened:
    """Return what opens a door for a reader."""
    kind: Opened = request.param
    return kind


@pytest.fixture
def door(opened: Opened, alice: Reader) -> Door:
    """Return alice's door."""
    return opened(alice)


def test_what_is_told_is_found_in_the_same_second(door: Door) -> None:
    told = door.remember(text="My sister Ada plays the cello in Leeds.", importance=0.75)

    assert told["outcome"] == "new"
    found = door.search("Who plays the cello?")
    assert [memory["id"] for memory in found] == [told["memory"]["id"]]
    assert found[0]["text"] == "My sister Ada plays the cello in Leeds."
    assert 0 < found[0]["score"] <= 1
    assert (found[0]["importance"], found[0]["state"]) == (0.75, "active")


def test_every_door_shows_a_memory_in_the_same_shape(door: Door, alice: Reader) -> None:
    told = door.remember(text="My sister Ada plays the cello in Leeds.", type="personal", expires_on="2999-01-01")
    pk = told["memory"]["id"]

    plainly = PythonDoor(alice).get(pk)
    assert set(told["memory"]) == set(plainly)
    for shown in (told["memory"], door.get(pk), door.listed()[0]):
        assert {**shown, "retention": 1} == {**plainly, "retention": 1}
    assert (plainly["type"], plainly["expires_on"], plainly["source"]["kind"]) == ("personal", "2999-01-01", "api")


def test_the_same_again_is_counted_and_not_doubled(door: Door) -> None:
    first = door.remember(text="I take my tea without sugar.")
    again = door.remember(text="I take my tea without sugar!")

    assert again["outcome"] == "repeated"
    assert again["memory"]["id"] == first["memory"]["id"]
    assert again["memory"]["told_count"] == 2
    assert len(door.listed()) == 1


def test_a_number_makes_another_memory(door: Door) -> None:
    one = door.remember(text="The ferry to Larne leaves at 7 o'clock.")["memory"]
    other = door.remember(text="The ferry to Larne leaves at 9 o'clock.")["memory"]

    assert one["id"] != other["id"]


def test_a_change_is_found_at_once_and_the_history_knows_what_it_was(door: Door) -> None:
    memory = door.remember(text="Our cat is called Ludo.")["memory"]
    changed = door.update(memory["id"], {"text": "Our cat is called Mitzi."})

    assert changed["text"] == "Our cat is called Mitzi."
    assert changed["revision"] > memory["revision"]
    assert door.search("Mitzi")[0]["id"] == memory["id"]
    assert "Ludo" not in json.dumps(door.search("the cat called Ludo"))
    events = door.history(memory["id"])
    assert [event["verb"] for event in events] == ["remembered", "updated"]
    assert events[1]["before"]["text"] == "Our cat is called Ludo."
    assert set(events[1]) == {"id", "verb", "before", "after", "actor", "reason", "at"}


def test_a_change_to_what_somebody_else_changed_is_a_conflict(door: Door) -> None:
    memory = door.remember(text="Our cat is called Ludo.")["memory"]
    door.update(memory["id"], {"importance": 0.25}, revision=memory["revision"])

    with refused("conflict"):
        door.update(memory["id"], {"text": "Our dog is called Ludo."}, revision=memory["revision"])
    assert door.get(memory["id"])["text"] == "Our cat is called Ludo."


def test_a_newer_value_takes_the_place_of_the_older_and_the_past_is_still_answered(door: Door) -> None:
    told = {"subject": "user", "attribute": "home", "type": "personal"}
    old = door.remember(text="I live in Cork.", value="Cork", valid_from="2015-03-01", **told)["memory"]
    new = door.remember(text="I live in Ghent.", value="Ghent", valid_from="2021-06-01", **told)

    assert new["outcome"] == "superseding"
    assert [memory["value"] for memory in door.listed(attribute="home")] == ["Ghent"]
    then = door.listed(attribute="home", as_of="2018-01-01")
    assert [(memory["id"], memory["value"]) for memory in then] == [(old["id"], "Cork")]
    assert then[0]["valid_to"] == "2021-06-01T00:00:00Z"
    assert then[0]["superseded_by"] == new["memory"]["id"]
    assert [memory["value"] for memory in door.search("Where do I live?", as_of="2018-01-01")] == ["Cork"]


def test_what_is_older_than_what_is_known_becomes_history(door: Door) -> None:
    told = {"subject": "user", "attribute": "home", "type": "personal"}
    door.remember(text="I live in Ghent.", value="Ghent", valid_from="2021-06-01", **told)

    assert door.remember(text="I live in Cork.", value="Cork", valid_from="2015-03-01", **told)["outcome"] == "history"
    assert [memory["value"] for memory in door.listed(attribute="home")] == ["Ghent"]


def test_a_pinned_memory_does_not_fade(door: Door) -> None:
    memory = door.remember(text="The old lighthouse was painted green.", type="episodic")["memory"]

    assert door.pin(memory["id"])["is_pinned"] is True
    assert [each["id"] for each in door.listed(pinned=True)] == [memory["id"]]
    assert door.listed(pinned=False) == []
    assert door.pin(memory["id"], is_pinned=False)["is_pinned"] is False
    assert [event["verb"] for event in door.history(memory["id"])] == ["remembered", "pinned", "unpinned"]


def test_a_session_keeps_every_turn_and_a_turn_is_found(door: Door) -> None:
    door.say("walk-7", "We saw a kingfisher at the weir.", speaker="Ines", key="a")
    door.say("walk-7", "Lovely! Which weir?", role="assistant", key="b")
    door.say("walk-7", "Lovely! Which weir?", role="assistant", key="b")

    turns = door.timeline("walk-7")
    assert [(turn["number"], turn["role"]) for turn in turns] == [(0, "user"), (1, "assistant")]
    assert (turns[0]["speaker"], turns[0]["session"], turns[0]["type"]) == ("Ines", "walk-7", "conversational")
    assert door.search("kingfisher", session="walk-7")[0]["id"] == turns[0]["id"]
    assert [turn["id"] for turn in door.listed(dimension="session")] == [turns[1]["id"], turns[0]["id"]]
    assert door.listed(dimension="user") == []


def test_what_is_forgotten_is_gone_everywhere_and_can_be_brought_back(door: Door) -> None:
    memory = door.remember(text="My locker code is 5512.")["memory"]
    token = door.forget(memory["id"])

    with refused("not_found"):
        door.get(memory["id"])
    assert (door.search("locker code"), door.listed()) == ([], [])
    assert "5512" not in json.dumps(door.take_along())
    assert [back["id"] for back in door.undo(token)] == [memory["id"]]
    assert door.get(memory["id"])["text"] == "My locker code is 5512."
    assert door.search("locker code")[0]["id"] == memory["id"]


def test_somebody_elses_memory_is_not_there(opened: Opened, door: Door, bob: Reader) -> None:
    memory = door.remember(text="My locker code is 5512.")["memory"]
    his = opened(bob)
    deeds: tuple[Callable[[int], Any], ...] = (
        his.get,
        his.history,
        his.forget,
        his.pin,
        lambda pk: his.update(pk, {"text": "Taken."}),
    )

    for pk in (memory["id"], 2**62):
        for deed in deeds:
            with refused("not_found"):
                deed(pk)
    assert (his.search("locker code"), his.listed()) == ([], [])
    assert "5512" not in json.dumps(his.take_along())
    assert door.get(memory["id"])["text"] == "My locker code is 5512."


def test_what_cannot_be_remembered_is_refused_with_the_same_code(door: Door) -> None:
    memory = door.remember(text="Our cat is called Ludo.")["memory"]
    wrong: tuple[Callable[[], Any], ...] = (
        lambda: door.remember(text="   "),
        lambda: door.remember(text="x" * 20_001),
        lambda: door.remember(text="It rains.", valid_from="2021-01-01", valid_to="2020-01-01"),
        lambda: door.remember(text="It rains.", valid_from="yesterday"),
        lambda: door.remember(text="It rains.", importance=1.5),
        lambda: door.update(memory["id"], {"text": " "}),
        lambda: door.listed(dimension="agent"),
        lambda: door.undo("no token of ours"),
    )

    for deed in wrong:
        with refused("invalid"):
            deed()
    assert len(door.listed()) == 1
    assert door.search("   ") == []


def test_what_is_taken_along_can_be_brought_to_another_reader(opened: Opened, door: Door, bob: Reader) -> None:
    kept = door.remember(text="I play chess on Tuesdays.", importance=0.5)["memory"]
    door.update(kept["id"], {"text": "I play chess on Thursdays."})
    door.pin(kept["id"])
    door.say("walk-7", "We saw a kingfisher at the weir.", key="a")
    his = opened(bob)
    lines = door.take_along()

    assert his.bring_in(lines) > 0
    assert his.bring_in(lines) == 0
    memory = his.listed(dimension="user")[0]
    assert (memory["text"], memory["is_pinned"]) == ("I play chess on Thursdays.", True)
    assert [turn["text"] for turn in his.timeline("walk-7")] == ["We saw a kingfisher at the weir."]
    assert his.search("kingfisher")[0]["session"] == "walk-7"


def test_a_request_sent_again_is_done_once_and_its_key_serves_no_other(door: Door) -> None:
    first, again = (door.remember(text="The boiler was mended.", once="k1") for _time in range(2))

    assert (again["outcome"], again["memory"]["id"]) == (first["outcome"], first["memory"]["id"])
    assert door.get(first["memory"]["id"])["told_count"] == 1
    with refused("conflict"):
        door.remember(text="The roof was mended.", once="k1")
    with refused("conflict"):
        door.remember(text="The boiler was mended.", importance=0.25, once="k1")
    assert len(door.listed()) == 1


def test_what_is_put_away_comes_back_and_so_does_an_earlier_wording(door: Door) -> None:
    pk = door.remember(text="Our cat is called Ludo.")["memory"]["id"]
    door.update(pk, {"text": "Our cat is called Mitzi."})

    assert door.restore(pk, event=door.history(pk)[1]["id"])["text"] == "Our cat is called Ludo."
    assert door.archive(pk)["state"] == "archived"
    assert (door.listed(), door.search("Ludo")) == ([], [])
    assert [memory["id"] for memory in door.listed(include_archived=True)] == [pk]
    assert [memory["id"] for memory in door.search("Ludo", include_archived=True)] == [pk]
    assert door.restore(pk)["state"] == "active"


def test_a_list_and_a_search_are_narrowed_by_the_same_filters(door: Door) -> None:
    door.open("walk-7", books=[9])
    told: dict[str, Any] = {
        "text": "The heron nests by the mill.",
        "agent": "guide",
        "book": 7,
        "observed_at": "2020-02-02",
    }
    heron = door.remember(type="episodic", subject="heron", attribute="nest", value="mill", **told)["memory"]["id"]
    tea = door.remember(text="I like tea more than any heron.", type="personal")["memory"]["id"]
    turn = door.say("walk-7", "We saw a heron at the weir.")["id"]
    filters: tuple[tuple[dict[str, Any], set[int]], ...] = (
        ({}, {heron, tea, turn}),
        ({"type": "episodic"}, {heron}),
        ({"type": ["episodic", "personal"]}, {heron, tea}),
        ({"dimension": "user"}, {heron, tea}),
        ({"dimension": "session"}, {turn}),
        ({"dimension": "agent", "agent": "guide"}, {heron}),
        ({"dimension": "resource", "book": 7}, {heron}),
        ({"book": 9}, {turn}),
        ({"session": "walk-7"}, {turn}),
        ({"subject": "heron"}, {heron}),
        ({"attribute": "nest"}, {heron}),
        ({"pinned": True}, set()),
        ({"since": "2020-02-03"}, {tea, turn}),
        ({"until": "2020-02-03T00:00:00Z"}, {heron}),
        ({"as_of": "2999-01-01"}, {heron, tea, turn}),
    )

    for each, wanted in filters:
        assert {memory["id"] for memory in door.listed(**each)} == wanted, each
        assert {memory["id"] for memory in door.search("heron", **each)} == wanted, each
    assert [memory["id"] for memory in door.listed(limit=1, offset=1)] == [door.listed()[1]["id"]]
    scores = [memory["score"] for memory in door.search("heron")]
    assert len(door.search("heron", limit=2)) == 2
    assert len(door.search("heron", min_score=scores[0])) == 1


@pytest.mark.parametrize("kind", [each for each in DOORS if each is not PythonDoor], ids=lambda each: each.name)
def test_a_page_has_bounds(kind: type[Door], alice: Reader) -> None:
    door = kind(alice)
    for wrong in ({"limit": 0}, {"limit": 1_000}, {"offset": -1}):
        with refused("invalid"):
            door.listed(**wrong)
    with refused("invalid"):
        door.search("heron", min_score=1.5)


def test_everything_about_a_book_is_forgotten_with_a_receipt(door: Door) -> None:
    kept = door.remember(text="I collect old maps.")["memory"]["id"]
    gone = door.remember(text="Ishmael tells the story.", book=7)["memory"]["id"]
    receipt = door.forget_all(book=7)

    assert set(receipt) == {"ids", "count", "sessions", "at", "undo", "undo_until"}
    assert (receipt["ids"], receipt["count"]) == ([gone], 1)
    assert [memory["id"] for memory in door.listed()] == [kept]
    assert [memory["id"] for memory in door.undo(receipt["undo"])] == [gone]


def test_a_session_is_begun_said_into_closed_and_forgotten(door: Door) -> None:
    begun = door.open("walk-7", title="A walk", books=[9], participants=["Ines"], is_learning=False)
    turn = door.say("walk-7", "We saw a heron at the weir.", speaker="Otto")

    assert (begun["key"], begun["title"], begun["books"], begun["is_learning"]) == ("walk-7", "A walk", [9], False)
    assert [(each["key"], each["participants"]) for each in door.sessions()] == [("walk-7", ["Ines", "Otto"])]
    assert "heron" in door.session_layers("walk-7")["layers"]["l0"]
    assert door.layers(turn["id"])["excerpts"] == ["l0", "l1"]
    assert door.close("walk-7")["closed_at"]
    receipt = door.forget_session("walk-7")
    assert (receipt["ids"], receipt["sessions"]) == ([turn["id"]], ["walk-7"])
    for deed in (door.timeline, door.close, door.session_layers, door.forget_session):
        with refused("not_found"):
            deed("walk-7")


def test_what_there_is_is_counted(door: Door) -> None:
    door.remember(text="I collect old maps.", type="personal", book=7)
    door.say("walk-7", "We saw a heron at the weir.")
    counted = door.stats()

    assert (counted["memories"], counted["turns"], counted["sessions"], counted["pinned"]) == (1, 1, 1, 0)
    assert (counted["by_type"], counted["by_book"], counted["by_state"]) == ({"personal": 1}, {"7": 1}, {"active": 2})


def test_a_time_is_written_as_a_time(door: Door) -> None:
    for value in (1_700_000_000, "1700000000", "20240101", "2024", "2024-13-01", "yesterday", ""):
        with refused("invalid"):
            door.remember(text="It rains.", valid_from=value)
    assert door.listed() == []


def test_what_was_known_at_a_time_is_still_answered(door: Door) -> None:
    told = {"subject": "user", "attribute": "home", "type": "personal"}
    cork = door.remember(text="I live in Cork.", value="Cork", valid_from="2015-03-01", **told)["memory"]
    door.remember(text="Our cat is called Ludo.")
    then = timezone.now().isoformat()
    door.remember(text="I live in Ghent.", value="Ghent", valid_from="2021-06-01", **told)
    door.remember(text="Our cat is called Mitzi.")

    assert [memory["value"] for memory in door.listed(attribute="home")] == ["Ghent"]
    assert [memory["id"] for memory in door.listed(attribute="home", known_at=then)] == [cork["id"]]
    assert [memory["value"] for memory in door.search("Where do I live?", known_at=then, attribute="home")] == ["Cork"]
    assert [memory["text"] for memory in door.search("cat called", known_at=then)] == ["Our cat is called Ludo."]
    assert door.listed(known_at="2020-01-01") == []
    assert door.listed(attribute="home", as_of="2022-01-01", known_at=then)[0]["value"] == "Cork"
    with refused("invalid"):
        door.listed(known_at="yesterday")


def test_several_things_are_done_one_by_one_and_one_that_fails_stops_none(
    opened: Opened, door: Door, bob: Reader
) -> None:
    his = opened(bob)
    kept, gone = (door.remember(text=text)["memory"] for text in ("I collect old maps.", "My locker code is 5512."))
    foreign = his.remember(text="The roof was mended.")["memory"]["id"]
    done = door.batch(
        create=[{"text": "I collect old maps!"}, {"text": " "}, {"text": "I take the bus."}],
        update=[
            {"id": kept["id"], "text": "I collect globes.", "importance": 0.25},
            {"id": kept["id"], "importance": 0.5, "revision": kept["revision"]},
            {"id": foreign, "text": "Taken."},
        ],
        forget=[gone["id"], foreign],
    )

    assert [each.get("outcome") for each in done["create"]] == ["repeated", None, "new"]
    assert [each.get("error") for each in done["create"]] == [None, "invalid", None]
    assert [each.get("error") for each in done["update"]] == [None, "conflict", "not_found"]
    assert (done["update"][0]["memory"]["text"], done["update"][0]["memory"]["importance"]) == (
        "I collect globes.",
        0.25,
    )
    assert done["forget"] == [{"count": 1}, {"error": "not_found"}]
    assert {memory["text"] for memory in door.listed()} == {"I collect globes.", "I take the bus."}
    assert his.get(foreign)["text"] == "The roof was mended."


def test_a_job_tells_how_far_learning_is_and_whether_all_is_well(
    opened: Opened, door: Door, alice: Reader, bob: Reader
) -> None:
    his = opened(bob)
    door.say("walk-7", "I moved to Ghent last year.")
    door.close("walk-7")
    pk = Job.objects.get(owner=alice, kind="learn").pk
    shown = door.job(pk)

    assert (shown["id"], shown["kind"], shown["session"], shown["state"]) == (pk, "learn", "walk-7", "queued")
    assert shown == PythonDoor(alice).job(pk)
    with refused("not_found"):
        his.job(pk)
    with refused("not_found"):
        door.job(2**62)
    well = door.health()
    assert (well["status"], well["language_model"]) == ("ok", "off")
    assert well == PythonDoor(alice).health()
    assert well["jobs"] == {"queued": Job.objects.filter(owner=alice).count(), "running": 0, "done": 0, "failed": 0}
    assert sum(his.health()["jobs"].values()) == 0


def test_an_export_of_a_newer_mindory_is_refused_whole(door: Door) -> None:
    door.remember(text="I collect old maps.")
    for newer in (2, "1.1"):
        with refused("invalid"):
            door.bring_in([{"line": "mind", "format": newer}, {"text": "I take the bus."}])
    assert [memory["text"] for memory in door.listed()] == ["I collect old maps."]
    assert door.bring_in([{"line": "mind", "format": 1}, {"text": "I take the bus."}]) == 1


def test_what_was_forgotten_does_not_come_back_when_it_is_sent_again(door: Door) -> None:
    code = door.remember(text="My locker code is 5512.", once="k1")["memory"]["id"]
    turn = door.say("walk-7", "We saw a kingfisher at the weir.", key="a")["id"]
    door.forget(code)
    door.forget(turn)

    again = door.remember(text="My locker code is 5512.", once="k1")["memory"]
    assert (again["id"], again["state"], again["text"]) == (code, "forgotten", "")
    said = door.say("walk-7", "We saw a kingfisher at the weir.", key="a")
    assert (said["id"], said["state"], said["text"]) == (turn, "forgotten", "")
    assert (door.listed(), door.search("kingfisher locker code")) == ([], [])
    assert door.remember(text="My locker code is 5512.")["outcome"] == "new"
    assert door.say("walk-7", "We saw a kingfisher at the weir.")["state"] == "active"


def test_what_two_agents_told_is_found_for_both(door: Door) -> None:
    told = door.remember(text="The heron nests by the mill.", agent="guide")["memory"]
    again = door.remember(text="The heron nests by the mill!", agent="warden")["memory"]
    door.remember(text="The boiler was mended.", agent="warden")

    assert (again["id"], again["agent"]) == (told["id"], "guide")
    assert door.history(told["id"])[1]["after"]["source"]["agent"] == "warden"
    for agent in ("guide", "warden"):
        assert told["id"] in [memory["id"] for memory in door.listed(agent=agent)]
        assert [memory["id"] for memory in door.search("heron", agent=agent)] == [told["id"]]
    assert (door.listed(agent="thief"), door.search("heron", agent="thief")) == ([], [])
