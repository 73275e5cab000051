"""Celery tasks: an id comes in, one call goes out."""

from celery import shared_task
from celery.signals import worker_shutting_down

from memory import jobs, queue


@shared_task(name=queue.RUN_JOB, ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: int) -> None:
    """Do what is left of a job, unless another worker has it."""
    jobs.run(job_id)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _stop(**_signal: object) -> None:
    """Put running jobs back, so that a worker that is asked to end does so within seconds."""
    jobs.stop_all()
