"""Show what a text file would look like in other encodings, so that its reader can choose."""

import re
from typing import BinaryIO, Final

from books.errors import BookError
from books.formats import decoding, frames
from books.formats.decoding.names import codec_of
from books.formats.parsed import Told
from books.formats.sources import Source

CHARACTERS: Final = 300  # shown of each encoding
MOST: Final = 12  # encodings
_TEXTS: Final = frozenset({"txt", "html", "markdown"})
_COUNTED: Final = 8_000_000  # bytes in which torn characters are counted
_LOOKED: Final = 64_000  # bytes in which a telling place is sought
_SHOWN: Final = 4_000  # bytes that are surely more than CHARACTERS
_TELLING: Final = 12  # bytes above ASCII that make a line telling
_TAG: Final = re.compile(r"<[^<>]{0,500}>")
_SPACES: Final = re.compile(r"\s+")


def encodings(source: Source, told: Told, out: BinaryIO) -> None:
    """Send one result for each encoding that a text file may be in, the detected one first; none for other formats."""
    name = _format_of(source)
    if name in _TEXTS:
        data = source.whole()
        if decoding.decoded(data) is not None:
            _send_all(data, out, is_page=name == "html", told=told)
    frames.send(out, frames.END, None)


def _format_of(source: Source) -> str:
    from books.formats.registry import parsers  # which the other functions of this module need not know

    try:
        return next((parser.name for parser in parsers() if parser.recognises(source)), "")
    except BookError:
        return ""


def _send_all(data: bytes, out: BinaryIO, *, is_page: bool, told: Told) -> None:
    found = decoding.candidates(data, said=decoding.said_in(data) if is_page else "")[:MOST]
    start = _telling(data)
    for number, candidate in enumerate(found):
        result = {
            "encoding": candidate.encoding,
            "label": decoding.ENCODINGS[candidate.encoding],
            "is_detected": number == 0,
            "preview": _preview(data, start, candidate.encoding, is_page=is_page),
            "replaced": _replaced(data, candidate.encoding),
            "score": candidate.score,
        }
        frames.send(out, frames.RESULT, result)
        told(number + 1, len(found))


def _telling(data: bytes) -> int:
    """Return where the first line begins that looks different in different encodings."""
    start, first = 0, -1
    for line in data[:_LOOKED].splitlines(keepends=True):
        high = len(line) - len(line.decode("ascii", errors="ignore"))
        if high >= _TELLING:
            return start
        if high and first < 0:
            first = start
        start += len(line)
    return max(first, 0)


def _preview(data: bytes, start: int, name: str, *, is_page: bool) -> str:
    if name.startswith("utf-16"):
        start -= start % 2
    part = data[start : start + _SHOWN] if start or not name.startswith("utf-16") else data[:_SHOWN]
    text = part.decode(codec_of(name), errors="replace").removeprefix("\ufeff")
    text = _TAG.sub(" ", text) if is_page else text
    text = "".join(character if character.isprintable() or character.isspace() else "\ufffd" for character in text)
    return _SPACES.sub(" ", text).strip()[:CHARACTERS]


def _replaced(data: bytes, name: str) -> int:
    text = data[:_COUNTED].decode(codec_of(name), errors="replace")
    return text.count("\ufffd")
