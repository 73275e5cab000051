"""`/mcp`: streamable HTTP without sessions, so that any web process may answer any request. An API key opens it.

Nothing is ever sent unasked, so there is no stream to open (GET) and no session to end (DELETE): POST alone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.utils.translation import gettext as _

from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import MindoryError, NotSignedIn, TooMany
from mindory_web.lib.limits import spend
from mindory_web.lib.threads import in_thread

if TYPE_CHECKING:  # 30 MB: loaded by the first who asks
    from mcp.server.mcpserver import Context
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ADDRESS: Final = "/mcp"
CALLS_PER_MINUTE: Final = 600
LARGEST_BODY: Final = 1024 * 1024


class OnlyPost(MindoryError):
    """The address is right, the method is not."""

    code = "method_not_allowed"
    status = 405


class Door:
    """ASGI: answers `/mcp` and leaves everything else to the application behind it."""

    def __init__(self, application: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self.application = application
        self._manager: StreamableHTTPSessionManager | None = None
        self._opening = asyncio.Lock()
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != ADDRESS:
            await self.application(scope, receive, send)
            return
        try:
            async with ThreadSensitiveContext():  # outside of Django's own handler, which would give it one
                reader = await in_thread(_reader_of)(scope["headers"])
            if scope["method"] != "POST":
                raise OnlyPost(_("Only POST can be used here."))
        except MindoryError as refusal:
            await _refuse(send, refusal)
            return
        manager = await self._opened()
        await manager.handle_request({**scope, "path": ADDRESS, "mindory_reader": reader}, receive, send)

    async def _opened(self) -> "StreamableHTTPSessionManager":
        """Return the SDK's manager, running in this loop from the first request on."""
        async with self._opening:
            if self._manager is None or self._running is None or self._running.done():
                manager = await asyncio.to_thread(_made)
                ready = asyncio.Event()
                self._running = asyncio.create_task(_run(manager, ready))
                await ready.wait()
                self._manager = manager
        return self._manager


async def _run(manager: "StreamableHTTPSessionManager", ready: asyncio.Event) -> None:
    async with manager.run():
        ready.set()
        await asyncio.Event().wait()  # until the loop ends


def _made() -> "StreamableHTTPSessionManager":
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    from mindory_web.mcp.server import server

    site = urlsplit(settings.URL)
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[each for host in settings.ALLOWED_HOSTS for each in (host, f"{host}:*")],
        allowed_origins=[f"{site.scheme}://{site.netloc}"],
    )
    lowlevel = server(_reader_in)._lowlevel_server  # the SDK mounts whole applications; this door needs the core
    return StreamableHTTPSessionManager(
        lowlevel, json_response=True, stateless=True, security_settings=security, max_request_body_size=LARGEST_BODY
    )


def _reader_in(ctx: "Context") -> Reader:
    request = ctx.request_context.request
    reader = request.scope["mindory_reader"] if request is not None else None
    if not isinstance(reader, Reader):
        raise NotSignedIn(_("Sign in, or send a key: Authorization: Bearer KEY."))
    return reader


def _reader_of(headers: Any) -> Reader:
    told = {name.lower(): value for name, value in headers}.get(b"authorization", b"").decode("latin-1")
    scheme, _space, secret = told.partition(" ")
    key = keys.key_of(secret.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise NotSignedIn(_("Send a key of yours: Authorization: Bearer KEY. It is made on the settings page."))
    spend(f"mcp:{key.reader_id}", limit=CALLS_PER_MINUTE, seconds=60)
    key.reader.api_key_name = key.name  # type: ignore[attr-defined]  # the history of the memory says who it was
    return key.reader


async def _refuse(send: Send, refusal: MindoryError) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if isinstance(refusal, NotSignedIn):
        headers.append((b"www-authenticate", b'Bearer realm="Mindory"'))
    if isinstance(refusal, OnlyPost):
        headers.append((b"allow", b"POST"))
    if isinstance(refusal, TooMany):
        headers.append((b"retry-after", str(refusal.details.get("retry_after", 60)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(refusal.as_dict(), ensure_ascii=False).encode()})
