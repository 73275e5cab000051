"""What the memory page shows of one reader's memory: which things, in which order, how many of each kind."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import log2
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from memory import listing
from memory.facts import Fact, as_it_was
from memory.models import Memory
from memory.search import Found, search
from memory.types import FLOOR, MemoryType, State, Wanted

AT_ONCE: Final = 50  # things on a page
MOST_FOUND: Final = 50
MOST_NEAR: Final = 5  # when nothing fits well
MOST_SAID: Final = 8  # turns beside what was found
MOST_DAYS: Final = 200  # of those on which something was forgotten
MOST_BOOKS: Final = 200  # to choose from
LONGEST_WORDS: Final = 500

GROUPS: Final = {
    "you": _("About you"),
    "likes": _("How you like answers"),
    "reading": _("Your reading"),
    "talked": _("What you talked about"),
}
PINNED: Final = "pinned"
FORGOTTEN: Final = "forgotten"
OF_READING: Final = Q(type=MemoryType.EPISODIC, book__isnull=False)
FITTING: Final = {
    "you": Q(type=MemoryType.PERSONAL),
    "likes": Q(type=MemoryType.PROCEDURAL),
    "reading": OF_READING,
    "talked": ~Q(type__in=[MemoryType.PERSONAL, MemoryType.PROCEDURAL]) & ~OF_READING,
    PINNED: Q(is_pinned=True),
}
TYPES: Final = {  # what a search may be narrowed to; the rest is left out afterwards
    "you": frozenset({MemoryType.PERSONAL}),
    "likes": frozenset({MemoryType.PROCEDURAL}),
    "reading": frozenset({MemoryType.EPISODIC}),
    "talked": frozenset(MemoryType) - {MemoryType.PERSONAL, MemoryType.PROCEDURAL},
}
RANK: Final = Case(
    *(When(FITTING[name], then=Value(rank)) for rank, name in enumerate(GROUPS)), output_field=IntegerField()
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an address asks for. `on` is the day as of which it is shown; None is now."""

    words: str = ""
    kind: str = ""
    book: int | None = None
    on: date | None = None

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Self:
        """Read an address; what cannot be read is as if it were not there."""
        kind, book, words = told.get("kind", ""), told.get("book", ""), told.get("q", "").replace("\0", " ").strip()
        return cls(
            words=words[:LONGEST_WORDS],
            kind=kind if kind in {*GROUPS, PINNED, FORGOTTEN} else "",
            book=int(book) if book.isascii() and book.isdecimal() and 0 < len(book) < 19 else None,
            on=_past_day(told.get("on", "")),
        )

    def but(self, **changes: Any) -> "Wish":
        """Return the same wish with something else in it."""
        return replace(self, **changes)

    def query(self) -> str:
        """Return it as an address has it, without the question mark."""
        told = {"q": self.words, "kind": self.kind, "book": self.book, "on": self.on and self.on.isoformat()}
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def moment(self) -> datetime | None:
        """Return the end of the day as of which the memory is shown."""
        if self.on is None:
            return None
        return timezone.make_aware(datetime.combine(self.on + timedelta(days=1), time())) - timedelta(microseconds=1)

    def wanted(self, *, is_turn: bool = False) -> Wanted:
        """Return which memories are wanted; a kind is told apart afterwards."""
        pinned = True if self.kind == PINNED else None
        types = frozenset() if is_turn else TYPES.get(self.kind, frozenset())
        moment = self.moment
        return Wanted(is_turn=is_turn, book=self.book, is_pinned=pinned, types=types, as_of=moment, known_at=moment)


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind, under their heading."""

    name: str
    title: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the page: `count` things, `said` turns. `next` is where it goes on (0: it does not)."""

    sections: list[Section]
    count: int = 0
    next: int = 0
    is_unsure: bool = False
    said: list[Fact] = field(default_factory=list)

    @property
    def facts(self) -> list[Fact]:
        """Return everything that is shown."""
        return [fact for section in self.sections for fact in section.facts] + self.said

    @property
    def books(self) -> list[int]:
        """Return the books that are named."""
        return sorted({fact.memory.book for fact in self.facts if fact.memory.book is not None})


