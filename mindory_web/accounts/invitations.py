"""Invitations: a link that lets one person sign up, once, within a week."""

import smtplib
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.mail import send_mail
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mindory_web.accounts import audit, tokens
from mindory_web.accounts.models import Invitation, Reader
from mindory_web.lib.errors import Conflict, Invalid, NotAllowed, NotFound

log = structlog.get_logger(__name__)

PURPOSE: Final = "invitations"
LASTS: Final = timedelta(days=7)
SESSION_KEY: Final = "invitation"


def invite(made_by: Reader | None, *, email: str = "") -> tuple[Invitation, str]:
    """Make an invitation and return it with its link, which is shown once. With `email` only that address may use it.

    `made_by` is an admin, or None for the command line.
    """
    if made_by is not None and not made_by.is_admin:
        raise NotAllowed(_("Only an admin may invite."))
    if settings.SIGNUP == "closed":
        raise Invalid(_("Sign-up is closed on this server (MINDORY_SIGNUP), so an invitation would open nothing."))
    email = email.strip().lower()
    if email and Reader.objects.filter(email__iexact=email).exists():
        raise Invalid(_("A reader with this e-mail address is here already."))
    token = tokens.make()
    invitation = Invitation.objects.create(
        digest=tokens.digest(token, purpose=PURPOSE),
        email=email,
        made_by=made_by,
        expires_at=timezone.now() + LASTS,
    )
    audit.record(made_by, "invitation.made", invitation.pk, email=email)
    return invitation, f"{settings.URL}{reverse('invitation', args=[token])}"


def send(invitation: Invitation, link: str) -> bool:
    """Send the link to the invited address and say whether it went out. Without a mail server nothing is sent."""
    if not invitation.email or not settings.EMAIL_URL:
        return False
    words = render_to_string("account/email/invitation.txt", {"link": link, "days": LASTS.days})
    try:
        send_mail(_("[Mindory] You are invited to a library"), words, None, [invitation.email])
    except (smtplib.SMTPException, OSError) as error:
        log.warning("invitation not sent", invitation=invitation.pk, error=str(error))
        return False
    return True


def find(token: str) -> Invitation | None:
    """Return the invitation that `token` opens, while it can be used."""
    return usable().filter(digest=tokens.digest(token, purpose=PURPOSE)).first()


def waiting(session: SessionBase) -> Invitation | None:
    """Return the invitation that this visitor opened and has not used yet."""
    number = session.get(SESSION_KEY)
    return usable().filter(pk=number).first() if isinstance(number, int) else None


def use(invitation: Invitation, reader: Reader) -> None:
    """Spend the invitation on `reader`. Of several at once one succeeds, the others get Conflict."""
    # No join: the conditions of a plain UPDATE are looked at again after waiting for the row, a subquery's are not.
    now = timezone.now()
    unused = Invitation.objects.filter(pk=invitation.pk, used_at=None, expires_at__gt=now)
    taken = unused.update(used_at=now, used_by=reader)
    if not taken:
        raise Conflict(_("This invitation was used already, or has ended. Ask for a new one."))
    audit.record(reader, "invitation.used", invitation.pk)


def withdraw(admin: Reader, invitation_id: int) -> None:
    """Take an unused invitation back: its link opens nothing from now on."""
    if not admin.is_admin:
        raise NotAllowed(_("Only an admin may do this."))
    gone, _each = Invitation.objects.filter(pk=invitation_id, used_at=None).delete()
    if not gone:
        raise NotFound(_("There is no such open invitation."))
    audit.record(admin, "invitation.withdrawn", invitation_id)


def usable() -> QuerySet[Invitation]:
    """Return the invitations that still open the door. One of a deactivated admin does not."""
    return Invitation.objects.filter(
        Q(made_by=None) | Q(made_by__is_active=True), used_at=None, expires_at__gt=timezone.now()
    )
