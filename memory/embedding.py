"""Make the vectors of memories, in the background: what an engine can embed is found by meaning, too.

A memory without a vector is found by its words. So an engine that is away costs nothing but time, and when its model
changes all are made anew while the search goes on with those that are.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import structlog
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from memory import writing
from memory.leases import Lease, let_go
from memory.models import Job, Memory
from memory.types import State
from memory.vectors import COLLECTION, Said, vectors_of
from mindory_web.engines.embedding import EmbeddingEngine, embedding_engine
from mindory_web.engines.models import Space, Vector
from mindory_web.engines.vectors import VectorStoreFactory

log = structlog.get_logger(__name__)

AT_ONCE: Final = 64
RETRY: Final = timedelta(hours=1)  # of what failed for a reason that does not pass by itself


def embed(lease: Lease) -> None:
    """Make the vectors of a reader's memories that have none of the present model. Raises EngineError."""
    engine = embedding_engine()
    space = space_of(engine)
    while rows := list(without(lease.owner_id, engine, space).order_by("-pk")[:AT_ONCE]):
        lease.check()
        said = _said(rows)
        let_go()
        vectors = vectors_of(engine, said)
        _keep(lease, space, rows, vectors)
        lease.make_way()


def without(owner_id: int, engine: EmbeddingEngine, space: Space) -> QuerySet[Memory]:
    """Return the reader's memories that the engine can embed and has not."""
    rows = Memory.objects.filter(owner=owner_id).exclude(state=State.FORGOTTEN).exclude(text="")
    rows = rows.filter(~Q(space=space.pk) | Q(space=None))
    languages = rows.order_by().values_list("language", flat=True).distinct()
    return rows.filter(language__in=[language for language in languages if engine.has_vote(language)])


def behind() -> list[int]:
    """Return readers with memories that the present engine has not embedded and for whom no job waits.

    What is written asks for its vectors itself: this finds what was there before the engine's model changed.
    Raises EngineError.
    """
    engine = embedding_engine()
    space = space_of(engine)
    rows = Memory.objects.exclude(state=State.FORGOTTEN).exclude(text="").filter(~Q(space=space.pk) | Q(space=None))
    open_jobs = Job.objects.filter(kind=Job.Kind.EMBED).filter(
        Q(state__in=[Job.State.QUEUED, Job.State.RUNNING]) | Q(state=Job.State.FAILED, finished_at__gt=Now() - RETRY)
    )
    found = rows.exclude(owner__in=open_jobs.values("owner")).order_by().values_list("owner", "language").distinct()
    return sorted({owner for owner, language in found if engine.has_vote(language)})


def space_of(engine: EmbeddingEngine) -> Space:
    """Return the space of the engine's model; made at first use."""
    VectorStoreFactory.open(COLLECTION, engine)
    return Space.objects.get(collection=COLLECTION, model=engine.model)


def _said(rows: Sequence[Memory]) -> list[Said]:
    """Return what is embedded of each: a turn together with the one before it."""
    wanted = [Q(session=row.session_id, number=row.number - 1) for row in rows if row.session_id and row.number]
    before: dict[tuple[int | None, int | None], Memory] = {}
    if wanted:
        of_owner = Memory.objects.filter(owner=rows[0].owner_id)
        found = of_owner.filter(Q(*wanted, _connector=Q.OR)).exclude(state=State.FORGOTTEN)
        before = {(row.session_id, row.number): row for row in found}
    said = []
    for row in rows:
        last = before.get((row.session_id, row.number - 1)) if row.number else None
        said.append(
            Said(
                text=row.text,
                speaker=row.speaker,
                caption=row.caption,
                before=last.text if last else "",
                before_speaker=last.speaker if last else "",
            )
        )
    return said


def _keep(lease: Lease, space: Space, rows: Sequence[Memory], vectors: Any) -> None:
    """Write vectors and tell searches of them; of rows that were reworded or forgotten meanwhile, none."""
    with lease.fenced(is_writing=True) as job:
        revision = writing.begin(lease.owner_id)
        now = dict(
            Memory.objects.filter(owner=lease.owner_id, pk__in=[row.pk for row in rows])
            .exclude(state=State.FORGOTTEN)
            .values_list("pk", "text_hash")
        )
        kept = [at for at, row in enumerate(rows) if bytes(now.get(row.pk, b"")) == bytes(row.text_hash)]
        ids = [rows[at].pk for at in kept]
        Vector.objects.filter(space__collection=COLLECTION, group=lease.owner_id, item__in=ids).delete()
        # Not through the store, which would build an index for all readers that the memory's search does not use.
        Vector.objects.bulk_create(
            Vector(space=space, group=lease.owner_id, item=rows[at].pk, embedding=vectors[at]) for at in kept
        )
        Memory.objects.filter(owner=lease.owner_id, pk__in=ids).update(space=space.pk, revision=revision)
        lease.keep(job, {"embedded": len(ids)}, done=job.done + len(ids), total=max(job.total, job.done + len(ids)))
