"""Learn from what is new in a session: windows of turns go to the model, and what it draws from them is checked.

Without a model, what readers say of themselves in so many words is learned. Each window is one transaction with what
was learned from it: a worker killed anywhere loses nothing, and no turn is new twice.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any, Final

import structlog
from django.db import transaction

from memory import answers, consulting, gates, grounding, queue, statements
from memory.answers import Drawn
from memory.attributes import attribute_of, is_single
from memory.classify import classify
from memory.errors import LLMError, ValidationFailed
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Memory, Mind, Recall, Session
from memory.signals import memories_learned
from memory.types import LONGEST_NAME, LONGEST_QUOTE, Candidate, MemoryType, Outcome, Source, SourceKind, State
from memory.wording import text_hash
from mindory_web.engines.errors import NONSENSE, TOO_LONG
from mindory_web.engines.llm import LLMClient, llm_client
from mindory_web.lib.folding import fold
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

ACTOR: Final = "extraction"
NEWS: Final = frozenset({Outcome.NEW, Outcome.SUPERSEDING})
WINDOW: Final = 12_000  # characters of new turns in one question
LEAST_WINDOW: Final = 1_500
MOST_TURNS: Final = 40
CONTEXT: Final = 4  # turns before the new ones, which nothing is learned from
CONTEXT_CHARACTERS: Final = 600  # of such a turn, and of what an assistant said
MOST_TOKENS: Final = 4_000
NONSENSE_TRIES: Final = 2  # then a window is done without the model, so that later ones are not held up
MOST_RECALLED: Final = 500
NEAR: Final = 4  # turns before a quoted one from which a fact may take a name
SURE_OF_TYPE: Final = 0.6  # below, the model's word counts
SURE_TO_REPLACE: Final = 0.7  # confidence of a value that ends the one before it
EXPLICIT: Final = 0.8  # importance of what somebody asked to be remembered


@dataclass(frozen=True, slots=True)
class Window:
    """Turns that are looked at together. Learned from are `grounds`, by number; `upto` is the first turn after it."""

    session: Session
    turns: Sequence[Memory]
    grounds: dict[int, gates.Ground]
    begin: int
    upto: int
    many: bool = False  # several people speak, so a fact is about who said it

    def turn(self, number: int) -> Memory:
        """Return a turn by its number."""
        return next(turn for turn in self.turns if turn.number == number)

    @property
    def language(self) -> str:
        """Return the language that most of it is in, as far as a script tells."""
        return language_of(" ".join(ground.free for ground in self.grounds.values()))


@dataclass(slots=True)
class Learned:
    """What was drawn from a window, and what became of it."""

    candidates: list[Candidate] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Any] = field(default_factory=dict)


def learn(lease: Lease) -> None:
    """Learn from the turns of a session that nothing was learned from yet. Raises LLMError."""
    client, size = llm_client(), WINDOW
    while True:
        lease.check()
        session = Session.objects.filter(pk=lease.session_id or 0, owner=lease.owner_id).first()
        if session is None or session.learned_to >= session.turn_count:
            break
        if not _may_learn(session):
            _pass_over(lease, session)
            break
        window = window_of(session, size=size)
        try:
            learned = _from_model(lease, client, window) if client is not None else _from_words(window)
        except LLMError as error:
            if error.details.get("engine") == TOO_LONG and size > LEAST_WINDOW:
                size //= 2
                continue
            if error.details.get("engine") not in {NONSENSE, TOO_LONG} or lease.attempt < NONSENSE_TRIES:
                raise
            learned = _from_words(window)
            learned.counts["unread"] = 1
        _keep(lease, window, learned)
        if window.upto < session.turn_count:
            lease.make_way()
    queue.embed(lease.owner_id)
    queue.layers(lease.owner_id)


def _may_learn(session: Session) -> bool:
    is_paused = Mind.objects.filter(pk=session.owner_id, is_learning=False).exists()
    return session.is_learning and not is_paused


def _pass_over(lease: Lease, session: Session) -> None:
    """What was said while learning is paused is never learned from, also not later."""
    with lease.fenced(is_writing=True) as job:
        Session.objects.filter(pk=session.pk).update(learned_to=session.turn_count)
        counts = {"paused": session.turn_count - session.learned_to}
        lease.keep(job, counts, done=session.turn_count, total=session.turn_count)


# --- What is looked at --------------------------------------------------------------------------


def window_of(session: Session, *, size: int = WINDOW) -> Window:
    """Return the next turns of a session, as many as fit one question, and the few before them."""
    rows = Memory.objects.filter(session=session, number__isnull=False, state=State.ACTIVE).exclude(text="")
    new: list[Memory] = []
    characters = 0
    for turn in rows.filter(number__gte=session.learned_to).order_by("number")[: MOST_TURNS + 1]:
        characters += len(turn.text) if turn.role == "user" else min(len(turn.text), CONTEXT_CHARACTERS)
        if new and (characters > size or len(new) == MOST_TURNS):
            upto = int(turn.number or 0)
            break
        new.append(turn)
    else:
        upto = session.turn_count
    before = list(rows.filter(number__lt=session.learned_to).order_by("-number")[:CONTEXT])[::-1]
    grounds = _grounds(session, new)
    return Window(session, [*before, *new], grounds, session.learned_to, upto, _is_among_many(session))


def _grounds(session: Session, turns: Sequence[Memory]) -> dict[int, gates.Ground]:
    """Return those turns that something may be learned from, with what is barred in them."""
    recalled = list(
        Recall.objects.filter(session=session)
        .order_by("-id")
        .values_list("memory", "memory__text", "at")[:MOST_RECALLED]
    )
    found = {}
    for turn in turns:
        if turn.role != "user" or not turn.is_learnable:
            continue
        # What was said before something was recalled is no echo of it.
        echoes = {text for pk, text, at in recalled if pk != turn.pk and at <= turn.recorded_at}
        ground = gates.ground(turn.text, echoes)
        if gates.says_something(ground):
            found[int(turn.number or 0)] = ground
    return found


def _is_among_many(session: Session) -> bool:
    speakers = Memory.objects.filter(session=session, number__isnull=False, role="user").exclude(speaker="")
    return speakers.values("speaker").distinct().count() > 1


# --- With a model -------------------------------------------------------------------------------


def _from_model(lease: Lease, client: LLMClient, window: Window) -> Learned:
    if not window.grounds:
        return Learned()
    language = "zh" if window.language == "zh" else "en"
    question = consulting.Question("extraction", language, {"turns": written(window)}, MOST_TOKENS)
    said = consulting.ask(client, question, owner_id=lease.owner_id, check=lease.check)
    found = answers.facts_in(said.text)
    if found is None:
        raise consulting.nonsense()
    consulting.keep(
        said, owner_id=lease.owner_id, session_id=window.session.pk, is_still_so=partial(_is_all_there, window)
    )
    facts, dropped = found
    learned = Learned(dropped=dropped, counts={"asked": int(not said.is_known), "known": int(said.is_known)})
    _check(learned, window, facts, by=client.model)
    return learned


def written(window: Window) -> str:
    """Return the turns as a model reads them: one JSON object a line, so that no text can pretend to be a turn."""
    header = {"conversation": window.session.title, "books": len(window.session.books)}
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in [header, *_lines(window)])


def _lines(window: Window) -> list[dict[str, Any]]:
    lines = []
    for turn in window.turns:
        number = int(turn.number or 0)
        is_new = number in window.grounds
        if turn.role in {"system", "tool"} or (turn.role == "user" and not turn.is_learnable):
            continue
        text = window.grounds[number].free.strip() if is_new else turn.text[:CONTEXT_CHARACTERS]
        line = {"turn": number, **({"new": True} if is_new else {}), "who": _who(window, turn)}
        line |= {"date": f"{turn.observed_at:%Y-%m-%d %A}", "text": text}
        lines.append(line | ({"picture": turn.caption[:CONTEXT_CHARACTERS]} if turn.caption else {}))
    return lines


def _who(window: Window, turn: Memory) -> str:
    if turn.role != "user":
        return turn.role
    return turn.speaker if window.many and turn.speaker else "reader"


# --- Without one --------------------------------------------------------------------------------


def _from_words(window: Window) -> Learned:
    """Return what people say of themselves in so many words."""
    facts = []
    for number, ground in window.grounds.items():
        turn = window.turn(number)
        for one in statements.statements(ground.free):
            is_chinese = language_of(one.text) == "zh"
            speaker = turn.speaker if window.many else ""
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
    learned = Learned()
    _check(learned, window, facts, by="")
    return learned


# --- What may be kept ---------------------------------------------------------------------------


def _check(learned: Learned, window: Window, facts: Sequence[Drawn], *, by: str) -> None:
    """Turn those facts into candidates that their turns bear out; count the others by what speaks against them."""
    seen: set[bytes] = set()
    for fact in facts:
        reason, candidate = _checked(window, fact, by=by)
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
    near = _near(window, turn, ground)
    told = (fact.text, fact.value, "" if fact.subject == "user" else fact.subject)
    if objection := grounding.objection(near, quote, told):
        return objection, None
    return "", _candidate(window, replace(fact, quote=quote), turn, near=near, by=by)


def _quoted_turn(window: Window, fact: Drawn) -> int | None:
    """Return the turn that holds the quote: the one it names, or the only other one that does."""
    if fact.turn in window.grounds and window.grounds[fact.turn].find(fact.quote):
        return fact.turn
    holding = [number for number, ground in window.grounds.items() if ground.find(fact.quote)]
    return holding[0] if len(holding) == 1 and not gates.is_nod(fact.quote) else None


def _near(window: Window, turn: Memory, ground: gates.Ground) -> grounding.Near:
    at = window.turns.index(turn)
    before = [one for one in window.turns[max(0, at - NEAR) : at] if one.role in {"user", "assistant"}]
    return grounding.Near(
        turn=ground.free,
        said_at=turn.observed_at,
        before=[*(one.text for one in before), *(one.caption for one in [*before, turn] if one.caption)],
        names=[turn.speaker, *window.session.participants, window.session.title],
        language=turn.language,
    )


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


def _is_all_there(window: Window) -> bool:
    """Say whether nothing that was sent has been forgotten or reworded. Called with the reader's memory locked."""
    return len(_still_there(window)) == len(window.turns)


def _still_there(window: Window) -> set[int]:
    rows = Memory.objects.filter(pk__in=[turn.pk for turn in window.turns], state=State.ACTIVE)
    now = dict(rows.values_list("pk", "text"))
    return {turn.pk for turn in window.turns if now.get(turn.pk) == turn.text}


def _keep(lease: Lease, window: Window, learned: Learned) -> None:
    """Write what was learned and that it was, in one transaction."""
    with lease.fenced(is_writing=True) as job:  # nothing is forgotten from here on
        there = _still_there(window)
        candidates = [one for one in learned.candidates if one.source.turn in there]
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
