"""Kill what can be killed while answers are written: each ends, says how, and keeps what its pages have seen."""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from books.chat import log as frames_log
from books.chat import talk, wire
from books.chat.following import Frame, follow
from books.models import Book, Reply
from mindory_web.accounts.models import Reader
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE
from tests.fake_endpoint import Answer, FakeEndpoint
from tests.faults.stack import PATIENCE, Stack, until

pytestmark = pytest.mark.faults

WORDS = [f"word{number} " for number in range(200)]
LONG = Answer(WORDS, pace=0.05)  # ten seconds
LONGER = Answer(WORDS * 20, pace=0.05)  # than any story


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """Servers of this module's own."""
    data = Path(tempfile.mkdtemp(prefix="mindory-faults-"))  # pytest's own are swept by the next session
    stack = Stack(data)
    try:
        stack.set_up()
        yield stack
    finally:
        stack.tear_down()
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    """A model that takes its time."""
    with FakeEndpoint() as server:
        server.answers(LONG)
        yield server


@pytest.fixture
def stack(servers: Stack, endpoint: FakeEndpoint, settings: Any, django_db_blocker: Any) -> Iterator[Stack]:
    """An empty database, a reply worker and a reaper."""
    settings.REDIS_URL = servers.environment["REDIS_URL"]
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [settings.REDIS_URL]}}
    settings.CHANNEL_LAYERS = {"default": layer}
    servers.environment |= {"MINDORY_LLM_BASE_URL": endpoint.base_url, "MINDORY_LLM_MODEL": "fake"}
    with django_db_blocker.unblock(), servers.entered():
        start_reply_worker(servers)
        servers.start_reaper()
        try:
            yield servers
        finally:
            for name in [name for name in servers.children if name not in {"postgres", "redis"}]:
                servers.kill(name)
            Book.objects.all().delete()
            Reader.objects.all().delete()


def start_reply_worker(stack: Stack, name: str = "replies") -> None:
    stack._start(name, stack._own(name, ["manage.py", "reply_worker"]))


@pytest.fixture
def alice(stack: Stack) -> Reader:
    """The reader who asks, in the database of this stack."""
    return Reader.objects.create_user("alice", "alice@example.org", "correct horse battery")


@pytest.fixture
def tale(alice: Reader) -> Book:
    """A short book of alice's, indexed."""
    return shelved(alice, [TALE])


def ask(alice: Reader, tale: Book) -> Reply:
    return talk.ask(alice, "What was the parrot called?", book=tale.pk)


def state_of(reply: Reply) -> str:
    """Return what the row says; "" while Postgres is away."""
    try:
        return Reply.objects.values_list("state", flat=True).get(pk=reply.pk)
    except (OperationalError, InterfaceError):
        connection.close()
        return ""


def is_in(reply: Reply, state: str) -> bool:
    return state_of(reply) == state


def is_over(reply: Reply) -> bool:
    return state_of(reply) not in {"", *Reply.OPEN}


def seen(reply: Reply) -> str:
    """Return the words that a page has been sent."""
    frames = frames_log.after_now(reply.pk, 0)
    return "".join(frame["text"] for frame in frames if frame["type"] == "reply.words")


def read(reply: Reply, seq: int = 0) -> list[Frame]:
    """Return the frames of a finished reply as a page gets them."""

    async def collect() -> list[Frame]:
        async with asyncio.timeout(PATIENCE):
            frames = [frame async for frame in follow(reply.pk, seq)]
        await wire.disconnect()
        return frames

    return asyncio.run(collect())


def until_words(reply: Reply) -> None:
    until(lambda: seen(reply).count(" ") > 5, seconds=PATIENCE, what="a few words")


def test_a_killed_worker_leaves_its_words_and_the_question_can_be_asked_again(
    stack: Stack, endpoint: FakeEndpoint, alice: Reader, tale: Book
) -> None:
    endpoint.answers(LONGER)
    reply = ask(alice, tale)
    until_words(reply)
    stack.kill("replies")
    shown = seen(reply)
    took = until(lambda: is_over(reply), seconds=PATIENCE, what="interrupted")
    reply.refresh_from_db()
    assert (reply.state, reply.text) == ("interrupted", shown)
    frames = read(reply)
    assert "".join(frame["text"] for frame in frames if frame["type"] == "reply.words") == shown
    assert (frames[-1]["type"], frames[-1]["state"]) == ("reply.end", "interrupted")  # type: ignore[typeddict-item]
    print(f"\ninterrupted {took:.1f} s after the kill")
    endpoint.say("Moses.")
    start_reply_worker(stack)
    anew = talk.again(alice, reply.pk)
    until(lambda: is_over(anew), seconds=PATIENCE, what="answered")
    assert Reply.objects.get(pk=anew.pk).text == "Moses."
    endpoint.say("and no more.")
    longer = talk.go_on(alice, reply.pk)
    until(lambda: is_over(longer), seconds=PATIENCE, what="gone on with")
    text = Reply.objects.get(pk=longer.pk).text
    assert text.endswith("and no more.")
    assert shown.startswith(text.removesuffix("and no more."))
    assert Reply.objects.get(pk=reply.pk).text == shown


