"""memories_about(): what a conversation about books is told of its reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from memory.hot import HOT
from memory.manager import MemoryManager
from memory.search import memories_about
from memory.sources import BUDGET
from memory.types import Candidate, MemoryType, Source, SourceKind, Turn
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Place


@dataclass(frozen=True)
class Scope:
    """What memories need to know of a conversation."""

    books: tuple[int, ...] | None = None
    conversation: int = 0


@pytest.fixture(autouse=True)
def no_engine(settings: Settings) -> Iterator[None]:
    """Words alone."""
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    HOT.clear()
    yield
    HOT.clear()


def test_a_note_comes_with_its_place_and_its_key(alice: Reader) -> None:
    source = Source(SourceKind.BOOK, place=Place(5, 3, 10, 40), quote="his pride", label="Pride and Prejudice, 3")
    row = (
        MemoryManager(alice.pk)
        .remember(
            Candidate(
                "Darcy is prouder than he knows.", source=source, observed_at=datetime(2026, 5, 8, 12, tzinfo=UTC)
            )
        )
        .memory
    )

    (told,) = memories_about("What did I think of Darcy?", reader_id=alice.pk, scope=Scope(), k=8)

    assert told.key == f"memory:{row.pk}"
    assert told.text == "Darcy is prouder than he knows. (2026-05-08)"
    assert told.place == Place(5, 3, 10, 40)
    assert told.title == "Pride and Prejudice, 3"


def test_what_was_learned_comes_in_place_of_the_turn(alice: Reader) -> None:
    manager = MemoryManager(alice.pk)
    (turn,) = manager.add_turns("chat", [Turn(text="By the way, I have read Emma four times.", speaker="")])
    fact = manager.remember(
        Candidate(
            "The reader has read Emma four times.", type=MemoryType.EPISODIC, session="chat",
            source=Source(SourceKind.MESSAGE, turn=turn.pk, quote="I have read Emma four times"),
        )
    ).memory  # fmt: skip

    told = memories_about("How often have I read Emma?", reader_id=alice.pk, scope=Scope(), k=8)

    assert [one.key for one in told] == [f"memory:{fact.pk}"]


def test_nothing_comes_from_the_conversation_that_asks(alice: Reader) -> None:
    MemoryManager(alice.pk).add_turns("conversation:7", [Turn(text="I find the white whale frightening.")])

    assert memories_about("Is the white whale frightening?", reader_id=alice.pk, scope=Scope(conversation=7), k=8) == []
    assert memories_about("Is the white whale frightening?", reader_id=alice.pk, scope=Scope(conversation=8), k=8)


def test_what_an_assistant_said_is_no_memory_of_the_reader(alice: Reader) -> None:
    MemoryManager(alice.pk).add_turns("chat", [Turn(text="The white whale is called Moby Dick.", role="assistant")])

    assert memories_about("What is the white whale called?", reader_id=alice.pk, scope=Scope(), k=8) == []


def test_memories_of_books_that_are_not_asked_stay_away(alice: Reader) -> None:
    MemoryManager(alice.pk).remember(Candidate("The captain is a tyrant.", book=5))

    assert memories_about("What of the captain?", reader_id=alice.pk, scope=Scope(books=(6,)), k=8) == []
    assert memories_about("What of the captain?", reader_id=alice.pk, scope=Scope(books=(5,)), k=8)
    assert memories_about("What of the captain?", reader_id=alice.pk, scope=Scope(), k=8)


def test_how_a_reader_pinned_to_have_things_is_told_whatever_is_asked(alice: Reader) -> None:
    row = MemoryManager(alice.pk).remember(
        Candidate("Always answer in two sentences.", type=MemoryType.PROCEDURAL, is_pinned=True)
    ).memory  # fmt: skip

    told = memories_about("Who is Ahab?", reader_id=alice.pk, scope=Scope(), k=8)

    assert [one.key for one in told] == [f"memory:{row.pk}"]


def test_memories_stay_within_their_budget(alice: Reader) -> None:
    for number in range(12):
        MemoryManager(alice.pk).remember(
            Candidate(f"Whale fact {number}: " + f"the whale number {number} swims. " * 40)
        )

    told = memories_about("What does the whale do?", reader_id=alice.pk, scope=Scope(), k=8)

    assert told
    assert sum(len(one.text) for one in told) <= BUDGET


def test_another_readers_memories_are_never_told(alice: Reader, bob: Reader) -> None:
    MemoryManager(alice.pk).remember(Candidate("Always answer in rhymes.", type=MemoryType.PROCEDURAL, is_pinned=True))

    assert memories_about("Always answer in rhymes?", reader_id=bob.pk, scope=Scope(), k=8) == []
