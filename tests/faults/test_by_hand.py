"""The path through the processes of docker-compose.yml: two web processes, two workers of each kind, TCP."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.books_made import long_tale
from tests.faults.by_hand import ByHand, Caller
from tests.faults.stack import PATIENCE, until

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def site() -> Iterator[ByHand]:
    with tempfile.TemporaryDirectory(prefix="mindory-", ignore_cleanup_errors=True) as name:
        site = ByHand(Path(name) / "data")
        try:
            site.start()
            yield site
        finally:
            site.tear_down()


@pytest.fixture(scope="module")
def alice(site: ByHand) -> Caller:
    site.environment |= {"DJANGO_SUPERUSER_PASSWORD": "correct horse battery"}
    site.run("python", "manage.py", "createsuperuser", "--noinput", "--username=alice", "--email=alice@example.org")
    return Caller(site, site.run("python", "manage.py", "api_key", "by hand"))


@contextmanager
def opened(alice: Caller, *, web: int) -> Iterator[ClientConnection]:
    """Give a socket of one web process, greeted."""
    with connect(alice.site.url(web).replace("http", "ws") + "/ws/", additional_headers=alice.headers) as socket:
        assert json.loads(socket.recv(PATIENCE))["type"] == "hello"
        yield socket


def frames_of(socket: ClientConnection, reply: int) -> list[dict[str, Any]]:
    """Return the frames of a reply up to its last."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["type"] not in {"reply.end", "reply.whole"}:
        frame = json.loads(socket.recv(PATIENCE))
        if frame.get("reply") == reply and frame["type"] != "reply.new":
            found.append(frame)
    return found


def is_ready(alice: Caller, book: Any, *, web: int) -> bool:
    return bool(alice.get(f"books/{book['id']}", web=web)["state"] == "ready")


def test_a_book_is_read_and_asked_across_processes(site: ByHand, alice: Caller) -> None:
    book = alice.upload("tale.epub", long_tale(), web=1)
    until(
        partial(is_ready, alice, book, web=2),
        seconds=2 * PATIENCE,
        what="the book is ready",
    )
    assert alice.get(f"books/{book['id']}", web=2)["is_embedded"]
    [best, *_] = alice.get(f"search?q=harbour&book={book['id']}", web=1)["items"]
    assert best["book"] == book["id"]

    with opened(alice, web=2) as socket:
        socket.send(json.dumps({"type": "ask", "nonce": "n1", "text": best["text"][:60], "book": book["id"]}))
        while (new := json.loads(socket.recv(PATIENCE)))["type"] != "reply.new":
            continue
        frames = frames_of(socket, new["reply"])
    assert frames[-1]["state"] == "done"
    citations = [frame for frame in frames if frame["type"] == "reply.citation"]
    assert citations
    for one in citations:
        text = alice.text(f"books/{one['book']}/sections/{one['section']}/text", web=1)
        assert text[one["start"] : one["end"]] == one["quote"]

    site.kill("web 2")  # the page comes back to the other process and gets the same answer
    with opened(alice, web=1) as socket:
        socket.send(json.dumps({"type": "resume", "reply": new["reply"], "seq": 0}))
        assert frames_of(socket, new["reply"]) == frames


def test_one_worker_of_each_kind_may_die(site: ByHand, alice: Caller) -> None:
    book = alice.upload("second.epub", long_tale(chapters=6), web=1)
    site.kill("ingest-worker 1")
    site.kill("reply-worker 1")
    until(
        partial(is_ready, alice, book, web=1),
        seconds=2 * PATIENCE,
        what="the book is ready",
    )
    with opened(alice, web=1) as socket:
        socket.send(json.dumps({"type": "ask", "nonce": "n2", "text": "Who went to the harbour?", "book": book["id"]}))
        while (new := json.loads(socket.recv(PATIENCE)))["type"] != "reply.new":
            continue
        assert frames_of(socket, new["reply"])[-1]["state"] == "done"


def test_every_process_ends_within_its_grace_period(site: ByHand, alice: Caller) -> None:
    names = [name for name in site.children if name not in {"postgres", "redis"}]
    assert {name.rstrip(" 12") for name in names} == {"web", "ingest-worker", "reply-worker", "reaper", "embedder"}
    for name in reversed(names):
        assert site.stop(name) in {0, -15}, name
