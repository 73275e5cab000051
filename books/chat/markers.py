"""What a model writes, as it streams in: words to show, and `[[3|exact words]]` marks to check.

The result never depends on where the stream was cut into pieces: what may still become a mark is
held back until it is decided. A mark that makes no sense costs itself, never the rest of the answer.
"""

from dataclasses import dataclass
from typing import Final, Literal

LONGEST_MARK: Final = 2_000  # characters; a longer one is dropped, and what follows is words again
LONGEST_NUMBER: Final = 4
LONGEST_BRACKET: Final = 64  # characters of numbers in brackets; nobody writes longer ones
BARS: Final = "|｜"
DROPS_SPACE_BEFORE: Final = frozenset(" \n.,;:!?)。，；：！？）、")

State = Literal["words", "open", "number", "lazy", "quote", "quote]", "quote[", "stray"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A quote the model claims: `words` are in passage `number`."""

    number: int
    words: str


class Dropped:
    """A mark was here and is not one."""


Piece = str | Mark | Dropped


class MarkReader:
    """Splits a stream into words and marks."""

    def __init__(self) -> None:
        self._state: State = "words"
        self._held = ""  # of the mark that may be beginning, without its brackets
        self._number = 0
        self._strays = 0  # closing brackets of marks that were given up
        self._out: list[Piece] = []

    def feed(self, piece: str) -> list[Piece]:
        """Take the next piece and return what is decided."""
        for character in piece:
            self._take(character)
        return self._emptied()

    def close(self) -> list[Piece]:
        """Take the end of the stream. A quote that was not closed ends here."""
        state, self._state = self._state, "words"
        if state in {"quote", "quote]", "quote["}:
            self._out.append(Mark(self._number, self._held))
        elif state == "stray":
            self._say("]")
        elif state != "words":
            self._say({"open": "[", "number": "[[" + self._held, "lazy": ""}[state])
        self._held = ""
        return self._emptied()

    def _emptied(self) -> list[Piece]:
        out, self._out = self._out, []
        return out

    def _say(self, words: str) -> None:
        if words and self._out and isinstance(self._out[-1], str):
            self._out[-1] += words
        elif words:
            self._out.append(words)

    def _take(self, character: str) -> None:
        match self._state:
            case "words":
                self._in_words(character)
            case "open":
                self._in_open(character)
            case "number":
                self._in_number(character)
            case "lazy":
                self._in_lazy(character)
            case "stray":
                self._in_stray(character)
            case _:
                self._in_quote(character)

    def _in_words(self, character: str) -> None:
        if character == "[":
            self._state = "open"
        elif character == "]" and self._strays:
            self._state = "stray"
        else:
            self._say(character)

    def _in_open(self, character: str) -> None:
        if character == "[":
            self._state, self._held = "number", ""
        else:
            self._say("[")
            self._again(character)

    def _in_number(self, character: str) -> None:
        digits = self._held.strip()
        if character in BARS and digits.isdigit():
            self._state, self._number, self._held = "quote", int(digits), ""
        elif character == "]" and digits.isdigit():
            self._state = "lazy"
        elif (character == " " or (character.isascii() and character.isdigit())) and len(self._held) < LONGEST_NUMBER:
            self._held += character
        else:  # not one of our marks: the first bracket is a word
            rest = "[" + self._held + character
            self._say("[")
            self._held = ""
            self._again(rest)

    def _in_lazy(self, character: str) -> None:
        """`[[3]` was read: `[[3]]` names a passage and quotes nothing, so it is no citation."""
        self._out.append(Dropped())
        if character == "]":
            self._state = "words"
        else:
            self._again(character)

    def _in_quote(self, character: str) -> None:
        if self._state == "quote]" and character == "]":
            self._out.append(Mark(self._number, self._held[:-1]))
            self._state, self._held = "words", ""
            return
        if self._state == "quote[" and character == "[":  # a mark inside a mark: the outer one is given up
            self._out.append(Dropped())
            self._strays += 1
            self._state, self._held = "number", ""
            return
        self._held += character
        self._state = "quote]" if character == "]" else "quote[" if character == "[" else "quote"
        if len(self._held) > LONGEST_MARK:
            self._out.append(Dropped())
            self._strays += 1
            self._state, self._held = "words", ""

    def _in_stray(self, character: str) -> None:
        if character == "]":
            self._strays -= 1
            self._state = "words"
        else:
            self._say("]")
            self._again(character)

    def _again(self, characters: str) -> None:
        self._state = "words"
        for character in characters:
            self._take(character)


class OwnNumbers:
    """Removes `[7]`, `[1, 2]` and the like from words: numbers in brackets are given by us alone.

    Where something was removed, the blank before it goes too when punctuation follows.
    """

    def __init__(self) -> None:
        self._held = ""  # blanks, and from the first bracket on everything that may still be a number in brackets
        self._is_gap = False

    def feed(self, words: str) -> str:
        """Take the next words and return what may be shown."""
        return "".join(map(self._take, words))

    def drop(self) -> None:
        """Note that something was left out here."""
        self._is_gap = True

    def flush(self) -> str:
        """Return what is held back: what follows is not words."""
        held, self._held, self._is_gap = self._held, "", False
        return held

    def close(self) -> str:
        """Return the last words."""
        return self.flush().rstrip(" ") if self._is_gap else self.flush()

    def _take(self, character: str) -> str:
        if "[" in self._held:
            return self._in_brackets(character)
        if character == " " and self._held and self._is_gap:
            return ""  # what stood between two blanks was left out
        if character in " [":
            self._held += character
            return ""
        blanks = "" if self._is_gap and character in DROPS_SPACE_BEFORE else self._held
        self._held, self._is_gap = "", False
        return blanks + character

    def _in_brackets(self, character: str) -> str:
        if character in "[ ,，、-–—" or character.isdigit():
            self._held += character
            if len(self._held) > LONGEST_BRACKET:
                self._held, self._is_gap = "", True
            return ""
        if character != "]":
            return self.flush() + character
        before, _, inside = self._held.rpartition("[")
        if any(map(str.isdigit, inside)):
            self._held, self._is_gap = before, True
            return ""
        return self.flush() + "]"
