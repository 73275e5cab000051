"""Embeddings from any OpenAI-compatible endpoint, instead of the bundled English model."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _

from mindory_web.engines.errors import EngineError
from mindory_web.engines.wire import CHARACTERS_AT_MOST

if TYPE_CHECKING:  # numpy 20 MB, openai 40 MB
    import numpy as np
    from numpy.typing import NDArray

    from mindory_web.engines.endpoint import Embedding, Endpoint

AT_ONCE: Final = 64
DIMENSIONS_AT_MOST: Final = 16_000  # what Postgres can keep as halfvec
SECONDS: Final = {True: 20.0, False: 120.0}


class RemoteEmbeddingEngine:
    """One model of an endpoint. Its dimension is asked of the model itself."""

    def __init__(self) -> None:
        self.model: str = settings.EMBEDDING_MODEL
        self._languages = {language.lower() for language in settings.EMBEDDING_LANGUAGES}
        self._lock = threading.Lock()

    @cached_property
    def dimension(self) -> int:
        """Return the length of a vector, by asking for one."""
        return int(self._ask(["dimension"], is_urgent=True).shape[1])

    def has_vote(self, language: str) -> bool:
        """Say yes to every language, or to those of MINDORY_EMBEDDING_LANGUAGES and to an unknown one."""
        return not self._languages or language == "" or language.lower().split("-")[0] in self._languages

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Return one unit vector a text, shape (texts, dimension). The endpoint decides who goes first."""
        import numpy as np  # 20 MB: only where vectors are made

        found = [np.empty((0, self.dimension), np.float32)]
        for start in range(0, len(texts), AT_ONCE):
            # An endpoint refuses an empty text.
            some = [text[:CHARACTERS_AT_MOST] or " " for text in texts[start : start + AT_ONCE]]
            vectors = self._ask(some, is_urgent=is_urgent)
            if vectors.shape != (len(some), self.dimension):
                raise EngineError(_("The embedding endpoint gave an answer that does not fit the question."))
            found.append(vectors)
        return np.concatenate(found)

    @cached_property
    def _endpoint(self) -> Endpoint:
        from mindory_web.engines.endpoint import Endpoint  # 40 MB: only where vectors are made

        return Endpoint(settings.EMBEDDING_BASE_URL, settings.EMBEDDING_API_KEY, self.model, "MINDORY_EMBEDDING")

    @cached_property
    def _client(self) -> Embedding:
        return self._endpoint.embedding(SECONDS[False])

    def _ask(self, texts: list[str], *, is_urgent: bool) -> NDArray[np.float32]:
        import numpy as np

        from mindory_web.engines import endpoint

        with self._lock:
            client = self._client
        seconds = SECONDS[is_urgent]
        try:
            answer = client.with_options(timeout=seconds, max_retries=0 if is_urgent else 2).embeddings.create(
                model=self.model, input=texts, encoding_format="float"
            )
            ordered = sorted(answer.data, key=lambda one: one.index)
            vectors = np.array([one.embedding for one in ordered], np.float32)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        except endpoint.FAILURES as error:
            raise self._endpoint.failure(error, seconds=seconds) from error
        if not np.isfinite(vectors).all() or not lengths.all() or vectors.shape[1] > DIMENSIONS_AT_MOST:
            raise EngineError(_("The embedding endpoint sent something that is not a vector."))
        unit: NDArray[np.float32] = vectors / lengths
        return unit
