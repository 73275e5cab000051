"""Show what a text file would look like in other encodings, so that its reader can choose."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
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
_PLACES: Final = 200  # that are compared
_SKIPPED: Final = 0.08  # of a book, at its beginning and at its end
_LONGEST_LINE: Final = 20_000  # bytes
_COMPARED: Final = 400  # bytes: hardly more than are shown
_ENOUGH: Final = 40  # characters: more of them do not tell more
_SHOWN: Final = 4_000  # bytes that are surely more than CHARACTERS
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
    start = _telling(data, [candidate.encoding for candidate in found])
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


def _telling(data: bytes, names: Sequence[str]) -> int:
    """Return the line, in the middle of the book, where these encodings look most unlike one another.

    Its beginning often says where the file is from, in words that look the same in all of them.
    """
    middle = len(data) // 2
    best, best_score = 0, (-1, -1, 0)
    for start in _lines(data):
        part = data[start : start + _COMPARED]
        score = (*_unlikeness(part, names), -abs(start - middle))
        if score > best_score:
            best, best_score = start, score
    return best


def _lines(data: bytes) -> Iterator[int]:
    """Yield where some lines begin, spread over the book without its first and last part."""
    seen = set()
    for number in range(_PLACES):
        at = round(len(data) * (_SKIPPED + (1 - 2 * _SKIPPED) * number / (_PLACES - 1)))
        start = data.find(b"\n", at, at + _LONGEST_LINE) + 1
        if start and start < len(data) and start not in seen:
            seen.add(start)
            yield start


def _unlikeness(part: bytes, names: Sequence[str]) -> tuple[int, int]:
    """Return in how many encodings a part looks other than in the first, and by how many characters in all."""
    first, *others = (Counter(part.decode(codec_of(name), errors="replace")) for name in names)
    differences = [min(_ENOUGH, (other - first).total()) for other in others]
    return sum(1 for difference in differences if difference), sum(differences)


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
