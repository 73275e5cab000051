"""A language model behind any OpenAI-compatible endpoint. The only module that imports `openai`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from typing import Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from mindory_web.engines.types import ChatMessage, EngineHealth

OPENAI: Final = "mindory_web.engines.llm.OpenAIClient"

__all__ = ["ChatMessage", "EngineHealth", "LLMClient", "llm_client"]


class LLMClient(Protocol):
    """Speaks with one model. Made once per process; every method may run in many tasks at once."""

    @property
    def model(self) -> str:
        """Name the model as the endpoint knows it."""

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncIterator[str]:
        """Yield the answer piece by piece. Closing the iterator ends the request.

        Raises EngineError with a plain sentence; pieces that came before stay valid.
        """

    async def check(self) -> EngineHealth:
        """Ask for one word and say how it went. Never raises."""


def llm_client() -> LLMClient | None:
    """Return the configured client, made once per process; None when no model is configured."""
    if settings.LLM_CLIENT == OPENAI and not settings.LLM_BASE_URL:
        return None
    return _made(settings.LLM_CLIENT, settings.LLM_BASE_URL, settings.LLM_API_KEY, settings.LLM_MODEL)


@lru_cache(maxsize=8)
def _made(dotted_name: str, *_configured: str) -> LLMClient:
    return cast(LLMClient, import_string(dotted_name)())
