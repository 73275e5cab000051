"""One child process: started, waited for, stopped. The same for every program Mindory runs for itself."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is set aside as .log.1 at the next start of its program


class StartFailed(Exception):
    """A program could not be started. The text is one plain sentence for the person at the terminal."""


class Stopped(Exception):
    """Someone asked for the end while a start was under way."""


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
    fds: Sequence[int] = ()  # open files the child inherits under the same numbers
    is_task: bool = False  # ends by itself when its work is done, and is started again only if it failed


def becoming(user: str | None) -> dict[str, Any]:
    """Return subprocess arguments that turn the child into `user` and nothing of the group of root."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


class Child:
    """A running program. Its process leads its own group, so the whole group can be ended.

    On Linux the kernel sends the child its stop signal when the thread that made it ends, however it
    ends. Elsewhere a child outlives a killed supervisor until the next start (embedded/leftovers.py).
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        _set_aside(program.log)
        with program.log.open("ab") as log:
            try:
                self.process = subprocess.Popen(
                    list(program.command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **program.environment},
                    **becoming(program.user),
                    cwd=program.cwd,
                    pass_fds=program.fds,
                    start_new_session=True,
                    preexec_fn=_dying_with_parent(program.stop_signal),
                )
            except FileNotFoundError as error:
                raise StartFailed(f"{program.name} is not installed: there is no {program.command[0]}.") from error

    def wait_ready(self, seconds: float = 30.0, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Return when the program answers; raise StartFailed when it ends or takes longer than `seconds`.

        `is_wanted` is asked while waiting: once it says no, Stopped is raised.
        """
        deadline = time.monotonic() + seconds
        while not self.program.is_ready():
            if not is_wanted():
                raise Stopped
            if (code := self.process.poll()) is not None:
                raise StartFailed(f"{self.program.name} ended at once ({how(code)}). See {self.program.log}.")
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


def run_to_end(program: Program) -> tuple[int, str]:
    """Run a program until it ends by itself; return its exit code and what it printed. Its log is written anew."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("wb") as log:
        done = subprocess.run(
            list(program.command),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **program.environment},
            cwd=program.cwd,
            start_new_session=True,  # a Ctrl-C is for the supervisor alone
            preexec_fn=_dying_with_parent(program.stop_signal),
        )
    return done.returncode, done.stdout


def how(code: int) -> str:
    """Say in words how a process ended, from subprocess' return code."""
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _set_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def _dying_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return what a new child calls before its program starts, so that it does not outlive its parent."""
    if sys.platform != "linux":
        return None
    kernel, parent = ctypes.CDLL(None), os.getpid()

    def ask_kernel() -> None:
        kernel.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it ended before it could be asked for
            os._exit(1)

    return ask_kernel
