"""A word that a line's end divides: one word again, or two with a hyphen between them."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from books.formats.pdf.lines import Line

SOFT: Final = "\xad"
_ENDS: Final = ("-", "\u2010", SOFT)
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
_SEEN_OFTEN: Final = 2


class Hyphens:
    """Decides by the words that the book itself shows within its lines."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._words: Counter[str] = Counter()
        found: list[str] = []
        for line in lines:
            words = line.words
            # the first and the last word of a line may be parts of divided ones
            found += [word.text.lower() for word in words[1:-1]]
        for word, count in Counter(found).items():
            self._words[_EDGES.sub("", word)] += count

    def knows(self, word: str) -> bool:
        """Say whether the book shows this word within a line."""
        return self._words[_EDGES.sub("", word.lower())] > 0

    def divides(self, before: str, after: str) -> bool:
        """Say whether `before`, the end of a line, and `after`, the beginning of the next, may be one word."""
        return before.endswith(_ENDS) and before[-2:-1].isalpha() and after[:1].isalpha()

    def stays(self, before: str, after: str) -> bool:
        """Say whether the hyphen between the two parts is the author's."""
        if before.endswith(SOFT):
            return False
        first, second = _EDGES.sub("", before.lower()), _EDGES.sub("", after.lower())
        whole, compound = self._words[first + second], self._words[f"{first}-{second}"]
        if whole != compound:
            return compound > whole
        if not after[:1].islower() or "-" in first:
            return True
        # neither form is in the book: a hyphen between two of its words is more likely the author's
        return (
            min(len(first), len(second)) >= 3
            and self._words[first] >= _SEEN_OFTEN
            and self._words[second.split("-")[0]] >= _SEEN_OFTEN
        )
