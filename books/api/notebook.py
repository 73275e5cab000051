"""A reader's marks in a book as a file."""

import json
from typing import Annotated, Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from books import notebook
from books.store import BookStore
from mindory_web.lib.api import Id, failures, reader_of

router = Router(tags=["annotations"])

MEDIA_TYPES: Final = {"md": "text/markdown; charset=utf-8", "json": "application/json; charset=utf-8"}
EXPORT: Final[dict[str, Any]] = {
    "responses": {200: {"content": {"text/markdown": {"schema": {"type": "string"}}, "application/json": {}}}}
}


@router.get("/books/{book}/annotations/export", response={200: str, **failures(404)}, openapi_extra=EXPORT)
def export_annotations(
    request: HttpRequest,
    book: Id,
    kind: Annotated[Literal["md", "json"], Query(alias="format")] = "md",
) -> HttpResponse:
    """Take your marks in a book along: Markdown or JSON, in the order of the text, those without a place at the end."""
    reader = reader_of(request)
    found = BookStore(reader).book(book)
    if kind == "json":
        body = json.dumps(notebook.as_values(reader, found), ensure_ascii=False, indent=2)
    else:
        body = notebook.as_markdown(reader, found)
    name = f'attachment; filename="notes-{found.pk}.{kind}"'
    return HttpResponse(body, content_type=MEDIA_TYPES[kind], headers={"Content-Disposition": name})
