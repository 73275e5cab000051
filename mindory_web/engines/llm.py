"""A language model behind any OpenAI-compatible endpoint, and which one is configured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from mindory_web.engines.errors import BROKEN_OFF, NONSENSE, SPENT, EngineError
from mindory_web.engines.thoughts import Spoken
from mindory_web.engines.types import ChatMessage, EngineHealth

if TYPE_CHECKING:  # 40 MB; see endpoint.py
    from mindory_web.engines.endpoint import Answer, Endpoint, Talking

OPENAI: Final = "mindory_web.engines.llm.OpenAIClient"
ATTEMPTS: Final = 2  # before the first word; afterwards a second attempt would say it twice
PAUSE_SECONDS: Final = 0.5
NEXT_WORD_SECONDS: Final = 45.0
LAST_WORD_SECONDS: Final = 0.5  # from "finished" to the end of the stream, which some servers keep open
ANSWER_SECONDS: Final = 900.0
THOUGHTS: Final = 4_000  # tokens more for a model that thinks before it speaks
CHARACTERS_A_TOKEN: Final = 40  # no model says more in one token; beyond that the endpoint ignores max_tokens

__all__ = ["ChatMessage", "EngineHealth", "LLMClient", "OpenAIClient", "llm_client", "load_early"]


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
    return _made(
        settings.LLM_CLIENT,
        settings.LLM_BASE_URL,
        settings.LLM_API_KEY,
        settings.LLM_MODEL,
        str(settings.LLM_TIMEOUT_SECONDS),
    )


def load_early() -> None:
    """Load what the first answer needs (40 MB, most of a second): for the start of a process that answers."""
    if llm_client() is not None and settings.LLM_CLIENT == OPENAI:
        import mindory_web.engines.endpoint  # noqa: F401


@lru_cache(maxsize=8)
def _made(dotted_name: str, *_configured: str) -> LLMClient:
    return cast(LLMClient, import_string(dotted_name)())


class OpenAIClient:
    """The configured endpoint. Connections belong to an event loop, so each loop has a client of its own."""

    def __init__(self) -> None:
        self.model: str = settings.LLM_MODEL
        self._first_word_seconds = float(settings.LLM_TIMEOUT_SECONDS)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Talking] = WeakKeyDictionary()
        # What is found out about the endpoint at the first request that needs it.
        self._limit_name = "max_tokens"
        self._takes_system = True
        self._thoughts = 0  # tokens

    @cached_property
    def _endpoint(self) -> Endpoint:
        from mindory_web.engines.endpoint import Endpoint  # 40 MB: only where answers are made

        return Endpoint(settings.LLM_BASE_URL, settings.LLM_API_KEY, self.model, "MINDORY_LLM")

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[str, None]:
        """Yield the answer piece by piece. What a model only thinks is left out.

        `max_tokens` are those of the answer. A model that spends them all before its first word is asked once more with
        room for its thoughts, and has that room from then on.
        """
        thoughts = self._thoughts
        try:
            async with aclosing(self._said(messages, max_tokens, thoughts)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        except EngineError as error:
            if error.code != SPENT or thoughts:
                raise
        self._thoughts = THOUGHTS
        async with aclosing(self._said(messages, max_tokens, THOUGHTS)) as pieces:
            async for piece in pieces:
                yield piece

    async def _said(self, messages: Sequence[ChatMessage], max_tokens: int, thoughts: int) -> AsyncGenerator[str, None]:
        """Yield what one request is answered."""
        from mindory_web.engines import endpoint

        left = (max_tokens + thoughts) * CHARACTERS_A_TOKEN
        spoken, has_spoken, ending = Spoken(), False, ""
        try:
            async with aclosing(self._pieces(messages, max_tokens, thoughts)) as pieces:
                async for piece, finish in pieces:
                    ending = finish or ending
                    left -= len(piece)
                    if left < 0:
                        raise EngineError(_("The model's endpoint sent far more than an answer."), code=NONSENSE)
                    if said := spoken.feed(piece):
                        has_spoken = True
                        yield said
        except endpoint.FAILURES as error:
            raise self._endpoint.failure(error, seconds=self._first_word_seconds) from error
        if said := spoken.close():
            has_spoken = True
            yield said
        if not has_spoken and ending == "length":
            raise EngineError(_("The model spent its whole answer on thinking. Let it think less."), code=SPENT)
        if not has_spoken:
            raise EngineError(_("The model gave an empty answer."), code=NONSENSE)

    async def check(self) -> EngineHealth:
        """Ask for one word; a first sign of life is enough, for a model may think before it speaks."""
        from mindory_web.engines import endpoint

        start = time.monotonic()
        try:
            async with aclosing(self._pieces([{"role": "user", "content": "Say yes."}], 16)) as pieces:
                await anext(pieces, None)
        except (EngineError, *endpoint.FAILURES) as error:
            failure = self._endpoint.failure(error, seconds=self._first_word_seconds)
            return EngineHealth(False, failure.sentence, self.model, _since(start))
        return EngineHealth(True, _("The model answers."), self.model, _since(start))

    async def _pieces(
        self, messages: Sequence[ChatMessage], max_tokens: int, thoughts: int = 0
    ) -> AsyncGenerator[tuple[str, str], None]:
        """Yield (text, why it ended) of every chunk, mostly one of both is "", within the limits of time."""
        now = asyncio.get_running_loop().time
        limit, last = now() + self._first_word_seconds, now() + ANSWER_SECONDS
        async with asyncio.timeout_at(limit):
            stream = await self._open(messages, max_tokens, thoughts)
        has_begun = is_over = False
        async with stream:
            while True:
                try:
                    async with asyncio.timeout_at(min(limit, last)):
                        chunk = await anext(stream)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    if is_over:
                        return
                    if has_begun:
                        raise EngineError(
                            _("The model stopped in the middle of its answer."), code=BROKEN_OFF
                        ) from None
                    raise
                text, ending = _read(chunk)
                has_begun, is_over = True, is_over or bool(ending)
                limit = now() + (LAST_WORD_SECONDS if is_over else NEXT_WORD_SECONDS)
                yield text, ending

    async def _open(self, messages: Sequence[ChatMessage], max_tokens: int, thoughts: int) -> Answer:
        """Send the request: again as the endpoint wants it, and once more when a failure looks like one that passes."""
        from mindory_web.engines import endpoint

        attempt = 1
        while True:
            told: dict[str, Any] = {
                "model": self.model,
                "messages": list(messages) if self._takes_system else in_one(messages),
                "stream": True,
                self._limit_name: max_tokens + thoughts,
            }
            try:
                # Not by `chat.completions.create`: it makes an object of every event, which costs more than all the
                # rest of an answer, and checks nothing.
                return await self._client().post(
                    endpoint.CHAT, body=told, cast_to=object, stream=True, stream_cls=endpoint.Answer
                )
            except endpoint.FAILURES as error:
                if endpoint.wants_other_limit(error) and self._limit_name == "max_tokens":
                    self._limit_name = "max_completion_tokens"
                elif endpoint.wants_no_system(error) and self._takes_system:
                    self._takes_system = False
                elif thoughts and endpoint.says_too_long(error):
                    thoughts = 0  # it has no room for them
                elif attempt < ATTEMPTS and endpoint.is_passing(error):
                    attempt += 1
                    await asyncio.sleep(endpoint.retry_after(error) or PAUSE_SECONDS)
                else:
                    raise

    def _client(self) -> Talking:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._endpoint.talking(self._first_word_seconds)
        return self._clients[loop]


def in_one(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Return the same messages for a model that knows no system: what that said stands before what is asked first."""
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": system}, *rest]
    return [{"role": "user", "content": f"{system}\n\n{rest[0]['content']}"}, *rest[1:]]


def _read(event: object) -> tuple[str, str]:
    """Return (text, why it ended) of an event of the stream. Nobody checked what was sent: a field may be anything."""
    choices = _fields(event).get("choices")
    if choices is None:
        return "", ""  # of figures only
    if not isinstance(choices, list):
        raise ValueError("choices is not a list")
    if not choices:
        return "", ""
    choice = _fields(choices[0])
    text = _fields(choice.get("delta") or choice.get("message") or {}).get("content")
    if isinstance(text, list):
        text = "".join(_part(part) for part in text)
    if text is not None and not isinstance(text, str):
        raise ValueError("content is not text")
    return text or "", str(choice.get("finish_reason") or "")


def _part(part: object) -> str:
    """Return the words of a part of an answer in parts: others are thoughts."""
    words = _fields(part).get("text", "") if _fields(part).get("type") == "text" else ""
    return words if isinstance(words, str) else ""


def _fields(thing: object) -> dict[str, Any]:
    if not isinstance(thing, dict):
        raise ValueError("an object was expected")
    return thing


def _since(start: float) -> float:
    return round((time.monotonic() - start) * 1000, 1)
