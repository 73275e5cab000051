"""What a reader marks in a book: highlights, notes, bookmarks. Everything is bounded by the reader."""

import hashlib
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from books.coordinates import Span
from books.models import Annotation, Book, Section
from books.moving import put
from books.signals import annotation_changed
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound

MOST: Final = 10_000  # in one book
LONGEST: Final = 20_000  # characters of a note, and of the words it stands on


class Annotations:
    """The annotations of one reader in one book."""

    def __init__(self, reader: Reader, book: Book) -> None:
        self.reader, self.book = reader, book

    def all(self, *, kind: str = "", colour: str = "", words: str = "") -> "QuerySet[Annotation]":
        """Return them in the order of the text, those that lost their place among them.

        Only one kind, one colour, or those whose words or note hold `words`, when they are given.
        """
        found = Annotation.objects.filter(reader=self.reader, book=self.book).order_by("section", "start", "pk")
        if kind:
            found = found.filter(kind=kind)
        if colour:
            found = found.filter(colour=colour)
        if words:
            found = found.filter(Q(quote__icontains=words) | Q(text__icontains=words))
        return found

    def one(self, pk: int) -> Annotation:
        """Return one."""
        found = self.all().filter(pk=pk).first()
        if found is None:
            raise NotFound(_("There is no such annotation."))
        return found

    def unplaced(self) -> int:
        """Return how many wait for words that are no longer in the book."""
        return self.all().filter(is_placed=False).count()

    def state(self) -> dict[str, Any]:
        """Return how many there are and when the last one changed: what tells a page that it must look again."""
        return self.all().order_by().aggregate(count=Count("pk"), changed_at=Max("updated_at"))

    def add(self, span: Span, *, kind: str, colour: str = "", text: str = "") -> Annotation:
        """Mark the characters of a span. The words there are kept, so that the mark finds them again.

        The very words that are marked already get no second mark, unless it carries another note: a page sends a mark
        again when the connection dropped, and a reader who marks words again wants another colour.
        """
        is_point = span.start == span.end
        if is_point and kind != Annotation.Kind.BOOKMARK:
            raise Invalid(_("Choose some words to mark."))
        if len(span) > LONGEST:
            raise Invalid(_("This is too long to mark at once."))
        with transaction.atomic():
            # Nobody replaces the text, and nobody adds another annotation, until this one is there.
            Book.objects.select_for_update(no_key=True).get(pk=self.book.pk)
            words = Section.objects.filter(book=self.book, number=span.section).values_list("text", flat=True).first()
            if words is None or span.end > len(words):
                raise Invalid(_("There is no such place in this book."))
            note = _written(text)
            if known := self._same(span, kind=kind, text=note):
                return self.change(known.pk, colour=colour or None, text=note or None)
            if self.all().count() >= MOST:
                raise Conflict(_("This book has as many annotations as Mindory keeps of one."))
            made = Annotation(reader=self.reader, book=self.book, kind=_kind(kind, note) if note else kind, text=note)
            made.colour = colour or Annotation.Colour.YELLOW
            put(made, span, words)
            made.save()
        self._tell(made.pk, is_new=True)
        return made

    def _same(self, span: Span, *, kind: str, text: str) -> Annotation | None:
        """Return the mark that this one would repeat."""
        there = self.all().filter(section=span.section, start=span.start, end=span.end, is_placed=True)
        if kind == Annotation.Kind.BOOKMARK:
            return there.filter(kind=kind).first()
        there = there.exclude(kind=Annotation.Kind.BOOKMARK)
        return (there.filter(text__in=["", text]) if text else there).first()

    def change(
        self, pk: int, *, colour: str | None = None, text: str | None = None, version: str | None = None
    ) -> Annotation:
        """Give one another colour or another text; what is None stays.

        `version` (see `version_of`) is the text that the new one was written over: Conflict when there is a third one.
        """
        with transaction.atomic():
            found = self.all().select_for_update().filter(pk=pk).first() or self.one(pk)
            wanted: dict[str, Any] = {"colour": colour, "text": None if text is None else _written(text)}
            if version is not None and wanted["text"] not in (None, found.text) and version != version_of(found):
                raise Conflict(_("This note was changed on another device."), version=version_of(found))
            fields = {name: value for name, value in wanted.items() if value is not None}
            if "text" in fields:
                fields["kind"] = _kind(found.kind, fields["text"])
            Annotation.objects.filter(pk=found.pk).update(**fields, updated_at=Now())
        found.refresh_from_db()
        self._tell(pk)
        return found

    def delete(self, pk: int) -> None:
        """Delete one."""
        self.one(pk).delete()
        self._tell(pk, is_gone=True)

    def _tell(self, pk: int, *, is_new: bool = False, is_gone: bool = False) -> None:
        annotation_changed.send_robust(
            Annotation, annotation_id=pk, reader_id=self.reader.pk, is_new=is_new, is_gone=is_gone
        )


def version_of(annotation: Annotation) -> str:
    """Return what changes with the text of a note, and with nothing else: two devices may ink one mark at once."""
    return hashlib.sha256(annotation.text.encode()).hexdigest()[:16]


def _kind(kind: str, text: str) -> str:
    """Return the kind that goes with a text: a highlight that gets a note is a note, and one without it none."""
    if kind == Annotation.Kind.BOOKMARK:
        return kind
    return Annotation.Kind.NOTE if text else Annotation.Kind.HIGHLIGHT


def _written(text: str) -> str:
    if len(text) > LONGEST:
        raise Invalid(_("A note may have 20,000 characters."))
    return text.replace("\r\n", "\n").replace("\0", "")
