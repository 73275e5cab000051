"""Answers as tables, for people. Words of a memory are shown as they are: no markup, no control characters."""

import os
import re
from collections.abc import Mapping
from typing import Any, Final, TextIO

from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SHOWN: Final = 300  # characters of a text in a list
WIDTH: Final = 120  # where no terminal says how wide it is
TIMES: Final = frozenset({"at", "observed_at", "opened_at", "closed_at"})
UNBROKEN: Final = "undo"  # a token that is copied whole
USUAL: Final = (None, "", False, "active")  # a column in which nothing else stands is left out


def show(verb: str, answer: Any, *, out: TextIO) -> None:
    """Print the answer of a verb."""
    # A terminal, or COLUMNS, says how wide it is.
    console = Console(file=out, highlight=False, width=None if out.isatty() or os.environ.get("COLUMNS") else WIDTH)
    if isinstance(answer, dict) and isinstance(answer.get("items"), list):
        _items(console, answer)
    elif isinstance(answer, dict) and isinstance(answer.get("memory"), dict):
        console.print(_plain(f"{answer['outcome']}: {answer['memory']['id']}"), style="bold")
        _pairs(console, answer["memory"])
    elif isinstance(answer, dict) and isinstance(answer.get("session"), dict):
        _pairs(console, answer["session"])
        if answer["job"]:
            console.print(_plain(f"{answer['job']['kind']}: {answer['job']['state']}"), style="bold")
            _pairs(console, answer["job"])
    elif isinstance(answer, dict):
        _pairs(console, answer)
    else:
        console.print(_plain(answer))


def refuse(error: Mapping[str, Any]) -> None:
    """Print why something was refused, where errors go."""
    Console(stderr=True, highlight=False).print(_plain(f"{error['code']}: {error['message']}"), style="red")


class Counting:
    """A bar that counts steps on the error stream. The end is not known, so it only moves."""

    def __init__(self, description: str) -> None:
        self._progress = Progress(console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(description, total=None)

    def __enter__(self) -> "Counting":
        self._progress.start()
        return self

    def __exit__(self, *what: object) -> None:
        self._progress.stop()

    def __call__(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)


def _items(console: Console, answer: Mapping[str, Any]) -> None:
    items = answer["items"]
    if not items:
        console.print(_("Nothing."))
    elif "verb" in items[0]:
        _table(console, items, ("id", "at", "verb", "actor", "reason", "before", "after"))
    elif "turn_count" in items[0]:
        _table(console, items, ("key", "title", "turn_count", "opened_at", "closed_at"))
    elif "score" in items[0]:
        _table(console, items, ("id", "score", *(("parts",) if "parts" in items[0] else ()), "type", "text"))
    elif all(item.get("number") is not None for item in items):
        _table(console, items, ("number", "speaker", "role", "text", "observed_at", "id"))
    else:
        _table(console, items, ("id", "type", "text", "observed_at", "is_pinned", "state"))
    if answer.get("is_unsure"):
        console.print(_("Nothing fits well."), style="yellow")
    if len(items) < answer.get("count", 0):
        console.print(_("%(n)s of %(count)s.") % {"n": len(items), "count": answer["count"]}, style="dim")


def _table(console: Console, items: list[Mapping[str, Any]], columns: tuple[str, ...]) -> None:
    told = [name for name in columns if any(item.get(name) not in USUAL for item in items)]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in told:
        table.add_column(name, overflow="fold", no_wrap=name in TIMES)
    for item in items:
        table.add_row(*(_plain(_shortened(name, item.get(name))) for name in told))
    console.print(table)


def _pairs(console: Console, answer: Mapping[str, Any]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in answer.items():
        if value not in (None, "", [], {}) and name != UNBROKEN:
            table.add_row(name, _plain(value))
    console.print(table)
    if answer.get(UNBROKEN):
        console.print(_plain(f"--undo={answer[UNBROKEN]}"), soft_wrap=True)


def _shortened(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, str):
        return value[:16].replace("T", " ")
    return value[: SHOWN - 1] + "…" if isinstance(value, str) and len(value) > SHOWN else value


def _plain(value: Any) -> Text:
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}: {part}" for name, part in value.items() if part not in (None, "", []))
    elif isinstance(value, list):
        value = "\n".join(str(_plain(part)) for part in value)
    elif isinstance(value, float):
        value = f"{value:.3f}".rstrip("0").rstrip(".")
    return Text(CONTROL.sub("\ufffd", "" if value is None else str(value)))
