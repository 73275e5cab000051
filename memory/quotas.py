"""How many memories a reader may have at hand. Beyond it the least retained are put away; nothing is deleted."""

from dataclasses import replace
from typing import Final

from django.conf import settings
from django.db.models import F, FloatField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from memory.models import Memory
from memory.types import State, Verb
from memory.writing import Hand, among

PART_LOOKED: Final = 100  # how full it is gets counted once every hundredth of the quota
QUOTA_ACTOR: Final = "quota"


def keep(hand: Hand, *, added: int) -> int:
    """Put away what is beyond the quota, if it is time to look; return how many that were."""
    quota = settings.MEMORY_QUOTA
    if not quota:
        return 0
    every = max(1, quota // PART_LOOKED)
    if added < every and hand.revision % every:
        return 0
    rows = Memory.objects.filter(owner_id=hand.owner_id, state=State.ACTIVE)
    over = rows.count() - quota
    if over <= 0:
        return 0
    age = RawSQL("EXTRACT(EPOCH FROM (%s - COALESCE(last_used_at, observed_at)))", [hand.now])
    faded = Cast(age, FloatField()) / F("stability_days")  # the curve falls with days by stability
    least = rows.filter(is_pinned=False).exclude(revision=hand.revision).order_by(-faded, "pk")[:over]
    ids = list(least.values_list("pk", flat=True))
    put_away = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(ids))
    put_away.update(state=State.ARCHIVED, revision=hand.revision, changed_at=hand.now)
    hand.write_events()  # what was noted before stands before it
    by = replace(hand, actor=QUOTA_ACTOR)
    by.note_all(ids, Verb.ARCHIVED, before={"state": State.ACTIVE}, after={"state": State.ARCHIVED})
    return len(ids)
