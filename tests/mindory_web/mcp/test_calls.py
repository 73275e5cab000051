"""Calls as programs make them: wrong ones, large ones, too many of them, and what they leave behind."""

import json
import secrets
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from pytest_django import Settings

from books.models import Book
from memory import receipts
from memory.manager import MemoryManager
from memory.models import Event, Memory
from memory.types import Candidate, Turn
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from tests.books.conftest import by_words, closed_lines, tale
from tests.mindory_web.mcp.speaking import ADDRESS, knocking, over_http, refused, told

__all__ = ["by_words", "closed_lines", "tale"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_lines")]

LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

# Tool, arguments, and the field that the refusal names.
MISFITS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("remember", {}, "text"),
    ("remember", {"text": ""}, "text"),
    ("remember", {"text": 7}, "text"),
    ("remember", {"text": "It rains\0."}, "text"),
    ("remember", {"text": "It rains.", "user_id": 1}, "user_id"),
    ("remember", {"text": "It rains.", "importance": True}, "importance"),
    ("remember", {"text": "It rains.", "importance": "NaN"}, "importance"),
    ("remember", {"text": "It rains.", "is_pinned": 1}, "is_pinned"),
    ("remember", {"text": "It rains.", "is_pinned": "yes"}, "is_pinned"),
    ("remember", {"text": "It rains.", "book": True}, "book"),
    ("remember", {"text": "It rains.", "book": 10**20}, "book"),
    ("remember", {"text": "It rains.", "type": "odd"}, "type"),
    ("remember", {"text": "It rains.", "observed_at": 1_700_000_000}, "observed_at"),
    ("remember", {"text": "It rains.", "observed_at": "1700000000"}, "observed_at"),
    ("remember", {"text": "It rains.", "observed_at": 1.5}, "observed_at"),
    ("remember", {"text": "It rains.", "valid_from": "20240101"}, "valid_from"),
    ("remember", {"text": "It rains.", "valid_from": "yesterday"}, "valid_from"),
    ("remember", {"text": "It rains.", "expires_on": 20_990_101}, "expires_on"),
    ("remember", {"text": "It rains.", "expires_on": "2099-01-01T00:00:00"}, "expires_on"),
    ("recall", {"query": "rain", "types": ["personal"]}, "types"),
    ("recall", {"query": "rain", "limit": 51}, "limit"),
    ("recall", {"query": "rain", "limit": True}, "limit"),
    ("recall", {"query": "rain", "as_of": 2018}, "as_of"),
    ("recall", {"query": "rain", "min_score": 2}, "min_score"),
    ("recall", {"query": "rain", "dimension": "agent"}, "agent"),
    ("list_memories", {"offset": -1}, "offset"),
    ("get_memory", {"memory_id": "first"}, "memory_id"),
    ("get_memory", {"memory_id": 0}, "memory_id"),
    ("memory_stats", {"reader": "bob"}, "reader"),
    ("forget", {}, "ids"),
    ("forget", {"ids": []}, "ids"),
    ("forget", {"ids": [1], "book": 7}, "ids"),
    ("update_memory", {"memory_id": 1}, "text"),
    ("search_books", {"query": "parrot", "limit": 1000}, "limit"),
    ("list_books", {"query": "\0"}, "query"),
    ("ask_book", {"question": "Who?", "is_limited": "no"}, "is_limited"),
)


async def test_a_call_that_does_not_fit_is_refused_by_the_name_of_what_is_wrong(alice: Reader) -> None:
    async with over_http(alice) as client:
        for tool, arguments, field in MISFITS:
            answer = await client.call_tool(tool, arguments)
            assert answer.is_error, (tool, arguments)
            error = (answer.structured_content or {})["error"]
            assert error["code"] == "invalid", (tool, arguments, error)
            named = [each["field"] for each in error.get("fields", [])] or [error["field"]]
            assert field in {name.split(".")[0] for name in named}, (tool, arguments, error)
            assert error["message"]
            assert "pydantic" not in str(answer.content)
        assert await refused(client, "nonsense") == "not_found"

    assert not await Memory.objects.aexists()


