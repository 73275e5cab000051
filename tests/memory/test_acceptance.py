"""What was promised, tried by somebody who has only read the handbook."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from memory.attributes import statement_in
from memory.dates import ranges_in
from memory.manager import MemoryManager
from memory.models import Memory
from memory.search import search
from memory.types import Candidate, Outcome
from mindory_web.accounts.models import Reader
from mindory_web.api import api
from mindory_web.mcp.server import server
from tests.memory.doors import CommandDoor, Door, PythonDoor, RestDoor, refused
from tests.memory.mcp_door import McpDoor

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[PythonDoor, RestDoor, CommandDoor, McpDoor], ids=lambda each: each.name)
def door(request: pytest.FixtureRequest, alice: Reader) -> Door:
    """Return each of alice's doors."""
    opened: Door = request.param(alice)
    return opened


# --- What goes in -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PythonDoor, RestDoor, McpDoor], ids=lambda each: each.name)
def test_no_type_at_all_is_no_filter_and_forgets_nothing(kind: type[Door], alice: Reader) -> None:
    door = kind(alice)
    kept = door.remember(text="I collect old maps.")["memory"]["id"]

    with refused("invalid"):
        door.forget_all(type=[])
    assert door.get(kept)["text"] == "I collect old maps."


@pytest.mark.parametrize("day", ["2020-01-01", "0001-01-01"])
def test_what_would_be_gone_at_once_is_not_taken_in(door: Door, day: str) -> None:
    with refused("invalid"):
        door.remember(text="The parking code is 4711.", expires_on=day)
    kept = door.remember(text="The parking code is 4712.", expires_on="2999-01-01")["memory"]["id"]
    with refused("invalid"):
        door.update(kept, {"expires_on": day})
    assert [memory["expires_on"] for memory in door.listed()] == ["2999-01-01"]


def test_what_nobody_can_see_says_nothing(door: Door) -> None:
    for text in ("\u202e\u202d", "\u200b\u2060 \ufeff", "\u00a0\u3000"):
        with refused("invalid"):
            door.remember(text=text)
    assert door.remember(text="🎉")["memory"]["text"] == "🎉"


def test_what_metadata_may_hold_comes_back_as_it_was_and_can_be_taken_along(alice: Reader, bob: Reader) -> None:
    door, his = RestDoor(alice), RestDoor(bob)
    told: dict[str, Any] = {
        "small": 1e-300,
        "half": 0.5,
        "one": 1.0,
        "most": 2**63 - 1,
        "deep": [{"a": None}],
        "字": "值",
    }
    for large in (1e20, 1e308, 2**63):
        with refused("invalid"):
            door.remember(text="It rains.", metadata={"large": large})

    assert door.remember(text="It rains.", metadata=told)["memory"]["metadata"] == told
    lines = door.take_along()
    assert his.bring_in(lines) == len([line for line in lines if line["line"] == "memory"]) == 1
    assert json.dumps(his.take_along()) == json.dumps(lines)
    assert Memory.objects.get(owner=bob).metadata == told


# --- What is understood -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("My name is A", "name", "A"),
        ("Since 2021 I live in Oslo", "home", "Oslo"),
        ("Last month I moved to Lisbon.", "home", "Lisbon"),
        ("In May 2022, I joined Siemens", "employer", "Siemens"),
        ("I have lived in Vienna since 2023.", "home", "Vienna"),
        ("I've worked at the Centre for Ecology for ten years", "employer", "the Centre for Ecology"),
        ("I live in Rome for now", "home", "Rome"),
        ("Lisbon is my home", "home", "Lisbon"),
        ("Green is my favourite colour.", "favourite_colour", "Green"),
        ("My birthday is on the 3rd of March", "birthday", "3rd of March"),
        ("我2022年3月搬到了柏林。", "home", "柏林"),
        ("我从2019年起在华为工作", "employer", "华为"),
        ("我住在呼和浩特", "home", "呼和浩特"),
        ("我住在和平区", "home", "和平区"),
        ("我的雇主是西门子", "employer", "西门子"),
        ("我吃花生会过敏。", "allergy", "花生"),
        ("绿色是我最喜欢的颜色", "favourite_colour", "绿色"),
        ("《红楼梦》是我最喜欢的书", "favourite_book", "《红楼梦》"),
        ("我出生于1990年", "birth_year", "1990"),
        ("i live in lisbon", "home", "lisbon"),
        ("I live in The Hague", "home", "The Hague"),
        ("I work as a beekeeper's helper", "job", "beekeeper's helper"),
        ("My job is software engineer", "job", "software engineer"),
        ("I am engaged since May", "marital_status", "engaged"),
        ("我叫张伟", "name", "张伟"),
        ("我住在新德里", "home", "新德里"),
    ],
)
def test_a_plain_statement_is_understood(text: str, attribute: str, value: str) -> None:
    stated = statement_in(text)

    assert stated is not None
    assert (stated.attribute, stated.value) == (attribute, value)


