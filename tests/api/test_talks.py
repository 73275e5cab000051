"""Conversations through the API: questions, whole answers, streams, stop. A real reply worker writes the answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pytest_django import Settings

from books.chat import talk
from books.models import Book, Citation, Conversation, Reply
from mindory_web.accounts import keys
from mindory_web.accounts.models import Reader
from tests.api.conftest import Program, code_of, make_book
from tests.books.retrieval.shelf import shelved
from tests.books.talking import TALE, frames_of, in_db, working

PARROT = "Who kept a white parrot?"


@pytest.fixture(autouse=True)
def quotes_only(settings: Settings) -> None:
    """No language model and no bundled embeddings: answers are the best passages, found by their words."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"
    settings.LLM_BASE_URL = ""


@pytest.fixture
def tale(transactional_db: None, alice: Reader) -> Book:
    """A short book of alice's that can be asked."""
    return shelved(alice, [TALE], title="The Parrot")


@pytest.fixture
def conversation(tale: Book, alice: Reader) -> Conversation:
    """A talk with it, in which nothing was asked yet."""
    return talk.begin(alice, book=tale.pk)


@pytest.fixture
def header(alice: Reader) -> dict[str, str]:
    """Alice's key."""
    return {"Authorization": f"Bearer {keys.make(alice, 'test')[1]}"}


async def post(header: dict[str, str], address: str, body: Any = None) -> Any:
    """Send JSON as a program does."""
    return await AsyncClient().post(
        f"/api/v1/{address}", json.dumps(body or {}), content_type="application/json", headers=header
    )


async def frames_in(response: Any) -> list[dict[str, Any]]:
    """Read a stream of server-sent events to its end."""
    return [frame async for frame in _frames(response)]


async def _frames(response: Any) -> AsyncIterator[dict[str, Any]]:
    waiting = ""
    async for chunk in response.streaming_content:
        waiting += chunk.decode()
        while "\n\n" in waiting:
            event, _gap, waiting = waiting.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in event.splitlines() if not line.startswith(":"))
            if fields:
                frame = json.loads(fields["data"])
                assert fields["event"] == frame["type"]
                assert fields["id"] == str(frame["seq"])
                yield frame


async def test_a_question_is_answered_whole_with_citations_that_are_in_the_book(
    conversation: Conversation, header: dict[str, str]
) -> None:
    async with working():
        response = await post(header, f"conversations/{conversation.pk}/messages", {"text": PARROT})
    reply = response.json()

    assert (response.status_code, reply["state"]) == (200, "done")
    first = reply["citations"][0]
    assert "parrot" in first["quote"]
    assert TALE[first["start"] : first["end"]] == first["quote"]
    assert "[1]" in reply["text"]
    assert (await in_db(Reply.objects.get, pk=reply["id"])).request_id == response.headers["X-Request-ID"]


async def test_the_same_question_comes_as_a_stream(conversation: Conversation, header: dict[str, str]) -> None:
    async with working():
        response = await post(
            {**header, "Accept": "text/event-stream"}, f"conversations/{conversation.pk}/messages", {"text": PARROT}
        )
        frames = await frames_in(response)

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[-1]["type"] == "reply.end"
    words = "".join(frame["text"] for frame in frames if frame["type"] == "reply.words")
    stored = await in_db(Reply.objects.get, conversation=conversation)
    assert words.strip() == stored.text.strip()


async def test_a_stream_is_taken_up_again_where_it_was(conversation: Conversation, header: dict[str, str]) -> None:
    async with working():
        first = await post(header, f"conversations/{conversation.pk}/messages", {"text": PARROT})
    address = f"/api/v1/replies/{first.json()['id']}/frames"
    whole = await frames_in(await AsyncClient().get(address, headers=header))
    rest = await frames_in(await AsyncClient().get(address, headers={**header, "Last-Event-ID": "2"}))

    assert rest == whole[2:]
    assert await frames_in(await AsyncClient().get(f"{address}?after=2", headers=header)) == rest


