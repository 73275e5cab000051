"""Readers, their keys and sessions, invitations, and the audit log, for admins."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mindory_web.accounts import audit, deleting, invitations, readers, sessions
from mindory_web.accounts.keys import revoke
from mindory_web.accounts.models import ApiKey, Deed, Invitation, Reader
from mindory_web.lib.errors import MindoryError
from mindory_web.lib.panel import Panel, action, ago, display, moment

for foreign in (Group, EmailAddress, UserSession):
    if admin.site.is_registered(foreign):
        admin.site.unregister(foreign)


def _each(model: type[Any], value: str, of: str) -> Any:
    """Return `value` summed or counted over the rows of `model` that belong to the outer row (no join explosion)."""
    rows = model.objects.filter(**{of: OuterRef("pk")}).order_by().values(of)
    total = Count("pk") if value == "*" else Sum(value)
    return Coalesce(Subquery(rows.annotate(total=total).values("total")), 0, output_field=IntegerField())


@admin.register(Reader)
class ReaderPanel(Panel):
    """Readers: who they are, how much they keep, whether they may come in."""

    list_display = (
        "username",
        "email",
        "role",
        "status",
        "books_kept",
        "stored",
        "signed_in",
        "last_here",
        moment("date_joined", gettext_lazy("joined")),
    )
    list_filter = ("is_active", "is_superuser")
    search_fields = ("username", "email")
    ordering = ("-is_superuser", "username")
    fields = ("username", "email", "language", "is_superuser", "is_active", "last_login", "date_joined")
    readonly_fields = ("is_superuser", "is_active", "last_login", "date_joined")
    actions = ("deactivate", "activate", "make_admin", "make_reader", "end_sessions", "delete_readers")
    has_pages = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Names and addresses can be corrected."""
        return bool(super(Panel, self).has_change_permission(request, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reader]:
        """Fetch the numbers of every row in one query."""
        books = Reader._meta.get_field("books").related_model
        living = UserSession.objects.filter(user=OuterRef("pk"))
        found: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                book_total=_each(books, "*", "owner"),
                byte_total=_each(books, "file_size", "owner"),
                session_total=_each(UserSession, "*", "user"),
                seen=Subquery(living.order_by("-last_seen_at").values("last_seen_at")[:1]),
            )
        )
        return found

    def save_model(self, request: HttpRequest, obj: Reader, form: "ModelForm[Reader]", change: bool) -> None:
        """Save, and write down which fields were changed (not to what)."""
        super().save_model(request, obj, form, change)
        audit.record(_me(request), "reader.changed", obj.pk, fields=form.changed_data)

    @display(description=gettext_lazy("role"), ordering="is_superuser", label={"admin": "primary", "reader": ""})
    def role(self, reader: Reader) -> tuple[str, str]:
        """Show the role."""
        return ("admin", _("Admin")) if reader.is_admin else ("reader", _("Reader"))

    @display(description=gettext_lazy("account"), ordering="is_active", label={"open": "success", "closed": "danger"})
    def status(self, reader: Reader) -> tuple[str, str]:
        """Show whether the account is open."""
        if deleting.is_leaving(reader):
            return "closed", _("Being deleted")
        return ("open", _("Open")) if reader.is_active else ("closed", _("Closed"))

    @display(description=gettext_lazy("books"), ordering="book_total")
    def books_kept(self, reader: Any) -> int:
        """Show the number of books."""
        return int(reader.book_total)

    @display(description=gettext_lazy("stored"), ordering="byte_total")
    def stored(self, reader: Any) -> str:
        """Show the size of the files."""
        return filesizeformat(reader.byte_total)

    @display(description=gettext_lazy("sessions"), ordering="session_total")
    def signed_in(self, reader: Any) -> int:
        """Show in how many places the reader is signed in."""
        return int(reader.session_total)

    @display(description=gettext_lazy("last here"), ordering="seen")
    def last_here(self, reader: Any) -> str:
        """Show when the reader was last seen."""
        return ago(reader.seen)

    @action(description=gettext_lazy("Close accounts and end their sessions"))
    def deactivate(self, request: HttpRequest, rows: QuerySet[Reader]) -> None:
        """Close accounts."""
        self.carry_out(request, rows, lambda reader: readers.deactivate(_me(request), reader))

    @action(description=gettext_lazy("Open accounts again"))
    def activate(self, request: HttpRequest, rows: QuerySet[Reader]) -> None:
        """Open accounts."""
        self.carry_out(request, rows, lambda reader: readers.activate(_me(request), reader))

    @action(description=gettext_lazy("Make admin"))
    def make_admin(self, request: HttpRequest, rows: QuerySet[Reader]) -> None:
        """Let readers use this panel."""
        self.carry_out(request, rows, lambda reader: readers.set_role(_me(request), reader, is_admin=True))

    @action(description=gettext_lazy("Make reader"))
    def make_reader(self, request: HttpRequest, rows: QuerySet[Reader]) -> None:
        """Take the panel away from admins."""
        self.carry_out(request, rows, lambda reader: readers.set_role(_me(request), reader, is_admin=False))

    @action(description=gettext_lazy("End all sessions"))
    def end_sessions(self, request: HttpRequest, rows: QuerySet[Reader]) -> None:
        """Sign readers out everywhere."""

        def end(reader: Reader) -> None:
            ended = sessions.end_all(reader)
            audit.record(_me(request), "reader.sessions_ended", reader.username, ended=ended)

        self.carry_out(request, rows, end)

    @action(description=gettext_lazy("Delete readers with everything…"))
    def delete_readers(self, request: HttpRequest, rows: QuerySet[Reader]) -> HttpResponse | None:
        """Delete readers, after a page that says what goes with them."""
        if request.POST.get("sure") != "yes":
            told = {**self.admin_site.each_context(request), "readers": list(rows), "title": _("Delete readers")}
            return render(request, "admin/delete_readers.html", told)
        self.carry_out(request, rows, lambda reader: deleting.delete_reader(_me(request), reader))
        return None


