"""ReplyWorker: one process, one event loop, hundreds of answers being written at once."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar, cast

import redis
import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils.translation import gettext as _
from django.utils.translation import override

from books.chat import rows, wire
from books.chat.asked import Asked
from books.chat.log import LogTaken
from books.chat.pen import Draft, Pen
from books.chat.pipeline import RAGPipeline, Stage
from books.chat.quiet import Quiet
from books.chat.quoting import our_language
from books.events import ReplyEnd
from books.models import Reply
from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import llm_client
from mindory_web.lib.alive import my_name

log = structlog.get_logger(__name__)
T = TypeVar("T")

MOST_AT_ONCE: Final = 500
THREADS: Final = 4  # short database calls at once
SEARCHES: Final = 4  # at once; in threads of their own, so that no heartbeat or claim waits behind them
HEARTBEAT_SECONDS: Final = 1.0
LONGEST_REPLY: Final = 600.0  # seconds
GRACE_SECONDS: Final = 5.0  # from SIGTERM until answers that are being written are cut short
AT_ONCE: Final = 16  # questions taken from the list together
LISTEN_SECONDS: Final = 1  # a wait for questions ends now and then, to look whether the worker should
LOST: Final = "lost"  # reasons to cut an answer short that are no final state
HANDED_BACK: Final = "handed back"
PATIENCE: Final = (0.2, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0)  # seconds between tries to write the end of a reply down


@dataclass
class Running:
    """A reply being made. `reason` says how it ends when it is cut short; `outcome` how it ended."""

    claim: rows.Claim
    draft: Draft
    maker: asyncio.Task[None] | None = None
    reason: str = ""
    outcome: rows.Outcome | None = None

    def cut_short(self, reason: str) -> None:
        """End it now; the first reason counts."""
        self.reason = self.reason or reason
        if self.maker is not None:
            self.maker.cancel()


class ReplyWorker:
    """Takes questions from the list, claims their rows and answers them."""

    def __init__(self, *, most: int = MOST_AT_ONCE, grace: float = GRACE_SECONDS) -> None:
        self.owner = f"{my_name()}:{secrets.token_hex(3)}"
        self.running: dict[int, Running] = {}
        self._grace = grace
        self._most = most
        self._ending = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet = Quiet()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reply")
        self._searchers = ThreadPoolExecutor(SEARCHES, thread_name_prefix="search")

    def end(self) -> None:
        """Take no more questions, give the running answers a few seconds, and return from `run`."""
        self._ending.set()
        self._quiet.rush()

    async def run(self) -> None:
        """Work until `end` is called."""
        helpers = [asyncio.create_task(self._hear_stops()), asyncio.create_task(self._beat())]
        try:
            await self._listen()
            await self._wind_up()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            for threads in (self._threads, self._searchers):
                threads.shutdown(wait=False, cancel_futures=True)
            await wire.disconnect()

    # --- Questions in -------------------------------------------------------------------------

    async def _listen(self) -> None:
        client = wire.patient_client()
        ending = asyncio.create_task(self._ending.wait())
        try:
            while not self._ending.is_set():
                if len(self._tasks) >= self._most:
                    await asyncio.wait({ending, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
                    continue
                taking = asyncio.create_task(self._next(client, most=self._most - len(self._tasks)))
                await asyncio.wait({taking, ending}, return_when=asyncio.FIRST_COMPLETED)
                for reply_id in await taking:  # a question that was taken from the list is never dropped
                    await self._take_up(reply_id)
        finally:
            ending.cancel()
            await client.aclose()

    async def _next(self, client: Any, *, most: int) -> list[int]:
        """Wait a little for questions; return those that wait, a few at most: there are other workers."""
        taken: list[Any] = []
        try:
            taken += (await client.blpop([wire.ASKED], timeout=LISTEN_SECONDS) or [])[1:]
            if taken and most > 1:
                taken += await client.lpop(wire.ASKED, min(most, AT_ONCE) - 1) or []
        except (redis.RedisError, OSError) as error:
            log.warning("questions_not_heard", error=str(error))
            await asyncio.sleep(1)
        return [int(reply_id) for reply_id in taken]

    async def _take_up(self, reply_id: int) -> None:
        if self._ending.is_set():
            await self._in_thread(partial(wire.wake, reply_id))  # for another worker
            return
        task = asyncio.create_task(self._answer(reply_id))
        self._tasks.add(task)
        task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("reply_failed", exc_info=error)

    # --- One answer ---------------------------------------------------------------------------

    async def _answer(self, reply_id: int) -> None:
        """Claim a reply and see it through to a final state."""
        self._quiet.begin(reply_id)
        try:
            claim = await self._in_thread(lambda: rows.claim(reply_id, owner=self.owner))
            if claim is not None:
                await self._see_through(claim)
        finally:
            self._quiet.end(reply_id)

    async def _see_through(self, claim: rows.Claim) -> None:
        reply_id = claim.asked.reply_id
        structlog.contextvars.bind_contextvars(reply=reply_id, request_id=claim.asked.request_id)
        running = Running(
            claim, Draft(reply_id, claim.asked.reader_id, claim.asked.conversation_id, seq=claim.last_seq)
        )
        if claim.is_stop_asked:
            running.reason = Reply.State.STOPPED
        self.running[reply_id] = running
        try:
            async with Pen(running.draft, keep=lambda draft: self._keep(draft, claim.fence)) as pen:
                await self._make(running, pen)
        except (rows.LostReply, LogTaken):
            log.warning("reply_lost")
        finally:
            del self.running[reply_id]
            if running.outcome is not None:
                await self._tell(reply_id)

    async def _make(self, running: Running, pen: Pen) -> None:
        """Run the pipeline and write down how it ended. An error nobody expected is recorded and raised again."""
        pipeline = RAGPipeline(running.claim.asked, client=llm_client(), in_thread=self._searching)
        outcome = rows.Outcome(Reply.State.DONE)
        try:
            with override(our_language(running.claim.asked)):  # what a model's failure is told in
                await self._pour(running, pipeline, pen)
        except asyncio.CancelledError:
            if running.reason == HANDED_BACK:
                await self._hand_back(running, pen)
                return
            outcome = rows.Outcome(running.reason or Reply.State.INTERRUPTED)
        except EngineError as error:
            outcome = rows.Outcome(Reply.State.FAILED, error.code, str(error.sentence))
        except TimeoutError:
            outcome = rows.Outcome(Reply.State.FAILED, "too_slow", sentence("slow", running.claim.asked))
        except (rows.LostReply, LogTaken):
            raise
        except Exception:
            outcome = rows.Outcome(Reply.State.FAILED, "internal", sentence("broken", running.claim.asked))
            await self._finish(running, pipeline, pen, outcome)
            raise
        if running.reason == LOST:
            raise rows.LostReply(running.draft.reply_id)
        await self._finish(running, pipeline, pen, outcome)

    async def _pour(self, running: Running, pipeline: RAGPipeline, pen: Pen) -> None:
        """Let the pen write what the pipeline makes, in a task of its own so that it can be cut short."""

        async def pour() -> None:
            async with aclosing(pipeline.answer()) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Stage) and piece.name == "writing":
                        self._quiet.end(running.draft.reply_id)
                    pen.write(piece)
                    await asyncio.sleep(0)  # pieces that come all at once do not hold up the pens of other answers

        running.maker = asyncio.create_task(pour())
        if running.reason:
            running.maker.cancel()
        async with asyncio.timeout(LONGEST_REPLY):
            await running.maker

    async def _finish(self, running: Running, pipeline: RAGPipeline, pen: Pen, outcome: rows.Outcome) -> None:
        """Write the end into the row, then into the log."""
        await pen.flush()
        draft = running.draft
        draft.seq += 1
        counted = replace(outcome, left_out=pipeline.left_out, ahead=pipeline.ahead)
        whole = replace(counted, engine=pipeline.engine, trace=pipeline.trace)
        for pause in (*PATIENCE, None):
            try:
                await self._in_thread(lambda: rows.finish(draft, whole, fence=running.claim.fence))
                break
            except DatabaseError:  # Postgres restarts: the lease is longer than that
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        running.outcome = whole
        await pen.end(end_frame(draft.reply_id, draft.seq, whole))
        log.info("reply_finished", state=whole.state, characters=len(draft.text), left_out=whole.left_out)

    async def _tell(self, reply_id: int) -> None:
        """Tell those who want to know that a reply is over. No page waits for it: questions that wait go first."""
        self._quiet.end(reply_id)
        async with self._quiet.turn():
            with suppress(DatabaseError):  # the reaper tells of it later
                await self._in_thread(partial(rows.tell_finished, reply_id))

    async def _hand_back(self, running: Running, pen: Pen) -> None:
        await pen.flush()
        draft, fence = running.draft, running.claim.fence
        if await self._in_thread(lambda: rows.hand_back(draft.reply_id, fence=fence, last_seq=draft.seq)):
            await self._in_thread(lambda: wire.wake(draft.reply_id))

    async def _keep(self, draft: Draft, fence: int) -> None:
        try:
            await self._in_thread(lambda: rows.keep(draft, fence=fence))
        except DatabaseError as error:  # the next second tries again
            log.warning("reply_not_kept", error=str(error))

    # --- Staying in touch ---------------------------------------------------------------------

    async def _beat(self) -> None:
        """Renew the leases, and notice what was stopped or taken over."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            mine = dict(self.running)
            if not mine:
                continue
            try:
                kept = await self._in_thread(partial(rows.renew, tuple(mine), owner=self.owner))
            except DatabaseError as error:
                log.warning("leases_not_renewed", replies=len(mine), error=str(error))
                continue
            for reply_id, running in mine.items():
                if reply_id not in kept:
                    running.cut_short(LOST)
                elif kept[reply_id]:
                    running.cut_short(Reply.State.STOPPED)

    async def _hear_stops(self) -> None:
        """Cut short what a reader stops, at once; a heartbeat would notice it within a second."""
        while True:
            client = wire.patient_client()
            try:
                async with client.pubsub() as channel:
                    await channel.subscribe(wire.STOPPED)
                    async for message in channel.listen():
                        if message["type"] == "message" and (running := self.running.get(int(message["data"]))):
                            running.cut_short(Reply.State.STOPPED)
            except (redis.RedisError, OSError) as error:
                log.warning("stops_not_heard", error=str(error))
                await asyncio.sleep(1)
            finally:
                await client.aclose()

    async def _wind_up(self) -> None:
        """Let the running answers end; after the grace hand back those without a word and cut short the others."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace)
        for running in list(self.running.values()):
            running.cut_short(Reply.State.INTERRUPTED if running.draft.text else HANDED_BACK)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _in_thread(self, action: Callable[[], T]) -> T:
        """Run a short call of the database."""
        return await _run_in(self._threads, action)

    async def _searching(self, action: Callable[[], T]) -> T:
        """Run a search."""
        return await _run_in(self._searchers, action)


async def _run_in(threads: ThreadPoolExecutor, action: Callable[[], T]) -> T:
    """Run what would block the loop in another thread, and give its connection back."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(threads, lambda: context.run(_with_connection, action))


def _with_connection(action: Callable[[], T]) -> T:
    try:
        return action()
    finally:
        close_old_connections()


def end_frame(reply_id: int, seq: int, outcome: rows.Outcome) -> ReplyEnd:
    """Return the last frame of a reply."""
    return {
        "type": "reply.end",
        "reply": reply_id,
        "seq": seq,
        "state": cast(Any, str(outcome.state)),
        "left_out": outcome.left_out,
        "error_code": outcome.error_code,
        "error_message": outcome.error_message,
        "ahead": outcome.ahead,
    }


def sentence(what: str, asked: Asked) -> str:
    """Return a sentence of ours in the language of the page."""
    with override(our_language(asked)):
        if what == "slow":
            return _("The answer took too long and was ended. Ask again.")
        return _("Something went wrong on our side. Ask again; if it happens again, tell your admin.")
