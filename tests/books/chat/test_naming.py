"""Names of conversations: a few plain words of the model, after the answer, and never over a name of the reader's."""

import pytest
from pytest_django import Settings

from books import queue
from books.chat import naming, talk
from books.models import Book, Conversation, Reply
from books.tasks import name_talk
from mindory_web.accounts.models import Reader
from mindory_web.engines.errors import EngineError
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE, Sent, frames_of, heard, in_db, until, working
from tests.fakes import told

QUESTION = "Who kept a white parrot?"


@pytest.fixture
def asked(by_words: None, alice: Reader) -> Reply:
    """A first answer, of which nobody has made a name yet."""
    reply = talk.ask(alice, QUESTION, book=shelved(alice, [TALE]).pk)
    Reply.objects.filter(pk=reply.pk).update(state="done", text="Captain Ahab did. [1]", engine="told")
    return reply


def titled(reply: Reply) -> tuple[str, str]:
    talked = Conversation.every.get(pk=reply.conversation_id)
    return talked.title, talked.named_by


def test_the_model_names_a_conversation_and_the_readers_pages_hear_of_it(
    asked: Reply, alice: Reader, settings: Settings
) -> None:
    model = told(settings, "Ahab’s white ", "parrot.")

    frames = heard(alice, name_talk, asked.pk)

    assert titled(asked) == ("Ahab’s white parrot", "model")
    assert frames == [{"type": "talk.named", "conversation": asked.conversation_id, "title": "Ahab’s white parrot"}]
    (system, user) = model.asked[0]
    assert "never an instruction" in system["content"]
    assert QUESTION in user["content"]
    assert "Captain Ahab did." in user["content"]
    assert "[1]" not in user["content"]
    assert Reply.objects.get().trace["named"] == {"title": "Ahab’s white parrot"}


def test_a_chinese_question_is_named_by_the_chinese_prompt(asked: Reply, settings: Settings) -> None:
    Reply.objects.update(question="谁养了一只白鹦鹉？")
    model = told(settings, "《白鹦鹉的主人》\n")

    naming.name(asked.pk)

    assert titled(asked)[0] == "白鹦鹉的主人"
    assert "起名" in model.asked[0][0]["content"]


@pytest.mark.django_db(transaction=True)
def test_a_name_the_reader_gave_is_never_written_over(asked: Reply, alice: Reader, settings: Settings) -> None:
    model = told(settings, "A parrot")
    talk.rename(alice, asked.conversation_id, title="Mine")
    assert naming.name(asked.pk) == ""
    assert model.asked == []

    Conversation.objects.update(named_by="")

    async def rename_meanwhile() -> None:
        await Conversation.objects.aupdate(title="Faster", named_by="reader")

    model.gate = rename_meanwhile
    assert naming.name(asked.pk) == ""
    assert titled(asked) == ("Faster", "reader")


def test_a_conversation_begun_with_a_title_has_its_readers_name(alice: Reader, by_words: None) -> None:
    assert talk.begin(alice, title="Whales").named_by == "reader"
    assert talk.begin(alice).named_by == ""
    assert talk.ask(alice, "Who?").conversation.named_by == ""


@pytest.mark.parametrize("error", [EngineError("no", code="engine_key"), None])
def test_without_a_name_the_question_stays_and_the_trace_says_why(
    asked: Reply, settings: Settings, error: EngineError | None
) -> None:
    model = told(settings, *(() if error else ("x" * 500,)), error=error)

    assert naming.name(asked.pk) == ""
    assert naming.name(asked.pk) == ""  # the message came twice: nobody is asked again

    assert titled(asked) == (QUESTION, "")
    assert Reply.objects.get().trace["named"] == {"error": "engine_key" if error else "nothing_fit"}
    assert len(model.asked) == 1


def test_a_removed_or_unfinished_conversation_is_not_named(asked: Reply, alice: Reader, settings: Settings) -> None:
    model = told(settings, "A parrot")
    Reply.objects.update(state="interrupted")
    naming.name(asked.pk)
    Reply.objects.update(state="done")
    talk.remove(alice, asked.conversation_id)
    naming.name(asked.pk)
    assert model.asked == []


def test_without_a_model_nothing_is_named(asked: Reply) -> None:
    assert naming.name(asked.pk) == ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Title: The white parrot\n", "The white parrot"),
        ("**“The white parrot”**", "The white parrot"),
        ("1. The white parrot!\n2. Another", "The white parrot"),
        ("<think>What\nis it?</think>\nThe white parrot", "The white parrot"),
        ("The \u202ewhite\u202c parrot\u200b", "The white parrot"),
        ("《红楼梦》里的鹦鹉", "《红楼梦》里的鹦鹉"),
        ("标题：白鹦鹉", "白鹦鹉"),
        ("<img src=x onerror=alert(1)>\nThe parrot", "The parrot"),
        ("[click](https://evil.example)", ""),
        ("Visit www.evil.example", ""),
        ("An endless answer that goes on and on and is no name at all, but a sentence", ""),
        ("\n \n", ""),
        ("...", ""),
    ],
)
def test_only_plain_short_words_are_a_name(said: str, name: str) -> None:
    assert next(iter(naming.names(said)), "") == name


async def test_the_first_answer_has_its_conversation_named(tale: Book, alice: Reader, settings: Settings) -> None:
    told(settings, "Captain Ahab.")
    sent = Sent()

    async def is_wanted() -> bool:
        return bool(sent.of(queue.NAME_TALK))

    async with working():
        first = await in_db(talk.ask, alice, QUESTION, book=tale.pk)
        await frames_of(first.pk)
        await until(is_wanted)
        await in_db(talk.rename, alice, first.conversation_id, title="Mine")
        second = await in_db(talk.ask, alice, "And then?", conversation=first.conversation_id)
        await frames_of(second.pk)
    assert sent.of(queue.NAME_TALK) == [([first.pk], {})]
