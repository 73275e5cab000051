"""`manage.py handbook NAME`: put Mindory's own handbook on a reader's shelf, or write it to a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from books import handbook
from mindory_web.accounts.models import Reader


class Command(BaseCommand):
    """Builds the EPUB from docs/handbook."""

    help = "Put the handbook on a reader's shelf, or write it to a file with --to."

    def add_arguments(self, parser: Any) -> None:
        """Take a reader or a file, and a language."""
        parser.add_argument("reader", nargs="?", help="user name")
        parser.add_argument("--language", choices=sorted(handbook.EDITIONS), default="en")
        parser.add_argument("--to", type=Path, metavar="FILE", help="write the EPUB here instead")

    def handle(self, *_args: Any, reader: str | None, language: str, to: Path | None, **_options: Any) -> None:
        """Do one or the other."""
        if to is not None:
            to.write_bytes(handbook.built(handbook.EDITIONS[language]))
            self.stdout.write(f"{to} written.")
            return
        found = Reader.objects.filter(username=reader or "").first()
        if found is None:
            raise CommandError("Name a reader, or a file with --to.")
        shelved = handbook.shelve(found, language=language)
        self.stdout.write(f"Book {shelved.book.pk} is {'on the shelf' if shelved.is_new else 'there already'}.")
