"""The socket: who gets in, what is refused, and that every page reads the same answer."""

import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import LazySettings
from structlog.testing import capture_logs

from books import publishing
from books.chat import log as frames_log
from books.chat import talk, wire
from books.chat.following import POLL_SECONDS
from books.chat.rooms import MOST_ROOMS
from books.collections import Collections
from books.consumers import MOST_SOCKETS, PageSocket
from books.events import (
    CLOSED_BAD_ORIGIN,
    CLOSED_NOT_SIGNED_IN,
    CLOSED_TOO_LARGE,
    CLOSED_TOO_MANY,
    LARGEST_FRAME,
    ReplyFrame,
)
from books.models import Book, Conversation
from books.sockets import guarded, socket_urlpatterns
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.lib import links
from tests.books.talking import in_db, working
from tests.conftest import signed_in
from tests.fakes import told

pytestmark = pytest.mark.usefixtures("by_words", "closed_lines")
ORIGIN = (b"origin", b"http://localhost:8000")
SITE = guarded(URLRouter(socket_urlpatterns))


@pytest.fixture(autouse=True)
def one_loop_a_layer() -> None:
    """Every test has a loop of its own, and sockets that are counted from nought."""
    PageSocket.sockets.clear()


class Page:
    """One page's end of a socket."""

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.line = WebsocketCommunicator(SITE, "/ws/", headers=list(headers))

    async def send(self, **frame: Any) -> None:
        await self.line.send_to(text_data=json.dumps(frame))

    async def frame(self, *types: str, seconds: float = 8) -> dict[str, Any]:
        """Return the next frame, or the next of these types."""
        while True:
            frame = json.loads(await self.line.receive_from(timeout=seconds))
            if not types or frame["type"] in types:
                return dict(frame)

    async def answer(self, reply: int) -> list[dict[str, Any]]:
        """Return the frames of a reply up to its last one."""
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["type"] != "reply.end":
            frame = await self.frame("reply.stage", "reply.words", "reply.citation", "reply.end", "reply.whole")
            if frame["reply"] == reply:
                frames.append(frame)
            if frame["type"] == "reply.whole" and frame["state"] not in {"queued", "looking", "writing"}:
                break
        return frames

    async def closed(self, *, seconds: float = 6) -> int:
        """Return the code this socket is closed with, reading past frames."""
        while True:
            message = await self.line.receive_output(timeout=seconds)
            if message["type"] == "websocket.close":
                return int(message["code"])


def cookie(reader: Reader) -> tuple[bytes, bytes]:
    return b"cookie", f"sessionid={signed_in(reader).cookies['sessionid'].value}".encode()


@asynccontextmanager
async def page(reader: Reader, *headers: tuple[bytes, bytes]) -> AsyncIterator[Page]:
    """Open a page of `reader` and take its greeting."""
    opened = Page(*(headers or (ORIGIN, await in_db(cookie, reader))))
    connected, _ = await opened.line.connect(timeout=5)
    assert connected
    assert await opened.frame() == {"type": "hello", "reader": reader.pk, "heartbeat": 20}
    try:
        yield opened
    finally:
        await opened.line.disconnect()


async def test_a_page_that_pings_is_answered(transactional_db: None, alice: Reader) -> None:
    async with page(alice) as opened:
        await opened.send(type="ping")
        assert await opened.frame() == {"type": "pong"}


@pytest.mark.parametrize("origin", [None, b"https://evil.example", b"null", b"http://localhost:8000.evil.example"])
async def test_another_origin_or_none_is_refused(transactional_db: None, alice: Reader, origin: bytes | None) -> None:
    headers = [await in_db(cookie, alice), *([(b"origin", origin)] if origin else [])]
    assert await Page(*headers).line.connect() == (False, CLOSED_BAD_ORIGIN)


async def test_nobody_is_told_to_sign_in(transactional_db: None) -> None:
    opened = Page(ORIGIN)
    assert (await opened.line.connect())[0]
    assert await opened.closed() == CLOSED_NOT_SIGNED_IN


