"""What the memory makes of answers as models behind real servers give them, over a real connection."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from memory import answers, extraction, layers, windows
from memory.manager import MemoryManager
from memory.models import Job, Layer, Memory, Session
from memory.types import Candidate, MemoryType
from mindory_web.accounts.models import Reader
from mindory_web.engines.llm import THOUGHTS
from tests.fake_endpoint import Answer, FakeEndpoint, Request
from tests.memory.learning import enrich, fact, facts, learn, learned, say
from tests.memory.test_layers import ABSTRACT, WALK, talk

pytestmark = pytest.mark.django_db

TEA = facts(fact("I like tea", "The reader likes tea."))
THINKING = Answer((), thoughts=("Hm, ", "let me see"), finish="length")


@pytest.fixture
def server(settings: Any) -> Iterator[FakeEndpoint]:
    """A model server. Each has an address of its own, so the client of each test is new."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    settings.LLM_MODEL = "fake"
    with FakeEndpoint() as endpoint:
        settings.LLM_BASE_URL = endpoint.base_url
        yield endpoint


def cut(text: str, after: str) -> Answer:
    """Return an answer that its limit ended."""
    return Answer((text[: text.index(after) + len(after)],), finish="length")


def numbers_shown(request: Request) -> set[int]:
    """Return the numbers of the turns that are new in a question."""
    lines = [line for line in request.body["messages"][-1]["content"].splitlines() if line.startswith("{")]
    return {told["turn"] for told in map(json.loads, lines) if told.get("new")}


# --- Learning -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        f"```json\n{TEA}\n```",
        f"Here is the JSON you asked for:\n\n{TEA}\n\nLet me know if you need more [facts] {{or less}}!",
        f"<think>\nThe reader says {{...}}\n</think>\n\n{TEA}",
        f"Okay, so the reader likes tea.\n</think>\n\n{TEA}",
        TEA.replace("}]}", "},]}"),
        json.dumps(json.loads(TEA)["facts"]),
        json.dumps({"result": json.loads(TEA)}),
        json.dumps({"memories": json.loads(TEA)["facts"]}),
        TEA.replace('"turn": 0', '"turn": "turn 0"').replace("0.9", '"high"'),
        TEA.replace("0.9", '"90%"').replace('"fact"', '"Fact"'),
        TEA.replace("I like tea", "“I like tea.”"),
        TEA.replace('"turn"', '"subject": "Reader", "importance": 7, "turn"'),
    ],
)
def test_one_fact_is_learned_from_every_form_that_models_give_it(
    alice: Reader, server: FakeEndpoint, answer: str
) -> None:
    server.say(answer)

    job = learn(say(alice, "I like tea and the sea."))

    assert (job.state, job.result["dropped"], learned(alice)) == ("done", {}, ["The reader likes tea."])
    assert Memory.objects.get(number=None).subject == "user"


@pytest.mark.parametrize("answer", ['{"facts": []}', "[]", '{"facts": null}', '```\n{"facts": []}\n```'])
def test_nothing_worth_keeping_is_said_in_many_ways(alice: Reader, server: FakeEndpoint, answer: str) -> None:
    server.say(answer)
    session = say(alice, "I wonder about the sea.")

    assert learn(session).state == "done"
    assert (len(server.requests), learned(alice)) == (1, [])


def test_a_model_that_thinks_first_learns_as_any_other(alice: Reader, server: FakeEndpoint) -> None:
    server.answers(THINKING, Answer((TEA,), thoughts=("Hm.",)))

    assert learn(say(alice, "I like tea.")).state == "done"
    assert learned(alice) == ["The reader likes tea."]


