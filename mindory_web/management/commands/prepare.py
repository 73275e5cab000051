"""`manage.py prepare`: bring the database and the static files up to this version. Safe to repeat, and at once."""

import json
from typing import Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

from mindory_web.embedded import postgres
from mindory_web.version import VERSION

MIGRATING = 0x6D696E64  # an advisory lock: two hosts that start together migrate one after the other
OLDEST_PGVECTOR = (0, 8, 4)  # before: a buffer overflow and corrupt indexes (docs/decisions.md)


class Command(BaseCommand):
    """Check what Mindory needs, migrate, collect static files, and say where the first admin signs up."""

    help = "Bring the database and the static files up to this version, before any process is started."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option the supervisor uses."""
        parser.add_argument("--report", action="store_true", help="print the result as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and print the setup link while there is no admin."""
        if settings.EMBEDDED:
            postgres.create_database(settings.DATA)
        check_redis()
        prepare_database()
        call_command("collectstatic", interactive=False, verbosity=0)
        if options["report"]:
            self.stdout.write(json.dumps({"setup_link": ""}))


def check_redis() -> None:
    """Refuse to go on without Redis."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CommandError(f"Redis does not answer ({error}): check REDIS_URL.") from error


def prepare_database() -> None:
    """Migrate, unless the database was made by a newer Mindory."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            _refuse_newer()
            _make_extension()
            call_command("migrate", interactive=False, verbosity=0)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])
    except OperationalError as error:
        raise CommandError(f"Postgres does not answer ({first_line(error)}): check DATABASE_URL.") from error


def unknown_migrations() -> list[str]:
    """Return the migrations of our apps that the database has and this version does not know."""
    loader = MigrationLoader(connection)
    replaced = {one for migration in loader.disk_migrations.values() for one in migration.replaces}
    known = set(loader.disk_migrations) | replaced
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in known)


def _refuse_newer() -> None:
    if unknown := unknown_migrations():
        raise CommandError(
            f"The database was made by a newer Mindory than this {VERSION} "
            f"(it knows {unknown[-1]}): start that version, or restore a backup from before."
        )


def _make_extension() -> None:
    """Make pgvector available, in a version that is safe to use."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        except (ProgrammingError, OperationalError) as error:
            raise CommandError(
                f"This Postgres cannot use pgvector ({first_line(error)}): install it, and let a superuser "
                "run CREATE EXTENSION vector in Mindory's database."
            ) from error
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        found = str(cursor.fetchone()[0])
    if tuple(int(part) for part in found.split(".")) < OLDEST_PGVECTOR:
        needed = ".".join(map(str, OLDEST_PGVECTOR))
        raise CommandError(f"pgvector {found} is too old: Mindory needs {needed} or newer.")


def first_line(error: Exception) -> str:
    """Return the part of a database error that says what happened."""
    return (str(error).strip().splitlines() or ["no reason given"])[0]
