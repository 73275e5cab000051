"""Consult the language model, once for the same words: what it answered is kept for the reader it was asked for.

What people said goes into a prompt as quoted material between marks that no text can hold. Nothing of the database is
held while a model thinks.
"""

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from memory.errors import LLMError
from memory.leases import let_go
from memory.models import Mind, ModelAnswer
from mindory_web.engines.errors import NONSENSE, SLOW, SPENT, TOO_LONG, EngineError
from mindory_web.engines.llm import LLMClient
from mindory_web.engines.thoughts import without_thoughts
from mindory_web.engines.types import ChatMessage

PROMPTS: Final = Path(__file__).parent / "prompts"
LANGUAGES: Final = ("en", "zh")
LONGEST_ANSWER: Final = 60_000  # characters; the rest is not waited for

_HOLE: Final = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: a prompt by its name, the language it is put in, and what fills its holes."""

    prompt: str
    language: str
    values: Mapping[str, str]
    max_tokens: int

    def digest(self, model: str) -> bytes:
        """Return what is the same when the same model is asked the same. The marks around quotes are not part of it."""
        asked = [model, _template(self.prompt, self.language), _template(f"{self.prompt}_of", self.language)]
        written = json.dumps([*asked, sorted(self.values.items()), self.max_tokens], ensure_ascii=False)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()

    def messages(self) -> list[ChatMessage]:
        """Return it as a model is told, between new marks."""
        fence = f"=== {secrets.token_hex(6)} ==="
        values = {**self.values, "fence": fence}
        return [
            {"role": "system", "content": fill(self.prompt, self.language, values)},
            {"role": "user", "content": fill(f"{self.prompt}_of", self.language, values)},
        ]


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered, and whether that was known already."""

    text: str
    digest: bytes
    is_known: bool
    is_cut: bool = False  # its time was over before it had ended


def ask(
    client: LLMClient, question: Question, *, owner_id: int, check: Callable[[], None], may_be_cut: bool = False
) -> Said:
    """Return what the model answers, or what it answered to the same before. Raises LLMError.

    `check` is called every second; an exception of it ends the request. `may_be_cut`: the beginning of an answer is
    of use, too; then what was said when its time is over is the answer.
    """
    digest = question.digest(client.model)
    known = ModelAnswer.objects.filter(owner=owner_id, digest=digest).values_list("text", flat=True).first()
    if known is not None:
        return Said(known, digest, is_known=True)
    let_go()
    try:
        text, is_cut = asyncio.run(_watched(client, question, check))
    except EngineError as error:
        raise LLMError(error.sentence, engine=error.code, is_retryable=error.is_retryable) from error
    text = without_thoughts(text).replace("\0", "").strip()
    if is_cut and not (may_be_cut and text):
        raise LLMError(_("The model takes too long to answer."), engine=SLOW)
    return Said(text, digest, is_known=False, is_cut=is_cut)


def keep(said: Said, *, owner_id: int, session_id: int | None, is_still_so: Callable[[], bool]) -> None:
    """Keep an answer that can be used, unless what was asked about was forgotten meanwhile."""
    if said.is_known:
        return
    with transaction.atomic():
        Mind.objects.select_for_update().filter(pk=owner_id).first()  # whoever forgets is done, or waits
        if is_still_so():
            answer = ModelAnswer(owner_id=owner_id, digest=said.digest, text=said.text, session_id=session_id)
            ModelAnswer.objects.bulk_create([answer], ignore_conflicts=True)


def nonsense() -> LLMError:
    """Return the failure of an answer that cannot be used."""
    return LLMError(_("The model gave an answer that cannot be used."), engine=NONSENSE)


def is_hopeless(error: LLMError) -> bool:
    """Say whether the same question will hardly ever be answered: it is too much, or what came was no answer."""
    return is_too_much(error) or error.details.get("engine") == NONSENSE


def is_too_much(error: LLMError) -> bool:
    """Say whether less might be answered: the question is too long, or the model thinks about it without end."""
    return error.details.get("engine") in {TOO_LONG, SPENT}


def too_much() -> LLMError:
    """Return the failure of an answer that has no room for all that is to be said."""
    return LLMError(_("The answer has no room for all that is to be said."), engine=TOO_LONG)


def quoted(text: str) -> str:
    """Return a text as a string of JSON, in one line: nothing in it can pretend to be more than text."""
    return json.dumps(text, ensure_ascii=False)


def fill(prompt: str, language: str, values: Mapping[str, str]) -> str:
    """Return a prompt with its holes filled. What fills one is never looked at for others."""
    return _HOLE.sub(lambda hole: values[hole[1]], _template(prompt, language)).strip()


@cache
def _template(prompt: str, language: str) -> str:
    return (PROMPTS / (language if language in LANGUAGES else "en") / f"{prompt}.md").read_text(encoding="utf-8")


async def _watched(client: LLMClient, question: Question, check: Callable[[], None]) -> tuple[str, bool]:
    """Return the answer and whether its time was over before it had ended; end the request when `check` objects."""
    answer = asyncio.ensure_future(_answer(client, question))
    try:
        while not (await asyncio.wait({answer}, timeout=1.0))[0]:
            check()
        return answer.result()
    finally:
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)


async def _answer(client: LLMClient, question: Question) -> tuple[str, bool]:
    said = ""
    try:
        async with asyncio.timeout(settings.MEMORY_ANSWER_SECONDS):
            stream = cast(Any, client.stream(question.messages(), max_tokens=question.max_tokens))
            async with aclosing(stream) as pieces:
                async for piece in pieces:
                    said += piece
                    if len(said) > LONGEST_ANSWER:
                        break
    except TimeoutError:
        return said, True
    return said[:LONGEST_ANSWER], False
