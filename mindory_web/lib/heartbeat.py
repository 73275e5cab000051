"""Extend a lease from a thread of its own, while another thread does the work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import connection
from django.db.utils import Error

log = structlog.get_logger(__name__)


class Heartbeat:
    """The heart of one lease. Nobody is interrupted by a loss: whoever works asks `is_lost` where it can stop.

    `extend` says whether the lease is still ours; it is called every `seconds`, on a connection of the heart's own.
    A database that is away is no loss: it is asked again, and what is written meanwhile is for the fence to refuse.
    """

    def __init__(self, extend: Callable[[], bool], *, seconds: float, name: str) -> None:
        self._extend, self._seconds, self._name = extend, seconds, name
        self._is_done, self._is_lost = threading.Event(), threading.Event()

    @property
    def is_lost(self) -> bool:
        """Say whether somebody else has the lease, or it is gone."""
        return self._is_lost.is_set()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat until the block ends, or the lease is lost."""
        thread = threading.Thread(target=self._beat, name=self._name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_done.set()
            thread.join()

    def _beat(self) -> None:
        try:
            while not self._is_lost.is_set() and not self._is_done.wait(self._seconds):
                try:
                    if not self._extend():
                        self._is_lost.set()
                except Error as error:
                    log.warning("lease_not_extended", lease=self._name, error=str(error).strip())
                    connection.close()
        finally:
            connection.close()
