"""What every response shares: headers, and one way to answer an error."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from mindory_web.lib.errors import MindoryError

log = structlog.get_logger(__name__)

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class SecurityHeaders:
    """Add the headers that no other middleware sets, to every response, errors and static files included."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if iscoroutinefunction(self):
            return self._later(request)
        return self._dress(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return self._dress(await self.get_response(request))

    def _dress(self, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class AnswerErrors:
    """Turn a MindoryError into its answer: JSON for a program, a page for a person. Views do not catch."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an expected error; leave every other one to Django."""
        if not isinstance(exception, MindoryError):
            return None
        log.info("refused", code=exception.code, status=exception.status, path=request.path)
        return answer(request, exception)


def answer(request: HttpRequest, error: MindoryError) -> HttpResponse:
    """Return the response for `error` in the form this request reads."""
    if request.accepts("text/html") and request.headers.get("X-Requested-With") != "fetch":
        return render(request, "error.html", {"error": error}, status=error.status)
    return JsonResponse(error.as_dict(), status=error.status)


def site(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page."""
    return {
        "MINDORY_VERSION": settings.VERSION,
        "SOURCE_URL": settings.SOURCE_URL,
        "SIGNUP": settings.SIGNUP,
    }
