"""Highlights, notes and bookmarks of a book."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Header, Query, Router, Schema, Status
from ninja.pagination import paginate
from pydantic import BeforeValidator

from books.annotations import LONGEST, Annotations, version_of
from books.coordinates import Span
from books.markup_text import html_of
from books.models import Annotation
from books.store import BookStore
from mindory_web.lib.api import Id, Number, Pages, Text, failures, reader_of
from mindory_web.lib.errors import Invalid

router = Router(tags=["annotations"])

Kind = Literal["highlight", "note", "bookmark"]
Colour = Literal["yellow", "pink", "blue", "lilac"]
# What older exports and pages call lilac.
GivenColour = Annotated[Colour, BeforeValidator(lambda colour: "lilac" if colour == "green" else colour)]


class AnnotationOut(Schema):
    """A mark on the characters [start, end) of a section; `quote` is exactly that slice.

    `text` is Markdown, `html` the same as safe HTML. When the book was read anew and the words are no longer in it,
    `is_placed` is false and the place means nothing.
    """

    id: int
    kind: Kind
    colour: Colour
    section: int
    start: int
    end: int
    quote: str
    before: str
    after: str
    text: str
    html: str
    version: str = Field(description="Of the text. `If-Match` takes it when the text is changed.")
    is_placed: bool
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_version(annotation: Annotation) -> str:
        """Tell one text from another."""
        return version_of(annotation)

    @staticmethod
    def resolve_html(annotation: Annotation) -> str:
        """Write the note as HTML."""
        return html_of(annotation.text) if annotation.text else ""


class AnnotationIn(Schema):
    """What to mark. Only a bookmark may have no characters (`start` = `end`). `text` is Markdown.

    A highlight with a text is a note. Words that are marked already get no second mark, but this colour and text.
    """

    section: Number
    start: Number
    end: Number
    kind: Kind = "highlight"
    colour: GivenColour = "yellow"
    text: Text = Field("", max_length=LONGEST)


class AnnotationChange(Schema):
    """What can be changed; what is not sent stays."""

    colour: GivenColour | None = None
    text: Text | None = Field(None, max_length=LONGEST)


class AnnotationsState(Schema):
    """What tells whether something changed since the annotations were fetched."""

    count: int
    changed_at: datetime | None


class Unplaced(Schema):
    """How many annotations wait for words that are no longer in the book."""

    count: int


def annotations_of(request: HttpRequest, book: int) -> Annotations:
    """Return the caller's annotations in a book of theirs."""
    reader = reader_of(request)
    return Annotations(reader, BookStore(reader).book(book))


@router.get("/books/{book}/annotations", response={200: list[AnnotationOut], **failures(404)})
@paginate(Pages)
def list_annotations(
    request: HttpRequest,
    book: Id,
    kind: Annotated[Kind | None, Query()] = None,
    colour: Annotated[GivenColour | None, Query()] = None,
    q: Annotated[Text | None, Query(max_length=200)] = None,
) -> QuerySet[Annotation]:
    """List what you marked in a book, in the order of the text; `q` is looked for in the words and in the notes."""
    return annotations_of(request, book).all(kind=kind or "", colour=colour or "", words=(q or "").strip())


@router.post("/books/{book}/annotations", response={201: AnnotationOut, **failures(400, 404, 409)})
def add_annotation(request: HttpRequest, book: Id, mark: AnnotationIn) -> Status[Annotation]:
    """Mark some characters. The words there are taken from the book, so that the mark finds them again."""
    if mark.end < mark.start:
        raise Invalid(_("`end` is before `start`."))
    span = Span(mark.section, mark.start, mark.end)
    made = annotations_of(request, book).add(span, kind=mark.kind, colour=mark.colour, text=mark.text)
    return Status(201, made)


@router.get("/books/{book}/annotations/state", response={200: AnnotationsState, **failures(404)})
def get_annotations_state(request: HttpRequest, book: Id) -> dict[str, Any]:
    """Say how many annotations there are and when the last one changed: a cheap look whether to fetch them again."""
    return annotations_of(request, book).state()


@router.get("/books/{book}/annotations/unplaced", response={200: Unplaced, **failures(404)})
def count_unplaced(request: HttpRequest, book: Id) -> dict[str, int]:
    """Say how many annotations lost their place when the book was read anew. They are kept, with their words."""
    return {"count": annotations_of(request, book).unplaced()}


@router.get("/books/{book}/annotations/{annotation}", response={200: AnnotationOut, **failures(404)})
def get_annotation(request: HttpRequest, book: Id, annotation: Id) -> Annotation:
    """Show one annotation."""
    return annotations_of(request, book).one(annotation)


@router.patch("/books/{book}/annotations/{annotation}", response={200: AnnotationOut, **failures(400, 404, 409)})
def change_annotation(
    request: HttpRequest,
    book: Id,
    annotation: Id,
    change: AnnotationChange,
    if_match: Annotated[Text | None, Header(alias="If-Match", max_length=100)] = None,
) -> Annotation:
    """Give an annotation another colour or text.

    With `If-Match: "VERSION"` a new text is refused (409) when the note is not the one it was written over.
    """
    version = None if if_match in (None, "*") else str(if_match).removeprefix("W/").strip('"')
    return annotations_of(request, book).change(annotation, colour=change.colour, text=change.text, version=version)


@router.delete("/books/{book}/annotations/{annotation}", response={204: None, **failures(404)})
def delete_annotation(request: HttpRequest, book: Id, annotation: Id) -> Status[None]:
    """Delete an annotation."""
    annotations_of(request, book).delete(annotation)
    return Status(204, None)
