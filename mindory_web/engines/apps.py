"""Configuration of the engines app."""

from django.apps import AppConfig


class Engines(AppConfig):
    """The engines app."""

    name = "mindory_web.engines"
    label = "engines"
