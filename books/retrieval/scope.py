"""What is searched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The books to search; None is the reader's whole library. Books of other readers are simply not found."""

    books: tuple[int, ...] | None = None
