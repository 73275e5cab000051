"""Look after what nobody asks for: jobs whose worker is gone, sessions that fell silent, memories that expire."""

import threading
import time
from collections import defaultdict
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from memory import embedding, enriching, jobs, queue
from memory.errors import NotFound
from memory.leases import close, put_back
from memory.manager import MemoryManager
from memory.models import Job, Memory, ModelAnswer, Request, Session
from memory.types import State
from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import llm_client

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
WOKEN_AT_ONCE: Final = 8  # a worker that is done sends word of the next itself
TRY_AGAIN: Final = timedelta(hours=6)  # a job that failed, without new turns
SELDOM_SECONDS: Final = 300.0  # between looks at every memory there is
WORKER_DIED: Final = "worker_died"
WORKER_DIED_SENTENCE: Final = (
    "Mindory stopped several times while it worked on this. What is remembered is kept as it is."
)
KEPT: Final = timedelta(days=30)  # jobs that ended, for whoever asks how it went

_seldom = threading.local()


def reap() -> int:
    """Do all of it, and return how much was touched. Safe in several processes at once, and at any time."""
    touched = _expired() + _silent() + _grown() + _over()
    if time.monotonic() - getattr(_seldom, "at", -SELDOM_SECONDS) >= SELDOM_SECONDS:
        _seldom.at = time.monotonic()
        touched += _behind() + _long() + _old()
    _wake()
    return touched


def _expired() -> int:
    """Put back or end the jobs whose worker is gone."""
    with transaction.atomic():
        expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()).order_by("pk")
        found = list(expired.select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
        for job in found:
            if job.attempts >= settings.MEMORY_ATTEMPTS:
                job.error_code, job.error = job.error_code or WORKER_DIED, job.error or WORKER_DIED_SENTENCE
                close(job, Job.State.FAILED)
            else:
                put_back(job, attempts=job.attempts, after=0)
    if found:
        log.info("memory_jobs_reaped", jobs=[job.pk for job in found])
    return len(found)


def _wake() -> None:
    """Send word of jobs that are due when no word is on its way: it was lost, or their time has come."""
    if queue.waiting() == 0:
        for job_id in jobs.due(WOKEN_AT_ONCE):
            queue.wake(job_id)


def _silent() -> int:
    """Close the sessions in which nothing has been said for a while; they are learned from then."""
    last = Memory.objects.filter(session=OuterRef("pk"), number__isnull=False).order_by("-number").values("recorded_at")
    open_ones = Session.objects.filter(closed_at=None, turn_count__gt=0).annotate(
        last=Coalesce(Subquery(last[:1]), F("opened_at"), output_field=DateTimeField())
    )
    limit = timezone.now() - timedelta(seconds=settings.MEMORY_IDLE_SECONDS)
    found = list(open_ones.filter(last__lt=limit).order_by("pk").values_list("owner", "key")[:AT_ONCE])
    for owner, key in found:
        try:
            MemoryManager(owner, actor="reader").close_session(key)
        except NotFound:
            continue  # forgotten meanwhile
    return len(found)


def _grown() -> int:
    """Queue sessions with enough new turns, and those that were closed and not learned from."""
    jobs_of = Job.objects.filter(session=OuterRef("pk"), kind=Job.Kind.LEARN)
    is_open = jobs_of.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    failed = jobs_of.filter(state=Job.State.FAILED, finished_at__gt=Now() - TRY_AGAIN)
    grown = Session.objects.filter(turn_count__gt=F("learned_to")).filter(
        Q(turn_count__gte=F("learned_to") + settings.MEMORY_TURNS) | Q(closed_at__isnull=False)
    )
    found = list(grown.filter(~Exists(is_open), ~Exists(failed)).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    for session_id in found:
        with transaction.atomic():
            queue.learn(session_id)
    return len(found)


def _over() -> int:
    """Forget the memories whose day has come."""
    today = timezone.localdate()
    over: dict[int, list[int]] = defaultdict(list)
    rows = Memory.objects.filter(expires_on__lte=today).exclude(state=State.FORGOTTEN).order_by("pk")
    for owner, pk in rows.values_list("owner", "pk")[:AT_ONCE]:
        over[owner].append(pk)
    for owner, ids in over.items():
        try:
            MemoryManager(owner, actor="expiry").forget(ids, reason="expired")
        except NotFound:
            continue  # the reader was faster; the rest at the next look
    return sum(map(len, over.values()))


def _behind() -> int:
    """Queue the readers whose vectors are of another model than the present one."""
    try:
        readers = embedding.behind()
    except EngineError:
        return 0
    for reader in readers[:AT_ONCE]:
        with transaction.atomic():
            queue.embed(reader)
    return len(readers[:AT_ONCE])


def _long() -> int:
    """Queue the readers with memories that a model has not looked at yet; nothing without one."""
    if llm_client() is None:
        return 0
    recent = Job.objects.filter(kind=Job.Kind.LAYERS).filter(Q(finished_at=None) | Q(finished_at__gt=Now() - TRY_AGAIN))
    rest = set(recent.order_by().values_list("owner", flat=True))
    readers = sorted(enriching.behind() - rest)[:AT_ONCE]
    for reader in readers:
        with transaction.atomic():
            queue.layers(reader)
    return len(readers)


def _old() -> int:
    """Delete the records of jobs that ended long ago, what a model answered then, and the keys of requests."""
    limit = timezone.now() - KEPT
    ended = Job.objects.filter(finished_at__lt=limit).delete()[0]
    sent = Request.objects.filter(at__lt=limit).delete()[0]
    return ended + sent + ModelAnswer.objects.filter(made_at__lt=limit).delete()[0]
