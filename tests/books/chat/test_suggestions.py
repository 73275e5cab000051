"""Questions to begin with: names and headings of what is being read, and none from further on under the limit."""

import pytest
from django.utils.translation import override

from books import reach
from books.chat import suggestions
from books.models import Book
from books.places import Came, Places
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound
from tests.books.retrieval.shelf import shelved

BEGUN = "In the morning Ahab spoke to Starbuck. " * 4 + "At noon, Ahab slept. " * 2 + "The ship sailed on Monday. " * 4
LATER = "Then the white whale came, and Moby Dick, they said, was Queequeg in disguise. " * 4
CONTENTS = [
    {"title": "Chapter I", "section": 0, "start": 0, "depth": 0},
    {"title": "The Quarter-Deck", "section": 0, "start": 0, "depth": 1},
    {"title": "The Chase", "section": 1, "start": 0, "depth": 0},
]


@pytest.fixture
def book(alice: Reader) -> Book:
    """A book whose second chapter names somebody the first does not."""
    made = shelved(alice, [BEGUN, LATER], title="The Whale")
    made.contents = CONTENTS
    made.save()
    return made


def test_the_names_and_the_heading_of_the_place_are_asked_about(alice: Reader, book: Book) -> None:
    assert suggestions.for_book(alice, book.pk, is_limited=False) == [
        "Who is Ahab?",
        "How do Ahab and Starbuck stand to each other?",
        "What is “The Quarter-Deck” about?",
    ]


def test_days_and_words_that_are_also_small_are_no_names(alice: Reader, book: Book) -> None:
    assert "Monday" not in str(suggestions.for_book(alice, book.pk, is_limited=False))


def test_under_the_limit_nothing_from_further_on_is_named(alice: Reader, book: Book) -> None:
    Places(alice, book).keep(Came(section=1, offset=len(LATER)))
    reach.put(alice, book, section=0, offset=len(BEGUN))
    limited = str(suggestions.for_book(alice, book.pk, is_limited=True))
    assert "Ahab" in limited
    assert "Queequeg" not in limited
    assert "The Chase" not in limited
    assert "Queequeg" in str(suggestions.for_book(alice, book.pk, is_limited=False))


def test_a_book_that_was_not_begun_names_nothing_under_the_limit(alice: Reader, book: Book) -> None:
    assert suggestions.for_book(alice, book.pk, is_limited=True) == ["What is “The Quarter-Deck” about?"]


def test_who_speaks_in_a_chinese_book_is_asked_about_in_chinese(alice: Reader) -> None:
    text = "宝玉笑道：“好。”黛玉便道：“不好。”他说：“是。”" * 4
    made = shelved(alice, [text], language="zh", title="红楼梦")
    with override("zh-hans"):
        asked = suggestions.for_book(alice, made.pk, is_limited=False)
    assert len(asked) == 2
    assert "宝玉" in asked[0]
    assert all("黛玉" in asked[1] and "他" not in question for question in asked)


def test_a_library_is_asked_about_the_books_opened_last(alice: Reader, book: Book) -> None:
    assert suggestions.for_library(alice, is_limited=False) == []
    Places(alice, book).keep(Came(section=0, offset=10))
    assert suggestions.for_library(alice, is_limited=False) == ["Who is Ahab in “The Whale”?"]


def test_a_book_of_somebody_else_is_not_found(bob: Reader, book: Book) -> None:
    with pytest.raises(NotFound):
        suggestions.for_book(bob, book.pk, is_limited=False)
