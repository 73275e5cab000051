"""The reader: a book's page with its conversations beside it, and its sections one by one."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from books import contents, pages, reach
from books.models import Book, ReadingPlace, Section
from books.places import Places
from books.rendering import note_html, section_html
from books.store import BookStore
from books.views.request import ReaderRequest
from books.views.talking import talking
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid

MOST_PAGES: Final = 5_000  # whose labels a page takes along


@require_safe
@login_required
@ensure_csrf_cookie
def book(request: ReaderRequest, pk: int) -> HttpResponse:
    """Open a book where its reader stopped, or at the words the address names."""
    store = BookStore(request.user)
    opened = store.book(pk)
    if not opened.is_readable:
        return render(request, "reader/unreadable.html", {"book": opened})
    asked = {name: whole(request.GET.get(name)) for name in ("section", "start", "end")}
    places = list(Places(request.user, opened).all())
    place = places[0] if places else ReadingPlace()
    number = place.section if asked["section"] is None else asked["section"]
    shown = store.section(pk, min(number, opened.section_count - 1))
    listed = contents.entries(opened)
    known = reading(opened, section=shown.number, asked=asked, offset=place.offset)
    context = {
        "book": opened,
        "section": shown,
        "html": section_html(shown, opened),
        "contents": contents.with_talks(listed, opened, request.user),
        "reading": known | {"places": devices(places), "reach": reached(request.user, opened, listed)},
        "likings": json.dumps(request.user.reading),
        "sheets": pages.sheets(opened),
        **talking(request, book=opened),
    }
    return render(request, "reader/reader.html", context)


@require_safe
@login_required
def section(request: ReaderRequest, pk: int, number: int) -> HttpResponse:
    """Show one section as the reader page shows it."""
    store = BookStore(request.user)
    opened, shown = store.book(pk), store.section(pk, number)
    context = {"book": opened, "section": shown, "html": section_html(shown, opened)}
    return render(request, "reader/_section.html", context)


@require_safe
@login_required
def note(request: ReaderRequest, pk: int, number: int) -> HttpResponse:
    """Show the words of a footnote, which the address names by their place."""
    store = BookStore(request.user)
    opened, section = store.book(pk), store.section(pk, number)
    start, end = whole(request.GET.get("start")), whole(request.GET.get("end"))
    if start is None or end is None or not start < end <= len(section.text):
        raise Invalid(_("There is no such place in this book."))
    context = {"book": opened, "html": note_html(section, opened, start=start, end=end)}
    return render(request, "reader/_note.html", context)


def reading(book: Book, *, section: int, asked: dict[str, int | None], offset: int) -> dict[str, Any]:
    """Return what the page's modules must know: how long the sections are, and where to open."""
    starts = list(Section.objects.filter(book=book).order_by("number").values_list("start_in_book", flat=True))
    is_named = asked["section"] == section and asked["start"] is not None
    return {
        "book": book.pk,
        "language": book.language,
        "starts": starts,
        "characters": book.characters,
        "direction": book.details.get("direction", ""),
        "writing": book.details.get("writing", ""),
        "pages": printed(book),
        "section": section,
        "offset": (asked["start"] if is_named else 0) if asked["section"] is not None else offset,
        "cited": [asked["start"], asked["end"]] if is_named and asked["end"] else None,
    }


def printed(book: Book) -> list[tuple[int, int, str]]:
    """Return where the printed pages of a book begin, with what they are called; none when there are too many."""
    if not 0 < book.page_count <= MOST_PAGES:
        return []
    rows = pages.of(book).order_by("section", "start", "number").values_list("section", "start", "number", "label")
    return [(section, start, pages.label_of(number, label)) for section, start, number, label in rows]


def devices(places: Iterable[ReadingPlace]) -> list[dict[str, Any]]:
    """Return where the reader is on each device, newest first."""
    return [
        {
            "device": place.device,
            "name": place.device_name,
            "section": place.section,
            "offset": place.offset,
            "at": place.updated_at.isoformat(),
        }
        for place in places
    ]


def reached(reader: Reader, book: Book, listed: Sequence[contents.Entry]) -> dict[str, Any]:
    """Return how far the reader has read, with the title of the chapter there."""
    section, offset = reach.reaches(reader, [book.pk])[book.pk]
    return {"section": section, "offset": offset, "label": contents.title_at(listed, section, offset)}


def whole(text: str | None) -> int | None:
    """Read a whole number of an address; None when it is not one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
