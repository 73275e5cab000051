"""A Redis that takes connections and says nothing: readers do not wait for it, and nothing of theirs is refused."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from structlog.testing import capture_logs

from books.chat import talk
from books.chat.following import POLL_SECONDS
from books.models import Book, Reply
from memory.manager import MemoryManager
from memory.models import Memory
from memory.types import Candidate
from mindory_web.accounts.models import Reader
from mindory_web.embedded import places, redis
from mindory_web.embedded.processes import Child
from mindory_web.lib import links
from tests.books.talking import frames_of
from tests.conftest import PASSWORD, signed_in
from tests.faults.stack import PATIENCE, Stack

pytestmark = pytest.mark.faults

KEPT = "The bees are behind the station."
MOST_SECONDS = 2.5  # longer than with a Redis that answers, on a machine that has much else to do


def never_answering() -> Iterator[tuple[str, Callable[[], None]]]:
    """A Redis behind a network that lost it: the kernel takes connections, and nobody reads them."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0", lambda: None


def fallen_silent(scratch: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A Redis that answered until it was stopped: connections to it are open."""
    program = redis.program(scratch)
    child = Child(program)
    try:
        child.wait_ready(PATIENCE)
        yield places.redis_url(scratch), lambda: child.process.send_signal(signal.SIGSTOP)
    finally:
        child.process.send_signal(signal.SIGCONT)
        child.stop()


@pytest.fixture(params=[never_answering, fallen_silent])
def silence(request: Any, scratch: Path, settings: Any) -> Iterator[Callable[[], None]]:
    """A function after which Redis says nothing."""
    make = contextmanager(request.param)
    with make(scratch) if request.param is fallen_silent else make() as (url, fall_silent):

        def begin() -> None:
            use(url, settings)
            fall_silent()

        before = current_app.conf.broker_url
        if request.param is fallen_silent:
            use(url, settings)  # answers until then
        yield begin
        Stack._use_broker(current_app, before)


def use(url: str, settings: Any) -> None:
    """Point everything at a Redis."""
    settings.REDIS_URL = url
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
    layer = settings.CHANNEL_LAYERS["default"]
    config = {**layer["CONFIG"], "hosts": [{"address": url, "socket_timeout": None}]}
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": config}}
    Stack._use_broker(current_app, url.replace("unix://", "redis+socket://", 1))


def asked(browser: Client) -> dict[str, Callable[[], Any]]:
    """Return what readers do, by name."""
    conversation = browser.post("/api/v1/conversations", {}, "application/json").json()["id"]
    body = {"text": "I keep bees behind the station."}
    return {
        "library": lambda: browser.get("/"),
        "sign in": lambda: Client().post("/account/login/", {"login": "bob", "password": PASSWORD}),
        "refused sign in": lambda: Client().post("/account/login/", {"login": "bob", "password": "wrong"}),
        "search the shelf": lambda: browser.get("/shelf/found", {"q": "whale"}),
        "search in all books": lambda: browser.get("/api/v1/search", {"q": "whale"}),
        "memory": lambda: browser.get("/memory/"),
        "search the memory": lambda: browser.post("/api/v1/memory/search", {"query": "bees"}, "application/json"),
        "remember": lambda: browser.post("/api/v1/memory/", body, "application/json"),
        "ask": lambda: browser.post(
            f"/api/v1/conversations/{conversation}/messages?wait=0", {"text": "Who?"}, "application/json"
        ),
        "upload": lambda: browser.post("/api/v1/books", {"file": SimpleUploadedFile("a.txt", b"A whale. " * 20)}),
    }


@pytest.mark.django_db(transaction=True)
def test_a_reader_waits_once_and_shortly_for_a_redis_that_says_nothing(
    silence: Callable[[], None], alice: Reader, bob: Reader
) -> None:
    MemoryManager(alice.pk).remember_all([Candidate(KEPT)])
    browser = signed_in(alice)
    usual = {name: took(do) for name, do in asked(browser).items()}
    Book.objects.all().delete()
    Memory.objects.filter(number=None).exclude(text=KEPT).delete()
    silence()

    wrong = {}
    for name, do in asked(browser).items():
        links.forget_rests()  # each is the one that finds out
        with capture_logs() as lines:
            status, seconds = took(do)
        waits = [line["event"] for line in lines if str(line.get("error")).startswith("Timeout")]
        if status != usual[name][0] or seconds > usual[name][1] + MOST_SECONDS or len(waits) > 1:
            wrong[name] = (status, seconds, waits)
    assert wrong == {}


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_read_from_its_row_while_redis_says_nothing(silence: Callable[[], None], alice: Reader) -> None:
    begun = talk.ask(alice, "Who?")
    silence()
    Reply.objects.filter(pk=begun.pk).update(state=Reply.State.DONE, text="Moses.")

    asked_at = time.monotonic()
    frames: list[Any] = async_to_sync(frames_of)(begun.pk, seconds=30)

    assert [(frame["type"], frame["text"]) for frame in frames] == [("reply.whole", "Moses.")]
    assert time.monotonic() - asked_at < POLL_SECONDS + 2 * MOST_SECONDS


def took(do: Callable[[], Any]) -> tuple[int, float]:
    """Return the status of an answer and how many seconds it took."""
    begun = time.monotonic()
    status = do().status_code
    return status, time.monotonic() - begun
