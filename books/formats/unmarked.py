"""Chapters of a document that marks none: paragraphs that read like headings, found as in a text file."""

from dataclasses import replace
from typing import Final

from books.formats.division import Heading, headings, one_line
from books.formats.plain.chapters import chapters, depths
from books.formats.plain.lines import WIDE, Line
from books.formats.writer import Writer

MOST_HEADINGS: Final = 20_000  # lines of the contents that the parent takes
_LONGEST: Final = 200  # characters of a paragraph that could be a heading


def marked(written: Writer) -> list[Heading]:
    """Return a document's own headings; when it has none, make headings of what reads like one."""
    own = headings(written)
    if own:
        return own[:MOST_HEADINGS]
    text = written.text
    places, lines = [], []
    for number, block in enumerate(written.blocks):
        if block.end > block.start:
            words = one_line(text[block.start : min(block.end, block.start + _LONGEST + 1)])
            is_wide = WIDE.search(words) is not None
            is_heading = block.kind == "p" and block.end - block.start <= _LONGEST
            # What cannot be a heading still stands between two of them.
            lines.append(Line(words if is_heading else words + "。", block.start, 0, 1, 2 * len(words), is_wide))
            places.append(number if is_heading else -1)
    found = [at for at in chapters(lines) if places[at.line] >= 0][:MOST_HEADINGS]
    for at, depth in zip(found, depths(found), strict=True):
        for place in places[at.line : at.line + at.lines]:
            if place >= 0:
                written.blocks[place] = replace(written.blocks[place], kind="h", level=min(depth + 2, 6))
    return [
        Heading(one_line(at.title.strip("*= ")), lines[at.line].start, depth)
        for at, depth in zip(found, depths(found), strict=True)
    ]
