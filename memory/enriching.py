"""What a model makes of what is there, step by step. Each only adds; without a model there is nothing to do."""

from collections.abc import Callable
from typing import Final

from django.db.models import Q

from memory import layers, paraphrases, sorting, titles
from memory.leases import Lease
from memory.models import Memory, Mind
from mindory_web.engines.llm import LLMClient, llm_client

STEPS: Final[tuple[Callable[[Lease, LLMClient], None], ...]] = (
    sorting.sort,
    paraphrases.merge,
    titles.write,
    layers.write,
)


def enrich(lease: Lease) -> None:
    """Take every step, as long as the reader lets Mindory learn. Raises LLMError."""
    client = llm_client()
    for step in STEPS:
        if client is None or Mind.objects.filter(pk=lease.owner_id, is_learning=False).exists():
            return
        step(lease, client)


def behind() -> set[int]:
    """Return the readers with memories that a model could make more of."""
    wanting = Memory.objects.filter(Q(pk__in=layers.long_ones().values("pk")) | Q(pk__in=sorting.unsure().values("pk")))
    return {*wanting.order_by().values_list("owner", flat=True).distinct(), *paraphrases.behind()}
