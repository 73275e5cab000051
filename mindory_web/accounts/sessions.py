"""The sign-ins of a reader: listed, and ended at once."""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _

from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound

# The first word found in a browser's description of itself wins: Chrome also calls itself Safari, Edge also Chrome.
BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl", "Python")
NAMES = {"Edg": "Edge", "OPR": "Opera"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")


@dataclass(frozen=True, slots=True)
class SignIn:
    """One place where a reader is signed in."""

    pk: int
    device: str
    ip: str
    since: datetime
    seen: datetime
    is_this: bool


def sign_ins(reader: Reader, *, session_key: str | None) -> list[SignIn]:
    """Return the reader's live sessions, the asking one first, then by when they were last seen."""
    rows = UserSession.objects.purge_and_list(reader)
    found = [
        SignIn(row.pk, device(row.user_agent), row.ip, row.created_at, row.last_seen_at, row.session_key == session_key)
        for row in rows
    ]
    return sorted(found, key=lambda one: (not one.is_this, -one.seen.timestamp()))


def end(reader: Reader, number: int) -> None:
    """End one of the reader's own sessions: its cookie opens nothing from now on."""
    row = UserSession.objects.filter(user=reader, pk=number).first()
    if row is None:
        raise NotFound(_("There is no such session."))
    row.end()


def end_others(reader: Reader, *, session_key: str | None) -> int:
    """End every session of the reader but the one that asks, and return how many there were."""
    rows = UserSession.objects.filter(user=reader).exclude(session_key=session_key)
    count = len(rows)
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    rows.delete()
    return count


def end_all(reader: Reader) -> int:
    """End every session of the reader."""
    return end_others(reader, session_key=None)


def device(user_agent: str) -> str:
    """Return a few words for a browser's description of itself."""
    browser = next((word for word in BROWSERS if word in user_agent), "")
    system = next((word for word in SYSTEMS if word in user_agent), "")
    browser = NAMES.get(browser, browser)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system.replace("Mac OS", "macOS")}
    return browser or re.split(r"[/ (]", user_agent.strip(), maxsplit=1)[0][:40] or _("Unknown program")
