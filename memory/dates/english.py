"""Dates in English."""

import re
from datetime import date, timedelta
from typing import Final

from memory.dates.calendar import (
    DAYS,
    MONTHS,
    ONE,
    Days,
    Patterns,
    a_day,
    a_month,
    a_season,
    a_year,
    ago,
    day_of_month,
    last_season,
    moved,
    recent_day,
    recent_month,
    recent_weekday,
    since,
    third,
    this_season,
    week_of,
)

_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple": 2, "couple of": 2, "few": 3,
}  # fmt: skip
_SEASONS: Final = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}
_STEPS: Final = {"last": -1, "previous": -1, "this": 0, "next": 1}
_PARTS: Final = {"early": 0, "mid": 1, "late": 2}

_MONTH_NAMES: Final = "|".join(MONTHS)
_SHORT: Final = "|".join(f"{name[:3]}" for name in MONTHS)
_MONTH: Final = rf"(?P<month>{_MONTH_NAMES}|(?:sept|{_SHORT})\.?)"
_FULL: Final = rf"(?P<month>{_MONTH_NAMES})"
_DAY: Final = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_COUNT: Final = r"(?P<count>\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_UNIT: Final = r"(?P<unit>day|week|month|year)s?"
_SEASON: Final = r"(?P<season>spring|summer|autumn|fall|winter)"
_WEEKDAY: Final = rf"(?P<weekday>{'|'.join(DAYS)})"
# "The 3rd" of these is no day.
_NOT_OF_MONTH: Final = "(?! (?:time|place|floor|grade|century|of|birthday|one|day|year|edition|anniversary))"
_BEFORE: Final = "(?:in|since|until|till|by|during|of|from|for|back in)"
_NEAR: Final = rf"(?:{_BEFORE}|(?P<part>early|mid|late)[ -](?:in )?)"


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.lower()]


def _month_number(match: re.Match[str]) -> int:
    name = match["month"].lower()[:3]
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name))


def _full_date(match: re.Match[str], now: date) -> Days:
    month, day = _month_number(match), int(match["day"])
    return a_day(date(int(match["year"]), month, day)) if match["year"] else recent_day(month, day, now)


def _of_month(match: re.Match[str], now: date) -> Days:
    month = _month_number(match)
    days = a_month(int(match["year"]), month) if match["year"] else recent_month(month, now)
    return third(days, _PARTS[match["part"].lower()]) if match["part"] else days


def _named_month(match: re.Match[str], now: date) -> Days:
    month, step = _month_number(match), _STEPS[match["step"].lower()]
    if step > 0:
        return a_month(now.year if month > now.month else now.year + 1, month)
    if step < 0:
        return a_month(now.year if month < now.month else now.year - 1, month)
    return a_month(now.year, month)


def _of_season(match: re.Match[str], now: date) -> Days:
    season = _SEASONS[match["season"].lower()]
    if match["year"]:
        return a_season(int(match["year"]), season)
    this, last = this_season(season, now), last_season(season, now)
    return this if this[0] <= now else last


def _named_season(match: re.Match[str], now: date) -> Days:
    season, step = _SEASONS[match["season"].lower()], _STEPS[match["step"].lower()]
    if step < 0:
        return last_season(season, now)
    this = this_season(season, now)
    return this if step == 0 or this[0] > now else a_season(this[0].year + 1, season)


def _named_weekday(match: re.Match[str], now: date) -> Days:
    weekday, step = DAYS.index(match["weekday"].lower()), _STEPS[(match["step"] or "last").lower()]
    if step == 0:
        return a_day(week_of(now)[0] + timedelta(days=weekday))
    return (
        recent_weekday(weekday, now) if step < 0 else a_day(now + timedelta(days=(weekday - now.weekday() - 1) % 7 + 1))
    )


def _few_ago(match: re.Match[str], now: date) -> Days:
    """Return days around "a few days ago", and what a number says otherwise."""
    if "few" in match["count"].lower() and match["unit"].lower() == "day":
        return now - timedelta(days=6), now - ONE
    return ago(_number(match["count"].lower().removeprefix("a ")), match["unit"].lower(), now)


_FIXED: Final = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "yesterday": -1,
    "last night": -1, "day before yesterday": -2, "tomorrow": 1, "day after tomorrow": 2,
}  # fmt: skip


