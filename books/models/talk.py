"""Conversations: questions, answers, and the words of books they quote."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from books.models.shelf import Book, Collection, Present


class PresentTalks(Present["Conversation"]):
    """Conversations that are not removed, and whose book, if they have one, is not."""

    moments = ("removed_at", "book__removed_at")


class PresentCitations(Present["Citation"]):
    """Quotes of books and in conversations that are not removed."""

    moments = ("book__removed_at", "reply__conversation__removed_at")


class Conversation(models.Model):
    """A talk about one book, some books, a collection or the whole library, as `scope` says.

    Its replies are a tree: a question asked anew, or put otherwise, is a branch beside the first one.
    `tip` is the last reply of the branch that is shown. A removed one is found nowhere and comes back, or is deleted
    for good a little later; `every` holds it until then.
    """

    class Scope(models.TextChoices):
        """What is asked. What does not belong to the scope stays empty: `book`, `books`, `collection`."""

        BOOK = "book", _("This book")
        BOOKS = "books", _("Chosen books")
        COLLECTION = "collection", _("A collection")
        LIBRARY = "library", _("The whole library")

    class Namer(models.TextChoices):
        """Who gave the title. One that the reader gave is never written over."""

        READER = "reader", _("Reader")
        MODEL = "model", _("Language model")

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    scope = models.CharField(max_length=12, choices=Scope, default=Scope.LIBRARY)
    book = models.ForeignKey(Book, null=True, blank=True, on_delete=models.CASCADE, related_name="conversations")
    books = models.ManyToManyField(Book, related_name="chosen_in", blank=True)
    collection = models.ForeignKey(
        Collection, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    is_limited = models.BooleanField(default=False)  # only up to where the reader has read
    title = models.CharField(max_length=200, blank=True)
    named_by = models.CharField(max_length=8, choices=Namer, blank=True)  # empty: the title is the first question
    tip = models.ForeignKey("Reply", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_pinned = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = PresentTalks()
    every = models.Manager["Conversation"]()

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
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    nonce = models.CharField(max_length=64, blank=True)  # the browser's own id: a question sent twice is one
    question = models.TextField()
    # The words the question is about: {kind: ask | explain | translate, book, section, start, end, quote}
    about = models.JSONField(default=dict, blank=True)
    text = models.TextField(blank=True)  # the answer; [1] stands where citation 1 belongs
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    last_seq = models.PositiveIntegerField(default=0)  # frames whose effect `text` and the citations hold
    engine = models.CharField(max_length=200, blank=True)  # model name; empty: quotes only
    left_out = models.PositiveSmallIntegerField(default=0)  # quotes that were not in the book
    ahead = models.PositiveSmallIntegerField(default=0)  # passages that fit and lie past the reader's place
    # What was told to the model besides books, by its key ("memory:12"). Never the words: they may be forgotten.
    noted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    feedback = models.SmallIntegerField(default=0)  # 1: good, -1: bad
    feedback_reason = models.CharField(max_length=1000, blank=True)
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

    objects = PresentCitations()
    every = models.Manager["Citation"]()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["reply", "number"], name="one_citation_per_number")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.quote[:40]}"
