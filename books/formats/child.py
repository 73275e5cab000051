"""The parser's own process: one book in on stdin, frames out on stdout, then the end."""

import os
import sys
import time
from typing import BinaryIO, Final

from books.errors import BookError, DamagedBook, TooDemanding
from books.formats import confinement, frames
from books.formats.registry import parse
from books.formats.sources import Source

_PROGRESS_SECONDS: Final = 0.1


def main() -> None:
    """Read the book on stdin. Arguments: bytes of memory, seconds of CPU, the parent's pid, the file's suffix."""
    memory, seconds, parent, suffix = sys.argv[1:5]
    out = os.fdopen(os.dup(1), "wb")
    confinement.confine(memory=int(memory), seconds=int(seconds), parent=int(parent))
    try:
        frames.send_book(out, parse(Source(sys.stdin.buffer, suffix=suffix), _Progress(out)))
    except BookError as error:
        _refuse(out, error)
    except MemoryError:
        _refuse(out, TooDemanding("This book needs more memory than Mindory allows a book."))
    except RecursionError:
        _refuse(out, DamagedBook("This book is damaged: it is nested deeper than any book."))
    out.flush()
    os._exit(0)  # a native library's clean-up may not change the answer


def _refuse(out: BinaryIO, error: BookError) -> None:
    frames.send(out, frames.ERROR, {"code": error.code, "message": error.sentence})


class _Progress:
    """Tells the parent how far the parser is, ten times a second at most."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._next = out, 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next or done == total:
            frames.send(self._out, frames.PROGRESS, [done, total])
            self._out.flush()
            self._next = now + _PROGRESS_SECONDS
