"""What sessions are called: as their sender says, as a model does, or by their first words."""

from typing import Any

import pytest

from memory import layers, queue, titles
from memory.leases import Lease
from memory.manager import MemoryManager
from memory.models import Job, Layer, Memory, Session
from memory.search import search
from memory.shown import found_as_dict
from memory.types import Turn
from memory.wire import session_as_dict
from mindory_web.accounts.models import Reader
from tests.fakes import told
from tests.memory.learning import enrich

pytestmark = pytest.mark.django_db

SAID = "Could you help me to plan a walk to the lighthouse? I have two days and no tent."


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def talk(reader: Reader, *texts: str, key: str = "talk") -> Session:
    manager = MemoryManager(reader.pk)
    manager.add_turns(key, [Turn(text) for text in texts])
    return manager.close_session(key)


def shown(reader: Reader, key: str = "talk") -> str:
    manager = MemoryManager(reader.pk)
    alone = session_as_dict(manager.session(key))["title"]
    listed = {session.key: session_as_dict(session)["title"] for session in manager.sessions()}
    assert listed[key] == alone
    return alone


@pytest.mark.parametrize(
    "answer", ["A walk to the lighthouse", '**Title: "A walk to the lighthouse"**\n\nI hope that helps!']
)
def test_a_model_gives_a_closed_session_a_title(alice: Reader, settings: Any, answer: str) -> None:
    model = told(settings, answer)
    session = talk(alice, SAID)

    job = enrich(alice)
    enrich(alice)

    assert shown(alice) == "A walk to the lighthouse"
    assert (job.result["titles"], len(model.asked)) == (1, 1)
    session.refresh_from_db()
    assert session.title == ""
    found = found_as_dict(alice.pk, search(alice.pk, "Where is the walk to the lighthouse?"))
    assert [hit["title"] for hit in found["sessions"]] == ["A walk to the lighthouse"]


def test_a_title_that_was_given_stays(alice: Reader, settings: Any) -> None:
    model = told(settings, "A walk to the lighthouse")
    talk(alice, SAID)
    enrich(alice)
    MemoryManager(alice.pk).open_session("talk", title="Tuesday")
    MemoryManager(alice.pk).open_session("other", title="Wednesday")
    talk(alice, SAID, key="other")

    enrich(alice)

    assert (shown(alice), shown(alice, "other"), len(model.asked)) == ("Tuesday", "Wednesday", 1)


def test_a_title_that_is_given_while_the_model_thinks_stays(alice: Reader, settings: Any) -> None:
    model = told(settings, "A walk to the lighthouse")
    session = talk(alice, SAID)
    queue.layers(alice.pk)
    lease = Lease.claim(Job.objects.get(kind="layers").pk)
    assert lease is not None
    MemoryManager(alice.pk).open_session("talk", title="Tuesday")

    titles._keep(lease, session, titles._told(session), Layer(text="A walk", made_by=model.model))

    assert not Layer.objects.exists()
    assert shown(alice) == "Tuesday"


@pytest.mark.parametrize(
    "answer",
    [
        "Ingrid plans a walk to the lighthouse",
        "A walk of 17 days to the lighthouse",
        "计划去灯塔散步",
        "A walk to the lighthouse " * 10,
        "",
        "***",
    ],
)
def test_a_title_that_says_what_was_not_said_is_not_kept(alice: Reader, settings: Any, answer: str) -> None:
    model = told(settings, answer or " ")
    talk(alice, SAID)

    assert enrich(alice).state == "done"
    assert shown(alice) == "Could you help me to plan a walk to the lighthouse? I have two days and no tent."
    enrich(alice)
    assert len(model.asked) == 1


def test_a_chinese_conversation_has_a_chinese_title(alice: Reader, settings: Any) -> None:
    model = told(settings, "《去灯塔散步》。")
    talk(alice, "你能帮我计划一次去灯塔的散步吗？")

    enrich(alice)

    assert shown(alice) == "去灯塔散步"
    assert "你为一段谈话起标题" in model.asked[0][0]["content"]


def test_a_title_stays_as_a_session_grows_and_goes_with_its_words(alice: Reader, settings: Any) -> None:
    told(settings, "A walk to the lighthouse")
    talk(alice, SAID)
    enrich(alice)
    MemoryManager(alice.pk).add_turns("talk", [Turn("And what shall I eat?")])
    assert shown(alice) == "A walk to the lighthouse"

    MemoryManager(alice.pk).forget([Memory.objects.get(number=0).pk])

    assert shown(alice) == "And what shall I eat?"
    assert not Layer.objects.exists()


def test_without_a_model_a_session_is_called_by_its_first_words(alice: Reader) -> None:
    long = "What did the keeper promise his daughter on the evening before the great storm of that winter " * 3
    manager = MemoryManager(alice.pk)
    manager.add_turns("talk", [Turn("You are a guide.", role="system"), Turn(long), Turn("And then?")])
    manager.open_session("empty")

    assert shown(alice).startswith("What did the keeper promise")
    assert shown(alice).endswith("…")
    assert len(shown(alice)) <= titles.LONGEST
    assert shown(alice, "empty") == ""
    found = found_as_dict(alice.pk, search(alice.pk, "What did the keeper promise?"))
    assert [hit["title"] for hit in found["sessions"]] == [shown(alice)]


def test_a_list_of_sessions_is_one_query(alice: Reader, django_assert_num_queries: Any) -> None:
    for number in range(5):
        talk(alice, f"On day {number} we walked.", key=f"talk {number}")

    with django_assert_num_queries(1):
        assert len([session_as_dict(session) for session in MemoryManager(alice.pk).sessions()]) == 5


def test_a_paused_session_gets_none(alice: Reader, settings: Any) -> None:
    model = told(settings, "A walk to the lighthouse")
    talk(alice, SAID)
    MemoryManager(alice.pk).open_session("talk", is_learning=False)

    enrich(alice)

    assert (model.asked, layers.layer(Session.objects.get(), layers.TITLE)) == ([], None)
