"""Texts become unit vectors: what an embedding engine promises, which one is configured, and the local one."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from mindory_web.engines import bundled, wire
from mindory_web.engines.errors import EngineError

if TYPE_CHECKING:  # numpy costs 20 MB; processes that never embed do not load it
    import numpy as np
    from numpy.typing import NDArray

AT_ONCE: Final = 256
CONNECT_SECONDS: Final = 5.0
# How long to go on trying while nothing listens: a question rather does without, an ingest waits for a restart.
PATIENCE_SECONDS: Final = {True: 0.5, False: 15.0}
# The first answer may have to wait until the model is prepared and loaded; bulk work also for questions.
ANSWER_SECONDS: Final = {True: 30.0, False: 180.0}


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
    return _made(
        settings.EMBEDDING_ENGINE,
        settings.EMBEDDER_ADDRESS,
        settings.EMBEDDER_KEY,
        settings.EMBEDDING_BASE_URL,
        settings.EMBEDDING_API_KEY,
        settings.EMBEDDING_MODEL,
    )


@lru_cache(maxsize=8)
def _made(dotted_name: str, *_configured: str) -> EmbeddingEngine:
    return cast(EmbeddingEngine, import_string(dotted_name)())


class LocalEmbeddingEngine:
    """The bundled English model, in the embedding process of this host. Keeps connections and opens them again."""

    def __init__(self) -> None:
        self._address = wire.address(settings.EMBEDDER_ADDRESS)
        self._key: str = settings.EMBEDDER_KEY
        self._idle: list[tuple[int, socket]] = []  # (process, connection): a forked child leaves its parent's alone
        self._lock = threading.Lock()
        self._model = ""

    @property
    def model(self) -> str:
        """Name the model as the embedding process does; while it is away, as its records below MINDORY_DATA do."""
        if not self._model:
            try:
                self._model = str(self._ask({"do": "describe"}, is_urgent=True)[0]["model"])
            except EngineError:
                found = bundled.prepared(Path(settings.DATA), precision=settings.EMBEDDING_PRECISION)
                if found is None:
                    raise
                return found.name
        return self._model

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return bundled.DIMENSION

    def has_vote(self, language: str) -> bool:
        """Say yes to English, and to a text of unknown language in Latin letters ("")."""
        return language == "" or language.lower().split("-")[0] in {"en", "eng", "und"}

    def embed(self, texts: Sequence[str], *, is_urgent: bool = False) -> NDArray[np.float32]:
        """Return one unit vector a text, shape (texts, 384). An urgent call goes ahead of bulk work."""
        import numpy as np  # 20 MB: a web process that nobody asks anything does without

        expected = self.model
        found = [np.empty((0, self.dimension), np.float32)]
        for start in range(0, len(texts), AT_ONCE):
            some = [text[: wire.CHARACTERS_AT_MOST] for text in texts[start : start + AT_ONCE]]
            answer, body = self._ask({"do": "embed", "texts": some, "is_urgent": is_urgent}, is_urgent=is_urgent)
            if answer.get("model") != expected:
                self._model = ""
                raise EngineError(_("The embedding model was changed while it worked. Try again."))
            vectors = np.frombuffer(body, "<f4")
            if vectors.size != len(some) * self.dimension:
                raise EngineError(_("The embedding process gave an answer that does not fit the question."))
            found.append(vectors.reshape(len(some), self.dimension))
        return np.concatenate(found)

    def status(self) -> dict[str, Any]:
        """Return {"model", "dimension", "is_loaded", "waiting"} of the embedding process; loads nothing."""
        return self._ask({"do": "status"}, is_urgent=True)[0]

    def _ask(self, request: dict[str, Any], *, is_urgent: bool) -> tuple[dict[str, Any], bytes]:
        """Return the answer. A connection that died since its last use is replaced: asking twice changes nothing."""
        deadline = time.monotonic() + PATIENCE_SECONDS[is_urgent]
        while True:
            try:
                with self._connection() as link:
                    link.settimeout(ANSWER_SECONDS[is_urgent])
                    wire.send(link, request)
                    answer, body = wire.receive(link, body_at_most=wire.BODY_AT_MOST)
                break
            except TimeoutError as error:
                raise EngineError(_("The embedding process takes too long to answer.")) from error
            except wire.BadMessage as error:
                raise EngineError(_("What listens at MINDORY_EMBEDDER is not an embedding process.")) from error
            except (OSError, wire.Gone) as error:
                if time.monotonic() > deadline:
                    sentence = _("The embedding process does not answer. `make run` starts it; see docs/engines.md.")
                    raise EngineError(sentence) from error
                self._forget()
                time.sleep(0.05)  # it is being started again
        if "error" in answer:
            raise EngineError(str(answer["error"]), is_retryable=answer.get("is_retryable") is not False)
        return answer, body

    @contextlib.contextmanager
    def _connection(self) -> Iterator[socket]:
        """Lend a connection nobody uses. It comes back only when the exchange was complete."""
        with self._lock:
            mine = [one for one in self._idle if one[0] == os.getpid()]
            link = mine.pop()[1] if mine else None
            self._idle = mine
        link = link or self._connect()
        try:
            yield link
        except BaseException:
            link.close()
            raise
        with self._lock:
            self._idle.append((os.getpid(), link))

    def _connect(self) -> socket:
        link = wire.connect(self._address, seconds=CONNECT_SECONDS)
        try:
            greeting, _body = wire.receive(link, header_at_most=1024)
            if "error" in greeting:
                raise EngineError(str(greeting["error"]))
            wire.send(link, {"do": "hello", "proof": wire.proof(self._key, str(greeting.get("nonce")))})
            welcome, _body = wire.receive(link, header_at_most=1024)
            if "error" in welcome:
                raise EngineError(str(welcome["error"]), is_retryable=False)
        except BaseException:
            link.close()
            raise
        return link

    def _forget(self) -> None:
        """Close every connection that lies idle: when one is dead, so are the others."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process, link in idle:
            if process == os.getpid():
                link.close()
