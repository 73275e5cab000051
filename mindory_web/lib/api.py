"""What every API operation shares: who asks, how lists are cut, how an error looks, how frames are streamed."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Schema
from ninja.pagination import PaginationBase
from pydantic import ConfigDict

from mindory_web.lib.fields import LARGEST_NUMBER, Id, Number, Text

__all__ = ["LARGEST_NUMBER", "Failure", "Id", "Number", "Pages", "Text", "events", "failures", "reader_of"]

MOST_ITEMS: Final = 200


class Failure(Schema):
    """What every refusal looks like: problem details (RFC 9457), `error` beside them."""

    class Reason(Schema):
        """`code` is stable, `message` is for people; some codes carry more."""

        model_config = ConfigDict(extra="allow")
        code: str
        message: str

    type: str
    title: str
    status: int
    detail: str
    code: str
    error: Reason


def failures(*statuses: int) -> dict[int, type[Schema]]:
    """Return what an operation declares about its refusals; every one may answer 401, 403, 422 and 500."""
    return dict.fromkeys((401, 403, *statuses, 422, 500), Failure)


class Pages(PaginationBase):
    """Lists come in pages: `limit` of 1 to 200, from `offset`."""

    class Input(Schema):
        """What the caller says."""

        limit: int = Field(50, ge=1, le=MOST_ITEMS)
        offset: int = Field(0, ge=0, le=LARGEST_NUMBER)

    class Output(Schema):
        """`count` is the number of all items, not of those in this page."""

        items: list[Any]
        count: int

    def paginate_queryset(
        self, queryset: "QuerySet[Any]", pagination: Input, request: HttpRequest, **params: Any
    ) -> dict[str, Any]:
        """Return one page and the count of all."""
        cut = queryset[pagination.offset : pagination.offset + pagination.limit]
        return {"items": list(cut), "count": queryset.count()}


def reader_of(request: HttpRequest) -> Any:
    """Return the reader who was found by key or session (`mindory_web.api` sees to it that there is one)."""
    return request.auth  # type: ignore[attr-defined]


def events(frames: AsyncIterator[Mapping[str, Any] | None]) -> StreamingHttpResponse:
    """Return frames as server-sent events: the frame's type is the event, its seq the id.

    None is a sign that the line is still open, and shows us whether somebody still listens.
    """
    response = StreamingHttpResponse(_written(frames), content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _written(frames: AsyncIterator[Mapping[str, Any] | None]) -> AsyncIterator[bytes]:
    async for frame in frames:
        if frame is None:
            yield b": still here\n\n"
            continue
        lines = [f"event: {frame['type']}"]
        if "seq" in frame:
            lines.append(f"id: {frame['seq']}")
        lines.append(f"data: {json.dumps(frame, ensure_ascii=False, separators=(',', ':'))}")
        yield ("\n".join(lines) + "\n\n").encode()
