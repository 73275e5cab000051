"""Replies that no worker ends: stopped before one began, or left behind by one that was killed; ends nobody told of.

`reap` is called every few seconds by every reaper; several at once do no harm, because each row is
locked while it is looked at again.
"""

from datetime import timedelta
from typing import Any, Final

import redis
import structlog
from django.db import transaction
from django.utils import timezone

from books import publishing
from books.chat import log as frames_log
from books.chat import rows, shown, wire
from books.chat.rendering import blocks
from books.events import Blocks, ReplyCitation, ReplyFrame
from books.models import Book, Citation, Reply

log = structlog.get_logger(__name__)

WAKE_AFTER: Final = timedelta(seconds=3)  # a question that waits longer may have lost its message


def reap() -> int:
    """End what killed workers left behind and wake what nobody took up; return how many replies that were."""
    expired = Reply.objects.filter(state__in=rows.OPEN, lease_until__lt=timezone.now())
    ended = sum(_end_if(reply_id, state__in=rows.OPEN, lease_until__lt=timezone.now()) for reply_id in _ids(expired))
    waiting = Reply.objects.filter(state=Reply.State.QUEUED)
    stopped = sum(end_waiting(reply_id) for reply_id in _ids(waiting.filter(is_stop_asked=True)))
    told = sum(_tell_of(reply_id) for reply_id in _ids(_untold()))
    late = waiting.filter(queued_at__lt=timezone.now() - WAKE_AFTER)
    woken = 0
    for reply_id in _ids(late):
        woken += late.filter(pk=reply_id).update(queued_at=timezone.now())
        wire.wake(reply_id)
    return ended + stopped + told + woken


def _untold() -> Any:
    """Return the replies that are over and of whose end nobody was told: their worker was killed right after it."""
    return Reply.objects.filter(state__in=rows.OVER, lease_until__lt=timezone.now())


def _tell_of(reply_id: int) -> bool:
    if not _untold().filter(pk=reply_id).update(lease_until=timezone.now() + rows.AFTERWORK):
        return False  # another reaper does
    rows.tell_finished(reply_id)
    return True


def end_waiting(reply_id: int) -> bool:
    """End a reply that was stopped while it still waited for a worker."""
    return _end_if(reply_id, state=Reply.State.QUEUED, is_stop_asked=True)


def _ids(replies: Any) -> list[int]:
    return list(replies.order_by("pk").values_list("pk", flat=True)[:200])


def _end_if(reply_id: int, **still: Any) -> bool:
    """End the reply if its row still says what made us look at it."""
    with transaction.atomic():
        reply = (
            Reply.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("conversation")
            .filter(pk=reply_id, **still)
            .first()
        )
        if reply is None:
            return False
        _take_in(reply, _logged(reply))
        reply.state = Reply.State.STOPPED if reply.is_stop_asked else Reply.State.INTERRUPTED
        reply.last_seq += 1
        reply.fence += 1
        reply.lease_until = timezone.now() + rows.AFTERWORK
        reply.finished_at = timezone.now()
        reply.save()
        transaction.on_commit(lambda: _tell(reply))
    log.info("reply_ended", reply=reply_id, state=reply.state, request_id=reply.request_id)
    return True


def _logged(reply: Reply) -> list[ReplyFrame]:
    """Return what its pages have seen and its row does not hold yet."""
    try:
        return frames_log.after_now(reply.pk, reply.last_seq)
    except redis.RedisError as error:
        log.warning("log_not_read", reply=reply.pk, error=str(error))
        return []


def _take_in(reply: Reply, frames: list[ReplyFrame]) -> None:
    """Add frames to the row, so that it ends with the very text that its pages show."""
    for frame in frames:
        if frame["type"] == "reply.words":
            reply.text += frame["text"]
        elif frame["type"] == "reply.citation":
            _keep_citation(reply, frame)
        elif frame["type"] == "reply.end":
            break  # ended before, and the row was never told: the state is decided here
        reply.last_seq = frame["seq"]


def _keep_citation(reply: Reply, frame: ReplyCitation) -> None:
    if Book.objects.filter(pk=frame["book"]).exists():
        values = {name: frame[name] for name in ("section", "start", "end", "quote")}
        Citation.every.get_or_create(
            reply=reply,
            number=frame["number"],
            defaults={
                "book_id": frame["book"],
                "heading": frame["heading"][:500],
                "page": frame.get("page", ""),  # frames of an older release have none
                "how": frame.get("how", "exact"),
                **values,
            },
        )


def _tell(reply: Reply) -> None:
    html: Blocks | None = {"from": 0, "blocks": blocks(reply.text)} if reply.text else None
    try:
        frames_log.append_end(reply.pk, shown.end(reply, html=html))
    except redis.RedisError as error:  # its pages ask the row every other second
        log.warning("end_not_logged", reply=reply.pk, error=str(error))
    publishing.ring_now(reply.conversation_id, reply.pk)
    rows.tell_finished(reply.pk)
