"""The Celery app. Messages carry ids and wake workers; job rows in Postgres hold the truth."""

import os
from threading import Event
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mindory_web.settings")

app = Celery("mindory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_ending: list[Event] = []


@worker_ready.connect  # type: ignore[untyped-decorator]
def _say_alive(**_signal: Any) -> None:
    """Be seen by /health/ready from now on, also while every thread is busy with a book."""
    from mindory_web.lib.alive import start_saying  # needs the settings, which this module only names

    _ending.append(start_saying("ingest"))


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _say_goodbye(**_signal: Any) -> None:
    while _ending:
        _ending.pop().set()
