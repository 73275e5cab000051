"""`manage.py prepare`: bring the database and the static files up to this version. Safe to repeat, and at once."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mindory_web import preparing
from mindory_web.embedded import postgres


class Command(BaseCommand):
    """Check what Mindory needs, migrate, collect static files, and print the first admin's link while there is none."""

    help = "Bring the database and the static files up to this version, before any process is started."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; what is missing is told in one sentence."""
        if settings.EMBEDDED:
            postgres.create_database(settings.DATA)
        try:
            preparing.check_redis()
            preparing.prepare_database()
        except preparing.NotReady as error:
            raise CommandError(str(error)) from error
        (settings.DATA / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("setup_link", stdout=self.stdout)
