"""Invite someone: `manage.py invite [EMAIL]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mindory_web.accounts import invitations
from mindory_web.lib.errors import MindoryError


class Command(BaseCommand):
    """Print an invitation link, and send it where mail is set up."""

    help = "Make an invitation and print its link, good for one sign-up within a week."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("email", nargs="?", default="", help="only this address may use it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, send and print it."""
        try:
            invitation, link = invitations.invite(None, email=options["email"])
        except MindoryError as refused:
            raise CommandError(str(refused)) from refused
        invitations.send(invitation, link)
        self.stdout.write(link)
