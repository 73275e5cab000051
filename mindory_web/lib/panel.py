"""What every page of the admin panel shares: nothing is added or deleted behind the back of its verbs."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold import decorators
from unfold.admin import ModelAdmin

from mindory_web.lib.errors import MindoryError

F = TypeVar("F", bound=Callable[..., Any])


def display(**how: Any) -> Callable[[F], F]:
    """Mark a method as a column; `how` is unfold's (description, ordering, label, boolean)."""
    return cast(Callable[[F], F], decorators.display(**how))


def action(**how: Any) -> Callable[[F], F]:
    """Mark a method as an action on chosen rows."""
    return cast(Callable[[F], F], decorators.action(**how))


class Panel(ModelAdmin):  # type: ignore[misc]
    """A list to read and to act on. Rows are made, changed and deleted by the verbs of their app only."""

    list_per_page = 50
    show_full_result_count = False
    list_disable_select_all = True
    compressed_fields = True
    list_fullwidth = True
    has_pages = False  # whether a row has a page of its own

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the verbs."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are changed by actions; Django asks this for actions on the list as well."""
        return obj is None and bool(super().has_change_permission(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Show the list, and one row's page where there is one."""
        return (obj is None or self.has_pages) and bool(super().has_view_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are deleted by the verbs, which know what belongs to them."""
        return False

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        """Link rows that have a page."""
        return super().get_list_display_links(request, list_display) if self.has_pages else None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Fetch with the list what its columns show, in a fixed number of queries."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows

    def carry_out(self, request: HttpRequest, rows: Iterable[Any], verb: Callable[[Any], object]) -> None:
        """Do `verb` to each row; say how many went well and why others did not."""
        done, refusals = 0, []
        for row in rows:
            try:
                verb(row)
            except MindoryError as refusal:
                refusals.append(f"{row}: {refusal}")
            else:
                done += 1
        if done:
            self.message_user(
                request, ngettext("Done for %(n)s.", "Done for %(n)s.", done) % {"n": done}, messages.SUCCESS
            )
        for sentence in refusals[:10]:
            self.message_user(request, sentence, messages.WARNING)
        if len(refusals) > 10:
            more = _("and %(n)s more were refused") % {"n": len(refusals) - 10}
            self.message_user(request, more, messages.WARNING)


def moment(field: str, description: Any) -> Callable[[Any], str]:
    """Return a column that shows a time exactly and short: 2026-11-22 14:05."""

    @display(description=description, ordering=field)
    def column(row: Any) -> str:
        at = getattr(row, field)
        return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else "–"

    return column


def ago(moment: Any) -> str:
    """Return how long ago something was, short: 40 s, 12 min, 3 h, 5 d."""
    return lasting(timezone.now() - moment) if moment else "–"


def lasting(span: timedelta) -> str:
    """Return a length of time, short."""
    seconds = max(0, int(span.total_seconds()))
    for length, words in ((86400, _("%(n)s d")), (3600, _("%(n)s h")), (60, _("%(n)s min"))):
        if seconds >= length:
            return words % {"n": seconds // length}
    return _("%(n)s s") % {"n": seconds}
