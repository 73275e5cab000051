"""The library page and its fragments: which books, in which order, with how many questions to the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from books.browsing import Wish, facets, found
from books.models import Book, Collection, Job, ReadingPlace, Section
from books.store import BookStore
from books.views.library import ADDED_AT_ONCE, AT_ONCE
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import NotFound
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def book(owner: Reader, title: str, **values: Any) -> Book:
    number = Book.every.count()
    ready = {
        "state": "ready",
        "is_readable": True,
        "characters": 1000,
        "words": 200,
        "language": "en",
        "section_count": 1,
    }
    made = Book.objects.create(
        owner=owner, digest=f"{number:064x}", file_name="a.txt", file_size=1, title=title, **{**ready, **values}
    )
    Section.objects.create(book=made, number=0, title="One", text="It began. It went on. " * 45, start_in_book=0)
    return made


def shelf(owner: Reader, count: int, **values: Any) -> None:
    for number in range(count):
        book(owner, f"Book {number:04}", authors=[f"Author {number % 7}"], **values)


def read(reader: Reader, one: Book, offset: int, *, hours_ago: int = 0) -> None:
    at = timezone.now() - timedelta(hours=hours_ago)
    ReadingPlace.objects.create(reader=reader, book=one, section=0, offset=offset, updated_at=at)


def titles(reader: Reader, **wish: Any) -> list[str]:
    return [one.title for one in found(reader, Wish(**wish))]


def ids(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('<li data-book="')[1:]]


def test_titles_are_sorted_without_article_accent_or_capital(alice: Reader) -> None:
    for title in ("The Sea", "an Apple", "Émile", "Zadig", "barn"):
        book(alice, title)

    assert titles(alice, sort="title") == ["an Apple", "barn", "Émile", "The Sea", "Zadig"]
    assert titles(alice, sort="-title")[0] == "Zadig"


def test_authors_are_sorted_by_their_last_name_and_the_nameless_come_last(alice: Reader) -> None:
    for title, authors in (
        ("A", ["Jane Austen"]),
        ("B", []),
        ("C", ["Émile Zola"]),
        ("D", ["Woolf, Virginia"]),
        ("E", ["老舍"]),
    ):
        book(alice, title, authors=authors)

    assert titles(alice, sort="author") == ["A", "D", "C", "E", "B"]
    assert titles(alice, sort="-author")[-1] == "B"


def test_the_shelf_begins_with_what_was_opened_or_added_last(alice: Reader) -> None:
    old, opened, new = (book(alice, title) for title in ("Old", "Opened", "New"))
    Book.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
    Book.objects.filter(pk=opened.pk).update(created_at=timezone.now() - timedelta(days=8))
    Book.objects.filter(pk=new.pk).update(created_at=timezone.now() - timedelta(hours=1))
    read(alice, opened, 10)

    assert titles(alice) == ["Opened", "New", "Old"]
    assert titles(alice, sort="added") == ["New", "Opened", "Old"]


def test_progress_and_state_follow_the_newest_place(alice: Reader, bob: Reader) -> None:
    begun, done, fresh = book(alice, "Begun"), book(alice, "Done"), book(alice, "Fresh")
    read(alice, begun, 990, hours_ago=5)
    ReadingPlace.objects.create(reader=alice, book=begun, device="phone", section=0, offset=300)
    read(alice, done, 1000)
    read(bob, fresh, 500)

    assert titles(alice, state="reading") == ["Begun"]
    assert titles(alice, state="finished") == ["Done"]
    assert titles(alice, state="new") == ["Fresh"]
    assert titles(alice, sort="progress") == ["Done", "Begun", "Fresh"]
    assert round(found(alice, Wish(state="reading")).get().percent) == 30


def test_a_series_stands_in_its_order(alice: Reader) -> None:
    for title, number in (("Third", 3), ("Tenth", 10), ("Between", 1.5), ("First", 1), ("Unnumbered", None)):
        book(alice, title, series="Grey Point", series_number=number)
    book(alice, "Another", series="Other")

    assert titles(alice, series="Grey Point") == ["First", "Between", "Third", "Tenth", "Unnumbered"]


def test_filters_are_taken_together(alice: Reader, bob: Reader) -> None:
    sea = Collection.objects.create(owner=alice, name="Sea")
    one = book(alice, "One", authors=["A", "B"], language="zh-Hans")
    other = book(alice, "Other", authors=["B"], language="en")
    book(alice, "Nameless", language="")
    book(bob, "His", authors=["B"])
    sea.books.add(one, other)

    assert set(titles(alice, author="B")) == {"One", "Other"}
    assert titles(alice, author="B", language="zh") == ["One"]
    assert titles(alice, collection=sea.pk, language="en") == ["Other"]
    assert titles(alice, language="und") == ["Nameless"]
    assert titles(alice, words="oth") == ["Other"]
    with pytest.raises(NotFound):
        titles(bob, collection=sea.pk)


def test_what_can_be_filtered_by_is_counted(alice: Reader) -> None:
    book(alice, "One", authors=["B", "A"], series="S", language="en")
    book(alice, "Two", authors=["A"], language="")

    told = facets(alice)

    assert (list(told.authors), list(told.series)) == ([("A", 2), ("B", 1)], [("S", 1)])
    assert dict(told.languages) == {"en": 1, "und": 1}


def test_an_address_with_nonsense_shows_the_whole_shelf(alice: Reader) -> None:
    book(alice, "One")

    for query in (
        "collection=x&sort=worst&state=odd&view=pile&from=-1",
        "collection=%F0%9F%92%A9",
        "q=%00",
        "from=99999999",
    ):
        assert signed_in(alice).get(f"/?{query}").status_code == 200
    assert signed_in(alice).get("/?collection=999").status_code == 404


def test_the_shelf_comes_in_pieces_without_repeating_a_book(alice: Reader) -> None:
    shelf(alice, AT_ONCE * 2 + 5)
    browser = signed_in(alice)

    first = browser.get("/?sort=title").content.decode()
    second = browser.get(f"/shelf/?sort=title&from={AT_ONCE}").content.decode()
    third = browser.get(f"/shelf/?sort=title&from={AT_ONCE * 2}").content.decode()

    shown = [*ids(first), *ids(second), *ids(third)]
    assert len(ids(first)) == AT_ONCE
    assert f'data-next="{AT_ONCE * 2}"' in second
    assert 'data-next="0"' in third
    assert len(set(shown)) == len(shown) == AT_ONCE * 2 + 5
    assert f'data-part="shelf-count">{AT_ONCE * 2 + 5}<' in first


@pytest.mark.parametrize(
    "address", ["/", "/?sort=author", "/?state=reading", "/shelf/", "/shelf/found?q=book", "/shelf/filters"]
)
def test_a_larger_shelf_asks_the_database_no_more_often(alice: Reader, address: str) -> None:
    def asked(browser: Client) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    browser = signed_in(alice)
    shelf(alice, 5)
    for one in Book.objects.all():
        read(alice, one, 30)
    shelf(alice, 2, state="queued")
    Collection.objects.create(owner=alice, name="Sea").books.set(Book.objects.all())
    browser.get(address)
    few = asked(browser)
    shelf(alice, 90)
    shelf(alice, ADDED_AT_ONCE + 3, state="queued")
    for one in Book.objects.filter(places=None):
        read(alice, one, 40)
    for number in range(9):
        Collection.objects.create(owner=alice, name=f"Sea {number}").books.set(Book.objects.all()[:50])

    assert asked(browser) <= few + 1  # the count of a shelf that has a second part


def test_books_that_are_not_ready_stand_above_the_shelf_and_in_their_collections(alice: Reader) -> None:
    book(alice, "Ready")
    waiting = book(alice, "Waiting", state="queued")
    sea = Collection.objects.create(owner=alice, name="Sea")
    sea.books.add(waiting)
    browser = signed_in(alice)

    page = browser.get("/").content.decode()
    assert ids(page.split('data-part="shelf"')[1]) != [str(waiting.pk)]
    assert f'class="job" data-book="{waiting.pk}"' in page
    assert ids(browser.get(f"/shelf/?collection={sea.pk}").content.decode()) == [str(waiting.pk)]


def test_an_empty_shelf_teaches_and_an_empty_filter_says_so(alice: Reader) -> None:
    browser = signed_in(alice)
    assert "Your shelf is empty" in browser.get("/").content.decode()
    sea = Collection.objects.create(owner=alice, name="Sea")
    assert "Nothing stands here yet" in browser.get(f"/?collection={sea.pk}").content.decode()
    assert "No book is like that" in browser.get("/?author=Nobody").content.decode()


def test_the_sentence_where_one_stopped_has_no_note_signs(alice: Reader) -> None:
    one = book(alice, "Noted")
    text = "The lamp was out.1 The keeper saw one ship after the other2 and rang the bell. Then it was day."
    marks = [["note", 17, 18, "1:0:5"], ["note", text.index("2"), text.index("2") + 1, "1:6:9"], ["em", 0, 3]]
    Section.objects.filter(book=one).update(text=text, blocks=[["p", 0, len(text), 0, marks, 0]])
    Book.objects.update(characters=len(text))
    read(alice, one, text.index("ship"))

    page = signed_in(alice).get("/").content.decode()

    assert "The keeper saw one ship after the other and rang the bell." in page


def test_what_a_job_has_done_stays_done_while_it_waits_again(alice: Reader) -> None:
    one = book(alice, "Waiting", state="queued")
    steps = ["reading", "recognising", "splitting", "indexing"]
    Job.objects.create(book=one, state="queued", step="embedding", steps_done=steps, done=30, total=100)

    card = signed_in(alice).get(f"/books/{one.pk}/card").content.decode()

    assert card.count('class="done"') == 2
    assert 'value="30"' in card
    assert "aria-current" not in card


def test_a_title_is_found_while_it_is_typed_with_a_slip_and_without_accents(alice: Reader, bob: Reader) -> None:
    book(alice, "Les Misérables", authors=["Victor Hugo"])
    book(alice, "红楼梦", authors=["曹雪芹"])
    book(bob, "Misery")
    browser = signed_in(alice)

    for typed, title in (
        ("miser", "Les Misérables"),
        ("hugo", "Les Misérables"),
        ("miserbales", "Les Misérables"),
        ("楼", "红楼梦"),
    ):
        page = browser.get("/shelf/found", {"q": typed}).content.decode()
        assert page.count("<li>") == 1
        assert title in page
    assert "<li>" not in browser.get("/shelf/found", {"q": "albatross"}).content.decode()


def test_the_sidebar_counts_what_stands_on_each_collection(alice: Reader, bob: Reader) -> None:
    one = book(alice, "One")
    Collection.objects.create(owner=alice, name="Sea").books.set([one, book(alice, "Two")])
    Collection.objects.create(owner=bob, name="His own")
    BookStore(alice).remove(one.pk)

    for address in ("/", "/talks/", "/settings/", "/shelf/sidebar"):
        page = signed_in(alice).get(address).content.decode()
        assert '<span>Sea</span><span class="n">1</span>' in page, address
        assert "His own" not in page
