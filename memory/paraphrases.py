"""Find memories that say the same in other words: rules choose pairs, a model proposes, rules decide (merging.py).

Each new memory is held against the older ones once: the job that did so says up to which row. Nothing happens without a
model.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BigIntegerField, Count, Max, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from memory import answers, consulting, merging
from memory.errors import LLMError, NotFound
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Memory, Mind, ModelAnswer
from memory.types import State
from mindory_web.engines.llm import LLMClient
from mindory_web.lib.languages import language_of

MARK: Final = "compared_to"  # in a job's result: the last row that was held against the older ones
NEW_AT_ONCE: Final = 500
MOST_READ: Final = 5_000  # older memories that new ones are held against
MOST_LOOKED_AT: Final = 50  # of which the rules are asked
MOST_OF_ONE: Final = 3  # pairs that one new memory is in
MOST_PAIRS: Final = 20  # in one question
MOST_QUESTIONS: Final = 5  # of one job; what is left is the next one's
MOST_TOKENS: Final = 600


@dataclass(frozen=True, slots=True)
class Pair:
    """Two memories of one reader whose words allow that they say the same."""

    older: Memory
    younger: Memory

    @property
    def language(self) -> str:
        """Return the language of the prompt."""
        return "zh" if language_of(self.younger.text) == "zh" else "en"

    def line(self, number: int) -> str:
        """Return the pair as a model reads it, in one line."""
        quoted = consulting.quoted
        return f'{{"pair": {number}, "a": {quoted(self.older.text)}, "b": {quoted(self.younger.text)}}}'

    def digest(self, model: str) -> bytes:
        """Return under what the verdict on these very words is kept."""
        return _question([self]).digest(model)


def merge(lease: Lease, client: LLMClient) -> None:
    """Merge what a model takes for the same and no rule objects to. Raises LLMError."""
    questions = 0
    while questions < MOST_QUESTIONS:
        lease.check()
        after = compared_to(lease.owner_id)
        pairs, upto = next_pairs(lease.owner_id, after=after)
        if upto == after:
            return
        verdicts = known_verdicts(lease.owner_id, pairs, client.model)
        for language in ("en", "zh"):
            asked = [pair for pair in pairs if pair.language == language and pair.digest(client.model) not in verdicts]
            if asked:
                verdicts |= _asked(lease, client, asked)
                questions += 1
        if not _keep(lease, client, pairs, verdicts, upto):
            return
        lease.make_way()


def compared_to(owner_id: int) -> int:
    """Return up to which row a reader's memories have been held against each other; 0 when they never were."""
    mark = Cast(KeyTextTransform(MARK, "result"), BigIntegerField())
    jobs = Job.objects.filter(owner=owner_id, kind=Job.Kind.LAYERS, result__has_key=MARK)
    return int(jobs.aggregate(last=Max(mark))["last"] or 0)


def behind() -> list[int]:
    """Return the readers with memories that have not been held against the older ones yet."""
    mark = Cast(KeyTextTransform(MARK, "result"), BigIntegerField())
    marked = Job.objects.filter(kind=Job.Kind.LAYERS, result__has_key=MARK).order_by().values("owner")
    done = dict(marked.annotate(last=Max(mark)).values_list("owner", "last"))
    rows = _comparable().order_by().values("owner").annotate(last=Max("pk"), count=Count("pk"))
    return [
        owner
        for owner, last, count in rows.values_list("owner", "last", "count")
        if count > 1 and last > done.get(owner, 0)
    ]


def _comparable() -> QuerySet[Memory]:
    rows = Memory.objects.filter(number=None, state=State.ACTIVE, source_kind__in=merging.TOLD).exclude(text="")
    return rows.defer("tokens", "quote", "metadata")


# --- Pairs --------------------------------------------------------------------------------------


def next_pairs(owner_id: int, *, after: int) -> tuple[list[Pair], int]:
    """Return pairs of memories that came after a row with older ones, and up to which row they were looked for."""
    mine = _comparable().filter(owner=owner_id)
    new = list(mine.filter(pk__gt=after).order_by("pk")[:NEW_AT_ONCE])
    if not new:
        return [], after
    same = mine.filter(pk__lte=new[-1].pk, subject__in={row.subject for row in new}, type__in={row.type for row in new})
    shelf = _Shelf(same.order_by("-pk")[:MOST_READ])
    pairs: list[Pair] = []
    for row in new:
        found = shelf.like(row)
        if len(pairs) + len(found) > MOST_PAIRS:
            return pairs, row.pk - 1
        pairs += found
    return pairs, new[-1].pk


