"""`/metrics` for Prometheus: right with any number of processes, because nothing is counted in this one alone.

What rows say is asked of Postgres at the moment of asking; what only passes by (requests, seconds) is
added up in Redis by lib/counts.py.
"""

import hmac
from collections.abc import Iterable, Iterator
from datetime import timedelta
from ipaddress import ip_address

import redis
import structlog
from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from books.models import Book, Conversation, Job, Reply
from mindory_web.accounts.models import Reader
from mindory_web.lib import alive, counts, links
from mindory_web.lib.errors import NotAllowed

log = structlog.get_logger(__name__)

# Counters of lib/counts.py that are published: name -> what it counts.
COUNTED = {
    "http_requests": "Requests answered, by method and status.",
    "http_request_seconds_sum": "Seconds spent on them.",
    "http_request_seconds_count": "Requests whose time was taken.",
    "ingest_step_seconds_sum": "Seconds spent in an ingest step.",
    "ingest_step_seconds_count": "Ingest steps finished.",
    "first_words_seconds_sum": "Seconds from a question to the first words of its answer.",
    "first_words_seconds_count": "Answers whose first words came.",
    "reply_pieces": "Pieces of text received from language models.",
}
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Give all numbers to this machine, to who knows MINDORY_METRICS_TOKEN, and to admins."""
    if not (is_local(request) or has_token(request) or _is_admin(request)):
        raise NotAllowed(_("Numbers are for this machine, for admins, and for who has the token."))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def is_local(request: HttpRequest) -> bool:
    """Say whether the request was made on this machine itself, not passed on by a proxy that runs here.

    Headers can be sent by anybody, so they only ever close the door.
    """
    if any(request.headers.get(name) for name in FORWARDED) or settings.SECURE_PROXY_SSL_HEADER:
        return False
    try:
        is_here = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_here and request.get_host().rsplit(":", 1)[0] in LOCAL_NAMES


def has_token(request: HttpRequest) -> bool:
    """Say whether the request carries the configured token."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(sent, settings.METRICS_TOKEN.encode())


def _is_admin(request: HttpRequest) -> bool:
    return isinstance(request.user, Reader) and request.user.is_admin


class Numbers(Collector):
    """Asks Postgres and Redis each time."""

    def collect(self) -> Iterable[Metric]:
        """Yield every metric; without Redis those of Postgres."""
        yield from _rows()
        try:
            yield from _processes()
            yield from _counted()
        except redis.RedisError as error:
            log.warning("metrics_without_redis", error=str(error))


def _rows() -> Iterator[Metric]:
    for name, what, model in (
        ("mindory_books", "Books by state.", Book),
        ("mindory_jobs", "Ingest jobs by state.", Job),
        ("mindory_replies", "Replies by state.", Reply),
    ):
        family = GaugeMetricFamily(name, what, labels=["state"])
        found = dict(model.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in model.State.values:
            family.add_metric([state], found.get(state, 0))
        yield family
    yield GaugeMetricFamily("mindory_readers", "Active readers.", Reader.objects.filter(is_active=True).count())
    yield GaugeMetricFamily("mindory_conversations", "Conversations.", Conversation.objects.count())
    stored = Book.every.aggregate(bytes=Sum("file_size"))["bytes"] or 0
    yield GaugeMetricFamily("mindory_stored_bytes", "Bytes of all books' files.", stored)
    yield _oldest()


def _oldest() -> Metric:
    family = GaugeMetricFamily(
        "mindory_oldest_waiting_seconds", "Age of the oldest thing that waits.", labels=["queue"]
    )
    now = timezone.now()
    for queue, model in (("ingest", Job), ("replies", Reply)):
        first = model.objects.filter(state="queued").order_by("queued_at").values_list("created_at", flat=True).first()
        family.add_metric([queue], max(0.0, (now - first) / timedelta(seconds=1)) if first else 0.0)
    return family


def _processes() -> Iterator[Metric]:
    living = alive.who_is_alive()
    count = GaugeMetricFamily("mindory_processes", "Processes alive, by kind.", labels=["kind"])
    for kind in ("web", "ingest", "reply", "reaper"):
        count.add_metric([kind], sum(process.kind == kind for process in living))
    yield count
    memory = GaugeMetricFamily("mindory_process_bytes", "Resident memory by process.", labels=["kind", "name"])
    for process in living:
        memory.add_metric([process.kind, process.name], process.memory)
    yield memory
    held = GaugeMetricFamily("mindory_open", "Open sockets and streams.", labels=["what"])
    for what in sorted({"sockets"} | {name for process in living for name in process.held}):
        held.add_metric([what], sum(process.held.get(what, 0) for process in living))
    yield held
    depth = GaugeMetricFamily("mindory_queue_messages", "Messages that wait in a Celery queue.", labels=["queue"])
    depth.add_metric([settings.CELERY_TASK_DEFAULT_QUEUE], waiting_messages())
    yield depth


def waiting_messages() -> int:
    """Return how many messages wait for an ingest worker."""
    with links.asking(settings.REDIS_URL) as client:
        length = client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)
    assert isinstance(length, int)
    return length


def _counted() -> Iterator[Metric]:
    counts.flush()
    families: dict[str, CounterMetricFamily] = {}
    for (name, labels), value in sorted(counts.totals().items()):
        if name not in COUNTED:
            continue
        if name not in families:
            names = [label for label, _value in labels]
            families[name] = CounterMetricFamily(f"mindory_{name}", COUNTED[name], labels=names)
        families[name].add_metric([value for _label, value in labels], value)
    yield from families.values()
