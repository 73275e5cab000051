"""The conversations of a reader as a list: searched, the pinned ones first, then day by day, the archived ones last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from books.chat import talk
from books.models import Conversation
from mindory_web.accounts.models import Reader

MOST: Final = 300  # conversations in one list
LONGEST_SEARCH: Final = 200  # characters


@dataclass(slots=True)
class Group:
    """Some conversations under one heading."""

    title: str
    talks: list[Conversation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of conversations. `is_found`: it was searched, so nothing is folded."""

    groups: Sequence[Group]
    archived: Sequence[Conversation]
    is_found: bool


def listed(reader: Reader, *, book: int | None = None, words: str = "") -> Listed:
    """Return the reader's conversations with `book` (None: all) in which `words` were said, grouped by day."""
    wanted = words.replace("\0", "").strip()[:LONGEST_SEARCH]
    found = list(_with(talk.conversations(reader, book=book), wanted).select_related("book", "collection")[:MOST])
    shown = [one for one in found if not one.is_archived]
    return Listed(_groups(shown), [one for one in found if one.is_archived], is_found=bool(wanted))


def _with(talks: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    """Keep the conversations whose name, questions or answers have these words."""
    if not words:
        return talks
    said = Q(replies__question__icontains=words) | Q(replies__text__icontains=words)
    return talks.filter(pk__in=talks.order_by().filter(Q(title__icontains=words) | said).values("pk"))


def _groups(talks: Iterable[Conversation]) -> list[Group]:
    """Group conversations that come latest first."""
    pinned, groups = Group(_("Pinned")), list[Group]()
    for one in talks:
        if one.is_pinned:
            pinned.talks.append(one)
            continue
        title = _day(one)
        if not groups or groups[-1].title != title:
            groups.append(Group(title))
        groups[-1].talks.append(one)
    return [pinned, *groups] if pinned.talks else groups


def _day(one: Conversation) -> str:
    """Return the heading of a conversation's last day: the nearer, the finer."""
    then, today = timezone.localtime(one.updated_at).date(), timezone.localdate()
    if then >= today:
        return _("Today")
    if then == today - timedelta(days=1):
        return _("Yesterday")
    if then > today - timedelta(days=7):
        return date_format(then, "l")
    return date_format(then, "YEAR_MONTH_FORMAT")