async def test_an_answer_that_takes_too_long_is_promised(conversation: Conversation, header: dict[str, str]) -> None:
    address = f"conversations/{conversation.pk}/messages?wait=0.2"
    response = await post(header, address, {"text": PARROT, "nonce": "n1"})
    pk = response.json()["id"]

    assert (response.status_code, response.json()["state"]) == (202, "queued")
    assert (await post(header, address, {"text": PARROT, "nonce": "n1"})).json()["id"] == pk
    async with working():
        await frames_of(pk)
    assert (await AsyncClient().get(f"/api/v1/replies/{pk}", headers=header)).json()["state"] == "done"


async def test_a_waiting_reply_is_stopped(conversation: Conversation, header: dict[str, str], alice: Reader) -> None:
    reply = await sync_to_async(talk.ask)(alice, PARROT, conversation=conversation.pk)
    response = await post(header, f"replies/{reply.pk}/stop")

    assert (response.status_code, response.json()["state"]) == (200, "stopped")


async def test_a_revoked_key_ends_its_stream(conversation: Conversation, header: dict[str, str], alice: Reader) -> None:
    reply = await sync_to_async(talk.ask)(alice, PARROT, conversation=conversation.pk)
    response = await AsyncClient().get(f"/api/v1/replies/{reply.pk}/frames", headers=header)
    await in_db(lambda: keys.revoke(alice, alice.api_keys.get().pk))

    async with asyncio.timeout(8):
        assert await frames_in(response) == []


def test_conversations_are_begun_listed_renamed_and_deleted(program: Program, book: Book, alice: Reader) -> None:
    begun = program("POST", "conversations", {"book": book.pk, "title": "Whales"})
    other = program("POST", "conversations", {}).json()
    pk = begun.json()["id"]

    assert (begun.status_code, begun.json()["book"], other["book"]) == (201, book.pk, None)
    assert [each["id"] for each in program("GET", f"conversations?book={book.pk}").json()["items"]] == [pk]
    assert program("PATCH", f"conversations/{pk}", {"title": "The whale"}).json()["title"] == "The whale"
    assert program("GET", f"conversations/{pk}").json()["replies"] == []
    assert program("DELETE", f"conversations/{pk}").status_code == 204
    assert program("GET", "conversations").json()["count"] == 1


def test_a_long_conversation_shows_its_newest_replies(
    program: Program, book: Book, alice: Reader, django_assert_max_num_queries: Any
) -> None:
    found = talk.begin(alice, book=book.pk)
    Reply.objects.bulk_create(Reply(conversation=found, question=f"{n}", state="done") for n in range(205))
    with django_assert_max_num_queries(8):
        shown = program("GET", f"conversations/{found.pk}").json()

    assert (shown["reply_count"], len(shown["replies"])) == (205, 200)
    assert [shown["replies"][0]["question"], shown["replies"][-1]["question"]] == ["5", "204"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "conversations/{talk}", None),
        ("PATCH", "conversations/{talk}", {"title": "Mine"}),
        ("DELETE", "conversations/{talk}", None),
        ("POST", "conversations/{talk}/messages", {"text": "Who?"}),
        ("GET", "replies/{reply}", None),
        ("GET", "replies/{reply}/frames", None),
        ("POST", "replies/{reply}/stop", None),
        ("POST", "replies/{reply}/again", {}),
        ("POST", "replies/{reply}/continue", {}),
        ("PUT", "replies/{reply}/feedback", {"value": 1}),
        ("GET", "replies/{reply}/trace", None),
        ("GET", "conversations/{talk}/export", None),
        ("POST", "conversations", {"book": "{book}"}),
    ],
)
def test_what_is_said_to_others_is_not_there(
    stranger: Program, book: Book, alice: Reader, method: str, path: str, body: Any
) -> None:
    found = talk.begin(alice, book=book.pk)
    reply = Reply.objects.create(conversation=found, question="Q", text="A")
    body = {name: book.pk if value == "{book}" else value for name, value in body.items()} if body else body
    response = stranger(method, path.format(talk=found.pk, reply=reply.pk), body)

    assert (response.status_code, code_of(response)) == (404, "not_found")
    assert Conversation.objects.filter(pk=found.pk).exists()


