"""What goes through the pipe between the parser's child and its parent: a letter, a length, JSON.

The parent trusts nothing of it: lengths are capped, and sections are checked before they are kept.
"""

import json
import operator
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import pairwise
from typing import Any, BinaryIO, Final

from books.errors import ParserDied
from books.formats.links import is_safe
from books.formats.parsed import (
    ALIGNMENTS,
    BLOCK_KINDS,
    LONGEST_LABEL,
    LONGEST_MATH,
    LONGEST_TARGET,
    LONGEST_TITLE,
    MARK_KINDS,
    Block,
    Entry,
    Mark,
    Page,
    ParsedBook,
    ParsedSection,
    Picture,
    Word,
)

PROGRESS: Final = b"p"  # [done, total]
HEAD: Final = b"h"  # ParsedBook.head()
SECTION: Final = b"s"  # {"title", "text", "blocks", "origins"}
PAGE: Final = b"g"  # Page, as a list
PICTURE: Final = b"i"  # {"number", "digest", ...}, a line feed, the bytes
RESULT: Final = b"r"  # what another task than parsing answers
ERROR: Final = b"e"  # {"code", "message"}
END: Final = b"z"
_HEADER: Final = struct.Struct(">cI")
OPTIONS_FILE: Final = "options.json"  # parsed.Options, in the child's working directory
LARGEST_FRAME: Final = 64 * 1024 * 1024
# What a picture may be, and how it begins. SVG is not among them: it is a page with scripts.
PICTURE_TYPES: Final = {"image/png": b"\x89PNG\r\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}


def send(out: BinaryIO, kind: bytes, body: Any) -> None:
    """Write one frame."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")
    out.write(_HEADER.pack(kind, len(data)) + data)


def send_picture(out: BinaryIO, picture: Picture, data: bytes) -> None:
    """Write one picture."""
    head = json.dumps(asdict(picture), separators=(",", ":")).encode() + b"\n"
    out.write(_HEADER.pack(PICTURE, len(head) + len(data)) + head + data)


def send_book(out: BinaryIO, book: ParsedBook) -> None:
    """Write a book without its pictures, and without saying that it is whole."""
    send(out, HEAD, book.head())
    for section in book.sections:
        rows = [block.as_row() for block in section.blocks]
        body = {"title": section.title, "text": section.text, "blocks": rows, "origins": section.origins}
        send(out, SECTION, body)
    for page in book.pages:
        send(out, PAGE, [page.label, page.section, page.start, page.width, page.height, page.words])


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
                yield (kind, _picture(body)) if kind == PICTURE else (kind, json.loads(body))
            except ValueError as error:
                raise ParserDied("The parser's answer could not be read.") from error


def _picture(body: bytes) -> tuple[Picture, bytes]:
    """Return the picture in a frame; ValueError when it is not what it says."""
    head, _, data = body.partition(b"\n")
    try:
        picture = Picture(**json.loads(head))
    except TypeError as error:
        raise ValueError("not a picture") from error
    numbers = (picture.number, picture.width, picture.height, picture.size)
    starts = PICTURE_TYPES.get(picture.media_type)
    if not all(isinstance(number, int) and 0 <= number < 1 << 31 for number in numbers) or starts is None:
        raise ValueError("not a picture")
    if picture.size != len(data) or sha256(data).hexdigest() != picture.digest or not data.startswith(starts):
        raise ValueError("a picture that is another one")
    return picture, data


def page_of(body: Any, sections: Sequence[ParsedSection]) -> Page:
    """Return the page in a frame; ValueError when it does not fit the book."""
    label, section, start, width, height, words = body
    if not isinstance(label, str) or not all(isinstance(n, int) and n >= 0 for n in (section, start, width, height)):
        raise ValueError("not a page")
    if section >= len(sections) or start > len(sections[section].text):
        raise ValueError("a page outside the book")
    found: list[Word] = []
    for word in words:
        at, first, last, *edges = word
        if not all(isinstance(number, int) for number in word) or len(edges) != 4:
            raise ValueError("not a word of a page")
        if not 0 <= at < len(sections) or not 0 <= first < last <= len(sections[at].text):
            raise ValueError("a word outside the book")
        found.append((at, first, last, *edges))
    return Page(label[:LONGEST_TITLE], section, start, width, height, tuple(found))


def section_of(body: Any) -> ParsedSection:
    """Return the section in a frame; ValueError when it is not one."""
    text, title = body["text"], body["title"]
    if not isinstance(text, str) or not isinstance(title, str) or "\0" in text + title:
        raise ValueError("a section without text")
    blocks = tuple(_block(row, len(text)) for row in body["blocks"])
    if any(after.start < before.end for before, after in pairwise(blocks)):
        raise ValueError("blocks overlap")
    origins = tuple((int(here), int(there)) for here, there in body["origins"])
    if any(not 0 <= here <= len(text) or there < 0 for here, there in origins):
        raise ValueError("an origin outside its section")
    return ParsedSection(title[:LONGEST_TITLE], text, blocks, origins)


def _block(row: Any, length: int) -> Block:
    block = Block.from_row(row)
    numbers = [block.start, block.end, block.level, block.number]
    if block.kind not in BLOCK_KINDS or not all(isinstance(number, int) for number in numbers):
        raise ValueError("not a block")
    if block.align not in ALIGNMENTS or (block.kind == "img") != bool(block.target):
        raise ValueError("not a block")
    if block.kind == "img" and not _is_number(block.target):
        raise ValueError("not a picture's number")
    if not isinstance(block.label, str) or len(block.label) > LONGEST_LABEL:
        raise ValueError("not a label")
    if not 0 <= block.start <= block.end <= length:
        raise ValueError("a block outside its section")
    for mark in block.marks:
        _check(mark, block)
    return block


def _check(mark: Mark, block: Block) -> None:
    """Raise ValueError unless this is a mark of its block whose target is of the right form."""
    if mark.kind not in MARK_KINDS or not block.start <= mark.start <= mark.end <= block.end:
        raise ValueError("not a mark of its block")
    if (mark.start == mark.end) != (mark.kind == "img") and mark.kind != "cell":
        raise ValueError("a mark without characters")
    if not isinstance(mark.target, str) or not isinstance(mark.label, str) or len(mark.label) > LONGEST_LABEL:
        raise ValueError("not a mark")
    if not _FORMS.get(mark.kind, _NOTHING)(mark.target):
        raise ValueError("a mark that leads nowhere")


def _is_number(target: str) -> bool:
    return isinstance(target, str) and re.fullmatch(r"[0-9]{1,6}", target) is not None


_NOTHING: Final = operator.not_
_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "img": _is_number,
    "ruby": lambda target: len(target) <= LONGEST_TARGET,
    "link": lambda target: re.fullmatch(r"\d{1,6}:\d{1,9}", target) is not None or is_safe(target),
    "note": lambda target: re.fullmatch(r"\d{1,6}:\d{1,9}:\d{1,9}", target) is not None,
    "math": lambda target: len(target) <= LONGEST_MATH,
    "cell": lambda target: re.fullmatch(r"h?(\d{1,3}x\d{1,4})?", target) is not None,
    "lang": lambda target: re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", target) is not None,
}


def book_of(head: Any, sections: list[ParsedSection], pages: list[Any], pictures: list[Picture]) -> ParsedBook:
    """Return the book of a head, its sections, pages and pictures; ValueError when they do not fit."""
    contents = [Entry(**entry) for entry in head["contents"]]
    for entry in contents:
        if not 0 <= entry.section < len(sections) or not 0 <= entry.start <= len(sections[entry.section].text):
            raise ValueError("contents that lead nowhere")
    scans = [int(page) for page in head["scans"]]
    numbers = {picture.number for picture in pictures}
    cover = head["cover"] if head["cover"] in numbers else None
    parts = {"contents": contents, "sections": sections, "scans": scans, "pictures": pictures, "cover": cover}
    return ParsedBook(**{**head, **parts, "pages": [page_of(page, sections) for page in pages]})
