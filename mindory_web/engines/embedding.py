"""Texts become unit vectors: what an embedding engine promises, and which one is configured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:  # numpy costs 20 MB; processes that never embed do not load it
    import numpy as np
    from numpy.typing import NDArray


class EmbeddingEngine(Protocol):
    """Makes vectors of one model. Safe to call from several threads."""

    @property
    def model(self) -> str:
        """Name the model, its revision and precision: vectors of two names are never compared."""

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""

    def has_vote(self, language: str) -> bool:
        """Say whether vectors of texts in this language ("en", "zh"; "" when unknown) are worth anything."""

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Return one unit vector a text, shape (texts, dimension). An urgent call goes ahead of bulk work.

        Raises EngineError, with a sentence, when no vectors can be made now.
        """


def embedding_engine() -> EmbeddingEngine:
    """Return the configured engine, made once per process."""
    return _made(settings.EMBEDDING_ENGINE, settings.EMBEDDER_ADDRESS)


@lru_cache(maxsize=8)
def _made(dotted_name: str, *_configured: str) -> EmbeddingEngine:
    return cast(EmbeddingEngine, import_string(dotted_name)())
