"""The memory page, and the parts of it that its modules fetch. What changes something is the API's."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from memory import browsing
from memory.browsing import FORGOTTEN, Wish
from memory.callers import count_search
from memory.errors import NotFound
from memory.facts import as_it_was, past
from memory.manager import MemoryManager


@require_safe
@login_required
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """Show what is remembered, each thing with where it comes from."""
    owner = _owner(request)
    whole = {"mind": MemoryManager(owner).mind(), "rail": browsing.rail(owner)}
    return render(request, "memory/memory.html", {**whole, **_body(request)})


@require_safe
@login_required
def body(request: HttpRequest) -> HttpResponse:
    """Show the part below the finder; with `from`, only what comes next."""
    start = _number(request.GET.get("from", ""))
    if not start:
        return render(request, "memory/_body.html", _body(request))
    wish = Wish.of(request.GET.dict())
    return render(request, "memory/_sections.html", {"wish": wish, "shown": _shown(request, wish, start)})


@require_safe
@login_required
def kinds(request: HttpRequest) -> HttpResponse:
    """Show how many things of each kind there are now."""
    wish = Wish.of(request.GET.dict())
    return render(request, "memory/_kinds.html", {"wish": wish, "counts": browsing.counts(_owner(request), wish)})


@require_safe
@login_required
def fact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one thing."""
    shown = as_it_was([MemoryManager(_owner(request)).get(pk)], None)[0]
    books = [] if shown.memory.book is None else [shown.memory.book]
    return render(request, "memory/_one.html", {"fact": shown, "books": books})


@require_safe
@login_required
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the words of a book that a thing stands on; where they cannot be found, to the book, which says so."""
    memory = MemoryManager(_owner(request)).get(pk)
    if memory.book is None:
        raise NotFound(_("This does not come from a book."))
    there = import_string(settings.MEMORY_PLACE)(memory)
    if there:
        told = {"section": there.section, "start": there.start, "end": there.end}
    elif memory.section is not None and memory.start is not None and not memory.quote:
        told = {"section": memory.section, "start": memory.start}  # whoever told it gave no words: none are marked
    else:
        told = {"lost": 1}
    return redirect(f"{reverse('book', args=[memory.book])}?{urlencode(told)}")


@require_safe
@login_required
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a thing said before."""
    memory = MemoryManager(_owner(request)).get(pk)
    return render(request, "memory/_history.html", {"memory": memory, "past": past(memory)})


def _body(request: HttpRequest) -> dict[str, Any]:
    owner, wish = _owner(request), Wish.of(request.GET.dict())
    around = browsing.overview(owner, wish)
    context: dict[str, Any] = {"wish": wish, "counts": around.counts, "books": around.books, "total": around.total}
    if wish.kind == FORGOTTEN:
        return {**context, "gone": browsing.forgotten(owner), "shown": browsing.Shown([])}
    if wish.book is not None:
        context["of_book"] = browsing.of_book(owner, wish.book)
    return {**context, "shown": _shown(request, wish, _number(request.GET.get("from", "")))}


def _shown(request: HttpRequest, wish: Wish, start: int) -> browsing.Shown:
    owner = _owner(request)
    if wish.words:
        count_search(owner)
    return browsing.shown(owner, wish, start=start)


def _owner(request: HttpRequest) -> int:
    return int(request.user.pk)  # type: ignore[arg-type]  # `login_required` sees to it that there is one


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
