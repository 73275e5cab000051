"""The file a parser is given."""

import time
from functools import cached_property
from typing import BinaryIO

from books.errors import TooDemanding
from books.formats.archives import Archive
from books.formats.limits import Limits
from books.formats.parsed import Options

__all__ = ["Archive", "Source"]


class Source:
    """One uploaded file, open for reading. `suffix` is only a hint between text formats, never the decision."""

    def __init__(
        self, file: BinaryIO, *, suffix: str = "", options: Options | None = None, limits: Limits | None = None
    ) -> None:
        self.file = file
        self.suffix = suffix.lower()
        self.options = options or Options()
        self.limits = limits or Limits()
        self._seconds = 0.0

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
        if self.size > self.limits.text:
            raise TooDemanding("This text file is larger than Mindory reads.")
        began = time.perf_counter()
        self.file.seek(0)
        body = self.file.read()
        self._seconds += time.perf_counter() - began
        return body

    @cached_property
    def archive(self) -> Archive | None:
        """Return the zip archive this file is, if it is one."""
        return Archive(self.file, limits=self.limits) if self.start.startswith(b"PK\x03\x04") else None

    @property
    def warnings(self) -> list[str]:
        """Return what the file itself, whatever its format, has lost."""
        return self.archive.warnings if self.archive is not None else []

    @property
    def seconds(self) -> float:
        """Return how long reading and unpacking took, for benchmarks."""
        return self._seconds + (self.archive.seconds if self.archive is not None else 0.0)

    def begin_pictures(self) -> None:
        """Count what is read from now on as pictures: they may be larger than text."""
        if self.archive is not None:
            self.archive.begin_pictures()
