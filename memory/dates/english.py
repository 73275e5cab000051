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
    a_quarter,
    a_season,
    a_year,
    ago,
    day_of_month,
    last_season,
    moved,
    recent_day,
    recent_month,
    recent_quarter,
    recent_weekday,
    since,
    third,
    this_season,
    week_of,
    weekend_of,
)

# Words before days that mean a part of them: "at the end of May", "early last year".
EDGE: Final = re.compile(r"\b(beginning|start|middle|end|early|mid|late)(?: of)?(?: the)?[ -]$", re.IGNORECASE)

_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "couple": 2, "couple of": 2, "few": 3, "several": 4,
    "half a": 0.5, "half": 0.5,
}  # fmt: skip
_SEASONS: Final = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}
_STEPS: Final = {"last": -1, "previous": -1, "this": 0, "next": 1}
PARTS: Final = {"early": 0, "mid": 1, "late": 2, "beginning": 0, "start": 0, "middle": 1, "end": 2}
_QUARTERS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4}
_FEASTS: Final = {
    "christmas eve": (12, 24, 1),
    "christmas day": (12, 25, 1),
    "christmas": (12, 24, 3),
    "boxing day": (12, 26, 1),
    "new year's eve": (12, 31, 1),
    "new year's day": (1, 1, 1),
    "new year": (1, 1, 1),
    "valentine's day": (2, 14, 1),
    "halloween": (10, 31, 1),
}
_FEAST_NAMES: Final = "|".join(_FEASTS).replace("'", "['’]")
_FEAST: Final = rf"(?!new year(?!['’]))(?P<feast>{_FEAST_NAMES})"

_MONTH_NAMES: Final = "|".join(MONTHS)
_SHORT: Final = "|".join(f"{name[:3]}" for name in MONTHS)
_MONTH: Final = rf"(?P<month>{_MONTH_NAMES}|(?:sept|{_SHORT})\.?)"
_FULL: Final = rf"(?P<month>{_MONTH_NAMES})"
_DAY: Final = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_COUNT: Final = r"(?P<count>\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + ")"
_UNIT: Final = r"(?P<unit>day|week|fortnight|month|year|decade)s?"
_SPAN: Final = r"(?P<unit>weekend|week|month|quarter|year)"
_SEASON: Final = r"(?P<season>spring|summer|autumn|fall|winter)"
_WEEKDAY: Final = rf"(?P<weekday>{'|'.join(DAYS)})"
# "The 3rd" of these is no day.
_NOT_OF_MONTH: Final = "(?! (?:time|place|floor|grade|century|of|birthday|one|day|year|edition|anniversary))"
_BEFORE: Final = "(?:in|since|until|till|by|during|of|from|for|back in)"
_NEAR: Final = rf"(?:{_BEFORE}|(?P<part>early|mid|late)[ -](?:in )?)"


def _number(word: str) -> float:
    return int(word) if word.isdigit() else _NUMBERS[word.lower()]


def _month_number(match: re.Match[str], group: str = "month") -> int:
    name = match[group].lower()[:3]
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name))


def _full_date(match: re.Match[str], now: date) -> Days:
    month, day = _month_number(match), int(match["day"])
    return a_day(date(int(match["year"]), month, day)) if match["year"] else recent_day(month, day, now)


def _of_month(match: re.Match[str], now: date) -> Days:
    month = _month_number(match)
    days = a_month(int(match["year"]), month) if match["year"] else recent_month(month, now)
    return third(days, PARTS[match["part"].lower()]) if match["part"] else days


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


def _weekday_of_week(match: re.Match[str], now: date) -> Days:
    monday = week_of(now)[0] + timedelta(days=7 * _STEPS[match["step"].lower()])
    return a_day(monday + timedelta(days=DAYS.index(match["weekday"].lower())))


def _weekdays_ago(match: re.Match[str], now: date) -> Days:
    """Return "three Fridays ago", and "the Friday before last"."""
    count = _number(match["count"].lower().removeprefix("a ")) if match["count"] else 2
    last = recent_weekday(DAYS.index(match["weekday"].lower()), now)[0]
    return a_day(last - timedelta(days=7 * (int(count) - 1)))


def _months(match: re.Match[str], now: date) -> Days:
    """Return the months from one to another: in the year that is named, or the last that have begun."""
    first, last = _month_number(match, "from"), _month_number(match, "month")
    end = a_month(int(match["year"]), last) if match["year"] else recent_month(last, now)
    year = end[0].year - (first > last)
    return a_month(int(match["since"]) if match["since"] else year, first)[0], end[1]


