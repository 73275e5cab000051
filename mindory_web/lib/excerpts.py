"""What a chat source hands to the conversation: a piece of text and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Place:
    """Characters [start, end) of one section of one book; offsets count Unicode code points."""

    book: int
    section: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of text that may help to answer, best first in a list.

    `score` orders excerpts of one answer only; it has no unit. `legs` tells what each
    retriever thought of it (`{"words": 11.2, "vector": 0.61}`), for the trace.
    `place` is None for what does not come from a book. `pages`: where printed pages begin in its
    section, up to its end, as (character, label). `key` names what is not text of a book ("memory:12"); with a
    `place` it is about the words there.
    """

    text: str
    score: float
    title: str
    heading: str = ""
    language: str = ""
    place: Place | None = None
    legs: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    pages: tuple[tuple[int, str], ...] = ()
    key: str = ""

    def page_at(self, start: int) -> str:
        """Return the label of the page on which a character of the section is; nothing where none is known."""
        return next((label for begin, label in reversed(self.pages) if begin <= start), "")
