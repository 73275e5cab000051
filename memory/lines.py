"""JSON lines, read one by one from blocks of bytes: a broken line is refused alone, and a long one ends nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

LONGEST_LINE: Final = 1024 * 1024  # bytes


class Lines:
    """The objects in some JSON lines. For a line that holds none an empty one comes, and `explained` says why."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._broken: dict[int, str] = {}

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        number = 0
        for raw in self._raw():
            if raw is not None and not raw.strip():
                continue
            number += 1
            try:
                yield _object(raw)
            except ValueError as error:
                self._broken[number] = str(error)
                yield {}

    def explained(self, refused: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
        """Return what was refused, with the reasons of the lines that were no objects."""
        return [(line, self._broken.get(line, sentence)) for line, sentence in refused]

    def _raw(self) -> Iterator[bytes | None]:
        """Yield line after line; None for one that is too long, whose bytes are not kept."""
        rest, is_long = b"", False
        for block in self._blocks:
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield None if is_long or len(line) > LONGEST_LINE else line
                is_long = False
            if len(rest) > LONGEST_LINE:
                rest, is_long = b"", True
        yield None if is_long else rest


def _object(raw: bytes | None) -> Mapping[str, Any]:
    if raw is None:
        raise ValueError(_("This line is too long."))
    try:
        value = json.loads(raw.decode().removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError):  # also bytes that are no UTF-8
        raise ValueError(_("This line is not JSON.")) from None
    if not isinstance(value, dict):
        raise ValueError(_("This line holds no object."))
    return value


def _no_number(word: str) -> float:
    raise ValueError(word)
