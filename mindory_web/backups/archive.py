"""The file itself: a tar of numbered members and a manifest that says what each is, its size and its SHA-256.

Nothing is ever extracted by a name from inside the archive: members are read by number, and the place of a
book's file is taken from the manifest and checked part by part.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from mindory_web.lib.errors import MindoryError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LARGEST_MANIFEST: Final = 512 * 1024 * 1024  # bytes; about 200 a file
BLOCK: Final = 1024 * 1024
PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")  # of a path: never empty, hidden, "." or ".."


class BackupError(MindoryError):
    """A backup that cannot be made or restored."""

    code = "backup"
    status = 409


@dataclass(frozen=True, slots=True)
class Member:
    """One thing in the archive. `kind` is "database", "secret" or "file"; `path` is below MEDIA_ROOT, for files."""

    name: str
    kind: str
    size: int
    digest: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds and who made it."""

    version: str
    schema: int
    made_at: str
    migrations: list[str]
    counts: dict[str, int]
    members: list[Member] = field(default_factory=list)
    format: int = FORMAT


class Writer:
    """Writes one archive. Leaving without `finish` leaves nothing behind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._part.unlink(missing_ok=True)
        self._part.touch(mode=0o600, exist_ok=False)
        self._tar = tarfile.open(self._part, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (closed by __exit__)
        self._members: list[Member] = []

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()
        self._part.unlink(missing_ok=True)

    def add(self, source: Path, kind: str, *, path: str = "") -> None:
        """Add the bytes of `source` as the next member."""
        name = f"{len(self._members):08d}"
        with source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            self._put(name, stream, size)
        self._members.append(Member(name, kind, size, digest, path))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest last and give the archive its name."""
        manifest.members.extend(self._members)
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        self._put(MANIFEST, io.BytesIO(text), len(text))
        self._tar.close()
        self._part.replace(self._path)

    def _put(self, name: str, stream: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, stream)


class Reader:
    """Reads one archive, having checked all of it first."""

    def __init__(self, path: Path) -> None:
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 (closed by __exit__)
            # Of two members with one name the first counts, here and in the check.
            self._infos = {info.name: info for info in reversed(self._tar.getmembers()) if info.isreg()}
            self.manifest = _manifest(json.loads(self._bytes(MANIFEST)))
        except (tarfile.TarError, ValueError, TypeError, KeyError, EOFError) as error:
            raise BackupError(f"{path} is not a backup of Mindory, or its end is missing.") from error
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from error

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def check(self) -> None:
        """Read everything once and compare it with the manifest."""
        for member in self.manifest.members:
            if member.kind == "file":
                place(member.path)
            found, size = hashlib.sha256(), 0
            for block in self.blocks(member):
                found.update(block)
                size += len(block)
            if (found.hexdigest(), size) != (member.digest, member.size):
                raise BackupError(f"The backup is damaged: {member.path or member.kind} is not what was saved.")

    def of_kind(self, kind: str) -> Iterator[Member]:
        """Yield the members of one kind."""
        return (member for member in self.manifest.members if member.kind == kind)

    def blocks(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of one member."""
        stream = self._open(member.name)
        while block := stream.read(BLOCK):
            yield block

    def _open(self, name: str) -> IO[bytes]:
        stream = self._tar.extractfile(self._infos[name]) if name in self._infos else None
        if stream is None:
            raise BackupError(f"The backup is damaged: its part {name} is missing.")
        return stream

    def _bytes(self, name: str) -> bytes:
        if self._infos[name].size > LARGEST_MANIFEST:
            raise ValueError(name)
        return self._open(name).read()


def place(path: str) -> Path:
    """Return a path from a manifest as a relative one that stays where it is put."""
    parts = path.split("/")
    if not all(PART.fullmatch(part) for part in parts):
        raise BackupError(f"The backup names a file {path!r}, which cannot be a book's place.")
    return Path(*parts)


def _manifest(told: dict[str, Any]) -> Manifest:
    if told["format"] != FORMAT:
        raise BackupError("This backup was made by a newer Mindory: restore it with that version or a later one.")
    return Manifest(**{**told, "members": [Member(**member) for member in told["members"]]})
