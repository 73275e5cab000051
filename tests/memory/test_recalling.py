"""Which memories belong to a question of a chat, how sure that is, and what is written down of it."""

import pytest

from memory import questions, recalling
from memory.manager import MemoryManager
from memory.models import Recall
from memory.types import Candidate, MemoryType, Source, SourceKind, Turn
from mindory_web.accounts.models import Reader
from tests.memory.test_questions import OF_OTHERS, OF_THE_READER

PROUD = "You noted on “She is tolerable” in Pride and Prejudice, Chapter 3: Darcy is insufferably proud here."
SPEAKS = "You noted on “In vain I have struggled.” in Pride and Prejudice, Chapter 34: At last! Darcy speaks."
GRANNY = "你在红楼梦，第四十回的“老刘，老刘，食量大似牛”上记下：刘姥姥很聪明，故意逗大家笑。"


@pytest.fixture(autouse=True)
def by_words(settings: object) -> None:
    """No engine answers: words alone decide."""
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"  # type: ignore[attr-defined]


@pytest.fixture
def mind(alice: Reader) -> MemoryManager:
    """What alice told and noted."""
    manager = MemoryManager(alice.pk)
    for number, text in enumerate((PROUD, SPEAKS, GRANNY)):
        source = Source(SourceKind.BOOK, key=f"annotation:{number + 1}")
        manager.remember(Candidate(text, MemoryType.EPISODIC, subject="user", source=source))
    for text, attribute, value in (
        ("The reader lives in Lisbon.", "home", "Lisbon"),
        ("The reader is called Marta.", "name", "Marta"),
        ("The reader's sister is a doctor in Leeds.", "", ""),
        ("读者住在成都。", "", ""),
    ):
        manager.remember(Candidate(text, MemoryType.PERSONAL, subject="user", attribute=attribute, value=value))
    return manager


def sure(owner: Reader, question: str, **how: object) -> list[str]:
    """Return the texts that are shown without a model."""
    found = recalling.memories_about(owner.pk, question, **how)  # type: ignore[arg-type]
    return [each.memory.text for each in found if each.score >= recalling.SURE]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What did I think of Darcy in chapter 3?", PROUD),
        ("Where do I live?", "The reader lives in Lisbon."),
        ("What is my name?", "The reader is called Marta."),
        ("What does my sister do?", "The reader's sister is a doctor in Leeds."),
        ("我觉得刘姥姥怎么样？", GRANNY),
        ("我住在哪里？", "读者住在成都。"),
    ],
)
def test_a_question_about_the_reader_is_answered_by_what_they_told(
    alice: Reader, mind: MemoryManager, question: str, answer: str
) -> None:
    assert sure(alice, question)[0] == answer


@pytest.mark.parametrize(
    "question",
    [
        "Who is Darcy?",
        "Can you tell me who Darcy is?",
        "Why does Darcy struggle in vain?",
        "刘姥姥是谁？",
        "告诉我刘姥姥是谁",
    ],
)
def test_a_question_about_the_book_is_never_answered_by_notes_alone(
    alice: Reader, mind: MemoryManager, question: str
) -> None:
    assert sure(alice, question) == []


def test_a_model_is_told_what_stands_near_a_question_about_the_book(alice: Reader, mind: MemoryManager) -> None:
    found = recalling.memories_about(alice.pk, "Who is Darcy?")
    assert {each.memory.text for each in found} == {PROUD, SPEAKS}
    assert recalling.memories_about(alice.pk, "Why is the sky blue?") == []


def test_all_there_is_can_be_asked_for(alice: Reader, mind: MemoryManager) -> None:
    assert set(sure(alice, "What did I note?")) == {PROUD, SPEAKS, GRANNY}
    assert "The reader is called Marta." in sure(alice, "What do you know about me?")
    assert PROUD not in sure(alice, "What do you know about me?")


def test_how_a_reader_likes_answers_belongs_to_every_question_and_answers_none(
    alice: Reader, mind: MemoryManager
) -> None:
    for text, is_pinned in (("The reader likes short answers.", False), ("Coffee first, then work.", True)):
        mind.remember(Candidate(text, MemoryType.PROCEDURAL, subject="user", is_pinned=is_pinned))
    mind.remember(Candidate("To bake bread the reader kneads it twice.", MemoryType.PROCEDURAL, subject="user"))

    found = recalling.memories_about(alice.pk, "Why is the sky blue?")

    assert [each.memory.text for each in found] == ["Coffee first, then work.", "The reader likes short answers."]
    assert all(each.score < recalling.SURE for each in found)


