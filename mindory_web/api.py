"""The API: `/api/v1/`, its schema, and its handbook at `/api/docs`.

The operations are in `books/api/` and `memory/api/`.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from http.cookies import SimpleCookie
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import HttpBearer, SessionAuth

from books.api import router
from memory.api import router as memory
from memory.api.members import describe
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import (
    PROBLEM,
    Invalid,
    MindoryError,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    problem,
)
from mindory_web.lib.fields import faults
from mindory_web.lib.http import answer
from mindory_web.lib.logs import request_id
from mindory_web.lib.threads import in_thread

log = structlog.get_logger(__name__)

TAKES_FILES = re.compile(
    r"/api/v1/(books|uploads|memory/import|books/[0-9]{1,19}/cover|uploads/[0-9a-f-]{36})|/books/[0-9]{1,19}/about/cover"
)
CODES = {400: "bad_request", 401: "not_signed_in", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed"}


class KeyAuth(HttpBearer):
    """`Authorization: Bearer KEY`. A header that opens nothing is refused, whatever the cookies say."""

    openapi_description = "A key made on the settings page, or by `manage.py api_key NAME`."

    def __call__(self, request: HttpRequest) -> Reader | None:
        if not request.headers.get("Authorization"):
            return None
        reader = super().__call__(request)
        if reader is None:
            raise NotSignedIn(_("This key is not valid. It may have been revoked or have ended."))
        assert isinstance(reader, Reader)
        return reader

    def authenticate(self, request: HttpRequest, token: str) -> Reader | None:
        """Return the key's reader, and remember the key, so that long streams can ask whether it still stands."""
        key = keys.key_of(token.strip())
        if key is None:
            return None
        request.api_key_id = key.pk  # type: ignore[attr-defined]
        request.api_key_name = key.name  # type: ignore[attr-defined]
        request.user = key.reader  # so that the log says whose request it was
        return key.reader


class BrowserAuth(SessionAuth):
    """The session of a signed-in browser; methods that change something need the CSRF token."""

    openapi_description = "The session cookie, with `X-CSRFToken` for POST, PUT, PATCH and DELETE."


class Described(NinjaAPI):
    """The API, whose schema says that refusals are problem details, and names operations as our functions do."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the function: a generated client has it as a method."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **how: Any) -> Any:
        """Return the schema; what has the shape of a Failure has its media type too."""
        schema = super().get_openapi_schema(**how)
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in response.get("content", {}):
                        response["content"] = {PROBLEM: response["content"].pop("application/json")}
        describe(schema)
        return schema


api = Described(
    title="Mindory",
    version=settings.VERSION,
    description="Books, their text, search with exact places, and conversations whose quotes are checked.",
    urls_namespace="api",
    docs_url=None,
    auth=[KeyAuth(), BrowserAuth()],
)
api.add_router("", router)
api.add_router("/memory", memory)


@api.exception_handler(MindoryError)
def refused(request: HttpRequest, error: MindoryError) -> HttpResponse:
    """Answer an expected error."""
    log.info("refused", code=error.code, status=error.status, path=request.path)
    return answer(request, error)


@api.exception_handler(AuthenticationError)
def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Answer a caller without a key and without a session."""
    response = answer(request, NotSignedIn(_("Sign in, or send a key: Authorization: Bearer KEY.")))
    response.headers["WWW-Authenticate"] = 'Bearer realm="Mindory"'
    return response


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer input of the wrong shape: which field, and why."""
    fields = faults({**each, "loc": _as_sent(each["loc"])} for each in error.errors)
    first = f"{fields[0]['field']}: {fields[0]['message']}" if fields else ""
    sentence = _("This request is not right: %(first)s.") % {"first": first}
    return answer(request, Invalid(sentence, fields=fields))


def _as_sent(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return the path to a field as the caller knows it: without where it stood and how our function calls it."""
    where, *path = loc
    if where == "body" or (len(path) > 1 and isinstance(path[1], str)):
        path = path[1:]
    return tuple(path) or (where,)


