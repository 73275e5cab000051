"""When nobody waits for a search: then is the time for what no reader waits for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

SETTLED_SECONDS: Final = 0.1  # a model that was just asked gets its words out first
LONGEST_WAIT: Final = 3.0  # seconds; also where questions never end, everything has its turn


class Quiet:
    """Knows which questions of this process are being looked up, and gives turns to other work when none is."""

    def __init__(self, *, longest_wait: float = LONGEST_WAIT) -> None:
        self._longest_wait = longest_wait
        self._looked_up: set[int] = set()
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()
        self._one = asyncio.Lock()
        self._is_over = False

    def begin(self, reply_id: int) -> None:
        """Say that a question is being looked up."""
        self._looked_up.add(reply_id)
        if not self._is_over:
            self._is_quiet.clear()

    def end(self, reply_id: int) -> None:
        """Say that it is no more. Saying so twice does no harm."""
        self._looked_up.discard(reply_id)
        if not self._looked_up:
            self._is_quiet.set()

    def rush(self) -> None:
        """Let nothing wait any more: the process ends."""
        self._is_over = True
        self._is_quiet.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a quiet moment, at most `longest_wait` from now. One at a time, in the order of the calls."""
        latest = asyncio.get_running_loop().time() + self._longest_wait
        async with self._one:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(latest):
                    await self._settled()
            yield

    async def _settled(self) -> None:
        while True:
            await self._is_quiet.wait()
            if self._is_over:
                return
            await asyncio.sleep(SETTLED_SECONDS)
            if self._is_quiet.is_set():
                return
