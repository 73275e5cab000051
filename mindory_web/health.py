"""`/health`: this process lives. `/health/ready`: every part it needs answers; what is missing is named.

Both are open to everybody, so they say states and nothing else: no names, hosts or versions.
"""

from collections.abc import Callable
from functools import cache

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from mindory_web.engines.health import engines_health
from mindory_web.lib import alive

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Say that this process answers. Asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether every part answers: 200 when all do, 503 with the state of each otherwise."""
    parts = states()
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if is_ready else "not_ready", "parts": parts}, status=200 if is_ready else 503)


def states() -> dict[str, str]:
    """Return the state of every part: `ok`, or one word for what is wrong."""
    parts = {"database": _asked(_database), "migrations": "unknown", "redis": _asked(_redis), "workers": "unknown"}
    if parts["database"] == "ok":
        parts["migrations"] = _asked(_migrations)
    if parts["redis"] == "ok":
        parts["workers"] = _asked(_workers)
    return {**parts, "embedder": engines_health()["embedding"]["state"]}


def _asked(question: Callable[[], str]) -> str:
    try:
        return question()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("not_ready", part=question.__name__.removeprefix("_"), error=str(error))
        return "down"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    done = set(MigrationRecorder(connection).applied_migrations())
    return "ok" if _needed() <= done else "missing"


@cache
def _needed() -> frozenset[tuple[str, str]]:
    """Return the migrations that this code has, read from disk once a process."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _redis() -> str:
    alive.who_is_alive()
    return "ok"


def _workers() -> str:
    missing = {"ingest", "reply", "reaper"} - {process.kind for process in alive.who_is_alive()}
    return "ok" if not missing else f"missing: {', '.join(sorted(missing))}"