async def test_a_conversation_is_not_asked_about_another_book(alice: Reader, tale: Book) -> None:
    async with over_http(alice) as client:
        first = await told(client, "ask_book", question="Who spoke?", book=tale.pk, wait=0)
        asked = {"question": "And then?", "conversation": first["conversation"]}
        assert await refused(client, "ask_book", **asked, book=tale.pk) == "invalid"


async def test_the_schemas_tell_a_model_what_it_needs_and_no_more(alice: Reader) -> None:
    async with over_http(alice) as client:
        tools = (await client.list_tools()).tools

    for tool in tools:
        assert tool.input_schema["additionalProperties"] is False
        for name, part in tool.input_schema["properties"].items():
            assert "description" in part or name in {"limit", "type"}, (tool.name, name)
            assert "title" not in part
        assert "\n  " not in str(tool.description)
    assert "title" in next(tool for tool in tools if tool.name == "read_passage").output_schema["properties"]  # type: ignore[index]
    shared = {"type", "dimension", "agent", "book", "session", "subject", "attribute", "pinned", "since", "until"}
    shared |= {"as_of", "include_archived", "include_past", "limit"}
    for tool in tools:
        if tool.name in {"recall", "list_memories"}:
            assert shared <= set(tool.input_schema["properties"]), tool.name


async def test_an_answer_stays_small_enough_for_a_model(alice: Reader) -> None:
    def fill() -> int:
        manager = MemoryManager(alice.pk)
        metadata = {"note": "y" * 8_000, "more": ["z" * 3_000, "z"]}
        rows = [
            manager.remember(Candidate(f"Heron {number}. " + "雨" * 15_000, metadata=metadata)).memory
            for number in range(12)
        ]
        for number in range(6):
            manager.update(rows[0].pk, {"text": f"Heron anew {number}. " + "雨" * 15_000})
        return rows[0].pk

    pk = await sync_to_async(fill)()
    async with over_http(alice) as client:
        listed = await client.call_tool("list_memories", {"limit": 50})
        found = await client.call_tool("recall", {"query": "heron", "limit": 50})
        changes = await client.call_tool("memory_history", {"memory_id": pk})
        whole = await told(client, "get_memory", memory_id=pk)
        receipt = await told(client, "forget", ids=[pk])

    for answer in (listed, found, changes):
        assert answer.structured_content
        assert 12 >= len(answer.structured_content["items"]) >= 7
        assert len(json.dumps(answer.structured_content, ensure_ascii=False)) < 60_000
        assert len(str(answer.content)) < 60_000
    shown = (listed.structured_content or {})["items"][0]
    assert shown["id"] in (listed.structured_content or {})["shortened"]
    assert shown["text"].endswith("…")
    assert whole["text"].endswith("雨")
    assert len(receipt["undo"]) <= 16_000


async def test_what_is_empty_is_left_out_of_the_words_and_not_of_the_structure(alice: Reader) -> None:
    async with over_http(alice) as client:
        answer = await client.call_tool("remember", {"text": "I collect old maps."})

    said, structured = json.loads(answer.content[0].text), answer.structured_content or {}  # type: ignore[union-attr]
    assert structured["memory"]["session"] is None
    assert "session" not in said["memory"]
    assert said["memory"]["text"] == structured["memory"]["text"] == "I collect old maps."


async def test_what_a_tool_forgot_a_tool_brings_back(alice: Reader) -> None:
    async with over_http(alice) as client:
        one = (await told(client, "remember", text="I collect old maps.", type="personal", book=7))["memory"]
        other = (await told(client, "remember", text="Rain fell.", type="episodic", book=7))["memory"]
        receipt = await told(client, "forget", book=7, type="personal", reason="done")
        assert receipt["ids"] == [one["id"]]
        assert len(receipt["undo"]) < 60  # a model can write it down
        assert (await told(client, "get_memory", memory_id=other["id"]))["text"] == "Rain fell."
        back = await told(client, "undo_forget", token=receipt["undo"])

    assert [memory["text"] for memory in back["items"]] == ["I collect old maps."]


