"""The first page of the admin panel: whether everything runs, what waits, what failed, and what to do about it."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db.models import Count, Max, Min, Model, Q, Sum
from django.db.models.functions import TruncHour
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from redis import RedisError

from books.admin import OPEN, going
from books.models import Book, Job, Reply
from memory.models import Job as MemoryJob
from mindory_web.accounts.models import Reader
from mindory_web.engines.health import EngineState, engines_health
from mindory_web.engines.models import Space
from mindory_web.lib import alive
from mindory_web.lib.panel import ago, lasting

log = structlog.get_logger(__name__)

NEEDED: Final[dict[str, Any]] = {
    "ingest": gettext_lazy("No ingest worker is running, so new books wait."),
    "reply": gettext_lazy("No reply worker is running, so questions wait."),
    "reaper": gettext_lazy("The reaper is not running: work that a killed worker left is not taken up again."),
}
LITTLE_SPACE: Final = 1024**3
HERE_NOW: Final = timedelta(minutes=5)
WAITED_LONG: Final = timedelta(minutes=10)
CHART: Final = {"width": 600, "height": 144, "left": 28, "top": 16}  # units of the drawing


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Context of every admin page. Colours come from css/admin.css: the policy forbids the theme's style element."""
    return {"colors": None}


def context(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """Context of the first page."""
    now = timezone.now()
    living = _living()
    books = dict(Book.objects.order_by().values_list("state").annotate(Count("pk")))
    disk = shutil.disk_usage(settings.DATA if settings.DATA.exists() else settings.BASE_DIR)
    queues = [_queue(_("Answers"), Reply, Reply.OPEN, "admin:books_reply_changelist", now=now)]
    queues.append(_queue(_("Books"), Job, OPEN, "admin:books_job_changelist", now=now))
    queues.append(_queue(_("Memory"), MemoryJob, OPEN, "admin:memory_job_changelist", now=now))
    engines = engines_health()
    return {
        **given,
        "title": _("Operations"),
        "sentences": list(_sentences(living, books, queues, engines=engines, free=disk.free)),
        "figures": _figures(living, books, disk, now=now),
        "engines": _engines(engines),
        "chart": _chart(now),
        "queues": queues,
        "states": _states(books),
        "workers": _workers(living or [], now=now),
        "failures": _failures(),
    }


def _living() -> list[alive.Alive] | None:
    try:
        return alive.who_is_alive()
    except RedisError as error:
        log.warning("workers_unknown", error=str(error))
        return None


def _sentences(
    living: list[alive.Alive] | None,
    books: dict[str, int],
    queues: list[dict[str, Any]],
    *,
    engines: dict[str, EngineState],
    free: int,
) -> Iterator[dict[str, str]]:
    """Sum the state up: what is wrong, worst first; one calm sentence when nothing is."""
    wrong = []
    if living is None:
        wrong.append(_("Redis does not answer: workers are not woken and limits are not counted."))
    else:
        kinds = {process.kind for process in living}
        wrong += [str(sentence) for kind, sentence in NEEDED.items() if kind not in kinds]
    if engines["embedding"]["state"] == "down":
        wrong.append(_("The embedding engine does not answer: books are found by their words only."))
    if free < LITTLE_SPACE:
        wrong.append(_("Less than 1 GB of disk is left."))
    late = [queue["name"] for queue in queues if queue["is_late"]]
    if late:
        wrong.append(_("Something has waited for more than ten minutes: %(queues)s.") % {"queues": ", ".join(late)})
    yield from ({"tone": "bad", "text": text} for text in wrong)
    if not wrong:
        busy = sum(queue["running"] + queue["waiting"] for queue in queues)
        calm = _("Everything is running.") if busy else _("Everything is running, and nothing waits.")
        yield {"tone": "ok", "text": calm}
    failed = books.get("failed", 0)
    if failed:
        text = ngettext("%(n)s book could not be read.", "%(n)s books could not be read.", failed) % {"n": failed}
        yield {"tone": "warn", "text": text}


def _figures(
    living: list[alive.Alive] | None, books: dict[str, int], disk: Any, *, now: datetime
) -> list[dict[str, Any]]:
    sums = Book.objects.aggregate(passages=Sum("passage_count"), bytes=Sum("file_size"))
    today = Reply.objects.filter(created_at__gt=now - timedelta(days=1))
    asked = today.aggregate(all=Count("pk", distinct=True), quoted=Count("pk", filter=Q(citations__number=1)))
    here = Reader.objects.filter(usersession__last_seen_at__gt=now - HERE_NOW).distinct().count()
    share = round(100 * asked["quoted"] / asked["all"]) if asked["all"] else 0
    since = min((process.since for process in living or [] if process.kind == "web"), default=now.timestamp())
    running = lasting(now - datetime.fromtimestamp(since, tz=now.tzinfo))
    return [
        {
            "name": _("Readers"),
            "value": Reader.objects.filter(is_active=True).count(),
            "more": ngettext("%(n)s here now", "%(n)s here now", here) % {"n": here},
        },
        {
            "name": _("Books"),
            "value": sum(books.values()),
            "more": _("%(n)s passages") % {"n": f"{sums['passages'] or 0:,}"},
        },
        {
            "name": _("Questions in a day"),
            "value": asked["all"],
            "more": _("%(share)s%% with quotes") % {"share": share} if asked["all"] else "",
        },
        {"name": _("Files"), **_size(sums["bytes"] or 0)},
        {"name": _("Disk free"), **_size(disk.free, of=disk.total)},
        {"name": _("Running for"), "value": running.split()[0], "more": " ".join(running.split()[1:])},
    ]


def _size(size: float, *, of: float = 0) -> dict[str, str]:
    unit, step = next(
        ((word, 1024**power) for power, word in ((4, "TB"), (3, "GB"), (2, "MB")) if max(size, of) >= 1024**power),
        ("KB", 1024),
    )
    shown = f"{size / step:.1f}" if size / step < 10 else f"{size / step:.0f}"
    more = _("of %(total)s %(unit)s") % {"total": f"{of / step:.0f}", "unit": unit} if of else unit
    return {"value": shown, "more": more}


def _engines(states: dict[str, EngineState]) -> list[dict[str, Any]]:
    tones = {"ok": ("ok", _("Healthy")), "down": ("bad", _("Not answering")), "off": ("", _("Quotes only"))}
    day = Reply.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).exclude(engine="")
    replies = day.aggregate(all=Count("pk"), failed=Count("pk", filter=Q(state__in=["failed", "interrupted"])))
    space = Space.objects.filter(collection="books").order_by("-id").first()
    windows = Book.objects.aggregate(n=Sum("window_count"))["n"] or 0
    host = urlsplit(settings.LLM_BASE_URL).netloc.rpartition("@")[2]
    place = _("%(model)s at %(host)s") % {"model": settings.LLM_MODEL, "host": host}
    shown: list[dict[str, Any]] = [
        {
            "key": "model",
            "name": _("Language model"),
            "line": place if host else states["language_model"]["sentence"],
            "numbers": [(_("Answers in a day"), replies["all"]), (_("Failed"), replies["failed"])],
            "is_testable": bool(host),
            "state": states["language_model"]["state"],
        },
        {
            "key": "embedding",
            "name": _("Embedding"),
            "line": " · ".join(filter(None, (states["embedding"]["model"], states["embedding"]["sentence"]))),
            "numbers": [(_("Vectors"), f"{windows:,}"), (_("Dimension"), space.dimension if space else "–")],
            "is_testable": True,
            "state": states["embedding"]["state"],
        },
    ]
    return [{**engine, "tone": tones[engine["state"]][0], "word": tones[engine["state"]][1]} for engine in shown]


