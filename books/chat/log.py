"""The frames of a reply, in a Redis Stream whose ids are the frames' own numbers.

Redis refuses an id that is not larger than the last one: two writers can never both say frame 7.
The stream lives for a few minutes after the end; after that, and whenever Redis lost it, the row in Postgres answers.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, cast

import redis

from books.chat import wire
from books.events import ReplyEnd, ReplyFrame

MOST_FRAMES: Final = 6_000
LIFETIME: Final = 3_600  # seconds, while an answer is written
AFTERWARDS: Final = 300  # seconds, when it is over: then the row has all of it, and the log is much longer


class LogTaken(Exception):
    """Somebody else wrote on: this worker does not own the reply any more."""


def key(reply_id: int) -> str:
    """Return the name of a reply's stream."""
    return f"mindory:reply:{reply_id}"


async def append(reply_id: int, frames: Sequence[ReplyFrame]) -> None:
    """Add frames with growing `seq`. Repeating a call whose answer was lost adds nothing twice.

    Raises LogTaken when other frames stand there already, and RedisError while Redis is away.
    """
    try:
        await _add(reply_id, frames)
    except redis.ResponseError as error:
        if "equal or smaller" not in str(error):
            raise
        missing = _not_in(frames, await after(reply_id, frames[0]["seq"] - 1))
        if missing:
            await _add(reply_id, missing)


async def _add(reply_id: int, frames: Sequence[ReplyFrame]) -> None:
    async with wire.client().pipeline(transaction=True) as pipe:
        for frame in frames:
            pipe.xadd(key(reply_id), {"f": json.dumps(frame)}, id=f"{frame['seq']}-1", maxlen=MOST_FRAMES)
        pipe.expire(key(reply_id), AFTERWARDS if frames[-1]["type"] == "reply.end" else LIFETIME)
        await pipe.execute()


def _not_in(frames: Sequence[ReplyFrame], there: Sequence[ReplyFrame]) -> list[ReplyFrame]:
    """Return the frames still to add, or raise LogTaken when what is there is not ours."""
    if list(frames[: len(there)]) != list(there):
        raise LogTaken
    return list(frames[len(there) :])


async def after(reply_id: int, seq: int, *, most: int | None = None) -> list[ReplyFrame]:
    """Return the logged frames after number `seq`, in order, without those behind a hole."""
    return _unbroken(await wire.client().xrange(key(reply_id), min=f"{seq + 1}-0", count=most), seq)


def append_end(reply_id: int, end: ReplyEnd) -> None:
    """Add the last frame, from code without an event loop."""
    client = wire.client_now()
    client.xadd(key(reply_id), {"f": json.dumps(end)}, id=f"{end['seq']}-1", maxlen=MOST_FRAMES)
    client.expire(key(reply_id), AFTERWARDS)


def after_now(reply_id: int, seq: int) -> list[ReplyFrame]:
    """Return the logged frames after number `seq`, from code without an event loop."""
    return _unbroken(wire.client_now().xrange(key(reply_id), min=f"{seq + 1}-0"), seq)


async def wait(client: Any, reply_id: int, seq: int, *, seconds: float) -> list[ReplyFrame]:
    """Return the frames after number `seq` as soon as there are any; `client` is a patient one."""
    found = await client.xread({key(reply_id): f"{seq}-9"}, block=max(1, int(seconds * 1000)))
    entries = found[0][1] if isinstance(found, list) and found else next(iter(found.values()), []) if found else []
    if entries and isinstance(entries[0], list):  # RESP3 wraps the entries of a stream once more
        entries = entries[0]
    return _unbroken(entries, seq)


def _unbroken(entries: Sequence[Any], seq: int) -> list[ReplyFrame]:
    frames: list[ReplyFrame] = []
    for _id, fields in entries:
        frame = cast(ReplyFrame, json.loads(fields["f"]))
        if frame["seq"] != seq + 1 + len(frames):
            break
        frames.append(frame)
    return frames
