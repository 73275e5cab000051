"""How much a request may bring: refused early where its size is told, and while reading where it is not.

Two guards. `LimitedBodies` stands before Django, which under ASGI writes a whole body to disk before
any view runs. `HeldToLimit` counts the files themselves while a form is taken apart.
"""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from mindory_web.lib.errors import PROBLEM, MindoryError, NotSignedIn, TooLarge

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

AROUND_A_FILE: Final = 64 * 1024  # boundaries and names of a form
DRAIN_SECONDS: Final = 5.0  # a browser reads the answer only when it could send: listen on for so long


def too_large(limit: int) -> TooLarge:
    """Return the refusal of more than `limit` bytes."""
    return TooLarge(_("This file is over the limit of %(limit)s.") % {"limit": filesizeformat(limit)}, limit=limit)


class HeldToLimit(FileUploadHandler):
    """Stop a form whose files together are larger than UPLOAD_LIMIT. First in FILE_UPLOAD_HANDLERS."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.seen = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803  (Django's name)
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse by what the request says of itself, before anything is read."""
        if content_length > settings.UPLOAD_LIMIT + AROUND_A_FILE:
            raise too_large(settings.UPLOAD_LIMIT)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count what really comes."""
        self.seen += len(raw_data)
        if self.seen > settings.UPLOAD_LIMIT:
            raise too_large(settings.UPLOAD_LIMIT)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers behind this one."""


class _OverLimit(Exception):
    """Raised inside `receive`, through Django, to the guard that raised it."""


class LimitedBodies:
    """ASGI: let a large body in only where files are taken, and only from somebody we know.

    `takes_files` says whether a path takes uploads, `knows` whether the request's session or key opens
    anything. Everybody else may send DATA_UPLOAD_MAX_MEMORY_SIZE bytes.
    """

    def __init__(
        self,
        application: Callable[[Scope, Receive, Send], Awaitable[None]],
        *,
        takes_files: Callable[[str], bool],
        knows: Callable[[Mapping[str, str]], Awaitable[bool]],
    ) -> None:
        self.application = application
        self.takes_files = takes_files
        self.knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.application(scope, receive, send)
            return
        guard = _Guard(receive, send)
        try:
            await self._limit(scope, guard)
            await self.application(scope, guard.receive, guard.send)
        except MindoryError as refusal:
            await guard.refuse(refusal)
        except _OverLimit:
            await guard.refuse(too_large(min(guard.limit, settings.UPLOAD_LIMIT)))

    async def _limit(self, scope: Scope, guard: "_Guard") -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        said = headers.get("content-length", "")
        length = int(said) if said.isascii() and said.isdigit() else None
        guard.limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if self.takes_files(scope["path"]) and (length is None or length > guard.limit):
            if not await self.knows(headers):
                raise NotSignedIn(_("Sign in or send a key before you send a file."))
            guard.limit = settings.UPLOAD_LIMIT + AROUND_A_FILE
        if length is not None and length > guard.limit:
            raise too_large(min(guard.limit, settings.UPLOAD_LIMIT))


class _Guard:
    """One request's counted `receive`, and its `send` that remembers whether an answer began."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.limit = 0
        self.seen = 0
        self.has_begun = False
        self.is_read = False

    async def receive(self) -> Mapping[str, Any]:
        """Pass the next message on, and stop at the limit."""
        message = await self._receive()
        if message["type"] == "http.request":
            self.seen += len(message.get("body", b""))
            self.is_read = not message.get("more_body", False)
            if self.seen > self.limit:
                raise _OverLimit
        return message

    async def send(self, message: Mapping[str, Any]) -> None:
        """Pass the answer on."""
        self.has_begun = True
        await self._send(message)

    async def refuse(self, refusal: MindoryError) -> None:
        """Answer as JSON, and take in (and forget) what the client still sends, for a while."""
        if self.has_begun:
            return
        body = json.dumps(refusal.as_problem(), ensure_ascii=False).encode()
        headers = [
            (b"content-type", PROBLEM.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await self._send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        deadline = time.monotonic() + DRAIN_SECONDS
        while not self.is_read and time.monotonic() < deadline:
            message = await self._receive()
            self.is_read = message["type"] != "http.request" or not message.get("more_body", False)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
