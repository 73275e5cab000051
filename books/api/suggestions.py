"""Questions to begin a conversation with."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from books.chat import suggestions
from mindory_web.lib.api import Id, failures, reader_of

router = Router(tags=["conversations"])


class Suggestions(Schema):
    """Questions in the language of the request, the best first; none when nothing stands out."""

    items: list[str]


Limited = Annotated[bool | None, Query(description="Only up to where the caller has read; else their own setting.")]


@router.get("/books/{book}/suggestions", response={200: Suggestions, **failures(404)})
def suggest_for_book(request: HttpRequest, book: Id, is_limited: Limited = None) -> dict[str, list[str]]:
    """Suggest questions about a book, from its headings and the names where the caller is."""
    reader = reader_of(request)
    wanted = reader.is_limited if is_limited is None else is_limited
    return {"items": suggestions.for_book(reader, book, is_limited=wanted)}


@router.get("/suggestions", response={200: Suggestions, **failures()})
def suggest_for_library(request: HttpRequest, is_limited: Limited = None) -> dict[str, list[str]]:
    """Suggest questions about the books the caller opened last."""
    reader = reader_of(request)
    wanted = reader.is_limited if is_limited is None else is_limited
    return {"items": suggestions.for_library(reader, is_limited=wanted)}
