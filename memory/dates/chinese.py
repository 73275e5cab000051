"""Dates in Chinese."""

import re
from datetime import date, timedelta
from typing import Final

from memory.dates.calendar import (
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

_DIGITS: Final = {**{figure: number for number, figure in enumerate("〇一二三四五六七八九")}, "零": 0, "两": 2, "兩": 2}
_ZH_NUMBER: Final = "[0-9]{1,4}|[〇零一二两兩三四五六七八九十]{1,4}"
_ZH_COUNT: Final = f"(?P<count>[一二两三四五六七八九]?百|{_ZH_NUMBER}|几)"
_ZH_UNITS: Final = {
    "天": "day",
    "日": "day",
    "周": "week",
    "週": "week",
    "星期": "week",
    "礼拜": "week",
    "月": "month",
    "年": "year",
}
_ZH_UNIT: Final = "(?:个|個)?(?P<unit>天|周|週|星期|礼拜|月|年)"
_ZH_YEARS: Final = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_ZH_YEAR: Final = (
    "(?:(?P<named>大前年|前年|去年|今年|明年|后年)|(?P<year>(?:19|20)[0-9]{2}|[一二][〇零九一二三四五六七八]{3})年)的?"
)
_ZH_SEASONS: Final = {"春": 0, "夏": 1, "秋": 2, "冬": 3}
_ZH_DAYS: Final = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "昨夜": -1, "昨日": -1, "今天": 0, "今日": 0, "今早": 0,
    "今晚": 0, "明天": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
SATURDAY: Final = 5
# What stands after a month or a year and means a part of it.
CHINESE_EDGE: Final = re.compile("(?:上旬|中旬|下旬|年?初|年?底|年?末)")
CHINESE_PARTS: Final = {"上": 0, "初": 0, "中": 1, "下": 2, "底": 2, "末": 2, "年": 2}
WHOLE: Final = ("月", "月份")
_ZH_TO: Final = "(?:到|至|-|—|~)"
_ZH_FEASTS: Final = {
    "元旦": (1, 1, 1), "情人节": (2, 14, 1), "妇女节": (3, 8, 1), "五一": (5, 1, 5), "劳动节": (5, 1, 5),
    "儿童节": (6, 1, 1), "教师节": (9, 10, 1), "国庆": (10, 1, 7), "万圣节": (10, 31, 1),
    "平安夜": (12, 24, 1), "圣诞": (12, 24, 3),
}  # fmt: skip
_ZH_STEPS: Final = {"上": -1, "这": 0, "本": 0, "下": 1}


def _chinese_number(text: str) -> int:
    """Return 12 for "12", 十二 and 一二; 2023 for 二〇二三; 100 for 百 and 一百."""
    if text == "几":
        return 3
    if text.isascii():
        return int(text)
    if text.endswith("百"):
        return 100 * (_DIGITS[text[0]] if len(text) > 1 else 1)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[figure]) for figure in text))


def _chinese_year(match: re.Match[str], now: date) -> int:
    return now.year + _ZH_YEARS[match["named"]] if match["named"] else _chinese_number(match["year"])


def _chinese_date(match: re.Match[str], now: date) -> Days:
    year = _chinese_year(match, now)
    if match["month"] is None:
        return a_year(year)
    month = _chinese_number(match["month"])
    return a_day(date(year, month, _chinese_number(match["day"]))) if match["day"] else a_month(year, month)


def _chinese_season(match: re.Match[str], now: date) -> Days:
    season = _ZH_SEASONS[match["season"]]
    if match["named"] or match["year"]:
        return a_season(_chinese_year(match, now), season)
    this = this_season(season, now)
    return this if this[0] <= now else last_season(season, now)


def _chinese_week(match: re.Match[str], now: date) -> Days:
    there = now + timedelta(days=7 * sum(_ZH_STEPS[step] for step in match["step"]))
    if not match["weekday"]:
        return week_of(there)
    if match["weekday"] == "末":
        return weekend_of(there)
    return a_day(week_of(there)[0] + timedelta(days=_weekday(match["weekday"])))


def _chinese_weekday(match: re.Match[str], now: date) -> Days:
    """Return the last such day; a weekend is this one once it has begun."""
    if match["weekday"] != "末":
        return recent_weekday(_weekday(match["weekday"]), now)
    return weekend_of(now if now.weekday() >= SATURDAY else now - timedelta(days=7))