async def test_a_key_opens_a_socket_without_origin_and_a_wrong_one_does_not(
    transactional_db: None, alice: Reader
) -> None:
    _key, secret = await in_db(keys.make, alice, "program")
    async with page(alice, (b"authorization", f"Bearer {secret}".encode())):
        pass
    for wrong in (b"Bearer nonsense", b"Basic " + secret.encode(), b"", b"Bearer \xff"):
        assert await Page((b"authorization", wrong)).line.connect() == (False, CLOSED_NOT_SIGNED_IN)


@pytest.mark.parametrize("how", ["logout", "deactivated", "revoked"])
async def test_a_socket_closes_within_five_seconds_of_losing_its_right(
    transactional_db: None, alice: Reader, how: str
) -> None:
    key, secret = await in_db(keys.make, alice, "program")
    browser = await in_db(signed_in, alice)
    headers = (
        [(b"authorization", f"Bearer {secret}".encode())]
        if how == "revoked"
        else [ORIGIN, (b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode())]
    )
    async with page(alice, *headers) as opened:
        alice.is_active = how != "deactivated"
        ends: dict[str, Callable[[], Any]] = {
            "logout": browser.logout,
            "deactivated": alice.save,
            "revoked": lambda: keys.revoke(alice, key.pk),
        }
        await in_db(ends[how])
        assert await opened.closed(seconds=5) == CLOSED_NOT_SIGNED_IN


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": "hello"}',
        '{"type": "relay", "frame": {}}',
        '{"type": ["ask"]}',
        '{"type": "ask", "text": "What?"}',
        '{"type": "ask", "nonce": "n", "text": 7}',
        '{"type": "ask", "nonce": "n", "text": "What?", "book": "1"}',
        '{"type": "stop", "reply": true}',
        '{"type": "stop", "reply": -1}',
        '{"type": "resume", "reply": 99999999999999999999999, "seq": 0}',
        '{"type": "ask", "nonce": "n", "text": "What?", "books": [1, "2"]}',
        '{"type": "ask", "nonce": "n", "text": "What?", "books": {"1": 2}}',
        '{"type": "ask", "nonce": "n", "text": "What?", "parent": 1.5}',
        '{"type": "ask", "nonce": "n", "text": "What?", "is_limited": 1}',
        '{"type": "ask", "nonce": "n", "text": "What?", "about": {"kind": "ask", "book": 1}}',
        '{"type": "ask", "nonce": "n", "text": "What?", "about": [1]}',
        "[" * 10_000,
    ],
)
async def test_what_is_no_frame_is_refused_and_the_socket_lives(
    transactional_db: None, alice: Reader, text: str
) -> None:
    async with page(alice) as opened:
        await opened.line.send_to(text_data=text)
        assert (await opened.frame())["code"] == "bad_frame"
        await opened.send(type="ping")
        assert await opened.frame() == {"type": "pong"}


async def test_a_frame_over_64_kb_or_of_bytes_closes_the_socket(transactional_db: None, alice: Reader) -> None:
    async with page(alice) as opened:
        await opened.send(type="ping", more="x" * LARGEST_FRAME)
        assert await opened.closed() == CLOSED_TOO_LARGE
    async with page(alice) as opened:
        await opened.line.send_to(bytes_data=b"{}")
        assert await opened.closed() == CLOSED_TOO_LARGE


async def test_a_page_that_sends_too_much_is_refused(transactional_db: None, alice: Reader) -> None:
    async with page(alice) as opened:
        for _ in range(100):
            await opened.send(type="ping")
        assert (await opened.frame("refused"))["code"] == "too_many"


