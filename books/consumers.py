"""The page's socket: frames <-> functions, nothing else."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Final, TypeVar

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils.translation import override

from books import publishing
from books.chat import access, talk
from books.chat.reading import Reading, TooSlow
from books.chat.rooms import Rooms
from books.chat.scopes import Wanted
from books.events import (
    CLOSED_NOT_SIGNED_IN,
    CLOSED_TOO_LARGE,
    CLOSED_TOO_MANY,
    HEARTBEAT_SECONDS,
    LARGEST_FRAME,
)
from books.frames import Budget, language_of_page, read_frame
from books.models import Reply
from mindory_web.accounts.models import Reader
from mindory_web.accounts.presence import ais_still_allowed
from mindory_web.lib import counts
from mindory_web.lib.errors import MindoryError

log = structlog.get_logger(__name__)
T = TypeVar("T")

CHECK_SECONDS: Final = 3.0  # a signed-out reader's sockets close within five seconds
MOST_SOCKETS: Final = 30  # of one reader in one web process


class PageSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One page, or one program with a key."""

    sockets: ClassVar[Counter[int]] = Counter()
    reader: Reader | None = None

    async def connect(self) -> None:
        """Let the reader in, greet them, and join their room."""
        await self.accept()
        if not self.scope["user"].is_authenticated or not await self._is_allowed():
            await self.close(CLOSED_NOT_SIGNED_IN)
        elif self.sockets[self.scope["user"].pk] >= MOST_SOCKETS:
            await self.close(CLOSED_TOO_MANY)
        else:
            await self._begin(self.scope["user"])

    async def _begin(self, reader: Reader) -> None:
        self.reader, self.reading, self.budget = reader, Reading(self._send), Budget()
        self.rooms = Rooms(self.channel_layer, self.channel_name)
        self.language = language_of_page(self.scope, reader.language)
        self.sockets[reader.pk] += 1
        counts.hold("sockets", 1)
        await self.channel_layer.group_add(publishing.room(reader.pk), self.channel_name)
        self.put({"type": "hello", "reader": reader.pk, "heartbeat": HEARTBEAT_SECONDS})
        self.tasks = [asyncio.create_task(work) for work in (self.reading.run(), self._watch())]
        for task in self.tasks:
            task.add_done_callback(_log_error)

    async def disconnect(self, code: int) -> None:
        """Leave the room."""
        if (reader := self.reader) is None:
            return
        self.sockets.subtract([reader.pk])
        counts.hold("sockets", -1)
        for task in self.tasks:
            task.cancel()
        await self.channel_layer.group_discard(publishing.room(reader.pk), self.channel_name)
        await self.rooms.leave_all()

    # --- From the page --------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Carry out one frame, or say why not."""
        if bytes_data is not None or len((text_data or "").encode()) > LARGEST_FRAME:
            await self.close(CLOSED_TOO_LARGE)
        elif self.reader is not None:
            frame: Mapping[str, Any] = {}
            try:
                with override(self.language):
                    frame = read_frame(text_data or "", self.budget)
                await getattr(self, f"on_{frame['type']}")(frame)
            except MindoryError as error:
                self._refuse(error, nonce=frame.get("nonce", ""))

    def _refuse(self, error: MindoryError, *, nonce: str) -> None:
        refused = {"type": "refused", "code": error.code, "message": str(error.sentence)}
        self.put(refused | ({"nonce": nonce} if nonce else {}))

    async def on_ping(self, _frame: Mapping[str, Any]) -> None:
        """Answer a sign of life."""
        self.put({"type": "pong"})

    async def on_ask(self, frame: Mapping[str, Any]) -> None:
        """Ask, and follow the answer."""
        where = {name: frame[name] for name in ("conversation", "parent", "about") if name in frame}
        wanted = Wanted(**{field.name: frame.get(field.name) for field in fields(Wanted)})
        await self._follow(frame, talk.ask, frame["text"], wanted=wanted, language=self.language, **where)

    async def on_again(self, frame: Mapping[str, Any]) -> None:
        """Ask once more, and follow the answer."""
        await self._follow(frame, talk.again, frame["reply"], text=frame.get("text", ""))

    async def on_continue(self, frame: Mapping[str, Any]) -> None:
        """Go on with an answer that was cut short, and follow it."""
        await self._follow(frame, talk.go_on, frame["reply"])

    async def _follow(self, frame: Mapping[str, Any], verb: Callable[..., Reply], *args: Any, **named: Any) -> None:
        reply = await self._call(verb, *args, nonce=frame["nonce"], request_id=frame["nonce"], **named)
        self.put(talk.new_frame(reply))
        await self._enter(reply.conversation_id)
        self.reading.follow(reply.pk, 0, talk=reply.conversation_id, is_sure=False)

    async def on_resume(self, frame: Mapping[str, Any]) -> None:
        """Follow a reply from where the page is."""
        reply = await self._call(talk.reply, frame["reply"])
        await self._enter(reply.conversation_id)
        self.reading.follow(reply.pk, frame["seq"], talk=reply.conversation_id)

    async def on_choose(self, frame: Mapping[str, Any]) -> None:
        """Show another branch; the room is told."""
        await self._call(talk.choose, frame["reply"])

    async def on_join(self, frame: Mapping[str, Any]) -> None:
        """Enter the room of a conversation."""
        found = await self._call(talk.conversation, frame["conversation"])
        await self._enter(found.pk)
        self.put({"type": "joined", "conversation": found.pk, "tip": found.tip_id})

    async def on_leave(self, frame: Mapping[str, Any]) -> None:
        """Leave it."""
        await self._call(talk.conversation, frame["conversation"])
        await self._leave(frame["conversation"])

    async def _enter(self, conversation: int) -> None:
        """Be in a room. Whoever calls this has asked a verb whether the reader may."""
        for oldest in await self.rooms.enter(conversation):
            await self._leave(oldest)

    async def _leave(self, conversation: int) -> None:
        await self.rooms.leave(conversation)
        self.reading.leave(conversation)
        self.put({"type": "left", "conversation": conversation})

    async def on_stop(self, frame: Mapping[str, Any]) -> None:
        """Stop a reply."""
        await self._call(talk.stop, frame["reply"])

    async def _call(self, verb: Callable[..., T], *args: Any, **named: Any) -> T:
        """Call a verb as this reader, in the language of the page."""

        def call() -> T:
            with override(self.language):
                return verb(self.reader, *args, **named)

        # In any thread: pages do not wait for one another's database.
        answer: T = await database_sync_to_async(call, thread_sensitive=False)()
        return answer

    # --- To the page ----------------------------------------------------------------------------

    async def relay(self, message: Mapping[str, Any]) -> None:
        """Pass on a frame that was sent to the reader's room."""
        self.put(message["frame"])

    async def ring(self, message: Mapping[str, Any]) -> None:
        """Read on in a reply."""
        self.reading.ring(message["reply"])

    def put(self, frame: Mapping[str, Any]) -> None:
        """Send a frame when the line is free; close a page that takes nothing."""
        try:
            self.reading.put(frame)
        except TooSlow:
            asyncio.create_task(self.close(CLOSED_TOO_MANY)).add_done_callback(_log_error)

    async def _send(self, frame: Mapping[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame, ensure_ascii=False))

    async def _watch(self) -> None:
        """Close the socket soon after its reader may not be here any more, and leave rooms they may not be in."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if not await self._is_allowed():
                    await self.close(CLOSED_NOT_SIGNED_IN)
                    return
                if here := self.rooms.here():
                    for gone in here - await self._call(access.still_open, here):
                        await self._leave(gone)
            except DatabaseError as error:  # nobody can sign out meanwhile either
                log.warning("presence_not_checked", error=str(error))

    async def _is_allowed(self) -> bool:
        session, key = self.scope.get("session"), self.scope.get("api_key")
        session_key = session.session_key if session is not None and key is None else None
        is_allowed: bool = await ais_still_allowed(
            reader_id=self.scope["user"].pk, session_key=session_key, api_key_id=key
        )
        return is_allowed


def _log_error(task: "asyncio.Task[None]") -> None:
    """Note why a task of a socket ended; a page that went away is no error."""
    if not task.cancelled() and task.exception() is not None:
        log.info("socket_ended", error=repr(task.exception()))
