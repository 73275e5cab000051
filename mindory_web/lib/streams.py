"""Answers that are made while they are sent, so that their size costs no memory."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest


def blocks_for(request: HttpRequest, blocks: Iterable[bytes]) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return blocks as the server of this request wants them. (Over ASGI Django collects a plain iterator first.)

    Each block may be made in another thread, so nothing in them holds a database cursor from one to the next.
    """
    return _later(iter(blocks)) if isinstance(request, ASGIRequest) else iter(blocks)


async def _later(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    one = sync_to_async(partial(_in_thread, partial(next, blocks, None)), thread_sensitive=False)
    while (block := await one()) is not None:
        yield block


def _in_thread(make: Callable[[], bytes | None]) -> bytes | None:
    try:
        return make()
    finally:
        connections.close_all()  # it is this thread's own
