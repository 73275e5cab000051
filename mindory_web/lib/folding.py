"""Text as it is compared: what differs only in typesetting becomes the same, and every place can be found again.

White space, width, quote marks, dashes and case are folded; letters never are. Only for looking:
what is shown is always the book's own slice.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

QUOTE_MARKS: Final = frozenset("\"'`´‘’‚‛“”„‟«»‹›「」『』〝〞〟＂＇")
DASHES: Final = frozenset("-‐‑‒–—―−－﹘﹣⸺⸻─")
INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
# Scripts written without spaces, and their punctuation: white space next to them is a line break of the file.
TIGHT: Final = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` for comparing; its character i comes from character `origins[i]` of the original."""

    text: str
    origins: tuple[int, ...]


def fold(original: str) -> Folded:
    """Fold `original` and remember where everything was."""
    letters: list[str] = []
    origins: list[int] = []
    is_tight = True  # white space at the start is dropped, and so it is beside dashes, quote marks and Chinese
    space_at = -1
    for index, character in enumerate(original):
        folded, sticks = _folded(character)
        if folded == " ":
            space_at = index if space_at < 0 else space_at
            continue
        if not folded or (letters and folded == letters[-1] and folded in "-'"):
            continue
        if space_at >= 0 and not is_tight and not sticks:
            letters.append(" ")
            origins.append(space_at)
        space_at, is_tight = -1, sticks
        letters += folded
        origins += [index] * len(folded)
    return Folded("".join(letters), tuple(origins))


@cache
def _folded(character: str) -> tuple[str, bool]:
    """Return how one character is compared, and whether white space beside it means nothing."""
    if character in QUOTE_MARKS:
        return "'", True
    if character in DASHES:
        return "-", True
    if character in INVISIBLE:
        return "", False
    if character.isspace():
        return " ", False
    return unicodedata.normalize("NFKD", character).casefold().replace(" ", ""), bool(TIGHT.match(character))
