"""The replies of a conversation are a tree: which of them lead to one, and which is the newest below it."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from books.chat.asked import Turn
from books.models import Conversation, Reply

MOST_TURNS: Final = 6  # earlier turns that a model is told of
LOOKED_BACK: Final = 24  # replies up the branch among which those are found
TOLD: Final = (Reply.State.DONE, Reply.State.STOPPED, Reply.State.INTERRUPTED)

_UP: Final = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, 1 AS depth FROM books_reply WHERE id = %s
    UNION ALL
    SELECT reply.id, reply.parent_id, depth + 1 FROM books_reply reply JOIN up ON reply.id = up.parent_id
    WHERE depth < %s
) SELECT id FROM up ORDER BY depth DESC
"""

# The same with what was said, in one query: every question waits for it. The hole is for one more column.
_TOLD: Final = """
WITH RECURSIVE up AS (
    SELECT id, parent_id, 1 AS depth FROM books_reply WHERE id = %%(first)s
    UNION ALL
    SELECT reply.id, reply.parent_id, depth + 1 FROM books_reply reply JOIN up ON reply.id = up.parent_id
    WHERE depth < %%(most)s
) SELECT reply.id, reply.question, reply.text%s FROM up JOIN books_reply reply ON reply.id = up.id
WHERE reply.state = ANY(%%(told)s) AND reply.text <> '' ORDER BY depth DESC
"""


def ancestors(reply_id: int | None, *, most: int = 100_000) -> list[int]:
    """Return the replies that lead to this one, oldest first, itself the last."""
    if reply_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_UP, [reply_id, most])
        return [pk for (pk,) in cursor.fetchall()]


def branch(talk: Conversation) -> list[int]:
    """Return the replies of the branch that is shown, oldest first."""
    return ancestors(talk.tip_id)


def end_of(reply: Reply) -> int:
    """Return the newest reply below this one: of each question's children the last one asked."""
    newest: dict[int, int] = {}
    children = Reply.objects.filter(conversation=reply.conversation_id, parent__isnull=False).order_by("pk")
    for pk, parent in children.values_list("pk", "parent"):
        newest[parent or 0] = pk
    end = reply.pk
    while end in newest:
        end = newest[end]
    return end


def history(reply: Reply, *, until: Mapping[int, tuple[int, int]] | None) -> tuple[Turn, ...]:
    """Return the last turns before a reply on its branch, oldest first.

    With a reading limit (`until`) those are left out that may hold more than it allows.
    """
    if reply.parent_id is None:
        return ()
    traced = ", reply.trace" if until is not None else ""  # it is long, and only a limit needs it
    found = Reply.objects.raw(_TOLD % traced, {"first": reply.parent_id, "most": LOOKED_BACK, "told": list(TOLD)})
    turns = list(found) if until is None else _allowed(list(found), until)
    return tuple(Turn(turn.question, turn.text) for turn in turns[-MOST_TURNS:])


def is_within(reply: Reply, until: Mapping[int, tuple[int, int]]) -> bool:
    """Say whether an answer was made with a reading limit, and of nothing that lies past this one."""
    trace = reply.trace
    return bool(trace.get("asked", {}).get("is_limited")) and not _is_past(trace, until)


def _allowed(turns: list[Reply], until: Mapping[int, tuple[int, int]]) -> list[Reply]:
    """Leave out answers made without a limit, and those that read past this one.

    A limited answer past this limit (the reader has set it back) was told to those after it, so they go too. One
    without a limit was told to no limited one.
    """
    kept: list[Reply] = []
    is_tainted = False
    for turn in turns:
        if not turn.trace.get("asked", {}).get("is_limited"):
            continue
        is_tainted = is_tainted or _is_past(turn.trace, until)
        if not is_tainted:
            kept.append(turn)
    return kept


def _is_past(trace: Mapping[str, Any], until: Mapping[int, tuple[int, int]]) -> bool:
    read = [place for place in trace.get("looked", {}).get("found", ()) if "book" in place]
    # A book that this question does not look into has no place in `until`: what it said may lie anywhere.
    return any((place["section"], place["end"]) > until.get(place["book"], (-1, 0)) for place in read)
