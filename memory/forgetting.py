"""The forgetting curve: how much a memory is held after some days. It only orders what is found; nothing is hidden.

R = 1 / (1 + d / (9 S)): after S days nine tenths are left. Using a memory makes it last, the more so the
more it was forgotten.
"""

from typing import Final

from memory.types import MemoryType

STABILITY_DAYS: Final = {
    MemoryType.PERSONAL: 3650.0,
    MemoryType.PROCEDURAL: 365.0,
    MemoryType.SEMANTIC: 365.0,
    MemoryType.FACTUAL: 180.0,
    MemoryType.EPISODIC: 90.0,
    MemoryType.CONVERSATIONAL: 14.0,
}
LONGEST_DAYS: Final = 36_500.0
LEAST_FACTOR: Final = 0.85  # what age can take from a score is at most the rest


def stability(type: MemoryType, importance: float) -> float:  # noqa: A002 (what it is called everywhere here)
    """Return after how many days a new memory is held to nine tenths."""
    return STABILITY_DAYS[type] * (0.5 + min(max(importance, 0.0), 1.0))


def retention(days: float, stability: float) -> float:
    """Return the share of a memory that is held `days` after it was told or used, 0..1."""
    return 1.0 / (1.0 + max(days, 0.0) / (9.0 * max(stability, 0.01)))


def grown(stability: float, retention: float) -> float:
    """Return the stability of a memory that is used while `retention` of it is held."""
    return min(stability * (1.0 + 1.2 * (1.0 - min(max(retention, 0.0), 1.0))), LONGEST_DAYS)


def factor(retention: float) -> float:
    """Return what the score of a memory is multiplied by, LEAST_FACTOR..1."""
    return LEAST_FACTOR + (1.0 - LEAST_FACTOR) * retention