def test_a_book_that_is_not_indexed_yet_cannot_be_asked(program: Program, alice: Reader) -> None:
    unread = make_book(alice, "Not yet", is_askable=False, state="reading")

    response = program("POST", "conversations", {"book": unread.pk})
    assert (response.status_code, code_of(response)) == (409, "book_not_ready")


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, "nul \0"])
def test_a_question_that_is_none_is_refused(program: Program, book: Book, alice: Reader, text: str) -> None:
    found = talk.begin(alice, book=book.pk)

    assert program("POST", f"conversations/{found.pk}/messages", {"text": text}).status_code == 422
    assert not Reply.objects.exists()


def test_conversations_are_found_by_what_was_said_in_them(program: Program, book: Book, alice: Reader) -> None:
    one, two = talk.begin(alice, book=book.pk, title="Whales"), talk.begin(alice, title="Of parrots")
    long = "word " * 100 + "A 100% WHITE_whale swam by. " + "word " * 100
    Reply.objects.create(conversation=one, question="What swam by?", text=long, state="done")
    Reply.objects.create(conversation=two, question="Is it 100x white?", text="It is not.", state="done")

    def found(query: str) -> list[int]:
        return [each["id"] for each in program("GET", f"conversations?{query}").json()["items"]]

    assert found("q=100%25+white_") == [one.pk]
    assert found("q=parrots") == [two.pk]
    assert found("q=SWAM+BY") == [one.pk]
    assert found("q=nothing+of+it") == []
    snippet = program("GET", "conversations?q=white_whale").json()["items"][0]["snippet"]
    assert "A 100% WHITE_whale swam by." in snippet
    assert len(snippet) <= 240
    assert found(f"book={book.pk}") == [one.pk]


def test_conversations_are_pinned_archived_and_given_another_scope(program: Program, book: Book, alice: Reader) -> None:
    one, two = talk.begin(alice, book=book.pk), talk.begin(alice)
    changed = program("PATCH", f"conversations/{one.pk}", {"is_pinned": True, "is_archived": True}).json()
    assert (changed["is_pinned"], changed["is_archived"], changed["scope"]) == (True, True, "book")
    assert [each["id"] for each in program("GET", "conversations?is_archived=false").json()["items"]] == [two.pk]
    assert [each["id"] for each in program("GET", "conversations?is_pinned=true").json()["items"]] == [one.pk]
    wide = program("PATCH", f"conversations/{one.pk}", {"books": [book.pk], "is_limited": True}).json()
    assert (wide["scope"], wide["book"], wide["books"], wide["is_limited"]) == ("books", None, [book.pk], True)
    assert program("PATCH", f"conversations/{one.pk}", {"scope": "library"}).json()["books"] == []
    assert code_of(program("PATCH", f"conversations/{one.pk}", {"scope": "book"})) == "invalid"


