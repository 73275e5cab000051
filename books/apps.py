"""Configuration of the books app."""

from django.apps import AppConfig


class Books(AppConfig):
    """The books app."""

    name = "books"
    label = "books"
