"""What a killed supervisor left running, and its end at the next start.

Every child is written down as a small file in `data/pids`: its number and the moment it started. A process is
ended only when both still agree, so a stranger who was given the same number later is never touched.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from mindory_web.embedded.processes import Child

PATIENCE = 20.0  # seconds a leftover has to end by itself before it is killed


@dataclass(frozen=True, slots=True)
class Trace:
    """One child as it was written down. `started` is an opaque word that only one process ever has."""

    name: str
    pid: int
    started: str
    stop_signal: int


def note(data: Path, child: Child) -> Path:
    """Write down a running child, and return the file to remove when it has ended."""
    pid = child.process.pid
    trace = Trace(child.program.name, pid, _started(pid), int(child.program.stop_signal))
    path = data / "pids" / f"{pid}.json"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(json.dumps(asdict(trace)))
    return path


def end(data: Path, *, patience: float = PATIENCE) -> list[str]:
    """End every process that an earlier supervisor left behind, last started first, and return their names.

    `patience`: seconds that all of them have to end by themselves.
    """
    found = [(path, trace) for path, trace in _traces(data) if trace.started and _started(trace.pid) == trace.started]
    for _, trace in found:
        with suppress(ProcessLookupError):  # it may be ending already
            os.kill(trace.pid, trace.stop_signal)
    deadline = time.monotonic() + patience
    for _, trace in found:
        _wait(trace, deadline)
    for path in (data / "pids").glob("*.json"):
        path.unlink()
    return [trace.name for _, trace in found]


def _wait(trace: Trace, deadline: float) -> None:
    """Return when the process is gone; after `deadline` kill its whole group."""
    while _started(trace.pid) == trace.started:
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(trace.pid, signal.SIGKILL)
        time.sleep(0.05)


def _traces(data: Path) -> Iterator[tuple[Path, Trace]]:
    paths = sorted((data / "pids").glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in paths:
        try:
            yield path, Trace(**json.loads(path.read_text()))
        except (ValueError, TypeError):  # the supervisor was killed while it wrote
            continue


def _started(pid: int) -> str:
    """Return a word for the moment the process started, or nothing when it is gone."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except ProcessLookupError:
        return ""
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
        told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], check=False, capture_output=True, text=True)
        return told.stdout.strip()  # macOS has no /proc
    return "" if words[0] in "ZX" else f"{boot} {words[19]}"
