"""What Mindory remembers: memories, the sessions they come from, and every change to them."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from memory.types import LONGEST_NAME, MemoryType, SourceKind, State, Verb


def named(kinds: type[StrEnum]) -> list[tuple[str, str]]:
    """Return the choices of a column; what a page calls them is the page's business."""
    return [(each.value, each.value) for each in kinds]


class Mind(models.Model):
    """One reader's memory as a whole.

    `revision` grows with every change: its row is locked by whoever writes, so writers of one reader come one
    after the other, and a search knows whether what it holds in memory is still true.
    """

    reader = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="mind"
    )
    revision = models.BigIntegerField(default=0)
    is_learning = models.BooleanField(_("remember new things"), default=True)
    is_following = models.BooleanField(_("remember what I read"), default=True)  # reading events become memories

    class Meta:
        verbose_name = _("memory of a reader")
        verbose_name_plural = _("memories of readers")

    def __str__(self) -> str:
        return f"{self.reader_id}@{self.revision}"


class Session(models.Model):
    """A timeline of turns. `learned_to` is the number of the first turn nothing was learned from yet."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memory_sessions")
    key = models.CharField(max_length=LONGEST_NAME)  # the sender's own name of it: "conversation:12"
    title = models.CharField(max_length=LONGEST_NAME, blank=True)
    agent = models.CharField(max_length=LONGEST_NAME, blank=True)
    books = ArrayField(models.BigIntegerField(), default=list, blank=True)  # what it is about
    participants = ArrayField(models.CharField(max_length=LONGEST_NAME), default=list, blank=True)
    is_learning = models.BooleanField(default=True)
    turn_count = models.PositiveIntegerField(default=0)
    learned_to = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    last_turn_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_session_per_key")]
        indexes = [models.Index(fields=["owner", "-opened_at"]), models.Index(fields=["closed_at", "last_turn_at"])]

    def __str__(self) -> str:
        return self.title or self.key


class Memory(models.Model):
    """One thing remembered; a turn of a session is one too (`number` is its place there, from 0).

    Bi-temporal: valid in [valid_from, valid_to) of the reader's world, recorded at `recorded_at` in ours.
    A forgotten row keeps its dates and loses its words.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memories")
    revision = models.BigIntegerField(default=0)  # Mind.revision of the last change a search must know of
    type = models.CharField(max_length=16, choices=named(MemoryType))
    type_confidence = models.FloatField(default=1.0)
    subject = models.CharField(max_length=LONGEST_NAME, blank=True)
    attribute = models.CharField(max_length=LONGEST_NAME, blank=True)
    value = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    importance = models.FloatField(default=0.5)
    confidence = models.FloatField(default=1.0)
    is_pinned = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=named(State), default=State.ACTIVE)

    agent = models.CharField(max_length=LONGEST_NAME, blank=True)
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="memories")
    number = models.PositiveIntegerField(null=True, blank=True)  # of a turn
    role = models.CharField(max_length=16, blank=True)
    speaker = models.CharField(max_length=LONGEST_NAME, blank=True)
    caption = models.TextField(blank=True)
    is_learnable = models.BooleanField(default=True)  # False: a turn that nothing may be learned from

    source_kind = models.CharField(max_length=12, choices=named(SourceKind), default=SourceKind.API)
    source_key = models.CharField(max_length=LONGEST_NAME, blank=True)
    source_label = models.CharField(max_length=300, blank=True)
    turn = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="learned")
    quote = models.TextField(blank=True)
    book = models.BigIntegerField(null=True, blank=True)  # no key: this app knows no books
    section = models.PositiveIntegerField(null=True, blank=True)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)

    observed_at = models.DateTimeField(default=timezone.now)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    told_to = models.DateTimeField(null=True, blank=True)  # valid_to as it was told; a newer value may end it sooner
    recorded_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes"
    )
    expires_on = models.DateField(null=True, blank=True)
    stability_days = models.FloatField(default=14.0)
    used_count = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    told_count = models.PositiveIntegerField(default=1)
    text_hash = models.BinaryField(max_length=16)  # of the folded text
    gist = models.BinaryField(max_length=16, default=bytes)  # the same for the same words otherwise put; empty: none
    tokens = models.BinaryField(default=bytes)  # what it is found by (memory/indexing.py)
    space = models.SmallIntegerField(null=True, blank=True)  # the engines.Space that holds its vector

    class Meta:
        verbose_name = _("memory")
        verbose_name_plural = _("memories")
        ordering = ["-observed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"], condition=Q(number__isnull=False), name="one_turn_per_number"
            ),
            models.UniqueConstraint(
                fields=["owner", "source_key"], condition=~Q(source_key=""), name="one_memory_per_source_key"
            ),
            models.CheckConstraint(
                condition=Q(importance__gte=0, importance__lte=1, confidence__gte=0, confidence__lte=1),
                name="memory_shares_are_shares",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_from__lte=F("valid_to")),
                name="memory_interval_runs_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "revision"]),
            models.Index(fields=["owner", "text_hash"]),
            models.Index(fields=["owner", "gist"], condition=~Q(gist=b""), name="memory_gist"),
            models.Index(fields=["owner", "-observed_at", "-id"]),
            models.Index(  # what lists and counts ask for, so that they need not read a hundred thousand rows
                fields=["owner", "state", "number"],
                include=[
                    *("id", "type", "book", "is_pinned", "observed_at", "recorded_at", "changed_at"),
                    *("valid_to", "expires_on"),
                ],
                name="memory_counts",
            ),
            models.Index(fields=["owner", "subject", "attribute"], condition=~Q(attribute=""), name="memory_slot"),
            models.Index(fields=["owner", "book"], condition=Q(book__isnull=False), name="memory_book"),
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="memory_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Event(models.Model):
    """One change to a memory: append-only. What is forgotten loses its words here too, not its dates."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memory_events")
    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="events")
    verb = models.CharField(max_length=12, choices=named(Verb))
    before = models.JSONField(default=dict)  # the fields that changed, as they were
    after = models.JSONField(default=dict)
    actor = models.CharField(max_length=100)  # "reader", "key: NAME", "extraction", "import"
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    revision = models.BigIntegerField(default=0)  # Mind.revision of the change

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["memory", "id"]),
            models.Index(fields=["owner", "-at"]),
            models.Index(fields=["owner"], condition=Q(verb__in=["merged", "repeated"]), name="memory_told_again"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.memory_id}"


class Layer(models.Model):
    """A shorter form of a memory or a session: level 0 the abstract, 1 the overview. Stale ones are not served."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    memory = models.ForeignKey(Memory, null=True, blank=True, on_delete=models.CASCADE, related_name="layers")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="layers")
    level = models.PositiveSmallIntegerField()
    text = models.TextField()
    source_hash = models.BinaryField(max_length=32)  # of what it was made from
    made_by = models.CharField(max_length=200)  # a model's name
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["memory", "level"], name="one_layer_per_memory_and_level"),
            models.UniqueConstraint(fields=["session", "level"], name="one_layer_per_session_and_level"),
            models.CheckConstraint(
                condition=Q(memory__isnull=False, session__isnull=True) | Q(memory__isnull=True, session__isnull=False),
                name="layer_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"L{self.level}"


class Recall(models.Model):
    """A memory was put into a conversation: what the page tells, and what must not be learned again from it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="recalls")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="recalls")
    key = models.CharField(max_length=LONGEST_NAME, blank=True)  # which answer: "reply:12"
    was_used = models.BooleanField(default=False)  # the answer drew on it, as far as can be told
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["memory", "session", "key"], name="one_recall_per_answer")]
        indexes = [models.Index(fields=["owner", "key"])]

    def __str__(self) -> str:
        return f"{self.memory_id} in {self.key}"


class Job(models.Model):
    """Work that needs a model or long minutes. It may only add; its failure is told here and loses nothing."""

    class Kind(models.TextChoices):
        """What is to be done."""

        LEARN = "learn", _("Learn from a session")
        EMBED = "embed", _("Make vectors")
        LAYERS = "layers", _("Write abstracts")

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memory_jobs")
    kind = models.CharField(max_length=12, choices=Kind)
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result: Any = models.JSONField(default=dict)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)  # grows with each claim: an older worker can no longer write
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="memory_job_finished"),
        ]
        constraints = [
            models.UniqueConstraint(  # more turns while one waits are one job's work
                fields=["owner", "kind", "session"],
                condition=Q(state="queued"),
                name="one_waiting_memory_job",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"


class ModelAnswer(models.Model):
    """What a model answered to exactly these words: asked once, kept for the reader it was asked for."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32)  # of model, prompt and content
    text = models.TextField()
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="one_answer_per_prompt")]
        indexes = [models.Index(fields=["made_at"], name="memory_answer_made")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:12]


class Request(models.Model):
    """A request that carried an Idempotency-Key: sent again, it answers with the same memory.

    When that was forgotten, `key` is a hash of it and `digest` empty (memory/resent.py).
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_NAME)
    digest = models.BinaryField(max_length=32)  # of what was sent: another body under the same key is a conflict
    memory = models.ForeignKey(Memory, on_delete=models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_request_per_key")]
        indexes = [models.Index(fields=["at"], name="memory_request_at")]  # the reaper deletes old ones

    def __str__(self) -> str:
        return self.key
