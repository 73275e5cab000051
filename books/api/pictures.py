"""The pictures of a book and its cover: bytes, with an ETag."""

from typing import Annotated, Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from ninja.pagination import paginate

from books import pictures
from books.api import schemas
from books.api.shelf import shown, store_of
from books.covers import picture_of
from books.models import Book, Picture
from books.serving import picture_response
from mindory_web.lib.api import Id, Number, Pages, failures
from mindory_web.lib.errors import Invalid

router = Router(tags=["pictures"])

IMAGE: Final[dict[str, Any]] = {
    "responses": {
        200: {
            "description": "The picture",
            "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in pictures.SUFFIXES},
        },
        304: {"description": "You have these very bytes (If-None-Match)"},
    }
}


FORM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}


class PictureOut(Schema):
    """A picture, written anew by Mindory. `digest` is the SHA-256 of its bytes; width and height in pixels."""

    number: int
    media_type: str
    width: int
    height: int
    size: int
    digest: str


@router.get("/books/{book}/pictures", response={200: list[PictureOut], **failures(404)})
@paginate(Pages)
def list_pictures(request: HttpRequest, book: Id) -> QuerySet[Picture]:
    """List the pictures of a book; sections name them by number."""
    return Picture.objects.filter(book=store_of(request).book(book)).order_by("number")


@router.get("/books/{book}/pictures/{number}", response={200: bytes, **failures(404)}, openapi_extra=IMAGE)
def get_picture(
    request: HttpRequest, book: Id, number: Number, v: Annotated[str | None, Query(max_length=64)] = None
) -> HttpResponseBase:
    """Give a picture. With `v`, the first 12 characters of its digest, it may be kept for ever."""
    found = pictures.shown(store_of(request).book(book), number)
    return picture_response(request, found, is_for_ever=v == found.tag[: pictures.VERSION])


@router.get("/books/{book}/cover", response={200: bytes, **failures(404)}, openapi_extra=IMAGE)
def get_cover(
    request: HttpRequest, book: Id, v: Annotated[str | None, Query(max_length=64)] = None
) -> HttpResponseBase:
    """Give the picture on a book's cover: your own, or the file's. 404 when it wears a typographic one."""
    there = store_of(request).book(book)
    version = picture_of(there).rpartition("?v=")[2]
    return picture_response(request, pictures.cover(there), is_for_ever=bool(v) and v == version)


@router.put(
    "/books/{book}/cover",
    response={200: schemas.BookWhole, **failures(400, 404, 413, 429, 503)},
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}},
)
def put_cover(request: HttpRequest, book: Id) -> Book:
    """Give a book your own cover: a JPEG, PNG, WebP or GIF of at most 10 MB, as form field `file`."""
    store = store_of(request)
    store.book(book)
    store.set_cover(book, _sent(request))
    return shown(store, book)


def _sent(request: HttpRequest) -> "UploadedFile[Any]":
    """Return the file of a form that was sent by PUT, which Django takes apart for POST alone."""
    sent = None
    if request.content_type == "multipart/form-data":
        try:
            _fields, files = request.parse_file_upload(request.META, request)
        except MultiPartParserError:
            raise Invalid(_("This form could not be read.")) from None
        sent = files.get("file")
    if not isinstance(sent, UploadedFile):
        raise Invalid(_("Send the picture as the form field `file`."))
    return sent


@router.delete("/books/{book}/cover", response={204: None, **failures(404)})
def delete_cover(request: HttpRequest, book: Id) -> Status[None]:
    """Take your own cover away; the file's own is shown again."""
    store_of(request).remove_cover(book)
    return Status(204, None)
