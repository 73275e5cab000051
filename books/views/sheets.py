"""The pages of a PDF as they are printed: pictures, and the words that are laid over them."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from books import drawing, page_links, pages
from books.serving import FOR_EVER, picture_response
from books.store import BookStore
from books.views.reader import whole
from books.views.request import ReaderRequest

PART: Final = ":"  # between column and row of a part


@require_safe
@login_required
def page(request: ReaderRequest, pk: int, number: int) -> HttpResponseBase:
    """Show a page, or a part of it (`part=column:row`, of a page 4,800 or 9,600 pixels wide)."""
    book = BookStore(request.user).book(pk)
    width = whole(request.GET.get("width")) or 0
    column, _between, row = request.GET.get("part", "").partition(PART)
    across, down = whole(column), whole(row)
    if across is None or down is None:
        shown = drawing.drawn(book, number, width=width)
    else:
        shown = drawing.part(book, number, width=width, column=across, row=down)
    return picture_response(request, shown, is_for_ever=request.GET.get("v") == book.digest[: pages.VERSION])


@conditional_page
@require_safe
@login_required
def words(request: ReaderRequest, pk: int, number: int) -> HttpResponseBase:
    """Tell where the words of a page stand: see books/pages.py `layer`."""
    response = JsonResponse({"lines": pages.layer(BookStore(request.user).book(pk), number)})
    patch_cache_control(response, private=True, no_cache=True)
    return response


@conditional_page
@require_safe
@login_required
def links(request: ReaderRequest, pk: int, number: int) -> HttpResponseBase:
    """Tell what can be clicked on a page and its neighbours: see books/page_links.py."""
    book = BookStore(request.user).book(pk)
    response = JsonResponse({"links": page_links.around(book, number)})
    if request.GET.get("v") == book.digest[: pages.VERSION]:
        response["Cache-Control"] = FOR_EVER
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response
