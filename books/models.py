"""Books, their text, the jobs that read them, and the conversations about them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Book(models.Model):
    """One book on one reader's shelf. The same bytes twice are one book (per reader)."""

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

    class Meta:
        verbose_name = _("book")
        verbose_name_plural = _("books")
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="one_book_per_file")]
        indexes = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return self.title


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
        GREEN = "green", _("Green")
        BLUE = "blue", _("Blue")
        PINK = "pink", _("Pink")

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


class Job(models.Model):
    """One run of a book through the ingest steps. The row is the truth; a Celery message only wakes a worker.

    A worker owns the job while `lease_until` is ahead and `fence` is the number it was given;
    every write of its results checks the fence in the same transaction.
    """

    class State(models.TextChoices):
        """Open jobs are queued or running; the others never change again."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    step = models.CharField(max_length=12, choices=Book.State, blank=True)  # the step being done, or done last
    steps_done = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    done = models.PositiveIntegerField(default=0)  # of `total`, in the step's own unit
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before work starts
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    is_cancel_asked = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)  # last time a message was sent
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["book"], condition=Q(state__in=["queued", "running"]), name="one_open_job_per_book"
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"job {self.pk}: book {self.book_id}"


class Conversation(models.Model):
    """A talk with one book, or with the whole library when `book` is empty."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["reader", "-updated_at"])]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"


class Reply(models.Model):
    """A question and its answer. A reply worker owns it as an ingest worker owns a job (lease and fence)."""

    class State(models.TextChoices):
        """Open replies are queued, looking or writing; the others are final."""

        QUEUED = "queued", _("Waiting")
        LOOKING = "looking", _("Looking")
        WRITING = "writing", _("Writing")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        INTERRUPTED = "interrupted", _("Interrupted")
        FAILED = "failed", _("Failed")

    OPEN = ("queued", "looking", "writing")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="replies")
    nonce = models.CharField(max_length=64, blank=True)  # the browser's own id: a question sent twice is one
    question = models.TextField()
    text = models.TextField(blank=True)  # the answer; [1] stands where citation 1 belongs
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    last_seq = models.PositiveIntegerField(default=0)  # frames whose effect `text` and the citations hold
    engine = models.CharField(max_length=200, blank=True)  # model name; empty: quotes only
    left_out = models.PositiveSmallIntegerField(default=0)  # quotes that were not in the book
    trace = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    is_stop_asked = models.BooleanField(default=False)
    request_id = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)  # of the page, for sentences of ours in the answer
    queued_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "nonce"], condition=~Q(nonce=""), name="one_reply_per_nonce"
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"reply {self.pk}"


class Citation(models.Model):
    """Words of a book that a reply quotes: literally the slice [start, end) of that section's text."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()  # from 1, as shown
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="citations")
    section = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    heading = models.CharField(max_length=500, blank=True)
    page = models.CharField(max_length=500, blank=True)  # what is printed on the page where it begins
    raw_anchor = models.TextField(blank=True)  # what the model wrote
    how = models.CharField(max_length=16, default="exact")  # exact, folded, shortened
    is_placed = models.BooleanField(default=True)  # false: its words are no longer in the book

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="one_citation_per_number")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.quote[:40]}"


class ReadingPlace(models.Model):
    """How far a reader is in a book."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="places")
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="places")
    section = models.PositiveIntegerField(default=0)
    offset = models.PositiveIntegerField(default=0)  # code points into the section's text
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "book"], name="one_place_per_book")]

    def __str__(self) -> str:
        return f"{self.section}+{self.offset}"
