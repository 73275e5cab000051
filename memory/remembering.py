"""A candidate becomes a memory: a new row, the same one told again, or a new value of what has changed."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from memory import checking, conflicts, duplicates, forgetting, indexing, resent
from memory.attributes import USER, Statement, attribute_of, statement_in, subject_of
from memory.classify import classify
from memory.dates import ranges_in
from memory.errors import Conflict, NotFound
from memory.importance import importance
from memory.models import Memory, Request, Session
from memory.types import Candidate, MemoryType, Outcome, State, Verb
from memory.wording import same_words, text_hash
from memory.writing import Hand, owned
from mindory_web.lib.languages import language_of

MOVING: Final = frozenset({"valid_from", "valid_to", "subject", "attribute"})  # on a timeline, or to another
FROM_SOURCE: Final = "is_from_source"
FIRST_PERSON: Final = re.compile(r"\b(?:i|i'm|i’m|my|me|mine|myself)\b|我", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory, and what became of the candidate."""

    memory: Memory
    outcome: Outcome


def remember(hand: Hand, candidate: Candidate, *, once: str = "", reason: str = "") -> Remembered:
    """Keep a candidate. Nothing of it is lost: what is known already counts once more."""
    if once:
        checking.key(once, "Idempotency-Key")
        if (done := _done(hand, candidate, once)) is not None:
            return done
    found = _kept(hand, candidate, reason)
    if once:
        Request.objects.create(
            owner_id=hand.owner_id, key=once, digest=_digest(candidate), memory=found.memory, outcome=found.outcome
        )
    return found


def row_of(hand: Hand, candidate: Candidate) -> Memory:
    """Return a candidate as a row that is not kept yet: what is not given is worked out from the text."""
    observed = candidate.observed_at or hand.now
    memory = Memory(
        owner_id=hand.owner_id,
        revision=hand.revision,
        text=candidate.text,
        language=candidate.language or language_of(candidate.text),
        metadata=checking.metadata(candidate.metadata),
        confidence=candidate.confidence,
        is_pinned=candidate.is_pinned,
        agent=candidate.agent,
        observed_at=observed,
        valid_from=candidate.valid_from,
        valid_to=candidate.valid_to,
        told_to=candidate.valid_to,
        expires_on=candidate.expires_on,
        recorded_at=hand.now,
        changed_at=hand.now,
    )
    _source(hand, memory, candidate)
    _meaning(memory, candidate)
    _weight(memory, candidate)
    memory.valid_from = conflicts.begin_of(memory)
    memory.text_hash, memory.gist = text_hash(memory.text), duplicates.gist_of(memory)
    return memory


def _source(hand: Hand, memory: Memory, candidate: Candidate) -> None:
    source = candidate.source
    memory.source_kind, memory.source_key, memory.source_label = source.kind, source.key, source.label
    memory.quote = source.quote
    memory.book = candidate.book
    if (place := source.place) is not None:
        memory.book, memory.section, memory.start, memory.end = place.book, place.section, place.start, place.end
    if source.turn is not None:
        turn = owned(hand.owner_id, source.turn)
        if turn.number is None:
            raise NotFound(_("There is no such turn."))
        memory.turn, memory.session = turn, turn.session
        memory.agent = memory.agent or turn.agent
    if candidate.session:
        memory.session = Session.objects.filter(owner_id=hand.owner_id, key=candidate.session).first()
        if memory.session is None:
            raise NotFound(_("There is no such session."))


def _meaning(memory: Memory, candidate: Candidate) -> None:
    """Say what a memory is about: as it is told, or by its own words where they are plain."""
    memory.subject, memory.attribute = subject_of(candidate.subject), attribute_of(candidate.attribute)
    memory.value = candidate.value.strip()
    stated = statement_in(memory.text) if not memory.attribute and memory.subject in {"", USER} else None
    if stated is not None:
        memory.subject, memory.attribute, memory.value = stated.subject, stated.attribute, stated.value
        _since(memory, stated)
    elif not memory.subject and FIRST_PERSON.search(memory.text):
        memory.subject = USER


