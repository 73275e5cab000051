"""The only writer of books. Every verb is bounded by one reader: another's book is not found."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import structlog
from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from books import files, queue
from books.models import Book, Job, ReadingPlace, Section
from books.progress import tell_book
from books.publishing import tell_now
from books.retrieval import vector
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid, NotFound

log = structlog.get_logger(__name__)

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
        found = Section.objects.filter(book__owner=self.reader, book=pk, number=number).first()
        return found or _not_found()

    def path(self, book: Book) -> Path:
        """Return where the file of a book lies."""
        return files.path_of(self.book(book.pk).digest)

    # --- Shelving -------------------------------------------------------------------------------

    def shelve(self, file: "File[Any]", *, name: str, request_id: str = "") -> Shelved:
        """Keep an uploaded file and queue its ingest. The same bytes twice are one book."""
        received = files.receive(file.chunks())
        file_name = files.clean_name(name)
        try:
            with transaction.atomic():
                _hold(received.digest)
                files.place(received)
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
        finally:
            received.path.unlink(missing_ok=True)
        log.info("book_shelved", book=book.pk, is_new=is_new, size=received.size)
        return Shelved(book, is_new)

    def rename(self, pk: int, *, title: str, authors: Sequence[str]) -> Book:
        """Give a book the title and authors its reader wants."""
        title = " ".join(title.split())[: files.LONGEST_TITLE]
        if not title:
            raise Invalid(_("A book needs a title."))
        book = self.book(pk)
        book.title = title
        book.authors = [name for author in authors if (name := " ".join(author.split())[:200])][:50]
        book.save(update_fields=["title", "authors"])
        transaction.on_commit(lambda: tell_book(pk))
        return book

    def delete(self, pk: int) -> None:
        """Delete a book with everything made from it, also while it is being read; the file with its last book."""
        with transaction.atomic():
            # The job first: its worker holds the same lock while it writes, and finds nothing afterwards.
            list(Job.objects.select_for_update().filter(book__owner=self.reader, book=pk).order_by("pk"))
            book = Book.objects.select_for_update().filter(owner=self.reader, pk=pk).first() or _not_found()
            vector.forget(pk)
            book.delete()
            transaction.on_commit(lambda: self._gone(pk, book.digest))

    def _gone(self, pk: int, digest: str) -> None:
        with transaction.atomic():
            _hold(digest)  # nobody shelves the same bytes meanwhile
            if not Book.objects.filter(digest=digest).exists():
                files.remove(digest)
        log.info("book_deleted", book=pk)
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

    # --- Reading --------------------------------------------------------------------------------

    def place(self, pk: int) -> ReadingPlace:
        """Return how far this reader is; the beginning when the book was never opened."""
        book = self.book(pk)
        found = ReadingPlace.objects.filter(reader=self.reader, book=book).first()
        return found or ReadingPlace(reader=self.reader, book=book)

    def keep_place(self, pk: int, *, section: int, offset: int) -> ReadingPlace:
        """Remember how far this reader is."""
        if section < 0 or not 0 <= offset <= len(self.section(pk, section).text):
            raise Invalid(_("There is no such place in this book."))
        place, _is_new = ReadingPlace.objects.update_or_create(
            reader=self.reader, book_id=pk, defaults={"section": section, "offset": offset, "updated_at": Now()}
        )
        place.refresh_from_db()
        return place


def _hold(digest: str) -> None:
    """Let one transaction at a time decide about the file with this digest."""
    (key,) = struct.unpack(">q", bytes.fromhex(digest)[:8])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def _not_found() -> NoReturn:
    raise NotFound(_("There is no such book."))
