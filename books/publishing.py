"""Ring the bell: send a frame to every open page of one reader, or to every page in the room of a conversation.

At most once and unordered between senders, so nothing may depend on it: book frames repeat what the
row says, and reply frames are read from their log.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import redis
import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from mindory_web.lib import links

log = structlog.get_logger(__name__)


def room(reader_id: int) -> str:
    """Return the name of a reader's room. The address is the permission: only their own sockets join it."""
    return f"reader.{reader_id}"


def talk_room(conversation_id: int) -> str:
    """Return the name of a conversation's room. A socket joins it when its reader may read the conversation."""
    return f"talk.{conversation_id}"


async def tell(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Send `frame` (one of books/events.py) to every page of this reader."""
    await _send(room(reader_id), {"type": "relay", "frame": dict(frame)})


async def tell_talk(conversation_id: int, frame: Mapping[str, Any]) -> None:
    """Send `frame` to every page in the room of this conversation."""
    await _send(talk_room(conversation_id), {"type": "relay", "frame": dict(frame)})


async def ring(conversation_id: int, reply_id: int) -> None:
    """Tell every page in the room that the log of a reply has grown; those that follow it read on."""
    await _send(talk_room(conversation_id), {"type": "ring", "reply": reply_id})


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    try:
        links.unless_resting(settings.REDIS_URL)
        async with asyncio.timeout(links.PATIENCE_SECONDS):
            await layer.group_send(group, message)
    except (redis.RedisError, OSError) as error:  # the second is a TimeoutError, too
        log.warning("bell_not_heard", room=group, error=str(error))


def tell_now(reader_id: int, frame: Mapping[str, Any]) -> None:
    """Do as `tell` does, from code without an event loop."""
    async_to_sync(tell)(reader_id, frame)


def tell_talk_now(conversation_id: int, frame: Mapping[str, Any]) -> None:
    """Do as `tell_talk` does, from code without an event loop."""
    async_to_sync(tell_talk)(conversation_id, frame)


def ring_now(conversation_id: int, reply_id: int) -> None:
    """Do as `ring` does, from code without an event loop."""
    async_to_sync(ring)(conversation_id, reply_id)
