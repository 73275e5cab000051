"""A Mindory of its own to break: Postgres, Redis without persistence, an ingest worker and a reaper.

The test looks at it through the ordinary models: `Stack.entered` points Django at this Postgres.
Gates make the moment of a kill exact: a trigger on a table waits for an advisory lock that a test holds.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from celery import Celery
from django.db import connection
from kombu import pools

from mindory_web.embedded import places, postgres, redis
from mindory_web.embedded.processes import Child, Program

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 120.0  # seconds for what takes a few on a machine that has nothing else to do
GATES: Final = {
    "reading": "books_section",
    "splitting": "books_passage",
    "indexing": "books_posting",
    "embedding": "engines_vector",
}
_GATE_SQL: Final = """
CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); RETURN NULL; END $$;
"""


def until(is_so: Callable[[], Any], *, seconds: float = PATIENCE, what: str) -> float:
    """Wait until something is so, and return how long that took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


class Stack:
    """The processes, and how to break them."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.children: dict[str, Child] = {}
        self.workers: set[int] = set()  # process ids of all there ever were
        self.environment = {
            "DATABASE_URL": places.postgres_url(data),
            "REDIS_URL": places.redis_url(data),
            "MINDORY_DATA": str(data),
            "MINDORY_SECRET_KEY": "a secret for tests only, longer than 32 characters",
            "MINDORY_DB_POOL": "6",
            "MINDORY_LOG_LEVEL": "INFO",
            "DJANGO_SETTINGS_MODULE": "tests.settings_faults",
            "SECONDS_A_BATCH": "0.2",
        }

    # --- Servers --------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Start the servers and make the tables, with a gate on each that a step writes."""
        postgres.prepare(self.data)
        self.start_postgres()
        postgres.create_database(self.data)
        self.start_redis()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            check=True,
            cwd=ROOT,
            env={**os.environ, **self.environment},
        )
        with self.own_link() as link:
            link.execute(_GATE_SQL)
            for number, table in enumerate(GATES.values()):
                link.execute(
                    f"CREATE TRIGGER gate AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION gate({number})"
                )

    def start_postgres(self) -> None:
        """Start Postgres."""
        self._start("postgres", postgres.program(self.data))

    def start_redis(self) -> None:
        """Start a Redis that keeps nothing on disk."""
        program = redis.program(self.data)
        command = [str(redis.server()), *program.command[1:]]
        command[command.index("--appendonly") + 1] = "no"
        self._start("redis", Program("Redis", command, program.log, is_ready=program.is_ready, cwd=program.cwd))

    def own_link(self) -> "psycopg.Connection[Any]":
        """Return a connection that Django does not know."""
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    # --- Our processes --------------------------------------------------------------------------

    def start_worker(self, name: str = "worker") -> None:
        """Start an ingest worker as `manage.py up` does."""
        command = ["-m", "celery", "-A", "mindory_web.celery", "worker", "--pool", "threads", "--concurrency", "2"]
        self._start(name, self._own(name, [*command, "--loglevel", "WARNING"]))
        self.workers.add(self.children[name].process.pid)

    def start_reaper(self) -> None:
        """Start the reaper."""
        self._start("reaper", self._own("reaper", ["manage.py", "reaper"]))

    def _own(self, name: str, command: list[str]) -> Program:
        log = self.data / "logs" / f"{name}.log"
        return Program(name, [sys.executable, *command], log, environment=self.environment, cwd=ROOT)

    def _start(self, name: str, program: Program) -> None:
        self.children[name] = Child(program)
        self.children[name].wait_ready(PATIENCE)

    def kill(self, name: str) -> None:
        """End a process and its whole group with SIGKILL."""
        self.children.pop(name).kill()

    def crash_postgres(self, *, away: float = 0.0) -> None:
        """Make Postgres end at once, without a clean-up of any connection, and start it again some seconds later."""
        child = self.children.pop("postgres")
        child.process.send_signal(signal.SIGQUIT)
        child.process.wait(PATIENCE)
        time.sleep(away)
        self.start_postgres()

    def tear_down(self) -> None:
        """End everything."""
        for name in reversed(list(self.children)):
            child = self.children.pop(name)
            child.stop() if name in {"postgres", "redis"} else child.kill()

    def log_of(self, name: str) -> str:
        """Return what a process wrote."""
        path = self.data / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def parsers(self) -> list[psutil.Process]:
        """Return the parsers that any worker of this stack ever started and that still run."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            command = process.info["cmdline"] or []
            if len(command) > 6 and "books.formats.child" in command[3] and int(command[6]) in self.workers:
                found.append(process)
        return found

    # --- Looking and touching -------------------------------------------------------------------

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Point Django's models and the queue of this process at this stack."""
        from books import queue  # the settings must be there
        from mindory_web.celery import app

        before = dict(connection.settings_dict)
        broker = app.conf.broker_url
        connection.close()
        connection.settings_dict.update(
            NAME="mindory", HOST=str(places.postgres_socket_dir(self.data)), USER="postgres", PORT="", PASSWORD=""
        )
        self._use_broker(app, self.environment["REDIS_URL"].replace("unix://", "redis+socket://", 1))
        try:
            assert queue.waiting() is not None
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)
            self._use_broker(app, broker)

    @staticmethod
    def _use_broker(app: Celery, url: str) -> None:
        app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
        pools.reset()  # type: ignore[no-untyped-call]
        app._pool = None
        app.amqp._producer_pool = None

    @contextmanager
    def gate_closed(self, step: str) -> Iterator[Callable[[], bool]]:
        """Hold every worker at the moment when it has written a step's results; yield "is one waiting there?"."""
        number = list(GATES).index(step)
        with self.own_link() as link:
            link.execute("SELECT pg_advisory_lock(%s::bigint)", [number])
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"

            def is_one_waiting() -> bool:
                row = link.execute(waiting, [number]).fetchone()
                return row is not None and row[0] > 0

            yield is_one_waiting
