"""Answer with a picture: its bytes block by block, never the whole file in memory, and nothing in it may run.

(Django's FileResponse collects a whole file first when it answers over ASGI.)
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from asgiref.sync import sync_to_async
from csp.constants import HEADER as CSP_HEADER
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from mindory_web.lib.errors import NotFound

BLOCK: Final = 256 * 1024  # bytes
POLICY: Final = "sandbox; default-src 'none'"
FOR_EVER: Final = "private, max-age=31536000, immutable"
ASK_AGAIN: Final = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that its reader may see. `tag` names these very bytes."""

    path: Path
    media_type: str
    tag: str


class _Blocks:
    """The bytes of an open file, for whoever serves them; closed with the response."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Now(_Blocks):
    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(BLOCK):
            yield block


class _Later(_Blocks):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._file.read, thread_sensitive=False)
        while block := await read(BLOCK):
            yield block


def picture_response(request: HttpRequest, shown: Shown, *, is_for_ever: bool = False) -> HttpResponseBase:
    """Return the picture, or 304 when the caller has these very bytes.

    `is_for_ever`: the address names the bytes, so the browser need not ask again.
    """
    tag = f'"{shown.tag}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponseBase
    if "*" in known or tag in {each.removeprefix("W/") for each in known}:
        response = HttpResponseNotModified()
    else:
        response = _whole(request, shown)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = FOR_EVER if is_for_ever else ASK_AGAIN
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[CSP_HEADER] = POLICY
    return response


def _whole(request: HttpRequest, shown: Shown) -> HttpResponseBase:
    try:
        file = shown.path.open("rb")
    except FileNotFoundError:
        raise NotFound(_("There is no such picture.")) from None
    response: HttpResponseBase
    if request.method == "HEAD":
        file.close()
        response = HttpResponse(content_type=shown.media_type)
    else:
        blocks = _Later(file) if isinstance(request, ASGIRequest) else _Now(file)
        response = StreamingHttpResponse(blocks, content_type=shown.media_type)
    response.headers["Content-Length"] = str(shown.path.stat().st_size)
    return response
