"""The REST door: what only HTTP has. The story that all doors share is in test_contract.py."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client
from django.utils import timezone
from pydantic import TypeAdapter
from pytest_django import Settings

from memory import reaping
from memory.manager import MemoryManager
from memory.models import Event, Job, Memory, Request, Session
from memory.shown import FoundOut
from memory.types import Candidate, Turn
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.api import takes_files
from tests.books.conftest import closed_lines
from tests.conftest import signed_in

__all__ = ["closed_lines"]

pytestmark = pytest.mark.django_db


class Program:
    """A program with a key of alice's or bob's."""

    def __init__(self, reader: Reader) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {keys.make(reader, 'agent one')[1]}"})

    def __call__(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        sent = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, f"/api/v1/memory/{address}", sent, content_type="application/json", headers=named
        )


@pytest.fixture
def program(alice: Reader) -> Program:
    return Program(alice)


@pytest.fixture
def stranger(bob: Reader) -> Program:
    return Program(bob)


@pytest.fixture
def manager(alice: Reader) -> MemoryManager:
    return MemoryManager(alice.pk)


def code(answer: Any, status: int) -> str:
    """Return the code of a refusal."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["code"])


# --- One by one ---------------------------------------------------------------------------------


def test_new_is_201_and_known_is_200(program: Program) -> None:
    first, again = (program("POST", "", {"text": "I collect old maps."}) for _time in range(2))

    assert (first.status_code, first.json()["outcome"]) == (201, "new")
    assert (again.status_code, again.json()["outcome"]) == (200, "repeated")
    assert program.client.get("/api/v1/memory").json()["count"] == 1  # the slash may be left out


def test_a_request_that_is_sent_again_is_done_once(program: Program) -> None:
    sent = {"text": "The boiler was mended for 90 pounds."}
    first, again = (program("POST", "", sent, idempotency_key="k1") for _time in range(2))

    assert first.json()["memory"]["id"] == again.json()["memory"]["id"]
    assert Memory.objects.get().told_count == 1
    other = program("POST", "", {"text": "The boiler was mended for 95 pounds."}, idempotency_key="k1")
    assert code(other, 409) == "conflict"
    assert Memory.objects.count() == 1


def test_the_same_key_of_another_reader_is_another_request(program: Program, stranger: Program) -> None:
    mine = program("POST", "", {"text": "I collect old maps."}, idempotency_key="k1").json()
    his = stranger("POST", "", {"text": "I collect stamps."}, idempotency_key="k1").json()

    assert his["memory"]["text"] == "I collect stamps."
    assert his["memory"]["id"] != mine["memory"]["id"]


def test_the_history_names_the_key_that_wrote(program: Program) -> None:
    program("POST", "", {"text": "I collect old maps."})

    assert Event.objects.get().actor == "key: agent one"


@pytest.mark.parametrize("name", ["user_id", "owner", "owner_id", "reader", "id", "state", "embedding"])
def test_nobody_names_an_owner(program: Program, bob: Reader, name: str) -> None:
    for method, address in (("POST", ""), ("POST", "search"), ("POST", "forget"), ("POST", "sessions")):
        body = {"text": "x", "query": "x", "everything": True, "key": "x"}
        wanted = {"": ("text",), "search": ("query",), "forget": ("everything",), "sessions": ("key",)}[address]
        given = {field: body[field] for field in wanted} | {name: bob.pk}
        assert code(program(method, address, given), 422) == "invalid"
    assert code(program("GET", f"?{name}={bob.pk}"), 422) == "invalid"
    assert not Memory.objects.exists()


