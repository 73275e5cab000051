"""Ring the bell: send a frame to every open page of one reader.

At most once and unordered between senders, so nothing may depend on it: book frames repeat what the
row says, and reply frames are read from their log.
"""

from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def room(reader_id: int) -> str:
    """Return the name of a reader's room. The address is the permission: only their own sockets join it."""
    return f"reader.{reader_id}"


async def tell(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Send `frame` (one of books/events.py) to every page of this reader."""
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(room(reader_id), {"type": "relay", "frame": dict(frame)})


def tell_now(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Do the same from code without an event loop."""
    async_to_sync(tell)(reader_id, frame)
