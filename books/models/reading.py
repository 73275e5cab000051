"""What a reader leaves in a book: annotations, and how far they are."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from books.models.shelf import Book


class Annotation(models.Model):
    """A reader's mark in a book: a highlight, a note, a bookmark.

    It keeps the words it stands on and those around them (W3C Web Annotation, TextQuoteSelector), so that it
    finds its place again when the book is read anew. One that does not is kept, with `is_placed` false.
    """

    class Kind(models.TextChoices):
        """What the reader made."""

        HIGHLIGHT = "highlight", _("Highlight")
        NOTE = "note", _("Note")
        BOOKMARK = "bookmark", _("Bookmark")

    class Colour(models.TextChoices):
        """The four inks."""

        YELLOW = "yellow", _("Yellow")
        BLUE = "blue", _("Blue")
        PINK = "pink", _("Pink")
        LILAC = "lilac", _("Lilac")

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="annotations")
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="annotations")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.HIGHLIGHT)
    colour = models.CharField(max_length=12, choices=Colour, default=Colour.YELLOW)
    section = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField(blank=True)  # the slice
    before = models.CharField(max_length=64, blank=True)  # the words around it
    after = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)  # Markdown
    is_placed = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        ordering = ["section", "start", "id"]
        indexes = [models.Index(fields=["reader", "book"])]

    def __str__(self) -> str:
        return self.quote[:40] or f"annotation {self.pk}"


class ReadingPlace(models.Model):
    """Where a reader is in a book on one device. The newest of them is where the book opens."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="places")
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="places")
    device = models.CharField(max_length=40, blank=True)  # the browser's own id; empty: not told
    device_name = models.CharField(max_length=80, blank=True)  # Firefox on Android
    section = models.PositiveIntegerField(default=0)
    offset = models.PositiveIntegerField(default=0)  # code points into the section's text
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "book", "device"], name="one_place_per_device")]
        indexes = [models.Index(fields=["reader", "book", "-updated_at"])]

    def __str__(self) -> str:
        return f"{self.section}+{self.offset}"


class Reach(models.Model):
    """How far a reader has read in a book, as the reading limit takes it.

    It grows with reading on, not with jumping ahead (books/reach.py); a reader may set it.
    """

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reaches")
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reaches")
    section = models.PositiveIntegerField(default=0)
    offset = models.PositiveIntegerField(default=0)  # code points into the section's text
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "book"], name="one_reach_per_book")]

    def __str__(self) -> str:
        return f"{self.section}+{self.offset}"
