"""Run a parser in a process of its own that may use little and is thrown away after one book.

Parsers are native code over bytes from strangers: they crash, hang and eat memory. None of that may
reach a worker, so nothing of a book is parsed anywhere else.
"""

import contextlib
import json
import logging
import os
import resource
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from books.errors import BookError, ParserDied, TooDemanding
from books.formats import bytecode, frames, memory
from books.formats.limits import Limits
from books.formats.parsed import Options, ParsedBook, Told
from books.formats.received import Keep, Received, Unforeseen

__all__ = ["BrokenOff", "Cost", "Keep", "Limits", "OutOfMemory", "Stopped", "Unforeseen", "ask", "measure", "parse"]

_ROOT: Final = str(Path(__file__).resolve().parents[2])
# -I: no PYTHON* variables, no user site, nothing of the working directory on the path.
_START: Final = "import sys; sys.path.insert(0, {root!r}); from books.formats.child import main; main()"
_TICK: Final = 0.2  # seconds between two looks at the clock and at `is_over`
_SHORT_TICK: Final = 0.02  # where the child's size has to be watched: what the system tells at its end is its parent's
_STDERR_KEPT: Final = 8192
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024
_BREAKDOWNS: Final = {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGTRAP, -signal.SIGILL, -signal.SIGBUS}
_LAST_BREATH: Final = 2.0  # seconds between the end of what a child says and its own end

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a book did cost, for benchmarks.

    `cpu`: seconds. `memory`: the peak, in bytes. `stages`: seconds on the clock, "checking" beside all others.
    """

    cpu: float
    memory: int
    stages: Mapping[str, float] = field(default_factory=dict)


class OutOfMemory(TooDemanding):
    """A child got no more memory."""


class BrokenOff(Exception):
    """A child ended over a picture: the number `picture`. `book` has all of its text, and the pictures before."""

    def __init__(self, book: ParsedBook, picture: int) -> None:
        super().__init__(f"the parser ended over picture {picture}")
        self.book, self.picture = book, picture


class Stopped(Exception):
    """`is_over` said that nobody wants this book any more; the child is gone."""


def parse(
    path: Path,
    *,
    limits: Limits,
    told: Told = lambda done, total: None,
    is_over: Callable[[], bool] = lambda: False,
    suffix: str = "",
    options: Options | None = None,
    keep: Keep = lambda picture, data: None,
) -> ParsedBook:
    """Return the book in the file at `path`.

    Raises a BookError that is the same every time for the same bytes, ParserDied when the child ended without
    an answer, BrokenOff when it ended over a picture, and Stopped as soon as `is_over()` is true.
    """
    received = Received(limits, told=told, keep=keep)
    with _child("parse", path, limits=limits, suffix=suffix, options=options) as child:
        try:
            child.read(received, is_over)
        except (ParserDied, BookError) as error:
            if received.picture is None:
                raise
            raise BrokenOff(received.break_off(), received.picture) from error
    return received.book()


def ask(
    task: str,
    path: Path,
    *,
    limits: Limits,
    told: Told = lambda done, total: None,
    is_over: Callable[[], bool] = lambda: False,
    suffix: str = "",
    options: Options | None = None,
    keep: Keep = lambda picture, data: None,
    result: Callable[[Any], None] = lambda result: None,
) -> None:
    """Have a child do another task of child.TASKS, passing on each result (JSON) as it comes. Raises as `parse`."""
    received = Received(limits, told=told, keep=keep, result=result)
    with _child(task, path, limits=limits, suffix=suffix, options=options) as child:
        child.read(received, is_over)


def measure(path: Path, *, limits: Limits, suffix: str = "", cost: Callable[[Cost], None]) -> ParsedBook:
    """Parse as `parse` does, and say what it cost, also when it fails."""
    received = Received(limits)
    with _child("parse", path, limits=limits, suffix=suffix, options=None) as child:
        try:
            child.read(received, lambda: False)
        finally:
            child.end(patience=_LAST_BREATH if received.is_whole else 0)
            cost(child.cost(received))
    return received.book()


@contextlib.contextmanager
def _child(task: str, path: Path, *, limits: Limits, suffix: str, options: Options | None) -> Iterator["_Child"]:
    """Start a child over the file at `path`, in a directory that holds its options and nothing else."""
    bytecode.keep()
    with path.open("rb") as file, tempfile.TemporaryDirectory(prefix="mindory-parse-") as folder:
        (Path(folder) / frames.OPTIONS_FILE).write_text(json.dumps(asdict(options or Options())), encoding="utf-8")
        child = _Child(task, file.fileno(), limits=limits, suffix=suffix, cwd=folder)
        try:
            yield child
        finally:
            child.end()


class _Child:
    """One parser process."""

    def __init__(self, task: str, file: int, *, limits: Limits, suffix: str, cwd: str) -> None:
        self._limits = limits
        self._began = time.monotonic()
        self._checking = 0.0
        self._usage: resource.struct_rusage | None = None
        self._stderr = b""
        # Until it runs its own program a child is a copy of us, and the system counts our memory as its.
        self._inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
        self._seen = 0
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-c",
                _START.format(root=_ROOT),
                task,
                json.dumps(limits.as_dict()),
                str(os.getpid()),
                suffix[:16],
            ],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd=cwd,
            start_new_session=True,
        )

    def read(self, received: Received, is_over: Callable[[], bool]) -> None:
        """Read until the answer is whole."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            selector.register(self._process.stderr, selectors.EVENT_READ)
            is_open = True
            while is_open and not received.is_whole:
                self._check(received, is_over)
                for key, _ in selector.select(_SHORT_TICK if self._has_large_parent else _TICK):
                    is_answer = key.fileobj is self._process.stdout
                    data = os.read(key.fd, 1 << 16)
                    if data:
                        self._take(data, received if is_answer else None)
                    else:
                        selector.unregister(key.fileobj)
                        is_open = is_open and not is_answer
        if not received.is_whole:
            raise self._death()

    def _take(self, data: bytes, received: Received | None) -> None:
        if received is None:
            self._stderr = (self._stderr + data)[-_STDERR_KEPT:]
            return
        began = time.perf_counter()
        try:
            received.take(data)
        except Unforeseen:
            log.error("A parser met something it did not expect:\n%s", self._said())
            raise
        self._checking += time.perf_counter() - began

    def _check(self, received: Received, is_over: Callable[[], bool]) -> None:
        seconds = self._limits.seconds + (self._limits.picture_seconds if received.has_text else 0)
        if time.monotonic() > self._began + seconds:
            raise TooDemanding("Reading this book takes longer than Mindory allows.")
        if is_over():
            raise Stopped
        if self._has_large_parent:
            self._seen = memory.peak_of(self._process.pid) or self._seen

    def _said(self) -> str:
        """Return the end of what the child wrote to its stderr."""
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        with contextlib.suppress(BlockingIOError, OSError):
            self._stderr = (self._stderr + os.read(self._process.stderr.fileno(), 1 << 16))[-_STDERR_KEPT:]
        return self._stderr.decode("utf-8", errors="replace")

    def _death(self) -> Exception:
        """Return why a child ended, or closed its mouth, without an answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._wait(_LAST_BREATH)
        code, said = self._process.returncode, self._said()
        if code == -signal.SIGXCPU:
            return TooDemanding("Reading this book takes longer than Mindory allows.")
        if "MemoryError" in said or "bad_alloc" in said or (code in _BREAKDOWNS and self._was_large()):
            return OutOfMemory("This book needs more memory than Mindory allows a book.")
        return ParserDied("The program that reads this book stopped unexpectedly.", exit_code=code, said=said[-500:])

    @property
    def _has_large_parent(self) -> bool:
        """Say whether the peak of this process, which a child begins with, could be taken for the child's own."""
        return self._inherited > self._limits.memory // 2

    def _was_large(self) -> bool:
        """Say whether a child used most of its memory: libraries that get no more of it break down without a word."""
        peak = self._usage.ru_maxrss * _RSS_UNIT if self._usage is not None else 0
        return (peak if peak > self._inherited else self._seen) > self._limits.memory // 2

    def _wait(self, seconds: float) -> None:
        """Wait for the end and note what was used; TimeoutExpired when it does not come."""
        over = time.monotonic() + seconds
        pause = 0.0005
        while self._process.returncode is None:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                self._usage = usage
                self._process.returncode = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > over:
                raise subprocess.TimeoutExpired("parser", seconds)
            else:
                time.sleep(pause)
                pause = min(pause * 2, 0.05)

    def end(self, *, patience: float = 0) -> None:
        """Make sure that nothing of the child is left; `patience`: seconds in which it may end by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._wait(patience)
        if self._process.returncode is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._wait(60)

    def cost(self, received: Received) -> Cost:
        """Return what was used by a child that has ended."""
        assert self._usage is not None
        at = received.stages
        stages = {}
        if at:
            stages = {
                "start": at["ready"] - self._began,
                "reading": at["reading"],
                "parsing": at["parsed"] - at["ready"] - at["reading"],
                "pipe": at["sent"] - at["parsed"],
                "pictures": at["pictures"] - at["sent"],
                "checking": self._checking,
            }
        memory = int(at.get("memory", 0)) or self._usage.ru_maxrss * _RSS_UNIT
        return Cost(self._usage.ru_utime + self._usage.ru_stime, memory, stages)