def test_if_match_guards_against_what_others_changed(program: Program) -> None:
    shown = program("POST", "", {"text": "I collect old maps."}).json()["memory"]
    tag = program("GET", str(shown["id"])).headers["ETag"]
    assert tag == f'"{shown["revision"]}"'

    assert program("PATCH", str(shown["id"]), {"importance": 1}, if_match=tag).status_code == 200
    for method, body in (("PATCH", {"importance": 0}), ("DELETE", None)):
        assert code(program(method, str(shown["id"]), body, if_match=tag), 409) == "conflict"
        assert code(program(method, str(shown["id"]), body, if_match="W/x"), 422) == "invalid"
    fresh = program("GET", str(shown["id"])).headers["ETag"]
    assert program("DELETE", str(shown["id"]), if_match=f"W/{fresh}").status_code == 200
    assert code(program("GET", str(shown["id"])), 404) == "not_found"


def test_what_is_archived_comes_back(program: Program) -> None:
    pk = program("POST", "", {"text": "I collect old maps."}).json()["memory"]["id"]

    assert program("POST", f"{pk}/archive").json()["state"] == "archived"
    assert program("GET", "").json()["count"] == 0
    assert program("GET", "?include_archived=true").json()["count"] == 1
    assert program("POST", f"{pk}/restore").json()["state"] == "active"


def test_an_earlier_wording_comes_back(program: Program) -> None:
    pk = program("POST", "", {"text": "I collect old maps."}).json()["memory"]["id"]
    program("PATCH", str(pk), {"text": "I collect old stamps."})
    event = program("GET", f"{pk}/history").json()["items"][1]["id"]

    assert program("POST", f"{pk}/restore", {"event": event}).json()["text"] == "I collect old maps."
    assert code(program("POST", f"{pk}/restore", {"event": 2**40}), 404) == "not_found"


def test_a_list_is_narrowed_and_cut(program: Program, manager: MemoryManager) -> None:
    for number in range(5):
        manager.remember(Candidate(f"Locker {number} is taken by a swimmer.", book=7 if number < 3 else None))

    page = program("GET", "?limit=2&offset=1&book=7").json()
    assert (len(page["items"]), page["count"]) == (2, 3)
    assert program("GET", "?dimension=resource&book=7").json()["count"] == 3
    assert program("GET", "?type=factual&type=personal&type=episodic&until=2000-01-01").json()["count"] == 0
    for wrong in ("limit=0", "limit=201", "offset=-1", "type=odd", "since=then", "book=x", "tpye=personal"):
        assert code(program("GET", f"?{wrong}"), 422) == "invalid"


# --- Many ---------------------------------------------------------------------------------------


def test_a_batch_answers_every_item_in_its_place(program: Program, stranger: Program) -> None:
    mine = program("POST", "", {"text": "I collect old maps."}).json()["memory"]
    his = stranger("POST", "", {"text": "I collect stamps."}).json()["memory"]["id"]

    answer = program(
        "POST",
        "batch",
        {
            "create": [{"text": "My desk is by the window."}, {"text": "  "}, {"text": "My chair is red."}],
            "update": [
                {"id": his, "text": "Taken."},
                {"id": mine["id"], "text": "I collect globes.", "revision": mine["revision"]},
                {"id": mine["id"], "importance": 1, "revision": mine["revision"]},
            ],
            "forget": [his, mine["id"], mine["id"]],
        },
    )

    done = answer.json()
    assert [each["outcome"] or each["error"]["code"] for each in done["create"]] == ["new", "invalid", "new"]
    assert [each["error"] and each["error"]["code"] for each in done["update"]] == ["not_found", None, "conflict"]
    assert [each["error"] and each["error"]["code"] for each in done["forget"]] == ["not_found", None, "not_found"]
    assert done["forget"][1]["receipt"]["ids"] == [mine["id"]]
    assert Memory.objects.get(pk=his).text == "I collect stamps."


@pytest.mark.parametrize(
    "body", [{}, {"create": []}, {"create": [{"text": "x"}] * 101}, {"forget": [1] * 60, "update": [{"id": 1}] * 41}]
)
def test_a_batch_has_bounds(program: Program, body: dict[str, Any]) -> None:
    assert code(program("POST", "batch", body), 422) == "invalid"


# --- Search -------------------------------------------------------------------------------------


