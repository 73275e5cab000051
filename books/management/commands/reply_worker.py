"""`manage.py reply_worker`: answer questions until SIGTERM."""

import asyncio
import signal
import sys
from typing import Any, Final

from django.core.management.base import BaseCommand

from books.chat.worker import ReplyWorker
from mindory_web.engines.llm import load_early
from mindory_web.lib.alive import staying_alive

# How long a busy thread keeps the others waiting. The loop and the searches share one interpreter, and answers
# are a matter of milliseconds; Python's own five would be added at every step.
SWITCH_SECONDS: Final = 0.0005


class Command(BaseCommand):
    """One process that writes hundreds of answers at once. Run as many as you like."""

    help = "Answer questions until SIGTERM; answers that are being written get a few seconds to end."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run the worker."""
        sys.setswitchinterval(SWITCH_SECONDS)
        load_early()
        with staying_alive("reply"):
            asyncio.run(self._work())

    async def _work(self) -> None:
        worker = ReplyWorker()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.end)
        await worker.run()
