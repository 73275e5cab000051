"""The library: the shelf, its parts as fragments, and one card of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from books import browsing
from books.browsing import NONE, Wish
from books.collections import Collections
from books.formats import kinds
from books.grouping import grouped
from books.models import Book
from books.store import BookStore
from books.views.about import language_name
from books.views.request import ReaderRequest
from books.views.shelf import NOT_SHOWN, Standing, adding, standing, words_at
from mindory_web.accounts.models import Reader

MEGABYTE: Final = 1024 * 1024
CONTINUED: Final = 4  # books: the one being read, and three beside it
AT_ONCE: Final = 48  # covers: more than a screen; the rest comes while one scrolls
GROUPS_AT_ONCE: Final = 12
MOST_GROUPS: Final = 96  # when a page that shows more of them than at once fetches them anew
ADDED_AT_ONCE: Final = 24  # rows of books on their way
FOUND_AT_ONCE: Final = 12  # books whose title fits what is typed
MOST_CHOSEN: Final = 500  # books at once
VIEWS: Final = ("covers", "list")
SORT_NAMES: Final = {
    "opened": gettext_lazy("Last opened"),
    "title": gettext_lazy("Title"),
    "author": gettext_lazy("Author"),
    "added": gettext_lazy("Date added"),
    "progress": gettext_lazy("Progress"),
    "length": gettext_lazy("Length"),
    "series": gettext_lazy("Series"),
}
STATE_NAMES: Final = {
    "reading": gettext_lazy("Reading now"),
    "finished": gettext_lazy("Finished"),
    "new": gettext_lazy("Not begun"),
    "adding": gettext_lazy("Being added"),
    "failed": pgettext_lazy("books", "Not added"),
}
BY_NAMES: Final = {
    "author": gettext_lazy("By author"),
    "series": gettext_lazy("By series"),
    "language": gettext_lazy("By language"),
    "state": gettext_lazy("By state"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A group of the shelf: its name, the address of its own shelf, how many books it has, and the first of them."""

    name: str
    query: str
    count: int
    items: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes what is shown."""

    name: str
    query: str
    is_on: bool = False
    title: str = ""


@require_safe
@login_required
@ensure_csrf_cookie
def library(request: ReaderRequest) -> HttpResponse:
    """Show the reader's shelf."""
    reader = request.user
    wish = Wish.of(request.GET.dict())
    mine = Book.objects.filter(owner=reader)
    waiting = mine.exclude(state=Book.State.READY)
    on_their_way = waiting.defer(*NOT_SHOWN).order_by("-created_at", "-pk")
    context = {
        **shown(request, wish),
        **continued(reader),
        "adding": adding(on_their_way[:ADDED_AT_ONCE]),
        "adding_count": waiting.count(),
        "has_books": mine.exists(),
        "accept": ",".join(kinds.SUFFIXES),
        "formats": ", ".join(kinds.LABELS),
        "upload_limit": settings.UPLOAD_LIMIT,
        "megabytes": settings.UPLOAD_LIMIT // MEGABYTE,
        "query": wish.words,
    }
    return render(request, "library/library.html", context)


@require_safe
@login_required
def shelf(request: ReaderRequest) -> HttpResponse:
    """Show the shelf alone, with `upto` at least as many groups of it; or, with `from`, the next books of it."""
    context = shown(request, Wish.of(request.GET.dict()))
    return render(request, "library/_more.html" if request.GET.get("from") else "library/_shelf.html", context)


@require_safe
@login_required
def filters(request: ReaderRequest) -> HttpResponse:
    """Show what the shelf can be filtered by."""
    wish, found = Wish.of(request.GET.dict()), browsing.facets(request.user)
    context = {
        "wish": wish,
        "none": NONE,
        "states": STATE_NAMES.items(),
        "authors": found.authors,
        "series": found.series,
        "languages": [(code, _language(code), n) for code, n in found.languages],
    }
    return render(request, "library/_filters.html", context)


@require_safe
@login_required
def found(request: ReaderRequest) -> HttpResponse:
    """Show the books whose title, authors or series have the words that are typed, best first; without any the last."""
    words = Wish.of(request.GET.dict()).words
    books = browsing.found(request.user, Wish()).defer(*NOT_SHOWN)
    if words:
        ranked = browsing.by_words(request.user, words)
        best = {pk: rank for rank, pk in enumerate(ranked[:FOUND_AT_ONCE])}
        items = sorted(books.filter(pk__in=best), key=lambda book: best[book.pk])
        count = len(ranked)
    else:
        items = list(books[:FOUND_AT_ONCE])
        count = len(items)
    context = {"items": [standing(book) for book in items], "count": count, "query": words}
    return render(request, "library/_found.html", context)


@require_safe
@login_required
def sidebar(request: ReaderRequest) -> HttpResponse:
    """Show the part of the sidebar that changes with the shelf."""
    return render(request, "library/_sidebar.html", sidebar_of(request, request.user))


@require_safe
@login_required
def chosen(request: ReaderRequest) -> HttpResponse:
    """Show the collections, and which of them hold the books that the address names."""
    numbers = request.GET.get("books", "").split(",")[:MOST_CHOSEN]
    books = sorted({int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) < 19})
    collections = Collections(request.user)
    held = collections.holding(books)
    rows = [(collection, held.get(collection.pk, 0)) for collection in collections.all()]
    return render(request, "library/_chosen.html", {"rows": rows, "count": len(books)})


