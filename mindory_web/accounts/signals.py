"""What follows from a saved reader."""

from typing import Any

from mindory_web.accounts import sessions
from mindory_web.accounts.models import Reader


def end_sessions_of_closed(sender: type[Reader], instance: Reader, **kwargs: Any) -> None:
    """End every session of an account that is saved as not active, whoever saved it."""
    if not instance.is_active and instance.pk is not None:
        sessions.end_all(instance)