async def test_a_whole_session_that_a_tool_forgot_comes_back_by_a_few_characters(alice: Reader) -> None:
    said = [Turn(f"{number}: {secrets.token_urlsafe(200)}", key=str(number)) for number in range(300)]
    await sync_to_async(MemoryManager(alice.pk).add_turns)("walk", said)
    async with over_http(alice) as client:
        receipt = await told(client, "forget", session="walk")
        assert (receipt["count"], len(receipt["ids"]), len(receipt["undo"])) == (300, 100, 48)
        back = await told(client, "undo_forget", token=receipt["undo"])
        assert await refused(client, "undo_forget", token=receipt["undo"]) == "conflict"

    assert len(back["items"]) == 300
    turns = await sync_to_async(lambda: list(MemoryManager(alice.pk).timeline("walk")))()
    assert [turn.text for turn in turns] == [turn.text for turn in said]


async def test_where_no_copy_can_be_kept_the_token_itself_is_told_if_it_is_short(
    alice: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "MOST_KEPT", 0)
    said = [Turn(secrets.token_urlsafe(200)) for _number in range(300)]
    await sync_to_async(MemoryManager(alice.pk).add_turns)("walk", said)
    async with over_http(alice) as client:
        memory = (await told(client, "remember", text="I collect old maps."))["memory"]
        token = (await told(client, "forget", ids=[memory["id"]]))["undo"]
        assert len(token) > 60
        assert (await told(client, "undo_forget", token=token))["items"][0]["id"] == memory["id"]
        receipt = await told(client, "forget", session="walk")

    assert (receipt["undo"], receipt["undo_until"]) == ("", None)


async def test_the_history_names_the_key(alice: Reader) -> None:
    async with over_http(alice) as client:
        await told(client, "remember", text="I collect old maps.")

    assert (await Event.objects.aget()).actor == "key: a program"


async def test_writes_and_searches_are_counted_with_those_of_the_api(alice: Reader, settings: Settings) -> None:
    settings.MEMORY_WRITES_PER_MINUTE = settings.SEARCHES_PER_MINUTE = 1
    async with over_http(alice) as client:
        await told(client, "remember", text="I collect old maps.")
        assert await refused(client, "remember", text="I collect stamps.") == "too_many"
        await told(client, "recall", query="maps")
        assert await refused(client, "recall", query="maps") == "too_many"


async def test_a_call_gives_back_what_it_borrowed_of_the_database(alice: Reader, tale: Book) -> None:
    def sessions() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    async with over_http(alice) as client:
        await told(client, "list_books")
        before = await sync_to_async(sessions)()
        for number in range(3):
            await told(client, "ask_book", question=f"Who spoke {number} languages?", book=tale.pk, wait=0)
            await told(client, "recall", query="parrot")
        assert await sync_to_async(sessions)() <= before


async def test_a_key_that_is_taken_back_opens_nothing_more(alice: Reader) -> None:
    key, secret = await sync_to_async(keys.make)(alice, name="lost")
    async with knocking(secret) as http:
        first = await http.post(ADDRESS, json=LISTING)
        await sync_to_async(keys.revoke)(alice, key.pk)
        then = await http.post(ADDRESS, json=LISTING)

    assert (first.status_code, then.status_code) == (200, 401)


async def test_the_name_of_another_session_opens_nothing(alice: Reader, bob: Reader) -> None:
    await sync_to_async(MemoryManager(alice.pk).remember)(Candidate("My locker code is 5512."))
    _key, secret = await sync_to_async(keys.make)(bob, name="his")
    asked = {**LISTING, "method": "tools/call", "params": {"name": "list_memories", "arguments": {}}}
    async with knocking(secret) as http:
        answer = await http.post(ADDRESS, json=asked, headers={"Mcp-Session-Id": "alice"})

    assert answer.status_code == 200
    assert answer.json()["result"]["structuredContent"]["count"] == 0


async def test_there_is_no_stream_to_hang_on_to_and_no_body_without_an_end(alice: Reader) -> None:
    _key, secret = await sync_to_async(keys.make)(alice, name="large")
    async with knocking(secret) as http:
        for method in ("GET", "DELETE", "PUT"):
            answer = await http.request(method, ADDRESS, headers={"Accept": "text/event-stream"})
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
            assert answer.json()["error"]["code"] == "method_not_allowed"
        large = await http.post(ADDRESS, content=b" " * 2_000_000 + b"{}", headers={"Content-Type": "application/json"})
        deep = await http.post(ADDRESS, content=b"[" * 100_000, headers={"Content-Type": "application/json"})

    assert (large.status_code, deep.status_code) == (413, 400)
