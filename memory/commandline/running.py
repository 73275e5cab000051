"""One run of the command line: whose memory, which verb, how the answer or the refusal is printed.

Exit codes: 0 done, 1 something unexpected, 2 the command itself is wrong, then one a kind of refusal (EXITS).
"""

import json
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Final, NoReturn, TextIO

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils.translation import gettext as _

from memory.errors import NotFound
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import MindoryError

USAGE: Final = 2
EXITS: Final = {"not_allowed": 3, "not_found": 4, "invalid": 5, "conflict": 6, "llm_error": 7, "too_many": 8}
ENDS: Final = "Exit codes: 0 done, 1 a fault, 2 not a command; then " + ", ".join(
    f"{code} {name}" for name, code in EXITS.items()
)


class Parser(CommandParser):
    """A parser that refuses in JSON where the command line asks for JSON."""

    answers_in_json: ClassVar[bool] = False

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and end."""
        if self.answers_in_json:
            print_json(sys.stdout, {"ok": False, "error": {"code": "usage", "message": message}})
            sys.exit(USAGE)
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def run(options: Mapping[str, Any], *, out: TextIO) -> int:
    """Do what the options say, print the answer, and return the exit code."""
    from memory.commandline import tables, verbs  # they load the search and the tables

    is_json = bool(options["json"])
    name = options["verb"]
    try:
        reader = reader_named(options["reader"])
        answer = verbs.VERBS[name](verbs.Asked(reader.pk, options, out=out, is_quiet=is_json))
    except MindoryError as refusal:
        error = {"code": refusal.code, "message": str(refusal.sentence), **refusal.details}
        if is_json:
            print_json(out, {"ok": False, "error": error})
        else:
            tables.refuse(error)
        return EXITS.get(refusal.code, 1)
    if answer is None:
        return 0
    if is_json:
        print_json(out, {"ok": True, "data": answer})
    else:
        tables.show(name, answer, out=out)
    return 0


def reader_named(name: str) -> Reader:
    """Return an active reader by user name or address; the first admin without a name."""
    readers = Reader.objects.filter(is_active=True)
    if name:
        found = readers.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()
    else:
        found = readers.filter(is_superuser=True).order_by("pk").first()
    if found is None:
        raise NotFound(_("There is no such active reader. Name one with --reader."))
    return found


def print_json(out: TextIO, answer: Mapping[str, Any]) -> None:
    """Print one line of JSON."""
    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
