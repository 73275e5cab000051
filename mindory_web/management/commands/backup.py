"""`manage.py backup FILE.tar`: the whole installation in one file, also while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mindory_web.backups import whole
from mindory_web.embedded.processes import StartFailed
from mindory_web.lib.errors import MindoryError


class Command(BaseCommand):
    """Make a backup and say what is in it."""

    help = "Save the database, the books and the secret key into one file. Keep it as safe as the installation."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        try:
            manifest = whole.save(options["file"].absolute())
        except (MindoryError, StartFailed) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Saved {said(manifest.counts)} to {options['file']}.")


def said(counts: dict[str, int]) -> str:
    """Name what a backup holds: "2 readers, 5 books, ..."."""
    return ", ".join(f"{number} {table.rpartition('_')[2]}(s)" for table, number in counts.items()) or "nothing"
