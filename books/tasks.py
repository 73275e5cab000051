"""Celery tasks: an id comes in, one call goes out."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from books.ingest import AsyncIngestRunner, stop_all


@shared_task(name="books.tasks.run_job", ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Take a job to its end, unless another worker has it."""
    AsyncIngestRunner(job_id).run()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_: Any) -> None:
    """Put running jobs back, so that a worker that is asked to end does so within seconds."""
    stop_all()
