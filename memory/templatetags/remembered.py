"""How much is remembered, for the links of every page."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.translation import gettext, pgettext

from memory import browsing

register = template.Library()


@register.simple_tag(takes_context=True)
def remembered_count(context: Mapping[str, Any]) -> int:
    """Return how many things Mindory remembers about who looks at the page."""
    return browsing.count(context["request"].user.pk)


@register.filter
def day(moment: datetime | date | None) -> str:
    """Write a day as people do: without the year when it is this one."""
    if moment is None:
        return ""
    on = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    is_this_year = on.year == timezone.localdate().year
    return formats.date_format(on, "MONTH_DAY_FORMAT" if is_this_year else "DATE_FORMAT")


@register.simple_tag
def interval(since: datetime | None, until: datetime | None) -> str:
    """Write from when to when something was so; one day is one day."""
    begin, end = day(since), day(until)
    if not end or begin == end:
        return begin
    return gettext("%(since)s to %(until)s") % {"since": begin, "until": end}


@register.filter
def month(on: date) -> str:
    """Write a month in short, for a mark of the rail: with its year when that is not this one."""
    is_this_year = on.year == timezone.localdate().year
    short, long = pgettext("format of a month", "M"), pgettext("format of a month", "M Y")
    return formats.date_format(on, short if is_this_year else long)


@register.filter
def today(wish: browsing.Wish) -> str:
    """Return the same wish as of today, as an address has it."""
    return wish.but(on=None).query()


@register.filter
def firsts(pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return the first of each pair: the books of (book, number)."""
    return [pair[0] for pair in pairs]


@register.filter
def alone(thing: int) -> list[int]:
    """Return a list of one thing."""
    return [thing]
