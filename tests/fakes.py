"""Engines a person can compute, for the seams `EMBEDDING_ENGINE` and `LLM_CLIENT`.

settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
model = told(settings, "The ", "whale ", "is white.")
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import llm_client
from mindory_web.engines.types import ChatMessage, EngineHealth


class WordLengthEmbedder:
    """Counts words of 1, 2, ... 7 and of 8 or more letters, and scales the eight counts to length one.

    "a cat sat" -> (1, 0, 2, 0, 0, 0, 0, 0) / sqrt(5). A text without words is (1, 0, ...).
    It cannot count Chinese words, so it has no vote there.
    """

    model = "word-lengths"
    dimension = 8

    def has_vote(self, language: str) -> bool:
        """Say yes to every language but Chinese."""
        return not language.startswith("zh")

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Return the scaled counts."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text) or ["a"]:
                row[min(len(word), self.dimension) - 1] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if len(texts) else vectors


class OtherWordLengthEmbedder(WordLengthEmbedder):
    """The same numbers under another name: for tests that swap the embedding model."""

    model = "word-lengths-2"


class SilentEmbedder(WordLengthEmbedder):
    """An engine that does not answer. Its name is known, its vectors are not to be had."""

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Refuse."""
        raise EngineError("The embedding process does not answer.")


class ToldModel:
    """A language model that says what it was told, and remembers what it was asked.

    `pieces` are streamed; `delay` seconds pass before each; `gate`, when set, is awaited before each
    (`model.gate = event.wait`); `error` is raised after `pieces`. `asked` holds every list of messages,
    `closed` counts streams that were ended before their last piece.
    """

    model = "told"

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Return to the state of a new model that says nothing."""
        self.pieces: list[str] = []
        self.delay = 0.0
        self.gate: Callable[[], Awaitable[Any]] | None = None
        self.error: EngineError | None = None
        self.asked: list[list[ChatMessage]] = []
        self.closed = 0

    def tell(self, *pieces: str, error: EngineError | None = None) -> None:
        """Say these pieces from now on, and then fail with `error` if there is one."""
        self.pieces, self.error = list(pieces), error

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncIterator[str]:
        """Yield the pieces."""
        self.asked.append(list(messages))
        is_done = False
        try:
            for piece in self.pieces:
                if self.gate is not None:
                    await self.gate()
                await asyncio.sleep(self.delay)
                yield piece
            is_done = True
            if self.error is not None:
                raise self.error
        finally:
            self.closed += not is_done

    async def check(self) -> EngineHealth:
        """Answer as the next stream would."""
        return EngineHealth(self.error is None, str(self.error or "The model answers."), self.model)


def told(settings: Any, *pieces: str, error: EngineError | None = None) -> ToldModel:
    """Configure a ToldModel that says `pieces`, and return the one the code under test will use."""
    settings.LLM_CLIENT = "tests.fakes.ToldModel"
    model = llm_client()
    assert isinstance(model, ToldModel)
    model.forget()
    model.tell(*pieces, error=error)
    return model
