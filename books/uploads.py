"""Files that come in pieces. Every verb is bounded by one reader. A process killed anywhere loses no byte it told of.

The bytes of an upload lie in one file under its id. They are on the disk before `received` says so; what lies beyond
`received` was not told to anybody and is written anew. When the last byte is there the file becomes a book: the row of
the upload and that of the book are committed together, and only then the file's name among the uploads goes.
"""

import hashlib
import os
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from books import files
from books.errors import BadUpload, BookError, BookTooLarge, EmptyFile, ServerFull, WrongChecksum, WrongOffset
from books.models import Upload
from books.store import BookStore
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import MindoryError, NotFound, TooMany
from mindory_web.lib.limits import spend

log = structlog.get_logger(__name__)

KEPT: Final = timedelta(days=3)  # after its last piece
EMPTY_KEPT: Final = timedelta(hours=1)  # announced, and nothing came
IDLE: Final = timedelta(minutes=10)  # then it makes way for a new one
SETTLED_AFTER: Final = timedelta(minutes=1)  # whole, and its process died: the sweep makes a book of it
MOST: Final = 32  # unfinished, of one reader
SWEPT_AT_ONCE: Final = 50
ORPHAN_SECONDS: Final = 3600.0  # a piece that belongs to no upload
ALGORITHMS: Final = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a piece must hash to."""

    algorithm: str
    digest: bytes

    @classmethod
    def of(cls, header: str) -> "Checksum":
        """Read `sha256 BASE64`. Raises BadUpload."""
        algorithm, _space, value = header.strip().partition(" ")
        if algorithm not in ALGORITHMS:
            raise BadUpload(_("This checksum is of a kind that Mindory does not know."))
        try:
            return cls(algorithm, b64decode(value, validate=True))
        except (NotBase64, ValueError) as error:
            raise BadUpload(_("This checksum cannot be read.")) from error


class Uploads:
    """The files that one reader is sending."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def open(self) -> "QuerySet[Upload]":
        """Return those that are not whole yet, the one that was left alone longest first."""
        unfinished = self._mine().filter(received__lt=F("size"), book=None, error_code="")
        return unfinished.order_by("expires_at", "created_at")

    def begin(self, *, size: int, name: str) -> Upload:
        """Announce a file of `size` bytes. One that nobody went on with makes way when there are too many."""
        spend(f"upload:{self.reader.pk}", limit=settings.UPLOADS_PER_HOUR, seconds=3600)
        files.refuse_large(size)
        if size <= 0:
            raise EmptyFile(_("This file is empty."))
        self._make_room()
        now = timezone.now()
        return Upload.objects.create(
            reader=self.reader,
            file_name=files.clean_name(name),
            size=size,
            created_at=now,
            expires_at=now + EMPTY_KEPT,
        )

    def one(self, pk: UUID, *, request_id: str = "") -> Upload:
        """Return one. When it is whole and its process died before it became a book, it becomes one now."""
        upload = self._mine().filter(pk=pk).first() or _not_found()
        return self._settled(upload, request_id=request_id)

    def append(
        self,
        pk: UUID,
        *,
        offset: int,
        chunks: Iterable[bytes],
        checksum: Checksum | None = None,
        request_id: str = "",
    ) -> Upload:
        """Take the bytes from `offset` on; all of them or none. The last one makes it a book, or refuses it.

        Raises WrongOffset when they do not follow what is here, and BookTooLarge when they are more than was announced.
        """
        with transaction.atomic():
            upload = self._locked(pk)
            if offset != upload.received:
                sentence = _("This piece does not follow what is here. Go on from byte %(offset)d.")
                raise WrongOffset(sentence % {"offset": upload.received}, offset=upload.received)
            taken = _write(upload, chunks, checksum)
            if taken:
                upload.received += taken
                upload.expires_at = timezone.now() + KEPT
                upload.save(update_fields=["received", "expires_at"])
        return self._settled(upload, request_id=request_id)

    def end(self, pk: UUID) -> None:
        """Forget an upload and what came of it. A book that it became stays."""
        with transaction.atomic():
            upload = self._locked(pk)
            upload.delete()
            transaction.on_commit(lambda: _path(pk).unlink(missing_ok=True))

    def _mine(self) -> "QuerySet[Upload]":
        return Upload.objects.filter(reader=self.reader, expires_at__gt=Now())

    def _locked(self, pk: UUID) -> Upload:
        return Upload.objects.filter(reader=self.reader).select_for_update().filter(pk=pk).first() or _not_found()

    def _make_room(self) -> None:
        """End uploads that were left alone; raise TooMany when all of them are going on."""
        there = list(self.open()[: MOST * 2])
        is_empty = Q(received=0, expires_at__lt=Now() + EMPTY_KEPT - IDLE)
        idle = is_empty | Q(received__gt=0, expires_at__lt=Now() + KEPT - IDLE)
        for upload in self.open().filter(idle)[: max(0, len(there) + 1 - MOST)]:
            self.end(upload.pk)
            there.remove(upload)
        if len(there) >= MOST:
            sentence = _("%(count)d files are on their way. Wait until one of them is here.")
            raise TooMany(sentence % {"count": len(there)}, retry_after=10)

    def _settled(self, upload: Upload, *, request_id: str) -> Upload:
        """Make a book of a whole file, once."""
        path = _path(upload.pk)
        if upload.received < upload.size or _is_settled(upload):
            if not _is_settled(upload) and upload.received and not _holds(path, upload.received):
                _not_found()  # the disk lost it; its sender begins anew
            return upload
        try:
            received = files.whole(path)
        except FileNotFoundError:
            again = Upload.objects.filter(pk=upload.pk).first() or _not_found()
            return again if _is_settled(again) else _not_found()  # the book that it became is deleted
        with transaction.atomic():
            upload = self._locked(upload.pk)
            if not _is_settled(upload):
                self._shelve(upload, received, request_id=request_id)
                transaction.on_commit(lambda: path.unlink(missing_ok=True))
        return upload

    def _shelve(self, upload: Upload, received: files.Received, *, request_id: str) -> None:
        store = BookStore(self.reader)
        try:
            shelved = store.shelve_received(received, name=upload.file_name, request_id=request_id)
        except BookError as refusal:
            upload.error_code, upload.error_message = refusal.code, refusal.sentence
        except OSError as error:
            raise _full() from error
        else:
            upload.book, upload.is_new = shelved.book, shelved.is_new
        upload.save(update_fields=["book", "is_new", "error_code", "error_message"])


