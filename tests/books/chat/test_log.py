"""The log of a reply, the row behind it, and what pages read when one of them is lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.utils import timezone

from books.chat import ending, reap, rows, talk, wire
from books.chat import log as frames_log
from books.chat.following import ReplyGone, news
from books.chat.pen import Draft
from books.chat.reading import MOST_WAITING, Reading, TooSlow
from books.events import ReplyWords
from books.models import Book, Citation, Reply
from books.signals import reply_finished
from mindory_web.accounts.models import Reader
from tests.books.talking import TALE, frames_of, in_db, until, working
from tests.fakes import told

pytestmark = pytest.mark.usefixtures("by_words", "closed_lines")


def words(reply: int, seq: int, text: str = "x") -> ReplyWords:
    return {"type": "reply.words", "reply": reply, "seq": seq, "text": text}


@pytest.fixture
def reply_id() -> int:
    """The number of a reply whose log is empty."""
    wire.client_now().delete(frames_log.key(77))
    return 77


async def test_frames_are_read_back_after_any_number(reply_id: int) -> None:
    frames = [words(reply_id, seq) for seq in range(1, 6)]
    await frames_log.append(reply_id, frames[:3])
    await frames_log.append(reply_id, frames[3:])
    for seq in range(6):
        assert await frames_log.after(reply_id, seq) == frames[seq:]
        assert await sync_to_async(frames_log.after_now)(reply_id, seq) == frames[seq:]


async def test_repeating_an_append_whose_answer_was_lost_adds_nothing_twice(reply_id: int) -> None:
    frames: list[Any] = [words(reply_id, seq) for seq in range(1, 4)]
    await frames_log.append(reply_id, frames[:2])
    await frames_log.append(reply_id, frames)
    assert await frames_log.after(reply_id, 0) == frames


async def test_two_writers_can_not_both_say_the_same_frame(reply_id: int) -> None:
    await frames_log.append(reply_id, [words(reply_id, 1), words(reply_id, 2, "mine")])
    with pytest.raises(frames_log.LogTaken):
        await frames_log.append(reply_id, [words(reply_id, 2, "theirs"), words(reply_id, 3, "theirs")])


async def test_what_lies_behind_a_hole_is_not_read(reply_id: int) -> None:
    await frames_log.append(reply_id, [words(reply_id, 1), words(reply_id, 3)])
    assert await frames_log.after(reply_id, 0) == [words(reply_id, 1)]
    assert await frames_log.after(reply_id, 1) == []


async def test_waiting_for_a_frame_ends_with_it(reply_id: int) -> None:
    client = wire.patient_client()
    waiting = asyncio.create_task(frames_log.wait(client, reply_id, 0, seconds=5))
    assert await frames_log.wait(wire.client(), reply_id, 0, seconds=0.05) == []
    await frames_log.append(reply_id, [words(reply_id, 1)])
    assert await waiting == [words(reply_id, 1)]
    await client.aclose()


def left_behind(reply: Reply, **row: Any) -> None:
    """Make the reply look as after the death of its worker."""
    values = {"state": "writing", "lease_until": timezone.now() - timedelta(seconds=1), "fence": 3, **row}
    Reply.objects.filter(pk=reply.pk).update(**values)


async def test_what_pages_saw_last_is_taken_from_the_log(alice: Reader, tale: Book) -> None:
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    citation: Any = {
        "type": "reply.citation", "reply": reply.pk, "seq": 3, "number": 1, "book": tale.pk, "title": "T",
        "language": "en", "section": 0, "heading": "H", "start": 0, "end": 6, "quote": TALE[:6],
    }  # fmt: skip
    frames = [words(reply.pk, 1, "It "), words(reply.pk, 2, "was "), citation, words(reply.pk, 4, "[1]")]
    await frames_log.append(reply.pk, frames)
    await in_db(left_behind, reply, text="It ", last_seq=1)
    assert await in_db(reap) == 1
    whole = await in_db(talk.whole, alice, reply.pk)
    assert (whole["text"], whole["state"], whole["seq"]) == ("It was [1]", "interrupted", 5)
    assert [cited["quote"] for cited in whole["citations"]] == [TALE[:6]]
    assert [frame["seq"] for frame in await frames_of(reply.pk)] == [1, 2, 3, 4, 5]
    assert await in_db(reap) == 0


async def test_a_reply_left_behind_after_it_was_stopped_is_stopped(alice: Reader, tale: Book) -> None:
    heard: list[Any] = []

    def hear(**told_of: Any) -> None:
        heard.append((told_of["reply_id"], told_of["reader_id"], told_of["state"]))

    reply_finished.connect(hear)
    try:
        reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
        await in_db(left_behind, reply, is_stop_asked=True)
        await in_db(reap)
    finally:
        reply_finished.disconnect(hear)
    assert heard == [(reply.pk, alice.pk, "stopped")]


async def test_an_end_that_a_killed_worker_told_nobody_of_is_told_once(alice: Reader, tale: Book) -> None:
    heard: list[int] = []

    def hear(**told_of: Any) -> None:
        heard.append(told_of["reply_id"])

    reply_finished.connect(hear)
    try:
        reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
        await in_db(left_behind, reply, state=Reply.State.DONE)
        assert await in_db(reap) == 1
        assert await in_db(reap) == 0
    finally:
        reply_finished.disconnect(hear)
    assert heard == [reply.pk]


async def test_what_a_worker_that_lives_is_writing_is_left_alone(alice: Reader, tale: Book) -> None:
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    await in_db(left_behind, reply, lease_until=rows.lease_end())
    assert await in_db(reap) == 0


async def test_a_question_that_nobody_took_up_is_called_out_again(alice: Reader, tale: Book) -> None:
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    await in_db(wire.client_now().delete, wire.ASKED)
    assert await in_db(reap) == 0  # it may still be on its way
    await in_db(Reply.objects.filter(pk=reply.pk).update, queued_at=timezone.now() - 2 * ending.WAKE_AFTER)
    assert await in_db(reap) == 1
    assert await in_db(wire.client_now().lrange, wire.ASKED, 0, -1) == [str(reply.pk)]


async def test_a_message_that_comes_twice_is_one_answer(alice: Reader, tale: Book, settings: LazySettings) -> None:
    model = told(settings, "Moses.")
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    for _ in range(5):
        await in_db(wire.wake, reply.pk)
    async with working(), working():
        await frames_of(reply.pk)
        await until(lambda: in_db(lambda: wire.client_now().llen(wire.ASKED) == 0))
    assert len(model.asked) == 1


async def test_a_worker_that_lost_its_reply_can_write_nothing(alice: Reader, tale: Book) -> None:
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    claim = await in_db(rows.claim, reply.pk, owner="one")
    assert await in_db(rows.claim, reply.pk, owner="two") is None
    await in_db(Reply.objects.filter(pk=reply.pk).update, fence=claim.fence + 1)
    draft = Draft(reply.pk, alice.pk, reply.conversation_id, seq=5, text="late")
    for late in (
        lambda: rows.keep(draft, fence=claim.fence),
        lambda: rows.finish(draft, rows.Outcome("done"), fence=claim.fence),
    ):
        with pytest.raises(rows.LostReply):
            await in_db(late)
    assert not await in_db(rows.hand_back, reply.pk, fence=claim.fence, last_seq=5)
    assert await in_db(rows.renew, [reply.pk], owner="two") == {}


async def test_a_book_deleted_in_mid_answer_takes_only_its_citations(
    alice: Reader, tale: Book, settings: LazySettings
) -> None:
    model = told(settings, "He is [[1|Captain Ahab]]", *[" and on"] * 60)
    model.delay = 0.03
    async with working():
        reply = await in_db(talk.ask, alice, "Who is the captain?")
        await until(lambda: frames_log.after(reply.pk, 3))
        await in_db(tale.delete)
        end = (await frames_of(reply.pk))[-1]
    assert end["type"] == "reply.end"
    assert end["state"] == "done"
    assert not await in_db(lambda: Citation.objects.exists())


async def test_news_of_a_reply_come_from_the_row_when_the_log_is_gone(alice: Reader, tale: Book) -> None:
    reply = await in_db(talk.ask, alice, "Who?", book=tale.pk)
    assert await news(reply.pk, 0) == []
    await in_db(left_behind, reply, text="It was", last_seq=4)
    (whole,) = await news(reply.pk, 2)
    assert (whole["type"], whole["seq"]) == ("reply.whole", 4)
    assert await news(reply.pk, 4) == []
    await in_db(Reply.objects.filter(pk=reply.pk).update, state="interrupted")
    (whole,) = await news(reply.pk, 9)  # this page saw more than the worker could keep
    assert whole["seq"] == 9
    await in_db(talk.delete, alice, reply.conversation_id)
    with pytest.raises(ReplyGone):
        await news(reply.pk, 0)


async def test_a_page_that_takes_nothing_is_told_apart_from_a_slow_one() -> None:
    async def send(_frame: Any) -> None:
        await asyncio.Event().wait()

    reading = Reading(send)
    for _ in range(MOST_WAITING):
        reading.put({"type": "pong"})
    with pytest.raises(TooSlow):
        reading.put({"type": "pong"})


async def test_a_reply_is_announced_before_its_frames_however_busy_the_line_is(reply_id: int) -> None:
    sent: list[Any] = []
    reading = Reading(lambda frame: send(frame))

    async def send(frame: Any) -> None:
        sent.append(frame["type"])
        if frame["type"] == "pong":  # while this one is on its way, a question is accepted and answered
            await frames_log.append(reply_id, [words(reply_id, 1)])
            reading.put({"type": "reply.new"})
            reading.follow(reply_id, 0, is_sure=False)

    async def three() -> bool:
        return len(sent) == 3

    running = asyncio.create_task(reading.run())
    reading.put({"type": "pong"})
    await until(three)
    running.cancel()
    assert sent == ["pong", "reply.new", "reply.words"]
