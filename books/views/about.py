"""The page about a book: what it is, what the file says of it and what its reader says, and how it was read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language_info, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from books import browsing, contents, encodings, metadata
from books.chat import finding
from books.collections import Collections
from books.models import Annotation, Book, Collection, Picture
from books.store import BookStore
from books.views.request import ReaderRequest
from mindory_web.lib.errors import Invalid, MindoryError, NotFound
from mindory_web.lib.logs import request_id

UNPLACED: Final = 50  # annotations that are listed
LONG_CONTENTS: Final = 24  # lines; a longer list is folded
TALKS: Final = 6  # conversations that are listed
AGAIN: Final = gettext_lazy("Mindory reads the file again. What is here stays until that is done.")
LABELS: Final = {
    "title": gettext_lazy("Title"),
    "authors": gettext_lazy("Authors"),
    "series": gettext_lazy("Series"),
    "series_number": pgettext_lazy("in a series", "Number"),
    "language": gettext_lazy("Language"),
    "description": gettext_lazy("Description"),
}
# Offered for the language of a book; any other code may be typed.
LANGUAGES: Final = ("en", "zh-Hans", "zh-Hant", "ar", "de", "es", "fr", "he", "it", "ja", "ko", "la", "pt", "ru")


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form: what stands in it, and what the file says when its reader changed it."""

    name: str
    label: str
    value: str
    own: str
    is_edited: bool


def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say on the page about the book why something was refused."""

    @wraps(view)
    def answered(request: ReaderRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except NotFound:
            raise
        except MindoryError as error:
            messages.error(request, _(str(error)))
            return redirect("about", pk)

    return answered


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def about(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show a book, or keep what its reader wrote about it."""
    store = BookStore(request.user)
    book = store.book(pk)
    if request.method != "POST":
        return _shown(request, book)
    typed = {name: request.POST[name] for name in LABELS if name in request.POST}
    try:
        store.change(pk, **_changes(book, typed, reset=request.POST.get("reset", "")), request_id=request_id())
    except Invalid as error:
        messages.error(request, _(str(error)))
        return _shown(request, book, typed, status=error.status)
    except MindoryError as error:
        messages.error(request, _(str(error)))
    else:
        messages.success(request, _("Saved."))
    return redirect("about", pk)


@require_POST
@login_required
@told
def cover(request: ReaderRequest, pk: int) -> HttpResponse:
    """Give a book another cover, or take the reader's own away."""
    store = BookStore(request.user)
    store.book(pk)
    picture = request.FILES.get("cover")
    if "remove" in request.POST:
        store.remove_cover(pk)
    elif isinstance(picture, UploadedFile):
        store.set_cover(pk, picture)
    else:
        raise Invalid(_("Choose a picture first."))
    return redirect("about", pk)


@require_POST
@login_required
@told
def again(request: ReaderRequest, pk: int) -> HttpResponse:
    """Have the file of a book read again."""
    BookStore(request.user).reingest(pk, request_id=request_id())
    messages.success(request, AGAIN)
    return redirect("book" if request.POST.get("to") == "book" else "about", pk)


@require_POST
@login_required
@told
def collections(request: ReaderRequest, pk: int) -> HttpResponse:
    """Put a book on a collection, on a new one, or take it off."""
    BookStore(request.user).book(pk)
    mine, name = Collections(request.user), request.POST.get("name", "").strip()
    if "take" in request.POST:
        mine.take(_number(request.POST["take"]), [pk])
    elif chosen := request.POST.get("put"):
        mine.put(_number(chosen), [pk])
    else:
        mine.put(mine.make(name).pk, [pk])
    return redirect(f"{reverse('about', args=[pk])}#collections")


