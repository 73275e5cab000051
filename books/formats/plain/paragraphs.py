"""Lines of a text file -> paragraphs. Hard-wrapped lines are joined only where that is safe.

A file counts as hard-wrapped when most of its longer lines end near one column. Then a full line runs on
into the next one, unless that one is indented. In any other file every line stays what it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from books.formats.plain.lines import WIDE, Line, is_end

_MOST_COLUMNS: Final = 120
_FEWEST_COLUMNS: Final = 40
_FULL: Final = 0.8  # of the column
_SHORT: Final = 0.7
_UNFINISHED: Final = "，、；,"
_OPENING: Final = "“‘「『《〈（〔【—"
_LONG: Final = 80  # columns of a line that is no verse
_DEEP: Final = 6  # columns of indent more than a paragraph has: verse, or an inscription
_HAN: Final = "[\u3400-\u9fff\U00020000-\U0003ffff□]"
_COUPLET: Final = re.compile(
    rf"(?:{_HAN}{{4}}[，。！？；、]){{4,}}|(?:{_HAN}{{5}}[，。！？；、]){{2,}}|(?:{_HAN}{{7}}[，。！？；、]){{2,}}"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's lines are set. `column` 0: not hard-wrapped."""

    column: int
    has_blank_lines: bool  # between paragraphs
    slack: int = 1  # columns that a typesetter leaves free before an opening quotation mark, and no indent

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Layout":
        """Decide from the widths of all lines."""
        if len(lines) < 6:
            return cls(0, True)
        widths = sorted(line.width for line in lines)
        blank = sum(line.gap for line in lines)
        longest = widths[int(len(widths) * 0.97)]
        full = sum(w > longest * 0.85 for w in widths)
        over = sum(w > longest * 1.15 for w in widths)
        is_wrapped = (
            _FEWEST_COLUMNS <= longest <= _MOST_COLUMNS and full > 0.4 * len(widths) and over <= 0.02 * len(widths)
        )
        indents = Counter(line.indent for line in lines if line.indent > 1).most_common(1)
        slack = 3 if indents and indents[0][0] > 3 else 1
        return cls(longest if is_wrapped else 0, blank > 0.08 * (len(lines) + blank), slack)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together, each with what joins it to the one before: nothing, a space or a line feed."""

    kind: str  # "p" or "verse"
    lines: list[tuple[str, Line]]


def paragraphs(lines: Sequence[Line], layout: Layout) -> Iterator[Paragraph]:
    """Yield the paragraphs of lines without headings."""
    return _stanzas(_unwrapped(lines, layout)) if layout.column else _as_they_are(lines)


def _stanzas(found: Iterator[Paragraph]) -> Iterator[Paragraph]:
    """Put the couplets together that follow each other, each in a line of its own."""
    held: list[Line] = []
    for paragraph in found:
        line = paragraph.lines[0][1]
        is_couplet = len(paragraph.lines) == 1 and _is_verse(line)
        if held and (line.gap or not is_couplet):
            yield _stanza(held)
            held = []
        if is_couplet:
            held.append(line)
        else:
            yield paragraph
    if held:
        yield _stanza(held)


def _unwrapped(lines: Sequence[Line], layout: Layout) -> Iterator[Paragraph]:
    is_chinese = any(line.is_wide for line in lines[:50])
    usual = 0 if is_chinese else _usual_indent(lines)  # in Chinese an indented line begins a paragraph
    held: list[Line] = []
    for line in lines:
        if held and _begins(held, line, layout, usual=usual):
            yield _joined(held, layout, is_deep=is_chinese and held[0].indent >= usual + _DEEP)
            held = []
        held.append(line)
    if held:
        yield _joined(held, layout, is_deep=is_chinese and held[0].indent >= usual + _DEEP)


def _as_they_are(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Yield each line as a paragraph, and couplets that follow each other as verse."""
    verse: list[Line] = []
    held: list[Line] = []  # of a sentence that goes on in the next line
    for line in lines:
        if held and (line.gap or line.indent > held[0].indent or _is_verse(line)):
            yield Paragraph("p", [("", at) for at in held])
            held = []
        if verse and (line.gap or not _is_verse(line)):
            yield _stanza(verse)
            verse = []
        if _is_verse(line):
            verse.append(line)
        else:
            held.append(line)
            if not (line.is_wide and line.width >= _LONG and line.text[-1] in _UNFINISHED):
                yield Paragraph("p", [("", at) for at in held])
                held = []
    if verse:
        yield _stanza(verse)
    if held:
        yield Paragraph("p", [("", at) for at in held])


def _stanza(lines: Sequence[Line]) -> Paragraph:
    kind = "verse" if len(lines) > 1 or lines[0].indent >= _DEEP else "p"
    return Paragraph(kind, [("\n" if number else "", line) for number, line in enumerate(lines)])


def _is_verse(line: Line) -> bool:
    """Say whether a line is nothing but couplets of four, five or seven characters."""
    return len(line.text) <= 40 and bool(_COUPLET.fullmatch(line.text))


def _usual_indent(lines: Sequence[Line]) -> int:
    """Return the indent of most lines."""
    counts = Counter(line.indent for line in lines)
    return counts.most_common(1)[0][0] if counts else 0


def _begins(held: Sequence[Line], line: Line, layout: Layout, *, usual: int) -> bool:
    """Say whether a line begins a paragraph, after the lines held."""
    last = held[-1]
    is_chinese = last.is_wide
    slack = (layout.slack if line.text[0] in _OPENING else 1) if is_chinese else 0
    indent = line.indent - usual if line.indent - usual > slack else 0
    is_full = last.width + min(last.indent, _DEEP) >= layout.column * _FULL
    if line.gap:  # a page may break in the middle of a sentence; anything else that is blank is a paragraph's end
        return layout.has_blank_lines or not is_full or is_end(last.text) or indent > 0
    if layout.has_blank_lines and not last.is_wide:
        return False  # short lines between blank lines are verse or a list, kept line by line
    if is_chinese and held[0].indent >= usual + _DEEP and line.indent >= usual + _DEEP:
        return False  # lines that are all set in: an inscription or verse
    if is_chinese and (indent == 0 or len(held) > 1) and last.text[-1] in _UNFINISHED and held[0].indent < _DEEP:
        return False  # no sentence ends with a comma, however short its line or deep the next one
    return indent > 0 or not is_full or (last.text[-1] in ":：" and _is_verse(line))


def _joined(lines: Sequence[Line], layout: Layout, *, is_deep: bool) -> Paragraph:
    found = [("", lines[0])]
    is_verse = False
    for number in range(1, len(lines)):
        before, line = lines[number - 1], lines[number]
        if is_deep or (before.width < layout.column * _SHORT and not before.is_wide):
            found.append(("\n", line))
            is_verse = True
        else:
            found.append((_glue(before.text, line.text), line))
    return Paragraph("verse" if is_verse or (is_deep and _is_verse(lines[0])) else "p", found)


def _glue(before: str, after: str) -> str:
    """Return what stands between two joined lines: nothing after a hyphen or between Chinese characters."""
    if WIDE.match(before[-1]) or WIDE.match(after[0]):
        return ""
    if before[-1] in "”’“‘…—" and (WIDE.search(before[-8:]) or WIDE.search(after[:8])):
        return ""
    is_hyphen = before.endswith("-") and before[-2:-1].isalpha() and after[:1].islower()
    return "" if is_hyphen or before.endswith(("--", "—")) else " "
