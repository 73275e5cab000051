"""What the settings page shows."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mindory_web.accounts import forms, invitations, keys, offline, sessions
from mindory_web.accounts.models import Invitation, Reader


def show(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    """Render the settings of the reader who asks; `told` are forms with errors, or a secret shown this once."""
    reader = request.user
    assert isinstance(reader, Reader)
    context = {
        **blank_forms(request, reader),
        "sign_ins": sessions.sign_ins(reader, session_key=request.session.session_key),
        "keys": keys.usable(reader).order_by("-created_at"),
        "invitations": open_invitations(reader),
        "keeps": offline.keeps(request),
        **told,
    }
    response = render(request, "settings/settings.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def blank_forms(request: HttpRequest, reader: Reader) -> dict[str, BaseForm]:
    """Return every form of the page as it is before anything was sent."""
    return {
        "name_form": forms.NameForm(instance=reader),
        "email_form": forms.EmailForm(),
        "look_form": forms.LookForm(
            initial={"language": reader.language, "theme": request.COOKIES.get("theme", "")},
        ),
        "reading_form": forms.ReadingForm(initial={**reader.reading, "keys": reader.reading.get("keys") != "off"}),
        "talk_form": forms.TalkForm(instance=reader),
        "leave_form": forms.LeaveForm(),
        "key_form": forms.KeyForm(),
        "invite_form": forms.InviteForm(),
    }


def open_invitations(reader: Reader) -> list[Invitation]:
    """Return the invitations an admin may withdraw; a reader sees none."""
    if not reader.is_admin:
        return []
    return list(invitations.usable().select_related("made_by").order_by("-created_at")[:100])
