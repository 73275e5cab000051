"""Blocks as HTML: paragraphs, headings, lists, tables, pictures, notes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from books.formats.parsed import ALIGNMENTS, Block, Mark
from books.rendering.inline import inline, running
from books.rendering.look import PLAIN, Look

_GROUPS: Final = {"li": "ul", "oli": "ol", "quote": "blockquote", "row": "table", "note": "note"}
_AROUND: Final = {
    "": ("", ""),
    "table": ('<div class="wide" tabindex="0"><table><tbody>', "</tbody></table></div>"),
    "note": ('<aside class="note" role="doc-footnote">', "</aside>"),
}
_MOST_LEVEL: Final = 6
_WIDEST: Final = 100  # columns that one cell may span
_TALLEST: Final = 1000
_CELL: Final = re.compile(r"(h?)(?:(\d{1,3})x(\d{1,4}))?")
_RTL: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LTR: Final = re.compile(r"[^\W\d_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def blocks_html(text: str, blocks: Sequence[Block], look: Look = PLAIN) -> SafeString:
    """Return the HTML of these blocks of `text`."""
    parts: list[str] = []
    # A row or a paragraph of a note that has the number 1 begins another table, another note.
    counts = accumulate(int(block.number == 1 and block.kind in {"row", "note"}) for block in blocks)
    for (group, _, _), members in groupby(
        zip(blocks, counts, strict=True), key=lambda pair: (_GROUPS.get(pair[0].kind, ""), _depth(pair[0]), pair[1])
    ):
        before, after = _AROUND.get(group) or (f"<{group}>", f"</{group}>")
        parts += [before, *(_block(text, block, look) for block, _ in members), after]
    return mark_safe("".join(parts))  # noqa: S308  (everything of the book in it went through escape)


def _depth(block: Block) -> int:
    """Return what parts two neighbouring groups of one kind: how deep a quotation is nested."""
    return block.level if block.kind == "quote" else 0


def _block(text: str, block: Block, look: Look) -> str:
    place = f'data-start="{block.start}" data-end="{block.end}"'
    if block.kind == "hr":
        return f"<hr {place}>"
    if block.kind == "img":
        return f"<figure {place}{_classes(block)}>{look.picture(block.target, block.label)}</figure>"
    if block.kind == "row":
        return f"<tr {place}>{_row(text, block, look)}</tr>"
    place += _direction(text[block.start : block.end], look) + _classes(block)
    if block.kind == "pre":  # the parser of a browser drops one line feed after <pre>
        return f"<pre {place}>\n{inline(text, block.start, block.end, block.marks, look, breaks=False)}</pre>"
    inner = inline(text, block.start, block.end, block.marks, look)
    if block.kind == "h":
        tag = f"h{min(max(block.level, 1) + 1, _MOST_LEVEL)}"  # the page's own title is its h1
        return f"<{tag} {place}>{inner}</{tag}>"
    if block.kind in {"li", "oli"}:
        value = f' value="{block.number}"' if block.kind == "oli" else ""
        return f'<li {place} data-depth="{min(max(block.level, 1), 9)}"{value}>{inner}</li>'
    return f"<p {place}>{inner}</p>"


def _classes(block: Block) -> str:
    """Return the class of a block that is not an ordinary paragraph, and of one that is aligned."""
    kind = {"term": "term", "caption": "caption", "verse": "verse", "img": "picture"}.get(block.kind, "")
    align = f"to-{block.align}" if block.align and block.align in ALIGNMENTS else ""
    names = f"{kind} {align}".strip()
    return f' class="{names}"' if names else ""


def _direction(words: str, look: Look) -> str:
    """Let words that run against the book find their own direction."""
    against = _LTR.search(words) and not _RTL.search(words) if look.is_rtl else _RTL.search(words)
    return ' dir="auto"' if against else ""


def _row(text: str, block: Block, look: Look) -> str:
    """Return the cells of a row, with the tabs between them, each with the marks inside it."""
    told = {mark.start: mark.target for mark in block.marks if mark.kind == "cell"}
    cells = []
    for start, end, marks in _cells(text, block):
        found = _CELL.fullmatch(told.get(start, ""))
        head, wide, tall = found.groups() if found else ("", None, None)
        tag = "th" if head else "td"
        span = f' colspan="{min(int(wide), _WIDEST)}"' if wide and int(wide) > 1 else ""
        span += f' rowspan="{min(int(tall), _TALLEST)}"' if tall and int(tall) > 1 else ""
        span += _direction(text[start:end], look)
        cells.append(f"<{tag}{span}>{inline(text, start, end, marks, look)}</{tag}>")
    return "\t".join(cells)


def _cells(text: str, block: Block) -> Iterator[tuple[int, int, Iterable[Mark]]]:
    """Yield start and end of each cell of a row, with the marks that touch it."""
    others = [mark for mark in block.marks if mark.kind in {"img", "math"}]
    marks = sorted([*running(block.start, block.end, block.marks), *others], key=lambda mark: mark.start)
    start, open_marks, at = block.start, list[Mark](), 0
    for cell in text[block.start : block.end].split("\t"):
        end = start + len(cell)
        while at < len(marks) and marks[at].start <= end:
            open_marks.append(marks[at])
            at += 1
        yield start, end, open_marks
        start = end + 1
        open_marks = [mark for mark in open_marks if mark.end >= start]
