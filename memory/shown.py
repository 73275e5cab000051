"""What a search found and the layers of things, in the shapes of memory/wire.py: the same at every door."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from django.db import connection
from typing_extensions import TypedDict

from memory.layers import TITLE, excerpt, layer, layers_of
from memory.manager import MemoryManager
from memory.models import Memory, Session
from memory.search import Found, rows_of
from memory.titles import FIRST, first_words
from memory.wire import LayersOut, MemoryOut, as_dict

LEVELS: Final = {"l0": 0, "l1": 1}
LONGEST_MADE: Final = 50  # turns of a session that an excerpt is cut from


class SessionFoundOut(TypedDict):
    """A whole session that fits a question, for questions about lists."""

    key: str
    title: str
    score: float


class FoundOut(TypedDict):
    """What a search found, best first. `is_unsure`: nothing fits well; better say that nothing is known."""

    items: list[MemoryOut]
    sessions: list[SessionFoundOut]
    is_unsure: bool
    took_ms: float


class LayersShown(TypedDict):
    """The shorter forms of something. `excerpts` names those that were cut out of the text: no model wrote them."""

    layers: LayersOut
    excerpts: list[str]


def found_as_dict(
    owner_id: int, found: Found, *, levels: AbstractSet[str] = frozenset({"l2"}), explain: bool = False
) -> FoundOut:
    """Return what was found. `levels`: "l0" and "l1" are shorter forms; without "l2" the texts are left empty."""
    rows = rows_of(owner_id, found.hits)
    written = {
        name: layers_of([memory for memory, _hit in rows], level) for name, level in LEVELS.items() if name in levels
    }
    items = []
    for memory, hit in rows:
        out = as_dict(memory, hit)
        if written:
            out["layers"] = _layers({name: texts.get(memory.pk) for name, texts in written.items()}, memory.text)
        if not explain:
            del out["parts"]
        if "l2" not in levels:
            out["text"] = ""
        items.append(out)
    return FoundOut(
        items=items, sessions=_sessions(owner_id, found), is_unsure=found.is_unsure, took_ms=round(found.took_ms, 2)
    )


def _sessions(owner_id: int, found: Found) -> list[SessionFoundOut]:
    if not found.sessions:
        return []
    with connection.cursor() as cursor:  # not through the ORM, which would write the SQL anew for each search
        cursor.execute(_SESSIONS, [TITLE, FIRST, owner_id, [hit.session for hit in found.sessions]])
        named = {pk: (key, title or first_words(words)) for pk, key, title, words in cursor.fetchall()}
    return [
        SessionFoundOut(key=named[hit.session][0], title=named[hit.session][1], score=round(hit.score, 4))
        for hit in found.sessions
        if hit.session in named
    ]


_SESSIONS: Final = """
SELECT session.id, session.key, coalesce(nullif(session.title, ''), made.text, ''), coalesce(first.words, '')
FROM memory_session session
LEFT JOIN memory_layer made ON made.session_id = session.id AND made.level = %s
LEFT JOIN LATERAL (
    SELECT left(text, %s) AS words FROM memory_memory
    WHERE session_id = session.id AND number IS NOT NULL AND role = 'user' AND state = 'active'
    ORDER BY number LIMIT 1
) first ON session.title = ''
WHERE session.owner_id = %s AND session.id = ANY(%s::bigint[])
"""


def layers_as_dict(memory: Memory) -> LayersShown:
    """Return the shorter forms of a memory: as a model wrote them, or cut out of its text."""
    return _shown(memory, memory.text)


def session_layers_as_dict(manager: MemoryManager, key: str) -> LayersShown:
    """Return the shorter forms of a session."""
    session = manager.session(key)
    turns = manager.timeline(key)[:LONGEST_MADE]
    said = "\n".join(f"{turn.speaker or turn.role}: {turn.text}" for turn in turns)
    return _shown(session, said)


def _shown(thing: Memory | Session, text: str) -> LayersShown:
    written = {name: layer(thing, level) for name, level in LEVELS.items()}
    excerpts = [name for name, short in written.items() if short is None]
    return LayersShown(layers=_layers(written, text), excerpts=excerpts)


def _layers(written: Mapping[str, str | None], text: str) -> LayersOut:
    """Put what was cut out of the text where nothing was written."""
    layers: LayersOut = {}
    for name, short in written.items():
        layers[name] = excerpt(text, LEVELS[name]) if short is None else short  # type: ignore[literal-required]
    return layers
