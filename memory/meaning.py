"""The vectors' leg of a search: whether an engine has a vote, the question's vector, and how near each row is."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import structlog
from django.conf import settings

from memory.asking import Asked
from memory.hot import NO_SPACE
from memory.index import Index
from memory.postings import Floats
from memory.vectors import COLLECTION, without_names
from mindory_web.engines.embedding import EmbeddingEngine, embedding_engine
from mindory_web.engines.errors import EngineError
from mindory_web.engines.vectors import VectorStoreFactory

log = structlog.get_logger(__name__)

POOL: Final = 200  # vectors that are looked for where they are too many to be kept here
SILENT_SECONDS: Final = 5.0  # an engine that did not answer is not asked again for so long
MOST_KEPT: Final = 512  # vectors of questions

Answer = TypeVar("Answer")


class _Engine:
    """The configured engine as a search asks it: at once, or not at all. Keeps the vectors of questions."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Floats] = OrderedDict()
        self._lock = threading.Lock()
        self._silent_until = (0.0, "")

    def model(self) -> str | None:
        """Return the name of the model; None while the engine does not answer."""
        return self._answer(lambda: embedding_engine().model)

    def vector(self, text: str) -> Floats | None:
        """Return the vector of a question; None while the engine does not answer."""
        model = self.model()
        if model is None:
            return None
        key = (model, text)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made: Floats | None = self._answer(lambda: embedding_engine().embed([text], is_urgent=True)[0])
        if made is not None:
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        return made

    def _answer(self, ask: Callable[[], Answer]) -> Answer | None:
        """Return what the engine says. One that fell silent is left alone for a while, so that no search waits."""
        until, who = self._silent_until
        if time.monotonic() < until and who == settings.EMBEDDING_ENGINE:
            return None
        try:
            return ask()
        except EngineError as error:
            self._silent_until = (time.monotonic() + SILENT_SECONDS, settings.EMBEDDING_ENGINE)
            log.warning("searched_by_words_alone", reason=str(error))
            return None


_ENGINE: Final = _Engine()


def model() -> str | None:
    """Return the name of the configured engine's model; None while it cannot be told."""
    return _ENGINE.model()


@dataclass(frozen=True, slots=True)
class Near:
    """How near the rows are to a question."""

    rows: Floats  # the cosine of each, NaN where a row has no vector (or none that has a vote)
    vector: Floats | None = None  # the question's, where `rows` are estimates


def nearness(index: Index, asked: Asked, owner_id: int, vector: Floats | None) -> Near | None:
    """Return how near the rows are to a question; None without any vector."""
    is_voted = index.columns["space"] == index.space
    if index.space == NO_SPACE or not is_voted.any():
        return None
    engine = embedding_engine()
    if vector is None:
        if asked.language and not engine.has_vote(asked.language):
            return None
        vector = _ENGINE.vector(without_names(asked.text, asked.names, language=asked.language))
        if vector is None:
            return None
    if index.is_lean:
        try:
            found = _from_store(index, engine, owner_id, vector)
        except (EngineError, ValueError) as error:  # another dimension than that of the vectors kept
            log.warning("searched_by_words_alone", reason=str(error))
            return None
        return None if found is None else Near(found)
    if not index.holds(len(vector)):
        log.warning("searched_by_words_alone", reason=f"vectors kept are not of {len(vector)} numbers")
        return None
    vector = np.asarray(vector, np.float32)
    if not index.has_many_vectors:
        return Near(_only_voted(index, engine, index.similarities(vector)))
    return Near(_only_voted(index, engine, index.estimates(vector)), vector)


def _only_voted(index: Index, engine: EmbeddingEngine, found: Floats) -> Floats:
    """Take the vote from rows in languages that the engine does not understand."""
    for number, language in enumerate(index.codes["language"].things):
        if language and not engine.has_vote(language):
            found[index.columns["language_code"] == number] = np.nan
    return found


def _from_store(index: Index, engine: EmbeddingEngine, owner_id: int, vector: Floats) -> Floats | None:
    """Ask the vector store. A row that is not among the nearest is taken for as far as the last of them."""
    hits = VectorStoreFactory.open(COLLECTION, engine).nearest(vector, groups=[owner_id], k=POOL)
    if not hits:
        return None
    found = np.where(index.columns["space"] == index.space, hits[-1].similarity, np.nan).astype(np.float32)
    order = index.by_id()
    ids = index.columns["id"][order]
    items = np.array([hit.item for hit in hits], np.int64)
    at = np.minimum(np.searchsorted(ids, items), len(ids) - 1)
    held = ids[at] == items
    found[order[at[held]]] = np.array([hit.similarity for hit in hits], np.float32)[held]
    return found
