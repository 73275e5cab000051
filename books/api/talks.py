"""Conversations, questions, answers: whole, or streamed as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final, Literal, cast

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from ninja.pagination import paginate

from books.api import talk_schemas as schemas
from books.chat import exporting, finding, shown, talk
from books.chat.following import Frame, follow, is_last
from books.models import Conversation, Reply
from mindory_web.accounts.models import Reader
from mindory_web.accounts.presence import ais_still_allowed
from mindory_web.lib.api import Id, Number, Pages, Text, events, failures, reader_of
from mindory_web.lib.errors import NotFound
from mindory_web.lib.logs import request_id

router = Router(tags=["conversations"])

LONGEST_WAIT: Final = 55.0  # seconds until a caller who does not stream gets 202; proxies often cut at 60
LISTEN: Final = 2.0  # seconds of silence until the row is asked, and the line is shown to be open
CHECK: Final = 4.0  # seconds between two looks whether the caller may still listen
SHOWN_REPLIES: Final = 200
EXPORT: Final[dict[str, Any]] = {"responses": {200: {"content": {"text/markdown": {}, "application/json": {}}}}}
EXPORTS: Final = {"markdown": ("text/markdown; charset=utf-8", "md"), "json": ("application/json", "json")}
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


class ConversationFilter(Schema):
    """Which conversations; `q` is looked for in titles, questions and answers."""

    book: Id | None = None
    collection: Id | None = None
    is_archived: bool | None = None
    is_pinned: bool | None = None
    q: Text = Field("", max_length=finding.LONGEST)


@router.get("/conversations", response={200: list[schemas.ConversationOut], **failures()})
@paginate(Pages)
def list_conversations(request: HttpRequest, wanted: Query[ConversationFilter]) -> QuerySet[Conversation]:
    """List your conversations, the latest first."""
    named = wanted.dict(exclude={"q"})
    return finding.found(reader_of(request), finding.Filter(**named, words=wanted.q)).prefetch_related("books")


@router.post("/conversations", response={201: schemas.ConversationOut, **failures(400, 404, 409)})
def begin_conversation(request: HttpRequest, given: schemas.ConversationIn) -> Status[Conversation]:
    """Begin a conversation about a book, some books, a collection or your whole library."""
    return Status(201, talk.begin(reader_of(request), wanted=given.wanted(), title=given.title))


@router.get("/conversations/{conversation}", response={200: schemas.ConversationWhole, **failures(404)})
def get_conversation(request: HttpRequest, conversation: Id) -> Any:
    """Show a conversation with its newest replies (200 at most) of all branches, oldest first."""
    found = talk.conversation(reader_of(request), conversation)
    newest = shown.with_citations(Reply.objects.filter(conversation=found).order_by("-pk"))[:SHOWN_REPLIES]
    return _Whole(found, list(newest)[::-1], Reply.objects.filter(conversation=found).count())


@router.patch("/conversations/{conversation}", response={200: schemas.ConversationOut, **failures(400, 404, 409)})
def change_conversation(request: HttpRequest, conversation: Id, change: schemas.ConversationChange) -> Conversation:
    """Change its title, what it is about, whether it is pinned or archived, or which branch is shown."""
    reader = reader_of(request)
    named = change.dict(include={"title", "is_pinned", "is_archived"})
    found = talk.change(reader, conversation, wanted=change.wanted(), **named)
    if change.tip is None:
        return found
    if talk.reply(reader, change.tip).conversation_id != found.pk:
        raise NotFound(_("There is no such answer."))
    return talk.choose(reader, change.tip)


@router.delete("/conversations/{conversation}", response={204: None, **failures(404)})
def delete_conversation(request: HttpRequest, conversation: Id, *, undo: bool = False) -> Status[None]:
    """Delete a conversation with everything said in it. `undo=1`: `restore` can bring it back for a while."""
    reader = reader_of(request)
    talk.remove(reader, conversation) if undo else talk.delete(reader, conversation)
    return Status(204, None)


@router.post("/conversations/{conversation}/restore", response={200: schemas.ConversationOut, **failures(404)})
def restore_conversation(request: HttpRequest, conversation: Id) -> Conversation:
    """Bring back what was deleted with `undo=1`, while `MINDORY_UNDO_SECONDS` run; then it is gone for good."""
    return talk.restore(reader_of(request), conversation)


@router.get("/conversations/{conversation}/export", response={200: str, **failures(404)}, openapi_extra=EXPORT)
def export_conversation(
    request: HttpRequest,
    conversation: Id,
    kind: Annotated[Literal["markdown", "json"], Query(alias="format")] = "markdown",
) -> HttpResponse:
    """Take a conversation along: the branch that is shown as Markdown with footnotes, or all of it as JSON."""
    reader = reader_of(request)
    if kind == "json":
        body = json.dumps(exporting.as_values(reader, conversation), ensure_ascii=False, indent=2)
    else:
        body = exporting.as_markdown(reader, conversation)
    media_type, ending = EXPORTS[kind]
    name = f'attachment; filename="conversation-{conversation}.{ending}"'
    return HttpResponse(body, content_type=media_type, headers={"Content-Disposition": name})


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
    named = message.dict(include={"nonce", "language", "about"})
    if "parent" in message.model_fields_set:
        named["parent"] = message.parent
    reply = await sync_to_async(talk.ask)(
        reader, message.text, conversation=conversation, request_id=request_id(), **named
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


@router.post("/replies/{reply}/again", response={202: schemas.ReplyOut, **failures(404, 409, 429)}, tags=["replies"])
def ask_again(request: HttpRequest, reply: Id, given: schemas.AgainIn) -> Status[Reply]:
    """Ask the same once more, beside that reply, or another question in its place. The answer is still to be made."""
    reader = reader_of(request)
    made = talk.again(reader, reply, text=given.text, nonce=given.nonce, request_id=request_id())
    return Status(202, _shown(reader, made.pk))


@router.post("/replies/{reply}/continue", response={202: schemas.ReplyOut, **failures(404, 409, 429)}, tags=["replies"])
def continue_reply(request: HttpRequest, reply: Id, given: schemas.ContinueIn) -> Status[Reply]:
    """Go on with an answer that was cut short: a new reply beside it begins with its words."""
    reader = reader_of(request)
    made = talk.go_on(reader, reply, nonce=given.nonce, request_id=request_id())
    return Status(202, _shown(reader, made.pk))


@router.put("/replies/{reply}/feedback", response={200: schemas.ReplyOut, **failures(404)}, tags=["replies"])
def judge_reply(request: HttpRequest, reply: Id, given: schemas.FeedbackIn) -> Reply:
    """Say whether an answer was good, and why."""
    reader = reader_of(request)
    talk.judge(reader, reply, value=given.value, reason=given.reason)
    return _shown(reader, reply)


@router.get("/replies/{reply}/trace", response={200: schemas.TraceOut, **failures(404)}, tags=["replies"])
def trace_reply(request: HttpRequest, reply: Id) -> dict[str, Any]:
    """Show how an answer was made: what was looked for and found, and what was done with every quote."""
    found = talk.reply(reader_of(request), reply)
    return {"reply": found.pk, "engine": found.engine, "noted": found.noted, "trace": found.trace}


class _Whole:
    """A conversation with some of its replies, as its schema reads it."""

    def __init__(self, talk: Conversation, replies: list[Reply], count: int) -> None:
        self._talk, self.replies, self.reply_count = talk, replies, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._talk, name)


def _shown(reader: Reader, pk: int) -> Reply:
    found = talk.reply(reader, pk)
    return shown.with_citations(Reply.objects.select_related("conversation")).get(pk=found.pk)


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
