"""The lines of a text file, and where each of them was."""

import re
from typing import Final, NamedTuple

EDGE: Final = " \t\r\n\f\v\u3000\xa0\ufeff"  # layout, when it stands at the edge of a line
# Characters as wide as two letters. Punctuation and kana count too.
WIDE: Final = re.compile(r"[\u1100-\u115f\u2e80-\u303e\u3041-\uffef\U00020000-\U0003ffff]")
_ENDS: Final = re.compile(r"[.!?。！？…:：;；][\"'”’」』）)]*$")
_LINE: Final = re.compile(r"[^\r\n\f]+")
_INDENT: Final = re.compile(r"[ \t\u3000\xa0\ufeff]+")
_TAB: Final = 4  # columns


class Line(NamedTuple):
    """A line that holds something. `start`: offset of its first character in the file; `gap`: blank lines before it."""

    text: str
    start: int
    indent: int  # columns
    gap: int
    width: int  # columns
    is_wide: bool  # holds Chinese, Japanese or Korean


def _width(text: str) -> int:
    """Return the columns of a line with wide characters: those are the ones that UTF-8 writes in three bytes."""
    return len(text) + (len(text.encode("utf-8", errors="replace")) - len(text)) // 2


def is_end(text: str) -> bool:
    """Say whether a line ends as a sentence does."""
    return _ENDS.search(text, max(len(text) - 12, 0)) is not None


def lines_of(text: str) -> list[Line]:
    """Return the lines that hold something. Lines may end as on any computer; a form feed ends one too."""
    found: list[Line] = []
    last = -1
    for match in _LINE.finditer(text):
        raw = match.group()
        kept = raw.strip(EDGE)
        if not kept:
            continue
        start = match.start()
        lead = _INDENT.match(raw)
        gap = 0 if start - last == 1 else max(_ends(text, last, start) - 1, 0)
        if last < 0:
            gap = 1
        is_wide = not kept.isascii() and WIDE.search(kept) is not None
        columns = _width(kept) if is_wide else len(kept)
        indent = _columns(lead.group()) if lead else 0
        found.append(Line(kept, start + (lead.end() if lead else 0), indent, gap, columns, is_wide))
        last = match.end()
    return [line if line.text[0] == text[line.start] else _placed(line, text) for line in found]


def _placed(line: Line, text: str) -> Line:
    """Return a line whose layout was of a kind that has no columns."""
    return line._replace(start=text.index(line.text[0], line.start))


def _ends(text: str, start: int, end: int) -> int:
    """Return how many lines end between two offsets."""
    feeds = text.count("\n", start, end)
    return max(feeds, text.count("\r", start, end)) + text.count("\f", start, end)


def _columns(lead: str) -> int:
    return len(lead) + (_TAB - 1) * lead.count("\t") + lead.count("\u3000") - lead.count("\ufeff")
