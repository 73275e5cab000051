"""Find books by their titles, authors and series as one types: any part of a word, without accents, with a slip."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

Line = tuple[int, str, Sequence[str], str]  # id, title, authors, series

LONGEST: Final = 200  # characters of a query
SLIPS_FROM: Final = 4  # letters: a shorter word must be typed as it is
TWO_SLIPS_FROM: Final = 8
WORD: Final = re.compile(r"[^\W_]+")
ACCENTS: Final = re.compile("[\u0300-\u036f]+")


def matching(lines: Iterable[Line], query: str) -> list[int]:
    """Return the ids of the lines that hold every word of `query`, best first; when none does, of those nearly so."""
    wanted = folded(query[:LONGEST]).split()
    if not wanted:
        return []
    known = [(pk, folded(title), folded(" ".join([*authors, series]))) for pk, title, authors, series in lines]
    ranked = [(rank, pk) for pk, title, others in known if (rank := _rank(title, others, wanted)) is not None]
    if ranked:
        return [pk for _rank_, pk in sorted(ranked)]
    vocabulary = {word for _pk, title, others in known for word in WORD.findall(f"{title} {others}")}
    meant = [_meant(word, vocabulary) for word in wanted]
    if not all(meant):
        return []
    return [pk for pk, title, others in known if _has_each(f"{title} {others}", meant)]


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, half-width."""
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold().strip()


def _rank(title: str, others: str, wanted: Sequence[str]) -> int | None:
    """Return how well a book fits (0 is best); None when a word is missing."""
    if not all(word in title or word in others for word in wanted):
        return None
    whole = " ".join(wanted)
    if title.startswith(whole):
        return 0
    if all(_begins(word, title) for word in wanted):
        return 1
    if all(_begins(word, title) or _begins(word, others) for word in wanted):
        return 2
    return 3


def _begins(word: str, text: str) -> bool:
    return text.startswith(word) or f" {word}" in text


def _has_each(text: str, meant: Sequence[frozenset[str]]) -> bool:
    words = set(WORD.findall(text))
    return all(words & each for each in meant)


def _meant(typed: str, vocabulary: Iterable[str]) -> frozenset[str]:
    """Return the words that `typed` may stand for: whole, or as far as it is typed."""
    if len(typed) < SLIPS_FROM:
        return frozenset(word for word in vocabulary if typed in word)
    slips = 2 if len(typed) >= TWO_SLIPS_FROM else 1
    return frozenset(word for word in vocabulary if typed in word or _is_near(typed, word, slips))


def _is_near(typed: str, word: str, slips: int) -> bool:
    """Say whether `typed` is within so many slips of `word` or of its beginning. The first letter is right."""
    if typed[0] != word[0] or len(word) < len(typed) - slips:
        return False
    head = word[: len(typed) + slips]
    return _fewest_slips(typed, head) <= slips


def _fewest_slips(typed: str, word: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped, compared with the best beginning of `word`."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        row, before, older = [i] + [0] * len(word), row, before
        for j, other in enumerate(word, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                row[j] = min(row[j], older[j - 2] + 1)
    return min(row)