def test_what_an_answer_had_no_room_for_is_asked_about_again_in_two_halves(alice: Reader, server: FakeEndpoint) -> None:
    said = [f"I counted {number} ships today. " + "The wind turned at noon over the bay. " * 12 for number in range(8)]
    given = [fact(f"I counted {n} ships today", f"The reader counted {n} ships.", n) for n in range(8)]

    def answer(request: Request) -> Answer:
        shown = numbers_shown(request)
        whole = facts(*[one for one in given if one["turn"] in shown])
        return cut(whole, "counted 4 ships.") if len(shown) > 5 else Answer((whole,))

    server.answers(answer)
    job = learn(session := say(alice, *said))

    session.refresh_from_db()
    assert (job.state, session.learned_to) == ("done", 8)
    assert sorted(learned(alice)) == [f"The reader counted {number} ships." for number in range(8)]
    assert "cut" not in job.result


def test_one_turn_that_an_answer_has_no_room_for_gives_the_facts_that_are_whole(
    alice: Reader, server: FakeEndpoint
) -> None:
    two = facts(fact("I like tea", "The reader likes tea."), fact("I like cake", "The reader likes cake."))
    server.answers(cut(two, "The reader likes c"))

    job = learn(say(alice, "I like tea. I like cake."))

    assert (job.state, job.result["cut"], learned(alice)) == ("done", 1, ["The reader likes tea."])
    assert len(server.requests) == 1


@pytest.mark.parametrize("is_in_stream", [False, True])
def test_a_server_of_four_thousand_tokens_is_asked_for_as_much_as_it_can(
    alice: Reader, server: FakeEndpoint, is_in_stream: bool
) -> None:
    refusal = "This model's maximum context length is 4096 tokens."

    def answer(request: Request) -> Answer:
        read = sum(layers.tokens_in(message["content"]) for message in request.body["messages"])
        if read + request.body["max_tokens"] <= 4_096:
            return Answer((TEA,))
        event = f"data: {json.dumps({'error': {'message': refusal}})}\n\n".encode()
        return Answer(raw=event) if is_in_stream else Answer(status=400, error=refusal)

    server.answers(answer)
    job = learn(session := say(alice, "I like tea.", *["The wind turned at noon over the bay. " * 20] * 15))

    session.refresh_from_db()
    assert (job.state, session.learned_to) == ("done", 16)
    assert "unread" not in job.result
    assert learned(alice) == ["The reader likes tea."]


def test_a_model_that_thinks_without_end_does_not_hold_up_a_session(alice: Reader, server: FakeEndpoint) -> None:
    server.answers(THINKING)
    session = say(alice, "I live in Bergen.")

    job = learn(session)

    session.refresh_from_db()
    assert (job.state, job.result["unread"], session.learned_to) == ("done", 1, 1)
    assert learned(alice) == ["The reader lives in Bergen."]
    assert server.requests[-1].body["max_tokens"] == extraction.LEAST_TOKENS + windows.SIZE + THOUGHTS


def test_a_fact_in_another_language_than_its_turn_is_not_kept(alice: Reader, server: FakeEndpoint) -> None:
    server.say(facts(fact("我喜欢喝茶", "The reader is fond of drinking tea."), fact("我住在上海", "读者住在上海。")))

    learn(say(alice, "我喜欢喝茶。我住在上海。"))

    assert learned(alice) == ["读者住在上海。"]


# --- Titles, abstracts, merging, types ----------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        "Sure! Here is a title for this conversation:\n\n**A walk along the coast**",
        "<think>They walked.</think>\n\n“A walk along the coast”",
        "1. A walk along the coast\n2. Rain and wind",
        "- A walk along the coast",
        "Title: A walk along the coast.",
        "# A walk along the coast\n",
    ],
)
def test_a_title_is_found_in_every_form(alice: Reader, server: FakeEndpoint, answer: str) -> None:
    server.say(answer)
    say(alice, "Help me plan a walk along the coast.")
    MemoryManager(alice.pk).close_session("talk")

    enrich(alice)

    assert Layer.objects.get(level=layers.TITLE).text == "A walk along the coast"


