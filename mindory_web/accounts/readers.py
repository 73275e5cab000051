"""What an admin does to a reader's account. Every verb is written down."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from mindory_web.accounts import audit, sessions
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict

LEAVING: Final = "!leaving"  # in the place of the password of an account that is being deleted (deleting.py)


def deactivate(actor: Reader | None, reader: Reader) -> None:
    """Close an account: no sign-in, no key, no session. Its books stay. The last admin cannot be closed."""
    with transaction.atomic():
        keep_an_admin(besides=reader)
        reader.is_active = False
        reader.save(update_fields=["is_active"])
        sessions.end_all(reader)
    audit.record(actor, "reader.deactivated", reader.username)


def activate(actor: Reader | None, reader: Reader) -> None:
    """Open a closed account again. One that is being deleted stays closed."""
    is_opened = Reader.objects.filter(pk=reader.pk).exclude(password=LEAVING).update(is_active=True)
    if not is_opened:
        raise Conflict(_("This account is being deleted already."))
    reader.is_active = True
    audit.record(actor, "reader.activated", reader.username)


def set_role(actor: Reader | None, reader: Reader, *, is_admin: bool) -> None:
    """Make a reader an admin, or an admin a reader."""
    with transaction.atomic():
        if not is_admin:
            keep_an_admin(besides=reader)
        reader.is_staff = reader.is_superuser = is_admin
        reader.save(update_fields=["is_staff", "is_superuser"])
    audit.record(actor, "reader.role", reader.username, role="admin" if is_admin else "reader")


def keep_an_admin(*, besides: Reader) -> None:
    """Refuse to lose the last admin. The admins stay locked until the caller's transaction ends."""
    admins = Reader.objects.select_for_update().filter(is_active=True, is_staff=True, is_superuser=True)
    if [admin.pk for admin in admins] == [besides.pk]:
        raise Conflict(_("This is the last admin. Make another one first."))
