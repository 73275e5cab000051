"""What the doors of the network know of a caller: what the history calls them, and how often they may ask."""

from django.conf import settings

from memory.writing import LONGEST_ACTOR
from mindory_web.lib.limits import spend


def by_key(name: str) -> str:
    """Return what the history calls a program that came with the key of this name."""
    return f"key: {name}"[:LONGEST_ACTOR]


def count_write(owner_id: int) -> None:
    """Count one change; TooMany beyond MEMORY_WRITES_PER_MINUTE, at all doors together."""
    spend(f"memory-write:{owner_id}", limit=settings.MEMORY_WRITES_PER_MINUTE, seconds=60)


def count_search(owner_id: int) -> None:
    """Count one search; TooMany beyond SEARCHES_PER_MINUTE, at all doors together."""
    spend(f"memory-search:{owner_id}", limit=settings.SEARCHES_PER_MINUTE, seconds=60)
