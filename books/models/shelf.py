"""What is on the shelf: books, collections, and files on their way."""

import uuid
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model)


class Present(models.Manager[Row]):
    """The rows that are not removed: what every reader, search and page sees. A model's `every` has the others too.

    `moments` of removing count: the row's own, or that of what it belongs to (`book__removed_at`). They stand in a
    class, for Django makes the managers of related rows (`reader.books`) from the class alone.
    """

    moments: ClassVar[tuple[str, ...]] = ("removed_at",)

    def get_queryset(self) -> models.QuerySet[Row]:
        """Leave out what waits to be deleted."""
        found = super().get_queryset()
        for moment in self.moments:
            name, _owner, rest = moment.partition("__")
            found = found.filter(~self._is_gone(name, rest)) if rest else found.filter(**{moment: None})
        return found

    def _is_gone(self, name: str, rest: str) -> models.Exists:
        """Say that the row's `name` is removed. A subquery, so that the rows themselves can be locked."""
        owner: Any = self.model._meta.get_field(name).related_model
        return models.Exists(owner._base_manager.filter(pk=models.OuterRef(name), **{f"{rest}__isnull": False}))


class Book(models.Model):
    """One book on one reader's shelf. The same bytes twice are one book (per reader).

    A removed book is gone for everybody (`objects` does not have it) and deleted for good a little later,
    unless its reader takes the removal back; `every` holds it until then.
    """

    class State(models.TextChoices):
        """Where the book is on its way; the names of the middle ones are the names of the ingest steps."""

        QUEUED = "queued", _("Waiting")
        READING = "reading", _("Reading")
        RECOGNISING = "recognising", _("Recognising text")
        SPLITTING = "splitting", _("Splitting")
        INDEXING = "indexing", _("Indexing")
        EMBEDDING = "embedding", _("Embedding")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="books")
    digest = models.CharField(max_length=64)  # SHA-256 of the file, hexadecimal
    file_name = models.CharField(_("file name"), max_length=255)
    file_size = models.BigIntegerField(_("size"))  # bytes
    format = models.CharField(_("format"), max_length=16, blank=True)
    title = models.CharField(_("title"), max_length=500)
    authors = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)  # BCP 47; empty: not known
    series = models.CharField(_("series"), max_length=300, blank=True)
    series_number = models.FloatField(_("number in the series"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    told = models.JSONField(default=dict, blank=True)  # the file's own title, authors, language, series ...
    edited = ArrayField(models.CharField(max_length=20), default=list, blank=True)  # fields whose value is the reader's
    encoding = models.CharField(max_length=40, blank=True)  # chosen by the reader; empty: detected
    password = models.TextField(blank=True)  # of a locked PDF, sealed
    details = models.JSONField(default=dict, blank=True)  # publisher, date, identifiers, encoding ...
    contents = models.JSONField(default=list, blank=True)  # [{title, section, start, depth}]
    warnings = models.JSONField(default=list, blank=True)  # sentences: what could not be saved
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    parser_version = models.PositiveSmallIntegerField(default=0)
    section_count = models.PositiveIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    words = models.PositiveIntegerField(default=0)  # a Chinese character counts as one
    page_count = models.PositiveIntegerField(default=0)
    cover = models.PositiveIntegerField(null=True, blank=True)  # Picture.number of the file's own
    own_cover = models.CharField(max_length=80, blank=True)  # name of the reader's own picture; empty: none
    passage_count = models.PositiveIntegerField(default=0)
    average_terms = models.FloatField(default=0.0)  # terms per passage, for BM25
    window_count = models.PositiveIntegerField(default=0)  # windows embedded
    is_readable = models.BooleanField(default=False)  # its text is there
    is_askable = models.BooleanField(default=False)  # its words are indexed
    is_embedded = models.BooleanField(default=False)  # its vectors are there (or the engine has no vote)
    created_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = Present["Book"]()
    every = models.Manager["Book"]()

    class Meta:
        verbose_name = _("book")
        verbose_name_plural = _("books")
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="one_book_per_file")]
        indexes = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.title


class Collection(models.Model):
    """A reader's own shelf: a name, and books. A book may stand on several."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="collections")
    name = models.CharField(_("name"), max_length=80)
    books = models.ManyToManyField(Book, related_name="collections", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        ordering = [Lower("name"), "pk"]
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="one_collection_per_name")]

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file that is being sent in pieces (tus 1.0). `received` bytes of it lie on disk under its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()  # bytes, as announced
    received = models.BigIntegerField(default=0)
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.SET_NULL, related_name="uploads")
    is_new = models.BooleanField(default=False)  # false: the reader had this book before
    error_code = models.CharField(max_length=40, blank=True)  # why the whole file was refused
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index(fields=["reader", "-created_at"])]

    def __str__(self) -> str:
        return self.file_name
