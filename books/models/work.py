"""The jobs that read books."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from books.models.shelf import Book


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
