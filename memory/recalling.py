"""What of a reader's memory belongs to a question asked in a chat, and what became of it in the answer.

`score` means the same for every question: from SURE on, a memory answers a question about the reader and may be shown
as it is; below, it is for a model to weigh. A question about anything else finds what was told of it, never surely.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import QuerySet

from memory import questions
from memory.listing import wanted_rows
from memory.models import Memory, Recall, Session
from memory.questions import Question
from memory.search import foremost, look, rows_by_id, search_each
from memory.types import Hit, MemoryType, Parts, SourceKind, State, Wanted
from mindory_web.lib.terms import terms

if TYPE_CHECKING:  # numpy is loaded by the first who asks
    from memory.ranking import View

LOOKED_AT: Final = 16  # memories that a search finds for a question
MOST_RULES: Final = 6  # of how the reader likes things
MOST_LISTED: Final = 8  # where a question asks for all there is
SURE: Final = 0.5
LISTED: Final = 0.95  # score of what is told because all there is was asked for
COVERS: Final = 0.5  # share of what is asked for that stands in a memory which answers
FITS: Final = 0.25  # score of a search below which a memory is not worth a model's reading
RULE: Final = 0.3  # score of how the reader likes answers: it belongs to every question and answers none
FACTS: Final = Wanted(is_turn=False)
SAID: Final = Wanted(is_turn=True)
RULES: Final = Wanted(types=frozenset({MemoryType.PROCEDURAL}), is_turn=False)
USED_WORDS: Final = 2  # words of a memory, not of the question, that an answer which drew on it holds


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that belongs to a question. `score` is in 0..1."""

    memory: Memory
    score: float
    parts: Parts


def memories_about(
    owner_id: int, question: str, *, asked: str = "", session: str = "", is_careful: bool = False
) -> list[Recalled]:
    """Return the memories that belong to a question, best first: facts before what was said, rules of the reader last.

    `asked`: the reader's own words, where `question` holds others too. `session`: key of the one that asks, whose turns
    it knows. `is_careful`: what assistants said elsewhere is left out, as they may have told too much.
    """
    view = look(owner_id)
    if view.is_empty:
        return []
    wanted = questions.read(question, asked=asked)
    is_said = wanted.is_of_talk or bool(wanted.is_of_reader and wanted.terms)
    hits = _hits(view, wanted, is_said=is_said)
    rules = foremost(view, RULES, count=4 * MOST_RULES)
    rows = rows_by_id(owner_id, [*hits, *rules])
    found = _scored(wanted, [rows[pk] for pk in hits if pk in rows], hits)
    facts = [each for each in found if each.memory.number is None]
    facts = [each for each in facts if questions.is_name_of(wanted, each.memory.attribute)] or facts
    said = [each for each in found if each.memory.number is not None]
    if not wanted.terms and wanted.is_of_reader:
        facts, said = _all_there_is(owner_id, wanted), _last_said(owner_id) if is_said else []
    sources = {each.memory.turn_id for each in facts}
    said = [each for each in said if each.memory.pk not in sources and _tells(each.memory, wanted, session, is_careful)]
    told = [*_best(facts), *_best(said)]
    known = {each.memory.pk for each in told}
    ruling = _rules([rows[pk] for pk in rules if pk in rows])
    return [*told, *(Recalled(row, RULE, Parts()) for row in ruling if row.pk not in known)]


def _hits(view: "View", wanted: Question, *, is_said: bool) -> dict[int, Hit]:
    if not wanted.terms:
        return {}
    kinds = [FACTS, SAID] if is_said else [FACTS]
    found = search_each(view, wanted.words, wanted=kinds, limit=LOOKED_AT)
    return {hit.memory: hit for each in found for hit in each.hits}


def _scored(wanted: Question, rows: Iterable[Memory], hits: Mapping[int, Hit]) -> list[Recalled]:
    scored = [(row, _score(wanted, row, hits[row.pk])) for row in rows]
    return [Recalled(row, score, hits[row.pk].parts) for row, score in scored if score > 0]


