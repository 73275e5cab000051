"""docs/events.md lists every frame with its fields, and nothing else."""

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

from books import events

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def declared(union: Any) -> dict[str, list[str]]:
    """Return frame type -> fields in order, as books/events.py has them."""
    found = {}
    for frame in get_args(union):
        hints = get_type_hints(frame, include_extras=True)
        name = get_args(hints.pop("type"))[0]
        found[name] = [f"{field}?" if field in frame.__optional_keys__ else field for field in hints]
    return found


def documented(heading: str) -> dict[str, list[str]]:
    """Return the same from the tables of the page."""
    section = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.M)
    text = next(part for part in section if part.startswith(heading))
    rows = re.findall(r"^\| `([\w.]+)` \|([^|]*)\|", text, flags=re.M)
    return {name: re.findall(r"`([\w?]+)`", fields) for name, fields in rows}


def test_the_page_lists_what_the_server_sends() -> None:
    assert documented("From the server") == declared(events.FromServer)


def test_the_page_lists_what_a_page_may_send() -> None:
    assert documented("From the page") == declared(events.FromPage)


def test_the_page_lists_why_a_socket_is_closed() -> None:
    codes = {value for name, value in vars(events).items() if name.startswith("CLOSED_")}
    assert {int(code) for code in re.findall(r"^\| (4\d\d\d) \|", PAGE.read_text("utf-8"), flags=re.M)} == codes