def test_what_was_said_elsewhere_is_told_and_what_was_said_here_is_not(alice: Reader, mind: MemoryManager) -> None:
    mind.add_turns("conversation:1", [Turn("I play the cello on Sundays.", "user", "alice"), Turn("Do I?", "user")])
    mind.add_turns("conversation:1", [Turn("You play the cello, and you will lose it in the end.", "assistant")])

    assert sure(alice, "When do I play the cello?") == ["I play the cello on Sundays."]
    assert sure(alice, "When do I play the cello?", session="conversation:1") == []
    assert len(sure(alice, "What did we say about the cello?")) == 2
    assert sure(alice, "What did we say about the cello?", is_careful=True) == ["I play the cello on Sundays."]


def test_what_the_reader_only_asked_before_answers_nothing(alice: Reader, mind: MemoryManager) -> None:
    asked = [
        "Where is my cello",
        "Do you know where my cello is? Thanks!",
        "Tell me where my cello is.",
        "我的大提琴在哪里",
    ]
    mind.add_turns("conversation:1", [Turn(text, "user", "alice") for text in asked])

    assert sure(alice, "Where did I leave my cello?") == []
    assert sure(alice, "我的大提琴放在哪里？") == []
    mind.add_turns("conversation:1", [Turn("My cello is in Graz. Where is yours?", "user", "alice")])
    assert sure(alice, "Where did I leave my cello?") == ["My cello is in Graz. Where is yours?"]
    assert "Where is my cello" in sure(alice, "What did I ask about the cello?")


def test_a_learned_fact_is_told_instead_of_the_turn_it_is_from(alice: Reader, mind: MemoryManager) -> None:
    (turn,) = mind.add_turns("conversation:1", [Turn("I play the cello on Sundays.", "user", "alice")])
    source = Source(SourceKind.MESSAGE, turn=turn.pk, quote="I play the cello")
    mind.remember(Candidate("The reader plays the cello.", MemoryType.PERSONAL, subject="user", source=source))

    assert sure(alice, "Do I play the cello?") == ["The reader plays the cello."]


def test_nothing_of_another_reader_is_found(alice: Reader, bob: Reader, mind: MemoryManager) -> None:
    for question in (*OF_THE_READER, *OF_OTHERS, "What do you know about me?", "What did I note?", "Where do I live?"):
        assert recalling.memories_about(bob.pk, question) == []
    MemoryManager(bob.pk).remember(Candidate("The reader lives in Bergen.", subject="user"))
    assert sure(bob, "Where do I live?") == ["The reader lives in Bergen."]
    assert "Bergen" not in str(sure(alice, "Where do I live?"))


def test_what_is_forgotten_archived_or_past_is_not_told(alice: Reader, mind: MemoryManager) -> None:
    (lisbon,) = [row for row in mind.list() if "Lisbon" in row.text]
    mind.archive(lisbon.pk)
    assert "The reader lives in Lisbon." not in sure(alice, "Where do I live?")
    mind.restore(lisbon.pk)
    mind.forget([lisbon.pk])
    assert "The reader lives in Lisbon." not in sure(alice, "Where do I live?")


def test_what_was_told_in_an_answer_is_written_down_once_and_only_ones_own(
    alice: Reader, bob: Reader, mind: MemoryManager
) -> None:
    theirs = MemoryManager(bob.pk).remember(Candidate("The reader lives in Bergen.", subject="user")).memory
    (mine,) = [row for row in mind.list() if "Lisbon" in row.text]
    mind.open_session("conversation:1")

    for _again in range(2):
        recalling.note_recalls(alice.pk, "conversation:1", [mine.pk, theirs.pk], key="reply:1", used=[mine.pk])

    (recall,) = Recall.objects.all()
    assert (recall.memory_id, recall.key, recall.was_used) == (mine.pk, "reply:1", True)


def test_an_answer_drew_on_a_memory_whose_words_it_repeats(alice: Reader, mind: MemoryManager) -> None:
    (sister,) = [row for row in mind.list() if "sister" in row.text]
    ids = [row.pk for row in mind.list()]

    drawn = recalling.drawn_on(alice.pk, ids, question="What does my sister do?", answer="She is a doctor in Leeds.")

    assert drawn == [sister.pk]
    assert (
        recalling.drawn_on(alice.pk, ids, question="What does my sister do?", answer="Your sister? I cannot say.") == []
    )


def test_a_question_without_words_finds_nothing(alice: Reader, mind: MemoryManager) -> None:
    for question in ("", "?", "Why?", "And then?", "…", "\0", "我" * 5_000):
        recalling.memories_about(alice.pk, question)
    assert recalling.memories_about(alice.pk, "And then?") == []
    assert not questions.read("And then?").is_of_reader
