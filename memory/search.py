"""search(): from a question to memories. No language model is in its path; see docs/memory.md, "Search"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from memory.models import Memory, Session
from memory.types import Found, Hit, SessionHit, State, Wanted
from mindory_web.lib import prepared
from mindory_web.lib.prepared import Columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from memory.ranking import View

__all__ = ["Found", "SessionHit", "foremost", "look", "rows_by_id", "rows_of", "search", "search_each"]


def search(
    owner_id: int, query: str, *, wanted: Wanted = Wanted(), limit: int = 10, min_score: float = 0.0,  # noqa: B008
    reference: datetime | None = None, explain: bool = False, vector: NDArray[np.float32] | None = None,
) -> Found:  # fmt: skip
    """Return the reader's memories that fit a question best, best first.

    `reference` is the day that "yesterday" is told from. `vector` is the question's, in the space of the engine
    that is configured; without it the engine is asked, and when that does not answer, words alone decide.
    `explain` tells what each score is made of. Equal texts are one hit.
    """
    from memory import ranking  # numpy: 20 MB and a fifth of a second, for processes that search

    [found] = ranking.ranked(
        ranking.look(owner_id),
        query,
        wanted=[wanted],
        limit=limit,
        min_score=min_score,
        reference=reference,
        explain=explain,
        vector=vector,
    )
    return found


def look(owner_id: int) -> View:
    """Return a reader's memory as it is now: whoever asks it several things looks once whether it changed."""
    from memory import ranking

    return ranking.look(owner_id)


def search_each(view: View, query: str, *, wanted: Sequence[Wanted], limit: int) -> tuple[Found, ...]:
    """Return what `search` would return for each of these wishes, explained; hardly slower than for one."""
    from memory import ranking

    return ranking.ranked(
        view, query, wanted=wanted, limit=limit, min_score=0.0, reference=None, explain=True, vector=None
    )


def foremost(view: View, wanted: Wanted, *, count: int) -> list[int]:
    """Return the ids of the first memories that a caller wants: pinned, important, newly observed ones first."""
    from memory import ranking

    return ranking.foremost(view, wanted, count=count)


def rows_of(owner_id: int, hits: Sequence[Hit]) -> list[tuple[Memory, Hit]]:
    """Return the memories of hits with their sessions, in their order; one that was forgotten meanwhile is left out."""
    found = rows_by_id(owner_id, [hit.memory for hit in hits])
    return [(found[hit.memory], hit) for hit in hits if hit.memory in found]


def rows_by_id(owner_id: int, ids: Sequence[int]) -> dict[int, Memory]:
    """Return those of the reader's memories, with their sessions, that are not forgotten. One query."""
    if not ids:
        return {}
    with prepared.cursor() as cursor:
        cursor.execute(_ROWS, [owner_id, list(ids), State.FORGOTTEN.value])
        read = cursor.fetchall()
    sessions: dict[int, Session] = {}
    found: dict[int, Memory] = {}
    for values in read:
        row = _MEMORY.instance(values[: _MEMORY.count])
        if row.session_id is not None:
            if row.session_id not in sessions:
                sessions[row.session_id] = _SESSION.instance(values[_MEMORY.count :])
            row.session = sessions[row.session_id]
        found[row.pk] = row
    return found


_MEMORY: Final = Columns(Memory, "one", without={"tokens", "gist", "text_hash"})  # those serve searches only
_SESSION: Final = Columns(Session, "session")
_ROWS: Final = f"""
SELECT {_MEMORY.sql}, {_SESSION.sql}
FROM memory_memory one LEFT JOIN memory_session session ON session.id = one.session_id
WHERE one.owner_id = %s AND one.id = ANY(%s::bigint[]) AND one.state <> %s
"""  # noqa: S608 (names of our own columns)
