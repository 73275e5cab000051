"""Write canonical text block by block, keeping marks and anchors at their offsets."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from books.formats.parsed import LONGEST_BLOCK, LONGEST_LABEL, PLAIN_MARKS, Block, Mark

EDGE: Final = " \t\n\r\f\v\u3000\ufeff"  # layout, when it stands at the edge of a paragraph
_EDGES: Final = {"pre": "\n", "row": " \n"}  # of other blocks than those
SEPARATOR: Final = "\n\n"
MOST_MARKS: Final = 2000  # in one block
MOST_OPEN: Final = 200  # marks inside each other
_SPACE_SIGNS: Final = " \t\n\r\f"
_SPACES: Final = re.compile(r"[ \t\n\r\f]+")
# What Postgres, JSON or a browser cannot keep as it is: NUL, lone surrogates, other line ends.
_UNKEEPABLE: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")
_WHOLE: Final = frozenset({"math", "ruby"})  # half of one says something else
_SENTENCE_END: Final = re.compile(r"[.!?][\"'”’)]*\s|[。！？][”’」』）]*")


def cleaned(text: str) -> str:
    """Return `text` with line ends as \\n and without characters that no page or database can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNKEEPABLE.sub("", text) if _UNKEEPABLE.search(text) else text


def evened(text: str) -> str:
    """Return `text` cleaned, with each run of white space as one space. Faster than a regular expression."""
    if not text.isprintable():
        for sign in "\n\t\r\f":
            text = text.replace(sign, " ")
        if not text.isprintable() and _UNKEEPABLE.search(text):
            text = _UNKEEPABLE.sub("", text)
    while "  " in text:
        text = text.replace("  ", " ")
    return text


