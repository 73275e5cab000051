"""A section as HTML, written by us from its text, blocks and marks. Nothing of a book's own markup is in it.

Every block element says which characters it shows (data-start, data-end), and its DOM text is exactly
that slice of the section's text: that is what makes a quote findable on the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from django.utils.safestring import SafeString, mark_safe

from books.formats.parsed import Block, Mark
from books.models import Section

TAGS: Final = {
    "em": "em", "strong": "strong", "code": "code", "sup": "sup", "sub": "sub", "under": "u", "strike": "s",
    "ruby": "ruby", "rt": "rt",
}  # fmt: skip
_GROUPS: Final = {"li": "ul", "oli": "ol", "quote": "blockquote", "row": "table"}
_MOST_LEVEL: Final = 6


def section_html(section: Section) -> SafeString:
    """Return the HTML of a section, to stand inside the page's article."""
    return blocks_html(section.text, [Block.from_row(row) for row in section.blocks])


def blocks_html(text: str, blocks: Sequence[Block]) -> SafeString:
    """Return the HTML of these blocks of `text`."""
    parts: list[str] = []
    for (group, _), members in groupby(blocks, key=lambda block: (_GROUPS.get(block.kind, ""), _depth(block))):
        inside = "".join(_block(text, block) for block in members)
        parts.append(_grouped(group, inside))
    return mark_safe("".join(parts))  # noqa: S308  (everything of the book in it went through escape)


def _depth(block: Block) -> int:
    """Return what parts two neighbouring groups of one kind: how deep a quotation is nested."""
    return block.level if block.kind == "quote" else 0


def _grouped(group: str, inside: str) -> str:
    if group == "table":
        return f"<table><tbody>{inside}</tbody></table>"
    return f"<{group}>{inside}</{group}>" if group else inside


def _block(text: str, block: Block) -> str:
    place = f'data-start="{block.start}" data-end="{block.end}"'
    if block.kind == "hr":
        return f"<hr {place}>"
    if block.kind == "row":
        cells = "\t".join(f"<td>{inner}</td>" for inner in _cells(text, block))
        return f"<tr {place}>{cells}</tr>"
    inner = _inline(text, block.start, block.end, block.marks)
    if block.kind == "h":
        tag = f"h{min(max(block.level, 1) + 1, _MOST_LEVEL)}"  # the page's own title is its h1
        return f"<{tag} {place}>{inner}</{tag}>"
    if block.kind == "pre":  # the parser of a browser drops one line feed after <pre>
        return f"<pre {place}>\n{_inline(text, block.start, block.end, block.marks, breaks=False)}</pre>"
    if block.kind in {"li", "oli"}:
        value = f' value="{block.number}"' if block.kind == "oli" else ""
        return f'<li {place} data-depth="{min(max(block.level, 1), 9)}"{value}>{inner}</li>'
    return f"<p {place}{_CLASSES.get(block.kind, '')}>{inner}</p>"


_CLASSES: Final = {"term": ' class="term"'}


def _cells(text: str, block: Block) -> Iterator[str]:
    """Yield the cells of a row, each with the marks inside it."""
    start = block.start
    for cell in text[block.start : block.end].split("\t"):
        end = start + len(cell)
        yield _inline(text, start, end, block.marks)
        start = end + 1


def _inline(text: str, start: int, end: int, marks: Iterable[Mark], *, breaks: bool = True) -> str:
    """Return [start, end) with its marks as properly nested elements, however the marks overlap."""
    inside = [
        (max(mark.start, start), min(mark.end, end), mark.kind)
        for mark in marks
        if mark.start < end and mark.end > start and (mark.kind in TAGS or mark.kind == "small-caps")
    ]
    inside.sort(key=lambda mark: (mark[0], -mark[1]))
    edges = sorted({start, end, *(mark[0] for mark in inside), *(mark[1] for mark in inside)})
    parts: list[str] = []
    stack: list[tuple[int, str]] = []  # (end, kind) of the open elements
    waiting = iter([*inside, (end + 1, end + 1, "")])
    following = next(waiting)
    for edge, after in zip(edges, [*edges[1:], end], strict=True):
        reopened = _close(stack, edge, parts)
        for opened in reopened:
            _open(stack, opened, parts)
        while following[0] == edge:
            _open(stack, (following[1], following[2]), parts)
            following = next(waiting)
        parts.append(_escaped(text[edge:after], breaks=breaks))
    _close(stack, end, parts)
    return "".join(parts)


def _open(stack: list[tuple[int, str]], mark: tuple[int, str], parts: list[str]) -> None:
    stack.append(mark)
    parts.append('<span class="small-caps">' if mark[1] == "small-caps" else f"<{TAGS[mark[1]]}>")


def _close(stack: list[tuple[int, str]], edge: int, parts: list[str]) -> list[tuple[int, str]]:
    """Close every element that ends at `edge`, and those inside it; return those to be opened again."""
    ending = next((number for number, (end, _) in enumerate(stack) if end <= edge), None)
    if ending is None:
        return []
    closed = stack[ending:]
    del stack[ending:]
    for _, kind in reversed(closed):
        parts.append("</span>" if kind == "small-caps" else f"</{TAGS[kind]}>")
    return [mark for mark in closed if mark[0] > edge]


def _escaped(text: str, *, breaks: bool) -> str:
    """Escape characters; a line feed is a break, and stays a character of the text after it."""
    escaped = escape(text)
    return escaped.replace("\n", "<br>\n") if breaks else escaped
