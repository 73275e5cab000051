"""One child process: started, waited for, stopped. The same for every program Mindory runs for itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class StartFailed(Exception):
    """A program could not be started. The text is one plain sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to run one program. `user` is a system user to become (only when started as root)."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    user: str | None = None
    cwd: Path | None = None


def becoming(user: str | None) -> dict[str, Any]:
    """Return subprocess arguments that turn the child into `user` and nothing of the group of root."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


class Child:
    """A running program. Its process leads its own group, so the whole group can be ended."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(program.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **program.environment},
                **becoming(program.user),
                cwd=program.cwd,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = 30.0) -> None:
        """Return when the program answers; raise StartFailed when it ends or takes longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while not self.program.is_ready():
            if (code := self.process.poll()) is not None:
                raise StartFailed(f"{self.program.name} ended at once (exit code {code}). See {self.program.log}.")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.program.name} did not answer within {seconds:.0f} s. See {self.program.log}.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask the program to end, and end its whole group when it does not in time."""
        if self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)
            try:
                self.process.wait(self.program.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._end_group()

    def kill(self) -> None:
        """End the whole group at once."""
        self._end_group()
        self.process.wait(10)

    def _end_group(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
