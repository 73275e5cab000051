"""The parser's own process: one book in on stdin, frames out on stdout, then the end."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from books.errors import BookError, DamagedBook, TooDemanding
from books.formats import confinement, frames
from books.formats.parsed import Options, Told
from books.formats.sources import Source

_PROGRESS_SECONDS: Final = 0.1


def parse(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the book, then its pictures one by one: only one of them is in memory at a time."""
    from books.formats.registry import parse

    book = parse(source, told)
    frames.send_book(out, book)
    if book.originals:
        from books.formats.pictures import rewritten  # Pillow, which most books do not need

        for picture, data in rewritten(book.originals):
            frames.send_picture(out, picture, data)
    frames.send(out, frames.END, None)


def page(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the picture of one page of a PDF: see books/formats/pdf/render.py."""
    from books.formats.pdf import render  # Pillow and pdfium

    render.page(source, told, out)


# What a child can be asked to do with a file. Each sends its answer as frames.
TASKS: Final[dict[str, Callable[[Source, Told, BinaryIO], None]]] = {"parse": parse, "page": page}


def main() -> None:
    """Work on the file on stdin. Arguments: task, bytes of memory, seconds of CPU, the parent's pid, the suffix."""
    task, memory, seconds, parent, suffix = sys.argv[1:6]
    out = os.fdopen(os.dup(1), "wb")
    options = Options(**json.loads(Path(frames.OPTIONS_FILE).read_bytes()))
    confinement.confine(memory=int(memory), seconds=int(seconds), parent=int(parent))
    try:
        TASKS[task](Source(sys.stdin.buffer, suffix=suffix, options=options), _Progress(out), out)
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