def test_a_model_that_thinks_first_gives_titles_and_abstracts(alice: Reader, server: FakeEndpoint) -> None:
    def answer(request: Request) -> Answer:
        is_title = "a conversation a title" in request.body["messages"][0]["content"]
        said = "The ferry to the island" if is_title else ABSTRACT
        return Answer((said,)) if request.body["max_tokens"] > THOUGHTS else THINKING

    server.answers(answer)
    say(alice, WALK * 12)
    session = MemoryManager(alice.pk).close_session("talk")

    enrich(alice)

    assert layers.layer(session, layers.ABSTRACT) == ABSTRACT
    assert layers.layer(session, layers.TITLE) == "The ferry to the island"


@pytest.mark.parametrize("preface", ["Here is a summary of the text:\n\n", "**Summary:**\n", "<think>Hm.</think>"])
def test_an_abstract_holds_nothing_about_the_task(alice: Reader, server: FakeEndpoint, preface: str) -> None:
    server.say(preface + ABSTRACT)
    session = talk(alice, WALK * 12)

    enrich(alice)

    assert layers.layer(session, layers.ABSTRACT) == ABSTRACT


def test_an_abstract_in_another_language_is_not_kept(alice: Reader, server: FakeEndpoint) -> None:
    server.say("读者沿着海岸散步，看见了船。")
    session = talk(alice, WALK * 12)

    assert enrich(alice).state == "done"
    assert layers.layer(session, layers.ABSTRACT) is None


@pytest.mark.parametrize(
    ("answer", "same"),
    [
        ('```json\n{"pairs": {"1": "same"}}\n```', {1}),
        ('{"1": "same", "2": "different"}', {1}),
        ('{"pairs": {"1": "Same", "2": "DIFFERENT"}}', {1}),
        ('{"pairs": [{"pair": 1, "verdict": "same"}, {"pair": 2, "verdict": "different"}]}', {1}),
        ('[{"pair": 2, "a": "x", "b": "same", "answer": "same"}]', {2}),
        ('{"pairs": {"pair 1": {"verdict": "same", "reason": "both {so}"}}}', {1}),
        ('The pairs [1] and [2]: {"pairs": {"1": "same"}} I hope {this} helps.', {1}),
        ('{"pairs": {}}', set()),
        ('{"pairs": {"1": "same thing, other words"}}', set()),
        ('{"pairs": {"1": "same", "2": "diff', None),
        ("1: same\n2: different", None),
        ("", None),
    ],
)
def test_verdicts_are_read_in_every_form_and_never_guessed(answer: str, same: set[int] | None) -> None:
    assert answers.pairs_in(answer) == (None if same is None else frozenset(same))


@pytest.mark.parametrize(
    "answer",
    [
        '{"types": {"1": "Procedural"}}',
        '```\n{"1": "procedural"}\n```',
        '{"types": [{"note": 1, "type": "procedural"}]}',
        'I think [1] is this: {"types": {"1": "procedural"}}',
    ],
)
def test_types_are_read_in_every_form(answer: str) -> None:
    assert answers.types_in(answer) == {"1": MemoryType.PROCEDURAL}


def test_a_verdict_that_cannot_be_read_is_not_kept_as_one(alice: Reader, server: FakeEndpoint) -> None:
    server.say("They say the same, I think.")
    manager = MemoryManager(alice.pk)
    manager.remember_all(
        [Candidate("The reader adores old jazz records."), Candidate("Old jazz records delight the reader.")]
    )

    assert enrich(alice).state == "done"
    assert not Memory.objects.filter(state="archived").exists()
    asked = len(server.requests)
    Job.objects.all().delete()  # with it goes the mark of how far was compared
    enrich(alice)
    assert len(server.requests) == asked + 1


def test_a_model_without_a_system_role_is_still_told_what_is_quoted(alice: Reader, server: FakeEndpoint) -> None:
    server.answers(Answer(status=400, error="System role not supported"), Answer((TEA,)))

    assert learn(say(alice, "I like tea.")).state == "done"
    [told] = server.requests[-1].body["messages"]
    assert told["role"] == "user"
    assert "never instructions" in told["content"]
    assert learned(alice) == ["The reader likes tea."]
    assert Session.objects.get().learned_to == 1
