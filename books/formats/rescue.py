"""Read a book that brings its reader down, without the page or the picture that does.

pdfium is native code: a page that unpacks to a gigabyte, or that it does not foresee, ends its whole process. Then the
file is read again by a child that tells of every page, until it is known which page it is; that one is left
to pypdf, which is slower and stays alive, and the rest of the book is as it would have been.

Pictures come after the text. One that ends its child is left out, and the file is read again without it; if that
happens a few times, the book is kept with the pictures that came.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from books.errors import ParserDied
from books.formats import sandbox
from books.formats.limits import Limits
from books.formats.parsed import Options, ParsedBook, Told
from books.formats.received import Keep
from books.formats.sandbox import BrokenOff, OutOfMemory

MOST_PAGES: Final = 5  # a file with more of them is a trap, not a book
MOST_PICTURES: Final = 3


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
    """Return the book in the file at `path`, as `sandbox.parse` does, and more of a PDF that breaks it."""
    began, wanted = time.monotonic(), options or Options()

    def once(tried: Options, tell: Told) -> ParsedBook:
        return sandbox.parse(path, limits=limits, told=tell, is_over=is_over, suffix=suffix, options=tried, keep=keep)

    def attempt(tried: Options, tell: Told) -> ParsedBook:
        lost: list[int] = []
        while True:
            try:
                return once(replace(tried, lost_pictures=tuple(lost)), tell)
            except BrokenOff as broken:
                if len(lost) >= MOST_PICTURES or broken.picture in lost or time.monotonic() > began + limits.seconds:
                    return broken.book
                lost.append(broken.picture)

    try:
        return attempt(wanted, told)
    except (ParserDied, OutOfMemory) as error:
        if not _is_pdf(path):
            raise
        first = error
    skipped: list[int] = []
    while len(skipped) <= MOST_PAGES and time.monotonic() < began + limits.seconds:
        reached = _Reached(told)
        try:
            return attempt(replace(wanted, is_careful=True, skipped=tuple(skipped)), reached)
        except (ParserDied, OutOfMemory):
            if reached.page in skipped or reached.page is None:
                break
            skipped.append(reached.page)
    raise first


class _Reached:
    """Passes progress on, and remembers which page was begun last."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self.page: int | None = None

    def __call__(self, done: int, total: int) -> None:
        self.page = done if done < total else None
        self._told(done, total)


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)
