"""What the first lines of a text file say about the book: its title, who wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from books.formats.division import one_line
from books.formats.plain.lines import WIDE, Line
from books.formats.writer import cleaned

_LINES: Final = 60
_LONGEST: Final = 40  # characters of a title that is not marked as one
_TITLE: Final = re.compile(r"(?:title|书\s*名|書\s*名)\s*[:：]\s*(.{1,200})", re.IGNORECASE)
_AUTHOR: Final = re.compile(r"(?:author|by|作\s*者|原\s*著|著\s*者|作家)\s*[:：]\s*(.{1,100})", re.IGNORECASE)
_BOTH: Final = re.compile(r"《?([^《》:：，。]{1,40})》?\s*(?:/|\s)\s*(?:作\s*者|原\s*著|著\s*者)\s*[:：]\s*(.{1,40})")
_WRITTEN: Final = re.compile(
    r"《?([^《》:：，。\s]{1,40})》?[\s　]+(?:[\[（(【〔][^\])）】〕]{1,6}[\])）】〕]\s*)?"
    r"([^《》:：，。\s]{2,12})[\s　]*[著撰]"
)
_IN_BRACKETS: Final = re.compile(r"《?([^《》（(:：，。\s]{1,30})》?[（(]([^）)，。\s]{2,10})[）)]")
_WROTE: Final = re.compile(r"(?:[\[（(【〔][^\])）】〕]{1,6}[\])）】〕]\s*)?([^\s，。：:]{2,12})[\s　]*[著撰]")
_BY: Final = re.compile(r"by\s+([A-Z][^\d,;:]{2,60})", re.IGNORECASE)
_GUTENBERG: Final = re.compile(
    r"(?:the\s+)?project\s+gutenberg(?:'s|’s)?\s+(?:e-?book|etext)?(?:\s*,|\s+of)?\s*(.{1,120}?)(?:,\s+by\s+(.{1,80}))?",
    re.IGNORECASE,
)
_MARKED: Final = re.compile(r"《([^《》]{1,60})》")
_SENTENCE: Final = re.compile(r"[。！？；，…,;]$|[。！？]|[.!?]$|[:：]")
_FILE_NAME: Final = re.compile(r"\.(?:txt|epub|pdf|doc)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Front:
    """What is known of a book from its first lines."""

    title: str = ""
    author: str = ""


def front_of(lines: Sequence[Line], *, first_heading: int) -> Front:
    """Return title and author. `first_heading`: the line of the first chapter, or how many lines there are."""
    head = [cleaned(line.text) for line in lines[: min(_LINES, max(first_heading, 0) or _LINES)]]
    found = _marked(head)
    title = found.title or _alone(lines, first_heading)
    return Front(_clean(title), _person(found.author))


def _marked(head: Sequence[str]) -> Front:
    """Return what lines say that name a title or an author."""
    title = author = ""
    for number, text in enumerate(head):
        if (match := _BOTH.fullmatch(text)) or (match := _WRITTEN.fullmatch(text)):
            title, author = title or match.group(1), author or match.group(2)
        elif match := _TITLE.fullmatch(text):
            title = title or match.group(1)
        elif match := _AUTHOR.fullmatch(text):
            author = author or match.group(1)
            title = title or _above(head, number)
        elif (match := _WROTE.fullmatch(text)) or (number and number < 12 and (match := _BY.fullmatch(text))):
            if above := _above(head, number):
                title, author = title or above, author or match.group(1)
        elif number < 3 and (match := _GUTENBERG.fullmatch(text)):
            title, author = title or match.group(1), author or (match.group(2) or "")
        elif number < 3 and WIDE.search(text) and (match := _IN_BRACKETS.fullmatch(text)):
            title, author = title or match.group(1), author or match.group(2)
    return Front(title, author)


def _above(head: Sequence[str], number: int) -> str:
    """Return the short line above line `number`, which is the title where the author's name stands under it."""
    above = head[number - 1] if number else ""
    return above if _may_be_title(above) else ""


def _alone(lines: Sequence[Line], first_heading: int) -> str:
    """Return the title that stands alone above the first chapter."""
    if not lines or first_heading == 0:
        return ""
    first = cleaned(lines[0].text)
    if match := _MARKED.fullmatch(first):
        return match.group(1)
    is_alone = first_heading <= 3 or (len(lines) > 1 and lines[1].gap > 0 and len(lines) > 8)
    has_chapters = first_heading < len(lines)
    return first if is_alone and has_chapters and _may_be_title(first) else ""


def _may_be_title(text: str) -> bool:
    if not text or len(text) > _LONGEST or not any(map(str.isalnum, text)):
        return False
    return bool(_MARKED.fullmatch(text)) or not _SENTENCE.search(text)


def _clean(title: str) -> str:
    title = _FILE_NAME.sub("", one_line(title))
    marked = _MARKED.match(title)
    return marked.group(1) if marked else title.strip("《》【】 　")


def _person(author: str) -> str:
    return re.sub(r"[\s　]*[著撰]$", "", one_line(author)).strip("《》【】 　")
