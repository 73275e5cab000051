"""What an admin does to a reader's account. Every verb is written down."""

from django.db import transaction
from django.utils.translation import gettext as _

from mindory_web.accounts import audit, sessions
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Conflict


def deactivate(actor: Reader | None, reader: Reader) -> None:
    """Close an account: no sign-in, no key, no session. Its books stay. The last admin cannot be closed."""
    with transaction.atomic():
        _keep_an_admin(besides=reader)
        reader.is_active = False
        reader.save(update_fields=["is_active"])
        sessions.end_all(reader)
    audit.record(actor, "reader.deactivated", reader.username)


def activate(actor: Reader | None, reader: Reader) -> None:
    """Open a closed account again."""
    reader.is_active = True
    reader.save(update_fields=["is_active"])
    audit.record(actor, "reader.activated", reader.username)


def set_role(actor: Reader | None, reader: Reader, *, is_admin: bool) -> None:
    """Make a reader an admin, or an admin a reader."""
    with transaction.atomic():
        if not is_admin:
            _keep_an_admin(besides=reader)
        reader.is_staff = reader.is_superuser = is_admin
        reader.save(update_fields=["is_staff", "is_superuser"])
    audit.record(actor, "reader.role", reader.username, role="admin" if is_admin else "reader")


def _keep_an_admin(*, besides: Reader) -> None:
    admins = Reader.objects.select_for_update().filter(is_active=True, is_staff=True, is_superuser=True)
    if [admin.pk for admin in admins] == [besides.pk]:
        raise Conflict(_("This is the last admin. Make another one first."))
