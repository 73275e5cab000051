"""Reading along: the frames of a reply after a given one, from the log while it is there, else from the row."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import redis
import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError

from books.chat import log as frames_log
from books.chat import shown, wire
from books.events import ReplyFrame, ReplyWhole
from books.models import Reply
from mindory_web.lib import links

log = structlog.get_logger(__name__)

Frame = ReplyFrame | ReplyWhole
POLL_SECONDS: Final = 2.0


class ReplyGone(Exception):
    """The reply was deleted: nothing more comes."""


async def news(reply_id: int, seq: int, *, is_sure: bool = True, is_logged: bool = True) -> list[Frame]:
    """Return what came after frame `seq`: frames without a hole, or the stored reply and what came after it.

    With `is_sure` the row is asked when the log has nothing: it may have been lost, or never reached. Without
    `is_logged` only the row is asked.
    Raises ReplyGone when there is no row.
    """
    frames = await _logged(reply_id, seq) if is_logged else []
    if frames or not is_sure:
        return list(frames)
    stored = await _stored(reply_id)
    if stored is None or (stored["state"] in Reply.OPEN and stored["seq"] <= seq):
        return []
    # A page may have seen more than a killed worker could write down; the end counts for it too.
    stored["seq"] = max(stored["seq"], seq)
    return [stored, *(await _logged(reply_id, stored["seq"]) if is_logged else ())]


async def follow(reply_id: int, seq: int = 0) -> AsyncIterator[Frame]:
    """Yield the frames of a reply after `seq` as they come, until it has ended or is gone.

    The caller checked whose it is.
    """
    client = wire.patient_client()
    try:
        while True:
            heard = await _awaited(client, reply_id, seq)
            for frame in heard or await news(reply_id, seq, is_logged=heard is not None):
                yield frame
                seq = frame["seq"]
                if is_last(frame):
                    return
    except ReplyGone:
        return
    finally:
        await client.aclose()


def is_last(frame: Frame) -> bool:
    """Say whether nothing comes after this frame."""
    return frame["type"] == "reply.end" or (frame["type"] == "reply.whole" and frame["state"] not in Reply.OPEN)


async def _awaited(client: object, reply_id: int, seq: int) -> list[Frame] | None:
    """Return the frames after `seq` once there are any, none when there were none for a while; None without Redis."""
    try:
        async with asyncio.timeout(POLL_SECONDS + links.PATIENCE_SECONDS):
            return list(await frames_log.wait(client, reply_id, seq, seconds=POLL_SECONDS))
    except (redis.RedisError, OSError) as error:
        log.warning("log_not_read", reply=reply_id, error=str(error))
        return None


async def _logged(reply_id: int, seq: int) -> list[ReplyFrame]:
    try:
        links.unless_resting(settings.REDIS_URL)
        return await frames_log.after(reply_id, seq)
    except (redis.RedisError, OSError) as error:
        log.warning("log_not_read", reply=reply_id, error=str(error))
        return []


async def _stored(reply_id: int) -> ReplyWhole | None:
    found: ReplyWhole | None = await database_sync_to_async(_stored_now)(reply_id)
    return found


def _stored_now(reply_id: int) -> ReplyWhole | None:
    try:
        return shown.whole(Reply.objects.get(pk=reply_id))
    except Reply.DoesNotExist:
        raise ReplyGone from None
    except DatabaseError as error:  # a restart: the next look answers
        log.warning("reply_not_read", reply=reply_id, error=str(error))
        return None
