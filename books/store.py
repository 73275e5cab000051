"""The only writer of books. Every verb is bounded by one reader: another's book is not found."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import structlog
from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from books import drawing, encodings, files, metadata, pictures, queue
from books.encodings import EncodingChoice
from books.errors import NeedsPassword
from books.formats import kinds
from books.models import Book, Job, Section
from books.progress import tell_book
from books.publishing import tell_now
from books.retrieval import vector
from books.sealing import sealed
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound
from mindory_web.lib.limits import spend

log = structlog.get_logger(__name__)

LONGEST_PASSWORD = 1_000  # characters
PASSWORDS_PER_HOUR = 20  # tried on one book
COVERS_PER_HOUR = 120
PREVIEWS_PER_MINUTE = 20  # of encodings
PURGED_AT_ONCE = 20  # removed books that one round of the reaper deletes
DIGEST = 64  # letters of a file's name
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A book on the shelf, and whether it was put there just now."""

    book: Book
    is_new: bool


class BookStore:
    """The books of one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    # --- Looking --------------------------------------------------------------------------------

    def books(self) -> "QuerySet[Book]":
        """Return this reader's books, newest first."""
        return Book.objects.filter(owner=self.reader).order_by("-created_at", "-pk")

    def book(self, pk: int) -> Book:
        """Return one book."""
        found = Book.objects.filter(owner=self.reader, pk=pk).first()
        return found or _not_found()

    def section(self, pk: int, number: int) -> Section:
        """Return one section of a book."""
        mine = Section.objects.filter(book__owner=self.reader, book__removed_at=None)
        found = mine.filter(book=pk, number=number).first()
        return found or _not_found()

    def path(self, book: Book) -> Path:
        """Return where the file of a book lies."""
        return files.path_of(self.book(book.pk).digest)

    # --- Shelving -------------------------------------------------------------------------------

    def shelve(self, file: "File[Any]", *, name: str, request_id: str = "") -> Shelved:
        """Keep an uploaded file and queue its ingest. The same bytes twice are one book; a removed one comes back."""
        received = files.receive(file.chunks())
        try:
            return self.shelve_received(received, name=name, request_id=request_id)
        finally:
            received.path.unlink(missing_ok=True)

    def shelve_received(self, received: files.Received, *, name: str, request_id: str = "") -> Shelved:
        """Shelve a file that is on this disk. Its caller removes it where it came in, when this is committed."""
        file_name = files.clean_name(name)
        kinds.refuse_foreign(received.path)
        with transaction.atomic():
            _hold(received.digest)
            files.place(received)
            self._bring_back_file(received.digest)
            book, is_new = Book.objects.get_or_create(
                owner=self.reader,
                digest=received.digest,
                defaults={
                    "file_name": file_name,
                    "file_size": received.size,
                    "title": files.title_from(file_name),
                },
            )
            if is_new:
                self._queue(book, request_id=request_id)
        log.info("book_shelved", book=book.pk, is_new=is_new, size=received.size)
        return Shelved(book, is_new)

    # --- Changing -------------------------------------------------------------------------------

    def change(self, pk: int, *, request_id: str = "", **fields: Any) -> Book:
        """Give a book the title, authors, language, series, series_number or description its reader wants.

        An empty one goes back to what the file says. Another language has the book indexed again.
        """
        with transaction.atomic():
            jobs = list(Job.objects.select_for_update().filter(book__owner=self.reader, book=pk, state__in=OPEN))
            book = Book.objects.select_for_update().filter(owner=self.reader, pk=pk).first() or _not_found()
            changed = metadata.change(book, fields)
            if changed:
                book.save(update_fields=changed)
                transaction.on_commit(lambda: tell_book(pk))
            if "language" in changed:
                self._index_again(book, jobs, request_id=request_id)
        return book

    def _index_again(self, book: Book, jobs: Sequence[Job], *, request_id: str) -> None:
        """Have the words cut, and the vectors made, as the book's new language wants it."""
        if any(job.step in {Book.State.INDEXING, Book.State.EMBEDDING} for job in jobs):
            raise Conflict(_("Mindory is indexing this book. Change its language when that is done."))
        if jobs or not book.is_askable:
            return  # its language is looked up when it is indexed
        vector.forget(book.pk)
        book.is_embedded, book.window_count = False, 0
        book.save(update_fields=["is_embedded", "window_count"])
        done = [Book.State.READING, Book.State.RECOGNISING, Book.State.SPLITTING]
        self._queue(book, steps_done=done, request_id=request_id)

    def set_cover(self, pk: int, file: "File[Any]") -> Book:
        """Give a book its reader's own cover: a picture, written anew. Raises BadPicture."""
        self.book(pk)
        spend(f"cover:{self.reader.pk}", limit=COVERS_PER_HOUR, seconds=3600)
        with pictures.waiting() as room:
            name = pictures.received(file, room)
            with self._locked(pk) as book:
                room.place()
                self._wear(book, name)
        return book

    def remove_cover(self, pk: int) -> Book:
        """Take a reader's own cover away; the file's own, or a typographic one, is shown again."""
        with self._locked(pk) as book:
            self._wear(book, "")
        return book

    def _wear(self, book: Book, cover: str) -> None:
        before, book.own_cover = book.own_cover, cover
        book.save(update_fields=["own_cover"])
        transaction.on_commit(lambda: pictures.let_go([before]))
        transaction.on_commit(lambda: tell_book(book.pk))

    # --- Reading it otherwise -------------------------------------------------------------------

    def encodings(self, pk: int) -> list[EncodingChoice]:
        """Return the encodings in which the text of a book can be read, each with its first words, likeliest first."""
        book = self.book(pk)
        spend(f"encodings:{self.reader.pk}", limit=PREVIEWS_PER_MINUTE, seconds=60)
        return encodings.choices(book)

    def choose_encoding(self, pk: int, encoding: str, *, request_id: str = "") -> Job:
        """Have a text file read in another encoding; "" lets Mindory find it. What is there stays until it is read."""
        with self._locked(pk) as book:
            book.encoding = encodings.name_of(book, encoding)
            book.save(update_fields=["encoding"])
            return self._queue(book, request_id=request_id)

    def unlock(self, pk: int, password: str, *, request_id: str = "") -> Job:
        """Take a locked book up again with its password. A wrong one is forgotten."""
        with self._locked(pk) as book:
            if book.error_code != NeedsPassword.code:
                raise Conflict(_("This book does not wait for a password."))
            if not password or len(password) > LONGEST_PASSWORD:
                raise Invalid(_("Type the password that opens this file."))
            spend(f"unlock:{self.reader.pk}:{pk}", limit=PASSWORDS_PER_HOUR, seconds=3600)
            book.password = sealed(password)
            book.save(update_fields=["password"])
            return self._queue(book, request_id=request_id)

    # --- Removing -------------------------------------------------------------------------------

    def remove(self, *pks: int) -> None:
        """Take books away from everywhere, all of them or none. `restore` brings them back while `purge` lets it."""
        with transaction.atomic():
            jobs = self._locked_jobs(pks)
            books = list(Book.objects.select_for_update().filter(owner=self.reader, pk__in=pks).order_by("pk"))
            if len(books) != len(set(pks)):
                _not_found()
            Book.every.filter(pk__in=pks).update(removed_at=Now())  # first: what ends after it, ended by it
            running = [job.pk for job in jobs if job.state == Job.State.RUNNING]
            Job.objects.filter(pk__in=running).update(is_cancel_asked=True)
            waiting = Job.objects.filter(book__in=books, state=Job.State.QUEUED)
            waiting.update(state=Job.State.CANCELLED, finished_at=Now())
            transaction.on_commit(lambda: self._tell_gone(pks))
        log.info("books_removed", books=pks)

    def restore(self, *pks: int, request_id: str = "") -> list[Book]:
        """Bring removed books back, all of them or none; what was being done with them goes on.

        A book that was not removed stays as it is; one that is deleted for good is not found.
        """
        with transaction.atomic():
            self._locked_jobs(pks)
            books = list(Book.every.select_for_update().filter(owner=self.reader, pk__in=pks).order_by("pk"))
            if len(books) != len(set(pks)):
                _not_found()
            for book in books:
                if book.removed_at is not None:
                    self._bring_back(book, request_id=request_id)
        return books

    def _bring_back_file(self, digest: str) -> None:
        """Bring the book with these bytes back, if its reader removed it a moment ago."""
        removed = Book.every.filter(owner=self.reader, digest=digest).exclude(removed_at=None)
        for pk in removed.values_list("pk", flat=True):
            with suppress(NotFound):  # deleted for good at this moment
                self.restore(pk)

    def _bring_back(self, book: Book, *, request_id: str) -> None:
        removed_at, book.removed_at = book.removed_at, None
        book.save(update_fields=["removed_at"])
        last = book.jobs.order_by("-pk").first()
        if last and last.state == Job.State.RUNNING and last.is_cancel_asked:
            # Its worker may have heard that it shall stop: the row goes to another one, and it finds it lost.
            book.state = Book.State.QUEUED
            book.save(update_fields=["state"])
            values: dict[str, Any] = {"lease_owner": "", "lease_until": None, "queued_at": Now()}
            Job.objects.filter(pk=last.pk).update(state=Job.State.QUEUED, is_cancel_asked=False, **values)
            transaction.on_commit(lambda: self._announce(book.pk, last.pk))
        elif last and last.state == Job.State.CANCELLED and _is_after(last.finished_at, removed_at):
            self._queue(book, steps_done=last.steps_done, request_id=request_id)
        else:
            transaction.on_commit(lambda: tell_book(book.pk))

    def delete(self, pk: int) -> None:
        """Delete a book with everything made from it, also while it is being read; the file with its last book."""
        self._delete(pk, Book.objects.filter(owner=self.reader))

    def delete_all(self) -> None:
        """Delete every book, removed ones too: their reader leaves. What another process deletes is passed over."""
        every = Book.every.filter(owner=self.reader)
        for pk in list(every.order_by("pk").values_list("pk", flat=True)):
            with suppress(NotFound):
                self._delete(pk, every)

    def _delete(self, pk: int, books: "QuerySet[Book]") -> None:
        with transaction.atomic():
            # The job first: its worker holds the same lock while it writes, and finds nothing afterwards.
            list(Job.objects.select_for_update().filter(book__owner=self.reader, book=pk).order_by("pk"))
            book = books.select_for_update().filter(pk=pk).first() or _not_found()
            vector.forget(pk)
            names = pictures.names_in_use(pk)
            book.delete()
            transaction.on_commit(lambda: self._gone(pk, book.digest, names))

    def _locked_jobs(self, pks: Sequence[int]) -> list[Job]:
        """Lock the open jobs of books before the books, as a worker does."""
        jobs = Job.objects.select_for_update().filter(book__owner=self.reader, book__in=pks, state__in=OPEN)
        return list(jobs.order_by("pk"))

    def _gone(self, pk: int, digest: str, names: Sequence[str]) -> None:
        _remove_unowned(digest)
        pictures.let_go(names)
        log.info("book_deleted", book=pk)
        self._tell_gone([pk])

    def _tell_gone(self, pks: Sequence[int]) -> None:
        for pk in pks:
            tell_now(self.reader.pk, {"type": "book.gone", "book": pk})

    # --- Jobs -----------------------------------------------------------------------------------

    def retry(self, pk: int, *, request_id: str = "") -> Job:
        """Take a failed or cancelled book up again where it stopped."""
        with self._locked(pk) as book:
            if book.state not in {Book.State.FAILED, Book.State.CANCELLED}:
                raise Conflict(_("This book is not stopped, so there is nothing to try again."))
            last = book.jobs.order_by("-pk").first()
            return self._queue(book, steps_done=last.steps_done if last else [], request_id=request_id)

    def reingest(self, pk: int, *, request_id: str = "") -> Job:
        """Read the file of a book again from the start. What is there stays until it is replaced."""
        with self._locked(pk) as book:
            return self._queue(book, request_id=request_id)

    def cancel(self, pk: int) -> None:
        """Stop the ingest of a book: at once when it waits, within seconds when a worker has it."""
        with transaction.atomic():
            self.book(pk)
            job = Job.objects.select_for_update().filter(book__owner=self.reader, book=pk, state__in=OPEN).first()
            if job is None:
                raise Conflict(_("Nothing is being done with this book."))
            if job.state == Job.State.RUNNING:
                job.is_cancel_asked = True
                job.save(update_fields=["is_cancel_asked"])
                return
            Job.objects.filter(pk=job.pk).update(state=Job.State.CANCELLED, finished_at=Now())
            Book.objects.filter(pk=pk).update(state=Book.State.CANCELLED, error_code="", error_message="")
            transaction.on_commit(lambda: tell_book(pk))

    @contextmanager
    def _locked(self, pk: int) -> Iterator[Book]:
        """Open a transaction in which the book's row is locked."""
        with transaction.atomic():
            yield Book.objects.select_for_update().filter(owner=self.reader, pk=pk).first() or _not_found()

    def _queue(self, book: Book, *, steps_done: Sequence[str] = (), request_id: str = "") -> Job:
        """Write a job in the caller's transaction, and wake a worker when it is committed."""
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    book=book,
                    steps_done=list(steps_done),
                    request_id=request_id[:64],
                    queued_at=Now(),
                    created_at=Now(),
                )
        except IntegrityError as error:
            raise Conflict(_("Mindory is already working on this book.")) from error
        book.state, book.error_code, book.error_message = Book.State.QUEUED, "", ""
        book.save(update_fields=["state", "error_code", "error_message"])
        transaction.on_commit(lambda: self._announce(book.pk, job.pk))
        return job

    def _announce(self, book_id: int, job_id: int) -> None:
        queue.wake(job_id)
        tell_book(book_id)


