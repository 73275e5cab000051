"""Ring the bell: send a frame to every open page of one reader.

At most once and unordered between senders, so nothing may depend on it: book frames repeat what the
row says, and reply frames are read from their log.
"""

from collections.abc import Mapping
from typing import Any

import redis
import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)


def room(reader_id: int) -> str:
    """Return the name of a reader's room. The address is the permission: only their own sockets join it."""
    return f"reader.{reader_id}"


async def tell(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Send `frame` (one of books/events.py) to every page of this reader."""
    await _send(reader_id, {"type": "relay", "frame": dict(frame)})


async def ring(reader_id: int, reply_id: int) -> None:
    """Tell every page of this reader that the log of a reply has grown; those that follow it read on."""
    await _send(reader_id, {"type": "ring", "reply": reply_id})


async def _send(reader_id: int, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    try:
        await layer.group_send(room(reader_id), message)
    except (redis.RedisError, OSError) as error:
        log.warning("bell_not_heard", reader=reader_id, error=str(error))


def tell_now(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Do as `tell` does, from code without an event loop."""
    async_to_sync(tell)(reader_id, frame)


def ring_now(reader_id: int, reply_id: int) -> None:
    """Do as `ring` does, from code without an event loop."""
    async_to_sync(ring)(reader_id, reply_id)