def test_a_search_explains_itself_and_leaves_out_what_is_not_asked_for(
    program: Program, manager: MemoryManager
) -> None:
    manager.remember(Candidate("The heron nests by the old mill. " * 40))
    manager.remember(Candidate("My bicycle is blue."))

    plainly = program("POST", "search", {"query": "heron"}).json()["items"][0]
    assert {"parts", "layers"} & set(plainly) == set()
    found = program("POST", "search", {"query": "heron", "explain": True, "layers": ["l0"]}).json()["items"][0]
    assert found["parts"]["words"] > 0
    assert (found["text"], set(found["layers"])) == ("", {"l0"})
    assert found["layers"]["l0"].startswith("The heron nests")
    assert len(found["layers"]["l0"]) < 600
    assert found["score"] == plainly["score"]
    assert program("POST", "search", {"query": "heron", "min_score": 1}).json()["items"] == []


def test_a_search_is_narrowed_by_every_filter(program: Program, manager: MemoryManager) -> None:
    manager.add_turns("walk", [Turn("We saw a heron.", speaker="Ines")])
    manager.remember(Candidate("A heron is a bird.", book=7, agent="guide"))

    def found(**filters: Any) -> int:
        answer = program("POST", "search", {"query": "heron", "filters": filters})
        assert answer.status_code == 200, answer.content
        return len(answer.json()["items"])

    assert [found(), found(dimension="session"), found(dimension="user"), found(session="walk")] == [2, 1, 1, 1]
    assert [found(book=7), found(agent="guide"), found(type=["conversational"]), found(pinned=True)] == [1, 1, 1, 0]
    assert [found(until="2001-01-01"), found(since="2001-01-01")] == [0, 2]
    whole = program("POST", "search", {"query": "Where did we see a heron?"}).json()
    assert [each["key"] for each in whole["sessions"]] == ["walk"]
    TypeAdapter(FoundOut).validate_python(whole, strict=True)  # what the schema says


def test_layers_are_shown_with_the_text_they_were_cut_out_of(program: Program, manager: MemoryManager) -> None:
    pk = manager.remember(Candidate("The heron nests by the old mill.")).memory.pk
    manager.add_turns("walk", [Turn("We saw a heron.", speaker="Ines")])

    of_memory = program("GET", f"{pk}/layers").json()
    assert of_memory == {
        "layers": {"l0": "The heron nests by the old mill.", "l1": "The heron nests by the old mill."},
        "excerpts": ["l0", "l1"],
    }
    assert "heron" in program("GET", "sessions/walk/layers").json()["layers"]["l0"]


# --- Sessions -----------------------------------------------------------------------------------


