"""Chapters of a document whose author made headings by hand, without a style: found as in a text file."""

from dataclasses import replace
from typing import Final

from books.formats.division import Heading, one_line
from books.formats.plain.chapters import chapters, depths
from books.formats.plain.lines import lines_of
from books.formats.writer import Writer

_FEWEST: Final = 2
_LONGEST: Final = 120  # characters of a paragraph that may be a heading


def find(written: Writer) -> list[Heading]:
    """Turn the paragraphs that name chapters into headings, and return them."""
    places = {
        block.start: number
        for number, block in enumerate(written.blocks)
        if block.kind == "p" and block.end - block.start <= _LONGEST
    }
    if len(places) < _FEWEST:
        return []
    lines = lines_of(written.text)
    found = chapters(lines)
    kept = [(at, depth) for at, depth in zip(found, depths(found), strict=True) if lines[at.line].start in places]
    if len(kept) < _FEWEST:
        return []
    for at, depth in kept:
        for line in lines[at.line : at.line + at.lines]:
            if (number := places.get(line.start)) is not None:
                written.blocks[number] = replace(written.blocks[number], kind="h", level=min(depth + 1, 6))
    return [Heading(one_line(at.title), lines[at.line].start, depth) for at, depth in kept]
