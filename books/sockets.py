"""Who may open a socket: right Origin first, then the session or key."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.security.websocket import OriginValidator
from django.conf import settings


def guarded(application: Any) -> Any:
    """Return `application` behind the Origin check and the session's reader."""
    return OriginValidator(AuthMiddlewareStack(application), settings.SOCKET_ORIGINS)
