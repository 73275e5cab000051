"""The shelf in groups: every book where it belongs, in the reader's order, with two questions to the database."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from books.browsing import NONE, Wish, found
from books.grouping import COVERS, Grouped, grouped
from books.views.library import GROUPS_AT_ONCE
from mindory_web.accounts.models import Reader
from tests.books.test_library import book, read, shelf
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def by(reader: Reader, what: str, *, start: int = 0, most: int = 50, **wish: Any) -> Grouped:
    return grouped(reader, Wish(by=what, **wish), start=start, most=most)


def seen(groups: Grouped) -> dict[str, list[str]]:
    return {group.value: [one.title for one in group.books] for group in groups.groups}


def test_authors_stand_by_their_family_names_and_a_book_of_two_under_both(alice: Reader, bob: Reader) -> None:
    book(alice, "The Sea", authors=["Ida Vogel", "Émile Abelard"])
    book(alice, "An Apple", authors=["Ida Vogel"])
    book(alice, "Nobody’s")
    book(bob, "His", authors=["Ida Vogel"])

    authors = by(alice, "author")

    assert list(seen(authors).items()) == [
        ("Émile Abelard", ["The Sea"]),
        ("Ida Vogel", ["An Apple", "The Sea"]),
        (NONE, ["Nobody’s"]),
    ]
    assert (authors.total, authors.book_count) == (3, 3)


def test_a_chinese_reader_finds_names_by_their_sound(alice: Reader) -> None:
    for name in ("曹雪芹", "张爱玲", "阿城", "Ida Vogel"):
        book(alice, f"Of {name}", authors=[name])
    with override("zh-hans"):
        assert list(seen(by(alice, "author"))) == ["Ida Vogel", "阿城", "曹雪芹", "张爱玲"]


def test_a_series_stands_in_its_own_order(alice: Reader) -> None:
    for number in (3, 1, 2):
        book(alice, f"Part {number}", series="Grey Point", series_number=number)
    book(alice, "Alone")
    assert seen(by(alice, "series")) == {"Grey Point": ["Part 1", "Part 2", "Part 3"], NONE: ["Alone"]}


@pytest.mark.parametrize("what", ["author", "series", "language", "state"])
def test_each_group_has_as_many_books_as_its_own_shelf(alice: Reader, what: str) -> None:
    shelf(alice, 9)
    for language, state in (("", "ready"), ("en-GB", "failed"), ("zh-Hans", "embedding")):
        read(alice, book(alice, f"A {state}", language=language, state=state, series="S"), 200)
    read(alice, book(alice, "Read", language="zh"), 1000)

    groups = by(alice, what).groups
    assert groups
    for group in groups:
        own = found(alice, Wish().but(**{what: group.value}))
        assert group.count == own.count(), group.value
        assert {one.pk for one in group.books} <= {one.pk for one in own}


def test_a_filter_holds_in_groups_too(alice: Reader) -> None:
    book(alice, "One", authors=["A"], language="en")
    book(alice, "Two", authors=["B"], language="zh")
    assert list(seen(by(alice, "author", language="zh"))) == ["B"]


def test_a_large_shelf_asks_the_database_no_more_often(alice: Reader) -> None:
    shelf(alice, 3)
    with CaptureQueriesContext(connection) as few:
        by(alice, "author")
    shelf(alice, 40)
    with CaptureQueriesContext(connection) as many:
        authors = by(alice, "author")
    assert len(few) == len(many) == 2
    assert max(len(group.books) for group in authors.groups) <= COVERS


def test_the_page_shows_some_groups_and_the_fragment_the_next(alice: Reader) -> None:
    for number in range(GROUPS_AT_ONCE + 2):
        book(alice, f"Book {number:02}", authors=[f"Author {number:02}"])
    browser = signed_in(alice)

    page = browser.get("/?by=author").content.decode()
    rest = browser.get(f"/shelf/?by=author&from={GROUPS_AT_ONCE}").content.decode()

    assert page.count('class="group"') == GROUPS_AT_ONCE
    assert f"from={GROUPS_AT_ONCE}" in page
    assert rest.count('class="group"') == 2
    assert 'data-next="0"' in rest
    assert "/?author=Author+12" in rest
    assert f'id="group-{GROUPS_AT_ONCE + 1}"' in rest
    assert browser.get("/?by=nonsense").status_code == 200


def test_a_page_that_shows_more_groups_fetches_as_many_anew_and_no_more_than_the_most(
    alice: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(GROUPS_AT_ONCE + 6):
        book(alice, f"Book {number:02}", authors=[f"Author {number:02}"])
    browser = signed_in(alice)
    monkeypatch.setattr("books.views.library.MOST_GROUPS", GROUPS_AT_ONCE + 4)

    def seen(upto: int | str) -> tuple[int, bool]:
        page = browser.get("/shelf/", {"by": "author", "upto": upto}).content.decode()
        count = page.count('class="group"')
        return count, f"from={count}" in page

    assert seen(GROUPS_AT_ONCE + 3) == (GROUPS_AT_ONCE + 3, True)
    assert seen(GROUPS_AT_ONCE * 9) == (GROUPS_AT_ONCE + 4, True)
    assert seen("no number") == (GROUPS_AT_ONCE, True)


def test_books_without_an_author_have_a_shelf_of_their_own(alice: Reader) -> None:
    book(alice, "Nobody’s")
    book(alice, "Hers", authors=["Ida Vogel"])
    page = signed_in(alice).get("/", {"author": NONE}).content.decode()
    assert "No author named" in page
    assert "Hers" not in page
