"""What a book is made of: its text, pictures and pages, and the index over it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from books.models.shelf import Book


class Section(models.Model):
    """A chapter or part: canonical text, and the blocks it is shown as."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="sections")
    number = models.PositiveIntegerField()  # from 0, in reading order
    title = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    blocks = models.JSONField(default=list)  # books/formats/parsed.py: Block.as_row
    start_in_book = models.PositiveIntegerField(default=0)  # characters of the book before this section
    origins = models.JSONField(default=list)  # [[offset, offset in the decoded file]], of text files

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_section_per_number")]

    def __str__(self) -> str:
        return self.title or f"§{self.number}"


class Picture(models.Model):
    """A picture of a book, written anew by us. The file is named by its contents."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="pictures")
    number = models.PositiveIntegerField()  # as blocks and marks name it
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()  # pixels
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_picture_per_number")]

    def __str__(self) -> str:
        return f"picture {self.number}"


class Page(models.Model):
    """A page of a printed book, with the place of every word on it when the book is a PDF."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()  # from 0
    label = models.CharField(max_length=500, blank=True)  # what is printed on it: iv, 12, A-3
    section = models.PositiveIntegerField()  # it begins at character `start` of this section
    start = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)  # tenths of a point; 0: only the label is known
    height = models.PositiveIntegerField(default=0)
    words = models.JSONField(default=list)  # books/formats/parsed.py: Word

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_page_per_number")]
        indexes = [models.Index(fields=["book", "section", "start"], name="page_by_place")]

    def __str__(self) -> str:
        return self.label or str(self.number + 1)


class RecognisedPage(models.Model):
    """The words that text recognition found on a scanned page: kept one by one, so that no page is done twice."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="recognised_pages")
    number = models.PositiveIntegerField()  # from 0
    lines = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_recognition_per_page")]

    def __str__(self) -> str:
        return f"recognised page {self.number + 1}"


class Passage(models.Model):
    """A span of a section's text: what is searched and shown to a model. Its text is the slice."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="passages")
    number = models.PositiveIntegerField()  # from 0 in the book
    section = models.PositiveIntegerField()  # Section.number
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["book", "number"], name="one_passage_per_number")]

    def __str__(self) -> str:
        return f"{self.section}[{self.start}:{self.end}]"


class Real(models.FloatField):  # type: ignore[type-arg]
    """A float of four bytes: plenty for a weight."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the name of the column's type."""
        return "real"


class Posting(models.Model):
    """The passages of one book that hold one term, with each one's BM25 weight for it (Robertson & Zaragoza 2009).

    weight = tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average length)); the score of a
    passage is the sum over the question's terms of idf(term) * weight.
    """

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="postings")
    term = models.CharField(max_length=64)
    held = models.PositiveIntegerField()  # how many passages: the arrays may be far away, this is in the row
    passages = ArrayField(models.IntegerField())  # Passage.number, ascending
    weights = ArrayField(Real())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["book", "term"], name="one_posting_per_term")]

    def __str__(self) -> str:
        return f"{self.term} in {len(self.passages)}"