def _chart(now: datetime) -> dict[str, Any]:
    """Return the bars of books added an hour, as units of the drawing."""
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    rows = (
        Job.objects.filter(finished_at__gte=begin, state__in=["done", "failed"])
        .annotate(hour=TruncHour("finished_at"))
        .values("hour", "state")
        .annotate(n=Count("pk"))
    )
    found = {(row["hour"], row["state"]): row["n"] for row in rows}
    hours = [begin + timedelta(hours=number) for number in range(24)]
    most = max([4, *(found.get((hour, "done"), 0) + found.get((hour, "failed"), 0) for hour in hours)])
    step = -(-most // 4)  # four lines, whole numbers
    scale = CHART["height"] / (4 * step)
    floor = CHART["top"] + CHART["height"]
    width = (CHART["width"] - CHART["left"]) / 24
    bars = []
    for number, hour in enumerate(hours):
        done, failed = (found.get((hour, state), 0) for state in ("done", "failed"))
        x, high, low = CHART["left"] + width * number + 4, failed * scale, done * scale
        bars.append(
            {
                "x": f"{x:.1f}",
                "middle": f"{x + (width - 8) / 2:.1f}",
                "hour": timezone.localtime(hour).strftime("%H") if number % 3 == 0 else "",
                "done": {"y": f"{floor - low:.1f}", "height": f"{low:.1f}"} if done else None,
                "failed": {"y": f"{floor - low - high - 1:.1f}", "height": f"{high:.1f}"} if failed else None,
            }
        )
    lines = [{"y": f"{floor - step * n * scale:.1f}", "text": step * n} for n in range(5)]
    totals = {state: sum(n for (_hour, which), n in found.items() if which == state) for state in ("done", "failed")}
    return {"bars": bars, "lines": lines, "width": f"{width - 8:.1f}", **totals}


def _queue(name: str, model: type[Model], states: tuple[str, ...], link: str, *, now: datetime) -> dict[str, Any]:
    rows = model._default_manager
    found = rows.filter(state__in=states).aggregate(
        waiting=Count("pk", filter=Q(state="queued")),
        running=Count("pk", filter=~Q(state="queued")),
        oldest=Min("created_at", filter=Q(state="queued")),
    )
    recent = rows.filter(state="failed", finished_at__gt=now - timedelta(days=1)).count()
    is_late = bool(found["oldest"]) and now - found["oldest"] > WAITED_LONG
    oldest = ago(found["oldest"])
    return {**found, "name": name, "oldest": oldest, "is_late": is_late, "failed": recent, "link": reverse(link)}


def _states(books: dict[str, int]) -> list[dict[str, Any]]:
    link = reverse("admin:books_book_changelist")
    return [
        {"name": label, "count": books[state], "link": f"{link}?state__exact={state}", "is_bad": state == "failed"}
        for state, label in Book.State.choices
        if books.get(state)
    ]


def _workers(living: list[alive.Alive], *, now: datetime) -> list[dict[str, Any]]:
    """Return every process, with the books that an ingest worker holds and the number of answers being written."""
    jobs = list(Job.objects.filter(state="running").select_related("book").order_by("started_at")[:50])
    writing = dict(
        Reply.objects.filter(state__in=["looking", "writing"])
        .order_by()
        .values_list("lease_owner")
        .annotate(Count("pk"))
    )
    rows = []
    for process in living:
        since = datetime.fromtimestamp(process.since, tz=now.tzinfo)
        row: dict[str, Any] = {"kind": _kind(process.kind), "name": process.name, "since": lasting(now - since)}
        row["memory"] = f"{process.memory / 1024**2:.0f} MB"
        row["jobs"] = [
            {
                "title": job.book.title,
                "language": job.book.language,
                "step": going(job),
                "done": job.done,
                "total": job.total,
            }
            for job in jobs
            if process.kind == "ingest" and job.lease_owner.startswith(process.name)
        ]
        row["words"] = _doing(process, sum(n for owner, n in writing.items() if owner.startswith(process.name)))
        rows.append(row)
    return rows


def _kind(kind: str) -> str:
    names = {"web": _("Web"), "ingest": _("Ingest"), "reply": _("Replies"), "reaper": _("Reaper")}
    return names.get(kind, kind)


def _doing(process: alive.Alive, answers: int) -> str:
    sockets = process.held.get("sockets", 0)
    if process.kind == "web":
        return ngettext("%(n)s open page", "%(n)s open pages", sockets) % {"n": sockets}
    if process.kind == "reply":
        return ngettext("%(n)s answer being written", "%(n)s answers being written", answers) % {"n": answers}
    return _("Watches over the others") if process.kind == "reaper" else _("Waits for books")


def _failures() -> list[dict[str, Any]]:
    """Return what failed last, newest first, with what can be done about it."""
    last = Max("jobs__finished_at")
    books = Book.objects.filter(state="failed").annotate(at=last).select_related("owner").order_by("-at", "-pk")[:6]
    rows = [
        {
            "what": book.title,
            "language": book.language,
            "owner": book.owner.username,
            "sentence": book.error_message or book.error_code,
            "at": book.at or book.created_at,
            "book": book.pk,
        }
        for book in books
    ]
    replies = Reply.objects.filter(state="failed").select_related("conversation__reader").order_by("-pk")
    rows += [
        {
            "what": _("Answer #%(n)s") % {"n": reply.pk},
            "owner": reply.conversation.reader.username,
            "sentence": reply.error_message or reply.error_code,
            "at": reply.finished_at or reply.created_at,
        }
        for reply in replies.defer("question", "text", "trace", "conversation__title")[:4]
    ]
    newest = sorted(rows, key=lambda row: row["at"], reverse=True)
    return [{**row, "ago": ago(row["at"])} for row in newest]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What stands in the panel's sidebar."""

    def items(*rows: tuple[Any, str, str]) -> list[dict[str, Any]]:
        return [{"title": title, "icon": icon, "link": reverse_lazy(name)} for title, icon, name in rows]

    return [
        {"items": items((_("Operations"), "monitor_heart", "admin:index"))},
        {
            "title": _("People"),
            "items": items(
                (_("Readers"), "group", "admin:accounts_reader_changelist"),
                (_("Invitations"), "mail", "admin:accounts_invitation_changelist"),
                (_("Sessions"), "devices", "admin:usersessions_usersession_changelist"),
                (_("API keys"), "key", "admin:accounts_apikey_changelist"),
            ),
        },
        {
            "title": _("Library"),
            "items": items(
                (_("Books"), "menu_book", "admin:books_book_changelist"),
                (_("Jobs"), "checklist", "admin:books_job_changelist"),
                (_("Conversations"), "forum", "admin:books_conversation_changelist"),
                (_("Replies"), "chat", "admin:books_reply_changelist"),
            ),
        },
        {
            "title": _("Memory"),
            "items": items(
                (_("What is remembered"), "psychology", "admin:memory_mind_changelist"),
                (_("Jobs"), "checklist", "admin:memory_job_changelist"),
            ),
        },
        {
            "title": _("Machine"),
            "items": items(
                (_("Engines"), "memory", "engine-test"),
                (_("Vector spaces"), "hub", "admin:engines_space_changelist"),
                (_("Audit log"), "policy", "admin:accounts_deed_changelist"),
            ),
        },
    ]
