"""What is searched."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scope:
    """The books to search; None is the reader's whole library. Books of other readers are simply not found.

    `until` is the reading limit: book -> (section, code points into its text). No passage that ends past it is
    found, and books that are not in it have no limit (`is_limited`: the reader wants one). `conversation`: where the
    question is asked; what was said there is known without a search. `asked`: the question as it was put, where other
    words are searched for with it.
    """

    books: tuple[int, ...] | None = None
    until: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    conversation: int = 0
    asked: str = ""
    is_limited: bool = False
