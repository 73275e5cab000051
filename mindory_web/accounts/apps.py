"""Configuration of the accounts app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """The accounts app."""

    name = "mindory_web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """See to it that a closed account loses its sessions, whoever closes it."""
        from django.db.models.signals import post_save  # all of these need the apps to be loaded

        from mindory_web.accounts.models import Reader
        from mindory_web.accounts.signals import end_sessions_of_closed

        post_save.connect(end_sessions_of_closed, sender=Reader, dispatch_uid="accounts.closed")
