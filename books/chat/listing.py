"""The conversations of a reader as a list: searched, the pinned ones first, then day by day, the archived ones last."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from books.chat.finding import Filter, found, snippet
from books.models import Conversation
from mindory_web.accounts.models import Reader

MOST: Final = 300  # conversations in one list
_MARKS: Final = re.compile(r"\s*\[\d{1,3}\]|[*_`#>]+")
_CUT: Final = re.compile(r"^[^\s\u2e80-\uffff]{0,3}[.,;:!?]\s+")  # the end of a sentence that is not shown


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation, and the words around what was looked for."""

    talk: Conversation
    snippet: str


@dataclass(slots=True)
class Group:
    """Some conversations under one heading."""

    title: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of conversations. `is_found`: it was searched, so nothing is folded."""

    groups: Sequence[Group]
    archived: Sequence[Line]
    is_found: bool

    @property
    def lines(self) -> list[Line]:
        """All of them, as they stand."""
        return [*(line for group in self.groups for line in group.lines), *self.archived]


def listed(reader: Reader, *, book: int | None = None, words: str = "") -> Listed:
    """Return the reader's conversations with `book` (None: all) in which `words` were said, grouped by day."""
    talks = found(reader, Filter(book=book, words=words)).select_related("book", "collection")
    talks = talks.defer("book__contents", "book__details")
    lines = [Line(one, _plain(snippet(one))) for one in talks[:MOST]]
    shown = [line for line in lines if not line.talk.is_archived]
    archived = [line for line in lines if line.talk.is_archived]
    return Listed(_groups(shown), archived, is_found=bool(words.strip()))


def _plain(words: str) -> str:
    """Return a snippet without marks of Markdown and chips, from the first whole word on."""
    return _CUT.sub("…", _MARKS.sub("", words), count=1)


def _groups(lines: Iterable[Line]) -> list[Group]:
    """Group conversations that come latest first."""
    pinned, groups = Group(_("Pinned")), list[Group]()
    for line in lines:
        if line.talk.is_pinned:
            pinned.lines.append(line)
            continue
        title = _day(line.talk)
        if not groups or groups[-1].title != title:
            groups.append(Group(title))
        groups[-1].lines.append(line)
    return [pinned, *groups] if pinned.lines else groups


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
