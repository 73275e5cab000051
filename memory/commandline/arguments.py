"""What the verbs of the command line take."""

import argparse
from collections.abc import Callable
from typing import Any

from memory.told import DIMENSIONS, ROLES
from memory.types import MemoryType

Verb = argparse.ArgumentParser
TYPES = [str(each) for each in MemoryType]
LONG_ENOUGH = 30.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add all verbs to a parser. `--reader` and `--json` may stand before the verb or after it."""
    parser.add_argument("--reader", default="", help="user name or e-mail address; without it the first admin")
    parser.add_argument("--json", action="store_true", help='print {"ok", "data"} or {"ok", "error"}')
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--reader", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="VERB", help="one of these; VERB --help tells its options"
    )

    def verb(name: str, sentence: str, *parts: Callable[[Verb], Any]) -> Verb:
        made: Verb = verbs.add_parser(name, help=sentence, description=sentence, parents=[common])
        for part in parts:
            part(made)
        return made

    verb("add", "Remember something.", _words, _facts, _more_facts)
    verb("search", "Search what is remembered.", _query, _filters, _limits)
    verb("list", "List what is remembered, the latest first.", _filters, _paging)
    verb("get", "Show one memory.", _id)
    verb("update", "Change a memory.", _id, _new_words, _facts, _revision)
    verb("forget", "Forget memories for good, or everything that fits the filters.", _what_to_forget, _filters)
    verb("history", "Show the changes to a memory, oldest first.", _id, _paging)
    verb("pin", "Keep a memory for good, or no longer.", _id, _off)
    verb("archive", "Put a memory away.", _id)
    verb("restore", "Bring a memory back from the archive, or to an earlier wording.", _id, _event)
    verb("session", "Sessions: what was said, turn by turn.", lambda made: _session(made, common))
    verb("export", "Write everything as JSON lines.", _file_out)
    verb("import", "Read JSON lines, as an export wrote them.", _file_in)
    verb("stats", "Count what is remembered.")
    verb("job", "Show how far a job is, such as learning from a session, and why it failed.", _job)
    verb("health", "Show what works: the engines, and how many jobs wait or failed.")
    verb("layers", "Show the shorter forms of a memory or a session.", _of_what)
    verb("verify", "Look for junk, duplicates, orphans and stale layers. Nothing is changed.")


def _id(verb: Verb) -> None:
    verb.add_argument("id", type=int, help="of the memory")


def _job(verb: Verb) -> None:
    verb.add_argument("id", type=int, help="of the job, as `session close` shows it")


def _words(verb: Verb) -> None:
    verb.add_argument("text", help="what to remember; - reads it from the standard input")


def _new_words(verb: Verb) -> None:
    verb.add_argument("--text", help="the new words")


def _facts(verb: Verb) -> None:
    verb.add_argument("--type", choices=TYPES, metavar="TYPE", help=f"{', '.join(TYPES)}; else `add` works it out")
    verb.add_argument("--subject", help="who or what it is about")
    verb.add_argument("--attribute", help="what of them: home, employer, likes ...")
    verb.add_argument("--value", help="and its value")
    verb.add_argument("--importance", type=float, metavar="0..1", help="`add` works it out if not given")
    verb.add_argument("--confidence", type=float, metavar="0..1", help="how sure it is")
    verb.add_argument(
        "--valid-from",
        metavar="TIME",
        help="true from then on: ISO 8601, UTC without a zone",
    )
    verb.add_argument("--valid-to", metavar="TIME", help="true until then; `update` takes “none”")
    verb.add_argument(
        "--expires-on", metavar="DAY", help="forgotten for good when this day comes; `update` takes “none”"
    )
    verb.add_argument("--metadata", metavar="JSON", help="an object of your own")


def _more_facts(verb: Verb) -> None:
    verb.add_argument("--pin", action="store_true", help="keep it for good")
    verb.add_argument("--language", help="BCP 47: en, zh-Hans")
    verb.add_argument("--agent", metavar="NAME", help="of the program that tells it")
    verb.add_argument("--session", metavar="KEY", help="of the session it comes from")
    verb.add_argument("--book", type=int, metavar="ID", help="of the book it belongs to")
    verb.add_argument("--observed-at", metavar="TIME", help="when it was said or seen; now if not given")
    verb.add_argument("--source-key", metavar="KEY", help="your own name of its source: the same key is one memory")
    verb.add_argument("--quote", help="the words of its source")
    verb.add_argument("--once", default="", metavar="KEY", help="idempotency key: sent again it is done once")


def _query(verb: Verb) -> None:
    verb.add_argument("query", help="a question or some words")


def _filters(verb: Verb) -> None:
    verb.add_argument("--type", choices=TYPES, action="append", metavar="TYPE", help=f"{', '.join(TYPES)}; repeatable")
    verb.add_argument(
        "--dimension",
        choices=DIMENSIONS,
        help="user: told or learned; session: turns; agent, resource: with --agent, --book",
    )
    verb.add_argument("--agent", metavar="NAME", help="what this program told")
    verb.add_argument("--session", metavar="KEY", help="what belongs to this session")
    verb.add_argument("--book", type=int, metavar="ID", help="what belongs to this book")
    verb.add_argument("--subject", help="what is about this")
    verb.add_argument("--attribute", help="home, employer, likes ...")
    verb.add_argument("--pinned", action=argparse.BooleanOptionalAction, help="only pinned ones, or only others")
    verb.add_argument("--since", metavar="TIME", help="observed at or after")
    verb.add_argument("--until", metavar="TIME", help="observed before")
    verb.add_argument("--as-of", metavar="TIME", help="what was true then")
    verb.add_argument("--known-at", metavar="TIME", help="as it was known then")
    verb.add_argument("--include-archived", action="store_true", default=None, help="also what was put away")
    verb.add_argument("--include-past", action="store_true", default=None, help="also what is no longer valid")


def _limits(verb: Verb) -> None:
    verb.add_argument("--limit", type=int, default=10, metavar="N", help="how many at most, up to 200 (10)")
    verb.add_argument("--min-score", type=float, default=0.0, metavar="0..1", help="leave out what fits less")
    verb.add_argument("--reference-date", metavar="TIME", help='what "last summer" is reckoned from')
    verb.add_argument("--explain", action="store_true", help="show what each score is made of")


def _paging(verb: Verb) -> None:
    verb.add_argument("--limit", type=int, default=50, metavar="N", help="how many at most, up to 200 (50)")
    verb.add_argument("--offset", type=int, default=0, metavar="N", help="leave out so many first")


def _revision(verb: Verb) -> None:
    verb.add_argument("--revision", type=int, help="only if nobody changed it since")


def _event(verb: Verb) -> None:
    verb.add_argument("--event", type=int, help="back to the wording before this change")


def _off(verb: Verb) -> None:
    verb.add_argument("--off", action="store_true", help="let it fade like the others again")


def _what_to_forget(verb: Verb) -> None:
    verb.add_argument("ids", type=int, nargs="*", metavar="ID", help="of the memories")
    verb.add_argument("--everything", action="store_true", help="all of it")
    verb.add_argument("--reason", default="", help="kept in the history")
    verb.add_argument("--undo", metavar="TOKEN", help="bring back what a receipt of the last five minutes forgot")


def _of_what(verb: Verb) -> None:
    verb.add_argument("id", type=int, nargs="?", help="of the memory")
    verb.add_argument("--session", metavar="KEY", help="of the session instead")


def _file_out(verb: Verb) -> None:
    verb.add_argument("file", nargs="?", default="-", help="where to; - is the standard output")


def _file_in(verb: Verb) -> None:
    verb.add_argument("file", help="- is the standard input")


def _session(verb: Verb, common: Verb) -> None:
    deeds = verb.add_subparsers(
        dest="deed", required=True, metavar="VERB", help="one of these; VERB --help tells its options"
    )

    def deed(name: str, sentence: str, *, has_key: bool = True) -> Verb:
        made: Verb = deeds.add_parser(name, help=sentence, description=sentence, parents=[common])
        if has_key:
            made.add_argument("key", help="of the session")
        return made

    listing = deed("list", "List the sessions.", has_key=False)
    _paging(listing)
    opening = deed("open", "Begin a session, or change what is given.")
    opening.add_argument("--title", help="what lists call it")
    opening.add_argument("--agent", metavar="NAME", help="of the program that takes part")
    opening.add_argument("--book", type=int, action="append", metavar="ID", help="it is about; repeatable")
    opening.add_argument("--participant", action="append", metavar="NAME", help="who takes part; repeatable")
    opening.add_argument(
        "--learning", action=argparse.BooleanOptionalAction, help="whether anything is learned from it"
    )
    saying = deed("say", "Add one turn.")
    saying.add_argument("text", help="what was said; - reads it from the standard input")
    saying.add_argument("--role", choices=ROLES, default="user", help="whose turn it is (user)")
    saying.add_argument("--speaker", metavar="NAME", help="who says it")
    saying.add_argument("--turn-key", metavar="KEY", help="your own name of it: the same key is one turn")
    saying.add_argument("--said-at", metavar="TIME", help="now if not given")
    _paging(deed("timeline", "Show what was said."))
    closing = deed("close", "Close it; memories are learned from it in the background.")
    closing.add_argument(
        "--wait",
        nargs="?",
        type=float,
        const=LONG_ENOUGH,
        metavar="SECONDS",
        help="until that is done (30 unless told)",
    )
    forgetting = deed("forget", "Forget it with its turns and what was learned from it alone.")
    forgetting.add_argument("--keep-learned", action="store_true", help="keep what was learned from it")
