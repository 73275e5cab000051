"""Conversations, questions, answers: whole, or streamed as server-sent events."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final, cast

from asgiref.sync import sync_to_async
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Status
from ninja.pagination import paginate

from books.api import schemas
from books.chat import talk
from books.chat.following import Frame, follow, is_last
from books.models import Citation, Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.accounts.presence import ais_still_allowed
from mindory_web.lib.api import Id, Number, Pages, events, failures, reader_of
from mindory_web.lib.logs import request_id

router = Router(tags=["conversations"])

LONGEST_WAIT: Final = 55.0  # seconds until a caller who does not stream gets 202; proxies often cut at 60
LISTEN: Final = 2.0  # seconds of silence until the row is asked, and the line is shown to be open
CHECK: Final = 4.0  # seconds between two looks whether the caller may still listen
SHOWN_REPLIES: Final = 200
CITATIONS: Final = Prefetch("citations", queryset=Citation.objects.select_related("book").order_by("number"))
STREAM: Final = {
    "content": {
        "text/event-stream": {
            "schema": {
                "type": "string",
                "description": "Frames of docs/events.md: event = type, id = seq, data = JSON.",
            }
        }
    }
}


@router.get("/conversations", response={200: list[schemas.ConversationOut], **failures()})
@paginate(Pages)
def list_conversations(request: HttpRequest, book: Annotated[Id | None, Query()] = None) -> QuerySet[Conversation]:
    """List your conversations, the latest first; only those with one book when it is given."""
    return talk.conversations(reader_of(request), book=book)


@router.post("/conversations", response={201: schemas.ConversationOut, **failures(400, 404, 409)})
def begin_conversation(request: HttpRequest, given: schemas.ConversationIn) -> Status[Conversation]:
    """Begin a conversation with one book, or with your whole library."""
    return Status(201, talk.begin(reader_of(request), book=given.book, title=given.title))


@router.get("/conversations/{conversation}", response={200: schemas.ConversationWhole, **failures(404)})
def get_conversation(request: HttpRequest, conversation: Id) -> dict[str, Any]:
    """Show a conversation with its newest replies (200 at most), oldest first."""
    found = talk.conversation(reader_of(request), conversation)
    newest = found.replies.prefetch_related(CITATIONS).defer("trace").order_by("-pk")[:SHOWN_REPLIES]
    return {
        "id": found.pk,
        "book_id": found.book_id,
        "title": found.title,
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "replies": list(newest)[::-1],
        "reply_count": found.replies.count(),
    }


@router.patch("/conversations/{conversation}", response={200: schemas.ConversationOut, **failures(400, 404)})
def rename_conversation(request: HttpRequest, conversation: Id, change: schemas.ConversationChange) -> Conversation:
    """Give a conversation another title."""
    return talk.rename(reader_of(request), conversation, title=change.title)


@router.delete("/conversations/{conversation}", response={204: None, **failures(404)})
def delete_conversation(request: HttpRequest, conversation: Id) -> Status[None]:
    """Delete a conversation with everything said in it."""
    talk.delete(reader_of(request), conversation)
    return Status(204, None)


@router.post(
    "/conversations/{conversation}/messages",
    response={200: schemas.ReplyOut, 202: schemas.ReplyOut, **failures(400, 404, 409, 429, 503)},
    openapi_extra={"responses": {200: STREAM}},
)
async def ask(
    request: HttpRequest,
    conversation: Id,
    message: schemas.MessageIn,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = LONGEST_WAIT,
) -> Any:
    """Ask, and get the answer: whole, with its citations, or as a stream with `Accept: text/event-stream`.

    When it takes longer than `wait` seconds the answer is 202 with what is there; `GET replies/{id}` has the rest.
    """
    reader = reader_of(request)
    reply = await sync_to_async(talk.ask)(
        reader,
        message.text,
        conversation=conversation,
        nonce=message.nonce,
        language=message.language,
        request_id=request_id(),
    )
    if _wants_stream(request):
        return _stream(request, reply.pk, after=0)
    is_over = await _wait(request, reply.pk, seconds=wait)
    return Status(200 if is_over else 202, await sync_to_async(_shown)(reader, reply.pk))


@router.get("/replies/{reply}", response={200: schemas.ReplyOut, **failures(404)}, tags=["replies"])
def get_reply(request: HttpRequest, reply: Id) -> Reply:
    """Show a reply as it stands."""
    return _shown(reader_of(request), reply)


@router.get(
    "/replies/{reply}/frames",
    response={200: str, **failures(404)},
    openapi_extra={"responses": {200: STREAM}},
    tags=["replies"],
)
async def follow_reply(request: HttpRequest, reply: Id, after: Number = 0) -> StreamingHttpResponse:
    """Stream a reply's frames after number `after` (or `Last-Event-ID`), and those to come, from any device."""
    found = await sync_to_async(talk.reply)(reader_of(request), reply)
    told = request.headers.get("Last-Event-ID", "")
    seen = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
    return _stream(request, found.pk, after=max(after, seen))


@router.post("/replies/{reply}/stop", response={200: schemas.ReplyOut, **failures(404)}, tags=["replies"])
def stop_reply(request: HttpRequest, reply: Id) -> Reply:
    """Stop a reply; what is written stays."""
    reader = reader_of(request)
    talk.stop(reader, reply)
    return _shown(reader, reply)


def _shown(reader: Reader, pk: int) -> Reply:
    found = talk.reply(reader, pk)
    return Reply.objects.select_related("conversation").prefetch_related(CITATIONS).defer("trace").get(pk=found.pk)


def _wants_stream(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", "text/event-stream"]) == "text/event-stream"


def _stream(request: HttpRequest, reply: int, *, after: int) -> StreamingHttpResponse:
    return events(_frames(request, reply, after=after))


async def _wait(request: HttpRequest, reply: int, *, seconds: float) -> bool:
    """Wait until the reply is over, or `seconds` have passed; say whether it is over."""
    try:
        async with asyncio.timeout(seconds), aclosing(_frames(request, reply, after=0)) as frames:
            async for frame in frames:
                if frame is not None and is_last(frame):
                    return True
    except TimeoutError:
        return False
    return False


async def _frames(request: HttpRequest, reply: int, *, after: int) -> AsyncGenerator[Frame | None, None]:
    """Yield the reply's frames after number `after` as they are written, and None for each silence.

    Ends with the reply, when it was deleted, and when the caller may not listen any more.
    """
    checked = time.monotonic()
    async with aclosing(cast("AsyncGenerator[Frame, None]", follow(reply, after))) as frames:
        coming = asyncio.ensure_future(anext(frames, None))
        try:
            while True:
                done, _still = await asyncio.wait({coming}, timeout=LISTEN)
                frame = coming.result() if done else None
                if done and frame is None:
                    return
                yield frame
                if done:
                    coming = asyncio.ensure_future(anext(frames, None))
                if time.monotonic() - checked > CHECK:
                    checked = time.monotonic()
                    if not await _may_listen(request, reply):
                        return
        finally:
            coming.cancel()
            await asyncio.wait({coming})


async def _may_listen(request: HttpRequest, reply: int) -> bool:
    reader: Reader = reader_of(request)
    key = getattr(request, "api_key_id", None)
    session = None if key else request.session.session_key
    is_there = await Reply.objects.filter(pk=reply, conversation__reader=reader).aexists()
    return is_there and await ais_still_allowed(reader_id=reader.pk, session_key=session, api_key_id=key)