def test_a_branch_is_chosen_and_answers_are_judged_and_traced(program: Program, book: Book, alice: Reader) -> None:
    one = talk.ask(alice, "One?", book=book.pk)
    Reply.objects.update(state="done", text="Yes.", trace={"quotes": [{"raw": "x", "kept": False}]})
    two = program("POST", f"replies/{one.pk}/again", {"text": "Two?"})
    assert (two.status_code, two.json()["parent"], two.json()["question"]) == (202, None, "Two?")
    address = f"conversations/{one.conversation_id}"
    assert program("GET", address).json()["tip"] == two.json()["id"]
    assert program("PATCH", address, {"tip": one.pk}).json()["tip"] == one.pk
    foreign = talk.ask(alice, "Elsewhere?", book=book.pk)
    assert program("PATCH", address, {"tip": foreign.pk}).status_code == 404
    judged = program("PUT", f"replies/{one.pk}/feedback", {"value": -1, "reason": " Not in  the book. "}).json()
    assert (judged["feedback"], judged["feedback_reason"]) == (-1, "Not in the book.")
    assert program("PUT", f"replies/{one.pk}/feedback", {"value": 0}).json()["feedback_reason"] == ""
    assert program("PUT", f"replies/{one.pk}/feedback", {"value": 5}).status_code == 422
    assert program("GET", f"replies/{one.pk}/trace").json()["trace"]["quotes"][0]["kept"] is False
    assert program("POST", f"replies/{one.pk}/continue", {}).status_code == 409
    assert program("GET", f"replies/{one.pk}").json()["html"] == ['<p dir="auto">Yes.</p>']


async def test_a_question_about_words_follows_a_reply(
    conversation: Conversation, tale: Book, header: dict[str, str], alice: Reader
) -> None:
    first = await sync_to_async(talk.ask)(alice, PARROT, conversation=conversation.pk)
    address = f"conversations/{conversation.pk}/messages?wait=0.1"
    about = {"kind": "explain", "book": tale.pk, "section": 0, "start": 0, "end": 6}
    one = (await post(header, address, {"parent": first.pk, "about": about})).json()
    assert (one["parent"], one["about"], one["question"]) == (
        first.pk,
        {**about, "quote": "It was"},
        "Explain these words.",
    )
    two = (await post(header, address, {"text": "Anew?", "parent": None})).json()
    three = (await post(header, address, {"text": "And?"})).json()
    assert (two["parent"], three["parent"]) == (None, two["id"])


def cited(book: Book, alice: Reader) -> Reply:
    """Return an answer with a quote, in a conversation of two branches."""
    left = talk.ask(alice, "Left behind?", book=book.pk)
    reply = talk.ask(alice, "Who *is* he?", conversation=left.conversation_id, parent=None)
    Reply.objects.filter(pk=reply.pk).update(state="done", text="**Ishmael** [1], and no [2].")
    place = {"section": 0, "start": 0, "end": 15, "quote": "Call me Ishmael", "heading": "Part_0", "page": "iv"}
    Citation.objects.create(reply=reply, number=1, book=book, **place)
    return reply


def test_a_conversation_is_taken_along_as_markdown(program: Program, book: Book, alice: Reader) -> None:
    reply = cited(book, alice)
    response = program("GET", f"conversations/{reply.conversation_id}/export")
    text = response.content.decode()

    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    assert "## Who \\*is\\* he?\n\n**Ishmael** [^1], and no ." in text
    place = f"http://localhost:8000/books/{book.pk}/?section=0&start=0&end=15"
    assert text.endswith(f"[^1]: *Moby-Dick*, Part\\_0, page iv: “Call me Ishmael” <{place}>\n")
    assert "Left behind" not in text.partition("\n\n")[2]


def test_a_conversation_is_taken_along_as_json(program: Program, book: Book, alice: Reader) -> None:
    reply = cited(book, alice)
    whole = program("GET", f"conversations/{reply.conversation_id}/export?format=json").json()

    assert [each["question"] for each in whole["replies"]] == ["Left behind?", "Who *is* he?"]
    assert whole["shown"] == [reply.pk]
    quote = whole["replies"][1]["citations"][0]
    assert (quote["quote"], quote["how"], quote["address"].rpartition("?")[2]) == (
        "Call me Ishmael", "exact", "section=0&start=0&end=15",
    )  # fmt: skip
    assert program("GET", f"conversations/{reply.conversation_id}/export?format=pdf").status_code == 422
