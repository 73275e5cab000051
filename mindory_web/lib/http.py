"""What every response shares: headers, and one way to answer an error."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from csp.constants import HEADER as CSP_HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware

from mindory_web.lib.errors import PROBLEM, Invalid, MindoryError, NotAllowed, NotFound, TooMany

log = structlog.get_logger(__name__)

TOKEN = re.compile(r"[\w:-]{24,}")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class SecurityHeaders:
    """Add the headers that no other middleware sets, to every response, errors and static files included."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self._later(request) if self.is_async else self._dress(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return self._dress(await self.get_response(request))

    def _dress(self, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        return response


class NotUnderstood(Invalid):
    """The request could not be read at all."""

    code = "bad_request"
    status = 400


class RequestLog(RequestMiddleware):
    """Log each request by its path alone: a query may hold a question, and a path a one-time link."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return what stands in the log for this request."""
        return f"{request.method} {told_path(request)}"


def told_path(request: HttpRequest) -> str:
    """Return the path without the tokens of one-time links in it."""
    return TOKEN.sub("…", request.path)


class Dressed:
    """The outermost ASGI layer: give the headers also to answers that Django makes before its middleware runs."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        async def send_dressed(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _value in message.get("headers", [])}
                missing = [pair for pair in _least_headers() if pair[0] not in there]
                message = {**message, "headers": [*message.get("headers", []), *missing]}
            await send(message)

        await self.application(scope, receive, send_dressed if scope["type"] == "http" else send)


def _least_headers() -> list[tuple[bytes, bytes]]:
    values = {
        CSP_HEADER: build_policy(),
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    return [(name.lower().encode(), str(value).encode()) for name, value in values.items()]


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
        log.info("refused", code=exception.code, status=exception.status, path=told_path(request))
        return answer(request, exception)


def reads_pages(request: HttpRequest) -> bool:
    """Say whether the caller is a browser that wants a page, not a program that wants JSON."""
    if is_of_the_api(request) or request.headers.get("X-Requested-With") == "fetch":
        return False
    return request.get_preferred_type(["text/html", "application/json"]) == "text/html"


def is_of_the_api(request: HttpRequest) -> bool:
    """Say whether this request is for the API, whose refusals are problem details."""
    return request.path_info.startswith("/api/")


def answer(request: HttpRequest, error: MindoryError) -> HttpResponse:
    """Return the response for `error` in the form this request reads."""
    response: HttpResponse
    error.sentence = _(error.sentence)  # books/formats knows no Django, so its sentences are English until here
    if reads_pages(request):
        response = render(request, [f"{error.status}.html", "error.html"], {"error": error}, status=error.status)
    elif is_of_the_api(request):
        response = JsonResponse(error.as_problem(), status=error.status, content_type=PROBLEM)
    else:
        response = JsonResponse(error.as_dict(), status=error.status)
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what could not be understood at all (Django's handler400)."""
    return answer(request, NotUnderstood(_("Mindory could not understand this request.")))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what this reader may not do (handler403)."""
    return answer(request, NotAllowed(_("Your account may not do this.")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF token is missing or old."""
    log.info("refused", code="csrf", reason=reason, path=told_path(request))
    return answer(request, NotAllowed(_("This form is too old. Go back, reload the page and send it again.")))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere (handler404)."""
    return answer(request, NotFound(_("The book may have been removed, or the link was cut short.")))


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer someone who tries too often (the handler429 that allauth looks for)."""
    return answer(request, TooMany(_("Too many attempts. Wait a few minutes and try again."), retry_after=60))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer a fault of our own (handler500)."""
    return answer(request, MindoryError(_("Mindory stumbled. What happened is in the log; nothing of yours is lost.")))


def site(request: HttpRequest) -> dict[str, Any]:
    """Template context of every page."""
    return {
        "MINDORY_VERSION": settings.VERSION,
        "SOURCE_URL": settings.SOURCE_URL,
        "SIGNUP": settings.SIGNUP,
    }