@admin.register(Invitation)
class InvitationPanel(Panel):
    """Invitations: made here or on the settings page; the link is shown once."""

    list_display = (
        "number",
        "email",
        "status",
        "made_by",
        "used_by",
        moment("created_at", gettext_lazy("made")),
        moment("expires_at", gettext_lazy("ends")),
    )
    list_filter = (("used_at", admin.EmptyFieldListFilter),)
    list_select_related = ("made_by", "used_by")
    search_fields = ("email",)
    ordering = ("-created_at",)
    fields = ("email",)
    actions = ("withdraw",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Admins invite."""
        return bool(super(Panel, self).has_add_permission(request))

    def save_model(self, request: HttpRequest, obj: Invitation, form: "ModelForm[Invitation]", change: bool) -> None:
        """Make the invitation and show its link, once."""
        made, link = invitations.invite(_me(request), email=obj.email)
        is_sent = invitations.send(made, link)
        obj.__dict__.update(made.__dict__)
        sentence = (
            _("The link was sent. It is: %(link)s") if is_sent else _("Pass this link on, it is shown once: %(link)s")
        )
        self.message_user(request, sentence % {"link": link}, messages.SUCCESS)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave the record to the audit log."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go back to the list."""
        return redirect("admin:accounts_invitation_changelist")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form; a refusal is told on the list."""
        try:
            answer: HttpResponse = super().add_view(request, form_url, extra_context)
        except MindoryError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:accounts_invitation_changelist")
        return answer

    @display(description=gettext_lazy("invitation"), ordering="pk")
    def number(self, invitation: Invitation) -> str:
        """Show its number."""
        return f"#{invitation.pk}"

    @display(description=gettext_lazy("state"), label={"open": "success", "used": "", "ended": "warning"})
    def status(self, invitation: Invitation) -> tuple[str, str]:
        """Show whether it still opens the door."""
        if invitation.used_at:
            return "used", _("Used")
        return ("open", _("Open")) if invitation.expires_at > timezone.now() else ("ended", _("Ended"))

    @action(description=gettext_lazy("Withdraw"))
    def withdraw(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        """Take unused invitations back."""
        self.carry_out(request, rows, lambda row: invitations.withdraw(_me(request), row.pk))


@admin.register(ApiKey)
class ApiKeyPanel(Panel):
    """Keys of programs. What is kept opens nothing, and is not shown either."""

    list_display = (
        "name",
        "prefix",
        "reader",
        "status",
        moment("created_at", gettext_lazy("made")),
        moment("last_used_at", gettext_lazy("last used")),
        moment("expires_at", gettext_lazy("ends")),
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("reader",)
    search_fields = ("name", "prefix", "reader__username")
    ordering = ("-created_at",)
    actions = ("revoke_keys",)

    @display(description=gettext_lazy("state"), label={"open": "success", "revoked": "danger", "ended": "warning"})
    def status(self, key: ApiKey) -> tuple[str, str]:
        """Show whether it still opens something."""
        if key.revoked_at:
            return "revoked", _("Revoked")
        is_over = key.expires_at is not None and key.expires_at <= timezone.now()
        return ("ended", _("Ended")) if is_over else ("open", _("Usable"))

    @action(description=gettext_lazy("Revoke"))
    def revoke_keys(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        """End keys at once."""

        def end(key: ApiKey) -> None:
            revoke(key.reader, key.pk)
            audit.record(_me(request), "key.revoked", key.prefix, reader=key.reader.username)

        self.carry_out(request, rows.select_related("reader"), end)


@admin.register(UserSession)
class SessionPanel(Panel):
    """Where readers are signed in."""

    list_display = (
        "user",
        "device",
        "ip",
        moment("created_at", gettext_lazy("since")),
        moment("last_seen_at", gettext_lazy("last seen")),
        "is_alive",
    )
    list_select_related = ("user",)
    search_fields = ("user__username", "ip")
    ordering = ("-last_seen_at",)
    actions = ("end_them",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch with each row whether its session is still there."""
        alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
        found: QuerySet[Any] = super().get_queryset(request).annotate(stands=Exists(alive))
        return found

    @display(description=gettext_lazy("device"))
    def device(self, session: Any) -> str:
        """Say what kind of browser it is."""
        return sessions.device(session.user_agent)

    @display(description=gettext_lazy("open"), boolean=True, ordering="stands")
    def is_alive(self, session: Any) -> bool:
        """Say whether it still opens something."""
        return bool(session.stands)

    @action(description=gettext_lazy("End sessions"))
    def end_them(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """End sessions at once."""

        def end(session: Any) -> None:
            audit.record(_me(request), "session.ended", session.user.username, ip=session.ip)
            session.end()

        self.carry_out(request, rows.select_related("user"), end)


@admin.register(Deed)
class DeedPanel(Panel):
    """The audit log: read only, for admins too."""

    list_display = (moment("at", gettext_lazy("when")), "who", "action", "subject", "more")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("subject", "action", "actor__username")
    date_hierarchy = "at"
    list_display_links = None

    @display(description=gettext_lazy("who"), ordering="actor__username")
    def who(self, deed: Deed) -> str:
        """Name the admin, also one whose account is deleted since, or the command line."""
        if deed.action == "reader.deleted" and not deed.details:
            return deed.subject  # their own deed
        return str(deed.actor or deed.details.get("by") or _("Command line"))

    @display(description=gettext_lazy("details"))
    def more(self, deed: Deed) -> str:
        """Show what belongs to it."""
        return ", ".join(f"{name}: {value}" for name, value in deed.details.items()) or "–"


def _me(request: HttpRequest) -> Reader:
    assert isinstance(request.user, Reader)
    return request.user
