"""`manage.py licences`: write the table of third-party packages and their licences (docs/third-party.md)."""

import re
from importlib import metadata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

HEAD = """# Third-party packages

Mindory is AGPL-3.0-or-later. These are the packages that `requirements.lock` installs, with the licence each
one declares; made by `manage.py licences`. Nothing is vendored; the scripts of the admin and of the API handbook
come inside their packages.

| package | version | licence |
|---|---|---|
"""
SHORT = 60  # characters: some packages put their whole licence text into the field


class Command(BaseCommand):
    """Write docs/third-party.md from what is locked and installed."""

    help = "Write docs/third-party.md: every locked package, its version and its licence."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file; packages that are locked for other systems only are listed without details."""
        rows = [_row(name, version) for name, version in locked(settings.BASE_DIR / "requirements.lock")]
        (settings.BASE_DIR / "docs" / "third-party.md").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(rows)} packages listed.")


def locked(path: Path) -> list[tuple[str, str]]:
    """Return (name, version) of every package in a lock file, by name."""
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", path.read_text(encoding="utf-8"), re.M)))


def _row(name: str, version: str) -> str:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return f"| {name} | {version} | (not needed on the system this list was made on) |"
    return f"| {name} | {version} | {_licence(about)} |"


def _licence(about: Any) -> str:
    declared = about.get("License-Expression") or ""
    classifiers = [c.rsplit(" :: ", 1)[-1] for c in about.get_all("Classifier") or [] if c.startswith("License :: ")]
    text = declared or ", ".join(classifiers) or (about.get("License") or "").strip().splitlines()[0:1]
    text = text if isinstance(text, str) else "".join(text)
    return (text or "see the package")[:SHORT].replace("|", "/")
