"""A large letter that begins a chapter, beside several lines: it belongs to the first word."""

from typing import Final

from books.formats.pdf.columns import Column
from books.formats.pdf.hyphens import Hyphens
from books.formats.pdf.lines import Line

_LARGER: Final = 1.6  # than the letters beside it
_MOST_LINES: Final = 8  # beside one letter
_WORDS: Final = frozenset("AIOaio")  # letters that may be a word
_QUOTES: Final = "“”‘’\"'«»„"


def settle(column: Column, hyphens: Hyphens) -> None:
    """Join large letters with their words, and let the lines beside them begin where the others do."""
    for number, line in enumerate(column.lines):
        if len(line.words) < 2 or not _is_large(line):
            continue
        letter, rest = line.words[0], line.words[1]
        if _belongs(letter.text.strip(_QUOTES), rest.text, hyphens):
            line.words[1] = rest._replace(is_joined=True)
        line.top, line.bottom = rest.top, rest.bottom
        for below in column.lines[number + 1 : number + 1 + _MOST_LINES]:
            if below.middle > letter.bottom or below.left < letter.right - line.size // 2:
                break
            below.left = line.left


def _is_large(line: Line) -> bool:
    letter, rest = line.words[0], line.words[1]
    return (
        len(letter.text.strip(_QUOTES)) == 1
        and letter.text[-1].isupper()
        and letter.bottom - letter.top > _LARGER * (rest.bottom - rest.top)
    )


def _belongs(letter: str, rest: str, hyphens: Hyphens) -> bool:
    """Say whether a letter is the first of the word that follows."""
    if letter not in _WORDS or hyphens.knows(letter + rest):
        return True
    return not hyphens.knows(rest)
