"""Configuration of the accounts app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """The accounts app."""

    name = "mindory_web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Close the side doors: the admin's own sign-in page goes to ours, a closed account loses its sessions."""
        from allauth.account.decorators import secure_admin_login  # needs the apps to be loaded
        from django.contrib import admin
        from django.db.models.signals import post_save

        from mindory_web.accounts.models import Reader
        from mindory_web.accounts.signals import end_sessions_of_closed

        admin.site.login = secure_admin_login(admin.site.login)
        post_save.connect(end_sessions_of_closed, sender=Reader, dispatch_uid="accounts.closed")
