"""The pages of accounts: settings, the first visit, an invitation, the language."""

from typing import cast

from allauth.account.adapter import get_adapter
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from mindory_web.accounts import (
    deleting,
    emails,
    first_admin,
    forms,
    invitations,
    keys,
    likings,
    offline,
    sessions,
    settings_page,
)
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict, Invalid
from mindory_web.lib.limits import spend

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
A_YEAR = 60 * 60 * 24 * 365


@require_safe
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """Show the reader's settings."""
    return settings_page.show(request)


@require_POST
@login_required
def name(request: HttpRequest) -> HttpResponse:
    """Change the name that is shown."""
    form = forms.NameForm(request.POST, instance=cast(Reader, request.user))
    if not form.is_valid():
        return settings_page.show(request, status=422, name_form=form)
    form.save()
    return _saved(request, _("Saved."))


@sensitive_post_parameters("password")
@require_POST
@login_required
def email(request: HttpRequest) -> HttpResponse:
    """Change the e-mail address."""
    form = forms.EmailForm(request.POST)
    if form.is_valid():
        try:
            is_done = emails.change(request, cast(Reader, request.user), **form.cleaned_data)
        except Invalid as refused:
            form.add_error(refused.details["field"], str(refused))
        else:
            return _saved(request, _("Saved.") if is_done else _("A link was sent to the new address. Open it there."))
    return settings_page.show(request, status=422, email_form=form)


@require_POST
@login_required
def look(request: HttpRequest) -> HttpResponse:
    """Change language and theme."""
    form = forms.LookForm(request.POST)
    if not form.is_valid():
        return settings_page.show(request, status=422, look_form=form)
    language, theme = form.cleaned_data["language"], form.cleaned_data["theme"]
    _keep_language(request, language)
    likings.like(cast(Reader, request.user), {"theme": theme})
    response = redirect("settings")
    if theme:
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=site.HTTPS)
    else:
        response.delete_cookie("theme")
    return response


@require_POST
@login_required
def reading(request: HttpRequest) -> HttpResponse:
    """Change how the pages of books look, or forget it."""
    reader = cast(Reader, request.user)
    if "forget" in request.POST:
        likings.forget(reader)
        return _saved(request, _("Forgotten. Books look as Mindory sets them."), "reading")
    form = forms.ReadingForm(request.POST)
    if not form.is_valid():
        return settings_page.show(request, status=422, reading_form=form)
    likings.like(reader, form.likings())
    return _saved(request, _("Saved."), "reading")


@require_POST
@login_required
def talks(request: HttpRequest) -> HttpResponse:
    """Change how conversations begin."""
    form = forms.TalkForm(request.POST, instance=cast(Reader, request.user))
    if not form.is_valid():
        return settings_page.show(request, status=422, talk_form=form)
    form.save()
    return _saved(request, _("Saved."), "talks")


@require_POST
@login_required
def device(request: HttpRequest) -> HttpResponse:
    """Say whether this browser keeps what is read, for when there is no connection."""
    response = _saved(request, _("Saved."), "device")
    if "keep" in request.POST:
        response.delete_cookie(offline.COOKIE)
    else:
        response.set_cookie(offline.COOKIE, "off", max_age=A_YEAR, samesite="Lax", secure=site.HTTPS)
    return response


@sensitive_post_parameters("password")
@require_POST
@login_required
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the reader's own account with everything."""
    reader = cast(Reader, request.user)
    spend(f"leave:{reader.pk}", limit=10, seconds=600)
    form = forms.LeaveForm(request.POST, reader=reader)
    if form.is_valid():
        try:
            deleting.delete_reader(None, reader)
        except Conflict as refused:
            form.add_error(None, str(refused))
        else:
            logout(request)
            return offline.clear(render(request, "account/left.html"))
    return settings_page.show(request, status=422, leave_form=form)


@require_POST
@login_required
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one sign-in."""
    sessions.end(cast(Reader, request.user), number)
    return _saved(request, _("Signed out there."))


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every other sign-in."""
    sessions.end_others(cast(Reader, request.user), session_key=request.session.session_key)
    return _saved(request, _("Signed out everywhere else."))


@require_POST
@login_required
def make_key(request: HttpRequest) -> HttpResponse:
    """Make an API key and show it once: the answer holds it, nothing stores it, so this is no redirect."""
    form = forms.KeyForm(request.POST)
    if form.is_valid():
        try:
            _key, secret = keys.make(
                cast(Reader, request.user), form.cleaned_data["name"], days=form.cleaned_data["days"]
            )
        except Invalid as refused:
            form.add_error("name", str(refused))
        else:
            return settings_page.show(request, status=201, secret=secret)
    return settings_page.show(request, status=422, key_form=form)


@require_POST
@login_required
def revoke_key(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke an API key."""
    keys.revoke(cast(Reader, request.user), number)
    return _saved(request, _("Revoked. The key opens nothing from now on."))


@require_POST
@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation and show its link once."""
    form = forms.InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation, link = invitations.invite(cast(Reader, request.user), email=form.cleaned_data["email"])
        except Invalid as refused:
            form.add_error("email", str(refused))
        else:
            is_sent = invitations.send(invitation, link)
            return settings_page.show(request, status=201, link=link, invitation=invitation, is_sent=is_sent)
    return settings_page.show(request, status=422, invite_form=form)


@require_POST
@login_required
def withdraw_invitation(request: HttpRequest, number: int) -> HttpResponse:
    """Take an invitation back."""
    invitations.withdraw(cast(Reader, request.user), number)
    return _saved(request, _("Withdrawn. The link opens nothing from now on."))


@never_cache
@require_GET
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an invitation: remember it for this visitor and go to the sign-up form, leaving the token behind."""
    spend(f"invitation:{get_adapter().get_client_ip(request)}", limit=30, seconds=60)
    found = invitations.find(token)
    if found is None or site.SIGNUP == "closed":
        return render(request, "account/invitation_ended.html", status=404)
    request.session[invitations.SESSION_KEY] = found.pk
    if found.email:
        get_adapter().stash_verified_email(request, found.email)
    return redirect("account_signup")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Make the first admin with the link from the terminal."""
    if first_admin.has_admin():
        return redirect("/")
    spend(f"setup:{get_adapter().get_client_ip(request)}", limit=60, seconds=60)
    token = request.POST.get("token", request.GET.get("token", ""))
    form = forms.FirstAdminForm(request.POST if request.method == "POST" else None)
    if not first_admin.opens(token):
        return render(request, "setup.html", {"form": None, "was_given": bool(token)}, status=403 if token else 200)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "setup.html", {"form": form, "token": token}, status=status)
    admin = first_admin.make_admin(token, **form.cleaned_data)
    login(request, admin, backend=BACKEND)
    return redirect("/")


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Choose the language: a cookie for this browser, and the reader's own choice when signed in."""
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(site.LANGUAGES):
        _keep_language(request, code)
    return set_language(request)


def _keep_language(request: HttpRequest, code: str) -> None:
    reader = cast(Reader, request.user)
    reader.language = code
    reader.save(update_fields=["language"])


def _saved(request: HttpRequest, sentence: str, section: str = "") -> HttpResponse:
    messages.success(request, sentence)
    return redirect(f"{reverse('settings')}{'#' if section else ''}{section}")
