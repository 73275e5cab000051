"""Find the chapters of a text file: which of the lines that look like headings are headings.

A list of contents at the front holds the same lines; a sentence may begin with 第二回; a running head repeats
the title above each chapter. None of these is a chapter.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from books.formats.plain.headings import CONTENTS, WIDEST_CHAPTER, Found, bare, heading
from books.formats.plain.lines import Line, is_end

_LIST: Final = 3  # headings of one unit with nothing between them are a list
_LONGEST_TITLE: Final = 70  # characters, on the line below
_FEWEST_BARE: Final = 3
_HEAD: Final = 30  # characters that a running head has more than the heading under it
_AT_END: Final = re.compile(r"(?:后|後)|跋|附|番|尾|结|結|afterword|epilogue|appendix|conclusion|\*\*\*", re.IGNORECASE)


def chapters(lines: Sequence[Line], *, column: int = 0) -> list[Found]:
    """Return the headings. `column`: where the lines of a hard-wrapped file end, else 0."""
    found = [
        at for number, line in enumerate(lines)
        if (at := heading(line, number)) and _stands_alone(lines, at, column=column)
    ]  # fmt: skip
    found = _in_order(found)
    found = _without_lists(lines, [_with_title(lines, at) for at in found])
    if sum(at.unit not in {"", CONTENTS} for at in found) == 0:
        found = sorted([*found, *_bare(lines)], key=lambda at: at.line)
    return found if any(at.unit != CONTENTS for at in found) else []


def depths(found: Sequence[Found]) -> list[int]:
    """Return how deep each heading is nested."""
    flat = [at for one in found for at in ((one, one.inner) if one.inner else (one,)) if at.unit not in {"", CONTENTS}]
    levels = {unit: level for level, unit in enumerate(_nested(flat))}
    ranks = sorted({levels[at.unit] for at in flat})
    last = max(
        (number for number, at in enumerate(found) if (at.inner or at).rank >= WIDEST_CHAPTER and at.unit), default=-1
    )
    is_inside = False
    depth = []
    for number, at in enumerate(found):
        if at.unit in {"", CONTENTS}:
            is_after = number > last and bool(_AT_END.match(at.title))
            depth.append(0 if not is_inside or is_after else ranks.index(max(ranks)))
        else:
            is_inside = is_inside or at.rank < WIDEST_CHAPTER
            depth.append(ranks.index(levels[at.unit]))
    return depth


def _nested(flat: Sequence[Found]) -> dict[str, int]:
    """Return the level of each unit: by its rank, and among the wide ones those that are fewer stand above."""
    counts = Counter(at.unit for at in flat)
    first = {at.unit: number for number, at in reversed(list(enumerate(flat)))}
    rank = {at.unit: at.rank for at in flat}
    wide = sorted(
        (unit for unit in counts if rank[unit] < WIDEST_CHAPTER),
        key=lambda unit: (rank[unit], counts[unit], first[unit]),
    )
    if {"book", "part"} <= set(wide) and counts["part"] < counts["book"]:
        wide.remove("part")
        wide.insert(wide.index("book"), "part")  # Part One, Book One: the other way round
    levels = {unit: at for at, unit in enumerate(wide)}
    for unit in counts:
        if rank[unit] >= WIDEST_CHAPTER:
            levels[unit] = len(wide) + rank[unit] - WIDEST_CHAPTER
    return levels


def _stands_alone(lines: Sequence[Line], found: Found, *, column: int) -> bool:
    """Say whether a line is set off from those around it, and no line of a paragraph."""
    line = lines[found.line]
    if found.line == 0 or line.gap:
        return not _runs_on(lines, found)
    before = lines[found.line - 1]
    if line.is_wide:
        is_full = column and before.width >= column * 0.85
        return not is_full or is_end(before.text) or line.indent > 4
    return heading(before, found.line - 1) is not None or before.text.isupper()


def _runs_on(lines: Sequence[Line], found: Found) -> bool:
    """Say whether a Latin line goes on in the next one, as the first line of a paragraph does."""
    text = lines[found.line].text
    if lines[found.line].is_wide or found.line + 1 >= len(lines) or lines[found.line + 1].gap:
        return False
    return not (text.isupper() or len(text) < 40)


def _in_order(found: Sequence[Found]) -> list[Found]:
    """Drop what is not set off by a gap (第二回见面) unless its number fits those around it."""
    kept: list[Found] = []
    last: dict[str, int] = {}
    following: dict[str, int] = {}
    next_numbers: list[int] = []
    for at in reversed(found):
        next_numbers.append(following.get(at.unit, 0))
        following[at.unit] = at.number
    for at, after in zip(found, reversed(next_numbers), strict=True):
        before = last.get(at.unit, 0)
        if at.is_sure or at.number == before + 1 or (after == at.number + 1 and at.number > 1):
            kept.append(at)
            last[at.unit] = at.number
    return kept


def _with_title(lines: Sequence[Line], found: Found) -> Found:
    """Return a heading together with its title, when that stands on the line below."""
    following = found.line + 1
    is_bare = not found.inner and not found.has_title and found.unit not in {"", CONTENTS}
    if not is_bare or following >= len(lines):
        return found
    line = lines[following]
    if line.gap > 1 + (line.text.isupper()) or len(line.text) > _LONGEST_TITLE or heading(line, following):
        return found
    after = lines[following + 1] if following + 1 < len(lines) else None
    is_title = _is_chinese_title(line, after) if line.is_wide else _is_latin_title(line, after)
    return replace(found, lines=2, title=f"{found.title} {line.text}") if is_title else found


def _is_chinese_title(line: Line, after: Line | None) -> bool:
    if len(line.text) > 30 or re.search(r"[。！？…，；：”』」—]$|[。；]", line.text) or after is None:
        return False
    return after.gap > 0 or line.indent > after.indent or after.width > 2 * line.width


def _is_latin_title(line: Line, after: Line | None) -> bool:
    if after is None or after.gap == 0 or line.text[-1] in ",;":
        return False
    if line.text.isupper():
        return True
    words = [word for word in re.findall(r"[^\W\d_]+", line.text) if len(word) > 3]
    capitals = sum(word[0].isupper() for word in words)
    is_sentence = line.text[-1] in ".!?" and line.gap > 0
    return bool(words) and not is_sentence and line.text[0].isupper() and capitals * 2 >= len(words)


def _without_lists(lines: Sequence[Line], found: Sequence[Found]) -> list[Found]:
    """Drop the runs of headings with nothing between them, but for the last one if its chapter follows."""
    kept: list[Found] = []
    later = {_key(at): at.line for at in found}
    run: list[Found] = []
    for number, at in enumerate(found):
        run.append(at)
        following = found[number + 1] if number + 1 < len(found) else None
        if following is not None and following.line == at.line + at.lines:
            continue
        kept += _of_run(lines, run, following, later)
        run = []
    return kept


def _of_run(lines: Sequence[Line], run: list[Found], following: Found | None, later: dict[str, int]) -> list[Found]:
    counts = Counter(at.unit for at in run if at.unit != CONTENTS)
    if not counts or counts.most_common(1)[0][1] < _LIST:
        return run
    last = run[-1]
    restarts = following is not None and following.unit == last.unit and 0 < following.number <= last.number
    next_line = lines[last.line + last.lines] if last.line + last.lines < len(lines) else None
    is_followed = next_line is not None and len(next_line.text) > 12
    is_chapter = not restarts and later[_key(last)] == last.line and is_followed
    # The list may end with a volume whose first chapter is the last of the run.
    wide = [at for at in run[-3:-1] if at.rank < last.rank and last.number == 1] if is_chapter else []
    return [*(at for at in run[:1] if at.unit == CONTENTS), *wide[-1:], *([last] if is_chapter else [])]


def _key(found: Found) -> str:
    words = re.sub(r"[\W_]+", "", found.title).lower()
    return f"{found.unit} {found.number} {words[-12:]}" if found.number else words


def _bare(lines: Sequence[Line]) -> list[Found]:
    """Return the numbers that stand alone on their lines and count up from one."""
    kept: list[Found] = []
    for number, line in enumerate(lines):
        if len(line.text) <= 8 and line.gap and (at := bare(line, number)) and at.number == len(kept) + 1:
            kept.append(at)
    return kept if len(kept) >= _FEWEST_BARE else []


def running_heads(lines: Sequence[Line], found: Sequence[Found]) -> set[int]:
    """Return the lines that only repeat the heading under them, with the name of the book before it."""
    heads = set()
    for at in found:
        if at.line and at.lines == 1:
            above, own = _plain(lines[at.line - 1].text), _plain(lines[at.line].text)
            if len(own) >= 4 and own in above and len(above) <= len(own) + _HEAD and above != own:
                heads.add(at.line - 1)
    return heads


def _plain(text: str) -> str:
    return "".join(text.split())
