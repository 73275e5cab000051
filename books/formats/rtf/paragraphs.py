"""Paragraphs of a rich text file. They are collected run by run, for only their end says what they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from books.formats.writer import EDGE, Writer

_COUNTED: Final = re.compile(r"\(?(\d{1,6})[.):、]?\)?")
_LETTERED: Final = re.compile(r"\(?[0-9A-Za-z]{1,6}(?:\.[0-9A-Za-z]{1,4}){0,6}[.)]?")
_LONGEST_CELL: Final = 2_000  # characters; a table with longer ones only lays out the page


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that are all written the same way, or a picture, or a place that has a name."""

    text: str = ""
    marks: tuple[tuple[str, str], ...] = ()  # (kind, target)
    picture: int | None = None
    anchor: str = ""


@dataclass(slots=True)
class Form:
    """What a paragraph is, as its control words say."""

    style: int = 0
    level: int = 0  # of a heading
    align: str = ""
    in_table: bool = False
    list_depth: int = 0
    label: str = ""  # what the file writes before an item: "1.", a bullet


@dataclass(slots=True)
class Style:
    """A paragraph style."""

    name: str = ""
    level: int = 0
    parent: int = -1


@dataclass(slots=True)
class Paper:
    """Writes paragraphs and rows."""

    writer: Writer
    styles: dict[int, Style] = field(default_factory=dict)

    def paragraph(self, runs: Sequence[Run], form: Form) -> None:
        """Write one paragraph."""
        level = form.level or self._level(form.style)
        label = form.label.strip(EDGE + "\u00b7\u2022")
        if level:
            self.writer.start("h", level=min(level, 6), align=form.align)
            self._label(label)
        elif form.label:
            counted = _COUNTED.fullmatch(label)
            depth = max(form.list_depth, 1)
            if counted:
                self.writer.start("oli", level=depth, number=int(counted.group(1)))
            else:
                self.writer.start("li", level=depth)
                self._label(label)
        elif "quot" in self.styles.get(form.style, Style()).name:
            self.writer.start("quote", level=1, align=form.align)
        else:
            self.writer.start("p", align=form.align)
        self.runs(runs)
        self.writer.close()

    def _label(self, label: str) -> None:
        if _LETTERED.fullmatch(label):
            self.writer.write(f"{label} ")

    def _level(self, number: int) -> int:
        for _ in range(10):
            style = self.styles.get(number)
            if style is None:
                break
            if style.level:
                return style.level
            number = style.parent
        return 0

    def note(self, paragraphs: Sequence[Sequence[Run]], anchor: str) -> None:
        """Write a footnote."""
        self.writer.close()
        self.writer.anchor(anchor)
        shown = [runs for runs in paragraphs if any(run.text.strip() or run.picture is not None for run in runs)]
        for number, runs in enumerate(shown):
            self.writer.start("note", number=1 if number == 0 else 0)
            self.runs(runs)
            self.writer.close()

    def row(self, cells: Sequence[Sequence[Run]]) -> None:
        """Write a row of a table; one that only lays out the page becomes paragraphs."""
        if len(cells) < 2 or any(sum(len(run.text) for run in cell) > _LONGEST_CELL for cell in cells):
            for cell in cells:
                self.paragraph(cell, Form())
            return
        self.writer.close()
        is_first = not self.writer.blocks or self.writer.blocks[-1].kind != "row"
        self.writer.start("row", number=int(is_first))
        for number, cell in enumerate(cells):
            if number:
                self.writer.tab()
            self.runs(_trimmed(cell))
        self.writer.close()

    def runs(self, runs: Sequence[Run]) -> None:
        """Write runs; marks go on from one to the next while they are the same."""
        opened: tuple[tuple[str, str], ...] = ()
        for run in runs:
            if run.anchor:
                self.writer.anchor(run.anchor)
                continue
            if run.marks != opened:
                self._close(opened)
                for kind, target in run.marks:
                    self.writer.open_mark(kind, target)
                opened = run.marks
            if run.picture is not None:
                self.writer.picture(run.picture)
            for number, line in enumerate(run.text.split("\n")):
                if number:
                    self.writer.line_break()
                self.writer.write(line)
        self._close(opened)

    def _close(self, marks: Sequence[tuple[str, str]]) -> None:
        for _ in marks:
            self.writer.close_mark()


def _trimmed(cell: Sequence[Run]) -> list[Run]:
    """Return a cell without the line break at its end."""
    runs = list(cell)
    while runs and runs[-1].text == "\n":
        runs.pop()
    return runs