@require_POST
@login_required
@told
def remove(request: ReaderRequest, pk: int) -> HttpResponse:
    """Delete a book; for a while it can come back."""
    BookStore(request.user).remove(pk)
    return redirect("book-removed", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def removed(request: ReaderRequest, pk: int) -> HttpResponse:
    """Say that a book is deleted, or bring it back."""
    store = BookStore(request.user)
    if request.method == "POST":
        store.restore(pk, request_id=request_id())
        return redirect("about", pk)
    book = Book.every.filter(owner=request.user, pk=pk).first()
    if book is None or book.removed_at is None:
        store.book(pk)  # someone else's, or one that is gone for good, is not found
        return redirect("about", pk)
    return render(request, "book/removed.html", {"book": book, "seconds": settings.UNDO_SECONDS})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@told
def encoding(request: ReaderRequest, pk: int) -> HttpResponse:
    """Show how a text file looks in each encoding that fits it, or have it read in another one."""
    store = BookStore(request.user)
    book = store.book(pk)
    if request.method != "POST":
        return render(request, "book/encoding.html", {"book": book, "choices": store.encodings(pk)})
    store.choose_encoding(pk, request.POST.get("encoding", ""), request_id=request_id())
    messages.success(request, AGAIN)
    return redirect("about", pk)


@require_POST
@login_required
@told
def unlock(request: ReaderRequest, pk: int) -> HttpResponse:
    """Try a password on a book that needs one."""
    store = BookStore(request.user)
    try:
        store.unlock(pk, request.POST.get("password", ""), request_id=request_id())
    except Invalid as error:
        messages.error(request, _(str(error)))
    return redirect("book", pk)


def _shown(
    request: ReaderRequest, book: Book, typed: Mapping[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    entries = contents.entries(book)
    talks = finding.found(request.user, finding.Filter(book=book.pk))
    marks = Annotation.objects.filter(book=book, reader=request.user)
    lost = Annotation.objects.filter(book=book, reader=request.user, is_placed=False)
    context = {
        "book": book,
        "fields": [_field(book, name, typed or {}) for name in LABELS],
        "languages": [(code, language_name(code)) for code in LANGUAGES],
        "language": language_name(book.language),
        "facts": _facts(book),
        "pictures": Picture.objects.filter(book=book).count(),
        "minutes": divmod(metadata.reading_minutes(words=book.words, language=book.language), 60),
        "contents": entries,
        "is_folded": len(entries) > LONG_CONTENTS,
        "unplaced_count": lost.count(),
        "unplaced": lost[:UNPLACED],
        "has_encoding": book.format in encodings.FORMATS,
        "mark_count": marks.count(),
        "marks": marks.aggregate(
            highlights=Count("pk", filter=Q(kind=Annotation.Kind.HIGHLIGHT)),
            notes=Count("pk", filter=Q(kind=Annotation.Kind.NOTE)),
            bookmarks=Count("pk", filter=Q(kind=Annotation.Kind.BOOKMARK)),
        ),
        "talks": talks[:TALKS],
        "talk_count": talks.count(),
        **_place(request, book, entries),
        **_collections(request, book),
    }
    return render(request, "book/about.html", context, status=status)


def _place(request: ReaderRequest, book: Book, entries: Sequence[contents.Entry]) -> dict[str, Any]:
    """Return how far the reader is, in percent and as the number of the entry they are under."""
    found: Any = browsing.with_places(Book.objects.filter(pk=book.pk), reader=request.user).first()
    if found is None or found.percent is None:
        return {"percent": None, "here": 0}
    here = contents.entry_at(entries, found.place_section, found.place_offset)
    return {"percent": max(0, min(100, round(found.percent))), "here": here + 1}


def _collections(request: ReaderRequest, book: Book) -> dict[str, Any]:
    """Return the collections that hold the book, and the others."""
    mine = Collection.objects.filter(owner=request.user)
    return {"held": mine.filter(books=book), "other_collections": mine.exclude(books=book)}


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound(_("There is no such collection."))
    return int(text)


def _field(book: Book, name: str, typed: Mapping[str, str]) -> Field:
    own = metadata.own_value(book, name, book.told) if book.told else None
    value = typed.get(name, _written(getattr(book, name)))
    is_edited = name in book.edited
    return Field(name, str(LABELS[name]), value, _written(own).replace("\n", ", "), is_edited and bool(book.told))


def _written(value: Any) -> str:
    """Return a value as it stands in a field: a name a line, whole numbers without a point."""
    if isinstance(value, list):
        return "\n".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def _changes(book: Book, typed: Mapping[str, str], *, reset: str) -> dict[str, Any]:
    """Return what is other than before: a field that was left alone stays the file's own."""
    changed: dict[str, Any] = {}
    for name, words in typed.items():
        value = words.splitlines() if name == "authors" else words.strip()
        if metadata.FIELDS[name](value) != getattr(book, name):
            changed[name] = value
    return changed | ({reset: None} if reset in LABELS else {})


def _facts(book: Book) -> list[tuple[str, str]]:
    """Return what the file says of itself and no field of the form holds."""
    said = {**book.details, **{name: value for name, value in book.told.items() if name in metadata.ALSO_TOLD}}
    facts = (
        (_("Publisher"), said.get("publisher")),
        (_("Date"), said.get("date")),
        (_("Translators"), said.get("translators")),
        (_("Subjects"), said.get("subjects")),
        (_("Identifiers"), said.get("identifiers")),
        (_("Rights"), said.get("rights")),
    )
    return [(label, _joined(value)) for label, value in facts if _joined(value)]


def _joined(value: object) -> str:
    """Return a value of a file, which may be anything, as one line."""
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return ", ".join(str(part) for part in parts[:20] if part)


def language_name(code: str) -> str:
    """Return the name of a language in the reader's own; its code when we do not know it."""
    for known in (code, code.partition("-")[0]):
        try:
            name = str(get_language_info(known.lower())["name_translated"])
        except KeyError:
            continue
        return name if known == code else f"{name} ({code})"
    return code
