"""Books, their text, search."""

from typing import Annotated

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile
from ninja.pagination import paginate

from books import browsing
from books.api import schemas
from books.encodings import EncodingChoice
from books.models import Book, Job, Section
from books.rendering import section_html
from books.retrieval import passages_about
from books.retrieval.scope import Scope
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.lib.api import Id, Number, Pages, Text, failures, reader_of
from mindory_web.lib.errors import Invalid
from mindory_web.lib.excerpts import Excerpt
from mindory_web.lib.limits import spend
from mindory_web.lib.logs import request_id

router = Router(tags=["books"])

OPEN_JOBS = Prefetch("jobs", queryset=Job.objects.filter(state__in=["queued", "running"]), to_attr="open_jobs")


def store_of(request: HttpRequest) -> BookStore:
    """Return the shelf of whoever asks."""
    return BookStore(reader_of(request))


def shown(store: BookStore, pk: int) -> Book:
    """Return one book with its open job."""
    return store.books().prefetch_related(OPEN_JOBS).get(pk=store.book(pk).pk)


@router.get("/me", response={200: schemas.ReaderOut, **failures()}, tags=["reader"])
def me(request: HttpRequest) -> Reader:
    """Say who you are to Mindory."""
    reader: Reader = reader_of(request)
    reader.upload_limit = settings.UPLOAD_LIMIT  # type: ignore[attr-defined]
    return reader


@router.get("/books", response={200: list[schemas.BookOut], **failures(404)})
@paginate(Pages)
def list_books(request: HttpRequest, asked: Query[schemas.ShelfWish]) -> "QuerySet[Book]":
    """List your books, newest first unless `sort` says otherwise; a "-" before it turns the order round."""
    wish = asked.wish()
    books = browsing.found(reader_of(request), wish) if wish.is_filtered or wish.sort else store_of(request).books()
    return books.prefetch_related(OPEN_JOBS)


@router.post(
    "/books",
    response={201: schemas.BookShelved, 200: schemas.BookShelved, **failures(400, 413, 429, 503)},
    summary="Add a book",
)
def add_book(request: HttpRequest, file: File[UploadedFile]) -> Status[Book]:
    """Upload a file. The same bytes twice are one book: 201 when it is new, 200 when it was there."""
    reader = reader_of(request)
    spend(f"upload:{reader.pk}", limit=settings.UPLOADS_PER_HOUR, seconds=3600)
    store = BookStore(reader)
    shelved = store.shelve(file, name=file.name or _("Untitled"), request_id=request_id())
    book = shown(store, shelved.book.pk)
    book.is_new = shelved.is_new  # type: ignore[attr-defined]
    return Status(201 if shelved.is_new else 200, book)


@router.get("/books/{book}", response={200: schemas.BookWhole, **failures(404)})
def get_book(request: HttpRequest, book: Id) -> Book:
    """Show one book with its state, contents and progress."""
    return shown(store_of(request), book)


@router.patch("/books/{book}", response={200: schemas.BookWhole, **failures(400, 404, 409)})
def change_book(request: HttpRequest, book: Id, change: schemas.BookChange) -> Book:
    """Change what is sent; null or "" goes back to what the file says. Another language has it indexed again."""
    store = store_of(request)
    store.change(book, request_id=request_id(), **change.model_dump(exclude_unset=True))
    return shown(store, book)


@router.delete("/books/{book}", response={204: None, **failures(404)})
def delete_book(request: HttpRequest, book: Id, *, undo: bool = False) -> Status[None]:
    """Delete a book, its file, its index and the talks about it. `undo=1`: `shelf/restore` can bring it back."""
    store = store_of(request)
    store.remove(book) if undo else store.delete(book)
    return Status(204, None)


@router.post("/books/{book}/retry", response={200: schemas.BookWhole, **failures(404, 409)})
def retry_book(request: HttpRequest, book: Id) -> Book:
    """Take a failed or cancelled book up again where it stopped."""
    store = store_of(request)
    store.retry(book)
    return shown(store, book)


@router.post("/books/{book}/cancel", response={200: schemas.BookWhole, **failures(404, 409)})
def cancel_book(request: HttpRequest, book: Id) -> Book:
    """Stop the ingest; what is done stays."""
    store = store_of(request)
    store.cancel(book)
    return shown(store, book)


