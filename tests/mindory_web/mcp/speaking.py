"""The SDK's own client, against the door of the web process (no socket between) and against `manage.py mcp`."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
from asgiref.sync import sync_to_async
from django.db import connection
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent

from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.mcp.http import Door

ADDRESS = "http://localhost:8000/mcp"


@asynccontextmanager
async def over_http(reader: Reader) -> AsyncIterator[Client]:
    """Yield a client that holds a key of the reader's."""
    _key, secret = await sync_to_async(keys.make)(reader, name="a program")
    async with with_key(secret) as client:
        yield client


@asynccontextmanager
async def with_key(secret: str) -> AsyncIterator[Client]:
    """Yield a client that holds this key."""
    async with knocking(secret) as http, Client(streamable_http_client(ADDRESS, http_client=http)) as client:
        yield client


async def nobody(_scope: Any, _receive: Any, _send: Any) -> None:
    """Stand behind the door: nothing that is asked here comes so far."""
    raise AssertionError("this was not for the door")


def knocking(secret: str) -> httpx2.AsyncClient:
    """Return an HTTP client that sends this key."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(Door(nobody)), headers=headers, base_url=ADDRESS)


@asynccontextmanager
async def over_stdio(reader: Reader) -> AsyncIterator[Client]:
    """Yield a client of a child process that serves the reader, from the database of this test."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(address._replace(path="/" + connection.settings_dict["NAME"]))
    command = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp", "--reader", reader.username],
        env={**os.environ, "DATABASE_URL": database},
    )
    async with Client(command) as client:
        yield client


async def told(client: Client, tool: str, **arguments: Any) -> Any:
    """Call a tool that succeeds and return what it answers."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    return answer.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool that refuses and return the code; text and structured content say the same."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    (said,) = answer.content
    assert isinstance(said, TextContent)
    assert answer.structured_content == json.loads(said.text)
    return str(answer.structured_content["error"]["code"])