class _Shelf:
    """Memories by the words that they say something with."""

    def __init__(self, rows: Iterable[Memory]) -> None:
        self._rows = {row.pk: row for row in rows}
        self._said = {pk: merging.content(row.text) for pk, row in self._rows.items()}
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for pk, words in self._said.items():
            for word in words:
                self._by_word[word].append(pk)

    def like(self, younger: Memory) -> list[Pair]:
        """Return the pairs of a memory with the older ones that are most like it."""
        said = self._said.get(younger.pk) or merging.content(younger.text)
        shared: dict[int, int] = defaultdict(int)
        for word in said:
            for pk in self._by_word[word]:
                shared[pk] += pk < younger.pk
        near = [pk for pk, count in shared.items() if count and merging.likeness(said, self._said[pk]) >= merging.ALIKE]
        near.sort(key=lambda pk: (-len(said & self._said[pk]) / len(said | self._said[pk]), -pk))
        pairs = (Pair(self._rows[pk], younger) for pk in near[:MOST_LOOKED_AT])
        allowed = [pair for pair in pairs if not merging.objection(pair.older, pair.younger)]
        return [pair for pair in allowed[:MOST_OF_ONE] if not _is_touched(pair)]


def _is_touched(pair: Pair) -> bool:
    return merging.is_touched(pair.older) or merging.is_touched(pair.younger)


# --- Verdicts -----------------------------------------------------------------------------------


def known_verdicts(owner_id: int, pairs: Sequence[Pair], model: str) -> dict[bytes, bool]:
    """Return what the model said before of the same words, by the digest of each pair."""
    digests = [pair.digest(model) for pair in pairs]
    found = ModelAnswer.objects.filter(owner=owner_id, digest__in=digests).values_list("digest", "text")
    return {bytes(digest): text == answers.SAME for digest, text in found}


def _asked(lease: Lease, client: LLMClient, pairs: Sequence[Pair]) -> dict[bytes, bool]:
    """Return what the model says of pairs. What it leaves out, or says anything else of, is not the same."""
    try:
        said = consulting.ask(client, _question(pairs), owner_id=lease.owner_id, check=lease.check)
    except LLMError as error:
        if not consulting.is_hopeless(error):
            raise
        return {}
    same = answers.pairs_in(said.text)
    if same is None:
        return {}
    return {pair.digest(client.model): number in same for number, pair in enumerate(pairs, 1)}


def _question(pairs: Sequence[Pair]) -> consulting.Question:
    lines = "\n".join(pair.line(number) for number, pair in enumerate(pairs, 1))
    return consulting.Question("merging", pairs[0].language, {"pairs": lines}, MOST_TOKENS)


def _keep(lease: Lease, client: LLMClient, pairs: Sequence[Pair], verdicts: dict[bytes, bool], upto: int) -> bool:
    """Merge what may be, and write down up to where; False when learning was paused meanwhile."""
    manager = MemoryManager(lease.owner_id, actor=merging.ACTOR)
    with lease.fenced(is_writing=True) as job:
        if Mind.objects.filter(pk=lease.owner_id, is_learning=False).exists():
            return False
        merged = 0
        for pair in pairs:
            if verdicts.get(pair.digest(client.model)):
                merged += _merged(manager, pair, by=client.model)
        _keep_verdicts(lease.owner_id, verdicts)
        job.result = {**job.result, MARK: upto}
        counts: dict[str, Any] = {"compared": len(pairs), "merged": merged} if pairs else {}
        lease.keep(job, counts, done=job.done, total=job.total)
    return True


def _merged(manager: MemoryManager, pair: Pair, *, by: str) -> bool:
    try:
        return manager.merge(pair.younger.pk, into=pair.older.pk, reason=f"merged by {by}")
    except NotFound:
        return False  # forgotten meanwhile


def _keep_verdicts(owner_id: int, verdicts: dict[bytes, bool]) -> None:
    """Keep what the model said of each pair: the words of neither are in it."""
    ModelAnswer.objects.bulk_create(
        [
            ModelAnswer(owner_id=owner_id, digest=digest, text=answers.SAME if is_same else answers.DIFFERENT)
            for digest, is_same in verdicts.items()
        ],
        ignore_conflicts=True,
    )
