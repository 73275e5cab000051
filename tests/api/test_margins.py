"""Where a reader's conversations quoted a book: bounded by the reader, cut by sections, in the order of the text."""

import pytest

from books.models import Book, Citation, Conversation, Reply
from mindory_web.accounts.models import Reader
from tests.api.conftest import TEXTS, Program

pytestmark = pytest.mark.django_db


def quote(reader: Reader, book: Book, section: int, start: int, *, title: str = "Names", is_placed: bool = True) -> int:
    """Let a conversation of the reader's with the whole library quote four characters."""
    talk, _ = Conversation.objects.get_or_create(reader=reader, title=title)
    reply = Reply.objects.create(conversation=talk, question=f"{title}?", state="done")
    Citation.objects.create(
        reply=reply, number=1, book=book, section=section, start=start, end=start + 4,
        quote=TEXTS[section][start : start + 4], is_placed=is_placed,
    )  # fmt: skip
    return reply.pk


def test_quotes_come_in_the_order_of_the_text_with_their_conversation(
    program: Program, book: Book, alice: Reader
) -> None:
    late, early = quote(alice, book, 1, 3), quote(alice, book, 0, 8, title="Who speaks")

    listed = program("GET", f"books/{book.pk}/citations").json()

    assert [(item["reply"], item["quote"]) for item in listed["items"]] == [(early, "Ishm"), (late, "is a")]
    assert listed["items"][0]["conversation_title"] == "Who speaks"
    assert listed["items"][0]["question"] == "Who speaks?"
    assert listed["count"] == 2


def test_only_the_sections_in_view_are_fetched_and_quotes_without_a_place_come_last(
    program: Program, book: Book, alice: Reader
) -> None:
    quote(alice, book, 0, 0, is_placed=False)
    for start in (3, 8):
        quote(alice, book, 1, start)

    inside = program("GET", f"books/{book.pk}/citations?first=1&last=1&limit=1").json()
    assert (inside["count"], [item["start"] for item in inside["items"]]) == (2, [3])
    everything = program("GET", f"books/{book.pk}/citations").json()["items"]
    assert [item["is_placed"] for item in everything] == [True, True, False]


def test_each_section_says_how_often_it_was_quoted(program: Program, book: Book, alice: Reader) -> None:
    for start, title in ((3, "Names"), (8, "Names"), (8, "Whales")):
        quote(alice, book, 1, start, title=title)
    quote(alice, book, 0, 0, is_placed=False)

    told = program("GET", f"books/{book.pk}/citations/sections").json()

    assert told == {"items": [{"section": 1, "quotes": 3, "conversations": 2}]}


def test_what_others_were_told_is_not_there(
    program: Program, stranger: Program, book: Book, alice: Reader, bob: Reader
) -> None:
    quote(bob, book, 0, 0)

    assert program("GET", f"books/{book.pk}/citations").json() == {"items": [], "count": 0}
    assert program("GET", f"books/{book.pk}/citations/sections").json() == {"items": []}
    assert stranger("GET", f"books/{book.pk}/citations").status_code == 404
    assert stranger("GET", f"books/{book.pk}/citations/sections").status_code == 404
