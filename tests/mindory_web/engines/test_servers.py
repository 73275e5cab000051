"""Answers as the servers that people run really send them: Ollama, vLLM, llama.cpp, LM Studio, Mistral, DeepSeek."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from mindory_web.engines.errors import BROKEN_OFF, NONSENSE, SPENT, TOO_LONG, EngineError
from mindory_web.engines.llm import THOUGHTS, OpenAIClient
from mindory_web.engines.thoughts import Spoken, without_thoughts
from mindory_web.engines.types import ChatMessage
from tests.fake_endpoint import Answer, FakeEndpoint

ASKED: list[ChatMessage] = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Who?"}]


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    """A model server."""
    with FakeEndpoint() as server:
        yield server


@pytest.fixture
def model(endpoint: FakeEndpoint, settings: Settings) -> OpenAIClient:
    """A new client of it: what another found out about the server is not known to it."""
    settings.LLM_BASE_URL, settings.LLM_MODEL = endpoint.base_url, "fake"
    return OpenAIClient()


async def said(model: OpenAIClient, *, max_tokens: int = 100) -> str:
    return "".join([piece async for piece in model.stream(ASKED, max_tokens=max_tokens)])


async def code_of_failure(model: OpenAIClient) -> str:
    with pytest.raises(EngineError) as caught:
        await said(model)
    return caught.value.code


def events(*sent: Any) -> Answer:
    lines = [f"data: {json.dumps(each)}\n\n" for each in sent]
    return Answer(raw="".join([*lines, "data: [DONE]\n\n"]).encode())


def chunk(delta: Any, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


# --- What is in an event ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        [chunk({"role": "assistant", "content": ""}), chunk({"content": "Ahab."}), chunk({}, "stop")],
        [chunk({"content": "Ahab."}), chunk({}, "stop"), {"choices": [], "usage": {"total_tokens": 9}}],
        [chunk({"content": "Ahab."}, "stop"), {"choices": None, "usage": {"total_tokens": 9}}],
        [chunk({"content": "Ahab."}, "stop"), {"usage": {"total_tokens": 9}}],
        [chunk({"content": "Ahab.", "tool_calls": None, "function_call": None}), chunk(None, "stop")],
        [chunk({"content": "Ahab.", "reasoning_content": None}), chunk({"content": None}, "stop")],
        [chunk({"reasoning": "Hm."}), chunk({"reasoning_content": "Hm."}), chunk({"content": "Ahab."}, "stop")],
        [
            chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}),
            chunk({"content": [{"type": "text", "text": "Ahab."}]}, "stop"),
        ],
        [chunk({"content": "Ahab."}, "stop", timings={"predicted_n": 2})],
        [{"choices": [{"index": 0, "message": {"content": "Ahab."}, "finish_reason": "stop"}]}],
    ],
)
async def test_the_words_are_found_in_events_of_every_kind(
    model: OpenAIClient, endpoint: FakeEndpoint, sent: Sequence[Any]
) -> None:
    endpoint.answers(events(*sent))

    assert await said(model) == "Ahab."


async def test_comments_that_keep_a_connection_open_are_passed_over(
    model: OpenAIClient, endpoint: FakeEndpoint
) -> None:
    first = json.dumps(chunk({"content": "Ahab."}, "stop"))
    endpoint.answers(Answer(raw=f": keep-alive\n\n: keep-alive\n\ndata: {first}\n\ndata: [DONE]\n\n".encode()))

    assert await said(model) == "Ahab."


# --- Thoughts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        "<think>\nWho is he? <b>Ahab</b>?\n</think>\n\nAhab.",
        "\n<think></think>\n\nAhab.",
        "<thinking>Hm.</thinking><think>Still.</think> Ahab.",
        "<THINK>Hm.</Think>Ahab.",
        "[THINK]Hm.[/THINK]Ahab.",
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Ahab.",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
async def test_thoughts_before_the_answer_are_no_part_of_it(
    model: OpenAIClient, endpoint: FakeEndpoint, answer: str, size: int
) -> None:
    endpoint.say(*[answer[at : at + size] for at in range(0, len(answer), size)])

    assert await said(model) == "Ahab."


@pytest.mark.parametrize(
    "answer", ["<b>Ahab</b>", "<", "  [1] Ahab", "Use <think> tags.", "Ahab.</think> No.", " Ahab"]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_words_that_only_look_like_it_are_said(answer: str, size: int) -> None:
    spoken = Spoken()
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]

    assert "".join([spoken.feed(piece) for piece in pieces] + [spoken.close()]) == answer


def test_thoughts_that_began_in_the_prompt_are_left_out_of_a_whole_answer() -> None:
    assert without_thoughts("Okay, who is he?\n</think>\n\nAhab.") == "Ahab."
    assert without_thoughts('{"text": "a </think> b"}') == '{"text": "a </think> b"}'


@pytest.mark.parametrize(
    "spent",
    [
        Answer(("",), thoughts=("Hm, ", "who?"), finish="length"),
        Answer(("<think>Hm, who?",), finish="length"),
        Answer((), finish="length"),
    ],
)
async def test_a_model_that_thinks_before_it_speaks_gets_room_for_both(
    model: OpenAIClient, endpoint: FakeEndpoint, spent: Answer
) -> None:
    endpoint.answers(spent, Answer(("Ahab.",)))

    assert await said(model) == await said(model) == "Ahab."
    assert [request.body["max_tokens"] for request in endpoint.requests] == [100, 100 + THOUGHTS, 100 + THOUGHTS]


async def test_a_model_that_only_thinks_is_told_of(model: OpenAIClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer((), thoughts=("Hm.",), finish="length"))

    assert await code_of_failure(model) == SPENT
    assert len(endpoint.requests) == 2
    endpoint.answers(Answer((), thoughts=("Hm.",), finish="stop"))
    assert await code_of_failure(model) == NONSENSE


async def test_a_server_without_room_for_thoughts_is_asked_without(model: OpenAIClient, endpoint: FakeEndpoint) -> None:
    too_long = Answer(
        status=400, error="This model's maximum context length is 4096 tokens. However, you requested 4196."
    )
    endpoint.answers(Answer((), finish="length"), too_long, Answer(("Ahab.",)))

    assert await said(model) == "Ahab."
    assert [request.body["max_tokens"] for request in endpoint.requests] == [100, 100 + THOUGHTS, 100]


async def test_words_that_were_cut_by_the_limit_are_not_asked_for_again(
    model: OpenAIClient, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(("Ahab, who",), finish="length"))

    assert await said(model) == "Ahab, who"
    assert len(endpoint.requests) == 1


# --- Refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        "the request exceeds the available context size. try increasing the context size or enable context shift",
        "This model's maximum context length is 4096 tokens. However, you requested 5300 tokens (1300 in them).",
        "Trying to keep the first 5000 tokens when context the overflows. It is loaded with context length of 4096",
        "Range of input length should be [1, 30720]",
        "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context length is 4096",
        "input length and `max_tokens` exceed context limit: 3900 + 4000 > 4096, decrease input length",
        "prompt is too long: 250000 tokens > 200000 maximum",
    ],
)
async def test_more_than_a_model_reads_is_told_apart_however_it_is_worded(
    model: OpenAIClient, endpoint: FakeEndpoint, error: str
) -> None:
    endpoint.answers(Answer(status=400, error=error))
    assert await code_of_failure(model) == TOO_LONG

    endpoint.answers(events({"error": {"message": error}}))
    assert await code_of_failure(model) == TOO_LONG

    endpoint.answers(Answer(raw=f"event: error\ndata: {json.dumps({'error': error})}\n\n".encode()))
    assert await code_of_failure(model) == TOO_LONG


async def test_any_other_error_in_the_stream_is_a_break(model: OpenAIClient, endpoint: FakeEndpoint) -> None:
    endpoint.answers(events({"error": {"message": "CUDA out of memory", "code": 500}}))

    assert await code_of_failure(model) == BROKEN_OFF


@pytest.mark.parametrize(
    "error",
    [
        "System role not supported",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Developer instruction: system messages are not supported for this model.",
    ],
)
async def test_a_model_without_a_system_role_is_told_all_as_its_reader(
    model: OpenAIClient, endpoint: FakeEndpoint, error: str
) -> None:
    endpoint.answers(Answer(status=400, error=error), Answer(("Ahab.",)))

    assert await said(model) == await said(model) == "Ahab."
    assert [[each["role"] for each in request.body["messages"]] for request in endpoint.requests] == [
        ["system", "user"],
        ["user"],
        ["user"],
    ]
    assert endpoint.requests[-1].body["messages"][0]["content"] == "Be short.\n\nWho?"


async def test_a_request_holds_nothing_that_a_small_server_does_not_know(
    model: OpenAIClient, endpoint: FakeEndpoint
) -> None:
    endpoint.say("Ahab.")
    await said(model)

    assert sorted(endpoint.requests[0].body) == ["max_tokens", "messages", "model", "stream"]
