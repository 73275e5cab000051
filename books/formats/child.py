"""The parser's own process: one book in on stdin, frames out on stdout, then the end."""

import gc
import json
import math
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from books.errors import BookError, DamagedBook, TooDemanding
from books.formats import confinement, frames, memory
from books.formats.limits import Limits
from books.formats.parsed import Options, ParsedBook, Told
from books.formats.sources import Source

_PROGRESS_SECONDS: Final = 0.1
_SECONDS_OF_PICTURE: Final = 20  # of the processor
_COLLECT_AFTER: Final = 100_000  # new objects: a book is hardly anything else, and next to none of it goes in circles
# Opened while files can be. What our parent is told about its children counts its own memory as theirs.
_STATUS: Final = os.open("/proc/self/status", os.O_RDONLY) if sys.platform == "linux" else None


def parse(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the book, then its pictures one by one: only one of them is in memory at a time."""
    from books.formats import registry

    parser, inside = registry.chosen(source)
    stages = {"ready": time.monotonic()}
    book = parser.parse(inside, told)
    book = replace(book, warnings=[*book.warnings, *source.warnings])
    stages["parsed"] = time.monotonic()
    frames.send_book(out, book)
    out.flush()
    stages["sent"] = time.monotonic()
    stages["reading"] = source.seconds
    if book.originals:
        _send_pictures(source, book, told, out)
    stages["pictures"] = time.monotonic()
    stages["memory"] = _peak()
    frames.send(out, frames.STAGES, stages)
    frames.send(out, frames.END, None)


def _peak() -> float:
    """Return the most memory this process ever had, in bytes; 0 where the system does not tell."""
    if _STATUS is None:
        return 0.0
    return float(memory.peak(os.pread(_STATUS, 1 << 14, 0)))


def _send_pictures(source: Source, book: ParsedBook, told: Told, out: BinaryIO) -> None:
    """Send what can be shown of the pictures, and a word about those that are lost."""
    from books.formats import pictures  # Pillow, which most books do not need

    source.begin_pictures()
    skipped = frozenset(source.options.lost_pictures)
    lost = pictures.Lost(unreadable=len(skipped))

    def begun(number: int) -> None:
        """Tell which picture it is before it can end this process, and let it have so much time and no more."""
        frames.send(out, frames.BEGUN, number)
        out.flush()
        confinement.allow_cpu(math.ceil(time.process_time()) + _SECONDS_OF_PICTURE)

    wanted = [original for original in book.originals if original.number not in skipped]
    for picture, data in pictures.rewritten(wanted, limits=source.limits, told=told, lost=lost, begun=begun):
        frames.send_picture(out, picture, data)
    warnings = []
    if lost.unreadable:
        warnings.append("Some pictures of this book could not be read; they are left out.")
    if lost.too_much:
        warnings.append("This book holds more pictures than Mindory keeps of one book; some are left out.")
    if lost.wordless:
        warnings.append(
            "Some drawings of this book are shown without their words, because this server has no fonts for them."
        )
    warnings += [warning for warning in source.warnings if warning not in book.warnings]
    if warnings:
        frames.send(out, frames.LATE, {"warnings": warnings, "pictures_lost": lost.count})


def page(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the picture of one page of a PDF: see books/formats/pdf/render.py."""
    from books.formats.pdf import render  # Pillow and pdfium

    render.page(source, told, out)


def links(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the links of some pages of a PDF: see books/formats/pdf/links.py."""
    from books.formats.pdf import links  # pdfium

    links.links(source, told, out)


def picture(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the picture that the file is, made to fit a cover; BadPicture when it is none."""
    from books.errors import BadPicture
    from books.formats import pictures  # Pillow

    if source.size > source.limits.picture:
        raise BadPicture("This picture is too large. Choose one of at most 50 MB.")
    source.file.seek(0)
    frames.send_picture(out, *pictures.cover(source.file.read()))
    frames.send(out, frames.END, None)


def recognise(source: Source, told: Told, out: BinaryIO) -> None:
    """Send the words of pages that are pictures: see books/formats/ocr.py."""
    from books.formats import ocr  # OpenCV and its kin

    ocr.recognise(source, told, out)


def encodings(source: Source, told: Told, out: BinaryIO) -> None:
    """Send what a text file looks like in other encodings: see books/formats/preview.py."""
    from books.formats import preview  # all formats

    preview.encodings(source, told, out)


# What a child can be asked to do with a file. Each sends its answer as frames.
TASKS: Final[dict[str, Callable[[Source, Told, BinaryIO], None]]] = {
    "parse": parse,
    "page": page,
    "links": links,
    "picture": picture,
    "recognise": recognise,
    "encodings": encodings,
}
# Tasks whose libraries start threads of their own.
THREADED: Final = frozenset({"recognise"})


def main() -> None:
    """Work on the file on stdin. Arguments: task, limits as JSON, the parent's pid, the suffix."""
    task, allowed, parent, suffix = sys.argv[1:5]
    out = os.fdopen(os.dup(1), "wb")
    limits = Limits(**json.loads(allowed))
    options = Options(**json.loads(Path(frames.OPTIONS_FILE).read_bytes()))
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    confinement.confine(
        memory=limits.memory,
        seconds=limits.cpu_seconds,
        most_seconds=limits.cpu_seconds + limits.picture_seconds,
        parent=int(parent),
        is_threaded=task in THREADED,
    )
    try:
        source = Source(sys.stdin.buffer, suffix=suffix, options=options, limits=limits)
        TASKS[task](source, _Progress(out, is_exact=options.is_careful), out)
    except BookError as error:
        _refuse(out, error)
    except MemoryError:
        _refuse(out, TooDemanding("This book needs more memory than Mindory allows a book."))
    except RecursionError:
        traceback.print_exc()
        _refuse(out, DamagedBook("This book is damaged: it is nested deeper than any book."), is_expected=False)
    except Exception:  # noqa: BLE001 - it becomes the answer, and our parent writes it to its log
        traceback.print_exc()
        _refuse(
            out,
            DamagedBook("This book cannot be read: it is damaged, or made in a way that Mindory does not know yet."),
            is_expected=False,
        )
    out.flush()
    sys.stderr.flush()
    os._exit(0)  # a native library's clean-up may not change the answer


def _refuse(out: BinaryIO, error: BookError, *, is_expected: bool = True) -> None:
    body = {"code": error.code, "message": error.sentence, "is_expected": is_expected}
    frames.send(out, frames.ERROR, body)


class _Progress:
    """Tells the parent how far the parser is: ten times a second at most, or every time."""

    def __init__(self, out: BinaryIO, *, is_exact: bool) -> None:
        self._out, self._is_exact, self._next = out, is_exact, 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._is_exact or now >= self._next or done == total:
            frames.send(self._out, frames.PROGRESS, [done, total])
            self._out.flush()
            self._next = now + _PROGRESS_SECONDS