def shown(owner_id: int, wish: Wish, *, start: int = 0) -> Shown:
    """Return what a wish shows: kind by kind, what is pinned first, then the latest."""
    if wish.words:
        return _found(owner_id, wish)
    rows = listing.wanted_rows(owner_id, replace(wish.wanted(), types=frozenset()))
    if wish.kind in FITTING:
        rows = rows.filter(FITTING[wish.kind])
    ordered = rows.annotate(rank=RANK).order_by("rank", "-is_pinned", "-observed_at", "-id")
    # First which ones: a hundred thousand rows are put in order without their words and their sources.
    ranks = dict(ordered.values_list("pk", "rank")[start : start + AT_ONCE + 1])
    page = _in_order(owner_id, list(ranks)[:AT_ONCE])
    names = list(GROUPS)
    by_name: dict[str, list[Fact]] = {}
    for fact in as_it_was(page, wish.moment):
        by_name.setdefault(names[ranks[fact.memory.pk]], []).append(fact)
    sections = [Section(name, str(GROUPS[name]), some) for name, some in by_name.items()]
    return Shown(sections, len(page), start + AT_ONCE if len(ranks) > AT_ONCE else 0)


def _found(owner_id: int, wish: Wish) -> Shown:
    """Return what fits words best; beside it what was said in those words."""
    found = search(owner_id, wish.words, wanted=wish.wanted(), limit=MOST_FOUND)
    rows = [memory for memory in _rows(owner_id, found) if _is_of(memory, wish.kind)]
    said: list[Memory] = []
    if not wish.kind:
        turns = search(owner_id, wish.words, wanted=wish.wanted(is_turn=True), limit=MOST_SAID)
        said = [] if turns.is_unsure else _rows(owner_id, turns)
    facts = as_it_was(rows, wish.moment)
    sections = [Section("found", "", facts)] if facts else []
    return Shown(sections, len(facts), is_unsure=found.is_unsure and bool(facts), said=as_it_was(said, wish.moment))


def _rows(owner_id: int, found: Found) -> list[Memory]:
    """Return the rows of what was found, best first: those that fit, or the few that come nearest if none does."""
    fitting = found.hits[:MOST_NEAR] if found.is_unsure else [hit for hit in found.hits if hit.score >= FLOOR]
    return _in_order(owner_id, [hit.memory for hit in fitting])


def _in_order(owner_id: int, ids: list[int]) -> list[Memory]:
    """Return the rows of these ids with their sources; those forgotten meanwhile are left out."""
    rows = Memory.objects.filter(owner_id=owner_id, pk__in=ids).exclude(state=State.FORGOTTEN)
    there = {row.pk: row for row in _with_sources(rows)}
    return [there[pk] for pk in ids if pk in there]


def _is_of(memory: Memory, kind: str) -> bool:
    is_reading = memory.type == MemoryType.EPISODIC and memory.book is not None
    return is_reading if kind == "reading" else not (kind == "talked" and is_reading)


def _with_sources(rows: QuerySet[Memory]) -> QuerySet[Memory]:
    return rows.select_related("session", "turn__session").defer("tokens", "turn__tokens", "turn__text")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of things, as the page lets one choose it."""

    name: str
    title: str
    count: int
    query: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many things there are: of the wish without its kind and its words."""

    all: int
    kinds: list[Kind]
    others: list[Kind]


class _Heap(NamedTuple):
    """Things that are counted together; `rank` is the place of their kind in GROUPS."""

    rank: int
    is_pinned: bool
    book: int | None
    things: int


def counts(owner_id: int, wish: Wish) -> Counts:
    """Count the things of each kind."""
    return _counts(owner_id, wish, _heaps(owner_id, wish))


@dataclass(frozen=True, slots=True)
class Overview:
    """How many things there are: of a wish, now altogether, and about each book, those with the most first."""

    counts: Counts
    total: int
    books: list[tuple[int, int]]


def overview(owner_id: int, wish: Wish) -> Overview:
    """Count what stands around the list."""
    heaps = _heaps(owner_id, Wish())
    told = heaps if wish.book is None and wish.on is None else _heaps(owner_id, wish)
    books: Counter[int] = Counter()
    for heap in heaps:
        if heap.book is not None:
            books[heap.book] += heap.things
    most = sorted(books.items(), key=lambda each: (-each[1], each[0]))[:MOST_BOOKS]
    return Overview(_counts(owner_id, wish, told), sum(heap.things for heap in heaps), most)


