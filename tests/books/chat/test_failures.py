"""A model that fails in every way it can: the reply ends with a code and a plain sentence, and asking again works."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.conf import LazySettings
from django.utils.translation import gettext as _
from django.utils.translation import override

from books.chat import talk
from books.models import Book, Reply
from mindory_web.accounts.models import Reader
from tests.books.talking import frames_of, in_db, working
from tests.fake_endpoint import Answer, FakeEndpoint

QUESTION = "What did the parrot speak, and what did it call for at midnight?"
LONG = "This model's maximum context length is 4096 tokens, however you requested 9000 tokens."
FAILURES: dict[str, tuple[Answer, str]] = {
    "refused key": (Answer(status=401), "engine_key"),
    "forbidden": (Answer(status=403), "engine_key"),
    "unknown model": (Answer(status=404), "engine_unknown"),
    "rate limit": (Answer(status=429, headers={"retry-after": "30"}), "engine_busy"),
    "context too long": (Answer(status=400, error=LONG), "engine_too_long"),
    "too large": (Answer(status=413), "engine_too_long"),
    "refused": (Answer(status=400, error="no"), "engine_error"),
    "server error": (Answer(status=500), "engine_error"),
    "timeout": (Answer(("late",), wait=30), "engine_slow"),
    "broken off": (Answer(("It was ",), ending="cut"), "engine_broken_off"),
    "nonsense": (Answer(raw=b"data: [1, 2]\n\n"), "engine_nonsense"),
    "empty": (Answer(("",)), "engine_nonsense"),
}


@pytest.fixture
def endpoint(settings: LazySettings) -> Iterator[FakeEndpoint]:
    """The model that is configured."""
    with FakeEndpoint() as server:
        settings.LLM_CLIENT = "mindory_web.engines.llm.OpenAIClient"
        settings.LLM_BASE_URL, settings.LLM_MODEL, settings.LLM_API_KEY = server.base_url, "fake", "key"
        settings.LLM_TIMEOUT_SECONDS = 20
        yield server


async def ended(verb: Any, *args: Any, **named: Any) -> tuple[Reply, Any]:
    """Ask, and return the reply and its last frame, which comes soon."""
    async with working():
        reply = await in_db(verb, *args, **named)
        frames = await frames_of(reply.pk, seconds=40)
    return cast(Reply, await in_db(Reply.objects.get, pk=reply.pk)), frames[-1]


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_is_told_and_asking_again_works(
    name: str, alice: Reader, tale: Book, endpoint: FakeEndpoint, settings: LazySettings
) -> None:
    answer, code = FAILURES[name]
    if name == "timeout":
        settings.LLM_TIMEOUT_SECONDS = 3
    endpoint.answers(answer)

    reply, last = await ended(talk.ask, alice, QUESTION, book=tale.pk)

    assert (reply.state, reply.error_code, last["error_code"]) == ("failed", code, code)
    assert reply.error_message == last["error_message"]
    assert reply.error_message.endswith((".", "_MODEL.", "seconds."))
    endpoint.say("Moses.")
    anew, _last = await ended(talk.again, alice, reply.pk)
    assert (anew.state, anew.text, anew.parent_id) == ("done", "Moses.", reply.parent_id)


async def test_a_failure_is_told_in_the_language_of_the_page(alice: Reader, tale: Book, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(status=401))
    reply, last = await ended(talk.ask, alice, QUESTION, book=tale.pk, language="zh-hans")
    with override("zh-hans"):
        told = _("The model's endpoint refused the key (%(status)d). Check %(name)s_API_KEY.")
    assert reply.error_message == last["error_message"] == told % {"status": 401, "name": "MINDORY_LLM"}


async def test_an_endpoint_that_is_down_is_told(alice: Reader, tale: Book, settings: LazySettings) -> None:
    settings.LLM_CLIENT = "mindory_web.engines.llm.OpenAIClient"
    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "fake"
    reply, last = await ended(talk.ask, alice, QUESTION, book=tale.pk)
    assert (reply.state, last["error_code"]) == ("failed", "engine_away")


async def test_what_is_too_long_is_asked_with_fewer_passages_at_once(
    alice: Reader, tale: Book, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(status=400, error=LONG), Answer(("Moses.",)))
    reply, _last = await ended(talk.ask, alice, QUESTION, book=tale.pk)
    assert (reply.state, reply.text) == ("done", "Moses.")
    first, second = (request.body["messages"] for request in endpoint.requests)
    assert len(str(second)) < len(str(first))
    assert reply.trace["shortened"]["passages"] == 1


async def test_what_was_written_before_a_failure_is_kept_and_gone_on_with(
    alice: Reader, tale: Book, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(("It spoke three ",), ending="cut"), Answer(("three languages.",)))
    reply, _last = await ended(talk.ask, alice, QUESTION, book=tale.pk)
    assert (reply.state, reply.text) == ("failed", "It spoke three")
    # Nobody knows whether a word that ends where the line broke is a whole one: it is written anew.
    whole, _last = await ended(talk.go_on, alice, reply.pk)
    assert (whole.state, whole.text) == ("done", "It spoke three languages.")
