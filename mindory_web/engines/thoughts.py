"""Thoughts that a server leaves in the answer: a block before the first word, between marks that each family has.

Servers that know their model send thoughts apart, and `llm.py` never reads those.
"""

import re
from typing import Final

MARKS: Final = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}
# Some templates open the block in the prompt, so that an answer holds its end alone.
_UNOPENED: Final = re.compile(r"\A(?!\s*(?:[{\[`]|~~~)).*?</think(?:ing)?>\s*", re.DOTALL | re.IGNORECASE)


class Spoken:
    """Passes on what a model says, piece by piece, without the thoughts before it."""

    def __init__(self) -> None:
        self._held = ""
        self._ends_with: re.Pattern[str] | None = None  # while it thinks
        self._has_begun = self._has_thought = False

    def feed(self, piece: str) -> str:
        """Return what may be said now."""
        if self._has_begun:
            return piece
        self._held += piece
        while True:
            if self._ends_with is not None:
                end = self._ends_with.search(self._held)
                if end is None:
                    self._held = self._held[-40:]  # no mark is longer
                    return ""
                self._held, self._ends_with = self._held[end.end() :], None
            start = self._held.lstrip()
            mark = next((mark for mark in MARKS if start[: len(mark)].lower() == mark), "")
            if not mark:
                break
            self._held, self._has_thought = start[len(mark) :], True
            self._ends_with = re.compile(re.escape(MARKS[mark]), re.IGNORECASE)
        if any(mark.startswith(start.lower()) for mark in MARKS):
            return ""  # it may yet become one
        self._has_begun = True
        return start if self._has_thought else self._held

    def close(self) -> str:
        """Return what was held back and turned out to be no mark."""
        is_silent = self._has_begun or self._has_thought or self._ends_with is not None
        return "" if is_silent else self._held


def without_thoughts(answer: str) -> str:
    """Return a whole answer without thoughts before it, also those that began in the prompt. JSON is left as it is."""
    spoken = Spoken()
    return _UNOPENED.sub("", spoken.feed(answer) + spoken.close())