async def test_a_redis_that_says_nothing_holds_up_no_question(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are taken, by the kernel, and never answered
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        config = {"hosts": [{"address": settings.REDIS_URL, "socket_timeout": None}]}
        settings.CHANNEL_LAYERS = {"default": {**settings.CHANNEL_LAYERS["default"], "CONFIG": config}}
        begun = time.monotonic()
        with capture_logs() as lines:
            asked = await in_db(talk.ask, alice, "Who?", book=tale.pk)
        assert time.monotonic() - begun < 4 * links.PATIENCE_SECONDS

    assert asked.state == "queued"
    assert [line["event"] for line in lines] == ["limits not counted", "worker_not_woken", "bell_not_heard"]


async def test_a_reader_has_only_so_many_sockets(transactional_db: None, alice: Reader) -> None:
    session = await in_db(cookie, alice)
    async with AsyncExitStack() as pages:
        for _ in range(MOST_SOCKETS):
            await pages.enter_async_context(page(alice, ORIGIN, session))
        one_more = Page(ORIGIN, session)
        assert (await one_more.line.connect())[0]
        assert await one_more.closed() == CLOSED_TOO_MANY
    async with page(alice, ORIGIN, session):
        pass


async def test_a_question_is_answered_on_the_page_that_asked_and_told_to_the_others(
    alice: Reader,
    bob: Reader,
    tale: Book,
    settings: LazySettings,
) -> None:
    told(settings, "He is ", "[[1|Captain Ahab]].")
    async with working(), page(alice) as asking, page(alice) as other, page(bob) as foreign:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        new = await asking.frame("reply.new")
        assert (new["nonce"], new["book"], new["question"]) == ("n1", tale.pk, "Who is he?")
        frames = await asking.answer(new["reply"])
        assert frames[-1]["state"] == "done"
        assert (await other.frame())["reply"] == new["reply"]
        await other.send(type="resume", reply=new["reply"], seq=0)
        assert await other.answer(new["reply"]) == frames
        assert await foreign.line.receive_nothing(timeout=0.2)


async def test_a_page_that_comes_back_at_any_frame_ends_with_the_same_bytes(
    alice: Reader,
    tale: Book,
    settings: LazySettings,
) -> None:
    model = told(settings, *[f"word{number} " for number in range(30)], "[[1|Captain Ahab]]", ".")
    model.delay = 0.03
    async with working(), page(alice) as asking:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        reply = (await asking.frame("reply.new"))["reply"]
        frames = await asking.answer(reply)
        assert len(frames) > 10
        for cut in range(len(frames) + 1):
            await asking.send(type="resume", reply=reply, seq=cut)
            if cut < len(frames):
                assert await asking.answer(reply) == frames[cut:]
            else:  # nothing is missing: the stored reply says so
                assert (await asking.frame("reply.whole"))["seq"] == cut
        whole = await in_db(talk.whole, alice, reply)
    words = "".join(frame["text"] for frame in frames if frame["type"] == "reply.words")
    assert words == whole["text"]


async def test_without_the_log_the_stored_reply_is_sent(
    alice: Reader,
    tale: Book,
    settings: LazySettings,
) -> None:
    told(settings, "He is Ahab.")
    async with working(), page(alice) as asking:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        reply = (await asking.frame("reply.new"))["reply"]
        frames = await asking.answer(reply)
        await in_db(wire.client_now().flushdb)
        await asking.send(type="resume", reply=reply, seq=1)
        whole = await asking.frame("reply.whole")
    assert (whole["text"], whole["state"], whole["seq"]) == ("He is Ahab.", "done", frames[-1]["seq"])


async def test_another_readers_reply_does_not_exist(
    alice: Reader,
    bob: Reader,
    tale: Book,
) -> None:
    reply = await in_db(talk.ask, alice, "Who is he?", book=tale.pk)
    async with page(bob) as opened:
        for frame in ({"type": "resume", "seq": 0}, {"type": "stop"}):
            await opened.send(reply=reply.pk, **frame)
            assert (await opened.frame())["code"] == "not_found"
        await opened.send(type="ask", nonce="n", text="Who?", conversation=reply.conversation_id)
        assert await opened.frame() == {
            "type": "refused", "code": "not_found", "message": "There is no such conversation.", "nonce": "n",
        }  # fmt: skip
        await opened.send(type="ask", nonce="n", text="Who?", book=tale.pk)
        assert (await opened.frame())["code"] == "not_found"


async def test_any_page_stops_an_answer_within_a_second(
    alice: Reader,
    tale: Book,
    settings: LazySettings,
) -> None:
    model = told(settings, *["and on "] * 1000)
    model.delay = 0.01
    async with working(), page(alice) as asking, page(alice) as other:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        reply = (await asking.frame("reply.new"))["reply"]
        await asking.frame("reply.words")
        await other.send(type="stop", reply=reply)
        end = await asking.frame("reply.end", seconds=1)
        assert end["state"] == "stopped"
        stored = await in_db(talk.whole, alice, reply)
    assert stored["text"].startswith("and on")
    assert model.closed == 1


async def test_frames_of_books_reach_every_page_of_their_reader_alone(
    transactional_db: None, alice: Reader, bob: Reader
) -> None:
    async with page(alice) as one, page(alice) as two, page(bob) as foreign:
        await publishing.tell(alice.pk, {"type": "book.gone", "book": 7})
        assert await one.frame() == await two.frame() == {"type": "book.gone", "book": 7}
        assert await foreign.line.receive_nothing(timeout=0.2)


async def test_a_lost_bell_costs_two_seconds_and_nothing_else(alice: Reader, tale: Book) -> None:
    async with page(alice) as asking:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        reply = (await asking.frame("reply.new"))["reply"]
        words: ReplyFrame = {"type": "reply.words", "reply": reply, "seq": 1, "text": "He is "}
        await frames_log.append(reply, [words])  # and nobody rings
        assert await asking.frame("reply.words", seconds=POLL_SECONDS + 1) == words


async def test_sentences_come_in_the_language_of_the_page(transactional_db: None, alice: Reader) -> None:
    headers = (ORIGIN, await in_db(cookie, alice), (b"accept-language", b"zh-CN,zh;q=0.9"))
    async with page(alice, *headers) as opened:
        await opened.send(type="ask", nonce="n", text="  ")
        assert (await opened.frame())["message"] == "请先写下问题。"
        await opened.send(type="dance")
        assert (await opened.frame())["message"] == "这里不认识这种消息。"


async def test_sockets_of_one_reader_are_counted_down_again(transactional_db: None, alice: Reader) -> None:
    async with page(alice), page(alice):
        assert PageSocket.sockets[alice.pk] == 2
    assert PageSocket.sockets[alice.pk] == 0


async def test_an_answer_comes_with_its_html_and_ends_as_it_is_stored(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "He kept:\n\n- a **white", " parrot** [[1|a white parrot called Moses]]\n", "- a <mast>\n")
    model.delay = 0.08
    async with working(), page(alice) as asking:
        await asking.send(type="ask", nonce="n1", text="Who kept a white parrot?", book=tale.pk)
        frames = await asking.answer((await asking.frame("reply.new"))["reply"])
        blocks: list[str] = []
        for frame in frames:
            if "html" in frame:
                blocks[frame["html"]["from"] :] = frame["html"]["blocks"]
        whole = await in_db(talk.whole, alice, frames[0]["reply"])
    assert blocks == whole["html"]
    assert blocks[0] == '<p dir="auto">He kept:</p>'
    assert "<strong>white parrot</strong>" in blocks[1]
    assert '<a class="cite" data-n="1">1</a>' in blocks[1]
    assert "&lt;mast&gt;" in blocks[1]
    assert frames[-1]["ahead"] == 0


async def test_a_question_says_where_it_belongs_and_what_it_is_about(alice: Reader, tale: Book) -> None:
    about = {"kind": "explain", "book": tale.pk, "section": 0, "start": 0, "end": 6}
    async with page(alice) as asking, page(alice) as other:
        await asking.send(type="ask", nonce="n1", text="", about=about, scope="library", is_limited=True)
        new = await asking.frame("reply.new")
        assert (new["parent"], new["about"]) == (None, {**about, "quote": "It was"})
        await asking.send(type="ask", nonce="n2", text="And?", conversation=new["conversation"])
        await other.frame("reply.new")
        second = await other.frame("reply.new")
        assert (second["parent"], second["about"]) == (new["reply"], None)
        await asking.send(type="ask", nonce="n3", text="Anew?", conversation=new["conversation"], parent=None)
        await other.frame("reply.new")
    begun = await in_db(talk.conversation, alice, new["conversation"])
    assert (begun.scope, begun.is_limited) == ("library", True)


async def test_an_answer_is_made_again_and_gone_on_with_from_the_page(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, *["and on "] * 1000)
    model.delay = 0.01
    async with working(), page(alice) as asking:
        await asking.send(type="ask", nonce="n1", text="Who is he?", book=tale.pk)
        new = await asking.frame("reply.new")
        await asking.frame("reply.words")
        await asking.send(type="again", nonce="n2", reply=new["reply"])
        assert await asking.frame("refused") | {"message": ""} == {
            "type": "refused", "code": "conflict", "message": "", "nonce": "n2",
        }  # fmt: skip
        await asking.send(type="stop", reply=new["reply"])
        await asking.frame("reply.end")
        model.tell("and over.")
        await asking.send(type="continue", nonce="n3", reply=new["reply"])
        longer = await asking.frame("reply.new")
        frames = await asking.answer(longer["reply"])
        words = "".join(frame["text"] for frame in frames if frame["type"] == "reply.words")
        assert words.startswith("and on ")
        assert words.endswith("and over.")
        await asking.send(type="again", nonce="n4", reply=longer["reply"], text="Who was he?")
        other = await asking.frame("reply.new")
        assert (other["parent"], other["question"]) == (None, "Who was he?")
        await asking.answer(other["reply"])


async def test_a_room_hears_which_branch_is_chosen_and_nobody_else_does(alice: Reader, bob: Reader, tale: Book) -> None:
    one = await in_db(talk.ask, alice, "Who is he?", book=tale.pk)
    two = await in_db(talk.ask, alice, "Who was he?", conversation=one.conversation_id, parent=None)
    async with page(alice) as inside, page(alice) as outside, page(bob) as foreign:
        await inside.send(type="join", conversation=one.conversation_id)
        assert await inside.frame() == {"type": "joined", "conversation": one.conversation_id, "tip": two.pk}
        await foreign.send(type="join", conversation=one.conversation_id)
        assert (await foreign.frame())["code"] == "not_found"
        await outside.send(type="choose", reply=one.pk)
        chosen = {"type": "reply.chosen", "reply": one.pk, "conversation": one.conversation_id}
        assert await inside.frame() == chosen
        assert await outside.line.receive_nothing(timeout=0.2)
        assert await foreign.line.receive_nothing(timeout=0.2)
        await inside.send(type="leave", conversation=one.conversation_id)
        assert await inside.frame() == {"type": "left", "conversation": one.conversation_id}
        await outside.send(type="choose", reply=two.pk)
        assert await inside.line.receive_nothing(timeout=0.2)


async def test_a_page_leaves_the_room_of_a_conversation_that_may_not_be_read_any_more(
    alice: Reader, bob: Reader, tale: Book
) -> None:
    reply = await in_db(talk.ask, alice, "Who is he?", book=tale.pk)
    async with page(alice) as inside:
        await inside.send(type="resume", reply=reply.pk, seq=0)
        await inside.send(type="join", conversation=reply.conversation_id)
        await inside.frame("joined")
        await in_db(Conversation.objects.filter(pk=reply.conversation_id).update, reader=bob)
        assert (await inside.frame("left", seconds=5))["conversation"] == reply.conversation_id
        words: ReplyFrame = {"type": "reply.words", "reply": reply.pk, "seq": 1, "text": "not for her"}
        await frames_log.append(reply.pk, [words])
        await publishing.ring(reply.conversation_id, reply.pk)
        assert await inside.line.receive_nothing(timeout=POLL_SECONDS + 0.5)


async def test_a_page_is_in_a_few_rooms_at_most(alice: Reader, tale: Book) -> None:
    talks = [await in_db(talk.begin, alice, book=tale.pk) for _ in range(MOST_ROOMS + 1)]
    async with page(alice) as inside:
        for each in talks:
            await inside.send(type="join", conversation=each.pk)
        assert (await inside.frame("left"))["conversation"] == talks[0].pk


async def test_every_page_of_a_reader_hears_of_collections_and_of_names_of_conversations(
    alice: Reader, bob: Reader, tale: Book
) -> None:
    async with page(alice) as one, page(bob) as other:
        await in_db(Collections(alice).make, "Sea")
        assert await one.frame() == {"type": "shelf.changed"}
        talked = await in_db(talk.begin, alice, book=tale.pk)
        await in_db(talk.rename, alice, talked.pk, title="Parrots")
        assert await one.frame() == {"type": "talk.named", "conversation": talked.pk, "title": "Parrots"}
        await in_db(talk.remove, alice, talked.pk)
        assert await one.frame() == {"type": "talk.gone", "conversation": talked.pk}
        await in_db(talk.restore, alice, talked.pk)
        assert await one.frame() == {"type": "talk.named", "conversation": talked.pk, "title": "Parrots"}
        await other.send(type="ping")
        assert await other.frame() == {"type": "pong"}