def test_redis_lost_in_mid_answer_costs_no_word(stack: Stack, alice: Reader, tale: Book) -> None:
    reply = ask(alice, tale)
    until_words(reply)
    stack.kill("redis")
    stack.start_redis()
    until(lambda: is_over(reply), seconds=PATIENCE, what="done")
    reply.refresh_from_db()
    assert (reply.state, reply.text) == ("done", "".join(WORDS))
    for seq in (0, 3, reply.last_seq - 1):
        frames = read(reply, seq)
        text = "" if frames[0]["type"] == "reply.whole" else None
        for frame in frames:
            text = frame["text"] if frame["type"] == "reply.whole" else text
        assert text in {None, reply.text}
    assert read(reply)[0]["type"] == "reply.whole"


def test_postgres_away_for_longer_than_a_lease_in_mid_answer_costs_no_word(
    stack: Stack, endpoint: FakeEndpoint, alice: Reader, tale: Book, settings: Any
) -> None:
    endpoint.answers(Answer(WORDS, pace=0.15))
    reply = ask(alice, tale)
    until_words(reply)
    stack.crash_postgres(away=settings.REPLY_LEASE_SECONDS + 1)
    until(lambda: is_over(reply), seconds=PATIENCE, what="done")
    reply.refresh_from_db()
    assert (reply.state, reply.text) == ("done", "".join(WORDS))


def test_a_question_whose_message_was_lost_is_answered_all_the_same(
    stack: Stack, endpoint: FakeEndpoint, alice: Reader, tale: Book
) -> None:
    endpoint.say("Moses.")
    stack.kill("replies")
    replies = [ask(alice, tale) for _ in range(5)]
    stack.kill("redis")
    stack.start_redis()
    start_reply_worker(stack)
    for reply in replies:
        until(partial(is_in, reply, "done"), seconds=PATIENCE, what="answered")


def test_a_worker_that_is_told_to_end_lets_its_answers_end_in_ten_seconds(
    stack: Stack, endpoint: FakeEndpoint, alice: Reader, tale: Book
) -> None:
    endpoint.answers(Answer(WORDS[:20], pace=0.1), Answer(WORDS * 10, pace=0.1), Answer(("late",), wait=60))
    short = ask(alice, tale)
    until_words(short)
    long = ask(alice, tale)
    until_words(long)
    waiting = ask(alice, tale)
    until(lambda: state_of(waiting) == "looking", seconds=PATIENCE, what="taken up")
    until(lambda: state_of(short) == "done", seconds=PATIENCE, what="the short one is done")
    stack.children["replies"].process.send_signal(signal.SIGTERM)
    stack.children["replies"].process.wait(PATIENCE)
    assert (state_of(short), state_of(long), state_of(waiting)) == ("done", "interrupted", "queued")
    assert Reply.objects.get(pk=long.pk).text == seen(long)
    endpoint.say("Moses.")
    stack.kill("replies")
    start_reply_worker(stack)
    until(lambda: state_of(waiting) == "done", seconds=PATIENCE, what="answered by the next worker")


def test_a_worker_that_was_taken_for_dead_harms_nothing_when_it_wakes(
    stack: Stack, endpoint: FakeEndpoint, alice: Reader, tale: Book
) -> None:
    endpoint.answers(LONGER)
    reply = ask(alice, tale)
    until_words(reply)
    process = psutil.Process(stack.children["replies"].process.pid)
    process.suspend()
    until(lambda: is_over(reply), seconds=PATIENCE, what="interrupted")
    ended = Reply.objects.get(pk=reply.pk)
    process.resume()
    anew = talk.again(alice, reply.pk)
    until_words(anew)
    after = Reply.objects.get(pk=reply.pk)
    assert (after.state, after.text, after.last_seq) == ("interrupted", ended.text, ended.last_seq)
    assert seen(reply) == ended.text
    assert talk.stop(alice, anew.pk).pk == anew.pk
    until(lambda: state_of(anew) == "stopped", seconds=PATIENCE, what="stopped")
