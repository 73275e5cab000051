"""Run a parser in a process of its own that may use little and is thrown away after one book.

Parsers are native code over bytes from strangers: they crash, hang and eat memory. None of that may
reach a worker, so nothing of a book is parsed anywhere else.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from books import errors
from books.errors import BookError, DamagedBook, EmptyBook, ParserDied, TooDemanding
from books.formats import frames
from books.formats.parsed import Options, ParsedBook, ParsedSection, Picture, Told

_ROOT: Final = str(Path(__file__).resolve().parents[2])
# -I: no PYTHON* variables, no user site, nothing of the working directory on the path.
_START: Final = "import sys; sys.path.insert(0, {root!r}); from books.formats.child import main; main()"
_TICK: Final = 0.2  # seconds between two looks at the clock and at `is_over`
_STDERR_KEPT: Final = 4096
_CODES: Final = {
    error.code: error
    for error in (
        errors.UnknownFormat,
        DamagedBook,
        errors.LockedBook,
        errors.NeedsPassword,
        errors.ScannedBook,
        errors.BadEncoding,
        EmptyBook,
        TooDemanding,
        BookError,
    )
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one book may cost."""

    seconds: int = 120
    memory: int = 1536 * 1024 * 1024  # bytes of address space
    output: int = 256 * 1024 * 1024  # bytes

    @classmethod
    def of(cls, settings: Mapping[str, int]) -> "Limits":
        """Return the limits named in a mapping like settings.PARSE_LIMITS."""
        return cls(**settings)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a book did cost, for benchmarks: seconds of CPU, and the peak resident memory in bytes."""

    cpu: float
    memory: int


class Stopped(Exception):
    """`is_over` said that nobody wants this book any more; the child is gone."""


Keep = Callable[[Picture, bytes], None]  # called with each picture as it comes


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
    an answer, and Stopped as soon as `is_over()` is true.
    """
    with _child("parse", path, limits=limits, suffix=suffix, options=options, keep=keep) as child:
        try:
            return child.book(told, is_over)
        finally:
            child.end()


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
    with _child(task, path, limits=limits, suffix=suffix, options=options, keep=keep) as child:
        try:
            child.results(result, told, is_over)
        finally:
            child.end()


def measure(path: Path, *, limits: Limits, suffix: str = "") -> tuple[ParsedBook, Cost]:
    """Parse and also return what it cost."""
    with _child("parse", path, limits=limits, suffix=suffix, options=None, keep=lambda picture, data: None) as child:
        try:
            book = child.book(lambda done, total: None, lambda: False)
        except BaseException:
            child.end()
            raise
        return book, child.cost()


@contextlib.contextmanager
def _child(
    task: str, path: Path, *, limits: Limits, suffix: str, options: Options | None, keep: Keep
) -> Iterator["_Child"]:
    """Start a child over the file at `path`, in a directory that holds its options and nothing else."""
    with path.open("rb") as file, tempfile.TemporaryDirectory(prefix="mindory-parse-") as folder:
        (Path(folder) / frames.OPTIONS_FILE).write_text(json.dumps(asdict(options or Options())), encoding="utf-8")
        yield _Child(task, file.fileno(), limits=limits, suffix=suffix, cwd=folder, keep=keep)


class _Child:
    """One parser process and what came out of it so far."""

    def __init__(self, task: str, file: int, *, limits: Limits, suffix: str, cwd: str, keep: Keep) -> None:
        self._limits = limits
        self._keep = keep
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-c",
                _START.format(root=_ROOT),
                task,
                str(limits.memory),
                str(limits.seconds),
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
        self._deadline = time.monotonic() + limits.seconds
        self._incoming = frames.Incoming(most=limits.output)
        self._head: Any = None
        self._sections: list[ParsedSection] = []
        self._pages: list[Any] = []
        self._pictures: list[Picture] = []
        self._pass_on: Callable[[Any], None] = lambda result: None
        self._is_whole = False
        self._stderr: deque[bytes] = deque(maxlen=8)

    def book(self, told: Told, is_over: Callable[[], bool]) -> ParsedBook:
        """Read until the child ends, and return its book."""
        self._read(told, is_over)
        return self._answer()

    def results(self, result: Callable[[Any], None], told: Told, is_over: Callable[[], bool]) -> None:
        """Read until the child ends, passing on its results."""
        self._pass_on = result
        self._read(told, is_over)
        if not self._is_whole:
            raise self._death(self._process.wait())

    def _read(self, told: Told, is_over: Callable[[], bool]) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            selector.register(self._process.stderr, selectors.EVENT_READ)
            while selector.get_map():
                self._check(is_over)
                for key, _ in selector.select(_TICK):
                    data = os.read(key.fd, 1 << 16)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self._process.stdout:
                        self._take(data, told)
                    else:
                        self._stderr.append(data[-_STDERR_KEPT:])

    def _check(self, is_over: Callable[[], bool]) -> None:
        if time.monotonic() > self._deadline:
            raise TooDemanding("Reading this book takes longer than Mindory allows.")
        if is_over():
            raise Stopped

    def _take(self, data: bytes, told: Told) -> None:
        try:
            for kind, body in self._incoming.feed(data):
                if kind == frames.PROGRESS:
                    told(int(body[0]), int(body[1]))
                elif kind == frames.HEAD:
                    self._head = body
                elif kind == frames.SECTION:
                    self._sections.append(frames.section_of(body))
                elif kind == frames.PAGE:
                    self._pages.append(body)
                elif kind == frames.PICTURE:
                    self._pictures.append(body[0])
                    self._keep(*body)
                elif kind == frames.RESULT:
                    self._pass_on(body)
                elif kind == frames.ERROR:
                    raise _CODES.get(body["code"], BookError)(str(body["message"]))
                elif kind == frames.END:
                    self._is_whole = True
        except OverflowError as error:
            raise TooDemanding("This book holds more text than Mindory keeps of one book.") from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ParserDied("The parser's answer could not be read.") from error

    def _answer(self) -> ParsedBook:
        if not self._is_whole or self._head is None:
            raise self._death(self._process.wait())
        if not self._sections and not self._head.get("scans"):
            raise EmptyBook("There is no text in this book.")
        try:
            return frames.book_of(self._head, self._sections, self._pages, self._pictures)
        except (ValueError, KeyError, TypeError) as error:
            raise ParserDied("The parser's answer could not be read.") from error

    def _death(self, code: int) -> Exception:
        said = b"".join(self._stderr).decode("utf-8", errors="replace")
        if code == -signal.SIGXCPU:
            return TooDemanding("Reading this book takes longer than Mindory allows.")
        if "MemoryError" in said:
            return TooDemanding("This book needs more memory than Mindory allows a book.")
        return ParserDied("The program that reads this book stopped unexpectedly.", exit_code=code, said=said[-500:])

    def end(self) -> None:
        """Make sure that nothing of the child is left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def cost(self) -> Cost:
        """Wait for the end and return what was used."""
        _, _, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = 0
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        unit = 1 if sys.platform == "darwin" else 1024
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)
