"""Learn from what is new in a session: windows of turns go to the model, and what it draws from them is checked.

Without a model, what readers say of themselves in so many words is learned. Each window is one transaction with what
was learned from it: a worker killed anywhere loses nothing, and no turn is new twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

import structlog
from django.db import transaction

from memory import answers, consulting, gates, grounding, queue, statements, windows
from memory.answers import Drawn
from memory.attributes import attribute_of, is_single
from memory.classify import classify
from memory.errors import LLMError, ValidationFailed
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Memory, Session
from memory.signals import memories_learned
from memory.types import LONGEST_NAME, LONGEST_QUOTE, Candidate, MemoryType, Outcome, Source, SourceKind
from memory.windows import Window
from memory.wording import text_hash
from mindory_web.engines.errors import NONSENSE
from mindory_web.engines.llm import LLMClient, llm_client
from mindory_web.lib.folding import fold
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

ACTOR: Final = "extraction"
NEWS: Final = frozenset({Outcome.NEW, Outcome.SUPERSEDING})
MOST_TOKENS: Final = 4_000  # of an answer
LEAST_TOKENS: Final = 1_000  # of an answer, beside as many as its turns have
NONSENSE_TRIES: Final = 2  # then a window is done without the model, so that later ones are not held up
SURE_OF_TYPE: Final = 0.6  # below, the model's word counts
SURE_TO_REPLACE: Final = 0.7  # confidence of a value that ends the one before it
EXPLICIT: Final = 0.8  # importance of what somebody asked to be remembered


@dataclass(slots=True)
class Learned:
    """What was drawn from a window, by which model ("": none), and what became of it."""

    facts: Sequence[Drawn] = ()
    by: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Any] = field(default_factory=dict)


def learn(lease: Lease) -> None:
    """Learn from the turns of a session that nothing was learned from yet. Raises LLMError."""
    client, size = llm_client(), windows.SIZE
    while True:
        lease.check()
        session = Session.objects.filter(pk=lease.session_id or 0, owner=lease.owner_id).first()
        if session is None or session.learned_to >= session.turn_count:
            break
        if not windows.may_learn(session):
            _pass_over(lease, session)
            break
        window = windows.next_window(session, size=size)
        try:
            learned = _from_model(lease, client, window) if client is not None else _from_words(window)
        except LLMError as error:
            is_too_much = consulting.is_too_much(error)
            if is_too_much and window.can_be_less:
                size = window.half
                continue
            is_nonsense = error.details.get("engine") == NONSENSE and lease.attempt >= NONSENSE_TRIES
            if not is_too_much and not is_nonsense:
                raise
            learned = _from_words(window)
            learned.counts["unread"] = 1
        _keep(lease, window, learned)
        if window.upto < session.turn_count:
            lease.make_way()
    queue.embed(lease.owner_id)
    queue.layers(lease.owner_id)


def _pass_over(lease: Lease, session: Session) -> None:
    """What waits while learning is paused is never learned from, also not later."""
    with lease.fenced(is_writing=True) as job:
        Session.objects.filter(pk=session.pk).update(learned_to=session.turn_count)
        counts = {"paused": session.turn_count - session.learned_to}
        lease.keep(job, counts, done=session.turn_count, total=session.turn_count)


# --- With a model -------------------------------------------------------------------------------


def _from_model(lease: Lease, client: LLMClient, window: Window) -> Learned:
    if not window.grounds:
        return Learned()
    language = "zh" if window.language == "zh" else "en"
    room = min(MOST_TOKENS, LEAST_TOKENS + window.size)  # a model that reads little writes no more than it reads
    question = consulting.Question("extraction", language, {"turns": windows.written(window)}, room)
    said = consulting.ask(client, question, owner_id=lease.owner_id, check=lease.check, may_be_cut=True)
    found = answers.facts_in(said.text)
    if found is None:
        raise consulting.nonsense()
    is_cut = said.is_cut or answers.is_cut_off(said.text)
    if is_cut and window.can_be_less:
        raise consulting.too_much()

    def is_still_so() -> bool:
        return windows.may_learn(window.session) and len(windows.still_there(window)) == len(window.turns)

    consulting.keep(said, owner_id=lease.owner_id, session_id=window.session.pk, is_still_so=is_still_so)
    facts, dropped = found
    learned = Learned(facts, client.model, dropped=dropped)
    learned.counts = {"asked": int(not said.is_known), "known": int(said.is_known)}
    if is_cut:
        learned.counts["cut"] = 1
    _check(learned, window)
    return learned


# --- Without one --------------------------------------------------------------------------------


def _from_words(window: Window) -> Learned:
    """Return what people say of themselves in so many words."""
    facts = []
    for number, ground in window.grounds.items():
        turn = window.turn(number)
        for one in statements.statements(ground.free):
            is_chinese = language_of(one.text) == "zh"
            speaker = turn.speaker if window.is_among_many else ""
            who = speaker or ("读者" if is_chinese else "The reader")
            facts.append(
                Drawn(
                    turn=number,
                    text=one.text.replace("{who}", who),
                    quote=one.quote,
                    kind="preference" if one.kind == "wish" else one.kind,
                    type=MemoryType.PROCEDURAL if one.kind == "wish" else MemoryType.PERSONAL,
                    subject=speaker or "user",
                    attribute=one.attribute,
                    value=one.value,
                    confidence=0.9,
                    importance=EXPLICIT if one.is_told else None,
                )
            )
    learned = Learned(facts)
    _check(learned, window)
    return learned


# --- What may be kept ---------------------------------------------------------------------------


def _check(learned: Learned, window: Window) -> None:
    """Turn those facts into candidates that their turns bear out; count the others by what speaks against them."""
    seen: set[bytes] = set()
    for fact in learned.facts:
        reason, candidate = _checked(window, fact, by=learned.by)
        if candidate is None:
            learned.dropped[reason] += 1
        elif (said := text_hash(candidate.text)) not in seen:
            seen.add(said)
            learned.candidates.append(candidate)


def _checked(window: Window, fact: Drawn, *, by: str) -> tuple[str, Candidate | None]:
    """Return (why not, None) or ("", what may be kept)."""
    number = _quoted_turn(window, fact)
    if number is None:
        return "no_span", None
    ground, turn = window.grounds[number], window.turn(number)
    span = ground.find(fact.quote)
    if span is None or len(quote := ground.text[slice(*span)]) > LONGEST_QUOTE:
        return "no_span", None
    if ground.is_barred(*span):
        return "recalled", None
    if gates.is_nod(quote):
        return "no_span", None
    if statements.is_asked(ground.text, *span):
        return "question", None
    if statements.is_quoted(ground.text, *span):
        return "quoted", None
    if gates.is_command(fact.text) or gates.is_command(quote):
        return "command", None
    near = windows.near(window, turn, ground)
    told = (fact.text, fact.value, "" if fact.subject == "user" else fact.subject)
    if objection := grounding.objection(near, quote, told):
        return objection, None
    if not grounding.is_related(near, fact.text):
        return "unrelated", None
    return "", _candidate(window, replace(fact, quote=quote), turn, near=near, by=by)


def _quoted_turn(window: Window, fact: Drawn) -> int | None:
    """Return the turn that holds the quote: the one it names, or the only other one that does."""
    if fact.turn in window.grounds and window.grounds[fact.turn].find(fact.quote):
        return fact.turn
    holding = [number for number, ground in window.grounds.items() if ground.find(fact.quote)]
    return holding[0] if len(holding) == 1 and not gates.is_nod(fact.quote) else None


def _candidate(window: Window, fact: Drawn, turn: Memory, *, near: grounding.Near, by: str) -> Candidate:
    session = window.session
    sure = classify(fact.text, language=turn.language)[1]
    is_borne_out = not is_single(attribute_of(fact.attribute)) or _is_told(fact)
    since = _noon(fact.valid_from) if fact.valid_from and grounding.is_dated(fact.valid_from, near) else None
    until = _noon(fact.valid_to) if fact.valid_to and grounding.is_dated(fact.valid_to, near) else None
    return Candidate(
        text=fact.text,
        type=fact.type if sure < SURE_OF_TYPE or not by else None,
        subject=fact.subject,
        attribute=fact.attribute if is_borne_out else "",
        value=fact.value if is_borne_out else "",
        importance=fact.importance,
        confidence=fact.confidence,
        source=Source(
            kind=SourceKind.MESSAGE,
            turn=turn.pk,
            quote=fact.quote,
            key=f"learned:{turn.pk}:{text_hash(fact.text).hex()}"[:LONGEST_NAME],
            label=session.title,
        ),
        agent=session.agent,
        session=session.key,
        book=session.books[0] if len(session.books) == 1 else None,
        observed_at=turn.observed_at,
        valid_from=since,
        valid_to=until if not since or not until or since <= until else None,
        metadata={"kind": fact.kind, "learned_by": by or "words"},
    )


def _is_told(fact: Drawn) -> bool:
    """Say whether the quote holds the very value. Only then may it take the place of another: where somebody lives."""
    value = fold(fact.value).text
    return bool(value) and value in fold(fact.quote).text and fact.confidence >= SURE_TO_REPLACE


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


# --- Keeping ------------------------------------------------------------------------------------


def _keep(lease: Lease, window: Window, learned: Learned) -> None:
    """Write what was learned and that it was, in one transaction; nothing when learning was paused meanwhile."""
    with lease.fenced(is_writing=True) as job:  # nothing is forgotten or paused from here on
        if not windows.may_learn(window.session):
            return
        candidates = _still_borne_out(window, learned)
        learned.dropped["gone"] += len(learned.candidates) - len(candidates)
        learned.counts["learned"], new = _remember(lease.owner_id, candidates, learned)
        mine = Session.objects.filter(pk=window.session.pk, learned_to=window.begin)
        mine.update(learned_to=window.upto)
        learned.counts |= {"turns": len(window.grounds), "dropped": dict(+learned.dropped)}
        lease.keep(job, learned.counts, done=window.upto, total=_turns(job))
        if new:
            told = {"owner_id": lease.owner_id, "session_key": window.session.key, "memory_ids": new}
            transaction.on_commit(lambda: memories_learned.send_robust(Session, **told))
    log.info("memories_learned", session=window.session.pk, **learned.counts)


def _still_borne_out(window: Window, learned: Learned) -> list[Candidate]:
    """Return what may still be kept: a fact may also have taken a name from a turn that was forgotten meanwhile."""
    there = windows.still_there(window)
    if len(there) == len(window.turns):
        return learned.candidates
    again = Learned(learned.facts, learned.by)
    _check(again, window.only(there))
    return again.candidates


def _remember(owner_id: int, candidates: Sequence[Candidate], learned: Learned) -> tuple[dict[str, int], list[int]]:
    """Hand candidates to the memory, which decides what is new; one that it refuses does not keep out the others.

    Returns what became of them, and the ids of those that are news.
    """
    manager = MemoryManager(owner_id, actor=ACTOR)
    if not candidates:
        return {}, []
    try:
        with transaction.atomic():
            found = manager.remember_all(candidates)
    except ValidationFailed:
        found = []
        for candidate in candidates:
            try:
                with transaction.atomic():
                    found.append(manager.remember(candidate))
            except ValidationFailed as error:
                log.info("candidate_refused", sentence=str(error))
                learned.dropped["refused"] += 1
    news = [one.memory.pk for one in found if one.outcome in NEWS]
    return dict(Counter(str(one.outcome) for one in found)), news


def _turns(job: Job) -> int:
    return job.session.turn_count if job.session else 0
