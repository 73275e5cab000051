"""What a memory is found by: its terms, its dates and its names, packed into `Memory.tokens` when it is written.

    header    version, number of ranges, number of entries, bytes of names
    entries   for each term of each field: CRC-32 of the term, how often, which field
    ranges    the days the text speaks of: first and last, as ordinals
    names     proper names of the text, in its own writing, parted by NUL

An index reads entries of all rows as one array. CRC-32 is short and the same everywhere; among 100,000 different
terms some ten share a number with another, which costs nothing that can be measured.
"""

import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from memory.attributes import asked_with
from memory.dates import day_words, ranges_in
from memory.models import Memory
from memory.types import State
from mindory_web.lib.terms import TYPESETTING, terms

VERSION: Final = 1
HEADER: Final = struct.Struct("<BBHH")
ENTRY: Final = struct.Struct("<IBB")
RANGE: Final = struct.Struct("<ii")

# Fields. The numbers are part of the format.
TEXT: Final = 0  # what was said or is known, subject, attribute and value included
SPEAKER: Final = 1
CAPTION: Final = 2  # of a picture, and labels of sources
DATE: Final = 3  # words of the day it was observed
PERSON: Final = 4  # how often it speaks of its speaker, and of the one spoken to

MOST_ENTRIES: Final = 12_000  # of one row
MOST_RANGES: Final = 16
MOST_NAMES: Final = 40
LONGEST_NAME: Final = 40  # characters

# Two and more letters, the first a capital one; "I'm" and "A" are not names.
_WORD: Final = re.compile(r"(?<![\w'’])[^\W\d_]\w+(?:-\w+)*(?!['’][a-rt-z])")
_SENTENCE_END: Final = re.compile(r"(?:^|[.!?…:;\n\"“”«»(\[。！？]|\s[-–—*])\W*$")
# "US" is not "us". Persons are told apart in English and Chinese; a turn in another language speaks of neither.
_SPEAKER: Final = re.compile(r"\b(?:I|[iI]'m|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|us|[Oo]urs?|[Oo]urselves)\b|我|咱")
_SPOKEN_TO: Final = re.compile(r"\b(?:[Yy]ou|[Yy]ours?|[Yy]ourself|[Yy]ourselves)\b|你|您")
_TITLED: Final = re.compile("[《「『“]([^《》「」『』“”\\n]{1,40})[》」』”]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A packed row, opened. `entries` are the raw bytes of the entries, ENTRY.size each."""

    entries: bytes
    ranges: tuple[tuple[int, int], ...]
    names: tuple[str, ...]


NOTHING: Final = Tokens(b"", (), ())


def tokens_of(memory: Memory) -> bytes:
    """Return what a row is found by; nothing for one that is forgotten."""
    if memory.state == State.FORGOTTEN or not memory.text:
        return b""
    seen = timezone.localtime(memory.observed_at, timezone.get_default_timezone())
    entries = list(_entries(memory, seen))[:MOST_ENTRIES]
    spoken = f"{memory.text}\n{memory.caption}" if memory.caption else memory.text
    ranges = [
        (one.start.toordinal(), one.last.toordinal())
        for one in ranges_in(spoken, reference=seen, language=memory.language)
    ][:MOST_RANGES]
    names = "\0".join(names_in(spoken)).encode()
    return b"".join(
        [
            HEADER.pack(VERSION, len(ranges), len(entries), len(names)),
            *(ENTRY.pack(*entry) for entry in entries),
            *(RANGE.pack(*one) for one in ranges),
            names,
        ]
    )


def opened(packed: bytes) -> Tokens | None:
    """Return the parts of a packed row; None when it was packed by another version (or is empty)."""
    if not is_packed(packed):
        return None
    _, range_count, entry_count, name_bytes = HEADER.unpack_from(packed)
    first = HEADER.size
    after = first + entry_count * ENTRY.size
    end = after + range_count * RANGE.size
    names = packed[end : end + name_bytes].decode()
    ranges = tuple(RANGE.iter_unpack(packed[after:end])) if range_count else ()
    return Tokens(packed[first:after], ranges, tuple(names.split("\0")) if names else ())


def is_packed(packed: bytes | memoryview) -> bool:
    """Say whether a row was packed by this version."""
    return len(packed) >= HEADER.size and packed[0] == VERSION


def number_of(term: str) -> int:
    """Return the number that stands for a term."""
    return zlib.crc32(term.encode())


OF_SPEAKER: Final = number_of("\0speaker")  # no term of a text holds this character
OF_SPOKEN_TO: Final = number_of("\0spoken to")


def names_in(text: str) -> list[str]:
    """Return the proper names of a text, each once: words with a capital that do not begin a sentence, and titles.

    A name that begins a sentence is one too if it also stands inside another. No list of names is used.
    """
    inside: dict[str, None] = {}
    for found in _WORD.finditer(text):
        if found[0][0].isupper() and not _SENTENCE_END.search(text, max(0, found.start() - 8), found.start()):
            inside.setdefault(found[0][:LONGEST_NAME])
    for title in _TITLED.findall(text):
        inside.setdefault(title.strip()[:LONGEST_NAME])
    return [name for name in inside if name and "\0" not in name][:MOST_NAMES]


def _entries(memory: Memory, seen: datetime) -> Iterator[tuple[int, int, int]]:
    """Yield (number of the term, count, field)."""
    language = memory.language
    counted = _counts(memory.text, language)
    # The keys of a fact are mostly words of it too: those that are not are added, none is counted twice.
    for key in (memory.subject, memory.attribute, memory.value, asked_with(memory.attribute)):
        counted |= _counts(key.replace("_", " "), language)
    yield from _field(counted, TEXT)
    yield from _field(_counts(memory.speaker, language), SPEAKER)
    yield from _field(_counts(f"{memory.caption} {memory.source_label}", language), CAPTION)
    yield from _field(_counts(day_words(seen, language=language), language), DATE)
    spoken = memory.text.translate(TYPESETTING)
    for number, words in ((OF_SPEAKER, _SPEAKER), (OF_SPOKEN_TO, _SPOKEN_TO)):
        if count := len(words.findall(spoken)):
            yield number, min(count, 255), PERSON


def _counts(text: str, language: str) -> Counter[str]:
    return Counter(terms(text, language=language)) if text and not text.isspace() else Counter()


def _field(counts: Counter[str], field: int) -> Iterable[tuple[int, int, int]]:
    return ((number_of(term), min(count, 255), field) for term, count in counts.items())
