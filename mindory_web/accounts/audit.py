"""The record of what admins did. Append-only: nothing here changes or removes an entry."""

from typing import Any

import structlog

from mindory_web.accounts.models import Deed, Reader

log = structlog.get_logger(__name__)


def record(actor: Reader | None, action: str, subject: object, **details: Any) -> Deed:
    """Write down that `actor` (None: the command line) did `action` to `subject`, and return the entry.

    `action` is a stable dotted word (`invitation.made`); `details` must fit into JSON and hold no secret
    and nothing a reader wrote.
    """
    deed = Deed.objects.create(
        actor=actor, action=action[:64], subject=f"{subject}".replace("\0", "")[:200], details=details
    )
    log.info("deed", action=deed.action, subject=deed.subject, actor=actor.pk if actor else None)
    return deed
