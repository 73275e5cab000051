"""Reading: places on each device, how far one has read, words in a book, and how one likes the pages."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Body, Field, Query, Router, Schema

from books import contents, reach
from books.finding import LONGEST, find
from books.models import Book, ReadingPlace
from books.places import Came, Places, check
from books.store import BookStore
from mindory_web.accounts import likings
from mindory_web.lib.api import Id, Number, Text, failures, reader_of
from mindory_web.lib.limits import spend

router = Router(tags=["reading"])


class PlaceIn(Schema):
    """A place: code points into the text of a section."""

    section: Number
    offset: Number


class CameIn(PlaceIn):
    """Where the caller is now. `device` is an id of the device's own making, `device_name` is shown to the reader.

    `since` is where the run of reading began that led here without a jump; `is_end`: the last words are in sight.
    """

    device: Text = Field("", max_length=40, pattern=r"^[A-Za-z0-9-]*$")
    device_name: Text = Field("", max_length=80)
    since: PlaceIn | None = None
    is_end: bool = False


class ReachOut(Schema):
    """How far the caller has read: what a limited answer may use. `label` is the title of the chapter there."""

    section: int
    offset: int
    label: str


class PlaceOut(Schema):
    """Where the caller is in a book, on one device."""

    section: int
    offset: int
    updated_at: datetime | None = None
    device: str
    device_name: str


class PlaceKept(PlaceOut):
    """Where the caller is, and how far they have read now."""

    reach: ReachOut


class HitOut(Schema):
    """Words that were found, with those around them, and the title of the chapter."""

    section: int
    start: int
    end: int
    before: str
    words: str
    after: str
    title: str


class FindingOut(Schema):
    """`count` is the number of all places; at most 500 are listed."""

    count: int
    items: list[HitOut]


def places_of(request: HttpRequest, book: int) -> Places:
    """Return the caller's places in a book of theirs."""
    reader = reader_of(request)
    return Places(reader, BookStore(reader).book(book))


def reach_of(places: Places) -> dict[str, object]:
    """Return how far a reader is in a book, with the chapter."""
    section, offset = reach.reaches(places.reader, [places.book.pk])[places.book.pk]
    label = contents.title_at(contents.entries(places.book), section, offset)
    return {"section": section, "offset": offset, "label": label}


@router.get("/books/{book}/place", response={200: PlaceOut, **failures(404)})
def get_place(request: HttpRequest, book: Id) -> ReadingPlace:
    """Say where you are in a book: the newest place of all your devices."""
    return places_of(request, book).newest()


@router.get("/books/{book}/places", response={200: list[PlaceOut], **failures(404)})
def list_places(request: HttpRequest, book: Id) -> Any:
    """List where you are in a book on each of your devices, newest first."""
    return places_of(request, book).all()


@router.put("/books/{book}/place", response={200: PlaceKept, **failures(404)})
def put_place(request: HttpRequest, book: Id, place: CameIn) -> ReadingPlace:
    """Remember where you are. What was read on from `since` counts as read."""
    places = places_of(request, book)
    came = place.model_dump() | {"since": (place.since.section, place.since.offset) if place.since else None}
    kept = places.keep(Came(**came))
    kept.reach = reach_of(places)  # type: ignore[attr-defined]
    return kept


@router.get("/books/{book}/reach", response={200: ReachOut, **failures(404)})
def get_reach(request: HttpRequest, book: Id) -> dict[str, object]:
    """Say how far you have read."""
    return reach_of(places_of(request, book))


@router.put("/books/{book}/reach", response={200: ReachOut, **failures(404)})
def put_reach(request: HttpRequest, book: Id, place: PlaceIn) -> dict[str, object]:
    """Say that you know everything before a place, and nothing after it."""
    places = places_of(request, book)
    check(places.book, place.section, place.offset)
    reach.put(places.reader, places.book, section=place.section, offset=place.offset)
    return reach_of(places)


@router.get("/books/{book}/words", response={200: FindingOut, **failures(404, 429)}, tags=["search"])
def find_words(
    request: HttpRequest, book: Id, q: Annotated[Text, Query(min_length=1, max_length=LONGEST)]
) -> dict[str, object]:
    """Find all places of these very words, in the order of the text. Case, width and quote marks do not matter."""
    reader = reader_of(request)
    there: Book = BookStore(reader).book(book)
    spend(f"search:{reader.pk}", limit=settings.SEARCHES_PER_MINUTE, seconds=60)
    found = find(there, q)
    listed = contents.entries(there)
    items = [{**asdict(hit), "title": contents.title_at(listed, hit.section, hit.start)} for hit in found.hits]
    return {"count": found.count, "items": items}


@router.patch("/me/reading", response={200: dict[str, str], **failures()}, tags=["reader"])
def change_likings(request: HttpRequest, change: Annotated[dict[str, str], Body()]) -> dict[str, str]:
    """Keep how you like the pages of books; a browser that is new to you begins with it."""
    return likings.like(reader_of(request), change)
