"""Files that come in pieces: the tus 1.0 protocol (https://tus.io) over books/uploads.py.

Core, creation, creation-with-upload, expiration, checksum, termination. `GET` is ours: how an upload stands, as JSON.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from ninja import Router, Schema

from books.api.schemas import Problem
from books.errors import BadUpload, BookTooLarge
from books.models import Upload
from books.sentences import translated
from books.uploads import ALGORITHMS, Checksum, Uploads
from mindory_web.lib.api import failures, reader_of
from mindory_web.lib.errors import MindoryError, NotFound
from mindory_web.lib.http import answer
from mindory_web.lib.logs import request_id

router = Router(tags=["uploads"])

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
PIECE: Final = "application/offset+octet-stream"
BLOCK: Final = 256 * 1024  # bytes at once from the request to the disk
LENGTH: Final = re.compile(r"[0-9]{1,18}")

Door = Callable[..., HttpResponse]


class UploadOut(Schema):
    """How an upload stands. `book` is there when the file became one, `error` when it was refused."""

    class BookNamed(Schema):
        """The book that a file became, or was already (`is_new` false)."""

        id: int
        title: str
        is_new: bool
        is_readable: bool

    id: UUID
    file_name: str
    size: int
    received: int
    expires_at: datetime
    book: BookNamed | None
    error: Problem | None

    @staticmethod
    def resolve_book(upload: Upload) -> "UploadOut.BookNamed | None":
        """Name the book."""
        if upload.book is None:
            return None
        book = upload.book
        return UploadOut.BookNamed(id=book.pk, title=book.title, is_new=upload.is_new, is_readable=book.is_readable)

    @staticmethod
    def resolve_error(upload: Upload) -> Problem | None:
        """Say why the file was refused."""
        if not upload.error_code:
            return None
        return Problem(code=upload.error_code, message=translated(upload.error_message))


class WrongVersion(MindoryError):
    """The client speaks another version of the protocol."""

    code = "wrong_version"
    status = 412


class WrongType(MindoryError):
    """The body is not a piece of a file."""

    code = "wrong_type"
    status = 415


def tus(door: Door) -> Door:
    """Refuse another version of the protocol, and name ours in every answer, refusals included."""

    @wraps(door)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if request.headers.get("Tus-Resumable", VERSION) != VERSION:
                raise WrongVersion(_("Mindory takes uploads by version 1.0.0 of tus."))
            response = door(request, *args, **kwargs)
        except MindoryError as refusal:
            response = answer(request, refusal)
            if isinstance(refusal, WrongVersion):
                response.headers["Tus-Version"] = VERSION
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


@router.api_operation(["OPTIONS"], "/uploads", response={204: None, **failures()}, summary="What is spoken here")
def about_uploads(request: HttpRequest) -> HttpResponse:
    """Name the version of tus, its extensions and the largest file."""
    response = HttpResponse(status=204)
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(settings.UPLOAD_LIMIT)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response


@router.post("/uploads", response={201: UploadOut, **failures(400, 412, 413, 415, 429, 503)})
@tus
def begin_upload(request: HttpRequest) -> HttpResponse:
    """Announce a file: `Upload-Length`, and its name in `Upload-Metadata`. Its first bytes may come along."""
    uploads = Uploads(reader_of(request))
    if "Upload-Defer-Length" in request.headers:
        raise BadUpload(_("Say how long the file is: Upload-Length."))
    upload = uploads.begin(size=_length(request, "Upload-Length"), name=_file_name(request))
    if request.headers.get("Content-Type") == PIECE:
        upload = _append(uploads, upload.pk, request, offset=0)
    response = JsonResponse(_as_json(upload), status=422 if upload.error_code else 201)
    response.headers["Location"] = f"/api/v1/uploads/{upload.pk}"
    return _told(response, upload)


@router.api_operation(["HEAD"], "/uploads/{upload}", response={200: None, **failures(404, 412)})
@tus
def look_at_upload(request: HttpRequest, upload: str) -> HttpResponse:
    """Say how many bytes are here."""
    found = Uploads(reader_of(request)).one(_id(upload), request_id=request_id())
    return _told(HttpResponse(), found)


@router.get("/uploads/{upload}", response={200: UploadOut, **failures(404)})
def get_upload(request: HttpRequest, upload: str) -> Upload:
    """Show how an upload stands, and what became of it."""
    return Uploads(reader_of(request)).one(_id(upload), request_id=request_id())


@router.patch(
    "/uploads/{upload}",
    response={204: None, 200: UploadOut, **failures(400, 404, 409, 412, 413, 415, 460, 503)},
)
@tus
def append_to_upload(request: HttpRequest, upload: str) -> HttpResponse:
    """Send the next bytes, from `Upload-Offset` on. With the last ones it becomes a book, or is refused (422).

    `Prefer: return=representation` has the answer say how it stands.
    """
    uploads = Uploads(reader_of(request))
    found = uploads.one(_id(upload), request_id=request_id())
    if request.headers.get("Content-Type") != PIECE:
        raise WrongType(_("The body must be application/offset+octet-stream."))
    found = _append(uploads, found.pk, request, offset=_length(request, "Upload-Offset"))
    if found.error_code:
        error = {"code": found.error_code, "message": translated(found.error_message)}
        return _told(JsonResponse({"error": error}, status=422), found)
    if request.headers.get("Prefer") == "return=representation":
        return _told(JsonResponse(_as_json(found)), found)
    return _told(HttpResponse(status=204), found)


@router.delete("/uploads/{upload}", response={204: None, **failures(404, 412)})
@tus
def end_upload(request: HttpRequest, upload: str) -> HttpResponse:
    """Forget an upload and what came of it. A book that it became stays."""
    Uploads(reader_of(request)).end(_id(upload))
    return HttpResponse(status=204)


def _append(uploads: Uploads, pk: UUID, request: HttpRequest, *, offset: int) -> Upload:
    checksum = Checksum.of(request.headers["Upload-Checksum"]) if "Upload-Checksum" in request.headers else None
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_LIMIT:
        raise BookTooLarge(_("These are more bytes than were announced."), limit=settings.UPLOAD_LIMIT)
    return uploads.append(pk, offset=offset, chunks=_blocks(request), checksum=checksum, request_id=request_id())


def _blocks(request: HttpRequest) -> Iterator[bytes]:
    while block := request.read(BLOCK):
        yield block


def _told(response: HttpResponse, upload: Upload) -> HttpResponse:
    response.headers["Upload-Offset"] = str(upload.received)
    response.headers["Upload-Length"] = str(upload.size)
    if upload.received < upload.size:
        response.headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    if upload.book_id:
        response.headers["Upload-Book"] = str(upload.book_id)
    if upload.error_code:
        response.headers["Upload-Refused"] = upload.error_code
    return response


def _as_json(upload: Upload) -> Any:
    return UploadOut.from_orm(upload).model_dump(mode="json")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("There is no such upload. It may have ended; send the file again.")) from None


def _length(request: HttpRequest, name: str) -> int:
    said = request.headers.get(name, "")
    if not LENGTH.fullmatch(said):
        raise BadUpload(_("The header %(name)s must be a number of bytes.") % {"name": name})
    return int(said)


def _file_name(request: HttpRequest) -> str:
    """Return the name in `Upload-Metadata`: pairs of a word and base64, with commas between them."""
    said: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        if not key:
            continue
        try:
            said[key] = b64decode(value, validate=True).decode()
        except (NotBase64, ValueError) as error:  # bytes that are no UTF-8 are ValueErrors
            raise BadUpload(_("The header Upload-Metadata cannot be read.")) from error
    return said.get("filename") or said.get("name") or _("Untitled")
