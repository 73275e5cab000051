"""Words: BM25 in Postgres (Robertson & Zaragoza 2009), from postings whose weights are ready-made.

A posting row holds, for one term of one book, the passages with that term and each one's weight,
so a question reads one row per term and book, whatever the length of the book.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from books.models import Posting
from books.retrieval.limits import NO_LIMITS, Limit
from mindory_web.lib.terms import LONGEST_TERM, stemmer_of, terms

__all__ = ["LONGEST_TERM", "Found", "best_passages", "index_passages", "terms"]

K1: Final = 1.2
B: Final = 0.75
MOST_TERMS: Final = 200  # of a question; more are left out, the commonest first
# A term that weighs next to nothing beside the question's rarest ("the" in every passage) is not added up.
LEAST_SHARE: Final = 0.05
# Entries that one question may add up. The rarest terms come first, so what is left out decides nothing.
MOST_ENTRIES: Final = 400_000


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that shares words with the question. `score` is its BM25."""

    book: int
    number: int
    score: float


def index_passages(book_id: int, passages: Sequence[tuple[int, str]], *, language: str) -> float:
    """Write the postings of a book, replacing old ones, in the caller's transaction.

    `passages` are (Passage.number, text). Returns the average number of terms in a passage.
    """
    Posting.objects.filter(book_id=book_id).delete()
    numbers: dict[str, list[int]] = defaultdict(list)
    counts: dict[str, list[int]] = defaultdict(list)
    lengths: dict[int, int] = {}
    for number, text in sorted(passages):
        found = Counter(terms(text, language=language))
        lengths[number] = found.total()
        for term, count in found.items():
            numbers[term].append(number)
            counts[term].append(count)
    average = sum(lengths.values()) / len(lengths) if lengths else 0.0
    _copy(book_id, _rows(numbers, counts, lengths, average))
    return average


def _rows(
    numbers: Mapping[str, list[int]], counts: Mapping[str, list[int]], lengths: Mapping[int, int], average: float
) -> Iterator[tuple[str, list[int], list[float]]]:
    """Yield (term, passages, BM25 weights)."""
    norm = {number: K1 * (1 - B + B * length / (average or 1)) for number, length in lengths.items()}
    for term, held in numbers.items():
        yield (
            term,
            held,
            [count * (K1 + 1) / (count + norm[number]) for number, count in zip(held, counts[term], strict=True)],
        )


def _copy(book_id: int, rows: Iterator[tuple[str, list[int], list[float]]]) -> None:
    """Write the rows by COPY: ten times as fast as INSERT. Terms hold no character that COPY would need escaped."""
    table = Posting._meta.db_table
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" (book_id, term, held, passages, weights) FROM STDIN') as copy,
    ):
        for term, held, weights in rows:
            joined = ",".join(map(str, held))
            weighed = ",".join([f"{weight:.4f}" for weight in weights])
            copy.write(f"{book_id}\t{term}\t{len(held)}\t{{{joined}}}\t{{{weighed}}}\n")


def best_passages(
    question: str, *, books: Mapping[int, str], k: int, limits: Mapping[int, Limit] = NO_LIMITS
) -> list[Found]:
    """Return the k passages of `books` (id -> language) that fit the words of the question best, none past a limit."""
    groups: dict[str, list[int]] = defaultdict(list)
    for book, language in books.items():
        groups[stemmer_of(language)].append(book)
    found = [
        hit
        for ids in groups.values()
        for hit in _best(sorted(set(terms(question, language=books[ids[0]]))), books=ids, k=k, limits=limits)
    ]
    return sorted(found, key=lambda hit: (-hit.score, hit.book, hit.number))[:k]


# idf counts over all the books searched; `before` is how many entries the rarer terms hold.
_QUERY: Final = """
WITH asked AS MATERIALIZED (
    SELECT id, book_id, term, held FROM {table} WHERE book_id = ANY(%(books)s) AND term = ANY(%(terms)s)
), size AS (
    SELECT sum(passage_count)::float8 AS n FROM books_book WHERE id = ANY(%(books)s)
), idf AS (
    SELECT term, ln(1 + (greatest(size.n, sum(held)) - sum(held) + 0.5) / (sum(held) + 0.5)) AS weight,
           sum(sum(held)) OVER (ORDER BY sum(held), term) - sum(held) AS before
    FROM asked, size GROUP BY term, size.n ORDER BY sum(held) LIMIT %(most_terms)s
)
SELECT posting.book_id, entry.number, sum(idf.weight * entry.weight) AS score
FROM idf
JOIN asked USING (term)
JOIN {table} posting ON posting.id = asked.id
LEFT JOIN unnest(%(limited)s::bigint[], %(first_past)s::int[]) AS line (book, first_past)
    ON line.book = asked.book_id
CROSS JOIN LATERAL unnest(posting.passages, posting.weights) AS entry(number, weight)
WHERE (line.first_past IS NULL OR entry.number < line.first_past)
    AND idf.before < %(most_entries)s AND idf.weight >= %(least_share)s * (SELECT max(weight) FROM idf)
GROUP BY posting.book_id, entry.number
ORDER BY score DESC, posting.book_id, entry.number
LIMIT %(k)s
"""


def _best(asked: list[str], *, books: list[int], k: int, limits: Mapping[int, Limit]) -> list[Found]:
    if not asked or not books or k < 1:
        return []
    values: dict[str, Any] = {
        "books": books,
        "limited": [book for book in books if book in limits],
        "first_past": [limits[book].number for book in books if book in limits],
        "terms": asked,
        "k": k,
        "most_terms": MOST_TERMS,
        "most_entries": MOST_ENTRIES,
        "least_share": LEAST_SHARE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUERY.format(table=Posting._meta.db_table), values)
        return [Found(book, number, float(score)) for book, number, score in cursor.fetchall()]