def _chinese_months(match: re.Match[str], now: date) -> Days:
    first, last = _chinese_number(match["from"]), _chinese_number(match["month"])
    is_told = match["named"] or match["year"]
    end = a_month(_chinese_year(match, now), last) if is_told else recent_month(last, now)
    return a_month(end[0].year - (first > last and not is_told), first)[0], end[1]


def _chinese_days(match: re.Match[str], now: date) -> Days:
    month, first, day = (_chinese_number(match[name]) for name in ("month", "from", "day"))
    is_told = match["named"] or match["year"]
    end = a_day(date(_chinese_year(match, now), month, day)) if is_told else recent_day(month, day, now)
    return date(end[0].year, month, first), end[1]


def _chinese_years(match: re.Match[str], now: date) -> Days:
    first, last = _chinese_number(match["from"]), _chinese_number(match["last"])
    if not first < last <= first + 50:
        raise ValueError(match[0])
    return date(first, 1, 1), date(last + 1, 1, 1)


def _chinese_quarter(match: re.Match[str], now: date) -> Days:
    if match["step"]:
        return moved(_ZH_STEPS[match["step"]], "quarter", now)
    quarter = "一二三四1234".index(match["quarter"]) % 4 + 1
    return (
        a_quarter(_chinese_year(match, now), quarter)
        if match["named"] or match["year"]
        else recent_quarter(quarter, now)
    )


def _chinese_half(match: re.Match[str], now: date) -> Days:
    half = 1 if match["half"] == "上" else 3
    is_told = match["named"] or match["year"]
    year = _chinese_year(match, now) if is_told else recent_quarter(half, now)[0].year
    return a_quarter(year, half)[0], a_quarter(year, half + 1)[1]


def _chinese_feast(match: re.Match[str], now: date) -> Days:
    month, day, length = _ZH_FEASTS[match["feast"]]
    is_told = match["named"] or match["year"]
    first = date(_chinese_year(match, now), month, day) if is_told else recent_day(month, day, now)[0]
    return first, first + timedelta(days=length)


def _chinese_edge(match: re.Match[str], now: date) -> Days:
    """Return the last 年底 or 月初 that has begun."""
    unit, part = "year" if match["unit"] == "年" else "month", CHINESE_PARTS[match["part"]]
    this = third(moved(0, unit, now), part)
    return this if this[0] <= now else third(moved(-1, unit, now), part)


def _chinese_decade(match: re.Match[str], now: date) -> Days:
    century = 1900 if match["century"] in {None, "二十", "20"} else 2000
    year = century + _chinese_number(match["decade"])
    return date(year, 1, 1), date(year + 10, 1, 1)


def _weekday(figure: str) -> int:
    return min("一二三四五六日天".index(figure), 6)


def _chinese_month(match: re.Match[str], now: date) -> Days:
    start, end = a_month(now.year, now.month + sum(_ZH_STEPS[step] for step in match["step"]))
    if not match["day"]:
        return start, end
    found = start + timedelta(days=_chinese_number(match["day"]) - 1)
    if not start <= found < end:
        raise ValueError(match[0])
    return a_day(found)


def _chinese_ago(match: re.Match[str], now: date) -> Days:
    if match["count"] == "几" and match["unit"] == "天" and match["side"] == "前":
        return now - timedelta(days=6), now - ONE
    count = _chinese_number(match["count"]) + (0.5 if match["half"] else 0.0)
    return ago(count if match["side"] == "前" else -count, _ZH_UNITS[match["unit"]], now)


