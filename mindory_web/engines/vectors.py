"""Where vectors are kept and searched: Postgres with pgvector, one `Space` a collection and model.

Inside a few books every vector is compared: exact, and at these sizes fast. Only a search over more than
`EXACT_UP_TO` vectors walks the HNSW index of its space, so a space gets one when it has grown that far:
until then adding a vector costs a fifth, and afterwards no search has to do without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from django.conf import settings
from django.db import connection, transaction

from mindory_web.engines.embedding import EmbeddingEngine
from mindory_web.engines.errors import EngineError
from mindory_web.engines.models import Space, Vector

if TYPE_CHECKING:  # numpy costs 20 MB; processes that never embed do not load it
    import numpy as np
    from numpy.typing import NDArray

EXACT_UP_TO = 25_000
ROWS_AT_ONCE = 500
INDEX_DIMENSIONS_AT_MOST = 4000  # pgvector's limit for HNSW over halfvec
EF_SEARCH = 80
SCAN_AT_MOST = 100_000
LARGEST: Final = 2**63 - 1
NO_LIMITS: Final[Mapping[int, int]] = MappingProxyType({})
LOCK = 0x6D696E64  # this module's advisory locks; the second number is the space


@dataclass(frozen=True, slots=True)
class VectorRow:
    """One vector to keep: window number `part` of `item` (a passage) in `group` (a book)."""

    group: int
    item: int
    part: int
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hit:
    """One vector found. `similarity` is the cosine, 1.0 for the same direction."""

    group: int
    item: int
    part: int
    similarity: float


class VectorStore(Protocol):
    """The vectors of one space."""

    def add(self, rows: Iterable[VectorRow]) -> int:
        """Keep vectors and return how many were new. What is there already stays as it is."""

    def nearest(
        self, vector: NDArray[np.float32], *, groups: Sequence[int], k: int, below: Mapping[int, int] = NO_LIMITS
    ) -> list[Hit]:
        """Return the `k` nearest vectors inside `groups`, nearest first; of a group in `below` only lower items."""

    def count(self, groups: Sequence[int]) -> int:
        """Return how many vectors `groups` hold."""

    def parts(self, group: int) -> set[tuple[int, int]]:
        """Return (item, part) of every vector in `group`, so that an ingest can resume."""

    def drop(self, group: int) -> int:
        """Delete the vectors of `group` and return how many there were."""


class VectorStoreFactory:
    """Opens stores. The only place that makes spaces."""

    @staticmethod
    def open(collection: str, engine: EmbeddingEngine) -> VectorStore:
        """Return the store of a collection ("books", "memory") for the engine's model; make it at first use."""
        space, _is_new = Space.objects.get_or_create(
            collection=collection, model=engine.model, defaults={"dimension": engine.dimension}
        )
        if space.dimension != engine.dimension:
            raise EngineError(
                f"The embedding model {engine.model} now makes vectors of {engine.dimension} numbers; "
                f"those kept have {space.dimension}. Give the new model a name of its own.",
                is_retryable=False,
            )
        return STORES[settings.VECTOR_STORE](space)

    @staticmethod
    def forget(collection: str, group: int) -> int:
        """Delete the vectors of `group` in every space of a collection. Works while no engine answers."""
        return Vector.objects.filter(space__collection=collection, group=group).delete()[0]


