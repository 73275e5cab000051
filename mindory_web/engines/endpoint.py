"""OpenAI-compatible endpoints: clients with limits, and what goes wrong as a sentence. The only user of `openai`.

Import it where a request is made, not before: `openai` takes 40 MB and most of a second.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import openai
import structlog
from django.utils.translation import gettext as _

from mindory_web.engines.errors import AWAY, BROKEN_OFF, BUSY, KEY, NONSENSE, SLOW, TOO_LONG, UNKNOWN, EngineError

log = structlog.get_logger(__name__)

CHAT: Final = "/chat/completions"
CONNECT_SECONDS: Final = 5.0
ANSWER_BYTES_AT_MOST: Final = 32 * 1024 * 1024
CONNECTIONS: Final = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
# What reading an answer may raise: the package's errors, and what a body that is no answer makes of its parser.
FAILURES: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    TimeoutError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)


Talking = openai.AsyncOpenAI
Answer = openai.AsyncStream[object]  # events as they were sent
Embedding = openai.OpenAI


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one address. `settings` is the prefix of its variables, for the sentences."""

    base_url: str
    key: str
    model: str
    settings: str

    def talking(self, seconds: float) -> Talking:
        """Return a client for streamed answers; nothing may take longer than `seconds` to come."""
        http = openai.DefaultAsyncHttpx2Client(
            limits=CONNECTIONS, timeout=_timeout(seconds), event_hooks={"response": [_limit_later]}
        )
        # It never repeats a request by itself: llm.py knows whether a word was said already.
        return Talking(base_url=self.base_url, api_key=self._word, http_client=http, max_retries=0, **_HEADERS)

    def embedding(self, seconds: float) -> Embedding:
        """Return a client for embeddings."""
        http = openai.DefaultHttpx2Client(timeout=_timeout(seconds), event_hooks={"response": [_limit]})
        return Embedding(base_url=self.base_url, api_key=self._word, http_client=http, max_retries=2, **_HEADERS)

    @property
    def _word(self) -> str:
        return self.key or "none"  # many servers of one's own want no key, but the package wants a word

    def failure(self, error: Exception, *, seconds: float) -> EngineError:
        """Return the sentence for what went wrong. What the endpoint said goes to the log only."""
        for one in (error, error.__cause__):
            if isinstance(one, EngineError):
                return one
        kind, detail = type(error).__name__, str(error)[:500].replace(self.key or "\0", "(key)")
        log.warning("endpoint_failed", base_url=self.base_url, model=self.model, error=kind, detail=detail)
        if isinstance(error, openai.APIStatusError):
            return self._refusal(error)
        if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
            sentence = _("The model did not answer within %(seconds)d seconds.") % {"seconds": seconds}
            return EngineError(sentence, code=SLOW)
        if isinstance(error, openai.APIConnectionError | httpx2.TransportError):
            if isinstance(error.__cause__ or error, httpx2.ReadError | httpx2.RemoteProtocolError):
                return EngineError(_("The connection to the model broke off."), code=BROKEN_OFF)
            return EngineError(_("No connection to the model's endpoint."), code=AWAY)
        if isinstance(error, openai.APIError):
            if says_too_long(error):
                return EngineError(_("The question and its passages are more than this model can read."), code=TOO_LONG)
            return EngineError(_("The model reported an error and stopped."), code=BROKEN_OFF)
        return EngineError(_("The model's endpoint sent something that is not an answer."), code=NONSENSE)

    def _refusal(self, error: openai.APIStatusError) -> EngineError:
        """Return the sentence for an HTTP status of 400 or more."""
        status, words = error.status_code, {"status": error.status_code, "model": self.model, "name": self.settings}
        if status in {401, 403}:
            sentence = _("The model's endpoint refused the key (%(status)d). Check %(name)s_API_KEY.") % words
            return EngineError(sentence, code=KEY, is_retryable=False)
        if status == 404:
            sentence = _("The endpoint does not know “%(model)s”. Check %(name)s_MODEL and %(name)s_BASE_URL.")
            return EngineError(sentence % words, code=UNKNOWN, is_retryable=False)
        if status == 429:
            wait = retry_after(error)
            if wait is None:
                return EngineError(_("The model is busy, or its quota is used up. Try again later."), code=BUSY)
            return EngineError(
                _("The model is busy. Try again in %(wait)d seconds.") % {"wait": max(1, wait)}, code=BUSY
            )
        if status == 413 or (status < 500 and says_too_long(error)):
            return EngineError(_("The question and its passages are more than this model can read."), code=TOO_LONG)
        if status < 500:
            sentence = _("The model refused the request (%(status)d). It may be too long for it.") % words
            return EngineError(sentence, is_retryable=False)
        return EngineError(_("The model's endpoint failed (%(status)d). Try again.") % words)


