"""Loaded by `-p tests.plugin`, before pytest-django reads the settings: starts the real services once."""

from tests import services

services.start()
