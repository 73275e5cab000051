"""Books, jobs and conversations for admins: states, sizes, times and errors, never what was asked or answered."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from books.models import Book, Citation, Conversation, Job, Reply
from books.sentences import translated
from books.store import BookStore
from mindory_web.accounts import audit
from mindory_web.accounts.models import Reader
from mindory_web.lib.panel import Panel, action, ago, display, lasting, moment

STATES = {
    "queued": "warning",
    "ready": "success",
    "done": "success",
    "failed": "danger",
    "interrupted": "danger",
    "cancelled": "",
    "stopped": "",
    "removed": "",
    **dict.fromkeys(
        ("reading", "recognising", "splitting", "indexing", "embedding", "running", "looking", "writing"), "info"
    ),
}
OPEN = ("queued", "running")


def act(reader: Any, book: Book, verb: str) -> None:
    """Do `retry`, `cancel` or `reingest` to somebody's book, and write down that `reader` did."""
    verbs: dict[str, Callable[[BookStore, int], object]] = {
        "retry": BookStore.retry,
        "cancel": BookStore.cancel,
        "reingest": BookStore.reingest,
    }
    verbs[verb](BookStore(book.owner), book.pk)
    assert isinstance(reader, Reader)
    audit.record(reader, f"book.{verb}", book.pk, owner=book.owner.username)


def counted(model: type[Any], of: str) -> Any:
    """Return the number of rows of `model` that belong to the outer row."""
    rows = model.objects.filter(**{of: OuterRef("pk")}).order_by().values(of).annotate(n=Count("pk"))
    return Coalesce(Subquery(rows.values("n")), 0, output_field=IntegerField())


def going(job: Job) -> str:
    """Return how far a job is: `embedding 310 of 1,200`."""
    step = job.get_step_display() if job.step else job.get_state_display()
    if not job.total:
        return str(step)
    return _("%(step)s, %(done)s of %(total)s") % {"step": step, "done": f"{job.done:,}", "total": f"{job.total:,}"}


@admin.register(Book)
class BookPanel(Panel):
    """Every reader's books: where they stand, and what went wrong."""

    list_display = (
        "title",
        "owner",
        "status",
        "progress",
        "error_message",
        "format",
        "size",
        "passage_count",
        moment("created_at", gettext_lazy("added")),
    )
    list_filter = ("state", "format", "language", "is_embedded")
    list_select_related = ("owner",)
    search_fields = ("title", "file_name", "owner__username", "digest")
    ordering = ("-created_at",)
    actions = ("retry", "cancel", "reingest")
    has_pages = True
    fields = (
        ("title", "owner"),
        ("file_name", "size", "format"),
        "digest",
        ("language", "state", "progress"),
        ("error_code", "error_message"),
        ("section_count", "characters", "words"),
        ("page_count", "picture_total", "annotation_total"),
        ("passage_count", "window_count"),
        ("is_readable", "is_askable", "is_embedded"),
        ("parser_version", "encoding", "has_password"),
        ("noticed", "more"),
        ("created_at", "ready_at"),
    )
    readonly_fields = tuple(name for row in fields for name in ([row] if isinstance(row, str) else row))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Book]:
        """Leave the tables of contents where they are, and fetch the open jobs with the list."""
        jobs = Prefetch("jobs", queryset=Job.objects.filter(state__in=OPEN), to_attr="open_jobs")
        rows = Book.every.order_by(*self.ordering)  # also those that wait to be deleted
        return rows.defer("contents", "description", "told").prefetch_related(jobs)

    @display(description=gettext_lazy("state"), ordering="state", label=STATES)
    def status(self, book: Book) -> tuple[str, str]:
        """Show the state; of a removed book, that it is."""
        return ("removed", _("Removed")) if book.removed_at else (book.state, book.get_state_display())

    @display(description=gettext_lazy("progress"))
    def progress(self, book: Any) -> str:
        """Show how far the ingest is."""
        return going(book.open_jobs[0]) if book.open_jobs else "–"

    @display(description=gettext_lazy("size"), ordering="file_size")
    def size(self, book: Book) -> str:
        """Show the size of the file."""
        return filesizeformat(book.file_size)

    @display(description=gettext_lazy("warnings"))
    def noticed(self, book: Book) -> str:
        """Show what could not be saved."""
        return " ".join(translated(str(warning)) for warning in book.warnings) or "–"

    @display(description=gettext_lazy("pictures"))
    def picture_total(self, book: Book) -> int:
        """Count the pictures."""
        return book.pictures.count()

    @display(description=gettext_lazy("annotations"))
    def annotation_total(self, book: Book) -> int:
        """Count what its reader marked; what it says is the reader's own."""
        return book.annotations.count()

    @display(description=gettext_lazy("has a password"), boolean=True)
    def has_password(self, book: Book) -> bool:
        """Say whether a password is kept, sealed."""
        return bool(book.password)

    @display(description=gettext_lazy("details"))
    def more(self, book: Book) -> str:
        """Show what the file says of itself."""
        return ", ".join(f"{name}: {value}" for name, value in book.details.items()) or "–"

    @action(description=gettext_lazy("Retry"))
    def retry(self, request: HttpRequest, rows: QuerySet[Book]) -> None:
        """Take failed or cancelled books up again."""
        self.carry_out(request, rows.select_related("owner"), lambda book: act(request.user, book, "retry"))

    @action(description=gettext_lazy("Cancel ingest"))
    def cancel(self, request: HttpRequest, rows: QuerySet[Book]) -> None:
        """Stop ingests."""
        self.carry_out(request, rows.select_related("owner"), lambda book: act(request.user, book, "cancel"))

    @action(description=gettext_lazy("Ingest again from the file"))
    def reingest(self, request: HttpRequest, rows: QuerySet[Book]) -> None:
        """Read files again."""
        self.carry_out(request, rows.select_related("owner"), lambda book: act(request.user, book, "reingest"))


