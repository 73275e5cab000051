"""What was prepared last: as long as nothing it depends on has changed, a start skips that work."""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from mindory_web.embedded.site import BASE

PACKAGES = ("mindory_web", "books", "memory", "frontend")
LOCK = "requirements.lock"


def fingerprint(data: Path, *, base: Path = BASE, environment: Mapping[str, str] = os.environ) -> str:
    """Return a word for the code, the settings and the database cluster as they are now.

    Files count by size and time, so that this takes milliseconds. Settings count by a hash: no secret is kept.
    """
    seen = hashlib.sha256(sys.version.encode())
    for line in (*_settings(environment), *_files(base), *cluster(data), str((data / "static").exists())):
        seen.update(line.encode() + b"\n")
    return seen.hexdigest()


def is_kept(data: Path, name: str, word: str) -> bool:
    """Say whether this very word was kept under `name` last."""
    try:
        return (data / name).read_text(encoding="utf-8") == word
    except FileNotFoundError:
        return False


def keep(data: Path, name: str, word: str) -> None:
    """Keep a word under a name: the work it stands for is done."""
    (data / name).write_text(word, encoding="utf-8")


def forget(data: Path) -> None:
    """Let the next start do everything again."""
    for name in ("prepared", "has_admin"):
        (data / name).unlink(missing_ok=True)


def cluster(data: Path) -> Iterator[str]:
    """Yield what tells this database cluster from another one under the same name."""
    made = data / "postgres" / "PG_VERSION"
    if made.exists():
        found = made.stat()
        yield f"{found.st_ino} {found.st_mtime_ns}"


def _settings(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(environment.items()):
        if name.startswith("MINDORY_") or name in {"DATABASE_URL", "REDIS_URL"}:
            yield f"{name}={value}"


def _files(base: Path) -> Iterator[str]:
    for package in (*PACKAGES, LOCK):
        yield from _below(base / package)


def _below(path: Path) -> Iterator[str]:
    if path.is_dir():
        with os.scandir(path) as entries:
            inside = sorted((entry.name, entry.path) for entry in entries)
        for name, place in inside:
            if name != "__pycache__":
                yield from _below(Path(place))
    elif path.exists():
        found = path.stat()
        yield f"{path} {found.st_size} {found.st_mtime_ns}"
