"""Bring the database up to this version, and refuse with a sentence what cannot work."""

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from mindory_web.lib.errors import Unavailable
from mindory_web.version import VERSION

MIGRATING = 0x6D696772  # an advisory lock: two hosts that start together migrate one after the other
OLDEST_PGVECTOR = (0, 8, 4)  # before: a buffer overflow and corrupt indexes (docs/decisions.md)


class NotReady(Unavailable):
    """Something that Mindory needs is missing, too old or too new."""

    code = "not_ready"


def check_redis() -> None:
    """Refuse to go on without Redis."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise NotReady(f"Redis does not answer ({error}): check REDIS_URL.") from error


def prepare_database() -> None:
    """Migrate, unless the database was made by a newer Mindory. Safe to call from several hosts at once."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            refuse_newer(applied_migrations())
            make_extension()
            call_command("migrate", interactive=False, verbosity=0)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    except OperationalError as error:
        raise NotReady(f"Postgres does not answer ({_first_line(error)}): check DATABASE_URL.") from error


def applied_migrations() -> set[str]:
    """Return the migrations the database has, as "app.name"."""
    return {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}


def refuse_newer(migrations: set[str]) -> None:
    """Refuse data that a later Mindory has migrated."""
    on_disk = MigrationLoader(None).disk_migrations
    replaced = {one for migration in on_disk.values() for one in migration.replaces}
    if unknown := migrations - {f"{app}.{name}" for app, name in {*on_disk, *replaced}}:
        raise NotReady(
            f"This data was made by a newer Mindory than this {VERSION} (it knows {max(unknown)}): "
            "use that version, or restore a backup from before."
        )


def make_extension() -> None:
    """Make pgvector available, in a version that is safe to use."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except DatabaseError as error:
            raise NotReady(
                f"This Postgres cannot use pgvector ({_first_line(error)}): install it, and let a superuser "
                "run CREATE EXTENSION vector in Mindory's database."
            ) from error
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        found = str(cursor.fetchone()[0])
    if tuple(int(part) for part in found.split(".")) < OLDEST_PGVECTOR:
        needed = ".".join(map(str, OLDEST_PGVECTOR))
        raise NotReady(f"pgvector {found} is too old: Mindory needs {needed} or newer.")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
