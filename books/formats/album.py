"""The pictures of a book, numbered in the order in which they are first used."""

from collections.abc import Callable

from books.formats.parsed import Original

MOST_PICTURES = 5_000


class Album:
    """Gives each file of a book one number, however often it is shown."""

    def __init__(self) -> None:
        self.originals: list[Original] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str, read: Callable[[], bytes]) -> int | None:
        """Return the number of the picture `name`, which `read` will give; None when there are too many."""
        if name not in self._numbers:
            if len(self.originals) >= MOST_PICTURES:
                return None
            self._numbers[name] = len(self.originals)
            self.originals.append(Original(len(self.originals), read, name))
        return self._numbers[name]
