"""The kinds of thing Mindory can remember about a reader."""

from enum import StrEnum


class MemoryType(StrEnum):
    """Six kinds, after the design documents (Cortex Memory's names are kept)."""

    CONVERSATIONAL = "conversational"  # what was said, turn by turn
    PROCEDURAL = "procedural"  # how the reader likes things done
    FACTUAL = "factual"  # facts about the world that the reader told
    SEMANTIC = "semantic"  # concepts and how they hang together
    EPISODIC = "episodic"  # things that happened at a time
    PERSONAL = "personal"  # facts about the reader
