"""The database to a file and back, with Postgres' own tools."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import connection

from mindory_web.backups.archive import BackupError
from mindory_web.embedded import postgres

SSL = ("sslmode", "sslrootcert", "sslcert", "sslkey")
# Tables, views and sequences of the schema, without what an extension brought.
OWN_RELATIONS = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def dump(target: Path) -> None:
    """Write one consistent copy of every table, as of the moment it begins."""
    _tool("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--schema=public", f"--file={target}"])


def restore(source: Path) -> None:
    """Fill the emptied schema in one transaction."""
    options = ["--no-owner", "--no-privileges", "--schema=public", "--single-transaction", "--exit-on-error"]
    _tool("pg_restore", [*options, f"--dbname={_parameters()['PGDATABASE']}", str(source)])


def drop_tables() -> None:
    """Remove every table. Extensions stay: the user may not be allowed to make them again."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_RELATIONS)
        if names := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")  # quoted by format('%I') above
    connection.close()


def count_others() -> int:
    """Return how many other connections there are to this database."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        return int(cursor.fetchone()[0])


def counts(tables: Sequence[str]) -> dict[str, int]:
    """Return the number of rows of each of `tables` that is there."""
    present = set(connection.introspection.table_names())
    return dict(_counted(table for table in tables if table in present))


def _counted(tables: Iterator[str]) -> Iterator[tuple[str, int]]:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 (quoted)
            yield table, int(cursor.fetchone()[0])


def _tool(name: str, options: Sequence[str]) -> None:
    """Run one of Postgres' tools against our database. The password goes through the environment only."""
    binary = shutil.which(name) if not postgres.is_installed() else str(postgres.binary(name))
    if binary is None:
        raise BackupError(f"{name} is not installed here.")
    done = subprocess.run(
        [binary, *options], env={**os.environ, **_parameters()}, check=False, capture_output=True, text=True
    )
    connection.close()
    if done.returncode:
        told = [line for line in done.stderr.strip().splitlines() if "error:" in line] or ["no reason given"]
        raise BackupError(f"{name} failed: {told[0].partition('error:')[2].strip() or told[0]}")


def _parameters() -> dict[str, str]:
    """Return where the database is, as the environment variables of Postgres' tools."""
    given = connection.get_connection_params()
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    named |= {f"PG{name.upper()}": name for name in SSL}
    return {variable: str(given[name]) for variable, name in named.items() if given.get(name)}
