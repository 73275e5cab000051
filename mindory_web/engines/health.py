"""How the engines are, without asking them for work: nothing is loaded, and no word is bought."""

from typing import Literal, TypedDict

from django.conf import settings
from django.utils.translation import gettext as _

from mindory_web.engines.embedding import LocalEmbeddingEngine, embedding_engine
from mindory_web.engines.errors import EngineError


class EngineState(TypedDict):
    """`state` is for programs, `sentence` for the admin. "off": not configured, and nothing is wrong with that."""

    state: Literal["ok", "down", "off"]
    sentence: str
    model: str


def engines_health() -> dict[str, EngineState]:
    """Return {"embedding", "language_model"}. A remote endpoint is not called: the admin's test button does that."""
    return {"embedding": _embedding(), "language_model": _language_model()}


def _embedding() -> EngineState:
    engine = embedding_engine()
    if not isinstance(engine, LocalEmbeddingEngine):
        return EngineState(state="ok", sentence=_("An endpoint makes the vectors."), model=engine.model)
    try:
        status = engine.status()
    except EngineError as error:
        return EngineState(state="down", sentence=error.sentence, model="")
    sentence = _("The model is in memory.") if status["is_loaded"] else _("The model is loaded at the next request.")
    return EngineState(state="ok", sentence=sentence, model=status["model"])


def _language_model() -> EngineState:
    if not settings.LLM_BASE_URL:
        sentence = _("No language model is configured: answers are the best passages, quoted.")
        return EngineState(state="off", sentence=sentence, model="")
    return EngineState(state="ok", sentence=_("A language model is configured."), model=settings.LLM_MODEL)
