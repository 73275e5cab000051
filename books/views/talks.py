"""The page of conversations: the list beside the thread, and the parts of both that a page fetches."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from books.chat import talk as verbs
from books.chat.listing import listed
from books.order import in_order
from books.store import BookStore
from books.views.request import ReaderRequest
from books.views.talking import NEW, talking, thread, told_besides
from mindory_web.accounts.models import Reader

MOST_BOOKS = 100  # to choose from; a search finds the others


@require_safe
@login_required
@ensure_csrf_cookie
def talks(request: ReaderRequest) -> HttpResponse:
    """List the reader's conversations, and begin a new one with the library."""
    return _page(request, is_thread=NEW in request.GET, **talking(request, book=None))


@require_safe
@login_required
@ensure_csrf_cookie
def talk(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show one conversation, whatever it is about."""
    conversation = verbs.conversation(request.user, pk)
    return _page(request, is_thread=True, **talking(request, book=None, conversation=conversation))


def _page(request: ReaderRequest, **context: Any) -> HttpResponse:
    return render(request, "chat/talks.html", {**_list(request.user), **context})


def _list(reader: Reader, **wanted: Any) -> dict[str, Any]:
    """Return the context of a list of conversations: their lines, and which of them are not remembered."""
    found = listed(reader, **wanted)
    facts = told_besides(reader, [line.talk.pk for line in found.lines])
    return {"listed": found, "forgetful": {number for number, known in facts.items() if known.get("is_forgetful")}}


@require_safe
@login_required
def talk_list(request: ReaderRequest) -> HttpResponse:
    """Show the list of conversations: those with a book, those in which words were said."""
    book, shown = (_number(request, name) for name in ("book", "conversation"))
    found = _list(request.user, book=book, words=request.GET.get("q", ""))
    return render(request, "chat/_list.html", {**found, "shown": shown, "is_in_book": book is not None})


@require_safe
@login_required
def talk_thread(request: ReaderRequest) -> JsonResponse:
    """Tell a page the conversation it goes to; without one, how a new one begins."""
    book, number = _number(request, "book"), _number(request, "conversation")
    opened = BookStore(request.user).book(book) if book is not None else None
    conversation = verbs.conversation(request.user, number) if number is not None else None
    return JsonResponse(thread(request.user, book=opened, conversation=conversation))


@require_safe
@login_required
def talk_books(request: ReaderRequest) -> HttpResponse:
    """Show books to choose from: those whose title or author has the words."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    books = BookStore(request.user).books().filter(is_readable=True)
    if words:
        books = books.filter(Q(title__icontains=words) | Q(authors__icontains=words))
    return render(
        request,
        "chat/_books.html",
        {"books": books.order_by(in_order(Lower("title")), "pk")[:MOST_BOOKS], "words": words},
    )


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
