"""What a browser may keep of a reader, for when there is no connection: whose it is stands on every answer.

The service worker (frontend/static/js/worker.js) keeps pages under the name that `Kept-For` gives, and throws away
what it has as soon as an answer names somebody else, or nobody.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

HEADER: Final = "Kept-For"
NOBODY: Final = "-"
COOKIE: Final = "offline"  # "off": this browser keeps nothing


def keeps(request: HttpRequest) -> bool:
    """Say whether this browser may keep what is read: the reader stays signed in here, and did not say no."""
    if not request.user.is_authenticated or request.COOKIES.get(COOKIE) == "off":
        return False
    return not request.session.get_expire_at_browser_close()


def stays(request: HttpRequest) -> bool:
    """Say whether the reader stays signed in when the browser is closed."""
    return not request.session.get_expire_at_browser_close()


def kept_for(request: HttpRequest) -> str:
    """Return a name for the reader whose pages this browser may keep, or NOBODY. It says nothing of who they are."""
    if not keeps(request):
        return NOBODY
    return salted_hmac("mindory.accounts.offline", str(request.user.pk), algorithm="sha256").hexdigest()[:24]


def clear(response: HttpResponse) -> HttpResponse:
    """Have the browser throw away everything it kept: someone leaves it, perhaps to the next one."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


class KeptFor:
    """Say with every answer for whom it may be kept; have everything thrown away when somebody signs out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_here = request.user.is_authenticated
        response = self.get_response(request)
        response.headers[HEADER] = kept_for(request)
        if was_here and not request.user.is_authenticated:
            clear(response)
        return response
