"""The data directory belongs to one running Mindory, has room, and was not made by a newer one."""

import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mindory_web.embedded.processes import StartFailed
from mindory_web.version import DATA_SCHEMA, VERSION

MEGABYTE = 1024 * 1024
ROOM_FIRST = 300 * MEGABYTE  # a new Postgres cluster takes about 60 MB, its log up to 64 MB before it is reused
ROOM_LATER = 100 * MEGABYTE
OURS = {"VERSION", "lock", "secret_key", "postgres", "redis", "files", "static", "logs", "run", "pids", "models"}


class AlreadyRunning(StartFailed):
    """Someone holds the directory: a running Mindory, or a backup under way."""


@contextmanager
def claimed(data: Path, *, who: str) -> Iterator[None]:
    """Hold the directory until the block ends; the kernel lets go of it when the process is killed.

    `who` is said to whoever asks for the same directory meanwhile ("answers at http://...").
    """
    _look(data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(_already_running(data, lock.fileno())) from error
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "who": who}))
        lock.flush()
        _write_version(data)
        yield
        lock.truncate(0)


def check_room(data: Path, *, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free) -> None:
    """Refuse to start on a disk that is full or nearly so."""
    place = next(path for path in (data, *data.parents) if path.exists())
    needed = ROOM_LATER if (data / "postgres" / "PG_VERSION").exists() else ROOM_FIRST
    if (found := free(place)) < needed:
        raise StartFailed(
            f"The disk that holds {data} has {found // MEGABYTE} MB free and Mindory needs "
            f"{needed // MEGABYTE} MB to start: make room, or choose another place with MINDORY_DATA."
        )


def sentence(error: OSError, data: Path) -> str:
    """Say in one sentence what the operating system refused while starting."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {data} is full: make room, or choose another place with MINDORY_DATA."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"Mindory may not write to {error.filename or data} as this user: "
            "start it as the user who made the data, or choose another place with MINDORY_DATA."
        )
    return f"{error.strerror or error}: {error.filename or data}."


def _look(data: Path) -> None:
    """Refuse a place that is not a directory, not ours, or from the future. Changes nothing."""
    if data.exists() and not data.is_dir():
        raise StartFailed(f"MINDORY_DATA={data} is not a directory.")
    names = {path.name for path in data.iterdir()} if data.exists() else set()
    if names and not names & OURS:
        raise StartFailed(f"The directory {data} holds other things: give Mindory one of its own with MINDORY_DATA.")
    if "VERSION" in names:
        told = (data / "VERSION").read_text(encoding="utf-8", errors="replace")
        schema = re.match(r"(\d+)", told)
        if schema is None or int(schema[1]) > DATA_SCHEMA:
            raise StartFailed(
                f"The data in {data} was made by a newer Mindory ({told.strip() or 'unknown'}; this is "
                f"{DATA_SCHEMA}, Mindory {VERSION}): start that one, or choose another place with MINDORY_DATA."
            )
    check_room(data)


def _write_version(data: Path) -> None:
    """Say who wrote here last. A whole file takes the place of the old one, also when the disk fills up."""
    told = f"{DATA_SCHEMA}, Mindory {VERSION}\n"
    path, fresh = data / "VERSION", data / ".VERSION.new"
    if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != told:
        fresh.write_text(told, encoding="utf-8")
        fresh.replace(path)


def _already_running(data: Path, lock: int) -> str:
    try:
        told = json.loads(os.pread(lock, 4096, 0))
        return f"Mindory is already running on {data} (process {told['pid']}, {told['who']})."
    except (ValueError, KeyError):
        return f"Mindory is already running on {data}."
