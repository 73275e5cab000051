"""One socket's reading: which replies it follows, how far it is, and what waits to be sent.

Each socket has one task that sends, so a slow page waits for itself alone. Reply frames are never
queued: a bell only notes that there is something to read, and the log is read when the line is free.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from books.chat.following import POLL_SECONDS, ReplyGone, is_last, news

MOST_WAITING: Final = 500  # other frames that a page may be behind
MOST_FOLLOWED: Final = 50

Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class TooSlow(Exception):
    """The page does not take what it is sent."""


class Reading:
    """Sends frames to one page in order. `run` goes on until it is cancelled."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: list[Mapping[str, Any]] = []
        self._followed: dict[int, int] = {}  # reply -> last frame that was sent
        self._talks: dict[int, int] = {}  # reply -> its conversation
        self._rung: dict[int, bool] = {}  # replies to read; true: ask the row when the log has nothing
        self._has_more = asyncio.Event()

    def put(self, frame: Mapping[str, Any]) -> None:
        """Send this frame when the line is free. Raises TooSlow when too many wait."""
        if len(self._waiting) >= MOST_WAITING:
            raise TooSlow
        self._waiting.append(frame)
        self._has_more.set()

    def follow(self, reply_id: int, seq: int, *, talk: int = 0, is_sure: bool = True) -> None:
        """Send the frames of this reply of conversation `talk` after `seq`, and those to come.

        The caller checked whose it is. `is_sure`: ask its row at once if the log has nothing, which a question just
        asked does not need.
        """
        self._followed.pop(reply_id, None)
        if len(self._followed) >= MOST_FOLLOWED:  # the one followed longest is let go; the page may ask again
            self._followed.pop(next(iter(self._followed)))
        self._followed[reply_id] = seq
        self._talks = {known: of for known, of in self._talks.items() if known in self._followed} | {reply_id: talk}
        self._rung[reply_id] = is_sure
        self._has_more.set()

    def leave(self, talk: int) -> None:
        """Follow no reply of this conversation any more."""
        for reply_id in [reply_id for reply_id, each in self._talks.items() if each == talk]:
            self._followed.pop(reply_id, None)

    def ring(self, reply_id: int) -> None:
        """Note that the log of this reply has grown."""
        if reply_id in self._followed:
            self._rung.setdefault(reply_id, False)
            self._has_more.set()

    async def run(self) -> None:
        """Send what there is. Every now and then look at every followed reply: a bell may be lost."""
        clock = asyncio.get_running_loop().time
        looked = clock()
        while True:
            await self._wait(looked + POLL_SECONDS - clock())
            # Taken together: the frame that announces a reply goes out before the reply's own.
            waiting, self._waiting = self._waiting, []
            rung, self._rung = self._rung, {}
            for frame in waiting:
                await self._send(frame)
            if clock() - looked >= POLL_SECONDS:
                looked = clock()
                rung |= dict.fromkeys(self._followed, True)
            for reply_id, is_sure in rung.items():
                await self._read(reply_id, is_sure=is_sure)

    async def _wait(self, seconds: float) -> None:
        """Wait for something to send, `seconds` at most while a reply is followed."""
        try:
            await asyncio.wait_for(self._has_more.wait(), max(0.0, seconds) if self._followed else None)
        except TimeoutError:
            return
        self._has_more.clear()

    async def _read(self, reply_id: int, *, is_sure: bool) -> None:
        """Send what came after the last frame that was sent. A `resume` meanwhile begins again from its number."""
        seq = self._followed.get(reply_id)
        if seq is None:
            return
        try:
            frames = await news(reply_id, seq, is_sure=is_sure)
        except ReplyGone:
            self._followed.pop(reply_id, None)
            return
        for frame in frames:
            if self._followed.get(reply_id) != seq:
                return
            await self._send(frame)
            seq = frame["seq"]
            self._followed[reply_id] = seq
            if is_last(frame):
                del self._followed[reply_id]
                return
