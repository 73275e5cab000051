"""The house stands: settings load, migrations apply, and models match them."""

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_migrations_hold_every_model_change() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_the_database_has_a_pgvector_that_is_safe_to_use() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        version = cursor.fetchone()[0]
    assert tuple(int(part) for part in version.split(".")) >= (0, 8, 4)
