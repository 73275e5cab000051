"""A key for alice, a readable book of hers, and a client that speaks JSON."""

import json
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from books.formats.parsed import Block
from books.models import Book, Section
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader

TEXTS = ("Call me Ishmael. Some years ago.", "鲸鱼 is a whale 🐋, and it is white.\n\nIt swims.")


class Program:
    """A program with a key: JSON in, JSON out."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def __call__(self, method: str, address: str, body: Any = None, **more: Any) -> Any:
        """Send a request; `status` and `body` are in the answer."""
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"/api/v1/{address}", **_generic(sent), **more)


def _generic(sent: dict[str, Any]) -> dict[str, Any]:
    return sent or {"data": b"", "content_type": "application/octet-stream"}


def code_of(response: HttpResponseBase) -> str:
    """Return the code of an error body, which every refusal has in the same shape."""
    body = response.json()  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "code", "error"}, body
    assert (body["status"], body["type"]) == (response.status_code, f"urn:mindory:error:{body['code']}")
    assert isinstance(body["detail"], str)
    assert body["detail"]
    assert body["title"]
    assert (body["error"]["code"], body["error"]["message"]) == (body["code"], body["detail"])
    return str(body["code"])


@pytest.fixture
def program(alice: Reader) -> Program:
    """Return a program that has alice's key."""
    return Program(keys.make(alice, "test")[1])


@pytest.fixture
def stranger(bob: Reader) -> Program:
    """Return a program that has bob's key."""
    return Program(keys.make(bob, "test")[1])


def make_book(owner: Reader, title: str = "Moby-Dick", **fields: Any) -> Book:
    """Put a ready book of two sections on a shelf, without its file."""
    made = {
        "digest": f"{Book.objects.count():064x}",
        "file_name": "moby.txt",
        "file_size": 100,
        "format": "txt",
        "state": "ready",
        "is_readable": True,
        "is_askable": True,
        "is_embedded": True,
        "section_count": len(TEXTS),
        "characters": sum(map(len, TEXTS)),
    }
    book = Book.objects.create(owner=owner, title=title, **{**made, **fields})
    start = 0
    for number, text in enumerate(TEXTS):
        blocks = [Block("p", 0, len(text)).as_row()]
        Section.objects.create(
            book=book, number=number, title=f"Part {number}", text=text, blocks=blocks, start_in_book=start
        )
        start += len(text)
    return book


@pytest.fixture
def book(alice: Reader) -> Book:
    """Return alice's book."""
    return make_book(alice)