@router.post("/books/{book}/reingest", response={200: schemas.BookWhole, **failures(404, 409)})
def reingest_book(request: HttpRequest, book: Id) -> Book:
    """Read the file again from the start."""
    store = store_of(request)
    store.reingest(book)
    return shown(store, book)


@router.get("/books/{book}/encodings", response={200: list[schemas.EncodingOut], **failures(404, 409, 429)})
def list_encodings(request: HttpRequest, book: Id) -> list[EncodingChoice]:
    """Show how a text file looks in each encoding that fits it, likeliest first."""
    return store_of(request).encodings(book)


@router.post("/books/{book}/encoding", response={200: schemas.BookWhole, **failures(400, 404, 409)})
def choose_encoding(request: HttpRequest, book: Id, chosen: schemas.EncodingIn) -> Book:
    """Have a text file read in another encoding; "" lets Mindory find it. What is there stays until it is read."""
    store = store_of(request)
    store.choose_encoding(book, chosen.encoding, request_id=request_id())
    return shown(store, book)


@router.post("/books/{book}/unlock", response={200: schemas.BookWhole, **failures(400, 404, 409, 429)})
def unlock_book(request: HttpRequest, book: Id, given: schemas.PasswordIn) -> Book:
    """Take a book that failed with `needs_password` up again. The password is kept sealed, a wrong one not at all."""
    store = store_of(request)
    store.unlock(book, given.password, request_id=request_id())
    return shown(store, book)


@router.get("/books/{book}/sections", response={200: list[schemas.SectionLine], **failures(404)})
@paginate(Pages)
def list_sections(request: HttpRequest, book: Id) -> QuerySet[Section]:
    """List the sections in reading order."""
    there = store_of(request).book(book)
    return there.sections.defer("text", "blocks", "origins").annotate(length=Length("text")).order_by("number")


@router.get("/books/{book}/sections/{number}", response={200: schemas.SectionWhole, **failures(404)})
def get_section(request: HttpRequest, book: Id, number: Number) -> dict[str, object]:
    """Show a section as HTML whose blocks carry their offsets."""
    section = store_of(request).section(book, number)
    return {
        "number": section.number,
        "title": section.title,
        "start_in_book": section.start_in_book,
        "length": len(section.text),
        "html": section_html(section),
    }


@router.get(
    "/books/{book}/sections/{number}/text",
    response={200: str, **failures(404)},
    openapi_extra={"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}},
)
def get_text(request: HttpRequest, book: Id, number: Number) -> HttpResponse:
    """Give the canonical text of a section: every span of this API counts its code points."""
    section = store_of(request).section(book, number)
    return HttpResponse(section.text, content_type="text/plain; charset=utf-8")


@router.get("/books/{book}/sections/{number}/origins", response={200: list[tuple[int, int]], **failures(404)})
def get_origins(request: HttpRequest, book: Id, number: Number) -> list[list[int]]:
    """Say where the characters of a section are in a text file.

    Pairs (character here, character of the decoded file); from each to the next they are the same, one by one.
    Empty for other formats.
    """
    return list(store_of(request).section(book, number).origins)


@router.get("/search", response={200: schemas.Found, **failures(404, 429, 503)}, tags=["search"])
def search(
    request: HttpRequest,
    q: Annotated[Text, Query(min_length=1, max_length=schemas.LONGEST_QUESTION)],
    book: Annotated[Id | None, Query()] = None,
    k: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, object]:
    """Find passages about `q` in one book or in your whole library."""
    reader = reader_of(request)
    spend(f"search:{reader.pk}", limit=settings.SEARCHES_PER_MINUTE, seconds=60)
    if not q.strip():
        raise Invalid(_("Say what to search for."))
    scope = Scope(None if book is None else (BookStore(reader).book(book).pk,))
    return {"items": [_excerpt(found) for found in passages_about(q, reader_id=reader.pk, scope=scope, k=k)]}


def _excerpt(found: Excerpt) -> dict[str, object]:
    place = found.place
    return {
        "text": found.text,
        "score": found.score,
        "legs": dict(found.legs),
        "title": found.title,
        "heading": found.heading,
        "language": found.language,
        "book": place.book if place else None,
        "section": place.section if place else None,
        "start": place.start if place else None,
        "end": place.end if place else None,
        "page": found.page_at(place.start) if place else "",
    }
