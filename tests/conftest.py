"""Three readers everywhere: alice owns, bob is another reader, charlie is logged out."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import Settings

from mindory_web.accounts.models import Reader
from mindory_web.lib import broker, links

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Settings) -> None:
    """Every test keeps its files in a directory of its own."""
    settings.DATA = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1  # of this process of the run


@pytest.fixture(autouse=True, scope="session")
def own_queue() -> None:
    """Every xdist worker sends word to a queue of its own, which nobody serves."""
    current_app.conf.task_default_queue = f"{django_settings.CELERY_TASK_DEFAULT_QUEUE}.{NUMBER}"


@pytest.fixture(autouse=True)
def empty_queue(own_queue: None) -> None:
    """No test finds what another has sent: a job of the memory makes way when a book waits."""
    links.forget_rests()  # or a Redis that another had fall silent
    broker.client().delete(*(broker.key(priority) for priority in range(10)))


@pytest.fixture(autouse=True)
def own_redis(settings: Settings) -> None:
    """Every xdist worker uses a Redis database of its own."""
    url = f"{os.environ['REDIS_URL'].split('?')[0]}?db={NUMBER}"
    settings.REDIS_URL = url
    settings.CHANNEL_LAYERS = {
        "default": {
            **django_settings.CHANNEL_LAYERS["default"],
            "CONFIG": {"hosts": [{"address": url, "socket_timeout": None}], "prefix": f"mindory{NUMBER}"},
        }
    }


@pytest.fixture
def alice(db: None) -> Reader:
    """The owner in every story."""
    return Reader.objects.create_user("alice", "alice@example.org", PASSWORD)


@pytest.fixture
def bob(db: None) -> Reader:
    """Another reader, who must never see what is alice's."""
    return Reader.objects.create_user("bob", "bob@example.org", PASSWORD)


@pytest.fixture
def admin(db: None) -> Reader:
    """An admin."""
    return Reader.objects.create_superuser("ada", "ada@example.org", PASSWORD)


def signed_in(reader: Reader) -> Client:
    """Return a browser in which `reader` is signed in."""
    client = Client()
    client.force_login(reader)
    return client


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A directory for servers of a test's own. Not pytest's: that one is closed to other users at any new run."""
    with tempfile.TemporaryDirectory(prefix="mindory-", ignore_cleanup_errors=True) as name:
        yield Path(name)
