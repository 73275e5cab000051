"""A reader's memory from the command line: `manage.py memory --reader NAME VERB`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from memory.commandline.arguments import add_arguments
from memory.commandline.running import ENDS, Parser, run


class Command(BaseCommand):
    """Do one verb of the memory, for people or, with --json, for programs."""

    help = "Use a reader's memory (by default the first admin's). Everything takes --json."
    requires_system_checks = ()  # they load every page of the site, which takes longer than the work

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Make a parser that refuses in JSON where JSON is asked for."""
        Parser.answers_in_json = "--json" in sys.argv
        parser = Parser(prog=f"{prog_name} {subcommand}", description=self.help, epilog=ENDS)
        self.add_base_argument(parser, "--traceback", action="store_true", help="Show where an error comes from.")
        parser.set_defaults(verbosity=1, settings=None, pythonpath=None, no_color=False, force_color=False)
        parser.set_defaults(skip_checks=True)
        self.add_arguments(parser)
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs and what each takes."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the verb; end with a code other than 0 when it was refused."""
        if code := run(options, out=vars(self.stdout)["_out"]):
            sys.exit(code)
