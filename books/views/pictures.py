"""Pictures of a book and its cover, as pages show them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from books import pictures
from books.covers import picture_of
from books.serving import picture_response
from books.store import BookStore
from books.views.request import ReaderRequest


@require_safe
@login_required
def picture(request: ReaderRequest, pk: int, number: int) -> HttpResponseBase:
    """Show a picture of a book."""
    shown = pictures.shown(BookStore(request.user).book(pk), number)
    return picture_response(request, shown, is_for_ever=request.GET.get("v") == shown.tag[: pictures.VERSION])


@require_safe
@login_required
def cover(request: ReaderRequest, pk: int) -> HttpResponseBase:
    """Show the picture on a book's cover: its reader's own, or the file's."""
    book = BookStore(request.user).book(pk)
    version = picture_of(book).rpartition("?v=")[2]
    return picture_response(request, pictures.cover(book), is_for_ever=request.GET.get("v", "") == version != "")
