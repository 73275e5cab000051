"""Is it in the book? A model's words are shown as a quote only where they literally stand."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from mindory_web.lib.excerpts import Excerpt, Place
from mindory_web.lib.folding import TIGHT, Folded, fold

SHORTEST: Final = 16  # characters a quote must keep when its end had to be cut
SHORTEST_TIGHT: Final = 8  # the same for Chinese and Japanese
WRAPPING: Final = "*_~ \t\n\"'“”‘’«»「」『』…."

How = Literal["exact", "folded", "shortened"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand in a book: `text` is the slice that `place` names."""

    place: Place
    text: str
    how: How


class Source:
    """A numbered passage that quotes are looked up in."""

    def __init__(self, excerpt: Excerpt) -> None:
        self.excerpt = excerpt

    @cached_property
    def _folded(self) -> Folded:
        return fold(self.excerpt.text)

    def find(self, words: str) -> Quote | None:
        """Return the quote that `words` are, or the longest beginning of them that is one, or None."""
        words = words.strip()
        if self.excerpt.place is None or not any(map(str.isalnum, words)):
            return None
        if span := _occurrence(words, self.excerpt.text):
            return self._quote(*span, how="exact")
        for candidate in (words, words.strip(WRAPPING)):
            if span := _occurrence(fold(candidate).text, self._folded.text):
                return self._unfolded(*span, how="folded")
        return self._beginning(fold(words.strip(WRAPPING)).text)

    def _beginning(self, words: str) -> Quote | None:
        """Cut `words` from the end until they are in the passage; None when too little is left."""
        text = self._folded.text
        good, bad = 0, len(words)  # a beginning of a beginning that is found is found too
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if words[:middle] in text else (good, middle)
        start = text.find(words[:good])
        end = start + good
        while end > start and not (_is_edge(text, end) and _is_edge(words, end - start)):
            end -= 1
        kept = text[start:end].rstrip(" '-")
        if len(kept) < (SHORTEST_TIGHT if TIGHT.search(kept) else SHORTEST):
            return None
        return self._unfolded(start, start + len(kept), how="shortened")

    def _unfolded(self, start: int, end: int, *, how: How) -> Quote | None:
        """Return the stretch of the book that the folded characters [start, end) come from."""
        origins = self._folded.origins
        after = origins[end] if end < len(origins) else len(self.excerpt.text)
        last = origins[end - 1] + 1
        # What was folded away right behind the last letter (an accent, a second quote mark) still belongs to it.
        while last < after and not self.excerpt.text[last].isspace():
            last += 1
        return self._quote(origins[start], last, how=how)

    def _quote(self, start: int, end: int, *, how: How) -> Quote | None:
        place = self.excerpt.place
        if place is None or start >= end:
            return None
        found = Place(place.book, place.section, place.start + start, place.start + end)
        return Quote(found, self.excerpt.text[start:end], how)


def _occurrence(words: str, text: str) -> tuple[int, int] | None:
    """Return where `words` stand in `text`, preferably as whole words; a short quote only so."""
    if not words:
        return None
    first = text.find(words)
    at = first
    while at >= 0:
        if _is_edge(text, at) and _is_edge(text, at + len(words)):
            return at, at + len(words)
        at = text.find(words, at + 1)
    return (first, first + len(words)) if first >= 0 and len(words) >= SHORTEST else None


_LETTERS: Final = re.compile(r"\w\w")


def _is_edge(text: str, at: int) -> bool:
    """Say whether no word runs across the place before character `at`."""
    pair = text[at - 1 : at + 1] if at > 0 else ""
    return not _LETTERS.fullmatch(pair) or bool(TIGHT.search(pair))