def _since(memory: Memory, stated: Statement) -> None:
    """Let "since 2019" say from when a value is valid, unless that was told."""
    if not stated.is_dated or memory.valid_from is not None:
        return
    seen = timezone.localtime(memory.observed_at)
    ranges = ranges_in(memory.text, reference=seen, language=memory.language)
    if len(ranges) != 1:
        return
    if ranges[0].start.year <= checking.EARLIEST:
        return
    begin = datetime.combine(ranges[0].start, time.min, tzinfo=seen.tzinfo).astimezone(UTC)
    if memory.told_to is None or begin <= memory.told_to:
        memory.valid_from = begin


def _weight(memory: Memory, candidate: Candidate) -> None:
    if candidate.type is not None:
        memory.type, memory.type_confidence = candidate.type, 1.0
    elif memory.attribute and memory.subject == USER and not candidate.attribute:
        memory.type, memory.type_confidence = MemoryType.PERSONAL, 0.95
    else:
        memory.type, memory.type_confidence = classify(
            memory.text, language=memory.language, has_date=memory.valid_from is not None
        )
    given = candidate.importance
    memory.importance = importance(memory.text, MemoryType(memory.type)) if given is None else given
    if memory.is_pinned:
        memory.importance = 1.0
    memory.stability_days = forgetting.stability(MemoryType(memory.type), memory.importance)


def _kept(hand: Hand, candidate: Candidate, reason: str) -> Remembered:
    memory = row_of(hand, candidate)
    if memory.source_key and (same := _of_source(memory)) is not None:
        return _told_by_its_source(hand, same, memory, reason)
    same = conflicts.told_before(hand, memory) if conflicts.has_slot(memory) else duplicates.known(memory)
    if same is not None:
        return _again(hand, same, memory, is_weighed=candidate.importance is not None, reason=reason)
    return Remembered(memory, add(hand, memory, reason=reason))


def add(hand: Hand, memory: Memory, *, reason: str = "") -> Outcome:
    """Write a new row, and give it its place among the values of its attribute."""
    memory.tokens = indexing.tokens_of(memory)
    memory.save(force_insert=True)
    hand.is_new = True
    hand.note(memory, Verb.REMEMBERED, reason=reason)
    return conflicts.place(hand, memory) if conflicts.has_slot(memory) else Outcome.NEW


def _again(hand: Hand, known: Memory, memory: Memory, *, is_weighed: bool, reason: str) -> Remembered:
    """Count a memory that is known once more, and keep in its history how it was told this time, and by whom.

    What this telling adds is added; `is_weighed`: also how much it matters was told.
    """
    is_exact = same_words(known.text, memory.text)
    told = {"told_at": [memory.valid_from or memory.observed_at], "source": _told_by(memory)}
    if not is_exact:
        told["text"] = memory.text
    verb = Verb.REPEATED if is_exact else Verb.MERGED
    changes: dict[str, object] = {"told_count": known.told_count + 1, **_told_more(known, memory)}
    if known.state == State.ARCHIVED:
        changes["state"] = State.ACTIVE
    if is_weighed and not known.is_pinned:
        changes["importance"] = memory.importance
    if memory.is_pinned and not known.is_pinned:
        changes |= {"is_pinned": True, "importance": 1.0}
    before = {name: getattr(known, name) for name in changes}
    hand.keep(known, changes)
    hand.note(known, verb, before=before, after={**changes, **told}, reason=reason)
    return Remembered(known, Outcome.REPEATED if is_exact else Outcome.MERGED)


def _told_more(known: Memory, memory: Memory) -> dict[str, object]:
    """Return what a telling adds: more metadata, surer, and for longer. What was to end and is told again goes on."""
    more: dict[str, object] = {}
    if known.expires_on is not None and (memory.expires_on is None or memory.expires_on > known.expires_on):
        more["expires_on"] = memory.expires_on
    if memory.confidence > known.confidence:
        more["confidence"] = memory.confidence
    both = {**known.metadata, **memory.metadata}
    if both != known.metadata and checking.fits(both):
        more["metadata"] = both
    return more


