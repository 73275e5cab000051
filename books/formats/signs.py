"""The signs that stand for a note: "1", "[12]", "*"."""

import re
from typing import Final

LONGEST_LABEL: Final = 12  # characters of "[12]", "note 3"
# "1", "[12]", "(a)", "*", "††", "①", "注3": what stands for a note when nothing says so
LABEL: Final = re.compile(
    r"[\[(（〔［【{]?\s{0,2}(?:(?:note|注|註|Anm\.?)\s{0,2})?(?:\d{1,4}[a-z]?|[a-z]|[*†‡§¶※]{1,4}|[①-⓿❶-➓])"
    r"\s{0,2}[\])）〕］】}]?[.:]?",
    re.IGNORECASE,
)
_BRACKETS: Final = " \t\n[]()（）〔〕［］【】{}.:"


def is_label(text: str) -> bool:
    """Say whether a link's text is a note's sign and nothing else."""
    return len(text) <= LONGEST_LABEL and LABEL.fullmatch(text.strip()) is not None


def begins_with(text: str, sign: str) -> bool:
    """Say whether a paragraph begins with the sign that refers to it, in whatever brackets."""
    bare = sign.strip(_BRACKETS).casefold()
    rest = text.lstrip(_BRACKETS).casefold().removeprefix(bare)
    return bool(bare) and len(rest) < len(text.lstrip(_BRACKETS)) and not rest[:1].isalnum()
