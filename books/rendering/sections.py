"""A stored section, or the words of a note, as HTML."""

from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString

from books.formats.links import LONGEST_NOTE
from books.formats.parsed import Block
from books.models import Book, Picture, Section
from books.rendering.blocks import blocks_html
from books.rendering.look import Look

RTL: Final = "rtl"


def section_html(section: Section, book: Book | None = None) -> SafeString:
    """Return the HTML of a section, to stand inside the page's article. `book` spares a query when it is there."""
    blocks = [Block.from_row(row) for row in section.blocks]
    return blocks_html(section.text, blocks, _look(book or section.book, blocks))


def note_html(section: Section, book: Book, *, start: int, end: int) -> SafeString:
    """Return the HTML of the blocks that hold the characters [start, end): a note, to stand over the page."""
    end = min(end, start + LONGEST_NOTE)
    blocks = [
        block
        for row in section.blocks
        if (block := Block.from_row(row)).start < end and block.end > start  # hr and img hold no characters
    ]
    return blocks_html(section.text, blocks, _look(book, blocks))


def _look(book: Book, blocks: Sequence[Block]) -> Look:
    """Return what these blocks need: the pictures that they name and the book has."""
    numbers = {int(target) for block in blocks for target in _pictures_of(block) if target.isdecimal()}
    found = Picture.objects.filter(book=book, number__in=numbers) if numbers else ()
    return Look(book.pk, {picture.number: picture for picture in found}, book.details.get("direction") == RTL)


def _pictures_of(block: Block) -> list[str]:
    marks = [mark.target for mark in block.marks if mark.kind == "img"]
    return [block.target, *marks] if block.kind == "img" else marks
