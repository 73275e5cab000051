"""Days, weeks, months, seasons and years, told from a day. Weeks begin on Monday, seasons are those of the north."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Days = tuple[date, date]  # [start, end)
Resolve = Callable[[re.Match[str], date], Days]
Patterns = tuple[tuple[re.Pattern[str], Resolve], ...]
ONE: Final = timedelta(days=1)


def a_day(day: date) -> Days:
    """Return one day."""
    return day, day + ONE


def week_of(day: date) -> Days:
    """Return the week that a day lies in."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def weekend_of(day: date) -> Days:
    """Return the weekend of the week that a day lies in."""
    saturday = week_of(day)[0] + timedelta(days=5)
    return saturday, saturday + timedelta(days=2)


def a_month(year: int, month: int) -> Days:
    """Return a month; one outside 1..12 lies in another year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def a_year(year: int) -> Days:
    """Return a year."""
    return date(year, 1, 1), date(year + 1, 1, 1)


def a_season(year: int, season: int) -> Days:
    """Return a season, 0 spring .. 3 winter; the winter of a year ends in the next one."""
    return date(year, 3 + 3 * season, 1) if season < 3 else date(year, 12, 1), (
        date(year, 6 + 3 * season, 1) if season < 2 else date(year, 12, 1) if season == 2 else date(year + 1, 3, 1)
    )


def a_quarter(year: int, quarter: int) -> Days:
    """Return a quarter of a year, 1..4; one outside lies in another year."""
    first = 3 * quarter - 2
    return a_month(year, first)[0], a_month(year, first + 2)[1]


def quarter_of(day: date) -> int:
    """Return the quarter that a day lies in, 1..4."""
    return (day.month + 2) // 3


def recent_quarter(quarter: int, now: date) -> Days:
    """Return the last such quarter that has begun."""
    return a_quarter(now.year if quarter <= quarter_of(now) else now.year - 1, quarter)


def last_season(season: int, now: date) -> Days:
    """Return the last one that is over."""
    return next(days for year in (now.year, now.year - 1, now.year - 2) if (days := a_season(year, season))[1] <= now)


def this_season(season: int, now: date) -> Days:
    """Return the one that is, or the one of this year."""
    before = a_season(now.year - 1, season)
    return before if before[0] <= now < before[1] else a_season(now.year, season)


def recent_month(month: int, now: date) -> Days:
    """Return the last such month that has begun."""
    return a_month(now.year if month <= now.month else now.year - 1, month)


def recent_day(month: int, day: int, now: date) -> Days:
    """Return the last such day that is not after today; the 29th of February is not in every year."""
    for year in range(now.year, now.year - 9, -1):
        if day <= (a_month(year, month)[1] - ONE).day and (found := date(year, month, day)) <= now:
            return a_day(found)
    raise ValueError(f"no {day}.{month}.")


def day_of_month(day: int, now: date) -> Days:
    """Return the last such day: of this month, or of one before that has it."""
    for back in range(3):
        start, end = a_month(now.year, now.month - back)
        found = start + timedelta(days=day - 1)
        if found < end and found <= now:
            return a_day(found)
    raise ValueError(f"no {day}. day")


def recent_weekday(weekday: int, now: date) -> Days:
    """Return the last such day before today."""
    return a_day(now - timedelta(days=(now.weekday() - weekday - 1) % 7 + 1))


def third(days: Days, part: int) -> Days:
    """Return the beginning, the middle or the end of some days."""
    start, end = days
    third = (end - start) // 3
    edges = (start, start + third, end - third, end)
    return edges[part], edges[part + 1]


def ago(count: float, unit: str, now: date) -> Days:
    """Return what "3 weeks ago" means: as exact as the unit and the count are. A negative count lies ahead."""
    if unit == "decade":
        count, unit = 10 * count, "year"
    if unit == "year" and count % 1:
        count, unit = 12 * count, "month"
    if unit == "month" and count % 1:
        count, unit = 30.44 / 7 * count, "week"
    if unit == "fortnight":
        count, unit = 2 * count, "week"
    if unit == "day":
        return a_day(now - timedelta(days=round(count)))
    if unit == "week":
        middle = now - timedelta(days=round(7 * count))
        return middle - timedelta(days=3), middle + timedelta(days=4)
    if unit == "month":
        return a_month(now.year, now.month - round(count))
    return a_year(now.year - round(count))


def since(count: float, unit: str, now: date) -> Days:
    """Return what "the past 3 weeks" means: up to today."""
    days = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}[unit]
    return now - timedelta(days=round(count * days)), now + ONE


def moved(step: int, unit: str, now: date) -> Days:
    """Return the day, week, weekend, month, quarter or year that is `step` from this one."""
    if unit in {"week", "weekend"}:
        there = now + timedelta(days=7 * step)
        return week_of(there) if unit == "week" else weekend_of(there)
    if unit == "month":
        return a_month(now.year, now.month + step)
    if unit == "quarter":
        return a_quarter(now.year, quarter_of(now) + step)
    return a_year(now.year + step) if unit == "year" else a_day(now + timedelta(days=step))
