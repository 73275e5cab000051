"""What goes through the pipe between the parser's child and its parent: a letter, a length, JSON.

The parent trusts nothing of it: lengths are capped here, and everything is checked by books/formats/checked.py.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, BinaryIO, Final, NoReturn

from books.formats.limits import Limits
from books.formats.parsed import ParsedBook, Picture

PROGRESS: Final = b"p"  # [done, total]
HEAD: Final = b"h"  # ParsedBook.head()
SECTION: Final = b"s"  # {"title", "text", "blocks", "origins"}
PAGE: Final = b"g"  # Page, as a list
PICTURE: Final = b"i"  # {"number", "digest", ...}, a line feed, the bytes
BEGUN: Final = b"b"  # the number of the picture that is made now: the book's text is whole, and this may be the end
LATE: Final = b"l"  # {"warnings", "pictures_lost"}: what was not known yet when the head was sent
RESULT: Final = b"r"  # what another task than parsing answers
STAGES: Final = b"t"  # {stage: seconds on the system's clock}
ERROR: Final = b"e"  # {"code", "message", "is_expected"}
END: Final = b"z"
_HEADER: Final = struct.Struct(">cI")
OPTIONS_FILE: Final = "options.json"  # parsed.Options, in the child's working directory
LARGEST_FRAME: Final = 16 * 1024 * 1024
LARGEST_PICTURE: Final = 64 * 1024 * 1024
MOST_PARTS: Final = 500_000  # lists, objects and values of one frame, counted before it is read


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
    """Bytes from a child, put together into frames, with a limit on all of them; pictures have one of their own."""

    def __init__(self, limits: Limits) -> None:
        self._waiting = bytearray()
        self._left, self._left_for_pictures = limits.output, limits.pictures

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Any]]:
        """Yield the frames that are now complete: (kind, JSON), or (PICTURE, (JSON, bytes)).

        Raises OverflowError over too much, ValueError over what is not JSON.
        """
        self._waiting += data
        while len(self._waiting) >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._waiting)
            if length > (LARGEST_PICTURE if kind == PICTURE else LARGEST_FRAME):
                raise OverflowError
            whole = _HEADER.size + length
            if len(self._waiting) < whole:
                return
            body = bytes(self._waiting[_HEADER.size : whole])
            del self._waiting[:whole]
            self._count(kind, whole)
            if kind == PICTURE:
                head, _, picture = body.partition(b"\n")
                yield kind, (_read(head), picture)
            else:
                yield kind, _read(body)

    def _count(self, kind: bytes, size: int) -> None:
        if kind == PICTURE:
            self._left_for_pictures -= size
        else:
            self._left -= size
        if self._left < 0 or self._left_for_pictures < 0:
            raise OverflowError


def _read(body: bytes) -> Any:
    """Return the JSON of a frame; ValueError when it is none, or would take far more memory than its bytes."""
    if body.count(b"[") + body.count(b"{") > MOST_PARTS or body.count(b",") > 4 * MOST_PARTS:
        raise OverflowError
    try:
        return json.loads(body, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
