"""Celery tasks: an id comes in, one call goes out."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from books.chat import naming, proposing
from books.ingest import AsyncIngestRunner, stop_all


@shared_task(name="books.tasks.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Take a job to its end, unless another worker has it."""
    AsyncIngestRunner(job_id).run()


@shared_task(name="books.tasks.name_talk", ignore_result=True)  # type: ignore[untyped-decorator]
def name_talk(reply_id: int) -> None:
    """Give the conversation of an answer a name."""
    naming.name(reply_id)


@shared_task(name="books.tasks.think_of_questions", ignore_result=True)  # type: ignore[untyped-decorator]
def think_of_questions(**spot: Any) -> None:
    """Have questions thought of about a place in a book."""
    proposing.think(proposing.Stretch(**spot))


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_: Any) -> None:
    """Put running jobs back, so that a worker that is asked to end does so within seconds."""
    stop_all()
