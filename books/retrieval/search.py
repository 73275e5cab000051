"""passages_about(): the one way from a question to passages."""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import connection

from books.models import Book
from books.retrieval import lexical, vector
from books.retrieval.fusion import fused
from books.retrieval.limits import Limit, is_past, limits_of
from books.retrieval.scope import Scope
from mindory_web.engines.embedding import embedding_engine
from mindory_web.engines.errors import EngineError
from mindory_web.lib.excerpts import Excerpt, Place
from mindory_web.lib.languages import language_of

log = structlog.get_logger(__name__)

POOL: Final = 120  # passages that each leg brings
MOST_RESULTS: Final = 50
MOST_AHEAD: Final = 20  # passages past the reading limit that are counted
SPARE: Final = 4  # read besides the k, in case some overlap
LONGEST_QUESTION: Final = 8_000  # characters; the rest of a longer one is not searched for

Key = tuple[int, int]  # book, Passage.number

# These threads wait for the embedding process and never touch the database.
_EMBEDDING: Final = ThreadPoolExecutor(16, thread_name_prefix="embed")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The books that are searched, with what each leg needs to know of them."""

    languages: Mapping[int, str]
    embedded: frozenset[int]


def passages_about(question: str, *, reader_id: int, scope: Scope, k: int = 8) -> list[Excerpt]:
    """Return up to `k` passages of the reader's own books that fit the question best, best first.

    Never two that overlap by more than half, and none past the scope's limits. When the embedding engine does
    not answer, words alone decide and `legs` holds no "vector".
    """
    started = time.perf_counter()
    question = question[:LONGEST_QUESTION]
    shelf = _shelf(reader_id, scope)
    limits = limits_of({book: at for book, at in scope.until.items() if book in shelf.languages})
    asking = _Asking(question, shelf)  # the engine works in another process, so words are looked up meanwhile
    words = {
        (hit.book, hit.number): hit.score
        for hit in lexical.best_passages(question, books=shelf.languages, k=max(POOL, 2 * k), limits=limits)
    }
    near = asking.nearest(limits)
    voting = set(asking.books)
    scores = fused(words, near, voteless={key for key in words if key[0] not in voting})
    best = sorted(scores, key=lambda key: (-scores[key], key))[: min(k, MOST_RESULTS) + SPARE]
    excerpts = _excerpts(best, scores=scores, legs={"words": words, "vector": near})
    found = _without_overlaps(excerpts)[: min(k, MOST_RESULTS)]
    log.debug("searched", found=len(found), books=len(shelf.languages), seconds=time.perf_counter() - started)
    return found


def better_ahead(question: str, *, reader_id: int, scope: Scope) -> int:
    """Return how many passages past the scope's limits fit the words of a question better than any before them."""
    question = question[:LONGEST_QUESTION]
    shelf = _shelf(reader_id, scope)
    limits = limits_of({book: at for book, at in scope.until.items() if book in shelf.languages})
    if not limits:
        return 0
    allowed = lexical.best_passages(question, books=shelf.languages, k=1, limits=limits)
    least = allowed[0].score if allowed else 0.0
    best = lexical.best_passages(question, books=shelf.languages, k=MOST_AHEAD)
    return sum(is_past(limits, hit.book, hit.number) and hit.score > least for hit in best)


def _shelf(reader_id: int, scope: Scope) -> Shelf:
    books = Book.objects.filter(owner_id=reader_id, is_askable=True)
    if scope.books is not None:
        books = books.filter(pk__in=scope.books)
    rows = list(books.values_list("pk", "language", "is_embedded", "window_count"))
    return Shelf(
        {pk: language for pk, language, *_ in rows},
        frozenset(pk for pk, _, is_embedded, windows in rows if is_embedded and windows),
    )