@require_safe
@login_required
def card(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show one book as it stands on the shelf now: as a job, or as a cover when it is ready."""
    BookStore(request.user).book(pk)  # someone else's is not found
    book = browsing.found(request.user, Wish()).get(pk=pk)
    if book.state == Book.State.READY:
        return render(request, "library/_standing.html", {"item": standing(book)})
    return render(request, "library/_job.html", {"item": adding([book])[0]})


def shown(request: ReaderRequest, wish: Wish) -> dict[str, Any]:
    """Return the context of the shelf: its books from the one the address names, and the ways to change it."""
    start = _number(request.GET.get("from", ""))
    collection = Collections(request.user).one(wish.collection) if wish.collection else None
    return {
        "wish": wish,
        "collection": collection,
        "heading": _heading(wish, collection),
        "sorts": _sorts(wish),
        "groupings": _groupings(wish),
        "narrowed": _narrowed(wish, collection),
        "collections": Collections(request.user).all(),
        **(_in_groups if wish.by else _in_a_row)(request, wish, start),
    }


def _in_a_row(request: ReaderRequest, wish: Wish, start: int) -> dict[str, Any]:
    books = browsing.found(request.user, wish)
    if not wish.is_filtered:
        books = books.filter(state=Book.State.READY)  # the others stand above, among those being added
    page = list(books.defer(*NOT_SHOWN)[start : start + AT_ONCE + 1])
    view = request.GET.get("view") or request.COOKIES.get("view", "")
    return {
        "shelved": [standing(book) for book in page[:AT_ONCE]],
        "count": books.count() if len(page) > AT_ONCE or start else len(page),
        "next": start + AT_ONCE if len(page) > AT_ONCE else 0,
        "view": view if view in VIEWS else VIEWS[0],
    }


def _in_groups(request: ReaderRequest, wish: Wish, start: int) -> dict[str, Any]:
    most = min(max(_number(request.GET.get("upto", "")), GROUPS_AT_ONCE), MOST_GROUPS)
    found = grouped(request.user, wish, start=start, most=most, unseen=NOT_SHOWN)
    after = start + most
    return {
        "groups": [
            Shown(
                _value_name(wish.by, group.value),
                wish.but(by="", **{wish.by: group.value}).query(),
                group.count,
                [standing(book) for book in group.books],
            )
            for group in found.groups
        ],
        "shelved": found.groups,
        "count": found.book_count,
        "start": start,
        "next": after if after < found.total else 0,
        "view": VIEWS[0],
    }


def _value_name(what: str, value: str) -> str:
    """Return what a value of a wish is called on the page."""
    if what == "language":
        return _language(value)
    if what == "state":
        return str(STATE_NAMES[value])
    if value == NONE:
        return _("No author named") if what == "author" else _("In no series")
    return value


def continued(reader: Reader) -> dict[str, Any]:
    """Return the books being read: the last one with its last sentence, and some more."""
    begun = browsing.found(reader, Wish(state="reading")).filter(state=Book.State.READY).defer(*NOT_SHOWN)
    items = [standing(book) for book in begun[:CONTINUED]]
    if not items:
        return {"now": None, "also": []}
    first = items[0]
    return {"now": Standing(first.book, first.percent, first.heading, words_at(first.book)), "also": items[1:]}


def sidebar_of(request: HttpRequest, reader: Reader) -> dict[str, Any]:
    """Return the collections with their counts, and which of them is shown."""
    is_here = request.path == "/" or request.path.startswith("/shelf/")
    here = Wish.of(request.GET.dict()).collection if is_here else 0
    return {
        "collections": Collections(reader).all(),
        "here": here,
        "book_count": Book.objects.filter(owner=reader).count(),
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _language(code: str) -> str:
    return _("Not known") if code == "und" else language_name(code)


def _heading(wish: Wish, collection: Any) -> str:
    """Return the name of the shelf that is shown: that of the one thing it is filtered by."""
    if wish.by and not wish.is_filtered:
        return str(BY_NAMES[wish.by])
    wish = wish.but(by="")
    if wish.but(words="") == Wish(sort=wish.sort, collection=wish.collection) and collection:
        return str(collection.name)
    alone = [wish.but(sort="") == Wish(**{name: getattr(wish, name)}) for name in ("author", "series")]
    if any(alone):
        return _value_name(*(("author", wish.author) if wish.author else ("series", wish.series)))
    if wish.state and wish.but(sort="") == Wish(state=wish.state):
        return str(STATE_NAMES[wish.state])
    return ""


def _sorts(wish: Wish) -> list[Choice]:
    """Return the orders; the one that is on turns round when it is chosen again."""
    now = wish.order
    choices = []
    for name, label in SORT_NAMES.items():
        is_on = now.removeprefix("-") == name
        turned = f"-{name}" if now == name else name
        choices.append(Choice(str(label), wish.but(sort=turned).query(), is_on, now if is_on else ""))
    return choices


def _groupings(wish: Wish) -> list[Choice]:
    """Return the ways to group the shelf; the one that is on is taken back when it is chosen again."""
    return [
        Choice(str(label), wish.but(by="" if wish.by == name else name).query(), is_on=wish.by == name)
        for name, label in BY_NAMES.items()
    ]


def _narrowed(wish: Wish, collection: Any) -> list[Choice]:
    """Return what the shelf is filtered by, each as the link that takes it away."""
    named = {
        "collection": collection.name if collection else "",
        **{what: _value_name(what, value) for what in BY_NAMES if (value := getattr(wish, what))},
        "words": f"“{wish.words}”" if wish.words else "",
    }
    empty = Wish()
    return [
        Choice(str(value), wish.but(**{name: getattr(empty, name)}).query(), is_on=True)
        for name, value in named.items()
        if value
    ]
