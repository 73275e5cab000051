"""Which days a text speaks of: "last summer", "the 3rd", 去年五月 - told against a day. English and Chinese.

Nothing is guessed: words that may mean something else ("may", "second", "fall") count only where their
neighbours make them a date.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Range:
    """Days [start, end) that the words `text` mean."""

    start: date
    end: date
    text: str

    @property
    def last(self) -> date:
        """Return the last day of it."""
        return self.end - timedelta(days=1)


def ranges_in(text: str, *, reference: datetime, language: str = "") -> list[Range]:
    """Return the days that `text`, said at `reference`, speaks of, in its order."""
    return []


def day_words(day: datetime | date, *, language: str = "") -> str:
    """Return a day in the words that people ask for it: what was said in May is found by "May"."""
    if language.startswith("zh"):
        return f"{day.year}年 {day.month}月 {day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} {DAYS[day.weekday()]}"
