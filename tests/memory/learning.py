"""Sessions that are learned from, and models that say what they are told: what the tests of learning share."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from memory import extraction, jobs, queue, windows
from memory.extraction import Learned
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Memory, Session
from memory.types import Turn
from memory.windows import Window
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import TOO_LONG, EngineError
from mindory_web.engines.llm import llm_client
from tests.fakes import ToldModel

MAY: Final = datetime(2024, 5, 8, 12, tzinfo=UTC)


# --- What a model says --------------------------------------------------------------------------


def fact(quote: str, text: str, turn: int = 0, **more: Any) -> dict[str, Any]:
    """Return a fact as a model gives it."""
    return {"turn": turn, "quote": quote, "text": text, "kind": "fact", "confidence": 0.9, **more}


def facts(*given: dict[str, Any]) -> str:
    """Return the answer that holds these facts."""
    return json.dumps({"facts": given})


class ShortReader(ToldModel):
    """Reads no more than `most` characters of what people said."""

    most = 0

    async def stream(self, messages: Any, *, max_tokens: int) -> AsyncIterator[str]:
        """Refuse what is longer."""
        if len(messages[1]["content"]) > self.most:
            raise EngineError("Too long.", code=TOO_LONG, is_retryable=False)
        async for piece in super().stream(messages, max_tokens=max_tokens):
            yield piece


def short_reader(settings: Any, most: int, *pieces: str) -> ShortReader:
    """Configure a model that reads so many characters and says these pieces, and return it."""
    settings.LLM_CLIENT = "tests.memory.learning.ShortReader"
    model = llm_client()
    assert isinstance(model, ShortReader)
    model.forget()
    model.most = most
    model.tell(*pieces)
    return model


def asked(model: ToldModel, at: int = -1) -> list[dict[str, Any]]:
    """Return the turns that the model was shown, without the line that says what conversation it is."""
    shown = model.asked[at][1]["content"].splitlines()
    return [line for line in map(json.loads, (line for line in shown if line.startswith("{"))) if "turn" in line]


# --- What is learned from it --------------------------------------------------------------------


def say(reader: Reader, *texts: str | Turn, key: str = "talk") -> Session:
    """Return a session in which the reader said this."""
    turns = [turn if isinstance(turn, Turn) else Turn(turn, said_at=MAY) for turn in texts]
    MemoryManager(reader.pk).add_turns(key, turns)
    return Session.objects.get(owner=reader, key=key)


def learn(session: Session, *, attempts: int = 1) -> Job:
    """Run the job of a session, again when it is put back for later."""
    with transaction.atomic():
        queue.learn(session.pk)
    job = Job.objects.get(kind="learn", state="queued", session=session)
    for _ in range(attempts):
        Job.objects.filter(pk=job.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        run_claimed(job)
    return job


def enrich(reader: Reader) -> Job:
    """Run the job that makes more of what a reader's memory holds."""
    queue.layers(reader.pk)
    job = Job.objects.get(kind="layers", state="queued")
    run_claimed(job)
    return job


def run_claimed(job: Job) -> None:
    """Do a job as its worker does, once it is due."""
    lease = Lease.claim(job.pk)
    assert lease is not None
    jobs._run(lease)
    job.refresh_from_db()


def learned(reader: Reader) -> list[str]:
    """Return what was learned of a reader, in the order in which it was."""
    rows = Memory.objects.filter(owner=reader, number=None).exclude(state="forgotten")
    return list(rows.order_by("pk").values_list("text", flat=True))


@dataclass(frozen=True)
class Drawing:
    """What a worker has drawn from a session and not kept yet."""

    lease: Lease
    window: Window
    found: Learned

    def keep(self) -> None:
        """Keep it, as the worker does next."""
        extraction._keep(self.lease, self.window, self.found)


def drawn(session: Session, model: ToldModel) -> Drawing:
    """Return what a worker draws from a session by this model."""
    queue.learn(session.pk)
    lease = Lease.claim(Job.objects.get(kind="learn").pk)
    assert lease is not None
    window = windows.next_window(session)
    return Drawing(lease, window, extraction._from_model(lease, model, window))
