"""What goes through the pipe between the parser's child and its parent: a letter, a length, JSON.

The parent trusts nothing of it: lengths are capped, and sections are checked before they are kept.
"""

import json
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO, Final

from books.errors import ParserDied
from books.formats.parsed import BLOCK_KINDS, LONGEST_TITLE, MARK_KINDS, Block, Entry, ParsedBook, ParsedSection

PROGRESS: Final = b"p"  # [done, total]
HEAD: Final = b"h"  # ParsedBook.head()
SECTION: Final = b"s"  # {"title", "text", "blocks"}
ERROR: Final = b"e"  # {"code", "message"}
END: Final = b"z"
_HEADER: Final = struct.Struct(">cI")
LARGEST_FRAME: Final = 64 * 1024 * 1024


def send(out: BinaryIO, kind: bytes, body: Any) -> None:
    """Write one frame."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")
    out.write(_HEADER.pack(kind, len(data)) + data)


def send_book(out: BinaryIO, book: ParsedBook) -> None:
    """Write a whole book."""
    send(out, HEAD, book.head())
    for section in book.sections:
        rows = [block.as_row() for block in section.blocks]
        send(out, SECTION, {"title": section.title, "text": section.text, "blocks": rows})
    send(out, END, None)


class Incoming:
    """Bytes from a child, put together into frames, with a limit on all of them."""

    def __init__(self, *, most: int) -> None:
        self._waiting = bytearray()
        self._left = most

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Any]]:
        """Yield the frames that are now complete."""
        self._left -= len(data)
        if self._left < 0:
            raise OverflowError
        self._waiting += data
        while len(self._waiting) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._waiting)
            if length > LARGEST_FRAME:
                raise OverflowError
            if len(self._waiting) < _HEADER.size + length:
                return
            body = bytes(self._waiting[_HEADER.size : _HEADER.size + length])
            del self._waiting[: _HEADER.size + length]
            try:
                yield kind, json.loads(body)
            except ValueError as error:
                raise ParserDied("The parser's answer could not be read.") from error


def section_of(body: Any) -> ParsedSection:
    """Return the section in a frame; ValueError when it is not one."""
    text, title = body["text"], body["title"]
    if not isinstance(text, str) or not isinstance(title, str) or "\0" in text + title:
        raise ValueError("a section without text")
    blocks = tuple(_block(row, len(text)) for row in body["blocks"])
    if any(after.start < before.end for before, after in pairwise(blocks)):
        raise ValueError("blocks overlap")
    return ParsedSection(title[:LONGEST_TITLE], text, blocks)


def _block(row: Any, length: int) -> Block:
    block = Block.from_row(row)
    numbers = [block.start, block.end, block.level, block.number]
    if block.kind not in BLOCK_KINDS or not all(isinstance(number, int) for number in numbers):
        raise ValueError("not a block")
    if not 0 <= block.start <= block.end <= length:
        raise ValueError("a block outside its section")
    for mark in block.marks:
        if mark.kind not in MARK_KINDS or not block.start <= mark.start < mark.end <= block.end:
            raise ValueError("not a mark of its block")
    return block


def book_of(head: Any, sections: list[ParsedSection]) -> ParsedBook:
    """Return the book of a head and its sections; ValueError when they do not fit."""
    contents = [Entry(**entry) for entry in head["contents"]]
    for entry in contents:
        if not 0 <= entry.section < len(sections) or not 0 <= entry.start <= len(sections[entry.section].text):
            raise ValueError("contents that lead nowhere")
    return ParsedBook(**{**head, "contents": contents, "sections": sections})
