"""`manage.py reingest`: have books read again, behind everything that readers wait for."""

import time
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from books.formats.parsed import PARSER_VERSION
from books.models import Book, Job
from books.store import BookStore
from mindory_web.lib.errors import Conflict

AT_ONCE: Final = 4
LOOK_SECONDS: Final = 2.0
OPEN: Final = ("queued", "running")


class Command(BaseCommand):
    """Queues a few books at a time, and none while a reader's own book waits. Can be stopped and begun again."""

    help = "Have books read again by the parser of this release. Marks, citations and places move along."

    def add_arguments(self, parser: Any) -> None:
        """Take which books, and how many at once."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--outdated", action="store_true", help="books that an older parser read")
        which.add_argument("--all", action="store_true", help="every book")
        parser.add_argument("--at-once", type=int, default=AT_ONCE, help=f"open jobs of this command ({AT_ONCE})")
        parser.add_argument("--no-wait", action="store_true", help="queue that many and end")

    def handle(self, *_args: Any, outdated: bool, at_once: int, no_wait: bool, **_options: Any) -> None:
        """Queue them one after the other."""
        books = wanted(outdated=outdated)
        total = books.count()
        ours: list[int] = []
        for pk in list(books.values_list("pk", flat=True)):
            while len(ours := still_open(ours)) >= max(at_once, 1) or others_wait(ours):
                if no_wait:
                    self.stdout.write(f"{len(ours)} of {total} books queued.")
                    return
                time.sleep(LOOK_SECONDS)
            ours += queued(pk)
        self.stdout.write(f"{total} books queued.")


def wanted(*, outdated: bool) -> "QuerySet[Book]":
    """Return the books to read again on which nobody works, oldest first."""
    books = Book.objects.exclude(jobs__state__in=OPEN).order_by("pk")
    return books.filter(parser_version__gt=0, parser_version__lt=PARSER_VERSION) if outdated else books


def still_open(jobs: list[int]) -> list[int]:
    """Return those of these jobs that are not over."""
    return list(Job.objects.filter(pk__in=jobs, state__in=OPEN).values_list("pk", flat=True))


def others_wait(ours: list[int]) -> bool:
    """Say whether a job waits that is not one of ours."""
    return Job.objects.filter(state=Job.State.QUEUED).exclude(pk__in=ours).exists()


def queued(pk: int) -> list[int]:
    """Have a book read again; return its job, or nothing when it is gone or somebody was faster."""
    book = Book.objects.filter(pk=pk).select_related("owner").first()
    try:
        return [BookStore(book.owner).reingest(pk).pk] if book else []
    except Conflict:
        return []
