"""Where the files of books lie. A file is named by its contents, so readers with the same file share it."""

import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from books.errors import BookTooLarge, EmptyFile, ServerFull

LONGEST_NAME: Final = 255
LONGEST_TITLE: Final = 500


@dataclass(frozen=True, slots=True)
class Received:
    """An upload that is on this disk, not yet on the shelf."""

    path: Path
    digest: str
    size: int


def path_of(digest: str) -> Path:
    """Return where the file with this SHA-256 lies, or would lie."""
    return Path(settings.MEDIA_ROOT) / "books" / digest[:2] / digest


def folder(part: int) -> Path:
    """Return one of the 256 folders in which the files of books lie."""
    return Path(settings.MEDIA_ROOT) / "books" / f"{part % 256:02x}"


def incoming() -> Path:
    """Return the folder where what comes in waits until it has a name."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def piece(name: str) -> Path:
    """Return where the part of an upload that came so far lies, or would lie."""
    return Path(settings.MEDIA_ROOT) / "uploads" / name


def whole(path: Path) -> Received:
    """Return a file that is on this disk already, and is left alone, as a received one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Received(path, digest, os.fstat(file.fileno()).st_size)


def receive(chunks: Iterable[bytes]) -> Received:
    """Write an upload to disk as it comes, hashing it on the way; refuse it as soon as it is too large."""
    handle, name = tempfile.mkstemp(dir=incoming())
    digest, size = sha256(), 0
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                refuse_large(size)
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if not size:
            raise EmptyFile(_("This file is empty."))
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise ServerFull(_("The server could not keep this file: its disk is full or broken.")) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Received(Path(name), digest.hexdigest(), size)


def refuse_large(size: int) -> None:
    """Raise BookTooLarge for more bytes than a book may have."""
    if size > settings.UPLOAD_LIMIT:
        megabytes = settings.UPLOAD_LIMIT // (1024 * 1024)
        sentence = _("This file is larger than %(limit)d MB, the most this library takes.") % {"limit": megabytes}
        raise BookTooLarge(sentence, limit=settings.UPLOAD_LIMIT)


def place(received: Received) -> None:
    """Give an upload its place; a file that is there already is the same file.

    It also stays where it came in, until its row is committed: a process killed before that loses nothing.
    """
    target = path_of(received.digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.stat().st_size == received.size:
        return
    try:
        os.link(received.path, target)
    except OSError:  # a torn file is there, or the file system has no hard links
        received.path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(digest: str) -> None:
    """Delete the file with this SHA-256, if it is there."""
    path_of(digest).unlink(missing_ok=True)


def sweep(*, older_than: float) -> int:
    """Remove uploads that nobody finished within these seconds: their process is gone. Returns how many."""
    gone = 0
    for folder in filter(None, (incoming(), settings.FILE_UPLOAD_TEMP_DIR)):
        for path in Path(folder).iterdir():
            try:
                if time.time() - path.stat().st_mtime < older_than:
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            except OSError:  # another sweep was faster, or it is not ours
                continue
            gone += 1
    return gone


def clean_name(name: str) -> str:
    """Return the last part of a file name as a person may see it, whatever a browser sent."""
    last = name.replace("\\", "/").rpartition("/")[2]
    last = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    stem, dot, suffix = last.strip().rpartition(".")
    if dot and len(suffix) < 16:
        return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return last.strip()[:LONGEST_NAME] or "book"


def title_from(file_name: str) -> str:
    """Return a title to show until the file tells a better one."""
    stem = Path(file_name).stem.replace("_", " ").strip()
    return (" ".join(stem.split()) or file_name)[:LONGEST_TITLE]
