"""Read settings from the environment, and refuse what is not understood.

A wrong value stops the start with one sentence that names the variable (`BadSetting`);
no value is ever guessed.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

TRUE: Final = {"1", "true", "yes", "on"}
FALSE: Final = {"0", "false", "no", "off"}


class BadSetting(SystemExit):
    """A setting that cannot be used. Printed as its sentence; the process ends with exit code 1."""


class Env:
    """Typed look-ups in one mapping, normally `os.environ`. An empty value counts as unset."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = os.environ if values is None else values

    def text(self, name: str, default: str = "") -> str:
        """Return the value, or `default` when it is unset or empty."""
        return self._values.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a yes/no setting; anything but the usual words is refused."""
        word = self.text(name).lower()
        if not word:
            return default
        if word in TRUE | FALSE:
            return word in TRUE
        raise BadSetting(f"{name}={self.text(name)!r} is not yes or no. Use one of: true, false.")

    def whole(self, name: str, default: int, *, at_least: int = 0, at_most: int = 2**31) -> int:
        """Return a whole number between two bounds, both allowed."""
        word = self.text(name)
        if not word:
            return default
        if not word.isascii() or not word.isdigit() or not at_least <= int(word) <= at_most:
            raise BadSetting(f"{name}={word!r} must be a whole number from {at_least} to {at_most}.")
        return int(word)

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """Return one of `options`."""
        word = self.text(name, default)
        if word not in options:
            raise BadSetting(f"{name}={word!r} is not known. Use one of: {', '.join(options)}.")
        return word

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Return a comma-separated list."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()] or list(default)

    def path(self, name: str, default: Path) -> Path:
        """Return an absolute path."""
        return Path(self.text(name) or default).expanduser().resolve()
