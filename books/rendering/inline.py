"""Characters with their marks as properly nested elements, however the marks overlap.

At most one mark of a kind is open at a time, so the length of the HTML grows with the number of marks and no faster.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from books.formats.links import is_safe
from books.formats.parsed import Mark
from books.rendering.formulas import math_html
from books.rendering.look import Look

TAGS: Final = {
    "em": "em", "strong": "strong", "code": "code", "sup": "sup", "sub": "sub", "under": "u", "strike": "s",
    "ruby": "ruby", "rt": "rt", "small-caps": "span", "lang": "span", "link": "a", "note": "a",
}  # fmt: skip
# From the outside to the inside. Links and notes share a place: a link cannot stand in a link.
_ORDER: Final = ("link", "lang", "ruby", "rt", "code", "strong", "em", "small-caps", "under", "strike", "sup", "sub")
_RANK: Final = {kind: number for number, kind in enumerate(_ORDER)} | {"note": 0}
_WHOLE: Final = frozenset({"link", "note", "ruby", "rt", "lang"})  # never joined with their like
_PLACE: Final = re.compile(r"\d{1,6}:\d{1,9}(:\d{1,9})?")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class _Formulas:
    """The formulas of a stretch: start -> (end, MathML), with the starts in order."""

    html: Mapping[int, tuple[int, str]]
    starts: list[int]

    def outside(self, at: int) -> int:
        """Return `at`, or the end of the formula that it lies in."""
        number = bisect_left(self.starts, at) - 1
        end = self.html[self.starts[number]][0] if number >= 0 else at
        return max(at, end)

    def around(self, mark: Mark) -> Mark:
        """Return a mark that begins and ends outside of formulas."""
        if not self.starts:
            return mark
        return replace(mark, start=self.outside(mark.start), end=self.outside(mark.end))


def inline(text: str, start: int, end: int, marks: Iterable[Mark], look: Look, *, breaks: bool = True) -> str:
    """Return [start, end) with its marks. A line feed becomes a break, and stays a character of the text."""
    inside = [mark for mark in marks if mark.start <= end and mark.end >= start]
    if not inside:
        return _escaped(text[start:end], breaks=breaks)
    written = dict(_written_formulas(text, start, end, inside))
    formulas = _Formulas(written, sorted(written))
    opening: dict[int, list[Mark]] = {}
    drawn: dict[int, list[Mark]] = {}
    edges = {start, end, *written, *(last for last, _ in written.values())}
    for mark in map(formulas.around, running(start, end, inside)):
        if mark.start < mark.end:
            opening.setdefault(mark.start, []).append(mark)
            edges |= {mark.start, mark.end}
    for mark in inside:
        if mark.kind == "img":
            drawn.setdefault(formulas.outside(mark.start), []).append(mark)
    edges.update(drawn)
    parts: list[str] = []
    for edge, after in _opened(sorted(edges), opening, drawn, look, parts):
        parts.append(written[edge][1] if edge in written else _escaped(text[edge:after], breaks=breaks))
    return "".join(parts)


def _opened(
    edges: list[int], opening: Mapping[int, list[Mark]], drawn: Mapping[int, list[Mark]], look: Look, parts: list[str]
) -> Iterator[tuple[int, int]]:
    """Write what ends, stands and begins at each edge, and yield the stretch from it to the next one."""
    stack: list[Mark] = []
    for edge, after in zip(edges, [*edges[1:], edges[-1]], strict=True):
        wanted = sorted(
            [*(mark for mark in stack if mark.end > edge), *opening.get(edge, ())], key=lambda mark: _RANK[mark.kind]
        )
        kept = 0
        while kept < min(len(stack), len(wanted)) and stack[kept] is wanted[kept]:
            kept += 1
        parts += [_end_of(mark, edge) for mark in reversed(stack[kept:])]
        in_link = any(_RANK[mark.kind] == 0 for mark in stack[:kept])
        for mark in drawn.get(edge, ()):
            parts.append(look.picture(mark.target, mark.label, in_line=True, in_link=in_link))
        parts += [_begin_of(mark) for mark in wanted[kept:]]
        stack = wanted
        if after > edge:
            yield edge, after


def _written_formulas(text: str, start: int, end: int, marks: Iterable[Mark]) -> Iterator[tuple[int, tuple[int, str]]]:
    """Yield (start, (end, MathML)) of the formulas that lie here whole, one after the other."""
    at = start
    for mark in sorted(marks, key=lambda mark: mark.start):
        if mark.kind == "math" and at <= mark.start < mark.end <= end:
            html = math_html(mark.target, text[mark.start : mark.end])
            if html:
                at = mark.end
                yield mark.start, (mark.end, html)


def running(start: int, end: int, marks: Iterable[Mark]) -> Iterator[Mark]:
    """Yield the marks that become elements, clipped to [start, end), those of one kind side by side.

    Of two links, notes, readings or languages that overlap the first counts; two stretches of italics become one.
    """
    by_rank: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if mark.kind not in TAGS or not _leads_somewhere(mark):
            continue
        clipped = mark
        if mark.start < start or mark.end > end:
            clipped = replace(mark, start=max(mark.start, start), end=min(mark.end, end))
        if clipped.start >= clipped.end:
            continue
        beside = by_rank.setdefault(_RANK[mark.kind], [])
        if not beside or beside[-1].end <= clipped.start:
            beside.append(clipped)
        elif mark.kind not in _WHOLE and clipped.end > beside[-1].end:
            beside[-1] = replace(beside[-1], end=clipped.end)
    for beside in by_rank.values():
        yield from beside


def _leads_somewhere(mark: Mark) -> bool:
    """Say whether the target of a mark may stand in a page; the parent of the parser checked it before."""
    if mark.kind == "link":
        return _PLACE.fullmatch(mark.target) is not None or is_safe(mark.target)
    if mark.kind == "note":
        return _PLACE.fullmatch(mark.target) is not None and mark.target.count(":") == 2
    return mark.kind != "lang" or _LANGUAGE.fullmatch(mark.target) is not None


def _begin_of(mark: Mark) -> str:
    if mark.kind == "lang":
        return f'<span lang="{mark.target}">'
    if mark.kind == "small-caps":
        return '<span class="small-caps">'
    if mark.kind == "note":
        section, start, end = mark.target.split(":")
        href = f"?section={section}&amp;start={start}&amp;end={end}"
        return f'<a class="noteref" role="doc-noteref" href="{href}" data-note="{mark.target}">'
    if mark.kind == "link" and _PLACE.fullmatch(mark.target):
        section, start = mark.target.split(":")[:2]
        return f'<a class="goto" href="?section={section}&amp;start={start}" data-go="{section}:{start}">'
    if mark.kind == "link":
        return f'<a class="away" href="{escape(mark.target)}" rel="noopener noreferrer nofollow" target="_blank">'
    return f"<{TAGS[mark.kind]}>"


def _end_of(mark: Mark, edge: int) -> str:
    """Close a mark; where a reading really ends, the reading itself stands first."""
    if mark.kind == "ruby" and mark.target and mark.end <= edge:
        return f'<rt data-reading="{escape(mark.target)}"></rt></ruby>'
    return f"</{TAGS[mark.kind]}>"


def _escaped(text: str, *, breaks: bool) -> str:
    escaped = escape(text)
    return escaped.replace("\n", "<br>\n") if breaks else escaped
