"""Where Markdown that is still being written may be cut, so that what stands before a cut is drawn once.

The cuts never depend on how the text comes in pieces. Each chunk between two cuts is Markdown by itself; the items of a
list are chunks of their own (`is_on`), for a list is the longest thing that models write.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

LONGEST: Final = 8_000  # characters of a chunk; a longer paragraph or table is cut somewhere
LONGEST_HEADER: Final = 1_000  # characters of a table's first two lines that are repeated
LOOKED_AT: Final = 64  # characters of a line that tell how it begins

_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_HEADING: Final = re.compile(r"#{1,6}(?:[ \t]|$)")
_ITEM: Final = re.compile(r"(?:([-*+])|(\d{1,9})([.)]))[ \t]+(?=\S)")
_RULE: Final = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*)+$")
_UNDER_HEADER: Final = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")  # of a table
_UNDECIDED: Final = re.compile(r"[-*+_#`~ \t]*$|\d{1,9}[.)]?[ \t]*$| {0,3}(?:```|~~~)")  # while a line is not whole

Begins = Literal["", "new", "on"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of Markdown. `is_on`: an item of the list before it; `number`: what it counts as there.

    `prefix` comes before the text when it is drawn alone: the first line of code that was cut, or the header of
    a table that was.
    """

    text: str
    is_on: bool = False
    number: int = 0
    prefix: str = ""


class Cutter:
    """Takes text as it comes, and gives the chunks that are finished."""

    def __init__(self) -> None:
        self._tail = Chunk("")
        self._line = 0  # where in the tail the line begins that is not judged yet
        self._fence = ""  # the marks that close the code that is open
        self._is_blank = False  # the line before that one is

    @property
    def tail(self) -> Chunk:
        """Return the chunk that is still being written."""
        return self._tail

    def feed(self, text: str) -> list[Chunk]:
        """Take the next words and return the chunks that are finished."""
        self._tail = replace(self._tail, text=self._tail.text + text)
        done: list[Chunk] = []
        while (chunk := self._next()) is not None:
            done.append(chunk)
        return done

    def _next(self) -> Chunk | None:
        text = self._tail.text
        while True:
            end = text.find("\n", self._line)
            last = len(text) if end < 0 else end
            line = text[self._line : min(last, self._line + LOOKED_AT)]
            begins = self._begins(line, is_whole=end >= 0 or len(line) == LOOKED_AT) if self._line else ""
            if begins:
                return self._cut(self._line, begins)
            if end > LONGEST or (end < 0 and len(text) > LONGEST + LOOKED_AT):
                return self._cut(_anywhere(text), "")
            if end < 0:
                return None
            self._pass(text[self._line : end])
            self._line = end + 1

    def _begins(self, line: str, *, is_whole: bool) -> Begins:
        """Say whether a chunk begins with this line, as far as one can know."""
        if self._fence or not line.strip():
            return ""
        kind = _kind(self._tail)
        if kind in {"heading", "code"}:  # the code is closed
            return "new"
        if not is_whole and _UNDECIDED.match(line):
            return ""
        if line[0] in " \t":
            return "new" if _FENCE.match(line) and not kind.startswith("item") else ""
        if item := _item(line):
            return self._begins_item(item, kind)
        is_interrupted = _HEADING.match(line) or _FENCE.match(line) or (line[0] == ">" and kind != "quotation")
        return "new" if self._is_blank or is_interrupted else ""

    def _begins_item(self, item: re.Match[str], kind: str) -> Begins:
        if kind.startswith("item"):
            return "on" if kind == _kind_of(item) else "new"
        # Within a paragraph a number is a number, unless a list can begin with it.
        return "new" if self._is_blank or item[1] or int(item[2]) == 1 else ""

    def _pass(self, line: str) -> None:
        """Note what a line of the tail changes for those after it."""
        self._is_blank = not line.strip()
        if self._fence:
            marks = line.strip()
            is_closing = marks.startswith(self._fence) and not marks.strip(marks[0]) and not line.startswith("    ")
            self._fence = "" if is_closing else self._fence
        elif self._line == 0 and (opening := _FENCE.match(line)):
            self._fence = opening[1]

    def _cut(self, at: int, begins: Begins) -> Chunk:
        done = replace(self._tail, text=self._tail.text[:at])
        if not done.is_on and (item := _item(done.text[:LOOKED_AT])):
            done = replace(done, number=int(item[2] or 0))
        rest, is_on = self._tail.text[at:], begins == "on"
        self._tail = Chunk(rest, is_on, done.number + 1 if is_on else 0, "" if begins else self._repeated(done))
        self._line, self._is_blank = 0, False
        return done

    def _repeated(self, done: Chunk) -> str:
        """Return what stands again before the rest of a chunk that was cut because it grew too long."""
        if self._fence:
            return done.prefix or done.text.partition("\n")[0] + "\n"
        return done.prefix or _table_header(done.text)


def chunks(text: str) -> list[Chunk]:
    """Return a whole text in chunks; the items of a list are one."""
    cutter = Cutter()
    joined: list[Chunk] = []
    for chunk in [*cutter.feed(text), cutter.tail]:
        if chunk.is_on:
            joined[-1] = replace(joined[-1], text=joined[-1].text + chunk.text)
        else:
            joined.append(chunk)
    return joined


def _kind(chunk: Chunk) -> str:
    """Return what a chunk is, by its first line."""
    line = chunk.text.partition("\n")[0][:LOOKED_AT]
    if _FENCE.match(chunk.prefix or line):
        return "code"
    if _HEADING.match(line):
        return "heading"
    if item := _item(line):
        return _kind_of(item)
    return "quotation" if line.startswith(">") else "words"


def _item(line: str) -> re.Match[str] | None:
    return None if _RULE.match(line) else _ITEM.match(line)


def _kind_of(item: re.Match[str]) -> str:
    return f"item {item[1] or item[3]}"


def _table_header(text: str) -> str:
    """Return the first two lines of the table that a text ends in; nothing when it ends in none."""
    below = ""
    for line in reversed(text.rstrip("\n").split("\n")):
        if _UNDER_HEADER.match(below[:LONGEST_HEADER]) and "|" in line and len(line) + len(below) <= LONGEST_HEADER:
            return f"{line}\n{below}\n"
        if not line.strip():
            return ""
        below = line
    return ""


def _anywhere(text: str) -> int:
    """Return where a chunk that grew too long is cut."""
    at = max(text.rfind("\n", 1, LONGEST), text.rfind(" ", LONGEST // 2, LONGEST))
    return at + 1 if at > 0 else LONGEST
