"""What a reader does with books becomes what Mindory remembers, and goes when they take it back."""

from typing import Any

from books.annotations import Annotations
from books.chat import talk
from books.coordinates import Span
from books.models import Book, Conversation, Reply
from books.places import Came, Places
from books.store import BookStore
from memory.manager import MemoryManager
from memory.models import Memory, Session
from memory.types import State
from mindory_web import wiring
from mindory_web.accounts.models import Reader
from tests.books.conftest import by_words, closed_lines, tale
from tests.books.talking import TALE, frames_of, in_db, working

__all__ = ["by_words", "closed_lines", "tale"]

MOSES = TALE.index("a white parrot called Moses")
WORDS = Span(0, MOSES, MOSES + len("a white parrot called Moses"))


def texts(reader: Reader) -> list[str]:
    return [memory.text for memory in Memory.objects.filter(owner=reader, state=State.ACTIVE).order_by("id")]


async def asked(reader: Reader, question: str, **where: Any) -> Reply:
    """Ask and wait for the answer."""
    async with working():
        reply: Reply = await in_db(talk.ask, reader, question, **where)
        await frames_of(reply.pk)
    return reply


async def test_a_question_and_its_answer_are_turns_of_the_conversations_session(alice: Reader, tale: Book) -> None:
    reply = await asked(alice, "What was the parrot called?", book=tale.pk)

    def kept() -> tuple[Session, list[Memory]]:
        session = Session.objects.get(owner=alice)
        return session, list(session.memories.order_by("number"))

    session, (question, answer) = await in_db(kept)
    assert session.key == wiring.conversation_key(reply.conversation_id)
    assert session.books == [tale.pk]
    assert (question.role, question.speaker, question.text) == ("user", "alice", "What was the parrot called?")
    assert (answer.role, answer.speaker) == ("assistant", "Mindory")
    assert "[1]" not in answer.text


async def test_a_reader_who_wants_nothing_remembered_leaves_no_turn(alice: Reader, tale: Book) -> None:
    await in_db(MemoryManager(alice.pk).set_switches, is_learning=False)

    await asked(alice, "What was the parrot called?", book=tale.pk)

    assert await in_db(lambda: Memory.objects.count()) == 0


async def test_a_conversation_that_is_left_out_leaves_no_turn(alice: Reader, tale: Book) -> None:
    begun = await in_db(talk.begin, alice, book=tale.pk)
    manager = MemoryManager(alice.pk)
    await in_db(manager.open_session, wiring.conversation_key(begun.pk), is_learning=False)

    await asked(alice, "What was the parrot called?", conversation=begun.pk)

    assert await in_db(lambda: Memory.objects.count()) == 0


async def test_what_was_said_goes_with_the_conversation(alice: Reader, tale: Book) -> None:
    reply = await asked(alice, "What was the parrot called?", book=tale.pk)

    await in_db(lambda: Conversation.objects.get(pk=reply.conversation_id).delete())

    assert await in_db(texts, alice) == []


def test_a_book_that_is_begun_and_read_is_remembered_with_its_title(alice: Reader, tale: Book) -> None:
    Places(alice, tale).keep(Came(0, 40, since=(0, 0)))
    Places(alice, tale).keep(Came(0, len(TALE), since=(0, 0), is_end=True))

    assert texts(alice) == ["You began “The Parrot”.", "You finished “The Parrot”."]


def test_reading_is_not_followed_when_the_reader_does_not_want_it(alice: Reader, tale: Book) -> None:
    MemoryManager(alice.pk).set_switches(is_following=False)

    Places(alice, tale).keep(Came(0, 40, since=(0, 0)))
    Annotations(alice, tale).add(WORDS, kind="highlight")

    assert texts(alice) == []


def test_a_note_is_remembered_with_its_place_changed_with_it_and_forgotten_with_it(alice: Reader, tale: Book) -> None:
    made = Annotations(alice, tale).add(WORDS, kind="highlight", text="A funny name.")
    kept = Memory.objects.get(owner=alice)
    assert (kept.book, kept.section, kept.start, kept.end) == (tale.pk, WORDS.section, WORDS.start, WORDS.end)
    assert kept.quote == "a white parrot called Moses"
    assert "A funny name." in kept.text

    Annotations(alice, tale).change(made.pk, text="Moses: a grand name.")
    kept.refresh_from_db()
    assert "a grand name" in kept.text
    assert len(MemoryManager(alice.pk).history(kept.pk)) == 2

    Annotations(alice, tale).delete(made.pk)
    assert texts(alice) == []


def test_what_a_reader_had_forgotten_of_a_note_does_not_come_back(alice: Reader, tale: Book) -> None:
    made = Annotations(alice, tale).add(WORDS, kind="highlight", text="A funny name.")
    MemoryManager(alice.pk).forget([Memory.objects.get(owner=alice).pk])

    Annotations(alice, tale).change(made.pk, text="A very funny name.")

    assert texts(alice) == []


def test_notes_go_with_a_deleted_book_and_that_it_was_read_stays(alice: Reader, tale: Book) -> None:
    Places(alice, tale).keep(Came(0, 40, since=(0, 0)))
    Annotations(alice, tale).add(WORDS, kind="highlight", text="A funny name.")

    BookStore(alice).delete(tale.pk)

    assert texts(alice) == ["You began “The Parrot”."]


def test_a_bookmark_says_nothing_worth_remembering(alice: Reader, tale: Book) -> None:
    Annotations(alice, tale).add(WORDS, kind="bookmark")
    assert texts(alice) == []


def test_a_fault_of_the_memory_harms_no_book(alice: Reader, tale: Book) -> None:
    long = Annotations(alice, tale).add(WORDS, kind="highlight", text="x" * 19_990)  # more than a memory may hold

    assert Annotations(alice, tale).one(long.pk).text.startswith("xxx")


def test_the_parcel_of_a_reader_holds_their_memory(alice: Reader, bob: Reader, tale: Book) -> None:
    Annotations(alice, tale).add(WORDS, kind="highlight", text="A funny name.")

    held = {name: b"".join(blocks()) for name, blocks in wiring.remembered(alice.pk)}

    assert b"A funny name." in held["memory.jsonl"]
    assert list(wiring.remembered(bob.pk)) == []