@pytest.mark.parametrize(
    "text",
    [
        "In my dreams I live in Paris",
        "May I live in Paris",
        "I have lived in many places",
        "This is where I live",
        "What I eat is my favourite food",
        "My home is my castle",
        "我住在北京和上海",
        "我在为一家公司工作",
        "我在家为自己工作",
        "这是我最喜欢的书",
        "My job is boring",
        "My company is great",
        "My city is beautiful",
        "My nationality is important to me",
        "My weight is too high",
        "I live in a small flat",
        "I moved to the countryside",
        "i live in peace",
        "I joined a gym",
        "I work at night",
        "I'm working at the moment",
        "I'm reading the news",
        "call me later",
        "I was born on a farm",
        "I am engaged in politics",
        "我叫外卖",
        "叫我起床",
        "我在家工作",
        "我在努力工作",
        "我住在朋友家",
        "我的工作是很无聊的",
    ],
)
def test_what_is_half_understood_states_nothing(text: str) -> None:
    assert statement_in(text) is None


@pytest.mark.parametrize(
    "wordings",
    [
        ("My favourite colour is green.", "My favorite color is green", "Green is my favourite colour."),
        ("My birthday is March 3", "I was born on March 3rd", "My birthday is on the 3rd of March"),
        ("I live in Lisbon.", "Lisbon is my home", "I've moved to Lisbon"),
        ("我最喜欢的颜色是绿色。", "绿色是我最喜欢的颜色", "其实绿色是我最喜欢的颜色！"),
        ("我在西门子工作。", "我的雇主是西门子。", "我在西门子上班"),
        ("我对花生过敏。", "我吃花生会过敏", "我一吃花生就会过敏。"),
    ],
)
def test_the_same_value_in_other_words_is_the_same_memory(alice: Reader, wordings: tuple[str, ...]) -> None:
    manager = MemoryManager(alice.pk)
    first, *others = [manager.remember(Candidate(text)) for text in wordings]

    assert [each.memory.pk for each in others] == [first.memory.pk] * len(others)
    assert {each.outcome for each in others} == {Outcome.MERGED}
    assert [(row.told_count, row.valid_to) for row in manager.list()] == [(len(wordings), None)]


def test_what_is_no_value_ends_none(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    for text in ("I live in Lisbon.", "My name is Ines.", "I work as a nurse.", "I work at Siemens."):
        manager.remember(Candidate(text))
    for text in ("I live in a small flat.", "Call me tomorrow", "My job is boring.", "I work at weekends."):
        assert manager.remember(Candidate(text)).outcome == Outcome.NEW

    values = {row.attribute: row.value for row in manager.list() if row.attribute}
    assert values == {"home": "Lisbon", "name": "Ines", "job": "nurse", "employer": "Siemens"}


def test_what_says_since_when_is_not_merged_away(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    manager.remember(Candidate("I'm allergic to peanuts."))
    manager.remember(Candidate("I have been allergic to peanuts since 2010."))

    assert manager.list().count() == 2


def test_another_birthday_takes_the_place_of_the_first(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    manager.remember(Candidate("My birthday is March 3"))

    assert manager.remember(Candidate("My birthday is May 3")).outcome == Outcome.SUPERSEDING
    assert manager.remember(Candidate("I was born in 1990")).outcome == Outcome.NEW
    assert manager.remember(Candidate("I was born on 3 May 1990")).outcome == Outcome.SUPERSEDING


# --- What the handbook of the API says ----------------------------------------------------------


@pytest.fixture(scope="module")
def handbook() -> dict[str, Any]:
    """Return the schema of the API."""
    return dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str)))


@pytest.mark.parametrize("name", ["MemoryChange", "UpdateIn", "SessionChange", "SwitchesIn"])
def test_a_change_has_no_defaults_that_a_generated_client_would_send(handbook: dict[str, Any], name: str) -> None:
    schema = handbook["components"]["schemas"][name]

    assert not [member for member, told in schema["properties"].items() if "default" in told]
    assert schema.get("required", []) == (["id"] if name == "UpdateIn" else [])
    assert schema["examples"]


def test_every_member_of_the_memory_is_described(handbook: dict[str, Any]) -> None:
    answers = {
        part["$ref"].rsplit("/", 1)[-1]
        for path, methods in handbook["paths"].items()
        if "/memory/" in path
        for operation in methods.values()
        for part in _refs({**operation, "responses": {s: r for s, r in operation["responses"].items() if int(s) < 400}})
    }
    schemas = handbook["components"]["schemas"]
    bare = {
        f"{name}.{member}"
        for name in answers
        for member, told in schemas[name].get("properties", {}).items()
        if "description" not in told and name not in {"StatsOut", "HealthOut", "ImportedOut", "LayersShown", "BatchOut"}
    }

    assert len(answers) > 20
    assert bare == set()
    listing = handbook["paths"]["/api/v1/memory/"]["get"]["parameters"]
    assert all(parameter["description"] for parameter in listing)


