"""Configuration of the accounts app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """The accounts app."""

    name = "mindory_web.accounts"
    label = "accounts"
