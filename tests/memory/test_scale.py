"""What a memory of a hundred thousand depends on: which index is read, how much at once, what a kill leaves."""

import re
from collections.abc import Iterator
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
from memory.types import Candidate, MemoryType, Source, SourceKind, Turn, Wanted
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


def test_the_counts_of_a_page_ask_for_nothing_that_is_not_in_their_index(alice: Reader) -> None:
    MemoryManager(alice.pk).remember(Candidate("The reader likes figs."))
    index = next(one for one in Memory._meta.indexes if one.name == "memory_counts")
    held = {field.column for field in Memory._meta.concrete_fields if field.name in (*index.fields, *index.include)}

    with CaptureQueriesContext(connection) as asked:
        browsing.overview(alice.pk, Wish())
        browsing.rail(alice.pk)
        browsing.count(alice.pk)
        browsing.forgotten(alice.pk)
        MemoryManager(alice.pk).stats()

    queries = [query["sql"] for query in asked if "COUNT" in query["sql"] and '"memory_memory"' in query["sql"]]
    assert len(queries) == 6
    for query in queries:
        assert set(re.findall(r'"memory_memory"\."(\w+)"', query)) <= held, query


def test_a_view_of_the_past_reads_each_timeline_and_not_the_whole_memory_for_each_value(alice: Reader) -> None:
    written(alice, MANY)
    written(alice, 20, subject="user", attribute="home", value="Rome", valid_from=BEGUN)

    rows = listing.wanted_rows(alice.pk, Wanted(as_of=timezone.now()))

    assert "memory_slot" in rows.explain()


def a_long_talk(reader: Reader) -> list[dict[str, Any]]:
    """Return the lines of a memory: three hundred turns, what was learned from each, and the history of all."""
    mind = MemoryManager(reader.pk)
    for hundred in range(3):
        told = [Turn(f"I have seen ship number {hundred * 100 + n}.", key=f"{hundred}-{n}") for n in range(100)]
        for turn in mind.add_turns("talk", told):
            source = Source(SourceKind.MESSAGE, turn=turn.pk, quote=turn.text)
            mind.remember(Candidate(f"The reader says: {turn.text}", source=source, session="talk"))
    return list(mind.export())


def stopped(lines: list[dict[str, Any]], after: int) -> Iterator[dict[str, Any]]:
    """Yield the first lines, and then be gone as a killed process is."""
    yield from lines[:after]
    raise KeyboardInterrupt


@pytest.mark.parametrize("after", [520, 1_100])
def test_an_import_that_was_killed_goes_on_when_it_is_sent_again(alice: Reader, bob: Reader, after: int) -> None:
    lines = a_long_talk(alice)
    carol = Reader.objects.create_user("carol", "carol@example.org")
    assert len(lines) > 1_200
    with pytest.raises(KeyboardInterrupt):
        MemoryManager(bob.pk).import_lines(stopped(lines, after))

    MemoryManager(bob.pk).import_lines(lines)
    MemoryManager(carol.pk).import_lines(lines)

    assert list(MemoryManager(bob.pk).export()) == list(MemoryManager(carol.pk).export())


def test_a_conversation_goes_on_after_an_import_of_it_was_killed(alice: Reader, bob: Reader) -> None:
    lines = a_long_talk(alice)
    with pytest.raises(KeyboardInterrupt):
        MemoryManager(bob.pk).import_lines(stopped(lines, 520))
    there = MemoryManager(bob.pk).timeline("talk").count()

    said = MemoryManager(bob.pk).add_turns("talk", [Turn("Where were we?")])

    assert 0 < there < 300
    assert said[0].number == there
    MemoryManager(bob.pk).import_lines(lines)
    assert MemoryManager(bob.pk).timeline("talk").count() == 301


def test_lines_that_are_there_already_are_asked_for_a_batch_at_once(alice: Reader, bob: Reader) -> None:
    lines = a_long_talk(alice)
    MemoryManager(bob.pk).import_lines(lines)

    with CaptureQueriesContext(connection) as asked:
        done = MemoryManager(bob.pk).import_lines(lines)

    assert (done.added, done.repeated) == (0, 600)
    assert len(asked) < 60


def test_a_session_is_forgotten_with_what_was_learned_from_it_in_a_few_queries(alice: Reader) -> None:
    a_long_talk(alice)
    kept = Memory.objects.filter(owner=alice, number=None).latest("pk")
    MemoryManager(alice.pk).update(kept.pk, {"text": "The reader says that it was a whale."})

    with CaptureQueriesContext(connection) as asked:
        receipt = MemoryManager(alice.pk).forget_session("talk")

    assert receipt.count == 599
    assert MemoryManager(alice.pk).get(kept.pk).text == "The reader says that it was a whale."
    assert len(asked) < 60