def _refs(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part
        for each in part.values():
            yield from _refs(each)
    elif isinstance(part, list):
        for each in part:
            yield from _refs(each)


def test_what_is_too_long_is_told_in_characters(alice: Reader) -> None:
    client = RestDoor(alice).client
    answer = client.post("/api/v1/memory/sessions", {"key": "x" * 201}, content_type="application/json")

    assert answer.json()["error"]["fields"] == [
        {"field": "key", "message": "String should have at most 200 characters"}
    ]


def test_tools_say_their_bounds_in_words_of_json_schema() -> None:
    def nobody(_context: Any) -> Reader:
        raise AssertionError("no tool is called")

    taken = [tool.input_schema["properties"] for tool in async_to_sync(server(nobody).list_tools)()]
    offsets = [members["offset"] for members in taken if "offset" in members]

    assert len(offsets) == 3
    assert {(told["minimum"], told["maximum"], "le" in told) for told in offsets} == {(0, 1_000_000, False)}


def test_pages_of_one_moment_hold_nothing_twice_while_others_write(alice: Reader) -> None:
    door = RestDoor(alice)
    told = {door.remember(text=f"Page {number} of the diary.")["memory"]["id"] for number in range(7)}
    moment = timezone.now().isoformat()
    seen: list[int] = []
    for offset in range(0, 9, 3):
        seen += [memory["id"] for memory in door.listed(limit=3, offset=offset, known_at=moment)]
        door.remember(text=f"Meanwhile, {offset}.")

    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == told


# --- What is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "Le chat dort."), ("ar", "القطة تنام هنا"), ("ru", "Кот тут спит.")]
)
def test_what_is_kept_in_another_language_does_not_make_an_answer_unsure(
    alice: Reader, bob: Reader, language: str, text: str
) -> None:
    question = "What's the name of the libraries my sister's friends liked?"
    scores = []
    for reader, other in ((alice, Candidate(text, language=language)), (bob, Candidate("The cat sleeps."))):
        MemoryManager(reader.pk).remember(Candidate("The libraries that my sister's friends liked are closed."))
        MemoryManager(reader.pk).remember(other)
        scores.append(search(reader.pk, question).hits[0].score)

    assert scores[0] == pytest.approx(scores[1], rel=0.02)


def test_a_question_finds_a_word_by_the_stem_of_its_own_language(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    manager.remember(Candidate("Les bibliothèques nationales sont fermées.", language="fr"))
    manager.remember(Candidate("The cat sleeps.", language="en"))

    [hit] = search(alice.pk, "bibliothèque nationale", explain=True).hits
    assert hit.parts.words > 0.5


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("I moved to Berlin.", "Where do I live?"),
        ("I moved to Berlin.", "我住在哪里？"),
        ("我搬到了柏林。", "我住在哪里？"),
        ("I joined Siemens.", "What company do I work for?"),
        ("我就职于华为", "我在哪里工作？"),
        ("Call me Bee", "What am I called?"),
        ("I speak Basque", "Which languages do I know?"),
    ],
)
def test_what_is_known_of_the_reader_is_found_by_the_words_that_ask_for_it(
    alice: Reader, text: str, question: str
) -> None:
    manager = MemoryManager(alice.pk)
    for other in ("My sister moved a piano.", "The baker is closed on Mondays.", "我买了一架钢琴。"):
        manager.remember(Candidate(other))
    told = manager.remember(Candidate(text)).memory

    found = search(alice.pk, question)
    assert found.hits[0].memory == told.pk
    assert not found.is_unsure


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("What happened on Christmas Eve 2024?", "2024-12-24", "2024-12-24"),
        ("What did we eat on Christmas Day?", "2025-12-25", "2025-12-25"),
        ("Where were we at Christmas?", "2025-12-24", "2025-12-26"),
        ("Whom did I meet around Valentine’s Day?", "2026-02-14", "2026-02-14"),
        ("Who came on New Year's Day 2023?", "2023-01-01", "2023-01-01"),
        ("情人节那天我见了谁？", "2026-02-14", "2026-02-14"),
        ("去年平安夜我们在哪里？", "2025-12-24", "2025-12-24"),
        ("2024年儿童节我买了什么？", "2024-06-01", "2024-06-01"),
    ],
)
def test_a_feast_of_a_fixed_day_is_that_day(text: str, first: str, last: str) -> None:
    found = ranges_in(text, reference=datetime(2026, 11, 22, tzinfo=UTC))

    assert [(str(one.start), str(one.last)) for one in found] == [(first, last)]
