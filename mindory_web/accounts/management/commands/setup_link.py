"""Print the one-time link that makes the first admin: `manage.py setup_link`."""

from typing import Any

from django.core.management.base import BaseCommand

from mindory_web.accounts import first_admin


class Command(BaseCommand):
    """Print the link, or nothing when there is an admin."""

    help = "Print a one-time link that makes the first admin. Prints nothing when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and print it."""
        if link := first_admin.link():
            self.stdout.write(link)
