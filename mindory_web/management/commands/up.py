"""`manage.py up`: start Mindory on this machine. The same as `make run`."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Give way to the supervisor, which is small because it never loads Django."""

    help = "Start Mindory with everything it needs on this machine, and stop it all on Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Become the supervisor."""
        os.execv(sys.executable, [sys.executable, "-m", "mindory_web.embedded.up"])  # noqa: S606 (no shell is meant)
