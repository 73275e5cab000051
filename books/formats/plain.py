"""Plain text: the encoding is decided on the whole file, chapters are found by their headings."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from books.errors import EmptyBook, UnknownFormat
from books.formats import decoding, language
from books.formats.division import Heading, divide, entries, one_line
from books.formats.parsed import ParsedBook, Told
from books.formats.reflow import Layout, paragraphs, without_page_rules
from books.formats.sources import Source
from books.formats.writer import Writer, cleaned

_NUMBER: Final = "[〇零一二三四五六七八九十百千万两廿卅0-9０-９]{1,9}"
_ZH: Final = re.compile(
    rf"(?:正文\s*)?(?:第\s*{_NUMBER}\s*(?P<unit>[章回节節卷部篇集幕折话話])|(?P<volume>[卷部篇集])\s*{_NUMBER})"
    r"(?P<gap>[\s\u3000:：、.．·—-]*)(?P<rest>.{0,60})"
)
_ZH_ALONE: Final = re.compile(
    r"(?:楔\s*子|序\s*[章言幕]?|自\s*序|前\s*言|引\s*[子言]|尾\s*声|后\s*记|番\s*外|附\s*录|跋)(?:[\s:：].{0,20})?"
)
_EN_NUMBER: Final = (
    r"(?:[ivxlcdm]{1,9}|\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty)(?:-\w{3,5})?|the\s+\w{4,12}|"
    r"first|second|third|fourth|fifth|last)"
)
_EN: Final = re.compile(
    rf"(?P<unit>chapter|book|part|volume|letter|act|scene|canto|stave|section|epilogue|prologue)\s+{_EN_NUMBER}\b"
    r"(?P<rest>[.:—–-]?\s*.{0,60})|(?:prologue|epilogue|preface|foreword|introduction|appendix|afterword|contents)\.?",
    re.IGNORECASE,
)
_WIDE_UNITS: Final = frozenset("卷部篇集") | {"book", "part", "volume", "act"}
_SENTENCE: Final = re.compile(r"[。！？；，…]$|[。！？]")
_HEADER: Final = {
    "title": re.compile(r"(?:title|书名|書名)\s*[:：]\s*(.{1,200})", re.IGNORECASE),
    "author": re.compile(r"(?:author|作者)\s*[:：]\s*(.{1,100})", re.IGNORECASE),
}
_HEADER_LINES: Final = 60
_LONGEST_TITLE: Final = 40


class PlainText:
    """The parser for text files."""

    name = "txt"
    label = "TXT"

    def recognises(self, source: Source, /) -> bool:
        """Text is what looks like text and is no other program's XML; asked last."""
        return looks_like_text(source.start) and not source.start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<?xml")

    def parse(self, source: Source, told: Told, /) -> ParsedBook:
        """Find chapters, and paragraphs in them."""
        found = decoding.decoded(source.whole(), chosen=source.options.encoding)
        if found is None:
            raise UnknownFormat("This file is neither text nor a book in a format Mindory reads.")
        text = found.text
        lines = without_page_rules(cleaned(text.removeprefix("\ufeff")).replace("\f", "\n").split("\n"))
        written, marks = _written(lines)
        pieces = divide(written, marks)
        if not pieces:
            raise EmptyBook("There is no text in this file.")
        told(len(pieces), len(pieces))
        sections = [piece.section for piece in pieces]
        head = _header(lines)
        return ParsedBook(
            format="txt",
            sections=sections,
            contents=entries(marks, pieces),
            title=head.get("title", ""),
            authors=[head["author"]] if "author" in head else [],
            language=language.settled("", (section.text for section in sections)),
            details=found.details(),
            warnings=["Some characters of this file could not be read."] if found.replaced else [],
        )