def _pattern(text: str, *, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{text})(?![\w-])", flags)


def _year_part(match: re.Match[str]) -> Days:
    part = match["part"] or match["early"]
    days = a_year(int(match["year"]))
    return third(days, _PARTS[part.lower()]) if part else days


def _decade(year: int) -> Days:
    return date(year, 1, 1), date(year + 10, 1, 1)


# No English date is without one of these words or a figure.
SIGNS: Final = frozenset(
    [*MONTHS, *(name[:3] for name in MONTHS), "sept", *DAYS, *_SEASONS, *_STEPS, "today", "tonight", "yesterday",
     "tomorrow", "morning", "afternoon", "evening", "ago", "earlier", "back", "past", "day", "days", "week", "weeks",
     "month", "months", "year", "years"]
)  # fmt: skip

ENGLISH: Final[Patterns] = (
    (_pattern(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
     lambda m, now: a_day(date(int(m["year"]), int(m["month"]), int(m["day"])))),
    (_pattern(rf"{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?"), _full_date),
    (_pattern(rf"{_MONTH} {_DAY}(?:,? {_YEAR})?"), _full_date),
    (_pattern(rf"(?:{_BEFORE} )?(?:(?P<part>early|mid|late)[ -])?{_FULL},? (?:of )?{_YEAR}"), _of_month),
    (_pattern(rf"{_NEAR} ?{_FULL}(?P<year>(?!))?"), _of_month),
    (_pattern(rf"(?P<step>last|previous|this|next) {_FULL}"), _named_month),
    (_pattern(rf"(?:in |during )?(?:the )?{_SEASON},? (?:of )?{_YEAR}"), _of_season),
    (_pattern(rf"(?:in|during|over|since) the {_SEASON}(?P<year>(?!))?"), _of_season),
    (_pattern(rf"(?:in|during) (?!fall|spring){_SEASON}(?P<year>(?!))?"), _of_season),
    (_pattern(rf"(?P<step>last|previous|this|next) {_SEASON}"), _named_season),
    (_pattern(rf"(?P<step>last|previous|this|next) {_WEEKDAY}"), _named_weekday),
    (_pattern(rf"(?P<step>(?!))?(?:on )?{_WEEKDAY}"), _named_weekday),
    (_pattern(r"(?P<step>last|previous|this|next) (?P<unit>weekend|week|month|year)"),
     lambda m, now: moved(_STEPS[m["step"].lower()], m["unit"].lower(), now)),
    (_pattern(r"the (?P<unit>weekend|week|month|year) before last"), lambda m, now: moved(-2, m["unit"].lower(), now)),
    (_pattern(r"(?:the )?(?:day before yesterday|day after tomorrow)|today|tonight|this (?:morning|afternoon|evening)"
              r"|yesterday|last night|tomorrow"),
     lambda m, now: moved(_FIXED[m[0].lower().removeprefix("the ")], "day", now)),
    (_pattern(rf"(?:about |around |almost |over |some )?(?:a )?{_COUNT} {_UNIT} (?:ago|earlier|back)"), _few_ago),
    (_pattern(rf"in (?:a )?{_COUNT} {_UNIT}(?: from now| time)?"),
     lambda m, now: ago(-_number(m["count"].lower()), m["unit"].lower(), now)),
    (_pattern(rf"(?:in |over |during |within |for )?(?:the )?(?:last|past) {_COUNT} {_UNIT}"),
     lambda m, now: since(_number(m["count"].lower()), m["unit"].lower(), now)),
    (_pattern(r"(?:in |over |during )?the past (?P<unit>week|month|year)"),
     lambda m, now: since(1, m["unit"].lower(), now)),
    (_pattern(rf"(?:on )?the (?P<day>3[01]|[12]\d|[1-9])(?:st|nd|rd|th){_NOT_OF_MONTH}"),
     lambda m, now: day_of_month(int(m["day"]), now)),
    (_pattern(r"(?:in|since|during|of|by|until|from|year|(?P<early>early|mid|late)) "
              rf"(?:(?P<part>early|mid|late)[ -])?{_YEAR}"),
     lambda m, now: _year_part(m)),
    (_pattern(r"(?:the )?(?P<decade>(?:19|20)\d)0s"), lambda m, now: _decade(int(m["decade"]) * 10)),
)  # fmt: skip
