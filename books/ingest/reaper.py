"""Find the jobs that nobody works on, by their rows alone, and have them taken up again."""

from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from books import queue
from books.ingest.work import WAKE_AFTER_SECONDS, close_cancelled, close_failed, requeue
from books.models import Job
from books.progress import tell_book

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
WORKER_DIED: Final = "worker_died"
WORKER_DIED_SENTENCE: Final = "Mindory stopped several times while it worked on this book, so it does not try again."


def reap() -> int:
    """Put back jobs whose lease ran out, send word again of those that wait. Returns how many were touched.

    Safe to run in several processes: a row that another one looks at is skipped, and so is one whose
    worker is writing results at this moment.
    """
    put_back, ended = _expired()
    woken = _waiting()
    for job_id in [*put_back, *woken]:
        queue.wake(job_id)
    for book_id in Job.objects.filter(pk__in=[*put_back, *ended]).values_list("book_id", flat=True):
        tell_book(book_id)
    if put_back or ended:
        log.info("jobs_reaped", put_back=put_back, ended=ended)
    return len(put_back) + len(ended) + len(woken)


def _expired() -> tuple[list[int], list[int]]:
    """Put back or end the jobs whose worker is gone."""
    put_back, ended = [], []
    with transaction.atomic():
        expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now())
        for job in expired.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE]:
            if job.is_cancel_asked:
                close_cancelled(job)
                ended.append(job.pk)
            elif job.attempts >= settings.INGEST_ATTEMPTS:
                code, sentence = job.error_code or WORKER_DIED, job.error_message or WORKER_DIED_SENTENCE
                close_failed(job, code=code, sentence=sentence)
                ended.append(job.pk)
            else:
                requeue(job, attempts=job.attempts, after=WAKE_AFTER_SECONDS)  # woken below, not at the next round
                put_back.append(job.pk)
    return put_back, ended


def _waiting() -> list[int]:
    """Return the jobs whose message must be lost: they wait, and the queue holds fewer messages than there are jobs."""
    with transaction.atomic():
        late = Job.objects.filter(state=Job.State.QUEUED, queued_at__lt=Now() - timedelta(seconds=WAKE_AFTER_SECONDS))
        found = list(late.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE].values_list("pk", flat=True))
        if not found:
            return []
        messages = queue.waiting()
        if messages is None or messages >= Job.objects.filter(state=Job.State.QUEUED).count():
            return []
        Job.objects.filter(pk__in=found).update(queued_at=Now())
    return found
