"""Names of books, for pages that know their numbers alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import template

from books.models import Book

register = template.Library()


@dataclass(frozen=True, slots=True)
class Title:
    """What a book is called, and in which language."""

    title: str
    language: str


@register.simple_tag(takes_context=True)
def titles_of(context: Mapping[str, Any], books: Iterable[int]) -> dict[int, Title]:
    """Return the names of those of these books that are on the reader's shelf."""
    rows = Book.objects.filter(owner=context["request"].user, pk__in=list(books))
    return {pk: Title(title, language) for pk, title, language in rows.values_list("pk", "title", "language")}


@register.filter
def of(titles: Mapping[int, Title], book: int | None) -> Title | None:
    """Return the name of one of them."""
    return titles.get(book) if book is not None else None
