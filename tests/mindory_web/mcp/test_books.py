"""Books through MCP, spoken by the SDK's own client over both transports."""

import pytest
from asgiref.sync import sync_to_async

from books.models import Book
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from tests.books.conftest import by_words, closed_lines, tale
from tests.books.talking import TALE, working
from tests.mindory_web.mcp.speaking import ADDRESS, knocking, over_http, over_stdio, refused, told

__all__ = ["by_words", "closed_lines", "tale"]


async def test_every_tool_tells_what_it_takes_and_gives(alice: Reader, tale: Book) -> None:
    async with over_http(alice) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert {"list_books", "search_books", "read_passage", "ask_book"} <= set(tools)
    assert {"remember", "recall", "get_memory", "list_memories", "update_memory", "forget"} <= set(tools)
    assert {"memory_history", "pin_memory", "memory_stats"} <= set(tools)
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert not {"reader", "owner", "user_id", "ctx"} & set(tool.input_schema.get("properties", {})), tool.name
        assert tool.annotations, tool.name
    assert {name for name, tool in tools.items() if tool.annotations and tool.annotations.destructive_hint} == {
        "forget"
    }
    reading = {name for name, tool in tools.items() if tool.annotations and tool.annotations.read_only_hint}
    assert reading >= {"recall", "list_books", "memory_stats"}
    assert not reading & {"remember", "forget", "ask_book"}


async def test_a_program_finds_reads_and_asks_books(alice: Reader, tale: Book) -> None:
    async with over_http(alice) as client, working():
        listed = await told(client, "list_books", query="parrot")
        found = await told(client, "search_books", query="Who spoke three languages?")
        best = found["items"][0]
        read = await told(client, "read_passage", book=best["book"], section=0, start=5, length=20)
        answer = await told(client, "ask_book", question="What did the parrot call for at midnight?", book=tale.pk)

    assert [(book["id"], book["title"]) for book in listed["items"]] == [(tale.pk, "The Parrot")]
    assert best["text"] == TALE[best["start"] : best["end"]]
    assert best["link"].endswith(f"/books/{tale.pk}/?section=0&start={best['start']}&end={best['end']}")
    assert read["text"] == TALE[5:25]
    assert read["next"] == {"section": 0, "start": 25}
    assert answer["state"] == "done"
    assert all(quote["quote"] in TALE for quote in answer["quotes"])
    assert answer["quotes"]


async def test_the_same_over_standard_input_and_output(alice: Reader, tale: Book) -> None:
    async with over_stdio(alice) as client:
        listed = await told(client, "list_books")
        code = await refused(client, "read_passage", book=tale.pk, section=77)

    assert [book["id"] for book in listed["items"]] == [tale.pk]
    assert code == "not_found"


async def test_the_books_of_another_reader_are_not_there(bob: Reader, tale: Book) -> None:
    async with over_http(bob) as client:
        assert (await told(client, "list_books"))["count"] == 0
        assert (await told(client, "search_books", query="parrot"))["items"] == []
        assert await refused(client, "search_books", query="parrot", book=tale.pk) == "not_found"
        assert await refused(client, "read_passage", book=tale.pk, section=0) == "not_found"
        assert await refused(client, "ask_book", question="Who?", book=tale.pk) == "not_found"


@pytest.mark.parametrize("secret", ["", "nonsense", "mindory_none_of_ours"])
async def test_without_a_key_nothing_is_answered(secret: str, tale: Book) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with knocking(secret) as http:
        answer = await http.post(ADDRESS, json=asked)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_page_of_another_site_cannot_speak_to_it(alice: Reader, tale: Book) -> None:
    _key, secret = await sync_to_async(keys.make)(alice, name="another")
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with knocking(secret) as http:
        rebound = await http.post(ADDRESS, json=asked, headers={"Host": "evil.example"})
        foreign = await http.post(ADDRESS, json=asked, headers={"Origin": "https://evil.example"})

    assert rebound.status_code in {400, 403, 421}
    assert foreign.status_code in {400, 403}
