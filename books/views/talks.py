"""Conversations with the whole library."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from books.chat import talk as talking_verbs
from books.views.request import ReaderRequest
from books.views.talking import talking

LISTED = 200  # conversations on the page


@require_safe
@login_required
@ensure_csrf_cookie
def talks(request: ReaderRequest) -> HttpResponse:
    """List the reader's conversations, with books and with the library, and start a new one."""
    found = talking_verbs.conversations(request.user).select_related("book")[:LISTED]
    return render(request, "chat/talks.html", {"conversations": found, **talking(request, book=None)})


@require_safe
@login_required
@ensure_csrf_cookie
def talk(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show one conversation with the library."""
    conversation = talking_verbs.conversation(request.user, pk)
    return render(request, "chat/talk.html", talking(request, book=None, conversation=conversation))
