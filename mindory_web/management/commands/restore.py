"""`manage.py restore FILE.tar`: an empty installation becomes the saved one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mindory_web.backups import whole
from mindory_web.embedded.processes import StartFailed
from mindory_web.lib.errors import MindoryError
from mindory_web.management.commands.backup import said


class Command(BaseCommand):
    """Restore a backup and say what came back."""

    help = "Make this empty installation like the one in a backup. The next start brings it up to this version."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to read."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore it."""
        try:
            manifest = whole.restore(options["file"].absolute())
        except (MindoryError, StartFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {said(manifest.counts)}, saved {manifest.made_at} by Mindory {manifest.version}.")
