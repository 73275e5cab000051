"""Sentences of the parser, which knows no Django: they are kept in English and translated when they are shown."""

import re
from functools import cache
from typing import Final

from django.utils.translation import gettext, gettext_noop

# What is named with holes here is filled by a parser. (Sentences without holes are found where they are written.)
HOLED: Final = (gettext_noop("Some pages of this PDF are damaged and could not be read: %(pages)s."),)
_HOLE: Final = re.compile(r"%\((\w+)\)s")


def translated(sentence: str) -> str:
    """Return a sentence in the language of the reader; as it is when nobody translated it."""
    said = gettext(sentence) if sentence else ""
    if said != sentence:
        return said
    for message, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return gettext(message) % found.groupdict()
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((message, re.compile(_pattern(message), re.DOTALL)) for message in HOLED)


def _pattern(message: str) -> str:
    parts = _HOLE.split(message)  # words, name, words, name, words
    return "".join(f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
