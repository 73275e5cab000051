"""The pictures of a book, numbered in the order in which they are first used."""

from collections.abc import Callable
from hashlib import sha256

from books.formats.parsed import Original

MOST_PICTURES = 5_000
MOST_DRAWN = 32 * 1024 * 1024  # bytes of drawings that stand in pages: they are kept until pictures are made


class Album:
    """Gives each file of a book one number, however often it is shown."""

    def __init__(self) -> None:
        self.originals: list[Original] = []
        self._numbers: dict[str, int] = {}
        self._drawn = 0

    def number(self, name: str, read: Callable[[], bytes]) -> int | None:
        """Return the number of the picture `name`, which `read` will give; None when there are too many."""
        if name not in self._numbers:
            if len(self.originals) >= MOST_PICTURES:
                return None
            self._numbers[name] = len(self.originals)
            self.originals.append(Original(len(self.originals), read, name))
        return self._numbers[name]

    def drawing(self, data: bytes, base: str = "", /) -> int | None:
        """Return the number of a drawing that stands in a page; None when there are too many, or too large ones."""
        name = f"drawing {sha256(data).hexdigest()[:16]}"
        if name in self._numbers:
            return self._numbers[name]
        if self._drawn + len(data) > MOST_DRAWN:
            return None
        self._drawn += len(data)
        return self.number(name, lambda: data)