def _told_by(memory: Memory) -> dict[str, object]:
    """Return where a memory comes from, as its history keeps it."""
    told: dict[str, object] = {"kind": str(memory.source_kind)}
    for name in ("source_key", "source_label", "quote", "book", "section", "start", "end", "turn_id", "agent"):
        if (value := getattr(memory, name)) not in (None, ""):
            told[name.removeprefix("source_").removesuffix("_id")] = value
    return told


def _of_source(memory: Memory) -> Memory | None:
    return Memory.objects.filter(owner_id=memory.owner_id, source_key=memory.source_key).first()


def _told_by_its_source(hand: Hand, known: Memory, memory: Memory, reason: str) -> Remembered:
    """Follow a source that says something else now; the same again changes nothing."""
    if known.number is not None:
        raise Conflict(_("This name is that of a turn."))
    hand.write_events()
    if known.expires_on is not None and known.expires_on <= timezone.localdate(hand.now):
        hand.change(known, Verb.UPDATED, {"expires_on": memory.expires_on}, reason=reason)  # it goes on
    if same_words(known.text, memory.text) or _is_reworded(known, memory.text):
        return Remembered(known, Outcome.REPEATED)
    from_source: dict[str, object] = {
        "text": memory.text,
        "subject": memory.subject,
        "attribute": memory.attribute,
        "value": memory.value,
    }
    rewrite(hand, known, from_source, reason=reason)
    hand.note(known, Verb.MERGED, after={FROM_SOURCE: True, "source": _told_by(memory)}, reason=reason)
    return Remembered(known, Outcome.MERGED)


def _is_reworded(known: Memory, said: str) -> bool:
    """Say whether somebody reworded what a source says, and the source still says the same: then theirs stays."""
    for event in known.events.order_by("-pk"):
        if event.after.get(FROM_SOURCE):
            return False
        if "text" in event.before:
            return same_words(str(event.before["text"]), said)
    return False


def rewrite(
    hand: Hand, memory: Memory, changes: dict[str, object], *, reason: str = "", verb: Verb = Verb.UPDATED
) -> None:
    """Change the words, the meaning or the times of a memory, and everything that follows from them."""
    if conflicts.has_slot(memory):
        conflicts.lift(hand, memory)
    if "valid_to" in changes:
        changes = {**changes, "told_to": changes["valid_to"]}
    if MOVING & set(changes):  # it may begin after it was ended: its end is worked out anew
        changes = {**changes, "valid_to": changes.get("told_to", memory.told_to), "superseded_by_id": None}
    if "text" in changes:
        words = str(changes["text"])
        language = language_of(words) or ("" if language_of(memory.text) else memory.language)
        changes = {**changes, "language": language}
        hand.keep(memory, {"text_hash": text_hash(words)})
    hand.change(memory, verb, changes, reason=reason)
    if (begin := conflicts.begin_of(memory)) != memory.valid_from:
        hand.keep(memory, {"valid_from": begin})
    if conflicts.has_slot(memory):
        conflicts.place(hand, memory)
    elif memory.superseded_by_id or memory.valid_to != memory.told_to:
        hand.keep(memory, {"superseded_by_id": None, "valid_to": memory.told_to})
    if {"text", "subject", "attribute", "value"} & set(changes):
        hand.keep(memory, {"gist": duplicates.gist_of(memory)})
        hand.reword(memory)


def _done(hand: Hand, candidate: Candidate, once: str) -> Remembered | None:
    """Return what became of the same request before; Conflict when it was another one.

    What was forgotten since stays so: its empty row is returned, and what the request said is not known any more.
    """
    request = resent.request_named(hand.owner_id, once)
    if request is None:
        return None
    if request.digest and bytes(request.digest) != _digest(candidate):
        raise Conflict(_("This key was used for another request."))
    return Remembered(request.memory, Outcome(request.outcome))


def _digest(candidate: Candidate) -> bytes:
    said = asdict(replace(candidate, metadata=checking.metadata(candidate.metadata)))
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).digest()
