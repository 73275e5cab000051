"""A reader who leaves takes their memory along."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memory import leaving
from memory.manager import MemoryManager
from memory.models import Event, Memory, Mind, Session
from memory.types import Candidate, Turn
from mindory_web.accounts import deleting
from mindory_web.accounts.models import Reader
from mindory_web.engines.models import Vector
from mindory_web.engines.vectors import VectorRow, VectorStoreFactory
from tests.fakes import WordLengthEmbedder

pytestmark = pytest.mark.django_db


def test_nothing_is_left_of_the_memory_of_a_reader_who_left(alice: Reader, bob: Reader) -> None:
    for reader in (alice, bob):
        manager = MemoryManager(reader.pk)
        kept = manager.remember(Candidate("I live in Lisbon.")).memory
        manager.add_turns("talk", [Turn("Hello there")])
        store = VectorStoreFactory.open("memory", WordLengthEmbedder())
        store.add([VectorRow(reader.pk, kept.pk, 0, np.ones(8, np.float32))])

    deleting.delete_reader(None, alice)
    assert deleting.finish() == 1

    for model in (Memory, Event, Session):
        assert set(model.objects.values_list("owner", flat=True)) == {bob.pk}
    assert set(Mind.objects.values_list("reader", flat=True)) == {bob.pk}
    assert set(Vector.objects.values_list("group", flat=True)) == {bob.pk}


def test_a_memory_of_many_pieces_goes_with_all_that_ties_them(alice: Reader, bob: Reader) -> None:
    turn = MemoryManager(alice.pk).add_turns("talk", [Turn("Hello there")])[0]
    rows = [
        Memory(owner=alice, type="personal", text=f"Ship {n}.", text_hash=b"", turn=turn, session=turn.session)
        for n in range(leaving.AT_ONCE + 1)
    ]
    Memory.objects.bulk_create(rows, batch_size=1_000)
    Memory.objects.filter(pk=turn.pk).update(superseded_by=rows[-1])
    Memory.objects.filter(pk=rows[-1].pk).update(superseded_by=rows[0])
    MemoryManager(bob.pk).remember(Candidate("I live in Lisbon."))

    with CaptureQueriesContext(connection) as asked:
        leaving.forget(reader=alice)

    assert set(Memory.objects.values_list("owner", flat=True)) == {bob.pk}
    assert set(Session.objects.values_list("owner", flat=True)) <= {bob.pk}
    assert not any('"memory_memory"."text"' in query["sql"] for query in asked)
    assert len(asked) < 60
    leaving.forget(reader=alice)  # as the reaper does when it was stopped before the reader's row was gone