@admin.register(Job)
class JobPanel(Panel):
    """Runs of books through the ingest: who holds them, how far, how often."""

    list_display = (
        "number",
        "book",
        "owner",
        "status",
        "progress",
        "attempts",
        "held_by",
        "error_message",
        "took",
        moment("created_at", gettext_lazy("made")),
    )
    list_filter = ("state", "step", "error_code")
    list_select_related = ("book__owner",)
    search_fields = ("book__title", "book__owner__username", "request_id", "lease_owner")
    ordering = ("-created_at",)
    actions = ("cancel", "retry")

    @display(description=gettext_lazy("job"), ordering="pk")
    def number(self, job: Job) -> str:
        """Show its number."""
        return f"#{job.pk}"

    @display(description=gettext_lazy("owner"), ordering="book__owner__username")
    def owner(self, job: Job) -> str:
        """Show whose book it is."""
        return str(job.book.owner)

    @display(description=gettext_lazy("state"), ordering="state", label=STATES)
    def status(self, job: Job) -> tuple[str, str]:
        """Show the state."""
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        """Show how far it is."""
        return going(job) if job.state in OPEN else str(job.get_step_display())

    @display(description=gettext_lazy("held by"), ordering="lease_owner")
    def held_by(self, job: Job) -> str:
        """Show which worker holds it."""
        return job.lease_owner if job.state == "running" else "–"

    @display(description=gettext_lazy("took"))
    def took(self, job: Job) -> str:
        """Show how long it worked."""
        if not job.started_at:
            return "–"
        return lasting(job.finished_at - job.started_at) if job.finished_at else ago(job.started_at)

    @action(description=gettext_lazy("Cancel ingest"))
    def cancel(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """Stop the ingests of these jobs' books."""
        self._act(request, rows, "cancel")

    @action(description=gettext_lazy("Retry"))
    def retry(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        """Take the books of these jobs up again."""
        self._act(request, rows, "retry")

    def _act(self, request: HttpRequest, rows: QuerySet[Job], verb: str) -> None:
        books = Book.objects.filter(jobs__in=rows).distinct().select_related("owner")
        self.carry_out(request, books, lambda book: act(request.user, book, verb))


@admin.register(Conversation)
class ConversationPanel(Panel):
    """That readers talk, and how much: not about what. A title is made of a question, so it is not shown."""

    list_display = (
        "number",
        "reader",
        "book",
        "questions",
        moment("created_at", gettext_lazy("begun")),
        moment("updated_at", gettext_lazy("last question")),
    )
    list_select_related = ("reader", "book")
    search_fields = ("reader__username",)
    ordering = ("-updated_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Count the questions in the same query, and leave the titles in the database."""
        rows: QuerySet[Any] = super().get_queryset(request).defer("title")
        rows = rows.annotate(reply_total=counted(Reply, "conversation"))
        return rows

    @display(description=gettext_lazy("conversation"), ordering="pk")
    def number(self, talk: Conversation) -> str:
        """Show its number."""
        return f"#{talk.pk}"

    @display(description=gettext_lazy("questions"), ordering="reply_total")
    def questions(self, talk: Any) -> int:
        """Show how many questions were asked."""
        return int(talk.reply_total)


@admin.register(Reply)
class ReplyPanel(Panel):
    """Answers: state, engine, times and counts. Question, text, quotes and trace stay in the database."""

    list_display = (
        "number",
        "reader",
        "status",
        "engine",
        "quotes",
        "left_out",
        "took",
        "error_message",
        moment("created_at", gettext_lazy("asked")),
    )
    list_filter = ("state", "engine", "error_code")
    list_select_related = ("conversation__reader",)
    search_fields = ("conversation__reader__username", "request_id", "engine")
    ordering = ("-created_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        """Count the quotes in the same query, and leave every text in the database."""
        rows: QuerySet[Any] = super().get_queryset(request)
        rows = rows.defer("question", "text", "trace", "conversation__title")
        rows = rows.annotate(quote_total=counted(Citation, "reply"))
        return rows

    @display(description=gettext_lazy("reply"), ordering="pk")
    def number(self, reply: Reply) -> str:
        """Show its number."""
        return f"#{reply.pk}"

    @display(description=gettext_lazy("reader"), ordering="conversation__reader__username")
    def reader(self, reply: Reply) -> str:
        """Show who asked."""
        return str(reply.conversation.reader)

    @display(description=gettext_lazy("state"), ordering="state", label=STATES)
    def status(self, reply: Reply) -> tuple[str, str]:
        """Show the state."""
        return reply.state, reply.get_state_display()

    @display(description=gettext_lazy("quotes"), ordering="quote_total")
    def quotes(self, reply: Any) -> int:
        """Show how many quotes it holds."""
        return int(reply.quote_total)

    @display(description=gettext_lazy("took"))
    def took(self, reply: Reply) -> str:
        """Show how long it took."""
        return lasting(reply.finished_at - reply.created_at) if reply.finished_at else "–"
