"""Collections, and what is done with several books at once."""

from typing import Annotated

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from books.collections import LONGEST_NAME, Collections
from books.models import Collection
from books.store import BookStore
from mindory_web.lib.api import Id, Pages, Text, failures, reader_of
from mindory_web.lib.logs import request_id

router = Router(tags=["collections"])

MOST_AT_ONCE = 500  # books


class CollectionOut(Schema):
    """A shelf of the caller's own. `GET books?collection=` lists what stands on it."""

    id: int
    name: str
    book_count: int


class CollectionIn(Schema):
    """A name that no other collection of the caller's has."""

    name: Text = Field(min_length=1, max_length=LONGEST_NAME)


class BooksIn(Schema):
    """Some books of the caller's. One that is not there, and nothing is done."""

    books: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]


@router.get("/collections", response={200: list[CollectionOut], **failures()})
@paginate(Pages)
def list_collections(request: HttpRequest) -> "QuerySet[Collection]":
    """List your collections by name."""
    return Collections(reader_of(request)).all()


@router.post("/collections", response={201: CollectionOut, **failures(400, 409)})
def make_collection(request: HttpRequest, made: CollectionIn) -> Status[Collection]:
    """Make an empty collection; 409 when you have one of this name."""
    return Status(201, Collections(reader_of(request)).make(made.name))


@router.get("/collections/{collection}", response={200: CollectionOut, **failures(404)})
def get_collection(request: HttpRequest, collection: Id) -> Collection:
    """Show one collection."""
    found: Collection = Collections(reader_of(request)).one(collection)
    return found


@router.patch("/collections/{collection}", response={200: CollectionOut, **failures(400, 404, 409)})
def rename_collection(request: HttpRequest, collection: Id, change: CollectionIn) -> Collection:
    """Give a collection another name."""
    renamed: Collection = Collections(reader_of(request)).rename(collection, change.name)
    return renamed


@router.delete("/collections/{collection}", response={204: None, **failures(404)})
def delete_collection(request: HttpRequest, collection: Id) -> Status[None]:
    """Delete a collection. Its books stay in your library."""
    Collections(reader_of(request)).delete(collection)
    return Status(204, None)


@router.post("/collections/{collection}/put", response={200: CollectionOut, **failures(400, 404)})
def put_on_collection(request: HttpRequest, collection: Id, given: BooksIn) -> Collection:
    """Put books on a collection; those that stand there already stay."""
    changed: Collection = Collections(reader_of(request)).put(collection, given.books)
    return changed


@router.post("/collections/{collection}/take", response={200: CollectionOut, **failures(400, 404)})
def take_off_collection(request: HttpRequest, collection: Id, given: BooksIn) -> Collection:
    """Take books off a collection."""
    changed: Collection = Collections(reader_of(request)).take(collection, given.books)
    return changed


@router.post("/shelf/remove", response={204: None, **failures(400, 404)}, tags=["books"])
def remove_books(request: HttpRequest, given: BooksIn) -> Status[None]:
    """Delete books so that they can come back (`shelf/restore`) while `MINDORY_UNDO_SECONDS` run."""
    BookStore(reader_of(request)).remove(*given.books)
    return Status(204, None)


@router.post("/shelf/restore", response={204: None, **failures(400, 404)}, tags=["books"])
def restore_books(request: HttpRequest, given: BooksIn) -> Status[None]:
    """Bring removed books back with all that was in them; 404 when one of them is gone for good."""
    BookStore(reader_of(request)).restore(*given.books, request_id=request_id())
    return Status(204, None)