class _Asking:
    """The vectors' leg of one search. `books` are those on which vectors have a vote."""

    def __init__(self, question: str, shelf: Shelf) -> None:
        self.books: list[int] = []
        self._engine = embedding_engine()
        self._vector: Future[Any] | None = None
        asked_in = language_of(question)
        if question.strip() and not (asked_in and not self._engine.has_vote(asked_in)):
            self.books = [pk for pk in sorted(shelf.embedded) if self._engine.has_vote(shelf.languages[pk])]
        if self.books:
            self._vector = _EMBEDDING.submit(self._engine.embed, [question], is_urgent=True)

    def nearest(self, limits: Mapping[int, Limit]) -> dict[Key, float]:
        """Return the passages whose windows are nearest to the question, with their similarity."""
        if self._vector is None:
            return {}
        try:
            asked = self._vector.result()[0]
            return vector.nearest_passages(asked, books=self.books, k=POOL, engine=self._engine, limits=limits)
        except EngineError as error:
            log.warning("searched_by_words_alone", reason=str(error))
            self.books = []
            return {}


def _excerpts(
    keys: Sequence[Key], *, scores: Mapping[Key, float], legs: Mapping[str, Mapping[Key, float]]
) -> list[Excerpt]:
    rows = _texts(keys)
    pages = _pages(rows)
    return [
        Excerpt(
            text=row["text"],
            score=scores[key],
            title=row["title"],
            heading=row["heading"],
            language=row["language"],
            place=Place(key[0], row["section"], row["start"], row["end"]),
            legs={name: found[key] for name, found in legs.items() if key in found},
            pages=pages.get(key, ()),
        )
        for key in keys
        if (row := rows.get(key))
    ]


_TEXTS: Final = """
SELECT passage.book_id, passage.number, passage.section, passage.start, passage."end", book.title, book.language,
       section.title, substr(section.text, passage.start + 1, passage."end" - passage.start)
FROM unnest(%s::bigint[], %s::int[]) AS wanted (book, number)
JOIN books_passage passage ON passage.book_id = wanted.book AND passage.number = wanted.number
JOIN books_section section ON section.book_id = passage.book_id AND section.number = passage.section
JOIN books_book book ON book.id = passage.book_id
"""


def _texts(keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Read the slices alone: a section may be long, and only its passage travels."""
    names = ("section", "start", "end", "title", "language", "heading", "text")
    books, numbers = [key[0] for key in keys], [key[1] for key in keys]
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [books, numbers])
        return {(book, number): dict(zip(names, rest, strict=True)) for book, number, *rest in cursor.fetchall()}


_PAGES: Final = """
SELECT wanted.book, wanted.number, page.start * (page.section = wanted.section)::int,
       coalesce(nullif(page.label, ''), (page.number + 1)::text)
FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[]) AS wanted (book, number, section, start, "end")
CROSS JOIN LATERAL (
    (SELECT * FROM books_page WHERE book_id = wanted.book AND (section, start) <= (wanted.section, wanted.start)
     ORDER BY section DESC, start DESC, number DESC LIMIT 1)
    UNION ALL
    (SELECT * FROM books_page WHERE book_id = wanted.book AND section = wanted.section
     AND start > wanted.start AND start < wanted."end")
) page ORDER BY page.section, page.start, page.number
"""


def _pages(rows: Mapping[Key, Mapping[str, Any]]) -> dict[Key, tuple[tuple[int, str], ...]]:
    """Return, for the passages of books with pages, where those begin that hold words of them."""
    places = [(*key, row["section"], row["start"], row["end"]) for key, row in rows.items()]
    found: dict[Key, list[tuple[int, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PAGES, [list(column) for column in zip(*places, strict=True)] or [[]] * 5)
        for book, number, start, label in cursor.fetchall():
            found.setdefault((book, number), []).append((start, label))
    return {key: tuple(pages) for key, pages in found.items()}


def _without_overlaps(excerpts: Iterable[Excerpt]) -> list[Excerpt]:
    kept: list[Excerpt] = []
    for excerpt in excerpts:
        if not any(_overlap(excerpt.place, other.place) > 0.5 for other in kept):
            kept.append(excerpt)
    return kept


def _overlap(one: Place | None, other: Place | None) -> float:
    """Return the share of the shorter place that lies in the other."""
    if one is None or other is None or (one.book, one.section) != (other.book, other.section):
        return 0.0
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared / max(1, min(one.end - one.start, other.end - other.start))
