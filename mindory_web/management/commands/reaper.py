"""`manage.py reaper`: have unfinished work taken up again, until SIGTERM.

After Postgres was away nothing is taken from anyone for as long as a lease is: whoever works renews theirs first.
"""

import signal
import threading
from collections.abc import Callable
from typing import Any, Final

import redis
import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from books import chat, ingest, store
from memory import reaping
from mindory_web.accounts import deleting
from mindory_web.lib.alive import staying_alive

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 2.0
LEASE_SECONDS: Final = float(settings.INGEST_LEASE_SECONDS)
REAPS: Final[dict[str, Callable[[], int]]] = {
    "ingest": ingest.reap,
    "chat": chat.reap,
    "files": ingest.sweep,
    "removed": store.purge,
    "talks": chat.purge,
    "readers": deleting.finish,
    "memory": reaping.reap,
}


class Command(BaseCommand):
    """Looks at the rows of jobs and replies every two seconds. Several may run: they skip each other's rows."""

    help = "Take up jobs and replies whose worker died or whose message was lost. Runs until SIGTERM."

    def add_arguments(self, parser: Any) -> None:
        """Take `--once`, for a timer of the system's own."""
        parser.add_argument("--once", action="store_true", help="look once and end")

    def handle(self, *_args: Any, once: bool = False, **_options: Any) -> None:
        """Run the loop."""
        over = threading.Event()
        if once:
            over.set()
        elif threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: over.set())
        with staying_alive("reaper"):
            was_there = True
            while True:
                is_there = _is_there()
                if is_there and not was_there and over.wait(LEASE_SECONDS):
                    return
                was_there = is_there and _look()
                if over.wait(ROUND_SECONDS):
                    return


def _is_there() -> bool:
    """Say whether Postgres answers."""
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError) as error:
        log.warning("reaper_finds_no_postgres", error=str(error).strip())
        connection.close()
        return False
    return True


def _look() -> bool:
    """Look once at everything, and say whether Postgres was there all the time."""
    was_there = True
    for name, reap in REAPS.items():
        try:
            reap()
        except (OperationalError, InterfaceError, redis.RedisError, OSError) as error:
            was_there = was_there and not isinstance(error, OperationalError | InterfaceError)
            log.warning("reaper_could_not_look", at=name, error=str(error).strip())
            connection.close()
        except Exception as fault:  # a fault in one part must not keep the others from being looked after
            log.error("reaper_failed", at=name, exc_info=fault)
            connection.close()
    if not connection.in_atomic_block:
        connection.close()
    return was_there
