"""Ask a model which type memories are whose words do not tell it surely enough, many at once."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from memory import answers, consulting
from memory.errors import LLMError, NotFound
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Memory, Mind
from memory.types import State
from mindory_web.engines.llm import LLMClient
from mindory_web.lib.languages import language_of

AT_ONCE: Final = 20
UNSURE: Final = 0.5
SORTED: Final = 0.8  # how sure a type is that a model gave
LONGEST: Final = 500  # characters of a memory that are shown
MOST_TOKENS: Final = 600


def unsure() -> QuerySet[Memory]:
    """Return memories whose words do not tell their type surely enough."""
    return Memory.objects.filter(number=None, state=State.ACTIVE, type_confidence__lt=UNSURE).exclude(text="")


def sort(lease: Lease, client: LLMClient) -> None:
    """Have the types of a reader's memories told. Raises LLMError."""
    while notes := list(unsure().filter(owner=lease.owner_id).order_by("pk")[:AT_ONCE]):
        lease.check()
        lines = [
            f'{{"note": {at}, "text": {consulting.quoted(note.text[:LONGEST])}}}' for at, note in enumerate(notes, 1)
        ]
        language = "zh" if language_of(notes[0].text) == "zh" else "en"
        question = consulting.Question("classification", language, {"notes": "\n".join(lines)}, MOST_TOKENS)
        try:
            said = consulting.ask(client, question, owner_id=lease.owner_id, check=lease.check).text
        except LLMError as error:
            if not consulting.is_hopeless(error):
                raise
            said = ""
        if not _keep(lease, notes, answers.types_in(said)):
            return
        lease.make_way()


def _keep(lease: Lease, notes: Sequence[Memory], types: dict[str, Any]) -> bool:
    """Write the types; False when learning was paused meanwhile.

    What the model left out keeps its own; none is asked about again.
    """
    manager = MemoryManager(lease.owner_id, actor="extraction")
    with lease.fenced(is_writing=True) as job:
        if Mind.objects.filter(pk=lease.owner_id, is_learning=False).exists():
            return False
        changed = 0
        for at, note in enumerate(notes, 1):
            kind = types.get(str(at))
            try:
                if kind is not None and kind != note.type:
                    manager.update(note.pk, {"type": kind}, reason="sorted by a model")
                    changed += 1
            except NotFound:
                continue  # forgotten meanwhile
        Memory.objects.filter(pk__in=[note.pk for note in notes]).update(type_confidence=SORTED)
        lease.keep(job, {"sorted": len(notes), "retyped": changed}, done=job.done, total=job.total)
    return True
