"""What one book may cost: time, memory, and what may come out of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

_MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes. The settings MINDORY_PARSE_... hold the same numbers; the child is handed them as JSON."""

    seconds: int = 120  # on the clock, until the text is out
    picture_seconds: int = 300  # on the clock, for its pictures; those that are left then are left out
    cpu: int = 0  # seconds of CPU until the text is out; 0: as many as on the clock
    memory: int = 1536 * _MB  # address space
    output: int = 256 * _MB  # text and structure, as they cross the pipe
    members: int = 10_000  # of an archive
    unpacked: int = 200 * _MB  # text out of an archive, counted in the bytes that really come out
    member: int = 50 * _MB  # one of them
    ratio: int = 100  # unpacked to packed, once a member is over 1 MB
    pictures: int = 1024 * _MB  # all pictures, unpacked; and again when they are written anew
    picture: int = 50 * _MB  # one of them
    text: int = 64 * _MB  # a book that is one text file
    pages: int = 20_000

    @classmethod
    def of(cls, settings: Mapping[str, int]) -> "Limits":
        """Return the limits named in a mapping like settings.PARSE_LIMITS."""
        return cls(**settings)

    def as_dict(self) -> dict[str, Any]:
        """Return them as JSON keeps them."""
        return asdict(self)

    @property
    def cpu_seconds(self) -> int:
        """Return how long the processor may work until the text is out."""
        return self.cpu or self.seconds
