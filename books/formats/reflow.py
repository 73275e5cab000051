"""Lines of a text file -> paragraphs. Hard-wrapped lines are joined only where that is safe.

A file counts as hard-wrapped when most of its longer lines end near one column. Then a full line runs on
into the next one, unless that one is indented. In any other file every line stays what it is.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# Characters as wide as two letters. Punctuation and kana count too.
WIDE: Final = re.compile(r"[\u1100-\u115f\u2e80-\u303e\u3041-\uffef\U00020000-\U0003ffff]")
PAGE_RULE: Final = re.compile(r"\s*[-=─—]{3,}\s*(?:page|第)\s*\d+\s*(?:页)?\s*[-=─—]{3,}\s*$", re.IGNORECASE)
_ENDS: Final = re.compile(r"[.!?。！？…:：;；][\"'”’」』）)]*\s*$")
_INDENT: Final = re.compile(r"[ \t\u3000\xa0]+")
_MOST_COLUMNS: Final = 120
_FEWEST_COLUMNS: Final = 40


def width(line: str) -> int:
    """Return the columns of a line on a typewriter."""
    return len(line) + len(WIDE.findall(line)) if not line.isascii() else len(line)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's lines are set. `column` 0: not hard-wrapped."""

    column: int
    has_blank_lines: bool  # between paragraphs
    is_typeset: bool = False  # letters of different widths, no indents: the lines of a PDF

    @classmethod
    def of(cls, lines: Sequence[str]) -> "Layout":
        """Decide from the widths of all lines."""
        widths = [width(line.strip()) for line in lines if line.strip()]
        if len(widths) < 6:
            return cls(0, True)
        blank = sum(1 for line in lines if not line.strip())
        longest = sorted(widths)[int(len(widths) * 0.97)]
        full = sum(w > longest * 0.85 for w in widths)
        over = sum(w > longest * 1.15 for w in widths)
        is_wrapped = (
            _FEWEST_COLUMNS <= longest <= _MOST_COLUMNS and full > 0.4 * len(widths) and over <= 0.02 * len(widths)
        )
        return cls(longest if is_wrapped else 0, blank > 0.08 * len(lines))


def without_page_rules(lines: Sequence[str]) -> list[str]:
    """Drop the rules that mark the pages of a printed book, and the blank lines around them."""
    kept: list[str] = []
    is_after_rule = False
    for line in lines:
        if PAGE_RULE.match(line):
            while kept and not kept[-1].strip():
                kept.pop()
            is_after_rule = True
        elif line.strip() or not is_after_rule:
            if is_after_rule and kept and _ENDS.search(kept[-1]) and not WIDE.search(kept[-1]):
                kept.append("")  # a paragraph may have ended with its page; the words alone do not tell
            kept.append(line)
            is_after_rule = False
    return kept


def paragraphs(lines: Iterable[str], layout: Layout) -> Iterator[str]:
    """Yield paragraphs; a line feed inside one is a line end that stays (verse)."""
    if not layout.column:
        yield from _as_they_are(lines)
        return
    open_lines: list[str] = []
    was_blank = False
    usual = _usual_indent(lines := list(lines))
    for line in lines:
        text = line.strip(" \t\r\f\u3000\xa0")
        if not text:
            was_blank = True
            continue
        indent = width(found.group()) if (found := _INDENT.match(line)) else 0
        if open_lines and _begins(open_lines, indent - usual, layout, was_blank=was_blank):
            yield _joined(open_lines, layout)
            open_lines = []
        open_lines.append(text)
        was_blank = False
    if open_lines:
        yield _joined(open_lines, layout)


def _as_they_are(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.strip():
            yield line.strip()


def _usual_indent(lines: Sequence[str]) -> int:
    """Return the indent of most lines. In Chinese an indented line always begins a paragraph."""
    if any(WIDE.search(line) for line in lines[:50]):
        return 0
    counts = Counter(width(found.group()) if (found := _INDENT.match(line)) else 0 for line in lines if line.strip())
    return counts.most_common(1)[0][0] if counts else 0


def _begins(open_lines: list[str], indent: int, layout: Layout, *, was_blank: bool) -> bool:
    """Say whether the line after `open_lines` begins a paragraph."""
    last = open_lines[-1]
    if layout.is_typeset:
        return ends_paragraph(last, layout)
    is_full = width(last) >= layout.column * 0.8
    if was_blank:  # a page may break in the middle of a sentence; anything else that is blank is a paragraph's end
        return layout.has_blank_lines or not is_full or bool(_ENDS.search(last)) or indent > 0
    if layout.has_blank_lines and not WIDE.search(last):
        return False  # short lines between blank lines are verse or a list, kept line by line
    return indent > 0 or not is_full


def ends_paragraph(line: str, layout: Layout) -> bool:
    """Say whether a typeset line is the last of its paragraph: very short, or short and the end of a sentence."""
    columns = width(line.strip())
    return columns < layout.column * 0.4 or (columns < layout.column * 0.85 and bool(_ENDS.search(line)))


def _joined(lines: list[str], layout: Layout) -> str:
    text = lines[0]
    for before, line in pairwise(lines):
        if not layout.is_typeset and width(before) < layout.column * 0.7 and not WIDE.search(before):
            text += "\n" + line
        else:
            text += _glue(before, line) + line
    return text


def _glue(before: str, after: str) -> str:
    """Return what stands between two joined lines: nothing after a hyphen or between Chinese characters."""
    if WIDE.match(before[-1]) or WIDE.match(after[0]):
        return ""
    is_hyphen = before.endswith("-") and before[-2:-1].isalpha() and after[:1].islower()
    return "" if is_hyphen or before.endswith(("--", "—")) else " "
