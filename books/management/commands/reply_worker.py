"""`manage.py reply_worker`: answer questions until SIGTERM."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from books.chat.worker import ReplyWorker
from mindory_web.engines.llm import load_early
from mindory_web.lib.alive import staying_alive


class Command(BaseCommand):
    """One process that writes hundreds of answers at once. Run as many as you like."""

    help = "Answer questions until SIGTERM; answers that are being written get a few seconds to end."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run the worker."""
        load_early()
        with staying_alive("reply"):
            asyncio.run(self._work())

    async def _work(self) -> None:
        worker = ReplyWorker()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.end)
        await worker.run()
