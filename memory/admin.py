"""Memories for admins: how much of it there is and what failed, never what is remembered."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from memory.models import Job, Memory, Mind, Session
from memory.types import State
from mindory_web.lib.panel import Panel, ago, display, lasting, moment

STATES: Mapping[str, str] = {"queued": "warning", "running": "info", "done": "success", "failed": "danger"}


def counted(rows: QuerySet[Any]) -> Any:
    """Return how many of the rows belong to the reader of the outer one."""
    mine = rows.filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("pk"))
    return Coalesce(Subquery(mine.values("n")), 0, output_field=IntegerField())


@admin.register(Mind)
class MindPanel(Panel):
    """How much is remembered of each reader, and what is switched on."""

    list_display = ("reader", "memories", "turns", "sessions", "jobs_open", "is_learning", "is_following", "revision")
    list_filter = ("is_learning", "is_following")
    list_select_related = ("reader",)
    search_fields = ("reader__username",)
    ordering = ("reader__username",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mind]:
        """Count the rows of every reader in the same query."""
        there = Memory.objects.exclude(state=State.FORGOTTEN)
        minds: QuerySet[Any] = super().get_queryset(request)
        minds = minds.annotate(
            memory_total=counted(there.filter(number__isnull=True)),
            turn_total=counted(there.filter(number__isnull=False)),
            session_total=counted(Session.objects.all()),
            job_total=counted(Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])),
        )
        return minds

    @display(description=gettext_lazy("memories"), ordering="memory_total")
    def memories(self, mind: Any) -> int:
        """Show how much was told or learned."""
        return int(mind.memory_total)

    @display(description=gettext_lazy("turns"), ordering="turn_total")
    def turns(self, mind: Any) -> int:
        """Show how much was said."""
        return int(mind.turn_total)

    @display(description=gettext_lazy("sessions"), ordering="session_total")
    def sessions(self, mind: Any) -> int:
        """Show in how many sessions."""
        return int(mind.session_total)

    @display(description=gettext_lazy("open jobs"), ordering="job_total")
    def jobs_open(self, mind: Any) -> int:
        """Show how many jobs wait or run."""
        return int(mind.job_total)


@admin.register(Job)
class JobPanel(Panel):
    """Runs of what needs a model or long minutes: how far, how often, what went wrong."""

    list_display = (
        "number",
        "owner",
        "kind",
        "status",
        "progress",
        "attempts",
        "error_code",
        "took",
        moment("created_at", gettext_lazy("made")),
    )
    list_filter = ("state", "kind", "error_code")
    list_select_related = ("owner",)
    search_fields = ("owner__username",)
    ordering = ("-pk",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Leave what a model said, and what it was said about, in the database."""
        jobs: QuerySet[Any] = super().get_queryset(request).defer("result", "error")
        return jobs

    @display(description=gettext_lazy("job"), ordering="pk")
    def number(self, job: Job) -> str:
        """Show its number."""
        return f"#{job.pk}"

    @display(description=gettext_lazy("state"), ordering="state", label=STATES)
    def status(self, job: Job) -> tuple[str, str]:
        """Show the state."""
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        """Show how far it is."""
        return f"{job.done:,} / {job.total:,}" if job.total else "–"

    @display(description=gettext_lazy("took"))
    def took(self, job: Job) -> str:
        """Show how long it was there."""
        return lasting(job.finished_at - job.created_at) if job.finished_at else ago(job.created_at)
