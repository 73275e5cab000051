"""How a reader's memory stands: figures, jobs, switches, what works."""

from django.http import HttpRequest
from ninja import Router

from memory import standing
from memory.api import schemas
from memory.api.asking import manager_of, writing
from memory.wire import HealthOut, JobOut, StatsOut, stats_as_dict
from mindory_web.lib.api import Id, failures, reader_of

router = Router(tags=["memory"])


@router.get("/stats", response={200: StatsOut, **failures()})
def get_memory_stats(request: HttpRequest) -> StatsOut:
    """Count what is remembered: by type, state and book, sessions and turns, the first and the last, open jobs."""
    return stats_as_dict(manager_of(request).stats())


@router.get("/jobs/{job}", response={200: JobOut, **failures(404)})
def get_memory_job(request: HttpRequest, job: Id) -> JobOut:
    """Show how far a job is, and why it failed."""
    return standing.job(reader_of(request).pk, job)


@router.get("/health", response={200: HealthOut, **failures()})
def get_memory_health(request: HttpRequest) -> HealthOut:
    """Say what works: the engines, and how many of your jobs wait or failed. It asks no engine for work."""
    return standing.health(reader_of(request).pk)


@router.get("/settings", response={200: schemas.SwitchesOut, **failures()})
def get_memory_settings(request: HttpRequest) -> dict[str, bool]:
    """Show what Mindory remembers by itself."""
    mind = manager_of(request).mind()
    return {"is_learning": mind.is_learning, "is_following": mind.is_following}


@router.patch("/settings", response={200: schemas.SwitchesOut, **failures(400, 429)})
def change_memory_settings(request: HttpRequest, given: schemas.SwitchesIn) -> dict[str, bool]:
    """Switch learning from conversations, or remembering what you read, on or off. What is remembered stays."""
    mind = writing(request).set_switches(**given.dict(exclude_unset=True))
    return {"is_learning": mind.is_learning, "is_following": mind.is_following}
