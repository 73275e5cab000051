"""A seam for workers in fault tests."""

import os
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.fakes import WordLengthEmbedder


class SlowEmbedder(WordLengthEmbedder):
    """Takes SECONDS_A_BATCH for every call, so that a book is still being embedded when a test looks."""

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Wait, then count."""
        time.sleep(float(os.environ.get("SECONDS_A_BATCH", "0")))
        return super().embed(texts)