def looks_like_text(start: bytes) -> bool:
    """Say whether a file that begins like this may be text."""
    if start.startswith(tuple(mark for mark, _ in decoding.BYTE_ORDER_MARKS)):
        return True
    if start.startswith((b"%PDF", b"PK\x03\x04", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"Rar!")):
        return False
    odd = sum(byte < 9 or 13 < byte < 27 for byte in start)
    return odd <= len(start) / 100 or (b"\0" in start and decoding.decoded(start[: len(start) // 4 * 4]) is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """A line that looks like a chapter heading."""

    line: int
    title: str
    unit: str


def _written(lines: Sequence[str]) -> tuple[Writer, list[Heading]]:
    """Write headings and paragraphs; return them with the chapters."""
    found = {heading.line: heading for heading in _chapters(lines)}
    is_wide = {heading.line: heading.unit in _WIDE_UNITS for heading in found.values()}
    has_both = len(set(is_wide.values())) > 1
    layout = Layout.of([line for number, line in enumerate(lines) if number not in found])
    written, marks = Writer(), []
    for number, body in _bodies(lines, found):
        if number is not None:
            depth = 1 if has_both and not is_wide[number] else 0
            written.start("h", level=2 + depth)
            written.write(found[number].title)
            written.close()
            marks.append(Heading(one_line(found[number].title), written.blocks[-1].start, depth))
        for paragraph in paragraphs(body, layout):
            _write(written, paragraph)
    written.finish()
    return written, marks


def _write(written: Writer, paragraph: str) -> None:
    written.start("p")
    for number, line in enumerate(paragraph.split("\n")):
        if number:
            written.line_break()
        written.write(line)
    written.close()


def _bodies(lines: Sequence[str], found: dict[int, Found]) -> Iterator[tuple[int | None, Sequence[str]]]:
    """Yield (line of the heading, the lines under it); first what stands before any heading."""
    edges = [*sorted(found), len(lines)]
    yield None, lines[: edges[0]]
    for first, last in pairwise(edges):
        yield first, lines[first + 1 : last]


def _chapters(lines: Sequence[str]) -> list[Found]:
    """Return the lines that are headings; a list of chapters at the front of a book is not."""
    candidates = [found for number, line in enumerate(lines) if (found := _heading(lines, number, line))]
    later: dict[str, int] = {_key(found): found.line for found in candidates}
    kept: list[Found] = []
    for _, group in groupby(enumerate(candidates), key=lambda pair: _run(lines, candidates, pair[0])):
        numbered = list(group)
        run = [found for _, found in numbered]
        if Counter(found.unit for found in run).most_common(1)[0][1] >= 3:
            following = candidates[numbered[-1][0] + 1 : numbered[-1][0] + 2]
            restarts = any(0 < ordinal(after.title) <= ordinal(run[-1].title) for after in following)
            is_chapter = not restarts and later[_key(run[-1])] == run[-1].line and _is_followed(lines, run[-1])
            run = run[-1:] if is_chapter else []
        kept += run
    return kept if not _is_list_only(kept) else []


def _run(lines: Sequence[str], candidates: Sequence[Found], number: int) -> int:
    """Return the number of the first candidate of the unbroken run of headings that `number` stands in."""
    while number and not any(line.strip() for line in lines[candidates[number - 1].line + 1 : candidates[number].line]):
        number -= 1
    return number


def _is_followed(lines: Sequence[str], found: Found) -> bool:
    """Say whether the next words after a heading are long enough to be prose."""
    following = next((line for line in lines[found.line + 1 : found.line + 12] if line.strip()), "")
    return len(following.strip()) > 12


_DIGITS: Final = {**{digit: value for value, digit in enumerate("〇一二三四五六七八九")}, "零": 0, "两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}


def ordinal(title: str) -> int:
    """Return the number in a Chinese chapter heading, 0 when there is none: 第一百零二回 is 102."""
    found = re.search(_NUMBER, title)
    if found is None:
        return 0
    if found.group().isdigit():
        return int(found.group())
    total = last = 0
    for character in found.group():
        if character in {"廿", "卅"}:
            total += _TENS[character]
        elif character in _TENS:
            total, last = total + (last or 1) * _TENS[character], 0
        else:
            last = _DIGITS.get(character, 0) if last == 0 else last * 10 + _DIGITS.get(character, 0)
    return total + last


def _is_list_only(kept: Sequence[Found]) -> bool:
    return len(kept) == 1 and kept[0].title.lower().startswith("contents")


def _key(found: Found) -> str:
    return re.sub(r"[\W_]+", "", found.title).lower()


def _heading(lines: Sequence[str], number: int, line: str) -> Found | None:
    text = line.strip(" \t\r\u3000\xa0\ufeff")
    if not text or len(text) > 90:
        return None
    if match := _ZH.fullmatch(text):
        is_prose = not match["gap"] and (len(match["rest"]) > 25 or _SENTENCE.search(match["rest"]))
        return None if is_prose or _SENTENCE.search(text) else Found(number, text, match["unit"] or match["volume"])
    if _ZH_ALONE.fullmatch(text):
        return Found(number, text, "章")
    if match := _EN.fullmatch(text):
        before = lines[number - 1].strip() if number else ""
        after = lines[number + 1].strip() if number + 1 < len(lines) else ""
        is_prose = bool(re.search(r"[,;]$|[a-z]\.\s", text)) or (bool(before) and not _EN.fullmatch(before))
        is_alone = not after or text.isupper() or len(text) < 40
        return Found(number, text, (match["unit"] or "chapter").lower()) if is_alone and not is_prose else None
    return None


def _header(lines: Sequence[str]) -> dict[str, str]:
    """Return the title and author that the first lines name."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines[:_HEADER_LINES]):
        for name, pattern in _HEADER.items():
            if (match := pattern.fullmatch(line.strip())) and name not in found:
                found[name] = one_line(match.group(1))
                if name == "author" and "title" not in found and (title := _line_above(lines, number)):
                    found["title"] = title
    return found


def _line_above(lines: Sequence[str], number: int) -> str:
    """Return the short line above line `number`, which is the title where the author's name stands under it."""
    above = next((line.strip() for line in reversed(lines[:number]) if line.strip()), "")
    is_title = len(above) <= _LONGEST_TITLE and any(map(str.isalnum, above)) and not _SENTENCE.search(above)
    return one_line(above).strip("《》") if is_title else ""
