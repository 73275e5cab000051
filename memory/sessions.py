"""Sessions: what was said, turn by turn. A turn is a memory too, kept always and never merged with another."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from memory import checking, erasing, forgetting, gates, indexing, queue, resent
from memory.errors import Conflict, NotFound, ValidationFailed
from memory.importance import importance
from memory.models import Event, Memory, Mind, Recall, Session
from memory.types import LONGEST_NAME, MemoryType, SourceKind, State, Turn, Verb
from memory.wording import text_hash
from memory.writing import Hand, among, source_of
from mindory_web.lib.languages import language_of

MOST_BOOKS: Final = 200
MOST_PARTICIPANTS: Final = 50
LEARNED_BY: Final = "extraction"  # the actor of changes no person made
TOLD: Final = frozenset({"user", "assistant"})  # roles from which something may be learned


def find(owner_id: int, key: str) -> Session:
    """Return a session of the reader's."""
    found = None
    if isinstance(key, str) and checking.is_storable(key):
        found = Session.objects.filter(owner_id=owner_id, key=key).first()
    if found is None:
        raise NotFound(_("There is no such session."))
    return found


def open_session(hand: Hand, key: str, **given: Any) -> Session:
    """Return the session of this name; make it if need be. What is given is written into it."""
    checking.key(key)
    values = checked(given)
    session, is_new = Session.objects.get_or_create(
        owner_id=hand.owner_id, key=key, defaults={**values, "opened_at": hand.now}
    )
    changed = [name for name, value in values.items() if not is_new and getattr(session, name) != value]
    for name in changed:
        setattr(session, name, values[name])
    if changed:
        session.save(update_fields=changed)
    if "books" in changed:  # its turns are about that book, too
        turns = Memory.objects.filter(session=session, number__isnull=False).exclude(state=State.FORGOTTEN)
        turns.update(book=_only_book(session), revision=hand.revision)
    return session


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a caller gives of a session; what is empty says nothing."""
    values: dict[str, Any] = {}
    for name in ("title", "agent"):
        if given.get(name):
            values[name] = checking.words(given[name], name)
    if books := _several(given.get("books"), "books"):
        if len(books) > MOST_BOOKS:
            raise ValidationFailed(_("These are too many books for one session."), field="books")
        values["books"] = [checking.number(book, "books", most=checking.LARGEST_ID) for book in books]
    if people := _several(given.get("participants"), "participants"):
        if len(people) > MOST_PARTICIPANTS:
            raise ValidationFailed(_("These are too many people for one session."), field="participants")
        values["participants"] = [checking.words(name, "participants") for name in people]
    if (is_learning := given.get("is_learning")) is not None:
        values["is_learning"] = checking.flag(is_learning, "is_learning")
    return values


def _several(given: object, field: str) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise ValidationFailed(_("“%(field)s” must be a list.") % {"field": field}, field=field)
    return list(given)


def add_turns(hand: Hand, session_key: str, turns: Sequence[Turn]) -> list[Memory]:
    """Keep what was said, in its order. A closed session is open again; the same key twice is one turn.

    A turn that was forgotten stays so when it is sent again: its empty row is returned.
    """
    checking.many(turns)
    for turn in turns:
        checking.turn(turn)
    checking.key(session_key)
    keys = [_source_key(session_key, turn) for turn in turns]
    known = resent.turns_named(hand.owner_id, keys)
    if any(row.number is None for row in known.values()):
        raise Conflict(_("This name is that of a memory that is no turn."))
    if turns and all(key in known for key in keys):
        return [known[key] for key in keys]  # a forgotten session does not come back either
    session = open_session(hand, session_key)
    rows: list[Memory] = []
    new: list[Memory] = []
    is_paused = not session.is_learning or Mind.objects.filter(pk=hand.owner_id, is_learning=False).exists()
    recalled = list(Recall.objects.filter(session=session).order_by("-id").values_list("memory__text", flat=True)[:500])
    for turn, key in zip(turns, keys, strict=True):
        row = known.get(key) if key else None
        if row is None:
            row = _row(hand, session, turn)
            if is_paused or (turn.role == "user" and not gates.is_learnable(turn, recalled)):
                row.is_learnable = False
            row.number, row.source_key = session.turn_count + len(new), key
            new.append(row)
            if key:
                known[key] = row
        rows.append(row)
    if new:
        _keep(hand, session, new)
    return rows


def _source_key(session_key: str, turn: Turn) -> str:
    """Return the name of a turn among all memories of the reader: two sessions may use the same keys."""
    if not turn.key:
        return ""
    name = f"{session_key}#{turn.key}"
    if len(name) <= LONGEST_NAME and "#" not in session_key:
        return name
    digest = hashlib.sha256("\0".join([session_key, turn.key]).encode()).hexdigest()
    return f"#{digest}"  # the other form does not begin so


def _row(hand: Hand, session: Session, turn: Turn) -> Memory:
    kind = MemoryType.CONVERSATIONAL
    weight = importance(turn.text, kind)
    row = Memory(
        owner_id=hand.owner_id,
        revision=hand.revision,
        type=kind,
        text=turn.text,
        language=language_of(turn.text),
        importance=weight,
        stability_days=forgetting.stability(kind, weight),
        agent=session.agent,
        session=session,
        role=turn.role,
        speaker=turn.speaker,
        caption=turn.caption,
        is_learnable=turn.role in TOLD,
        source_kind=SourceKind.MESSAGE,
        book=_only_book(session),
        observed_at=turn.said_at or hand.now,
        recorded_at=hand.now,
        changed_at=hand.now,
        text_hash=text_hash(turn.text),
    )
    row.tokens = indexing.tokens_of(row)
    return row


def _only_book(session: Session) -> int | None:
    return session.books[0] if len(session.books) == 1 else None


def _keep(hand: Hand, session: Session, rows: list[Memory]) -> None:
    Memory.objects.bulk_create(rows, batch_size=500)
    for row in rows:
        hand.note(row, Verb.REMEMBERED)
    hand.is_new = True
    speakers = {row.speaker for row in rows if row.speaker} - set(session.participants)
    session.participants = [*session.participants, *sorted(speakers)][:MOST_PARTICIPANTS]
    session.turn_count = F("turn_count") + len(rows)
    session.last_turn_at = max(
        [row.observed_at for row in rows] + ([session.last_turn_at] if session.last_turn_at else [])
    )
    session.closed_at = None
    session.save(update_fields=["participants", "turn_count", "last_turn_at", "closed_at"])
    session.refresh_from_db()


def close(hand: Hand, session_key: str) -> Session:
    """Close a session; what it holds that is new will be learned."""
    session = find(hand.owner_id, session_key)
    if session.closed_at is None:
        session.closed_at = hand.now
        session.save(update_fields=["closed_at"])
    if session.is_learning and session.learned_to < session.turn_count:
        queue.learn(session.pk)
    return session


def timeline(owner_id: int, key: str) -> QuerySet[Memory]:
    """Return the turns of a session in their order."""
    session = find(owner_id, key)
    rows = Memory.objects.filter(owner_id=owner_id, session=session, number__isnull=False)
    return rows.exclude(state=State.FORGOTTEN).order_by("number")


def forget_session(
    hand: Hand, key: str, *, with_learned: bool, is_over: bool = False, reason: str = ""
) -> erasing.Receipt:
    """Forget a session with its turns, and what was learned from nowhere else and never touched by the reader.

    `is_over` leaves an empty session of the name from which nothing is learned, whoever goes on talking.
    """
    session = find(hand.owner_id, key)
    rows = Memory.objects.filter(owner_id=hand.owner_id, session=session).exclude(state=State.FORGOTTEN)
    turns = set(rows.filter(number__isnull=False).values_list("pk", flat=True))
    ids = turns | (_only_from(turns, rows.filter(number__isnull=True)) if with_learned else set())
    mine = Memory.objects.filter(owner_id=hand.owner_id, pk__in=among(list(ids)))
    receipt = erasing.erase(hand, mine, sessions=[session], reason=reason)
    if is_over:
        open_session(hand, key, is_learning=False)
    return receipt


def _only_from(turns: set[int], learned: QuerySet[Memory]) -> set[int]:
    """Return the ids of what comes from these turns alone, and the reader has not made their own."""
    plain = learned.filter(is_pinned=False, source_kind=SourceKind.MESSAGE).order_by()
    ids = set(plain.values_list("pk", flat=True))
    told = Event.objects.filter(memory__in=among(list(ids)), verb__in=CHANGES | TELLINGS)
    for event in told.only("memory", "verb", "actor", "before", "after"):
        is_edited = event.verb in CHANGES and event.actor != LEARNED_BY and bool(event.before.keys() & EDITED)
        if is_edited or (event.verb in TELLINGS and source_of(event).get("turn") not in turns):
            ids.discard(event.memory_id)
    return ids


CHANGES: Final = frozenset({Verb.UPDATED, Verb.PINNED})
TELLINGS: Final = frozenset({Verb.REPEATED, Verb.MERGED})
EDITED: Final = frozenset({"text", "subject", "attribute", "value", "importance", "is_pinned", "type", "metadata"})