def test_a_session_is_begun_once_and_changed(program: Program) -> None:
    first = program("POST", "sessions", {"key": "walk:1", "title": "A walk", "books": [7], "participants": ["Ines"]})
    again = program("POST", "sessions", {"key": "walk:1"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["title"] == "A walk"
    changed = program("PATCH", "sessions/walk:1", {"title": "The weir", "is_learning": False}).json()
    assert (changed["title"], changed["is_learning"], changed["books"]) == ("The weir", False, [7])
    assert code(program("PATCH", "sessions/other", {"title": "x"}), 404) == "not_found"
    assert [each["key"] for each in program("GET", "sessions").json()["items"]] == ["walk:1"]
    for key in ("", "a/b", "..", "a\nb", "x" * 201):
        assert code(program("POST", "sessions", {"key": key}), 422) == "invalid"


def test_messages_come_one_or_many_and_the_same_key_is_one(program: Program) -> None:
    program("POST", "sessions/walk/messages", {"text": "We saw a heron.", "key": "m1", "speaker": "Ines"})
    said = program(
        "POST",
        "sessions/walk/messages",
        {"messages": [{"text": "We saw a heron.", "key": "m1"}, {"text": "Where?", "role": "assistant"}]},
    )

    assert (said.status_code, len(said.json()["items"])) == (201, 2)
    turns = program("GET", "sessions/walk/timeline").json()
    assert [(turn["number"], turn["text"]) for turn in turns["items"]] == [(0, "We saw a heron."), (1, "Where?")]
    assert program("GET", "sessions/walk").json()["participants"] == ["Ines"]
    bad: list[dict[str, Any]] = [
        {},
        {"messages": []},
        {"text": "x", "role": "god"},
        {"messages": [{"text": "x"}] * 101},
    ]
    for wrong in bad:
        assert code(program("POST", "sessions/walk/messages", wrong), 422) == "invalid"


@pytest.mark.django_db(transaction=True)
def test_closing_tells_the_job_and_waits_no_longer_than_asked(program: Program, manager: MemoryManager) -> None:
    manager.add_turns("walk", [Turn("I moved to Ghent last year.")])

    answer = program("POST", "sessions/walk/close?wait=0.3").json()
    assert answer["session"]["closed_at"]
    assert (answer["job"]["kind"], answer["job"]["session"]) == ("learn", "walk")
    assert program("GET", f"jobs/{answer['job']['id']}").json()["state"] in {"queued", "running", "done"}
    assert code(program("POST", "sessions/walk/close?wait=31"), 422) == "invalid"


def test_a_session_is_forgotten_with_its_turns(program: Program, manager: MemoryManager) -> None:
    turn = manager.add_turns("walk", [Turn("We saw a heron.")])[0]
    receipt = program("DELETE", "sessions/walk").json()

    assert (receipt["ids"], receipt["count"], receipt["sessions"]) == ([turn.pk], 1, ["walk"])
    assert not Session.objects.exists()
    assert program("POST", "forget/undo", {"token": receipt["undo"]}).json()["items"][0]["session"] == "walk"
    assert program("DELETE", "sessions/walk?is_over=true").status_code == 200
    assert program("GET", "sessions/walk").json()["is_learning"] is False


# --- Everything ---------------------------------------------------------------------------------


def lines_of(program: Program) -> list[dict[str, Any]]:
    """Return the lines of an export."""
    answer = program("GET", "export")
    assert answer.headers["Content-Type"].startswith("application/jsonl")
    assert "attachment" in answer.headers["Content-Disposition"]
    return [json.loads(line) for line in b"".join(answer).splitlines()]


def test_an_export_comes_in_lines_and_goes_back_in(program: Program, stranger: Program) -> None:
    for text in ("I collect old maps.", "我喜欢喝茶。", "Line one.\nLine two. \u2028 🐋"):
        program("POST", "", {"text": text})
    lines = lines_of(program)
    done = stranger("POST", "import", "\n".join(map(json.dumps, lines)) + "\n\n").json()

    assert (done["refused"], done["repeated"]) == ([], 0)
    texts = {memory["text"] for memory in stranger("GET", "").json()["items"]}
    assert texts == {"I collect old maps.", "我喜欢喝茶。", "Line one.\nLine two. \u2028 🐋"}


def test_lines_that_are_none_are_refused_alone(program: Program) -> None:
    program("POST", "", {"text": "I collect old maps."})
    lines = lines_of(program)
    program("POST", "forget", {"everything": True})
    bad: list[bytes] = [b"{", b"[]", b"\xff\xfe", b'{"x": NaN}', b"{" * 100_000, b'"' + b"x" * 1_100_000 + b'"']
    body = b"\n".join([*bad, *(json.dumps(line).encode() for line in lines), b'{"kind": "nonsense"}'])
    done = program("POST", "import", body).json()

    assert {each["line"] for each in done["refused"]} >= set(range(1, len(bad) + 1))
    assert done["refused_count"] == len(bad) + 1
    assert all(each["message"] for each in done["refused"])
    assert program("GET", "").json()["count"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("closed_lines")
async def test_more_than_a_form_may_hold_comes_out_and_goes_in_over_asgi(alice: Reader, bob: Reader) -> None:
    def fill() -> list[str]:
        told = [Turn(f"{number} " + "Rain fell on the roof all night. " * 30, key=str(number)) for number in range(400)]
        MemoryManager(alice.pk).add_turns("rain", told)
        return [f"Bearer {keys.make(reader, 'test')[1]}" for reader in (alice, bob)]

    mine, his = await sync_to_async(fill)()
    answer = await AsyncClient().get("/api/v1/memory/export", headers={"Authorization": mine})
    body = b"".join([block async for block in answer])  # type: ignore[attr-defined]
    assert len(body) > 400_000
    done = await AsyncClient().post(
        "/api/v1/memory/import", body, content_type="application/jsonl", headers={"Authorization": his}
    )

    assert done.json()["refused"] == []
    assert await Memory.objects.filter(owner=bob).acount() == 400
    assert takes_files("/api/v1/memory/import")


@pytest.mark.django_db(transaction=True)
def test_an_export_holds_no_cursor_from_one_line_to_the_next(manager: MemoryManager) -> None:
    manager.add_turns("rain", [Turn(f"Rain fell on roof {number}.", key=str(number)) for number in range(900)])
    lines = 0
    for _line in manager.export():  # as an answer that is sent in blocks does, each made in a thread of its own
        lines += 1
        connection.close() if lines % 200 == 0 else None

    assert lines > 1800


def test_forgetting_needs_a_filter_or_the_word_everything(program: Program, manager: MemoryManager) -> None:
    kept = manager.remember(Candidate("I collect old maps.")).memory
    gone = manager.remember(Candidate("Ishmael tells the story.", book=7)).memory

    for nothing in ({}, {"reason": "x"}, {"include_past": True}, {"everything": False}, {"book": None}):
        assert code(program("POST", "forget", nothing), 422) == "invalid"
    assert code(program("POST", "forget", {"everything": True, "book": 7}), 422) == "invalid"
    receipt = program("POST", "forget", {"book": 7, "reason": "done with it"}).json()
    assert receipt["ids"] == [gone.pk]
    assert program("GET", str(kept.pk)).status_code == 200
    assert program("POST", "forget", {"everything": True}).json()["ids"] == [kept.pk]


def test_a_receipt_opens_nothing_for_another_reader(program: Program, stranger: Program) -> None:
    pk = program("POST", "", {"text": "My locker code is 5512."}).json()["memory"]["id"]
    token = program("DELETE", str(pk)).json()["undo"]

    refusal = stranger("POST", "forget/undo", {"token": token})
    assert refusal.status_code in {404, 422}
    assert b"5512" not in refusal.content
    assert not Memory.objects.exclude(text="").exists()
    assert program("POST", "forget/undo", {"token": token}).status_code == 200


def test_what_is_switched_off_and_how_it_stands(program: Program, manager: MemoryManager) -> None:
    manager.remember(Candidate("I collect old maps."))

    assert program("GET", "settings").json() == {"is_learning": True, "is_following": True}
    assert program("PATCH", "settings", {"is_learning": False}).json() == {"is_learning": False, "is_following": True}
    assert program("GET", "stats").json()["memories"] == 1
    health = program("GET", "health").json()
    assert health["status"] == "ok"
    assert set(health["jobs"]) == {"queued", "running", "done", "failed"}


# --- What others send ---------------------------------------------------------------------------


def test_nothing_of_another_reader_is_found_by_guessing(program: Program, stranger: Program, alice: Reader) -> None:
    pk = program("POST", "", {"text": "My locker code is 5512."}).json()["memory"]["id"]
    program("POST", "sessions/walk/messages", {"text": "My locker code is 5512."})
    job = Job.objects.create(owner=alice, kind="learn").pk
    theirs = [f"{number}{rest}" for number in (pk, pk + 1) for rest in ("", "/history", "/layers")]
    theirs += ["sessions/walk", "sessions/walk/timeline", "sessions/walk/layers", f"jobs/{job}"]

    for address in theirs:
        assert code(stranger("GET", address), 404) == "not_found"
    for address in ("", "stats", "sessions", "export", "?session=walk", "?include_archived=true&include_past=true"):
        answer = stranger("GET", address)
        body = b"".join(answer) if answer.streaming else answer.content
        assert b"5512" not in body
        assert b"walk" not in body
    found = stranger("POST", "search", {"query": "locker code 5512"}).json()
    assert (found["items"], found["sessions"]) == ([], [])


def bodies() -> Iterator[tuple[str, str, str]]:
    """Yield bodies that break a careless door: (method, address, body)."""
    for text in ('"a\\u0000b"', '"\\ud800"', "1", "null", '"' + "x" * 20_001 + '"', "[]", '{"a": 1}'):
        yield "POST", "", f'{{"text": {text}}}'
        yield "POST", "search", f'{{"query": {text}}}'
        yield "POST", "sessions", f'{{"key": {text}}}'
        yield "POST", "forget/undo", f'{{"token": {text}}}' if "x" * 20_001 not in text else "{}"
    deep = "[" * 500 + "]" * 500
    wide = json.dumps({str(number): "x" * 100 for number in range(1000)})
    for value in ('{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}', '{"\\ud800": 1}', f'{{"a": {deep}}}', wide, "[]"):
        yield "POST", "", f'{{"text": "It rains.", "metadata": {value}}}'
    for field, value in (
        ("importance", "NaN"),
        ("importance", '"high"'),
        ("book", str(10**30)),
        ("valid_from", '"+99999-01-01"'),
        ("valid_from", '"0001-01-01T00:00:00+23:00"'),
        ("valid_from", "1e300"),
        ("expires_on", '"2020-13-45"'),
        ("source", '{"kind": "message", "turn": 1, "owner": 1}'),
        ("source", '{"place": {"book": 1, "section": -1, "start": 0, "end": 0}}'),
        ("source", '{"place": {"book": 1, "section": 0, "start": 5, "end": 1}}'),
        ("session", '"no such session"'),
        ("type", '"odd"'),
        ("is_pinned", '"yes"'),
    ):
        yield "POST", "", f'{{"text": "It rains.", "{field}": {value}}}'
    yield "POST", "", "[" * 100_000
    yield "POST", "", "\x00"
    yield "POST", "search", '{"query": "x", "limit": 201}'
    yield "POST", "search", '{"query": "x", "layers": []}'
    yield "POST", "search", '{"query": "x", "filters": {"as_of": "0000"}}'
    yield "PATCH", "settings", '{"is_learning": "maybe"}'


@pytest.mark.parametrize(("method", "address", "body"), [*bodies()])
def test_a_hostile_body_is_refused_with_a_sentence(program: Program, method: str, address: str, body: str) -> None:
    answer = program(method, address, body)

    assert code(answer, answer.status_code) in {"invalid", "bad_request", "not_found"}
    assert answer.status_code in {400, 404, 422}
    assert not Memory.objects.exists()


@pytest.mark.parametrize("key", ["%00", "%ff", "..%2f", "a%0ab", "x" * 300, "%F0%9F%90%8B"])
def test_a_hostile_address_is_not_found(program: Program, key: str) -> None:
    for rest in ("", "/timeline", "/layers"):
        assert program("GET", f"sessions/{key}{rest}").status_code in {400, 404, 422}


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", str(2**63), "9" * 40])
def test_an_id_of_any_size_is_answered(program: Program, number: str) -> None:
    for address in (number, f"{number}/history", f"jobs/{number}"):
        assert program("GET", address).status_code in {404, 422}


@pytest.mark.parametrize(
    ("method", "address", "body", "field"),
    [
        ("POST", "", {"text": "x", "importance": True}, "importance"),
        ("POST", "", {"text": "x", "book": True}, "book"),
        ("POST", "", {"text": "x", "valid_from": "20240101"}, "valid_from"),
        ("POST", "", {"text": "x", "source": {"turn": True}}, "source.turn"),
        ("POST", "", {"text": "x", "owner": 1}, "owner"),
        ("PATCH", "1", {"confidence": False}, "confidence"),
        ("POST", "search", {"query": "x", "limit": True}, "limit"),
        ("POST", "search", {"query": "x", "explain": 1}, "explain"),
        ("POST", "search", {"query": "x", "filters": {"pinned": "no"}}, "filters.pinned"),
        ("POST", "batch", {"forget": [True]}, "forget.0"),
        ("POST", "batch", {"update": [{"id": 1, "revision": True}]}, "update.0.revision"),
        ("POST", "sessions/walk/messages", {"text": "x", "said_at": 1_700_000_000}, "said_at"),
        ("POST", "sessions/walk/messages", {"messages": [{"text": "x", "role": "god"}]}, "messages.0.role"),
        ("GET", "?type=odd", None, "type.0"),
        ("GET", "?as_of=1700000000", None, "as_of"),
        ("GET", "sessions?limit=0", None, "limit"),
        ("POST", "sessions/walk/close?wait=nan", None, "wait"),
    ],
)
def test_a_refusal_names_the_field_as_it_was_sent(
    program: Program, method: str, address: str, body: Any, field: str
) -> None:
    answer = program(method, address, body)

    assert code(answer, 422) == "invalid"
    error = answer.json()["error"]
    assert [each["field"] for each in error["fields"]] == [field]
    assert error["message"].endswith(".")
    assert not {"..", "Value error", "pydantic"} & {
        each for each in ("..", "Value error", "pydantic") if each in str(error)
    }


@pytest.mark.parametrize("address", ["sessions", "sessions/walk/timeline", "{pk}/history", ""])
def test_a_list_refuses_what_it_does_not_know(program: Program, manager: MemoryManager, address: str) -> None:
    pk = manager.add_turns("walk", [Turn("We saw a heron.")])[0].pk

    assert code(program("GET", f"{address}?page=2".format(pk=pk)), 422) == "invalid"


def test_a_history_comes_in_pages(program: Program, manager: MemoryManager) -> None:
    for _time in range(3):
        pk = manager.remember(Candidate("I collect old maps.")).memory.pk

    page = program("GET", f"{pk}/history?limit=1&offset=1").json()
    assert ([event["verb"] for event in page["items"]], page["count"]) == (["repeated"], 3)


def test_the_key_of_a_request_may_serve_another_after_thirty_days(program: Program) -> None:
    for days in (29, 31):
        program("POST", "", {"text": f"Bus {days} goes to town."}, idempotency_key=f"k{days}")
        Request.objects.filter(key=f"k{days}").update(at=timezone.now() - timedelta(days=days))
    reaping._old()

    asked = {"text": "The boiler was mended."}
    assert code(program("POST", "", asked, idempotency_key="k29"), 409) == "conflict"
    assert program("POST", "", asked, idempotency_key="k31").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_ten_times_at_once_is_done_once(alice: Reader) -> None:
    program, barrier = Program(alice), Barrier(10)

    def send(number: int) -> tuple[int, int]:
        barrier.wait(10)
        try:
            answer = program("POST", "", {"text": "The boiler was mended."}, idempotency_key="k1")
            return answer.status_code, answer.json()["memory"]["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(send, range(10)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert Memory.objects.get().told_count == 1


def test_a_body_that_is_too_large_is_refused(program: Program) -> None:
    assert code(program("POST", "batch", {"create": [{"text": "x" * 19_000}] * 60}), 413) == "too_large"


def test_a_browser_needs_the_token(alice: Reader) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    refusal = browser.post("/api/v1/memory/", {"text": "It rains."}, content_type="application/json")
    assert code(refusal, 403) == "not_allowed"
    assert signed_in(alice).get("/api/v1/memory/").status_code == 200


def test_who_writes_too_often_is_told_to_wait(program: Program, settings: Settings) -> None:
    settings.MEMORY_WRITES_PER_MINUTE = 2
    answers = [program("POST", "", {"text": f"Bus {number} goes to town."}) for number in range(3)]

    assert [answer.status_code for answer in answers[:2]] == [201, 201]
    assert code(answers[2], 429) == "too_many"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_who_searches_too_often_is_told_to_wait(program: Program, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 1

    assert program("POST", "search", {"query": "x"}).status_code == 200
    assert code(program("POST", "search", {"query": "x"}), 429) == "too_many"
