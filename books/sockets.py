"""Who may open a socket: a key, or a signed-in session from the right Origin."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.conf import settings
from django.urls import path

from books.consumers import PageSocket
from books.events import CLOSED_BAD_ORIGIN, CLOSED_NOT_SIGNED_IN
from mindory_web.accounts.keys import key_of

Headers = dict[bytes, bytes]

socket_urlpatterns: list[Any] = [path("ws/", PageSocket.as_asgi())]


def guarded(application: Any) -> Any:
    """Return `application` behind the key or the Origin check and the session's reader."""
    return Gate(application, AuthMiddlewareStack(application))


class Gate:
    """Looks at the headers before anything else. A browser cannot send a key, so a key needs no Origin."""

    def __init__(self, by_key: Any, by_session: Any) -> None:
        self._by_key = by_key
        self._by_session = by_session

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Let in whoever shows a usable key, or comes from one of our own pages."""
        headers: Headers = dict(scope.get("headers", []))
        if b"authorization" in headers:
            return await self._with_key(scope, receive, send, headers[b"authorization"].decode("latin-1"))
        if headers.get(b"origin", b"").decode("latin-1") not in settings.SOCKET_ORIGINS:  # a missing one too
            return await _refuse(send, CLOSED_BAD_ORIGIN)
        return await self._by_session(scope, receive, send)

    async def _with_key(self, scope: dict[str, Any], receive: Any, send: Any, header: str) -> Any:
        kind, _, secret = header.partition(" ")
        key = await database_sync_to_async(key_of)(secret.strip()) if kind.lower() == "bearer" else None
        if key is None:
            return await _refuse(send, CLOSED_NOT_SIGNED_IN)
        return await self._by_key({**scope, "user": key.reader, "api_key": key.pk}, receive, send)


async def _refuse(send: Any, code: int) -> None:
    """Close before the socket is accepted: the other side gets HTTP 403."""
    await send({"type": "websocket.close", "code": code})
