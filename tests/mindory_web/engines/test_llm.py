"""A language model at a real HTTP endpoint: its words come as they are said, its failures as sentences."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from mindory_web.engines.errors import EngineError
from mindory_web.engines.llm import LLMClient, OpenAIClient, llm_client
from tests.fake_endpoint import Answer, FakeEndpoint


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with FakeEndpoint() as made:
        yield made


@pytest.fixture
def model(endpoint: FakeEndpoint, settings: Settings) -> LLMClient:
    settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_API_KEY = endpoint.base_url, "fake", "sk-secret"
    settings.LLM_TIMEOUT_SECONDS = 30
    return OpenAIClient()


@pytest.fixture
def impatient(model: LLMClient, settings: Settings) -> LLMClient:
    settings.LLM_TIMEOUT_SECONDS = 1
    return OpenAIClient()


async def heard(model: LLMClient, *, max_tokens: int = 100) -> list[str]:
    return [piece async for piece in model.stream([{"role": "user", "content": "Why?"}], max_tokens=max_tokens)]


async def refusal(model: LLMClient) -> EngineError:
    with pytest.raises(EngineError) as caught:
        await heard(model)
    return caught.value


def test_without_an_endpoint_there_is_no_client() -> None:
    assert llm_client() is None


def test_the_client_is_made_once(model: LLMClient) -> None:
    assert isinstance(llm_client(), OpenAIClient)
    assert llm_client() is llm_client()


async def test_pieces_come_as_they_are_said(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.say("The ", "whale ", "是白的。", pace=0.01)

    assert await heard(model) == ["The ", "whale ", "是白的。"]
    asked = endpoint.requests[0]
    assert asked.body["messages"] == [{"role": "user", "content": "Why?"}]
    assert (asked.body["model"], asked.body["max_tokens"], asked.body["stream"]) == ("fake", 100, True)
    assert asked.headers["authorization"] == "Bearer sk-secret"


async def test_the_first_piece_is_there_before_the_last_is_made(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("one", "two"), ending="hang"))
    pieces = model.stream([], max_tokens=100)

    assert [await anext(pieces), await anext(pieces)] == ["one", "two"]


async def test_closing_the_stream_ends_the_request(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("one",), ending="hang"))
    pieces = OpenAIClient().stream([], max_tokens=100)
    await anext(pieces)

    await pieces.aclose()

    await endpoint.seen(left=1)


async def test_cancelling_the_task_ends_the_request(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer((), ending="hang"))
    task = asyncio.ensure_future(heard(model))
    await endpoint.seen(requests=1)

    task.cancel()

    await endpoint.seen(left=1)
    assert task.cancelled()


async def test_thoughts_are_not_part_of_the_answer(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("Yes.",), thoughts=("Hmm, ", "well")))

    assert await heard(model) == ["Yes."]


@pytest.mark.parametrize(
    ("status", "words", "is_retryable"),
    [
        (401, "refused the key (401). Check MINDORY_LLM_API_KEY", False),
        (403, "refused the key (403)", False),
        (404, "does not know “fake”. Check MINDORY_LLM_MODEL", False),
        (400, "refused the request (400)", False),
        (429, "busy, or its quota is used up", True),
        (500, "failed (500)", True),
        (503, "failed (503)", True),
    ],
)
async def test_a_refusal_is_a_sentence_without_what_the_endpoint_said(
    model: LLMClient, endpoint: FakeEndpoint, status: int, words: str, is_retryable: bool
) -> None:
    endpoint.answers(Answer(status=status, error="Incorrect key sk-secret"))

    error = await refusal(model)

    assert words in error.sentence
    assert "sk-secret" not in error.sentence
    assert error.is_retryable is is_retryable


async def test_a_busy_model_says_how_long_to_wait(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(status=429, headers={"retry-after": "30"}))

    assert "Try again in 30 seconds." in (await refusal(model)).sentence
    assert len(endpoint.requests) == 1


async def test_a_failure_that_passes_is_tried_once_more_before_the_first_word(
    model: LLMClient, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(status=502), Answer(("Yes.",)))

    assert await heard(model) == ["Yes."]
    assert len(endpoint.requests) == 2


async def test_a_model_that_only_knows_the_newer_limit_gets_it(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(status=400, error="Use 'max_completion_tokens' instead."), Answer(("Yes.",)))

    assert await heard(model) == await heard(model) == ["Yes."]
    assert ["max_completion_tokens" in request.body for request in endpoint.requests] == [False, True, True]


async def test_nobody_listens(model: LLMClient, endpoint: FakeEndpoint, settings: Settings) -> None:
    settings.LLM_BASE_URL = "http://127.0.0.1:1/v1"

    error = await refusal(OpenAIClient())

    assert error.sentence == "No connection to the model's endpoint."
    assert error.is_retryable


async def test_a_model_that_says_nothing_in_time(impatient: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(wait=30))
    before = time.monotonic()

    assert "did not answer within 1 seconds" in (await refusal(impatient)).sentence
    assert time.monotonic() - before < 5


async def test_headers_alone_are_not_an_answer(impatient: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(ending="hang"))

    assert "did not answer within 1 seconds" in (await refusal(impatient)).sentence


async def test_words_before_a_cut_stay_and_the_cut_is_told(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("one ", "two "), ending="cut", pace=0.02))
    pieces = model.stream([], max_tokens=100)

    assert [await anext(pieces), await anext(pieces)] == ["one ", "two "]
    with pytest.raises(EngineError, match="broke off"):
        await anext(pieces)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"data: {not json}\n\n",
        b"data: \xff\xfe\n\n",
        b'data: {"choices": 7}\n\n',
        b'data: {"choices": [{"delta": {"content": ["a"]}}]}\n\n',
        b'data: {"choices": ["a"]}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: "text"\n\n',
    ],
)
async def test_a_stream_that_is_no_answer(model: LLMClient, endpoint: FakeEndpoint, raw: bytes) -> None:
    endpoint.answers(Answer(raw=raw))

    assert "not an answer" in (await refusal(model)).sentence


async def test_an_error_inside_the_stream(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(raw=b'data: {"error": {"message": "out of memory"}}\n\n'))

    assert (await refusal(model)).sentence == "The model reported an error and stopped."


@pytest.mark.parametrize("answer", [Answer(()), Answer(raw=b"data: [DONE]\n\n"), Answer(raw=b"<html></html>")])
async def test_an_empty_answer_is_an_error(model: LLMClient, endpoint: FakeEndpoint, answer: Answer) -> None:
    endpoint.answers(answer)

    assert (await refusal(model)).sentence == "The model gave an empty answer."


async def test_an_endless_answer_is_ended(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("word " * 100,), ending="endless"))

    assert "far more than an answer" in (await refusal(model)).sentence


async def test_an_endless_line_is_ended(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(raw=b"data: " + b"x" * (33 * 1024 * 1024)))

    assert "far more than an answer" in (await refusal(model)).sentence


async def test_a_server_that_keeps_the_connection_after_the_end_delays_nothing(
    model: LLMClient, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(("Yes.",), ending="open"))

    async with asyncio.timeout(3):
        assert await heard(model) == ["Yes."]


async def test_many_streams_run_at_once(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.say("a", "b", "c", pace=0.05)
    before = time.monotonic()

    found = await asyncio.gather(*(heard(model) for _ in range(150)))

    assert found == [["a", "b", "c"]] * 150
    assert time.monotonic() - before < 10


async def test_a_check_says_how_fast_the_model_answers(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer((), thoughts=("Hmm",)))

    health = await model.check()

    assert (health.is_well, health.sentence, health.model) == (True, "The model answers.", "fake")
    assert 0 < health.milliseconds < 5000


async def test_a_check_tells_what_is_wrong(model: LLMClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(status=401))

    health = await model.check()

    assert not health.is_well
    assert "MINDORY_LLM_API_KEY" in health.sentence
