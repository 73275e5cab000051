"""What goes with a reader who leaves: their memory, piece by piece.

Deleted with the reader's row, all of it would be read first, and go in one transaction of a minute. A process that is
killed has deleted some pieces; the rest goes when the reaper asks again.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection, transaction

from memory.models import Event, Layer, Memory, Recall, Request, Session
from memory.writing import COLLECTION, among
from mindory_web.accounts.models import Reader
from mindory_web.engines.vectors import VectorStoreFactory

AT_ONCE: Final = 5_000


def forget(*, reader: Reader, **_signal: Any) -> None:
    """Delete the vectors and the memories of a reader; what little is left goes with their row."""
    VectorStoreFactory.forget(COLLECTION, reader.pk)
    mine = Memory.objects.filter(owner=reader).order_by("pk").values_list("pk", flat=True)
    while ids := list(mine[:AT_ONCE]):
        _delete(reader, ids)
    theirs = Session.objects.filter(owner=reader).order_by("pk").values_list("pk", flat=True)
    while ids := list(theirs[:AT_ONCE]):
        Session.objects.filter(pk__in=among(ids)).delete()


@transaction.atomic
def _delete(reader: Reader, ids: Sequence[int]) -> None:
    """Delete memories with what hangs on them. Not through the ORM, which would read every row and its words."""
    mine = Memory.objects.filter(owner=reader)
    mine.filter(turn__in=among(ids)).update(turn=None)
    mine.filter(superseded_by__in=among(ids)).update(superseded_by=None)
    for model in (Event, Layer, Recall, Request):
        model.objects.filter(memory__in=among(ids)).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM memory_memory WHERE id = ANY(%s::bigint[])", [list(ids)])
