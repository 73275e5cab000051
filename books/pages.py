"""The printed pages of a book: what is on them, where words stand on them, how they look."""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from books.coordinates import Span
from books.files import path_of
from books.formats import sandbox
from books.formats.parsed import Options, Word
from books.formats.parsed import Page as ParsedPage
from books.formats.parsed import Picture as ParsedPicture
from books.models import Book, Page, Section
from books.sealing import opened
from books.serving import Shown
from mindory_web.lib.errors import Invalid, NotFound, TooMany
from mindory_web.lib.limits import spend

log = structlog.get_logger(__name__)

MOST_PAGES: Final = 50  # whose boxes one span may ask for
WIDTHS: Final = (400, 800, 1200, 1600, 2400)  # pixels: pages are drawn in these only
USUAL_WIDTH: Final = 1200
DRAWING_SECONDS: Final = 30  # for one page
DRAWN_PER_MINUTE: Final = 120  # for one reader
WAIT_SECONDS: Final = 20  # for another page of the same reader that is being drawn
LARGEST_CACHE: Final = 512 * 1024 * 1024  # bytes of drawn pages that are kept

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Where words stand on a page: left, top, right, bottom, in tenths of a point from its top left corner."""

    page: int
    label: str
    width: int
    height: int
    boxes: list[Box]


def label_of(number: int, label: str) -> str:
    """Return what a page is called: what is printed on it, else its number from 1."""
    return label or str(number + 1)


def of(book: Book) -> "QuerySet[Page]":
    """Return the pages of a book without their words."""
    return Page.objects.filter(book=book).defer("words").order_by("number")


def page(book: Book, number: int) -> Page:
    """Return one page with its words. Raises NotFound."""
    found = Page.objects.filter(book=book, number=number).first()
    if found is None:
        raise NotFound(_("There is no such page in this book."))
    return found


def starts(pages: Sequence[ParsedPage]) -> list[tuple[int, int, str]]:
    """Return where each page of a parsed book begins (section, character), with its label, in the text's order."""
    named = [(each.section, each.start, number, each.label) for number, each in enumerate(pages)]
    return [(section, start, label_of(number, label)) for section, start, number, label in sorted(named)]


def boxes(book: Book, span: Span) -> list[Boxes]:
    """Return where the words of a span stand, page by page; words of one line are one box. Raises Invalid."""
    text = Section.objects.filter(book=book, number=span.section).values_list("text", flat=True).first()
    if text is None or span.end > len(text):
        raise Invalid(_("There is no such place in this book."))
    found = []
    for each in _pages_of(book, span):
        words = [word for word in each.words if word[0] == span.section and word[1] < span.end and word[2] > span.start]
        if words:
            label = label_of(each.number, each.label)
            found.append(Boxes(each.number, label, each.width, each.height, list(_lines(words))))
    return found


def _pages_of(book: Book, span: Span) -> Iterable[Page]:
    """Return the pages that may hold words of a span: one more on each side, where notes and heads may stand."""
    begin = Q(section__lt=span.section) | Q(section=span.section, start__lte=span.start)
    first = Page.objects.filter(begin, book=book).order_by("-number").values_list("number", flat=True).first() or 0
    before_end = Q(section__lt=span.section) | Q(section=span.section, start__lt=max(span.end, span.start + 1))
    last = Page.objects.filter(before_end, book=book).order_by("-number").values_list("number", flat=True).first() or 0
    numbers = range(max(first - 1, 0), min(last + 2, first + MOST_PAGES))
    return Page.objects.filter(book=book, number__in=numbers, width__gt=0).order_by("number")


def _lines(words: Sequence[Word]) -> Iterator[Box]:
    """Join the boxes of words that stand beside each other."""
    line: Box | None = None
    for _section, _start, _end, *edges in words:
        box: Box = (edges[0], edges[1], edges[2], edges[3])
        if line is not None and _is_beside(line, box):
            line = (min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3]))
            continue
        if line is not None:
            yield line
        line = box
    if line is not None:
        yield line


def _is_beside(line: Box, box: Box) -> bool:
    height = min(line[3] - line[1], box[3] - box[1])
    shared = min(line[3], box[3]) - max(line[1], box[1])
    gap = max(box[0] - line[2], line[0] - box[2])
    return 2 * shared > height and gap < 3 * max(height, 1)


# --- Pictures of pages --------------------------------------------------------------------------


def drawn(book: Book, number: int, *, width: int = 0) -> Shown:
    """Return a page of a PDF as a picture, at least `width` pixels wide where we draw so large.

    Kept on disk, as it may be drawn anew at any time. Raises NotFound, TooMany and BookError.
    """
    if not Page.objects.filter(book=book, number=number, width__gt=0).exists():
        raise NotFound(_("There is no such page in this book."))
    wide = next((each for each in WIDTHS if each >= (width or USUAL_WIDTH)), WIDTHS[-1])
    name = f"{book.digest}-{number}-{wide}"
    target = _cache() / name[:2] / f"{name}.jpg"
    with contextlib.suppress(FileNotFoundError):
        os.utime(target)  # it is in use: others leave the cache first
        return Shown(target, "image/jpeg", name)
    spend(f"page:{book.owner_id}", limit=DRAWN_PER_MINUTE, seconds=60)
    with _one_at_a_time(book.owner_id):
        if not target.exists():
            _draw(book, number, wide, target)
    return Shown(target, "image/jpeg", name)


def _draw(book: Book, number: int, width: int, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)

    def keep(_picture: ParsedPicture, data: bytes) -> None:
        handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(part).replace(target)

    limits = sandbox.Limits(seconds=DRAWING_SECONDS, memory=settings.PARSE_LIMITS["memory"])
    options = Options(password=opened(book.password), page=number, width=width)
    try:
        sandbox.ask("page", path_of(book.digest), limits=limits, options=options, keep=keep)
    except FileNotFoundError as error:
        raise NotFound(_("The file of this book is missing on this server.")) from error


@contextmanager
def _one_at_a_time(reader_id: int) -> Iterator[None]:
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
                time.sleep(0.05)
        yield


def _cache() -> Path:
    folder = Path(settings.DATA) / "cache" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