@api.exception_handler(HttpError)
def refused_by_protocol(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer what django-ninja refuses itself: a body that is not JSON, a missing CSRF token."""
    if error.status_code == 403:
        return answer(request, NotAllowed(_("The CSRF token is missing or old. Reload the page.")))
    return plain(error.status_code, str(error))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(BadRequest)
@api.exception_handler(SuspiciousOperation)
def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a body that Django refuses to take apart: a form with a broken boundary, too many fields."""
    log.info("unreadable_body", path=request.path, why=str(error)[:200])
    if isinstance(error, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sentence = _("This request is over the limit of %(limit)s.") % {"limit": filesizeformat(limit)}
        return answer(request, TooLarge(sentence, limit=limit))
    return plain(400, _("The body of this request cannot be read. Send a file as multipart/form-data."))


@api.exception_handler(Http404)
def not_there(request: HttpRequest, error: Http404) -> HttpResponse:
    """Answer a thing that is not there."""
    return answer(request, NotFound(_("There is nothing at this address.")))


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Record a fault of our own and answer with the id it is recorded under."""
    log.error("api_failed", path=request.path, method=request.method, exc_info=error)
    sentence = _("Mindory stumbled over this request. The log has more under this id.")
    body = problem(500, "internal", sentence, request_id=request_id())
    return JsonResponse(body, status=500, content_type=PROBLEM)


def plain(status: int, sentence: str) -> HttpResponse:
    """Return an error of HTTP itself in the shape of ours."""
    return JsonResponse(problem(status, CODES.get(status, "error"), sentence), status=status, content_type=PROBLEM)


def _in_our_shape(response: HttpResponseBase) -> HttpResponseBase:
    if not isinstance(response, HttpResponseNotAllowed):
        return _as_problem(response)
    allowed = response.headers["Allow"]
    shaped = plain(405, _("Only %(methods)s can be used here.") % {"methods": allowed})
    shaped.headers["Allow"] = allowed
    return shaped


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """Make problem details of a refusal that an operation answered itself, with whatever else it tells."""
    if response.status_code < 400 or not isinstance(response, JsonResponse) or response["Content-Type"] == PROBLEM:
        return response
    told = json.loads(response.content)
    error = told["error"]
    whole = problem(response.status_code, error["code"], error["message"])
    response.content = json.dumps({**whole, **told}).encode()
    response["Content-Type"] = PROBLEM
    return response


def shaped(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give a wrong method the same error body as everything else."""
    if iscoroutinefunction(view):

        @wraps(view)
        async def later(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _in_our_shape(await view(request, *args, **kwargs))

        return later

    @wraps(view)
    def now(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _in_our_shape(view(request, *args, **kwargs))

    return now


@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """Show the operations, to read and to try; everything it needs comes from here."""
    return render(request, "api/docs.html")


def _urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    patterns, app, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = shaped(pattern.callback)
    both_ways = [each for each in patterns if isinstance(each, URLPattern) and str(each.pattern).endswith("/")]
    without_slash = [path(str(each.pattern).removesuffix("/"), each.callback) for each in both_ways]
    return [*patterns, *without_slash], app, namespace


urlpatterns = [path("docs", handbook, name="api-docs"), path("v1/", _urls())]


def takes_files(address: str) -> bool:
    """Say whether uploads are taken at this path."""
    return TAKES_FILES.fullmatch(address) is not None


async def knows(headers: Mapping[str, str]) -> bool:
    """Say whether these request headers carry a session or key that opens something (before a body is read)."""
    return await in_thread(_knows)(headers)  # no request of Django's ends here and closes what it used


def _knows(headers: Mapping[str, str]) -> bool:
    scheme, _space, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return keys.key_of(secret.strip()) is not None
    morsel = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return False
    request = HttpRequest()
    request.session = SessionStore(morsel.value)
    return bool(get_user(request).is_authenticated)
