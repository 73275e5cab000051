"""What a memory of a hundred thousand depends on: which index is read, how much at once, what a kill leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memory import browsing, listing
from memory.browsing import Wish
from memory.manager import MemoryManager
from memory.models import Memory
from memory.types import MemoryType, Wanted
from mindory_web.accounts.models import Reader

pytestmark = pytest.mark.django_db

MANY = 3_000
BEGUN = datetime(2024, 1, 1, tzinfo=UTC)


def written(reader: Reader, count: int, **columns: Any) -> list[Memory]:
    """Write rows as they lie in the database, and let the planner know of them."""
    rows = [
        Memory(
            owner=reader,
            **{
                "type": MemoryType.PERSONAL,
                "text": f"The reader has seen ship number {n}.",
                "text_hash": n.to_bytes(16, "big"),
                "tokens": bytes(400),
                "observed_at": BEGUN + timedelta(hours=n),
                "recorded_at": BEGUN + timedelta(hours=n),
                **columns,
            },
        )
        for n in range(count)
    ]
    Memory.objects.bulk_create(rows, batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE memory_memory")
    return rows


@pytest.mark.django_db(transaction=True)  # rows that are not committed are on no page that is known to be seen by all
def test_the_memory_page_counts_without_reading_the_rows(alice: Reader) -> None:
    written(alice, MANY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE memory_memory")

    with CaptureQueriesContext(connection) as asked:
        browsing.overview(alice.pk, Wish())
        browsing.rail(alice.pk)
        browsing.count(alice.pk)
        MemoryManager(alice.pk).stats()

    queries = [query["sql"] for query in asked if "COUNT" in query["sql"] and "memory_memory" in query["sql"]]
    assert len(queries) == 5
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute("EXPLAIN " + query)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Index Only Scan using memory_counts" in plan, query


def test_a_view_of_the_past_reads_each_timeline_and_not_the_whole_memory_for_each_value(alice: Reader) -> None:
    written(alice, MANY)
    written(alice, 20, subject="user", attribute="home", value="Rome", valid_from=BEGUN)

    rows = listing.wanted_rows(alice.pk, Wanted(as_of=timezone.now()))

    assert "memory_slot" in rows.explain()
