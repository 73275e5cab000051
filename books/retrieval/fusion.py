"""Two opinions become one order.

Scores are made comparable (z-scores over the candidates) and added with weights; adding ranks
instead (RRF with equal weights) was measured to be far worse than its better half. A passage on
which the vectors have no vote is judged by its words alone.
"""

from collections.abc import Collection, Hashable, Mapping
from math import fsum, sqrt
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)

WORDS_WEIGHT: Final = 0.6
VECTOR_WEIGHT: Final = 0.4


def fused(
    words: Mapping[Key, float], vector: Mapping[Key, float], *, voteless: Collection[Key] = ()
) -> dict[Key, float]:
    """Return the fused score of every passage that either leg found.

    A passage that one leg did not find counts there like the worst one it found. `voteless` are
    those the vectors could not have found.
    """
    if not vector:
        return dict(words)
    candidates = list(words.keys() | vector.keys())
    by_words = _z_scores({key: words.get(key, 0.0) for key in candidates})
    lowest = min(vector.values())
    by_vector = _z_scores({key: vector.get(key, lowest) for key in candidates if key not in voteless})
    return {
        key: by_words[key] if key in voteless else WORDS_WEIGHT * by_words[key] + VECTOR_WEIGHT * by_vector[key]
        for key in candidates
    }


def _z_scores(scores: Mapping[Key, float]) -> dict[Key, float]:
    if not scores:
        return {}
    mean = fsum(scores.values()) / len(scores)
    spread = sqrt(fsum((score - mean) ** 2 for score in scores.values()) / len(scores)) or 1.0
    return {key: (score - mean) / spread for key, score in scores.items()}
