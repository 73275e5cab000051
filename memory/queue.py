"""Have work done later: a row that says what, and word to a worker once it is committed.

The row is the truth, the message carries an address and nothing else; losing it costs seconds, not work. Messages go
to the workers that ingest books, behind all that is theirs: a priority of Redis' own list, which they look at last.
"""

from typing import Final

from django.db import transaction

from memory.models import Job, Session
from mindory_web.engines.llm import llm_client
from mindory_web.lib import broker

RUN_JOB: Final = "memory.tasks.run_job"
PRIORITY: Final = 9  # the last that a worker looks at; books have 0


def learn(session_id: int) -> None:
    """Have memories learned from what is new in a session."""
    owner = Session.objects.filter(pk=session_id).values_list("owner_id", flat=True).first()
    if owner is not None:
        _add(owner, Job.Kind.LEARN, session_id)


def embed(owner_id: int) -> None:
    """Have vectors made of a reader's memories that have none of the present engine."""
    _add(owner_id, Job.Kind.EMBED)


def layers(owner_id: int) -> None:
    """Have abstracts written of a reader's sessions and long memories; nothing to do without a model."""
    if llm_client() is not None:
        _add(owner_id, Job.Kind.LAYERS)


def _add(owner_id: int, kind: Job.Kind, session_id: int | None = None) -> None:
    """Add a job unless one like it waits already: that one will see what is new."""
    with transaction.atomic():
        waiting = Job.objects.filter(owner=owner_id, kind=kind, session=session_id, state=Job.State.QUEUED)
        # Locked, so that no worker takes it before the caller's rows are committed and can be seen by it.
        if waiting.select_for_update(no_key=True).values_list("pk", flat=True).first() is not None:
            return
        job = Job(owner_id=owner_id, kind=kind, session_id=session_id)
        Job.objects.bulk_create([job], ignore_conflicts=True)
        if (found := waiting.values_list("pk", flat=True).first()) is not None:
            transaction.on_commit(lambda: wake(found))


def wake(job_id: int) -> None:
    """Send word of a job. When it is lost, the reaper will send it again."""
    broker.send(RUN_JOB, [job_id], priority=PRIORITY)


def waiting() -> int | None:
    """Return how many of our messages no worker has taken yet; None when Redis does not answer."""
    return broker.waiting(priority=PRIORITY)


def others_wait() -> bool:
    """Say whether a worker is wanted for more urgent work than ours."""
    return bool(broker.waiting())
