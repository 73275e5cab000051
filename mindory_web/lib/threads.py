"""Blocking work for coroutines that no request of Django's stands behind: nobody else gives its connection back."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")


def in_thread(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Return a function that uses the database as one that can be awaited.

    It begins with a connection that works, and gives it back to the pool when it is done; a transaction that is the
    caller's goes on.
    """

    @wraps(function)
    def run(*args: P.args, **named: P.kwargs) -> R:
        _give_back()
        try:
            return function(*args, **named)
        finally:
            _give_back()

    return sync_to_async(run)


def _give_back() -> None:
    if not connection.in_atomic_block:
        close_old_connections()