class PgVectorStore:
    """Vectors of one space in Postgres, as halfvec rows narrow enough to stay out of TOAST."""

    def __init__(self, space: Space, *, exact_up_to: int = EXACT_UP_TO) -> None:
        self.space = space
        self.exact_up_to = exact_up_to

    def add(self, rows: Iterable[VectorRow]) -> int:
        """Keep vectors and return how many were new. What is there already stays as it is."""
        added = 0
        for some in _by(ROWS_AT_ONCE, rows):
            with connection.cursor() as cursor:
                cursor.execute(
                    'INSERT INTO engines_vector (space_id, "group", item, part, embedding) '
                    "SELECT %s, g, i, p, e::halfvec FROM "
                    "unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::text[]) AS new (g, i, p, e) "
                    "ON CONFLICT DO NOTHING",
                    [
                        self.space.pk,
                        [row.group for row in some],
                        [row.item for row in some],
                        [row.part for row in some],
                        [self._written(row.vector) for row in some],
                    ],
                )
                added += cursor.rowcount
        if added and not self._has_index() and self._count(None, up_to=self.exact_up_to) > self.exact_up_to:
            self._make_index()
        return added

    def nearest(
        self, vector: NDArray[np.float32], *, groups: Sequence[int], k: int, below: Mapping[int, int] = NO_LIMITS
    ) -> list[Hit]:
        """Return the `k` nearest vectors inside `groups`, nearest first; of a group in `below` only lower items."""
        if not groups or k < 1:
            return []
        sought = self._written(vector)
        limits = [below.get(group, LARGEST) for group in groups]
        few = self._count(groups, up_to=self.exact_up_to) <= self.exact_up_to
        if few or below or self.space.dimension > INDEX_DIMENSIONS_AT_MOST:
            return self._exact(sought, groups, limits, k)
        found = self._indexed(sought, groups, k)
        # A reader with a small part of a huge space: the walk may end before it met k of theirs.
        return found if len(found) == k else self._exact(sought, groups, limits, k)

    def count(self, groups: Sequence[int]) -> int:
        """Return how many vectors `groups` hold."""
        return Vector.objects.filter(space=self.space, group__in=groups).count()

    def parts(self, group: int) -> set[tuple[int, int]]:
        """Return (item, part) of every vector in `group`, so that an ingest can resume."""
        return set(Vector.objects.filter(space=self.space, group=group).values_list("item", "part"))

    def drop(self, group: int) -> int:
        """Delete the vectors of `group` and return how many there were."""
        return Vector.objects.filter(space=self.space, group=group).delete()[0]

    @property
    def _index(self) -> str:
        return f"engines_vector_space_{self.space.pk}"

    def _has_index(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [self._index])
            return bool(cursor.fetchone()[0]) or self.space.dimension > INDEX_DIMENSIONS_AT_MOST

    def _make_index(self) -> None:
        """Make the HNSW index of this space alone: one space's vectors never slow or blur another's search.

        Once in the life of a space; other writers of vectors wait for it, searches do not.
        """
        with transaction.atomic(), connection.cursor() as cursor:
            # Two who both added and both want the table would wait for each other: one builds, the other goes on.
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, self.space.pk])
            if not cursor.fetchone()[0]:
                return
            # Postgres refuses to index a table with deferred checks waiting in this transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Several workers would share the graph through /dev/shm, which is small in a container.
            cursor.execute("SET LOCAL max_parallel_maintenance_workers = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {self._index} ON engines_vector "
                f"USING hnsw ((embedding::halfvec({self.space.dimension})) halfvec_cosine_ops) "
                f"WHERE space_id = {self.space.pk}"
            )
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _count(self, groups: Sequence[int] | None, *, up_to: int) -> int:
        """Return how many vectors `groups` (None: all) hold, or `up_to` + 1 when there are more."""
        inside = "" if groups is None else 'AND "group" = ANY(%s::bigint[])'
        sql = f"SELECT count(*) FROM (SELECT FROM engines_vector WHERE space_id = %s {inside} LIMIT %s) AS met"  # noqa: S608 (our own words)
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.space.pk, *([] if groups is None else [list(groups)]), up_to + 1])
            return int(cursor.fetchone()[0])

    def _exact(self, sought: str, groups: Sequence[int], limits: Sequence[int], k: int) -> list[Hit]:
        """Compare with every vector. MATERIALIZED keeps the planner from walking the HNSW index instead.

        Vectors have length one, so the inner product (`<#>` is its negative) is the cosine, at half the price.
        """
        sql = (
            'WITH compared AS MATERIALIZED (SELECT "group", item, part, embedding <#> %s::halfvec AS distance '
            "FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (of, below) "
            'JOIN engines_vector ON space_id = %s AND "group" = wanted.of AND item < wanted.below) '
            'SELECT "group", item, part, -distance FROM compared ORDER BY distance, item, part LIMIT %s'
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [sought, list(groups), list(limits), self.space.pk, k])
            return [Hit(*row) for row in cursor.fetchall()]

    def _indexed(self, sought: str, groups: Sequence[int], k: int) -> list[Hit]:
        """Walk the HNSW index until `k` vectors of `groups` are met."""
        size = f"halfvec({self.space.dimension})"
        # The space's number stands in the text: only then does the planner know the partial index fits.
        sql = (
            f'SELECT "group", item, part, 1 - (embedding::{size} <=> %s::{size}) FROM engines_vector '  # noqa: S608
            f'WHERE space_id = {self.space.pk} AND "group" = ANY(%s::bigint[]) '
            f"ORDER BY embedding::{size} <=> %s::{size} LIMIT %s"
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
            cursor.execute(f"SET LOCAL hnsw.ef_search = {max(EF_SEARCH, min(2 * k, 1000))}")
            cursor.execute(f"SET LOCAL hnsw.max_scan_tuples = {SCAN_AT_MOST}")
            cursor.execute(sql, [sought, list(groups), sought, k])
            hits = [Hit(*row) for row in cursor.fetchall()]
        return sorted(hits, key=lambda hit: -hit.similarity)  # relaxed order is nearly, not quite, sorted

    def _written(self, vector: NDArray[np.float32]) -> str:
        if len(vector) != self.space.dimension:
            raise ValueError(f"a vector of {len(vector)} numbers in a space of {self.space.dimension}")
        return "[" + ",".join(format(number, ".5g") for number in vector.tolist()) + "]"


STORES = {"pgvector": PgVectorStore}


def _by(size: int, rows: Iterable[VectorRow]) -> Iterator[list[VectorRow]]:
    rest = iter(rows)
    while some := list(islice(rest, size)):
        yield some
