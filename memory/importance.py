"""How much a memory matters, from 0 to 1. What a caller says wins; this is for those who say nothing."""

import re
from types import MappingProxyType
from typing import Final

from memory.types import MemoryType

PRIORS: Final = MappingProxyType(
    {
        MemoryType.PERSONAL: 0.9,
        MemoryType.PROCEDURAL: 0.8,
        MemoryType.FACTUAL: 0.7,
        MemoryType.SEMANTIC: 0.6,
        MemoryType.EPISODIC: 0.5,
        MemoryType.CONVERSATIONAL: 0.2,
    }
)
OF_TYPE: Final = 0.35
OF_DETAIL: Final = 0.25
OF_WORDS: Final = 0.2
OF_USE: Final = 0.2
ENOUGH_DETAILS: Final = 4  # names and numbers: more of them say no more
ENOUGH_USES: Final = 5
_EXPLICIT: Final = re.compile(
    r"\b(?:remember|always|never|important|importantly|must|don't forget|do not forget|keep in mind|from now on|"
    r"make sure|note that)\b|记住|记得|一定|务必|总是|永远|从不|重要|别忘|以后都|必须",
    re.IGNORECASE,
)
_DETAIL: Final = re.compile(r"\d+(?:[.,:]\d+)*|(?<=[a-z,;] )[A-Z][\w'’-]+|《[^》]+》")


def importance(text: str, type: MemoryType, *, used_count: int = 0) -> float:  # noqa: A002 (as in types)
    """Return how much a memory matters: its type, names and numbers, words like "always", and use."""
    details = min(len(set(_DETAIL.findall(text))) / ENOUGH_DETAILS, 1.0)
    is_explicit = bool(_EXPLICIT.search(text))
    uses = min(used_count / ENOUGH_USES, 1.0)
    score = OF_TYPE * PRIORS[type] + OF_DETAIL * details + OF_WORDS * is_explicit + OF_USE * uses
    return round(min(max(score, 0.0), 1.0), 4)
