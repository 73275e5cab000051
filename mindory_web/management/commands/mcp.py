"""`manage.py mcp --reader NAME`: speak MCP on standard input and output, for a program on this machine."""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mindory_web.accounts.models import Reader


class Command(BaseCommand):
    """Whoever may run this may read the database: the reader is named, not proven."""

    help = "Speak MCP on standard input and output, for one reader. Other machines use /mcp with an API key."

    def add_arguments(self, parser: Any) -> None:
        """Take the reader's name."""
        parser.add_argument("--reader", required=True, metavar="NAME", help="whose books and memory")

    def handle(self, *_args: Any, reader: str, **_options: Any) -> None:
        """Serve until the other side ends."""
        found = Reader.objects.filter(username__iexact=reader, is_active=True).first()
        if found is None:
            raise CommandError(f"There is no reader {reader!r}.")
        from mindory_web.mcp.server import server  # 30 MB

        logging.basicConfig(stream=sys.stderr, force=True)  # standard output belongs to the protocol
        server(lambda _ctx: found).run("stdio")
