"""What the parent checks before it keeps anything that a parser's child said: nothing of it is trusted.

Every function raises ValueError, KeyError, TypeError or IndexError when something is not of the right form.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

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

# What a picture may be, and how it begins. SVG is not among them: it is a page with scripts.
PICTURE_TYPES: Final = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF"}
MOST_SECTIONS: Final = 100_000
MOST_BLOCKS: Final = 2_000_000  # of a book
MOST_ENTRIES: Final = 20_000  # of the contents
MOST_WARNINGS: Final = 100
LONGEST_WARNING: Final = 500
LONGEST_DETAIL: Final = 20_000  # characters of one string
MOST_DETAILS: Final = 2_000  # values in all
DEEPEST_DETAIL: Final = 6
LARGEST_NUMBER: Final = 2**31 - 1
_DEEPEST_ENTRY: Final = 100
_UNKEEPABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")  # by Postgres, JSON or a browser


def number(value: Any, *, most: int = LARGEST_NUMBER) -> int:
    """Return a whole number from 0 to `most`."""
    if type(value) is not int or not 0 <= value <= most:  # a bool is an int in Python, and none here
        raise ValueError("not a number of the right size")
    return value


def string(value: Any, *, most: int) -> str:
    """Return a string, cut at `most`, without characters that cannot be kept."""
    if not isinstance(value, str):
        raise TypeError("not a string")
    value = value[:most]
    return _UNKEEPABLE.sub("", value) if _UNKEEPABLE.search(value) else value


def plain(value: Any, *, most: int, deepest: int = 12) -> Any:
    """Return JSON whose strings, numbers and depth can be kept; `most` values in all."""
    left = [most]

    def copied(value: Any, depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0 or depth > deepest:
            raise ValueError("too much")
        if isinstance(value, str):
            return string(value, most=LONGEST_DETAIL)
        if isinstance(value, list):
            return [copied(inner, depth + 1) for inner in value]
        if isinstance(value, dict):
            return {string(key, most=100): copied(inner, depth + 1) for key, inner in value.items()}
        if (isinstance(value, float) and not math.isfinite(value)) or (
            isinstance(value, int) and not -(2**53) <= value <= 2**53
        ):
            raise ValueError("not a number that can be kept")
        return value

    return copied(value, 0)


def picture(body: Any, data: bytes) -> Picture:
    """Return a picture that is what it says."""
    found = Picture(
        number(body["number"]),
        body["digest"],
        body["media_type"],
        number(body["width"]),
        number(body["height"]),
        number(body["size"]),
    )
    if found.size != len(data) or sha256(data).hexdigest() != found.digest:
        raise ValueError("a picture that is another one")
    begins = PICTURE_TYPES[found.media_type]
    if not data.startswith(begins) or (found.media_type == "image/webp" and data[8:12] != b"WEBP"):
        raise ValueError("a picture of another kind")
    return found


def section(body: Any) -> ParsedSection:
    """Return a section whose blocks and marks lie inside its text, in their order."""
    text = body["text"]
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("not a section's text")
    text.encode()  # which refuses lone surrogates, and far faster than a search for them
    if not isinstance(body["blocks"], list) or len(body["blocks"]) > MOST_BLOCKS:
        raise ValueError("not a section's blocks")
    blocks = tuple(_block(row, len(text)) for row in body["blocks"])
    if any(after.start < before.end for before, after in pairwise(blocks)):
        raise ValueError("blocks overlap")
    origins = tuple((number(here, most=len(text)), number(there)) for here, there in body["origins"])
    return ParsedSection(string(body["title"], most=LONGEST_TITLE), text, blocks, origins)


def _block(row: Any, length: int) -> Block:
    if not isinstance(row, list) or not isinstance(row[4], list):
        raise TypeError("not a block")
    kind, start, end, level, rows, *rest = row
    found = Block(kind, number(start), number(end, most=length), number(level), (), *rest)
    number(found.number)
    if not isinstance(found.kind, str) or found.kind not in BLOCK_KINDS or found.align not in ALIGNMENTS:
        raise ValueError("not a block")
    if (found.kind == "img") != bool(found.target) or (found.kind == "img" and not _is_number(found.target)):
        raise ValueError("not a picture's number")
    if found.start > found.end or len(found.label) > LONGEST_LABEL:
        raise ValueError("not a block")
    if not rows and found.label == "":
        return found
    marks = tuple(_mark(mark, found) for mark in rows)
    return Block(
        found.kind, start, end, level, marks, found.number, found.align, found.target,
        string(found.label, most=LONGEST_LABEL),
    )  # fmt: skip


def _mark(row: Any, block: Block) -> Mark:
    """Return a mark inside its block, whose target is of the right form."""
    if not isinstance(row, list):
        raise TypeError("not a mark")
    kind, start, end, *rest = row
    mark = Mark(kind, number(start), number(end), *rest)
    if not isinstance(kind, str) or kind not in MARK_KINDS or not block.start <= start <= end <= block.end:
        raise ValueError("not a mark of its block")
    if (start == end) != (kind == "img") and kind != "cell":
        raise ValueError("a mark without characters")
    if len(mark.label) > LONGEST_LABEL or not isinstance(mark.target, str):
        raise ValueError("not a mark")
    if not _FORMS.get(kind, operator.not_)(mark.target):
        raise ValueError("a mark that leads nowhere")
    target = string(mark.target, most=max(LONGEST_TARGET, LONGEST_MATH)) if mark.target else ""
    return Mark(kind, start, end, target, string(mark.label, most=LONGEST_LABEL))


def _is_number(target: Any) -> bool:
    return isinstance(target, str) and re.fullmatch("[0-9]{1,6}", target) is not None


_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "img": _is_number,
    "ruby": lambda target: len(target) <= LONGEST_TARGET,
    "link": lambda target: re.fullmatch("[0-9]{1,6}:[0-9]{1,9}", target) is not None or is_safe(target),
    "note": lambda target: re.fullmatch("[0-9]{1,6}:[0-9]{1,9}:[0-9]{1,9}", target) is not None,
    "math": lambda target: len(target) <= LONGEST_MATH,
    "cell": lambda target: re.fullmatch("h?([0-9]{1,3}x[0-9]{1,4})?", target) is not None,
    "lang": lambda target: re.fullmatch("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", target) is not None,
}


def page(body: Any, sections: Sequence[ParsedSection]) -> Page:
    """Return a page that fits the book."""
    label, at, start, width, height, words = body
    at = number(at, most=len(sections) - 1)
    number(start, most=len(sections[at].text))
    found = tuple(_word(word, sections) for word in words)
    return Page(string(label, most=LONGEST_TITLE), at, start, number(width), number(height), found)


def _word(word: Any, sections: Sequence[ParsedSection]) -> Word:
    at, first, last, left, top, right, bottom = word
    number(at, most=len(sections) - 1)
    number(last, most=len(sections[at].text))
    if number(first) >= last:
        raise ValueError("a word without characters")
    for edge in (left, top, right, bottom):
        number(abs(edge) if type(edge) is int else edge)
    return at, first, last, left, top, right, bottom


def head(body: Any) -> dict[str, Any]:
    """Return what a book says of itself, in values that can be kept."""
    if not isinstance(body["contents"], list) or len(body["contents"]) > MOST_ENTRIES:
        raise ValueError("not a table of contents")
    cover = body["cover"]
    details = plain(body["details"], most=MOST_DETAILS, deepest=DEEPEST_DETAIL)
    if not isinstance(details, dict):
        raise TypeError("not details")
    return {
        "format": string(body["format"], most=20),
        "title": string(body["title"], most=LONGEST_TITLE),
        "authors": [string(author, most=200) for author in _some(body["authors"], 50)],
        "language": string(body["language"], most=35),
        "details": details,
        "warnings": warnings(body["warnings"]),
        "contents": [_entry(entry) for entry in body["contents"]],
        "scans": [number(scan) for scan in _some(body["scans"], 1_000_000)],
        "cover": None if cover is None else number(cover),
    }


def warnings(body: Any) -> list[str]:
    """Return sentences about what is lost."""
    return [string(warning, most=LONGEST_WARNING) for warning in _some(body, MOST_WARNINGS)]


def _entry(entry: Any) -> Entry:
    depth = number(entry["depth"], most=_DEEPEST_ENTRY)
    return Entry(string(entry["title"], most=LONGEST_TITLE), number(entry["section"]), number(entry["start"]), depth)


def _some(body: Any, most: int) -> list[Any]:
    if not isinstance(body, list) or len(body) > most:
        raise ValueError("not a list, or a very long one")
    return body


def book(
    head: Mapping[str, Any], sections: Sequence[ParsedSection], pages: Iterable[Any], pictures: Sequence[Picture]
) -> ParsedBook:
    """Return the book of a checked head, its sections, its pages (not yet checked) and pictures."""
    for entry in head["contents"]:
        if entry.section >= len(sections) or entry.start > len(sections[entry.section].text):
            raise ValueError("contents that lead nowhere")
    _check_places(sections)
    numbers = {picture.number for picture in pictures}
    cover = head["cover"] if head["cover"] in numbers else None
    parts = {"sections": sections, "pictures": pictures, "cover": cover}
    return ParsedBook(**{**head, **parts, "pages": [page(row, sections) for row in pages]})


def _check_places(sections: Sequence[ParsedSection]) -> None:
    """Raise ValueError when a link or a note leads out of the book."""
    for found in sections:
        for block in found.blocks:
            for mark in block.marks:
                if mark.kind == "note" or (mark.kind == "link" and mark.target[0].isdigit()):
                    at, *places = map(int, mark.target.split(":"))
                    if at >= len(sections) or max(places) > len(sections[at].text) or places != sorted(places):
                        raise ValueError("a link out of the book")
