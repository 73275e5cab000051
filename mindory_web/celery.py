"""The Celery app. Messages carry ids and wake workers; job rows in Postgres hold the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mindory_web.settings")

app = Celery("mindory")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
