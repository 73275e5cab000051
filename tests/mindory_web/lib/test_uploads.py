"""A body over the limit is refused before Django writes it down, whatever its headers say."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from pytest_django import Settings

from mindory_web.lib.uploads import AROUND_A_FILE, LimitedBodies

UPLOADS = "/api/v1/books"


class Reached:
    """The application behind the guard: reads everything, answers 200."""

    def __init__(self) -> None:
        self.seen = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.seen += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture(autouse=True)
def limits(settings: Settings) -> None:
    """Small ones."""
    settings.UPLOAD_LIMIT = 1_000_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000


_communicator: Any = ApplicationCommunicator  # it has no types


async def send(
    chunks: list[bytes], *, path: str = UPLOADS, said: int | None = None, key: str = "good", method: str = "POST"
) -> tuple[int, dict[str, Any], Reached]:
    """Send a body in chunks; return status, JSON body, and what came through."""
    reached = Reached()

    async def knows(headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == "Bearer good"

    headers = [(b"authorization", f"Bearer {key}".encode())]
    if said is not None:
        headers.append((b"content-length", str(said).encode()))
    guard = LimitedBodies(reached, takes_files=lambda address: address == UPLOADS, knows=knows)
    line: Any = _communicator(guard, {"type": "http", "method": method, "path": path, "headers": headers})
    for number, chunk in enumerate(chunks):
        await line.send_input({"type": "http.request", "body": chunk, "more_body": number + 1 < len(chunks)})
    start = await line.receive_output()
    body, more = b"", True
    while more:
        message = await line.receive_output()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await line.wait()
    return start["status"], json.loads(body), reached


async def test_a_file_within_the_limit_passes() -> None:
    status, _body, reached = await send([b"x" * 500_000] * 2, said=1_000_000)

    assert (status, reached.seen) == (200, 1_000_000)


async def test_what_says_that_it_is_too_large_is_refused_before_it_is_read() -> None:
    status, body, reached = await send([b"x"], said=1_000_001 + AROUND_A_FILE)

    assert (status, body["error"]["code"], reached.seen) == (413, "too_large", 0)
    assert body["error"]["limit"] == 1_000_000


@pytest.mark.parametrize("said", [None, 5])
async def test_a_missing_or_understated_length_does_not_help(said: int | None) -> None:
    status, body, reached = await send([b"x" * 300_000] * 5, said=said)

    assert (status, body["error"]["code"]) == (413, "too_large")
    assert body["error"]["limit"] == (1_000_000 if said is None else 10_000)
    assert reached.seen <= 1_000_000 + AROUND_A_FILE


async def test_nobody_may_send_a_file() -> None:
    assert (await send([b"x" * 300_000] * 3, said=900_000, key="bad"))[0] == 401
    assert (await send([b"x" * 300_000] * 3, key="bad"))[0] == 401


async def test_elsewhere_a_body_is_small() -> None:
    assert (await send([b"x" * 10_001], path="/account/login/", said=10_001))[0] == 413
    assert (await send([b"x" * 6_000] * 2, path="/account/login/"))[0] == 413
    assert (await send([b"x" * 6_000], path="/account/login/"))[0] == 200


async def test_a_small_form_needs_nobody() -> None:
    assert (await send([b"x" * 6_000], said=6_000, key="bad"))[0] == 200