def _days_of_month(match: re.Match[str], now: date) -> Days:
    month, first, day = _month_number(match), int(match["from"]), int(match["day"])
    end = a_day(date(int(match["year"]), month, day)) if match["year"] else recent_day(month, day, now)
    return date(end[0].year, month, first), end[1]


def _years(match: re.Match[str], now: date) -> Days:
    first, last = int(match["from"]), int(match["year"])
    if not first < last <= first + 50:
        raise ValueError(match[0])
    return date(first, 1, 1), date(last + 1, 1, 1)


def _of_quarter(match: re.Match[str], now: date) -> Days:
    quarter = int(match["number"]) if match["number"] else _QUARTERS[match["nth"].lower()]
    return a_quarter(int(match["year"]), quarter) if match["year"] else recent_quarter(quarter, now)


def _feast(match: re.Match[str], now: date) -> Days:
    month, day, length = _FEASTS[match["feast"].lower().replace("’", "'")]
    first = date(int(match["year"]), month, day) if match["year"] else recent_day(month, day, now)[0]
    return first, first + timedelta(days=length)


def _figures(match: re.Match[str], now: date) -> Days:
    """Return 24.12.2022, and 12/24/2022 where only one number can be the month."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    if match["mark"] == "." or first > 12:
        return a_day(date(year, second, first))
    if second > 12 or first == second:
        return a_day(date(year, first, second))
    raise ValueError(match[0])


def _weekend(match: re.Match[str], now: date) -> Days:
    """Return the last weekend; this one once it has begun."""
    return weekend_of(now if now.weekday() >= DAYS.index("saturday") else now - timedelta(days=7))


def _few_ago(match: re.Match[str], now: date) -> Days:
    """Return days around "a few days ago", and what a number says otherwise."""
    if "few" in match["count"].lower() and match["unit"].lower() == "day":
        return now - timedelta(days=6), now - ONE
    return ago(_number(match["count"].lower().removeprefix("a ")), match["unit"].lower(), now)


_FIXED: Final = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0, "yesterday": -1,
    "last night": -1, "night before last": -2, "day before yesterday": -2, "tomorrow": 1, "day after tomorrow": 2,
}  # fmt: skip


def _pattern(text: str, *, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{text})(?![\w-])", flags)


def _year_part(match: re.Match[str]) -> Days:
    part = match["part"] or match["early"]
    days = a_year(int(match["year"]))
    return third(days, PARTS[part.lower()]) if part else days


def _decade(match: re.Match[str], now: date) -> Days:
    year = 10 * int(match["decade"]) if match["decade"] else 1900 + 10 * int(match["short"])
    days = date(year, 1, 1), date(year + 10, 1, 1)
    return third(days, PARTS[match["part"].lower()]) if match["part"] else days


# No English date is without one of these words or a figure.
SIGNS: Final = frozenset(
    [*MONTHS, *(name[:3] for name in MONTHS), "sept", *DAYS, *_SEASONS, *_STEPS, "today", "tonight", "yesterday",
     "tomorrow", "morning", "afternoon", "evening", "ago", "earlier", "back", "past", "day", "days", "week", "weeks",
     "month", "months", "year", "years", "fortnight", "decade", "decades", "quarter", "weekend", "past", "coming",
     "christmas", "halloween", "valentine's", "valentine", "boxing", *(f"{name}s" for name in DAYS)]
)  # fmt: skip

ENGLISH: Final[Patterns] = (
    (_pattern(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
     lambda m, now: a_day(date(int(m["year"]), int(m["month"]), int(m["day"])))),
    (_pattern(rf"(?P<first>\d\d?)(?P<mark>[./])(?P<second>\d\d?)(?P=mark){_YEAR}(?![./]\d)"), _figures),
    (_pattern(rf"(?:(?:between|from) )?(?:the )?(?P<from>[12]?\d|3[01])(?:st|nd|rd|th)? ?(?:-|–|to|and|until|till) ?"
              rf"(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?"), _days_of_month),
    (_pattern(rf"(?:(?:between|from) )?{_MONTH} (?P<from>[12]?\d|3[01])(?:st|nd|rd|th)? ?(?:-|–|to|and|until|till) ?"
              rf"(?:the )?{_DAY}(?:,? {_YEAR})?"), _days_of_month),
    (_pattern(rf"(?:between|from) (?P<from>{_MONTH_NAMES}) (?:(?P<since>(?:19|20)\d\d) )?(?:and|to|until|till|through) "
              rf"{_FULL}(?:,? (?:of )?{_YEAR})?"), _months),
    (_pattern(rf"(?:between|from|in) (?P<from>(?:19|20)\d\d) ?(?:and|to|until|till|through|-|–) ?{_YEAR}"), _years),
    (_pattern(rf"(?:in |during |over )?(?:the )?(?:(?P<nth>{'|'.join(_QUARTERS)}) quarter|Q(?P<number>[1-4]),?) "
              rf"(?:of )?{_YEAR}"), _of_quarter),
    (_pattern(r"(?:in |during )?the (?P<nth>first|second|third|fourth) quarter(?P<number>(?!))?(?P<year>(?!))?"),
     _of_quarter),
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
    (_pattern(rf"(?:this |the )?(?:past|(?P<step>(?!))) {_WEEKDAY}"), _named_weekday),
    (_pattern(rf"(?:this |the )?coming {_WEEKDAY}(?P<step>(?!))?"),
     lambda m, now: a_day(recent_weekday(DAYS.index(m["weekday"].lower()), now + timedelta(days=7))[0])),
    (_pattern(rf"(?P<step>(?!))?(?:on )?(?<!every )(?<!each ){_WEEKDAY}"), _named_weekday),
    (_pattern(rf"(?:on )?(?:the )?{_WEEKDAY} (?:of )?(?P<step>last|this|next) week"), _weekday_of_week),
    (_pattern(rf"{_COUNT} {_WEEKDAY}s ago"), _weekdays_ago),
    (_pattern(rf"(?:on )?the {_WEEKDAY} before last(?P<count>(?!))?"), _weekdays_ago),
    (_pattern(rf"(?P<step>last|previous|this|next) {_SPAN}"),
     lambda m, now: moved(_STEPS[m["step"].lower()], m["unit"].lower(), now)),
    (_pattern(rf"the {_SPAN} before last"), lambda m, now: moved(-2, m["unit"].lower(), now)),
    (_pattern(rf"(?P<edge>beginning|start|middle|end) of the {_SPAN}"),
     lambda m, now: third(moved(0, m["unit"].lower(), now), PARTS[m["edge"].lower()])),
    (_pattern(r"(?:over|on|at) the weekend|(?:this|the) past weekend"), _weekend),
    (_pattern(r"(?:last|at|over|on|for|since|this past|around|by|during) (?P<feast>" + _FEAST_NAMES + ")"
              rf"(?! (?:tree|card|market|song|carol|present|gift))(?: (?:of )?{_YEAR})?"), _feast),
    (_pattern(rf"{_FEAST},? (?:of )?{_YEAR}"), _feast),
    (_pattern(r"(?:the )?(?:day before yesterday|night before last|day after tomorrow)|today|tonight"
              r"|this (?:morning|afternoon|evening)|yesterday|last night|tomorrow"),
     lambda m, now: moved(_FIXED[m[0].lower().removeprefix("the ")], "day", now)),
    (_pattern(rf"(?:about |around |almost |over |some )?(?:(?P<one>an?) (?P<unit>week|month|year) and a half|"
              rf"{_COUNT} and a half (?P<units>week|month|year)s) (?:ago|earlier|back)"),
     lambda m, now: ago(_number((m["one"] or m["count"]).lower()) + 0.5, (m["unit"] or m["units"]).lower(), now)),
    (_pattern(rf"(?:about |around |almost |over |some )?(?:a )?{_COUNT} {_UNIT} (?:ago|earlier|back)"), _few_ago),
    (_pattern(rf"(?:a )?{_COUNT} {_UNIT} from (?:now|today)"),
     lambda m, now: ago(-_number(m["count"].lower()), m["unit"].lower(), now)),
    (_pattern(rf"in (?:a )?{_COUNT} {_UNIT}(?:['’] time| time)?(?! ago)"),
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
    (_pattern(rf"(?P<early>(?!))?(?P<part>early|mid|late)[ -]{_YEAR}"), lambda m, now: _year_part(m)),
    (_pattern(r"(?:the )?(?:(?P<part>early|mid|late)[ -])?(?P<decade>(?:19|20)\d)0['’]?s(?P<short>(?!))?"), _decade),
    (_pattern(r"the (?:(?P<part>early|mid|late)[ -])?['’]?(?P<short>[2-9])0['’]?s(?P<decade>(?!))?"), _decade),
)  # fmt: skip
