"""Shorter forms of sessions and long memories: level 0 an abstract (some 100 tokens), level 1 an overview (500-2,000).

A model writes them in the background; each knows what it was made from, and what is stale is not served. Without one,
an excerpt is made when it is read. A layer never decides what is found.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import partial
from typing import Final

import structlog
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Greatest, Length
from django.utils import timezone

from memory import answers, consulting, grounding
from memory.errors import LLMError
from memory.leases import Lease
from memory.models import Layer, Memory, Mind, Session
from memory.types import State
from mindory_web.engines.llm import LLMClient
from mindory_web.lib.languages import language_of
from mindory_web.lib.terms import UNSPACED

log = structlog.get_logger(__name__)

ABSTRACT: Final = 0
OVERVIEW: Final = 1
TITLE: Final = 2  # of a session that its sender gave none (titles.py)
TOKENS: Final = {ABSTRACT: 100, OVERVIEW: 1_200}  # of an excerpt
LONG_ENOUGH: Final = {ABSTRACT: 1_000, OVERVIEW: 5_000}  # characters; what is shorter is read as it is
MOST_CHARACTERS: Final = {ABSTRACT: 900, OVERVIEW: 10_000}  # of what a model writes
MOST_TOKENS: Final = {ABSTRACT: 600, OVERVIEW: 3_000}
LENGTHS: Final = {
    "en": {
        ABSTRACT: "one to three sentences, at most 70 words",
        OVERVIEW: "three to eight paragraphs, 300 to 800 words",
    },
    "zh": {ABSTRACT: "一到三句话，不超过100字", OVERVIEW: "三到八段，500到1200字"},
}
PIECE: Final = 5_000  # tokens that are shortened at once
LEAST_PIECE: Final = 700  # a model that reads less writes none
LONG_TURN: Final = 4_000  # characters of a turn that is worth an abstract of its own
TURN: Final = 1_500  # characters of a turn that a session is told from
AT_ONCE: Final = 200

_SENTENCE: Final = re.compile(r"[^.!?…。！？\n]*(?:[.!?…](?=\S)[^.!?…。！？\n]*)*[.!?…。！？\n]*[\"'”’」』)）]*\s*")
_MARKS: Final = re.compile(r"^(?:[#>*\-\s]+)|[*_`]{1,3}", re.MULTILINE)


# --- Reading ------------------------------------------------------------------------------------


def layer(of: Memory | Session, level: int) -> str | None:
    """Return the shorter form of a memory or a session; None where there is none, or it is stale.

    A title stays as a session grows. It goes, as every layer of a session, when one of its turns is forgotten.
    """
    found = of.layers.filter(level=level).first()
    is_good = found is not None and (level == TITLE or bytes(found.source_hash) == source_hash(of))
    return found.text if found is not None and is_good else None


def layers_of(memories: Iterable[Memory], level: int) -> dict[int, str]:
    """Return the shorter forms of many memories, by id, in one query."""
    rows = {memory.pk: memory for memory in memories}
    found = Layer.objects.filter(memory__in=list(rows), level=level).values_list("memory", "text", "source_hash")
    return {pk: text for pk, text, made_from in found if bytes(made_from) == source_hash(rows[pk])}


def excerpt(text: str, level: int) -> str:
    """Return the first sentences of a text, as many as a layer may have; the whole of one that is short."""
    room = float(TOKENS[level])
    if tokens_in(text) <= room:
        return text.strip()
    kept = ""
    for sentence in _SENTENCE.findall(text):
        if tokens_in(kept + sentence) > room:
            break
        kept += sentence
    return kept.strip() or cut(text.strip(), room)


def tokens_in(text: str) -> float:
    """Return about how many tokens a model makes of a text."""
    tight = sum(len(run) for run in UNSPACED.findall(text))
    return tight * 0.9 + (len(text) - tight) / 4


def cut(text: str, room: float) -> str:
    """Return a text as far as so many tokens go."""
    end = len(text)
    while end > 1 and tokens_in(text[:end]) > room:
        end = int(end * 0.9)
    if end == len(text):
        return text
    at = text.rfind(" ", end // 2, end)
    return (text[:at] if at > 0 else text[:end]).rstrip() + "…"


def source_hash(of: Memory | Session) -> bytes:
    """Return what a layer is made from, as a number."""
    if isinstance(of, Memory):
        return hashlib.sha256(of.text.encode("utf-8", "surrogatepass")).digest()
    digest = hashlib.sha256()
    for number, text_hash in turns_of(of).order_by("number").values_list("number", "text_hash"):
        digest.update(f"{number}:".encode() + bytes(text_hash))
    return digest.digest()


def turns_of(session: Session) -> QuerySet[Memory]:
    """Return the turns that a session is told from."""
    rows = Memory.objects.filter(session=session, number__isnull=False, state=State.ACTIVE).exclude(text="")
    return rows.filter(Q(role="user", is_learnable=True) | Q(role="assistant"))


# --- Writing ------------------------------------------------------------------------------------


def write(lease: Lease, client: LLMClient) -> None:
    """Write the abstracts and overviews that are missing. Raises LLMError."""
    wanted: list[Memory | Session] = [*_sessions(lease.owner_id), *_memories(lease.owner_id)]
    for of in wanted:
        lease.check()
        try:
            _shorten(lease, client, of)
        except LLMError as error:
            if not consulting.is_hopeless(error):
                raise
            log.info("layer_not_written", reason=str(error))  # the others are not held up by it
        lease.make_way()


def _sessions(owner_id: int) -> list[Session]:
    """Return closed sessions without an abstract, or with one that is older than their last change."""
    mine = Session.objects.filter(owner=owner_id, closed_at__isnull=False, is_learning=True)
    turns = Memory.objects.filter(session=OuterRef("pk"), number__isnull=False).order_by().values("session")
    made = Layer.objects.filter(session=OuterRef("pk"), level=ABSTRACT).values("made_at")
    dated = mine.annotate(
        changed=Subquery(turns.annotate(last=Max("changed_at")).values("last")),
        length=Subquery(turns.annotate(sum=Sum(Length("text"))).values("sum")),
        made=Subquery(made[:1]),
    )
    return list(
        dated.filter(length__gte=LONG_ENOUGH[ABSTRACT])
        .filter(Q(made=None) | Q(made__lt=Greatest(F("changed"), F("closed_at"))))
        .order_by("-closed_at")[:AT_ONCE]
    )


def _memories(owner_id: int) -> list[Memory]:
    return list(long_ones().filter(owner=owner_id).order_by("-pk")[:AT_ONCE])


def long_ones() -> QuerySet[Memory]:
    """Return long memories without an abstract. One that is reworded loses its own; turns are told by their session."""
    rows = Memory.objects.filter(state=State.ACTIVE).exclude(layers__level=ABSTRACT)
    rows = rows.annotate(length=Length("text")).filter(length__gte=LONG_ENOUGH[ABSTRACT])
    return rows.filter(Q(number=None) | Q(role="user", is_learnable=True, length__gte=LONG_TURN))


def _shorten(lease: Lease, client: LLMClient, of: Memory | Session) -> None:
    """Write the layers of one memory or session that are not there or stale."""
    made_from, text = source_hash(of), _told(of)
    for level in (ABSTRACT, OVERVIEW):
        if len(text) < LONG_ENOUGH[level]:
            continue
        found = of.layers.filter(level=level).first()
        if found is not None and bytes(found.source_hash) == made_from:
            of.layers.filter(pk=found.pk).update(made_at=timezone.now())
        elif short := _asked(lease, client, of, text, level=level):
            _keep(lease, of, made_from, Layer(level=level, text=short, made_by=client.model[:200]))


def _told(of: Memory | Session) -> str:
    if isinstance(of, Memory):
        return of.text
    lines = [
        f"{turn.speaker or ('assistant' if turn.role == 'assistant' else 'reader')}: {turn.text[:TURN]}"
        for turn in turns_of(of).order_by("number")
    ]
    return "\n".join([*([of.title] if of.title else []), *lines])


def _asked(lease: Lease, client: LLMClient, of: Memory | Session, text: str, *, level: int) -> str:
    """Return what the model makes of a text, in as large pieces as it reads."""
    piece = PIECE
    while True:
        try:
            return _asked_in_pieces(lease, client, of, text, level=level, piece=piece)
        except LLMError as error:
            if not consulting.is_too_much(error) or piece <= LEAST_PIECE:
                raise
            piece //= 2


def _asked_in_pieces(
    lease: Lease, client: LLMClient, of: Memory | Session, text: str, *, level: int, piece: int
) -> str:
    """Return what the model makes of a text; of a long one piece by piece. "" when it says what the text does not."""
    while (tokens := tokens_in(text)) > piece:
        step = max(1, int(len(text) * piece / tokens))
        pieces = [text[at : at + step] for at in range(0, len(text), step)]
        shorter = "\n".join(_answer(lease, client, of, each, level=OVERVIEW) for each in pieces)
        if not shorter or len(shorter) > len(text) * 0.8:
            return ""
        text = shorter
    return _answer(lease, client, of, text, level=level)


def _answer(lease: Lease, client: LLMClient, of: Memory | Session, text: str, *, level: int) -> str:
    language = "zh" if language_of(text) == "zh" else "en"
    values = {"text": text, "length": LENGTHS[language][level]}
    question = consulting.Question("abstract", language, values, MOST_TOKENS[level])
    said = consulting.ask(client, question, owner_id=lease.owner_id, check=lease.check)
    short = _MARKS.sub("", answers.without_preface(said.text)).strip()
    if not short:
        raise consulting.nonsense()
    session = of if isinstance(of, Session) else of.session
    made_from = source_hash(of)
    consulting.keep(
        said,
        owner_id=lease.owner_id,
        session_id=session.pk if session else None,
        is_still_so=partial(_is_same, of, made_from),
    )
    near = grounding.Near(turn=text, said_at=of.opened_at if isinstance(of, Session) else of.observed_at)
    is_same_language = (language_of(short) == "zh") == (language == "zh")
    if (
        not is_same_language
        or len(short) > MOST_CHARACTERS[level]
        or grounding.objection(near, "", [short], is_prose=True)
    ):
        log.info("layer_dropped", level=level)
        return ""
    return short


def _keep(lease: Lease, of: Memory | Session, made_from: bytes, made: Layer) -> None:
    """Write a layer, unless what it was made from changed meanwhile."""
    with lease.fenced(is_writing=True) as job:
        if not _is_same(of, made_from) or Mind.objects.filter(pk=lease.owner_id, is_learning=False).exists():
            return
        Layer.objects.update_or_create(
            memory=of if isinstance(of, Memory) else None,
            session=of if isinstance(of, Session) else None,
            level=made.level,
            defaults={
                "owner_id": lease.owner_id,
                "text": made.text,
                "source_hash": made_from,
                "made_by": made.made_by,
                "made_at": timezone.now(),
            },
        )
        lease.keep(job, {"layers": 1}, done=job.done + 1, total=max(job.total, job.done + 1))


def _is_same(of: Memory | Session, made_from: bytes) -> bool:
    now = type(of).objects.filter(pk=of.pk).first()
    is_wanted = now is not None and (not isinstance(now, Session) or now.is_learning)
    return now is not None and is_wanted and source_hash(now) == made_from
