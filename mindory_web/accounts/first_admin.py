"""The first visit: a one-time link makes the first admin, and exactly one."""

from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mindory_web.accounts import audit, tokens
from mindory_web.accounts.models import Reader, SetupLink
from mindory_web.lib.errors import Conflict

PURPOSE: Final = "setup"
LASTS: Final = timedelta(days=7)
_LOCK: Final = 0x6D696E64  # any constant number of our own, for pg_advisory_xact_lock


class SetUpAlready(Conflict):
    """There is an admin, or the link was used or is too old."""

    code = "set_up_already"


def has_admin() -> bool:
    """Say whether there is an admin. A deactivated one counts: links from a terminal must not replace them."""
    return Reader.objects.filter(is_superuser=True).exists()


def link() -> str | None:
    """Make a new link, valid for a week, and return its address; None when there is an admin."""
    if has_admin():
        return None
    SetupLink.objects.filter(created_at__lt=timezone.now() - LASTS).delete()
    token = tokens.make()
    SetupLink.objects.create(digest=tokens.digest(token, purpose=PURPOSE))
    return f"{settings.URL}{reverse('setup')}?token={token}"


def opens(token: str) -> bool:
    """Say whether `token` may make the first admin now."""
    return bool(token) and _links(token).exists() and not has_admin()


def make_admin(token: str, *, username: str, email: str, password: str) -> Reader:
    """Make the first admin. Of several visitors at once exactly one succeeds; the others get SetUpAlready."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if not opens(token):
            raise SetUpAlready(_("This link was used already, or is too old. Sign in, or print a new one."))
        admin = Reader.objects.create_superuser(username, email.lower(), password)
        EmailAddress.objects.create(user=admin, email=admin.email, primary=True, verified=True)
        SetupLink.objects.all().delete()
        audit.record(admin, "admin.first", admin.username)
    return admin


def _links(token: str) -> QuerySet[SetupLink]:
    digest = tokens.digest(token, purpose=PURPOSE)
    return SetupLink.objects.filter(digest=digest, created_at__gt=timezone.now() - LASTS)