CHINESE: Final[Patterns] = (
    (re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)(?!\d)"),
     lambda m, now: a_day(date(int(m["year"]), int(m["month"]), int(m["day"])))),
    (re.compile(f"(?:{_ZH_YEAR})?(?P<from>{_ZH_NUMBER})月份?{_ZH_TO}(?P<month>{_ZH_NUMBER})月份?(?![0-9一二三四五六七八九十])"),
     _chinese_months),
    (re.compile(f"(?:{_ZH_YEAR})?(?P<month>{_ZH_NUMBER})月(?P<from>{_ZH_NUMBER})[日号號]?{_ZH_TO}(?P<day>{_ZH_NUMBER})[日号號]"),
     _chinese_days),
    (re.compile(f"(?P<from>(?:19|20)[0-9]{{2}})年?{_ZH_TO}(?P<last>(?:19|20)[0-9]{{2}})年"), _chinese_years),
    (re.compile(f"(?:{_ZH_YEAR})?(?:第?(?P<quarter>[一二三四1-4])|(?P<step>[上这本下])(?:个|個)?)季度"),
     _chinese_quarter),
    (re.compile(f"(?:{_ZH_YEAR})?(?P<half>[上下])半年"), _chinese_half),
    (re.compile(f"(?:{_ZH_YEAR})?(?P<feast>{'|'.join(_ZH_FEASTS)})(?:节|假期|长假)?(?![路村广蛋树])"),
     _chinese_feast),
    (re.compile("(?<![0-9〇零一二三四五六七八九去前今明后年月个這这本上下正腊])(?P<unit>[年月])(?P<part>[初底末])"),
     _chinese_edge),
    (re.compile("(?:(?P<century>二十一?|2[01])世纪)?(?P<decade>[二三四五六七八九]十|[2-9]0)年代"), _chinese_decade),
    (re.compile(f"{_ZH_YEAR}(?:(?P<month>{_ZH_NUMBER})月(?:份)?(?:(?P<day>{_ZH_NUMBER})[日号號])?)?"), _chinese_date),
    (re.compile(f"{_ZH_YEAR}(?P<part>年?初|年?中|年?底|年?末)"),
     lambda m, now: third(a_year(_chinese_year(m, now)), {"初": 0, "中": 1}.get(m["part"][-1], 2))),
    (re.compile(f"(?:{_ZH_YEAR})(?P<season>[春夏秋冬])[天季]?(?!节)"), _chinese_season),
    (re.compile("(?P<named>(?!))?(?P<year>(?!))?(?:这个|那个|在)?(?P<season>[春夏秋冬])[天季]"), _chinese_season),
    (re.compile("去年|前年"), lambda m, now: a_year(now.year + _ZH_YEARS[m[0]])),
    (re.compile(f"(?P<month>{_ZH_NUMBER})月(?:份)?(?P<day>{_ZH_NUMBER})[日号號]"),
     lambda m, now: recent_day(_chinese_number(m["month"]), _chinese_number(m["day"]), now)),
    (re.compile(f"(?<![0-9个個几〇零一二两三四五六七八九十])(?P<month>{_ZH_NUMBER})月份?(?![大小])"),
     lambda m, now: recent_month(_chinese_number(m["month"]), now)),
    (re.compile("(?P<step>[上下]{1,2}|这|本)(?:个|個)?(?:周|週|星期|礼拜)(?P<weekday>[一二三四五六日天末])?"),
     _chinese_week),
    (re.compile("(?<![上下这本个周期拜每])(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"),
     _chinese_weekday),
    (re.compile(f"(?P<step>[上下]{{1,2}}|这|本)(?:个|個)?月(?:(?P<day>{_ZH_NUMBER})[日号號])?"), _chinese_month),
    (re.compile("大前天|前天|昨天|昨晚|昨夜|昨日|今天|今日|今早|今晚|明天|明早|明晚|大后天|后天"),
     lambda m, now: a_day(now + timedelta(days=_ZH_DAYS[m[0]]))),
    (re.compile(f"{_ZH_COUNT}(?:个|個)?{_ZH_UNIT}(?P<half>半)?多?(?:以|之)?(?P<side>前|后)"), _chinese_ago),
    (re.compile("半(?:个|個)?(?P<unit>月|年)多?(?:以|之)?前"), lambda m, now: ago(0.5, _ZH_UNITS[m["unit"]], now)),
    (re.compile("前(?:几|两|些)天"), lambda m, now: (now - timedelta(days=6), now - ONE)),
    (re.compile("这几天"), lambda m, now: (now - timedelta(days=6), now + ONE)),
    (re.compile("(?:最近|过去|近)(?:的|这)?半(?:个|個)?(?P<unit>月|年)"),
     lambda m, now: since(0.5, _ZH_UNITS[m["unit"]], now)),
    (re.compile(f"(?:最近|过去|近)(?:的|这)?{_ZH_COUNT}{_ZH_UNIT}"),
     lambda m, now: since(_chinese_number(m["count"]), _ZH_UNITS[m["unit"]], now)),
    (re.compile(f"(?<![0-9月第])(?P<day>{_ZH_NUMBER})[号號](?![线楼房门院店机桌座])"),
     lambda m, now: day_of_month(_chinese_number(m["day"]), now)),
)  # fmt: skip
