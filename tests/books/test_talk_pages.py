"""The page of conversations and what it fetches: lists, threads, books to choose from."""

import json
import re
from datetime import timedelta
from typing import Any, cast

import pytest
from django.test import RequestFactory
from django.utils import timezone

from books.chat.listing import listed
from books.models import Book, Collection, Conversation, Reply
from books.views import talking
from books.views.request import ReaderRequest
from mindory_web.accounts.models import Reader
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def talk(reader: Reader, title: str, *, days: int = 0, **more: Any) -> Conversation:
    then = timezone.now() - timedelta(days=days)
    return Conversation.objects.create(reader=reader, title=title, updated_at=then, **more)


def book(reader: Reader, title: str, *authors: str) -> Book:
    return Book.objects.create(
        owner=reader, digest=title, title=title, authors=list(authors), file_size=1, is_readable=True
    )


def test_conversations_are_listed_by_day_with_the_pinned_first_and_the_archived_last(
    alice: Reader, bob: Reader
) -> None:
    for title, days, more in [
        ("now", 0, {}),
        ("kept", 90, {"is_pinned": True}),
        ("put away", 1, {"is_archived": True}),
        ("yesterday", 1, {}),
        ("long ago", 400, {}),
    ]:
        talk(alice, title, days=days, **more)
    talk(bob, "of bob")

    found = listed(alice)

    assert [group.title for group in found.groups][:3] == ["Pinned", "Today", "Yesterday"]
    assert [[line.talk.title for line in group.lines] for group in found.groups] == [
        ["kept"],
        ["now"],
        ["yesterday"],
        ["long ago"],
    ]
    assert [line.talk.title for line in found.archived] == ["put away"]


def test_a_search_finds_names_questions_and_answers_of_this_reader_only(alice: Reader, bob: Reader) -> None:
    by_name, by_question, by_answer = (talk(alice, title) for title in ("The parrot", "a", "b"))
    Reply.objects.create(conversation=by_question, question="Who keeps a PARROT?")
    Reply.objects.create(conversation=by_answer, question="?", text="Ahab keeps a parrot, and the parrot speaks.")
    talk(alice, "Nothing of it")
    talk(bob, "A parrot of bob")

    found = listed(alice, words=" parrot ")

    assert {line.talk.pk for group in found.groups for line in group.lines} == {
        by_name.pk,
        by_question.pk,
        by_answer.pk,
    }


def test_every_conversation_has_a_page_whatever_it_is_about(alice: Reader, bob: Reader) -> None:
    about_book = talk(alice, "With a book", book=book(alice, "Moby-Dick"), scope="book")
    other = talk(bob, "Secret of bob")

    page = signed_in(alice).get(f"/talks/{about_book.pk}/")

    assert data(page.content)["title"] == "With a book"
    assert b"Secret of bob" not in page.content
    assert signed_in(alice).get(f"/talks/{other.pk}/").status_code == 404


def test_the_thread_tells_replies_scope_and_standing(alice: Reader) -> None:
    shelf = Collection.objects.create(owner=alice, name="Sea")
    about = talk(alice, "About the sea", scope="collection", collection=shelf, is_limited=True, is_pinned=True)
    first = Reply.objects.create(conversation=about, question="Who?", text="**Ahab.**", state="done")
    second = Reply.objects.create(conversation=about, question="Why?", parent=first, state="done")
    Conversation.objects.filter(pk=about.pk).update(tip=second)

    told = thread(alice, f"conversation={about.pk}")

    assert [reply["parent"] for reply in told["replies"]] == [None, first.pk]
    assert "<strong>Ahab.</strong>" in told["replies"][0]["html"][0]
    assert told["tip"] == second.pk
    assert (told["scope"], told["collection"], told["is_limited"]) == (
        "collection",
        {"id": shelf.pk, "name": "Sea"},
        True,
    )
    assert told["is_pinned"] is True


def test_a_new_conversation_begins_as_its_reader_likes(alice: Reader) -> None:
    alice.is_limited = True
    alice.save()
    moby = book(alice, "Moby-Dick")

    with_book, with_library = thread(alice, f"book={moby.pk}"), thread(alice, "")

    assert (with_book["scope"], with_book["is_limited"], with_book["conversation"]) == ("book", True, None)
    assert (with_library["scope"], with_library["is_limited"]) == ("library", True)


def test_the_reader_page_shows_a_conversation_about_other_books_when_its_address_says_so(
    alice: Reader, bob: Reader
) -> None:
    moby, library = book(alice, "Moby-Dick"), talk(alice, "All of it")
    own = talk(alice, "Of this book", book=moby, scope="book", days=1)

    assert chosen(alice, moby, f"conversation={library.pk}") == library.pk
    assert chosen(alice, moby, "") == own.pk
    assert chosen(alice, moby, "conversation=new") is None
    assert chosen(alice, moby, f"conversation={talk(bob, 'x').pk}") == own.pk


def test_books_to_choose_from_are_found_by_title_and_author(alice: Reader, bob: Reader) -> None:
    book(alice, "Moby-Dick", "Herman Melville")
    book(alice, "Walden", "Henry Thoreau")
    book(bob, "Moby of bob", "Melville")

    page = signed_in(alice).get("/talks/books?q=melv").content.decode()

    assert re.findall(r'data-title="([^"]+)"', page) == ["Moby-Dick"]
    assert re.findall(r'data-title="([^"]+)"', signed_in(alice).get("/talks/books").content.decode()) == [
        "Moby-Dick",
        "Walden",
    ]


def chosen(reader: Reader, moby: Book, query: str) -> int | None:
    request = RequestFactory().get(f"/?{query}")
    request.user = reader
    found = talking.chosen(cast(ReaderRequest, request), moby)
    return found.pk if found else None


def thread(reader: Reader, query: str) -> dict[str, Any]:
    told: dict[str, Any] = signed_in(reader).get(f"/talks/thread?{query}").json()
    return told


def data(page: bytes) -> dict[str, Any]:
    found = re.search(rb'<script id="chat-data" type="application/json">(.*?)</script>', page)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told
