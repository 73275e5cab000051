"""Make an API key: `manage.py api_key NAME [--reader NAME]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from mindory_web.accounts import audit, keys
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import MindoryError


class Command(BaseCommand):
    """Print a new API key, once."""

    help = "Make an API key for a reader (by default the first admin) and print it. It is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--reader", help="user name or e-mail address of whose key it is", default="")
        parser.add_argument("--days", type=int, help="end the key after so many days", default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and print it."""
        reader = self._reader(options["reader"])
        try:
            key, secret = keys.make(reader, options["name"], days=options["days"])
        except MindoryError as refused:
            raise CommandError(str(refused)) from refused
        audit.record(None, "key.made", key.prefix, reader=reader.username)
        self.stdout.write(secret)

    def _reader(self, name: str) -> Reader:
        readers = Reader.objects.filter(is_active=True)
        if name:
            found = readers.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()
        else:
            found = readers.filter(is_superuser=True).order_by("pk").first()
        if found is None:
            raise CommandError(
                f"There is no active reader {name!r}." if name else "There is no admin yet: name --reader."
            )
        return found
