"""The printed pages of a book."""

from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from books import drawing, pages
from books.api.shelf import store_of
from books.coordinates import Span
from books.models import Page
from books.serving import picture_response
from mindory_web.lib.api import Id, Number, Pages, failures
from mindory_web.lib.errors import Invalid

router = Router(tags=["pages"])

IMAGE: Final[dict[str, Any]] = {
    "responses": {
        200: {
            "description": "The page",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        304: {"description": "You have these very bytes (If-None-Match)"},
    }
}
LONGEST: Final = 20_000  # characters whose boxes are asked for at once


class PageLine(Schema):
    """A page. `label` is what is printed on it; it begins at character `start` of `section`.

    `width` and `height` are tenths of a point; 0 when only the label is known.
    """

    number: int
    label: str
    section: int
    start: int
    width: int
    height: int

    @staticmethod
    def resolve_label(page: Page) -> str:
        """Fall back on its number."""
        return pages.label_of(page.number, page.label)


class PageWhole(PageLine):
    """A page with its words: [section, start, end, left, top, right, bottom], in tenths of a point."""

    words: list[tuple[int, int, int, int, int, int, int]]


class BoxesOut(Schema):
    """Where words stand on a page: [left, top, right, bottom], in tenths of a point from its top left corner."""

    page: int
    label: str
    width: int
    height: int
    boxes: list[tuple[int, int, int, int]]


@router.get("/books/{book}/pages", response={200: list[PageLine], **failures(404)})
@paginate(Pages)
def list_pages(request: HttpRequest, book: Id) -> Any:
    """List the pages of a book that was printed, from number 0."""
    return pages.of(store_of(request).book(book))


@router.get("/books/{book}/pages/{number}", response={200: PageWhole, **failures(404)})
def get_page(request: HttpRequest, book: Id, number: Number) -> Page:
    """Show where the words of a page stand."""
    return pages.page(store_of(request).book(book), number)


@router.get(
    "/books/{book}/pages/{number}/image",
    response={200: bytes, **failures(404, 429)},
    openapi_extra=IMAGE,
)
def get_page_image(
    request: HttpRequest, book: Id, number: Number, width: Annotated[int, Query(ge=0, le=4000)] = 0
) -> HttpResponseBase:
    """Draw a page of a PDF, `width` pixels wide or somewhat wider (240 to 2,400; 1,200 unless told)."""
    there = store_of(request).book(book)
    return picture_response(request, drawing.drawn(there, number, width=width))


@router.get("/books/{book}/boxes", response={200: list[BoxesOut], **failures(404)})
def get_boxes(
    request: HttpRequest,
    book: Id,
    section: Annotated[Number, Query()],
    start: Annotated[Number, Query()],
    end: Annotated[Number, Query()],
) -> list[pages.Boxes]:
    """Say where the characters [start, end) of a section stand on the pages of a PDF."""
    there = store_of(request).book(book)
    if not start <= end <= start + LONGEST:
        raise Invalid(_("`end` is before `start`, or too far behind it."))
    return pages.boxes(there, Span(section, start, end))
