"""Where the pictures of books lie. A file is named by its contents, so books with the same picture share it.

A picture comes out of the parser before the rows that name it are written. Until then it waits in a folder of its
own; the transaction that writes the rows also puts it in its place, holding a lock that those who remove want
for themselves alone. So a file that a row names is there, and what no row names is swept away in the end.
"""

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.files.base import File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from books import files
from books.errors import BadPicture, ServerFull
from books.formats import sandbox
from books.formats.parsed import Picture as Parsed
from books.models import Book, Picture
from books.serving import Shown
from mindory_web.lib.errors import NotFound

log = structlog.get_logger(__name__)

SUFFIXES: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
TYPES: Final = {suffix: media_type for media_type, suffix in SUFFIXES.items()}
LOCK: Final = (0x4D696E64, 1)  # of Postgres' advisory locks
VERSION: Final = 12  # characters of a digest that name a picture in an address
LARGEST_COVER: Final = 10 * 1024 * 1024  # bytes of a reader's own


def name_of(digest: str, media_type: str) -> str:
    """Return the name of a picture's file."""
    return f"{digest}.{SUFFIXES[media_type]}"


def path_of(name: str) -> Path:
    """Return where a picture lies, or would lie."""
    return _root() / name[:2] / name


def type_of(name: str) -> str:
    """Return the media type of a picture's file."""
    return TYPES[name.rpartition(".")[2]]


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "pictures"


class Waiting:
    """Pictures that came out of a parser and belong to no book yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names: list[str] = []

    def keep(self, picture: Parsed, data: bytes) -> None:
        """Write one as it comes."""
        name = name_of(picture.digest, picture.media_type)
        try:
            (self._folder / name).write_bytes(data)
        except OSError as error:
            raise ServerFull(_("The server could not keep a picture: its disk is full or broken.")) from error
        self.names.append(name)

    def place(self) -> None:
        """Put them where they belong, in the transaction that writes the rows that name them."""
        hold(is_shared=True)
        for name in dict.fromkeys(self.names):
            source, target = self._folder / name, path_of(name)
            if not source.exists() and target.exists():
                continue  # placed by an attempt whose commit failed
            if target.exists() and target.stat().st_size == source.stat().st_size:
                source.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)


@contextmanager
def waiting() -> Iterator[Waiting]:
    """Have a folder in which pictures wait for their rows; what is left of it goes at the end."""
    incoming = files.incoming()
    with tempfile.TemporaryDirectory(prefix="pictures-", dir=incoming, ignore_cleanup_errors=True) as folder:
        yield Waiting(Path(folder))


def received(file: "File[Any]", room: Waiting) -> str:
    """Have a reader's own picture written anew in the parser's child; return the name of its file."""
    upload = files.receive(_at_most(file.chunks(), LARGEST_COVER))
    try:
        sandbox.ask("picture", upload.path, limits=sandbox.Limits.of(settings.PARSE_LIMITS), keep=room.keep)
    finally:
        upload.path.unlink(missing_ok=True)
    if len(room.names) != 1:
        raise BadPicture(_("This picture cannot be read. Use a JPEG, PNG, WebP or GIF file."))
    return room.names[0]


def _at_most(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise BadPicture(_("This picture is too large: a cover may have 10 MB."))
        yield chunk


# --- Showing ------------------------------------------------------------------------------------


def shown(book: Book, number: int) -> Shown:
    """Return a picture of a book. Raises NotFound."""
    found = Picture.objects.filter(book=book, number=number).first()
    if found is None:
        raise NotFound(_("There is no such picture."))
    return Shown(path_of(name_of(found.digest, found.media_type)), found.media_type, found.digest)


def cover(book: Book) -> Shown:
    """Return the picture on a book's cover: its reader's own, or the file's. Raises NotFound."""
    if book.own_cover:
        return Shown(path_of(book.own_cover), type_of(book.own_cover), book.own_cover.partition(".")[0])
    if book.cover is None:
        raise NotFound(_("This book has no picture on its cover."))
    return shown(book, book.cover)


# --- Removing -----------------------------------------------------------------------------------


def hold(*, is_shared: bool) -> None:
    """Wait until nobody removes pictures (shared), or until nobody places any (alone), and keep it so."""
    kind = "_shared" if is_shared else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{kind}(%s, %s)", LOCK)


def names_in_use(book_id: int) -> list[str]:
    """Return the names of the files that a book's rows name."""
    found = Picture.objects.filter(book=book_id).values_list("digest", "media_type")
    own = Book.every.filter(pk=book_id).exclude(own_cover="").values_list("own_cover", flat=True)
    return list({*(name_of(*row) for row in found), *own})


def let_go(names: Iterable[str]) -> None:
    """Remove those of these files that no row names. When pictures are being placed, the sweep does it later."""
    for some in _batches(names, 500):
        _remove_unnamed(some)


def _batches(names: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    left = iter(names)
    while some := tuple(itertools.islice(left, size)):
        yield some


def _remove_unnamed(names: Iterable[str]) -> int:
    unsure = [name for name in names if name]
    if not unsure:
        return 0
    with transaction.atomic():
        if not _is_alone():
            return 0
        digests = [name.partition(".")[0] for name in unsure]
        named = {
            name_of(*row) for row in Picture.objects.filter(digest__in=digests).values_list("digest", "media_type")
        }
        named |= set(Book.every.filter(own_cover__in=unsure).values_list("own_cover", flat=True))
        removed = [name for name in unsure if name not in named]
        for name in removed:
            path_of(name).unlink(missing_ok=True)
    return len(removed)


def _is_alone() -> bool:
    """Take the lock of those who remove, if nobody places pictures at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK)
        return bool(cursor.fetchone()[0])


def sweep(part: int) -> int:
    """Remove what no row names from one of the 256 folders of pictures. Returns how many files went."""
    folder = _root() / f"{part % 256:02x}"
    if not folder.is_dir():
        return 0
    gone = sum(_remove_unnamed(some) for some in _batches(sorted(path.name for path in folder.iterdir()), 500))
    if gone:
        log.info("pictures_swept", folder=folder.name, gone=gone)
    return gone