# Packed answers could be small on the wire and endless in memory.
_HEADERS: Final[dict[str, Any]] = {"default_headers": {"Accept-Encoding": "identity"}}


def _timeout(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=CONNECT_SECONDS, pool=10.0)


def retry_after(error: Exception) -> float | None:
    """Return how many seconds the endpoint asks to wait; None when it does not say."""
    if not isinstance(error, openai.APIStatusError):
        return None
    word = error.response.headers.get("retry-after", "")
    return min(float(word), 86_400.0) if word.isascii() and word.replace(".", "", 1).isdigit() else None


_TOO_LONG: Final = re.compile(
    r"context.?(?:length|window|size|limit)|input length|maximum.{0,20}(?:tokens|length)|too (?:long|many tokens|large)"
    r"|exceeds?.{0,40}tokens|num_ctx|n_ctx",
    re.I,
)


def says_too_long(error: Exception) -> bool:
    """Say whether a failure means that the request is more than the model can read.

    Every server words it otherwise, and some say it only in the stream.
    """
    if not isinstance(error, openai.APIError):
        return False
    if isinstance(error, openai.APIStatusError) and error.status_code not in {400, 413, 422}:
        return False
    return bool(_TOO_LONG.search(f"{error.code} {error} {error.body}"[:4_000]))


def is_passing(error: Exception) -> bool:
    """Say whether the same request may well work in half a second."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 or (error.status_code == 429 and (retry_after(error) or 0.0) <= 2.0)
    return isinstance(error, openai.APIConnectionError) and not isinstance(
        error.__cause__, httpx2.TimeoutException | EngineError
    )


_NO_SYSTEM: Final = re.compile(
    r"system.{0,40}not (?:be )?(?:supported|allowed|permitted)|roles must alternate|only user.{0,20}assistant roles",
    re.I,
)


def wants_no_system(error: Exception) -> bool:
    """Say whether the template of a model knows no system message."""
    is_refused = isinstance(error, openai.APIStatusError) and error.status_code in {400, 422, 500}
    return is_refused and bool(_NO_SYSTEM.search(str(error)[:4_000]))


def wants_other_limit(error: Exception) -> bool:
    """Say whether a model only knows the newer name of `max_tokens`."""
    is_refused = isinstance(error, openai.BadRequestError) and not says_too_long(error)
    return is_refused and "max_completion_tokens" in str(error)


class _Limited(httpx2.AsyncByteStream, httpx2.SyncByteStream):
    """A body that ends in an error when it grows beyond what any answer needs."""

    def __init__(self, body: httpx2.AsyncByteStream | httpx2.SyncByteStream) -> None:
        self._body = body
        self._left = ANSWER_BYTES_AT_MOST

    def _count(self, some: bytes) -> bytes:
        self._left -= len(some)
        if self._left < 0:
            raise EngineError(_("The model's endpoint sent far more than an answer."))
        return some

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._body, httpx2.AsyncByteStream)
        async for some in self._body:
            yield self._count(some)

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self._body, httpx2.SyncByteStream)
        for some in self._body:
            yield self._count(some)

    async def aclose(self) -> None:
        assert isinstance(self._body, httpx2.AsyncByteStream)
        await self._body.aclose()

    def close(self) -> None:
        assert isinstance(self._body, httpx2.SyncByteStream)
        self._body.close()


def _limit(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise EngineError(_("The model's endpoint sent something that is not an answer."))
    assert isinstance(response.stream, httpx2.AsyncByteStream | httpx2.SyncByteStream)
    response.stream = _Limited(response.stream)


async def _limit_later(response: httpx2.Response) -> None:
    _limit(response)