def _light(rows: QuerySet[Memory]) -> QuerySet[Memory]:
    """Return rows without what only a search needs."""
    return rows.defer("tokens", "gist", "text_hash", "metadata").select_related("session")


def _tells(memory: Memory, wanted: Question, session: str, is_careful: bool) -> bool:
    """Say whether a turn tells something that the conversation which asks does not know."""
    if memory.session and memory.session.key == session:
        return False
    if not wanted.is_of_talk:  # bare questions, and answers, only where that is what is asked for
        return memory.role == "user" and not questions.is_question(memory.text)
    return memory.role == "user" or (memory.role == "assistant" and not is_careful)


def _score(wanted: Question, memory: Memory, hit: Hit) -> float:
    """Return how sure it is that a memory belongs to a question; 0: it does not."""
    known = (memory.text, memory.attribute.replace("_", " "), memory.value, memory.source_label)
    share = questions.covered(wanted, known, language=memory.language)
    if not wanted.is_of_reader:  # its words stand in the book, too: only a model can tell
        return min(share, hit.score, SURE - 0.01) if share >= COVERS and hit.score >= FITS else 0.0
    if share >= COVERS and not (wanted.is_of_life and memory.source_kind == SourceKind.BOOK):
        return round(SURE + (1 - SURE) * share, 4)
    return min(hit.score, SURE - 0.01) if hit.score >= FITS else 0.0


def _best(found: Sequence[Recalled]) -> list[Recalled]:
    """Return what fits about as well as the best, best first."""
    ordered = sorted(found, key=lambda each: -each.score)
    return [each for each in ordered if each.score >= 0.75 * ordered[0].score]


def _all_there_is(owner_id: int, wanted: Question) -> list[Recalled]:
    """Return what was marked and noted last, or what is known of the reader."""
    rows = _light(wanted_rows(owner_id, FACTS))
    if wanted.is_of_notes:
        rows = rows.filter(source_kind=SourceKind.BOOK)
    elif not wanted.is_of_talk:
        rows = rows.filter(subject="user").exclude(source_kind__in=[SourceKind.BOOK, SourceKind.EVENT])
        rows = rows.order_by("-is_pinned", "-importance", "-observed_at", "-pk")
    else:
        return []
    return [Recalled(row, LISTED, Parts()) for row in rows[:MOST_LISTED]]


def _last_said(owner_id: int) -> list[Recalled]:
    rows = _light(wanted_rows(owner_id, SAID))
    return [Recalled(row, LISTED, Parts()) for row in rows[: 2 * MOST_LISTED]]


def _rules(rows: Iterable[Memory]) -> list[Memory]:
    """Return how the reader likes things done: what they pinned, and what they told of answers."""
    return [row for row in rows if row.is_pinned or questions.is_about_answers(row.text)][:MOST_RULES]


def note_recalls(owner_id: int, session_key: str, memory_ids: Iterable[int], *, key: str, used: Iterable[int]) -> None:
    """Write down which memories were put into a session for an answer: their words are not learned from it again."""
    session = Session.objects.filter(owner=owner_id, key=session_key).first()
    if session is None:
        return
    mine = Memory.objects.filter(owner=owner_id, pk__in=list(memory_ids)).values_list("pk", flat=True)
    drawn = set(used)
    rows = [
        Recall(owner_id=owner_id, memory_id=pk, session=session, key=key, was_used=pk in drawn) for pk in sorted(mine)
    ]
    Recall.objects.bulk_create(rows, ignore_conflicts=True)


def drawn_on(owner_id: int, memory_ids: Iterable[int], *, question: str, answer: str) -> list[int]:
    """Return which of these memories an answer drew on, as far as its words tell."""
    rows = Memory.objects.filter(owner=owner_id, pk__in=list(memory_ids)).exclude(state=State.FORGOTTEN)
    said = set(terms(answer)) - set(terms(question))
    found = []
    for memory in rows:
        meant = questions.meant(memory.text)
        if len(meant & said) >= min(USED_WORDS, len(meant) or 1):
            found.append(memory.pk)
    return found