def sweep() -> int:
    """Remove what is too old or belongs to nobody, and make books of whole files whose process died.

    Returns how many were removed.
    """
    gone = 0
    for upload in Upload.objects.filter(expires_at__lt=Now()).select_related("reader")[:SWEPT_AT_ONCE]:
        gone += _ended(upload)
    whole = Upload.objects.filter(received=F("size"), book=None, error_code="")
    for upload in whole.filter(expires_at__lt=Now() + KEPT - SETTLED_AFTER).select_related("reader")[:SWEPT_AT_ONCE]:
        try:
            Uploads(upload.reader).one(upload.pk)
        except NotFound:
            gone += _ended(upload)
        except MindoryError as error:  # the disk is full: later
            log.warning("upload_not_shelved", upload=str(upload.pk), code=error.code)
    return gone + _remove_orphans()


def _ended(upload: Upload) -> int:
    with suppress(NotFound):
        Uploads(upload.reader).end(upload.pk)
        return 1
    return 0


def _remove_orphans() -> int:
    """Remove pieces whose row is gone, with its reader."""
    folder = _path(UUID(int=0)).parent
    old = [path for path in folder.glob("*") if _age(path) > ORPHAN_SECONDS][:SWEPT_AT_ONCE]
    named = {path: UUID(path.name) for path in old if len(path.name) == 32}
    there = set(Upload.objects.filter(pk__in=named.values()).values_list("pk", flat=True))
    orphans = [path for path, pk in named.items() if pk not in there]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _path(pk: UUID) -> Path:
    return files.piece(pk.hex)


def _is_settled(upload: Upload) -> bool:
    return upload.book_id is not None or bool(upload.error_code)


def _holds(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size >= size
    except OSError:
        return False


def _write(upload: Upload, chunks: Iterable[bytes], checksum: Checksum | None) -> int:
    """Write a piece behind what is here and have it on the disk before this returns how long it was."""
    path = _path(upload.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as out:
            if os.fstat(out.fileno()).st_size < upload.received:
                _not_found()
            try:
                return _written(out, upload, chunks, checksum)
            except BaseException:
                out.truncate(upload.received)  # what a full disk took of it is room again
                raise
    except OSError as error:
        raise _full() from error


def _written(out: FileIO, upload: Upload, chunks: Iterable[bytes], checksum: Checksum | None) -> int:
    digest: Any = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    taken, room = 0, upload.size - upload.received
    out.truncate(upload.received)
    out.seek(upload.received)
    for chunk in chunks:
        taken += len(chunk)
        if taken > room:
            raise BookTooLarge(_("These are more bytes than were announced."), limit=upload.size)
        if digest:
            digest.update(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = rest[out.write(rest) :]
    if checksum and digest.digest() != checksum.digest:
        raise WrongChecksum(_("This piece changed on its way. Send it again."))
    os.fsync(out.fileno())
    if not upload.received:
        _keep_name(_path(upload.pk).parent)
    return taken


def _keep_name(folder: Path) -> None:
    """Have a new name of a folder on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _full() -> ServerFull:
    return ServerFull(_("The server could not keep this file: its disk is full or broken."))


def _not_found() -> NoReturn:
    raise NotFound(_("There is no such upload. It may have ended; send the file again."))
