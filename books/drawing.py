"""Pictures of the printed pages of a book: drawn in the sandbox when they are asked for, and kept for a while."""

import contextlib
import fcntl
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from books.errors import BookError
from books.files import path_of
from books.formats import sandbox
from books.formats.parsed import Options
from books.formats.parsed import Picture as ParsedPicture
from books.models import Book, Page
from books.sealing import opened
from books.serving import Shown
from mindory_web.lib.errors import NotFound, TooMany
from mindory_web.lib.limits import spend

WIDTHS: Final = (240, 400, 800, 1200, 1600, 2400)  # pixels: whole pages are drawn in these only
USUAL_WIDTH: Final = 1200
DEEP: Final = (4800, 9600)  # pixels: of pages so wide only parts are drawn
TILE: Final = 2400  # pixels: the edge of a part
# Small pages are drawn some at a time: to start the process takes longer than to draw one.
TOGETHER: Final = {240: 16, 400: 8}
DRAWING_SECONDS: Final = 30  # for one call
DRAWN_PER_MINUTE: Final = 120  # calls for one reader
ASKED_PER_MINUTE: Final = 900  # pictures that are not there: most are drawn with another one
WAIT_SECONDS: Final = 20  # for another page of the same reader that is being drawn
LARGEST_CACHE: Final = 512 * 1024 * 1024  # bytes of drawn pages that are kept


def drawn(book: Book, number: int, *, width: int = 0) -> Shown:
    """Return a page of a PDF as a picture, at least `width` pixels wide where we draw so large.

    Kept on disk, as it may be drawn anew at any time. Raises NotFound, TooMany and BookError.
    """
    _page(book, number)
    wide = next((each for each in WIDTHS if each >= (width or USUAL_WIDTH)), WIDTHS[-1])
    together = TOGETHER.get(wide, 1)
    first = number - number % together
    names = {each: f"{book.digest}-{each}-{wide}" for each in range(first, first + together)}
    return _kept(book, names[number], lambda: _draw_some(book, number, wide, names))


def part(book: Book, number: int, *, width: int, column: int, row: int) -> Shown:
    """Return a part of a page that is `width` pixels wide, one of DEEP: 2,400 pixels square, less at the edges.

    Raises NotFound for a part that is none, TooMany and BookError.
    """
    page = _page(book, number)
    high = math.ceil(width * page.height / page.width)
    left, top = column * TILE, row * TILE
    if width not in DEEP or not (0 <= left < width and 0 <= top < high):
        raise NotFound(_("There is no such part of this page."))
    name = f"{book.digest}-{number}-{width}-{column}-{row}"
    clip = (left, top, min(TILE, width - left), min(TILE, high - top))
    return _kept(book, name, lambda: _draw(book, Options(page=number, width=width, clip=clip), {number: name}))


def _page(book: Book, number: int) -> Page:
    page = Page.objects.filter(book=book, number=number, width__gt=0).only("width", "height").first()
    if page is None:
        raise NotFound(_("There is no such page in this book."))
    return page


def _kept(book: Book, name: str, draw: Callable[[], None]) -> Shown:
    """Return a picture of the cache, drawn when it is not there."""
    target = _target(name)
    with contextlib.suppress(FileNotFoundError):
        os.utime(target)  # it is in use: others leave the cache first
        return Shown(target, "image/jpeg", name)
    spend(f"page-wait:{book.owner_id}", limit=ASKED_PER_MINUTE, seconds=60)
    with one_at_a_time(book.owner_id):
        if not target.exists():  # another request may have drawn it with its neighbours
            spend(f"page:{book.owner_id}", limit=DRAWN_PER_MINUTE, seconds=60)
            draw()
    if not target.exists():
        raise NotFound(_("There is no such page in this book."))
    return Shown(target, "image/jpeg", name)


def _draw_some(book: Book, number: int, width: int, names: Mapping[int, str]) -> None:
    """Draw a page with its neighbours; alone when they stand in its way."""
    if len(names) > 1:
        with contextlib.suppress(BookError):
            _draw(book, Options(width=width, pages=tuple(names)), names)
        if _target(names[number]).exists():
            return
    _draw(book, Options(page=number, width=width), names)


def _draw(book: Book, options: Options, names: Mapping[int, str]) -> None:
    """Draw what `options` say, and keep each page under its name."""

    def keep(picture: ParsedPicture, data: bytes) -> None:
        keep_at(_target(names[picture.number]), data)

    limits = sandbox.Limits(seconds=DRAWING_SECONDS, memory=settings.PARSE_LIMITS["memory"])
    options = replace(options, password=opened(book.password))
    try:
        sandbox.ask("page", path_of(book.digest), limits=limits, options=options, keep=keep)
    except FileNotFoundError as error:
        raise NotFound(_("The file of this book is missing on this server.")) from error


def keep_at(target: Path, data: bytes) -> None:
    """Write a file of the cache, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    Path(unfinished).replace(target)


@contextmanager
def one_at_a_time(reader_id: int) -> Iterator[None]:
    """Let one page of a reader be drawn at a time on this machine."""
    with (_cache() / f".reader-{reader_id}").open("wb") as lock:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TooMany(_("Other pages are still being drawn."), retry_after=5) from None
                time.sleep(0.02)
        yield


def _target(name: str) -> Path:
    return place_of(f"{name}.jpg")


def place_of(name: str) -> Path:
    """Return where the cache keeps a file of this name, which begins with its book's digest."""
    return _cache() / name[:2] / name


def _cache() -> Path:
    folder = Path(settings.DATA) / "cache" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forget(digest: str) -> None:
    """Remove the drawn pages of a file that is gone."""
    for path in (_cache() / digest[:2]).glob(f"{digest}-*"):
        path.unlink(missing_ok=True)


def sweep(*, most: int = LARGEST_CACHE) -> int:
    """Remove the drawn pages that nobody looked at for the longest time, until `most` bytes are left."""
    kept = []
    for path in _cache().glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            told = path.stat()
            kept.append((told.st_mtime, told.st_size, path))
    left, gone = sum(size for _when, size, _path in kept), 0
    for _when, size, path in sorted(kept):
        if left <= most:
            break
        path.unlink(missing_ok=True)
        left, gone = left - size, gone + 1
    return gone
