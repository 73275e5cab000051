"""What the legs of a search found becomes one score in 0..1 that means the same in every search.

    score = min(1, fit x telling + entity + time) x validity x retention x importance
    fit   = (words + 0.7 vector) / 1.7

`words` is the share of the BM25 that a memory with every term of the question would have, `vector` the cosine. Both
are measures of their own, so nothing is made relative to the other candidates: a good hit scores as high in a large
memory as in a small one, and a threshold keeps its meaning. (On the development conversations this found as much
as z-scores and more than reciprocal ranks; see docs/memory.md.)

A memory without a vector is judged by its words alone: its fit is `words`.

`telling` is 1 but for turns. Whatever is asked, a turn that says next to nothing ("Wow, great!") or speaks of the
one spoken to ("How was your trip?") holds an answer more rarely than one whose speaker tells of themselves, though
its words, and those around it, fit as well:

    telling = 1 + 0.25 (min(1, terms / 20) - 0.7) + 0.2 (I - you) / (I + you + 1)

without the last part for what an assistant says.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

VECTOR_WEIGHT: Final = 0.7
SAID_SHARE: Final = 0.25
ENOUGH_SAID: Final = 20  # terms; longer turns tell no more for being longer
USUALLY_SAID: Final = 0.7  # of that: a turn like most is neither raised nor lowered
PERSON_SHARE: Final = 0.2
ENTITY_SHARE: Final = 0.06  # added for whom the question names
# Of turns that fit nearly as well, those of a session that has brought some stand back: what a list asks for is
# spread over many sessions. So much for each turn already found, for four of them at most.
STEP_BACK: Final = 0.005
MOST_STEPS: Final = 4
TIME_SHARE: Final = 0.07  # added for when the question asks about
TIME_ALONE: Final = 0.3  # when it asks about nothing else: then those days are the answer, however few words fit
NEVER_FAR: Final = 0.04  # what vectors add to the best of what has nothing to do with a question
LEAST_VALIDITY: Final = 0.95  # of what is no longer so, where a caller wants the past too
LEAST_IMPORTANCE: Final = 0.95


def fit(words: Floats, vector: Floats | None) -> Floats:
    """Return how well rows fit a question. `vector` holds NaN where a row has none."""
    if vector is None:
        return words
    both = (words + VECTOR_WEIGHT * np.clip(vector, 0.0, 1.0)) / (1.0 + VECTOR_WEIGHT)
    found: Floats = np.where(np.isnan(vector), words, both).astype(np.float32)
    return found
