"""Word's fields: instructions between two signs, and what Word last made of them, which is the text."""

import re
from dataclasses import dataclass, field
from typing import Final

_WORDS: Final = re.compile(r'"([^"]{0,4000})"|(\S+)')
_LONGEST: Final = 8_000
_REFERENCES: Final = frozenset({"REF", "PAGEREF", "NOTEREF"})


@dataclass(slots=True)
class Field:
    """One open field."""

    pieces: list[str] = field(default_factory=list)
    size: int = 0
    is_code: bool = True  # before the sign that parts the instruction from its result
    is_left_out: bool = False
    link: str = ""

    def add(self, text: str) -> None:
        """Add a piece of the instruction."""
        if self.size < _LONGEST:
            self.pieces.append(text)
            self.size += len(text)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a field is told to do."""

    name: str = ""
    link: str = ""  # as in a mark: "#" + the bookmark, or an address
    is_contents: bool = False
    sign: tuple[int, str] | None = None  # a character's code and its font


def instruction(text: str) -> Instruction:
    """Read an instruction, for instance HYPERLINK "https://example.org" or REF chapter2 \\h."""
    words = [quoted or bare for quoted, bare in _WORDS.findall(text[:_LONGEST])]
    if not words:
        return Instruction()
    name, rest = words[0].upper(), words[1:]
    if name == "HYPERLINK":
        return Instruction(name, _address(rest))
    if name in _REFERENCES and "\\h" in rest and rest[0] != "\\h":
        return Instruction(name, f"#{bookmark(rest[0])}")
    if name == "SYMBOL" and rest and rest[0].removeprefix("0x").isalnum():
        font = rest[rest.index("\\f") + 1] if "\\f" in rest[:-1] else ""
        return Instruction(name, sign=(_code(rest[0]), font))
    return Instruction(name, is_contents=name == "TOC")


def _address(words: list[str]) -> str:
    target = anchor = ""
    waiting = ""
    for word in words:
        if waiting == "\\l":
            anchor = word
        elif not waiting and not word.startswith("\\"):
            target = target or word
        waiting = word.lower() if word.lower() in {"\\l", "\\o", "\\t"} and not waiting else ""
    if not target:
        return f"#{bookmark(anchor)}" if anchor else ""
    return f"{target}#{anchor}" if anchor and "#" not in target else target


def _code(word: str) -> int:
    try:
        return int(word, 16) if word.lower().startswith("0x") else int(word)
    except ValueError:
        return 0


def bookmark(name: str) -> str:
    """Return the anchor of a bookmark."""
    return f"b:{name}"
