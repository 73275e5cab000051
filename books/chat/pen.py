"""Writes a reply down while it is being made: frames to the log at once, the text to Postgres every second."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import redis
import structlog

from books import publishing
from books.chat import log as frames_log
from books.chat.citations import Cited
from books.chat.drawing import Drawing
from books.chat.pipeline import Piece, Stage
from books.events import ReplyEnd, ReplyFrame

log = structlog.get_logger(__name__)

BATCH_SECONDS: Final = 0.06  # the first words go out at once, later ones together
KEEP_SECONDS: Final = 1.0
MOST_WAITING: Final = 5_000  # frames kept while Redis is away; later readers get the stored reply


@dataclass
class Draft:
    """A reply so far: what Postgres holds once it is kept. `seq` is the last frame whose effect is in it."""

    reply_id: int
    reader_id: int
    conversation_id: int
    seq: int = 0
    text: str = ""
    citations: list[Cited] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def copy(self) -> "Draft":
        """Return what another thread may read while this one goes on."""
        return replace(self, citations=list(self.citations))


class Pen:
    """Turns pieces into numbered frames. Use it as a context: `async with Pen(draft, keep=...) as pen`."""

    def __init__(self, draft: Draft, *, keep: Callable[[Draft], Awaitable[None]]) -> None:
        self.draft = draft
        self._keep = keep
        self._drawing = Drawing()
        self._pieces: list[Piece] = []
        self._waiting: list[ReplyFrame] = []  # numbered, and not in the log yet
        self._has_more = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._error: BaseException | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Pen":
        self._tasks = [asyncio.create_task(self._send_on()), asyncio.create_task(self._keep_on())]
        for task in self._tasks:
            task.add_done_callback(self._note_error)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note_error(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._error = task.exception()

    def write(self, piece: Piece) -> None:
        """Take a piece of the answer. Raises what went wrong in the background: the reply is not ours any more."""
        if self._error is not None:
            raise self._error
        self._pieces.append(piece)
        self._has_more.set()

    async def flush(self) -> None:
        """Log what was taken, as far as Redis is there."""
        async with self._flushing:
            await self._log_frames()

    async def _log_frames(self) -> None:
        self._waiting += self._frames()
        del self._waiting[MOST_WAITING:]
        if self._waiting:
            sent = list(self._waiting)
            try:
                await frames_log.append(self.draft.reply_id, sent)
            except (redis.RedisError, OSError) as error:
                log.warning("frames_not_logged", reply=self.draft.reply_id, waiting=len(sent), error=str(error))
                return
            del self._waiting[: len(sent)]
            await publishing.ring(self.draft.conversation_id, self.draft.reply_id)

    async def end(self, end: ReplyEnd) -> None:
        """Log the last frame, after the row says the same."""
        html = self._drawing.finish()
        self._waiting.append(end if html is None else {**end, "html": html})
        await self.flush()

    async def _send_on(self) -> None:
        while True:
            await self._has_more.wait()
            self._has_more.clear()
            has_words = any(not isinstance(piece, Stage) for piece in self._pieces)
            await self.flush()
            if has_words:  # the next ones go together; nothing makes the very first ones wait
                await asyncio.sleep(BATCH_SECONDS)

    async def _keep_on(self) -> None:
        kept = len(self.draft.text)
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if len(self.draft.text) != kept:
                kept = len(self.draft.text)
                await self._keep(self.draft.copy())
            if self._waiting:  # Redis was away: try again
                self._has_more.set()

    def _frames(self) -> list[ReplyFrame]:
        """Number what was taken since the last time; neighbouring words become one frame."""
        pieces, self._pieces = self._pieces, []
        made: list[Any] = []
        for piece in pieces:
            if isinstance(piece, Stage):
                made.append(self._numbered(stage_frame(piece)))
                self.draft.noted = list(piece.noted)
                continue
            if isinstance(piece, Cited) and piece.is_new:
                made.append(self._numbered(cited_frame(piece)))
                self.draft.citations.append(piece)
            words = piece if isinstance(piece, str) else f"[{piece.number}]"
            self.draft.text += words
            if made and made[-1]["type"] == "reply.words":
                made[-1]["text"] += words
            else:
                made.append(self._numbered({"type": "reply.words", "text": words}))
        return [self._drawn(frame) for frame in made]

    def _drawn(self, frame: Any) -> ReplyFrame:
        """Add to words what a page is to show for them."""
        html = self._drawing.draw(frame["text"]) if frame["type"] == "reply.words" else None
        return cast(ReplyFrame, frame if html is None else {**frame, "html": html})

    def _numbered(self, frame: dict[str, Any]) -> dict[str, Any]:
        self.draft.seq += 1
        return {"reply": self.draft.reply_id, "seq": self.draft.seq, **frame}


def stage_frame(stage: Stage) -> dict[str, Any]:
    """Return a stage as its frame, without reply and number of the frame."""
    return {"type": "reply.stage", "stage": stage.name, "passages": stage.passages, "noted": list(stage.noted)}


def cited_frame(cited: Cited) -> dict[str, Any]:
    """Return a citation as its frame, without reply and number of the frame."""
    place = cited.quote.place
    return {
        "type": "reply.citation",
        "number": cited.number,
        "book": place.book,
        "title": cited.excerpt.title,
        "language": cited.excerpt.language,
        "section": place.section,
        "heading": cited.excerpt.heading,
        "start": place.start,
        "end": place.end,
        "quote": cited.quote.text,
        "page": cited.excerpt.page_at(place.start),
        "how": cited.quote.how,
        "is_placed": True,
    }
