"""Count the words of a text, for statistics and reading times."""

import re
from typing import Final

# Han and kana, which are written without spaces: each character counts for a word.
_UNSPACED: Final = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHARACTERS: Final = re.compile(f"[{_UNSPACED}]+")
# Begins with a letter or digit; marks, apostrophes and hyphens inside a word belong to it.
_WORDS: Final = re.compile(f"[^\\W_{_UNSPACED}][^\\s\u2013\u2014\u2026\uff0c\u3002\u3001{_UNSPACED}]*")


def words(text: str) -> int:
    """Return how many words `text` has: runs of letters count one, Han characters and kana one each."""
    return len(_WORDS.findall(text)) + sum(map(len, _CHARACTERS.findall(text)))
