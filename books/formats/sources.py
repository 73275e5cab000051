"""The file a parser is given, and the rules under which an archive inside it is opened.

A zip tells sizes that may be lies, so every limit is checked on the bytes that really come out.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from functools import cached_property
from typing import IO, BinaryIO, Final

from books.errors import DamagedBook, LockedBook, TooDemanding
from books.formats.parsed import Options

MOST_MEMBERS: Final = 10_000
LARGEST_MEMBER: Final = 50 * 1024 * 1024  # bytes, unpacked
LARGEST_ARCHIVE: Final = 200 * 1024 * 1024  # bytes, all that is read of one book
LARGEST_RATIO: Final = 100  # unpacked to packed, once a member is over 1 MB
LARGEST_TEXT: Final = 64 * 1024 * 1024  # bytes of a book that is one text file
_CHUNK: Final = 256 * 1024


class Source:
    """One uploaded file, open for reading. `suffix` is only a hint between text formats, never the decision."""

    def __init__(self, file: BinaryIO, *, suffix: str = "", options: Options | None = None) -> None:
        self.file = file
        self.suffix = suffix.lower()
        self.options = options or Options()

    @cached_property
    def start(self) -> bytes:
        """Return the first 4 kB."""
        self.file.seek(0)
        return self.file.read(4096)

    @cached_property
    def size(self) -> int:
        """Return the size in bytes."""
        return self.file.seek(0, 2)

    def whole(self) -> bytes:
        """Return a text file's bytes, or refuse one that is no book any more."""
        if self.size > LARGEST_TEXT:
            raise TooDemanding("This text file is larger than 64 MB.")
        self.file.seek(0)
        return self.file.read()

    @cached_property
    def archive(self) -> "Archive | None":
        """Return the zip archive this file is, if it is one."""
        return Archive(self.file) if self.start.startswith(b"PK\x03\x04") else None


class Archive:
    """A zip archive, read member by member in memory. Nothing is ever written to a disk."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            found = self._zip.infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DamagedBook("This file is damaged: it is an archive that cannot be opened.") from error
        if len(found) > MOST_MEMBERS:
            raise TooDemanding("This book is refused: its archive holds more than 10,000 files.")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for member in found:
            _check_name(member)
            if member.filename in self._members:
                raise DamagedBook("This book is refused: its archive holds two files of the same name.")
            self._members[member.filename] = member
        self._folded = {_folded(name): name for name in reversed(self._members)}
        self._read = 0

    @property
    def names(self) -> list[str]:
        """Return the names of the members, in the order of the archive."""
        return list(self._members)

    def find(self, name: str) -> str | None:
        """Return the member of this name, forgiving upper and lower case and the form of accents."""
        return name if name in self._members else self._folded.get(_folded(name))

    def read(self, name: str) -> bytes:
        """Return a member's bytes, counted as they come out."""
        found = self.find(name)
        if found is None:
            raise DamagedBook("This book is damaged: one of its parts is missing.", part=_shown(name))
        member = self._members[found]
        if member.flag_bits & 1:
            raise LockedBook("This book is locked with a password. Upload a copy without one.")
        try:
            with self._zip.open(member) as packed:
                return self._counted(packed, member)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise DamagedBook(
                "This book is damaged: one of its parts cannot be unpacked.", part=_shown(name)
            ) from error

    def _counted(self, packed: IO[bytes], member: zipfile.ZipInfo) -> bytes:
        chunks, size = [], 0
        while chunk := packed.read(_CHUNK):
            size += len(chunk)
            self._read += len(chunk)
            is_bomb = size > 1024 * 1024 and size > LARGEST_RATIO * max(member.compress_size, 1)
            if is_bomb or size > LARGEST_MEMBER or self._read > LARGEST_ARCHIVE:
                raise TooDemanding("This book is refused: it unpacks to far more than a book holds.")
            chunks.append(chunk)
        return b"".join(chunks)


def _check_name(member: zipfile.ZipInfo) -> None:
    name = member.filename
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    parts = name.split("/")
    if is_link or name.startswith("/") or "\\" in name or ".." in parts or re.match(r"[A-Za-z]:", name):
        raise DamagedBook("This book is refused: its archive names files outside itself.")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)[-80:]
