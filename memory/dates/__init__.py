"""Which days a text speaks of: "last summer", "the 3rd", 去年五月 - told against a day. English and Chinese.

Nothing is guessed: words that may mean something else ("may", "march", "fall", 3号) count only where their
neighbours make them a date. Weeks begin on Monday, seasons are those of the north and three months long. A day or
month without a year is the last one that is not after the reference, for people tell what was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from memory.dates.calendar import DAYS, MONTHS, ONE, Days, Patterns, Resolve, third
from memory.dates.chinese import CHINESE, CHINESE_EDGE, CHINESE_PARTS, WHOLE
from memory.dates.english import EDGE, ENGLISH, PARTS, SIGNS

MOST_TEXT: Final = 20_000  # characters that are looked at
LEAST_PARTED: Final = 28 * ONE

_WORDS: Final = re.compile(r"[a-z]+|\d+")
_HAN: Final = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Range:
    """Days [start, end) that the words `text` mean."""

    start: date
    end: date
    text: str

    @property
    def last(self) -> date:
        """Return the last day of it."""
        return self.end - ONE


def ranges_in(text: str, *, reference: datetime, language: str = "") -> list[Range]:
    """Return the days that `text`, said at `reference`, speaks of, in its order.

    `language` chooses the patterns ("zh" or English); a text of neither is tried with both.
    """
    text = text[:MOST_TEXT]
    if not _HAN.search(text) and SIGNS.isdisjoint(words := _WORDS.findall(text.lower())) and not _has_figure(words):
        return []
    patterns = CHINESE if language.startswith("zh") else ENGLISH if not _HAN.search(text) else ENGLISH + CHINESE
    found = sorted(_matches(text, patterns), key=lambda item: (item[0].start(), -item[0].end()))
    ranges: list[Range] = []
    after = 0
    for match, resolve in found:
        if match.start() < after:
            continue
        try:
            start, end = resolve(match, reference.date())
        except (ValueError, OverflowError):  # the 31st of April, the year 12000
            continue
        after = match.end()
        (start, end), spoken = _part_of((start, end), match, text)
        ranges.append(Range(start, end, spoken))
    return ranges


def day_words(day: datetime | date, *, language: str = "") -> str:
    """Return a day in the words that people ask for it: what was said in May is found by "May"."""
    if language.startswith("zh"):
        return f"{day.year}年 {day.month}月 {day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} {DAYS[day.weekday()]}"


def _part_of(days: Days, match: re.Match[str], text: str) -> tuple[Days, str]:
    """Return the third of a month or longer that the words beside it mean: "at the end of May", 五月初."""
    before = EDGE.search(text, max(0, match.start() - 24), match.start())
    after = CHINESE_EDGE.match(text, match.end()) if match[0].endswith(WHOLE) else None
    if days[1] - days[0] >= LEAST_PARTED:
        if before:
            return third(days, PARTS[before[1].lower()]), text[before.start() : match.end()].strip()
        if after:
            return third(days, CHINESE_PARTS[after[0][0]]), text[match.start() : after.end()]
    return days, match[0].strip()


def _has_figure(words: list[str]) -> bool:
    return any(word[0].isdigit() for word in words)


def _matches(text: str, patterns: Patterns) -> Iterator[tuple[re.Match[str], Resolve]]:
    for pattern, resolve in patterns:
        for match in pattern.finditer(text):
            yield match, resolve
