"""Mindory's own programs: what `make run` starts besides Postgres and Redis, and the few settings that needs.

The supervisor stays small, so it never loads Django. The names and defaults here are those of settings.py;
tests/mindory_web/embedded/test_site.py compares the two.
"""

import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mindory_web.embedded import places
from mindory_web.embedded.processes import Program
from mindory_web.env import Env

BASE: Final = Path(__file__).resolve().parent.parent.parent
HERE: Final = {"0.0.0.0", "::", "127.0.0.1"}  # addresses a browser on this machine reaches as localhost
# Fewer heaps and no thread pools of the numeric libraries: most processes wait more than they count.
LEAN: Final = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
CELERY: Final = ("-m", "celery", "-A", "mindory_web.celery", "worker", "--pool", "threads", "--concurrency", "2")
INGEST: Final = (*CELERY, "--queues", "mindory.ingest", "--without-gossip", "--without-mingle", "--without-heartbeat")


@dataclass(frozen=True, slots=True)
class Installation:
    """Where this Mindory lives and listens. An empty address means that the embedded program is used."""

    data: Path
    host: str
    port: int
    web_processes: int
    database_url: str
    redis_url: str
    embedder: str  # an embedding process that somebody else runs
    embedding_threads: int
    embedding_precision: str
    is_embedding_elsewhere: bool  # by an endpoint, so that the bundled model is not needed

    @classmethod
    def from_environment(cls, env: Env | None = None) -> "Installation":
        """Read what settings.py will read, and refuse what it would refuse."""
        env = env or Env()
        return cls(
            data=env.path("MINDORY_DATA", BASE / "data"),
            host=env.text("MINDORY_HOST", "127.0.0.1"),
            port=env.whole("MINDORY_PORT", 8000, at_least=1, at_most=65535),
            web_processes=env.whole("MINDORY_WEB_PROCESSES", 1, at_least=1, at_most=64),
            database_url=env.text("DATABASE_URL"),
            redis_url=env.text("REDIS_URL"),
            embedder=env.text("MINDORY_EMBEDDER"),
            embedding_threads=env.whole("MINDORY_EMBEDDING_THREADS", 0, at_most=256),
            embedding_precision=env.text("MINDORY_EMBEDDING_PRECISION", "auto"),
            is_embedding_elsewhere=bool(env.text("MINDORY_EMBEDDING_BASE_URL")),
        )

    @property
    def address(self) -> str:
        """Return what to type into a browser on this machine."""
        host = "localhost" if self.host in HERE else f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def own(
    home: Installation, name: str, command: tuple[str, ...], *, environment: Mapping[str, str] = LEAN, **more: Any
) -> Program:
    """Return how to run one of our Python programs."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "mindory_web.settings",
        "MINDORY_DATA": str(home.data),  # as a full path: the child works in another directory
        "PYTHONUNBUFFERED": "1",
        **environment,
    }
    log = home.data / "logs" / f"{name.replace(' ', '-')}.log"
    return Program(name, [sys.executable, *command], log, environment, cwd=BASE, **more)


def embedder(home: Installation) -> Program:
    """Return the one process that holds the embedding model. It is small until the first text comes."""
    place = ("--address", str(places.embedder_socket(home.data)), "--data", str(home.data))
    command = ("-m", "mindory_web.engines.embedder", *place, "--threads", str(home.embedding_threads))
    return own(home, "embedder", command, environment={}, stop_seconds=5)


def model(home: Installation) -> Program:
    """Return what makes the bundled model ready in the background, so that the first book does not wait for it."""
    command = ("-m", "mindory_web.engines.bundled", str(home.data), home.embedding_precision)
    return own(home, "embedding model", command, environment={}, is_task=True)


def web(home: Installation, door: socket.socket, number: int = 1) -> Program:
    """Return one web process. All of them accept from the same listening socket, which outlives a restart."""
    return own(
        home,
        "web" if home.web_processes == 1 else f"web {number}",
        ("-m", "mindory_web.embedded.web", str(door.fileno())),
        fds=(door.fileno(),),
        is_ready=answers(door),
        stop_seconds=10,
    )


def workers(home: Installation) -> list[Program]:
    """Return the processes that work in the background. A job they are cut off from is taken up again later."""
    return [
        own(home, "ingest worker", (*INGEST, "--loglevel", "WARNING"), stop_seconds=8),
        own(home, "reply worker", ("-m", "mindory_web.embedded.answering"), stop_seconds=8),
    ]


def answers(door: socket.socket) -> Callable[[], bool]:
    """Return a question to the web process behind `door`: do you answer HTTP?"""
    host, port = door.getsockname()[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

    def is_ready() -> bool:
        try:
            with socket.create_connection((near, port), timeout=1) as probe:
                probe.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return probe.recv(16).startswith(b"HTTP/1.1 ")
        except OSError:
            return False

    return is_ready
