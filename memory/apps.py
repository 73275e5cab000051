"""Configuration of the memory app."""

from django.apps import AppConfig


class Memory(AppConfig):
    """The memory app."""

    name = "memory"
    label = "memory"