class Writer:
    """Collects one stretch of a book: its text, its blocks, and where each anchor is.

    Outside `pre`, runs of white space become one space and the edges of a block lose theirs,
    as in a browser; a line break inside a block is a line feed.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.anchors: dict[str, int] = {}
        self.length = 0
        self._pieces: list[str] = []
        self.size = 0  # characters in the open block
        self.closed = 0  # how many blocks were ended, empty ones too
        self._kind, self._level, self._number, self._align, self._label = "p", 0, 0, "", ""
        self._words: list[str] = []
        self._after_space = True
        self._marks: list[Mark] = []  # of the open block, counted from its start
        self._open_marks: list[Mark | None] = []  # `end` is not known yet; None says what an outer one says already
        self._waiting: list[tuple[str, int]] = []  # anchors of the open block
        self._carried: list[str] = []  # anchors of blocks that left nothing behind

    @property
    def text(self) -> str:
        """Return the text of all closed blocks."""
        return "".join(self._pieces)

    @property
    def kind(self) -> str:
        """Return the kind of the open block."""
        return self._kind

    @property
    def has_words(self) -> bool:
        """Say whether the open block holds something to see."""
        return any(word.strip(EDGE) for word in self._words)

    def start(self, kind: str, *, level: int = 0, number: int = 0, align: str = "", label: str = "") -> None:
        """Close the open block and start another."""
        self.close()
        self._kind, self._level, self._number, self._align, self._label = kind, level, number, align, label

    def write(self, text: str) -> None:
        """Add characters to the open block."""
        if self._kind == "pre":
            text = cleaned(text)
        elif self._after_space and not text.strip(_SPACE_SIGNS):
            return  # half of all that is written: what stands between two paragraphs
        else:
            text = evened(text)
            if self._after_space and text.startswith(" "):
                text = text[1:]
        if text:
            self._add(text)

    def line_break(self) -> None:
        """Add a line break, which swallows the spaces around it."""
        self._drop_space()
        self._add("\n")

    def tab(self) -> None:
        """Add the tab that divides two cells of a row."""
        self._drop_space()
        self._add("\t")

    def _drop_space(self) -> None:
        if self._words and self._kind != "pre" and self._words[-1].endswith(" "):
            self._words[-1] = self._words[-1][:-1]
            self.size -= 1

    def _add(self, text: str) -> None:
        self._words.append(text)
        self.size += len(text)
        self._after_space = text[-1] in " \n\t"

    def anchor(self, name: str) -> None:
        """Remember that `name` is here."""
        self._waiting.append((name, self.size))

    def open_mark(self, kind: str, target: str = "") -> None:
        """Everything up to the matching `close_mark` is written this way."""
        is_said = len(self._open_marks) >= MOST_OPEN or (
            kind in PLAIN_MARKS and any(mark is not None and mark.kind == kind for mark in self._open_marks)
        )
        self._open_marks.append(None if is_said else Mark(kind, self.size, self.size, target))

    def close_mark(self) -> None:
        """End the newest mark."""
        mark = self._open_marks.pop()
        if mark is not None and (self.size > mark.start or mark.kind == "cell"):
            self.add_mark(replace(mark, end=self.size))

    def add_mark(self, mark: Mark) -> None:
        """Add a mark of the open block, counted from the block's first character (see `size`)."""
        if len(self._marks) < MOST_MARKS:
            self._marks.append(mark)

    def picture(self, number: int, label: str = "") -> None:
        """Put a picture here: in the line when the block holds words too, else as a block of its own."""
        if len(self._marks) < MOST_MARKS:
            label = " ".join(label.split())[:LONGEST_LABEL]
            self._marks.append(Mark("img", self.size, self.size, str(number), label))

    def rule(self) -> None:
        """Add a horizontal rule."""
        self.close()
        self.blocks.append(Block("hr", self.length, self.length))

    def close(self) -> None:
        """End the open block; one without words and pictures leaves nothing behind."""
        self.closed += 1
        if self._words or self._marks or self._waiting:
            self._end()
        if self._open_marks and any(mark is not None and mark.start for mark in self._open_marks):
            self._open_marks = [mark and replace(mark, start=0, end=0) for mark in self._open_marks]
        self._kind, self._level, self._number, self._align, self._label = "p", 0, 0, "", ""

    def _end(self) -> None:
        raw = "".join(self._words)
        text = raw.strip(_EDGES.get(self._kind, EDGE))
        if text.strip(EDGE):
            self._keep(text, lead=raw.index(text))
        else:
            self._keep_pictures()
        self._carried += [name for name, _ in self._waiting]
        self._words, self.size, self._after_space, self._marks, self._waiting = [], 0, True, [], []

    def _keep_pictures(self) -> None:
        for mark in self._marks:
            if mark.kind == "img":
                self.blocks.append(
                    Block("img", self.length, self.length, align=self._align, target=mark.target, label=mark.label)
                )

    def _keep(self, text: str, *, lead: int) -> None:
        base = self._separate()
        marks = self._placed_marks(base, lead, len(text)) if self._marks or self._open_marks else []
        for name in self._carried:
            self.anchors.setdefault(name, base)
        for name, at in self._waiting:
            self.anchors.setdefault(name, base + min(max(at - lead, 0), len(text)))
        self._carried, self._waiting = [], []
        self._pieces.append(text)
        self.length = base + len(text)
        if len(text) > LONGEST_BLOCK:
            self.blocks += self._cut(text, base, marks)
            return
        about = self._level, tuple(marks), self._number, self._align, "", self._label
        self.blocks.append(Block(self._kind, base, self.length, *about))

    def _placed_marks(self, base: int, lead: int, length: int) -> list[Mark]:
        """Return the marks of the open block, counted from the text's beginning; `lead` characters were cut off."""
        spans = [*self._marks, *(replace(mark, end=self.size) for mark in self._open_marks if mark is not None)]
        placed: dict[Mark, None] = {}
        for mark in spans:
            start = min(max(mark.start - lead, 0), length)
            end = min(max(mark.end - lead, start), length)
            if start < end or mark.kind in {"img", "cell"}:
                placed[Mark(mark.kind, base + start, base + end, mark.target, mark.label)] = None
        # Pictures at one place keep their order; of two other marks the order only has to be the same each time.
        return sorted(placed, key=_order)

    def _cut(self, text: str, base: int, marks: list[Mark]) -> Iterator[Block]:
        for start, end in cuts(text):
            is_last = end == len(text)
            found = _clipped(marks, base + start, base + end, is_last=is_last) if start or not is_last else marks
            yield Block(
                self._kind,
                base + start,
                base + end,
                self._level,
                tuple(found),
                0 if start and self._kind in {"note", "row"} else self._number,
                self._align,
                label="" if start else self._label,
            )

    def _separate(self) -> int:
        if self.length:
            self._pieces.append(SEPARATOR)
            self.length += len(SEPARATOR)
        return self.length

    def finish(self) -> None:
        """Close the last block; anchors after it point to the end."""
        self.close()
        for name in self._carried:
            self.anchors.setdefault(name, self.length)


def cuts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a paragraph: one, or several of at most LONGEST_BLOCK, cut at a sentence or a space."""
    start = 0
    while len(text) - start > LONGEST_BLOCK:
        end = start + LONGEST_BLOCK
        cuts = [found.end() for found in _SENTENCE_END.finditer(text, end - 1000, end)]
        cuts = cuts or [found.end() for found in _SPACES.finditer(text, end - 1000, end)]
        end = cuts[-1] if cuts else end
        yield start, end
        start = end
    yield start, len(text)


def _order(mark: Mark) -> tuple[int, int, str, str]:
    return mark.start, -mark.end, mark.kind, "" if mark.kind == "img" else mark.target


def _clipped(marks: list[Mark], start: int, end: int, *, is_last: bool) -> Iterator[Mark]:
    """Yield what of the marks lies in [start, end); a picture between two pieces belongs to the second."""
    for mark in marks:
        if mark.start == mark.end:
            if start <= mark.start < end or (is_last and mark.start == end):
                yield mark
        elif mark.kind in _WHOLE and (mark.start < start or mark.end > end):
            continue
        elif mark.start < end and mark.end > start:
            yield replace(mark, start=max(mark.start, start), end=min(mark.end, end))
