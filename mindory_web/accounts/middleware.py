"""What happens to every request of a reader: their language, their session's sign of life, the very first visit."""

from collections.abc import Callable
from typing import Final

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac

from mindory_web.accounts import first_admin

SEEN_EVERY: Final = 60  # seconds
Answer = Callable[[HttpRequest], HttpResponse]


class ReaderLanguage(LocaleMiddleware):
    """The interface language: the reader's choice, else the cookie, else the browser's."""

    def process_request(self, request: HttpRequest) -> None:
        """Set the language of this request."""
        chosen = getattr(request.user, "language", "")
        if chosen in dict(settings.LANGUAGES):
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)


class TrackSessions:
    """Note where a session was last seen: at its first request, then once a minute, not at every click."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session_key = request.session.session_key
        if session_key and request.user.is_authenticated:
            name = salted_hmac("mindory.accounts.seen", session_key).hexdigest()
            if cache.add(f"seen:{name}", 1, SEEN_EVERY):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class FirstVisit:
    """While there is no admin, the doors lead to the page that tells how to make one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and request.path in self._doors() and not request.user.is_authenticated:
            return self.get_response(request) if first_admin.has_admin() else redirect("setup")
        return self.get_response(request)

    def _doors(self) -> tuple[str, ...]:
        return ("/", reverse("account_login"), reverse("account_signup"))
