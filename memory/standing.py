"""How a reader's memory stands: how far its jobs are, and what works. One answer for every door."""

from django.db.models import Count
from django.utils.translation import gettext as _

from memory.checking import LARGEST_ID
from memory.errors import NotFound
from memory.models import Job
from memory.wire import HealthOut, JobOut, job_as_dict
from mindory_web.engines.health import engines_health


def job(owner_id: int, job_id: int) -> JobOut:
    """Return how far a job is, and why it failed; NotFound for another reader's."""
    mine = Job.objects.filter(owner=owner_id).select_related("session")
    found = mine.filter(pk=job_id).first() if 0 < job_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such job."))
    return job_as_dict(found)


def health(owner_id: int) -> HealthOut:
    """Say what works: the engines, and how many of the reader's jobs wait or failed. No engine is asked for work."""
    engines = engines_health()
    counts = dict(Job.objects.filter(owner=owner_id).order_by().values_list("state").annotate(Count("pk")))
    return HealthOut(
        status="ok",
        language_model=engines["language_model"]["state"],
        embedding=engines["embedding"]["state"],
        jobs={state: counts.get(state, 0) for state in Job.State.values},
    )
