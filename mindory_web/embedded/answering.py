"""The reply worker and the reaper of `make run` in one process: apart, they would load the same code twice.

`python -m mindory_web.embedded.answering`. On servers they run apart (docker-compose.yml).
"""

import os
import signal
import threading

import django
import structlog
from django.core.management import call_command

log = structlog.get_logger(__name__)


def main() -> None:
    """Answer questions until SIGTERM, and meanwhile have unfinished work taken up again."""
    django.setup()
    threading.Thread(target=_reap, daemon=True, name="reaper").start()
    call_command("reply_worker")


def _reap() -> None:
    try:
        call_command("reaper")
    except BaseException as fault:
        log.critical("reaper_ended", exc_info=fault)
        raise
    finally:  # it never ends by itself: without it this process is half a one, so it starts over
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