def _is_after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one >= other


def purge() -> int:
    """Delete for good the books that were removed longer ago than they can be brought back. Returns how many."""
    over = Now() - timedelta(seconds=settings.UNDO_SECONDS)
    due = Book.every.filter(removed_at__lt=over)
    gone = 0
    for book in due.select_related("owner").only("owner").order_by("removed_at")[:PURGED_AT_ONCE]:
        with suppress(NotFound):  # brought back, or deleted by another process
            BookStore(book.owner)._delete(book.pk, due)
            gone += 1
    return gone


def sweep(part: int) -> int:
    """Remove the files that no book names from one of their 256 folders: a process died before it did."""
    folder = files.folder(part)
    found = [path.name for path in folder.iterdir() if len(path.name) == DIGEST] if folder.is_dir() else []
    named = set(Book.every.filter(digest__in=found).values_list("digest", flat=True))
    return sum(_remove_unowned(digest) for digest in found if digest not in named)


def _remove_unowned(digest: str) -> int:
    """Remove a file, and what was drawn of it, if no book of anybody names it."""
    with transaction.atomic():
        _hold(digest)  # nobody shelves the same bytes meanwhile
        if Book.every.filter(digest=digest).exists():
            return 0
        files.remove(digest)
    drawing.forget(digest)
    return 1


def _hold(digest: str) -> None:
    """Let one transaction at a time decide about the file with this digest."""
    (key,) = struct.unpack(">q", bytes.fromhex(digest)[:8])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _not_found() -> NoReturn:
    raise NotFound(_("There is no such book."))
