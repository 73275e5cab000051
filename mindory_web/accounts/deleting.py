"""Delete a reader with everything they have.

The account is closed at once, in one transaction, and marked: from then on nothing opens it. What belongs to it is
deleted piece by piece afterwards, by the reaper, and the row goes last. So a process that is killed anywhere, or a
server that is away, costs a repetition: what is left is found by the mark.
"""

from typing import Final

import structlog
from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from mindory_web.accounts import audit, sessions
from mindory_web.accounts.models import Invitation, Reader
from mindory_web.accounts.readers import LEAVING, keep_an_admin
from mindory_web.lib.errors import Conflict

log = structlog.get_logger(__name__)

AT_ONCE: Final = 5  # readers in one round

# Sent for a reader who leaves, outside of any transaction: whoever keeps things of theirs that do not go with the row
# (files, vectors, rows that need a verb) deletes them now. It may be sent again, and it is answered by doing the rest.
leaving = Signal()


def delete_reader(actor: Reader | None, reader: Reader) -> None:
    """Close an account for good and have everything of it deleted within moments. The last admin cannot go."""
    with transaction.atomic():
        keep_an_admin(besides=reader)
        there = Reader.objects.select_for_update().filter(pk=reader.pk).exclude(password=LEAVING).first()
        if there is None:
            raise Conflict(_("This account is being deleted already."))
        there.is_active = False
        there.password = LEAVING
        there.save(update_fields=["is_active", "password"])
        sessions.end_all(there)
        there.api_keys.all().delete()
        there.invitations.filter(used_at=None).delete()  # made by nobody they would open the door again
        Invitation.objects.filter(used_by=there).update(email="")
        by = {} if actor is None else {"by": actor.username}
        audit.record(actor, "reader.deleted", there.username, **by)


def is_leaving(reader: Reader) -> bool:
    """Say whether this account is being deleted."""
    return bool(reader.password == LEAVING)


def finish() -> int:
    """Delete what is left of readers who leave. Several processes may do so at once. Returns how many are gone."""
    gone = 0
    for reader in Reader.objects.filter(is_active=False, password=LEAVING).order_by("pk")[:AT_ONCE]:
        leaving.send(Reader, reader=reader)
        gone += _delete_row(reader.pk)
    return gone


def _delete_row(pk: int) -> int:
    with transaction.atomic():
        reader = Reader.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if reader is None:
            return 0
        for deed in reader.deeds.all():  # what an admin did stays, with the name
            deed.details = {**deed.details, "by": reader.username}
            deed.save(update_fields=["details"])
        reader.delete()
    log.info("reader_deleted", reader=pk)
    return 1
