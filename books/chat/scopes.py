"""What a conversation is about: one book, some books, a collection or the library, and how far one may look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from books.errors import BookNotReady, ScopeGone
from books.models import Book, Collection, Conversation, ReadingPlace
from books.reach import reaches
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid, NotFound

MOST_BOOKS: Final = 200  # that one may choose
BEING_READ: Final = 20  # books opened last, for readers who ask those
NEVER_READY: Final = (Book.State.FAILED, Book.State.CANCELLED)
Kinds = Conversation.Scope


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for. None: not said."""

    scope: str | None = None
    book: int | None = None
    books: Sequence[int] | None = None
    collection: int | None = None
    is_limited: bool | None = None

    @property
    def is_said(self) -> bool:
        """Say whether anything but the limit is wanted."""
        return bool(self.scope or self.book is not None or self.books or self.collection is not None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A scope that was checked: everything in it is the reader's own."""

    scope: str
    book: Book | None = None
    books: tuple[Book, ...] = ()
    collection: Collection | None = None

    def put(self, talk: Conversation) -> None:
        """Give a conversation this scope, and save it."""
        is_new = talk.pk is None
        talk.scope, talk.book, talk.collection = self.scope, self.book, self.collection
        talk.save()
        if self.books or not is_new:
            talk.books.set(self.books)


@dataclass(frozen=True, slots=True)
class Reachable:
    """The books of a scope: those that can be asked (None: the library), and the titles of those that cannot yet."""

    books: tuple[int, ...] | None
    titles: tuple[str, ...]
    not_ready: tuple[str, ...]


def chosen(reader: Reader, wanted: Wanted) -> Chosen:
    """Check a scope. Raises NotFound for what is not the reader's, and Invalid."""
    scope = wanted.scope or _scope_of(wanted)
    if not scope:
        return _as_the_reader_likes(reader)
    if scope == Kinds.LIBRARY:
        return Chosen(scope)
    if scope == Kinds.BOOK and wanted.book is not None:
        return Chosen(scope, book=_own_books(reader, [wanted.book])[0])
    if scope == Kinds.BOOKS and wanted.books:
        return Chosen(scope, books=_own_books(reader, wanted.books))
    if scope == Kinds.COLLECTION and wanted.collection is not None:
        found = Collection.objects.filter(owner=reader, pk=wanted.collection).first()
        if found is None:
            raise NotFound(_("There is no such collection."))
        return Chosen(scope, collection=found)
    raise Invalid(_("Say which book, which books or which collection this is about."))


def reachable(talk: Conversation) -> Reachable:
    """Return the books that a question of this conversation looks into. Nothing is raised: some may be gone."""
    if talk.scope == Kinds.BOOK and (book := talk.book) and book.removed_at is None:  # fetched with the conversation
        there, waiting = ((book.pk,), (book.title,)), (book.title,)
        return Reachable(*there, ()) if book.is_askable else Reachable((), (), waiting)
    rows = list(_books_of(talk).order_by("pk").values_list("pk", "title", "is_askable", "state"))
    ready = [(pk, title) for pk, title, is_askable, _state in rows if is_askable]
    is_all = talk.scope == Kinds.LIBRARY
    waits = [title for _pk, title, is_askable, state in rows if not (is_askable or (is_all and state in NEVER_READY))]
    books = None if is_all and not talk.is_limited else tuple(pk for pk, _title in ready)
    titles = () if is_all else tuple(title for _pk, title in ready)
    return Reachable(books, titles, tuple(waits))


def until(talk: Conversation, found: Reachable) -> Mapping[int, tuple[int, int]]:
    """Return where the reading limit is in each of the books; nothing without a limit."""
    return reaches(talk.reader, found.books or ()) if talk.is_limited else {}


def check(talk: Conversation) -> None:
    """Say whether a conversation can be asked. Raises ScopeGone or BookNotReady."""
    found = reachable(talk)
    if talk.scope == Kinds.LIBRARY or found.titles:
        return
    if found.not_ready:
        raise BookNotReady(_("The words of this book are not indexed yet. Ask again in a moment."))
    if talk.scope == Kinds.COLLECTION and talk.collection_id is None:
        raise ScopeGone(_("The collection this conversation is about was deleted. Choose what to ask."))
    if talk.scope == Kinds.COLLECTION:
        raise ScopeGone(_("The collection this conversation is about is empty. Put a book into it, or choose others."))
    raise ScopeGone(_("The books this conversation is about were deleted. Choose what to ask."))


def _books_of(talk: Conversation) -> QuerySet[Book]:
    mine = Book.objects.filter(owner=talk.reader_id)
    if talk.scope == Kinds.LIBRARY:
        return mine
    where: dict[str, Any] = {
        Kinds.BOOK: {"pk": talk.book_id},
        Kinds.BOOKS: {"chosen_in": talk},
        Kinds.COLLECTION: {"collections": talk.collection_id or 0},
    }
    return mine.filter(**where[talk.scope])


def _scope_of(wanted: Wanted) -> str:
    if wanted.book is not None:
        return Kinds.BOOK
    if wanted.books:
        return Kinds.BOOKS
    return Kinds.COLLECTION if wanted.collection is not None else ""


def _own_books(reader: Reader, pks: Sequence[int]) -> tuple[Book, ...]:
    wanted = list(dict.fromkeys(pks))
    if len(wanted) > MOST_BOOKS:
        raise Invalid(_("%(most)s books at most can be asked together.") % {"most": MOST_BOOKS})
    found = Book.objects.filter(owner=reader).defer("contents", "details").in_bulk(wanted)
    if len(found) < len(wanted):
        raise NotFound(_("There is no such book."))
    return tuple(found[pk] for pk in wanted)


def _as_the_reader_likes(reader: Reader) -> Chosen:
    """Return the scope of a conversation begun without one."""
    if reader.default_scope == "reading":
        opened = ReadingPlace.objects.filter(reader=reader, book__owner=reader, book__removed_at=None)
        newest = opened.values("book").annotate(at=Max("updated_at")).order_by("-at").values_list("book", flat=True)
        if being_read := list(newest[:BEING_READ]):
            return Chosen(Kinds.BOOKS, books=_own_books(reader, being_read))
    return Chosen(Kinds.LIBRARY)