def _heaps(owner_id: int, wish: Wish) -> list[_Heap]:
    """Count the things of a wish in one pass: there are far fewer kinds of them than things."""
    rows = listing.wanted_rows(owner_id, Wish(book=wish.book, on=wish.on).wanted()).order_by()
    counted = rows.annotate(rank=RANK).values_list("rank", "is_pinned", "book").annotate(things=Count("pk"))
    return [_Heap(*heap) for heap in counted]


def _counts(owner_id: int, wish: Wish, heaps: Sequence[_Heap]) -> Counts:
    by_rank: Counter[int] = Counter()
    for heap in heaps:
        by_rank[heap.rank] += heap.things
    pinned = sum(heap.things for heap in heaps if heap.is_pinned)
    total = sum(by_rank.values())

    def kind(name: str, title: Any, count: int) -> Kind:
        to = Wish(kind=name) if name == FORGOTTEN else wish.but(kind=name)
        return Kind(name, str(title), count, to.query(), wish.kind == name)

    kinds = [kind("", _("Everything"), total)]
    kinds += [kind(name, title, by_rank[rank]) for rank, (name, title) in enumerate(GROUPS.items())]
    others = [kind(PINNED, _("Pinned"), pinned), kind(FORGOTTEN, _("Forgotten"), _forgotten(owner_id).count())]
    return Counts(total, kinds, others)


def count(owner_id: int) -> int:
    """Return how many things are remembered."""
    return listing.wanted_rows(owner_id, Wanted(is_turn=False)).order_by().count()


@dataclass(frozen=True, slots=True)
class Gone:
    """What was forgotten on one day: nothing but numbers and dates are left of it."""

    on: date
    count: int
    since: datetime
    until: datetime


def _forgotten(owner_id: int) -> QuerySet[Memory]:
    return Memory.objects.filter(owner_id=owner_id, state=State.FORGOTTEN, number__isnull=True).order_by()


def forgotten(owner_id: int) -> list[Gone]:
    """Return the days on which things were forgotten, the latest first."""
    days = _forgotten(owner_id).annotate(on=TruncDate("changed_at")).values("on")
    told = days.annotate(count=Count("pk"), since=Min("recorded_at"), until=Max("recorded_at")).order_by("-on")
    return [Gone(**day) for day in told[:MOST_DAYS]]


def of_book(owner_id: int, book: int) -> tuple[int, int]:
    """Return how many things, and how many turns, are forgotten with a book."""
    rows = listing.narrowed(owner_id, Wanted(book=book, include_archived=True)).order_by()
    told = rows.aggregate(things=Count("pk", filter=Q(number=None)), turns=Count("pk", filter=~Q(number=None)))
    return told["things"], told["turns"]


@dataclass(frozen=True, slots=True)
class Rail:
    """The days from the first thing that was remembered to today, as a line of 600 by 24."""

    first: date
    last: date
    days: int
    ticks: list[tuple[int, int, int]]  # x, y, height
    marks: list[date]  # at the quarters, without the end

    @property
    def is_long(self) -> bool:
        """Say whether months are enough to tell its parts apart."""
        return self.days > 120


def rail(owner_id: int) -> Rail | None:
    """Return the line of days; None where nothing was remembered yet."""
    rows = Memory.objects.filter(owner_id=owner_id, number__isnull=True).exclude(state=State.FORGOTTEN).order_by()
    by_day = dict(rows.annotate(on=TruncDate("recorded_at")).values_list("on").annotate(count=Count("pk")))
    if not by_day:
        return None
    last = timezone.localdate()
    first = min(min(by_day), last - timedelta(days=30))
    days = (last - first).days
    marks = [first + timedelta(days=round(days * part / 4)) for part in range(4)]
    return Rail(first, last, days, _ticks(by_day, first, days), marks)


def _ticks(by_day: Mapping[date, int], first: date, days: int) -> list[tuple[int, int, int]]:
    """Put days that lie close together under one tick; its height tells how many things, in doublings."""
    heaps: dict[int, int] = {}
    for day, number in by_day.items():
        x = round((day - first).days / days * 199) * 3
        heaps[x] = heaps.get(x, 0) + number
    heights = {x: min(14, 6 + round(1.5 * log2(number))) for x, number in heaps.items()}
    return [(x, 18 - height, height) for x, height in sorted(heights.items())]


def _past_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day < timezone.localdate() else None
