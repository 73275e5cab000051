"""The shelf, and one card of it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from books.formats import kinds
from books.models import Book
from books.store import BookStore
from books.views.request import ReaderRequest
from books.views.shelf import Standing, adding, standing, with_places, words_at

MEGABYTE = 1024 * 1024
CONTINUED = 4  # books: the one being read, and three beside it


@require_safe
@login_required
@ensure_csrf_cookie
def library(request: ReaderRequest) -> HttpResponse:
    """Show the reader's shelf."""
    store = BookStore(request.user)
    books = list(with_places(store.books(), reader_id=request.user.pk))
    shelved = [standing(book) for book in books if book.state == Book.State.READY]
    begun = [item for item in map(standing, books) if item.percent is not None and not item.is_finished][:CONTINUED]
    now = Standing(begun[0].book, begun[0].percent, begun[0].heading, words_at(begun[0].book)) if begun else None
    context = {
        "shelved": shelved,
        "adding": adding(books),
        "now": now,
        "also": begun[1:],
        "accept": ",".join(kinds.SUFFIXES),
        "formats": ", ".join(kinds.LABELS),
        "upload_limit": settings.UPLOAD_LIMIT,
        "megabytes": settings.UPLOAD_LIMIT // MEGABYTE,
        "query": request.GET.get("q", ""),
    }
    return render(request, "library/library.html", context)


@require_safe
@login_required
def card(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show one book as it stands on the shelf now: as a job, or as a cover when it is ready."""
    store = BookStore(request.user)
    store.book(pk)  # someone else's is not found
    book = with_places(store.books(), reader_id=request.user.pk).get(pk=pk)
    if book.state == Book.State.READY:
        return render(request, "library/_standing.html", {"item": standing(book)})
    return render(request, "library/_job.html", {"item": adding([book])[0]})
