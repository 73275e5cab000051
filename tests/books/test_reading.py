"""Places on each device, how far one has read, words found in a book."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.dispatch import Signal

from books import contents, reach, signals
from books.finding import MOST, find
from books.models import Book, Citation, Conversation, ReadingPlace, Reply, Section
from books.places import MOST_DEVICES, Came, Places
from mindory_web.accounts import likings
from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import Invalid

pytestmark = pytest.mark.django_db

LENGTH = 10_000


@pytest.fixture
def book(alice: Reader) -> Book:
    """Ten chapters of ten thousand characters."""
    made = Book.objects.create(owner=alice, digest="a" * 64, file_name="x.txt", file_size=1, title="Long")
    made.section_count, made.characters = 10, 10 * LENGTH
    made.contents = [{"title": f"Chapter {n + 1}", "section": n, "start": 0, "depth": 0} for n in range(10)]
    made.save()
    Section.objects.bulk_create(
        Section(book=made, number=n, title=f"Chapter {n + 1}", text="x" * LENGTH, start_in_book=n * LENGTH)
        for n in range(10)
    )
    return made


def reached(book: Book) -> reach.At:
    return reach.reaches(book.owner, [book.pk])[book.pk]


def test_the_newest_place_is_where_the_book_opens(book: Book) -> None:
    places = Places(book.owner, book)
    assert (places.newest().section, places.newest().offset) == (0, 0)

    places.keep(Came(2, 5, device="a", device_name="Firefox on Android"))
    places.keep(Came(1, 7, device="b", device_name="Chrome on Windows"))
    assert (places.newest().section, places.newest().offset) == (1, 7)
    places.keep(Came(3, 9, device="a", device_name="Firefox on Android"))

    assert [(place.device, place.section) for place in places.all()] == [("a", 3), ("b", 1)]


def test_the_places_of_devices_long_gone_are_forgotten(book: Book) -> None:
    for number in range(MOST_DEVICES + 3):
        Places(book.owner, book).keep(Came(0, number, device=f"d{number}"))

    assert ReadingPlace.objects.count() == MOST_DEVICES
    assert Places(book.owner, book).newest().offset == MOST_DEVICES + 2


@pytest.mark.parametrize("came", [Came(0, LENGTH + 1), Came(10, 0), Came(0, 0, since=(11, 0))])
def test_a_place_must_be_in_the_book(book: Book, came: Came) -> None:
    with pytest.raises(Invalid):
        Places(book.owner, book).keep(came)
    assert ReadingPlace.objects.count() == 0


def test_reading_on_moves_the_reach_and_going_back_does_not(book: Book) -> None:
    places = Places(book.owner, book)
    places.keep(Came(0, 500, since=(0, 0)))
    places.keep(Came(1, 2_000, since=(0, 0)))
    assert reached(book) == (1, 2_000)

    places.keep(Came(0, 100, since=(0, 100)))
    assert reached(book) == (1, 2_000)


def test_a_jump_ahead_does_not_move_the_reach_however_long_one_reads_there(book: Book) -> None:
    places = Places(book.owner, book)
    places.keep(Came(1, 0, since=(0, 0)))

    places.keep(Came(4, 0, since=(4, 0)))
    places.keep(Came(6, 0, since=(4, 0)))

    assert reached(book) == (1, 0)
    assert places.newest().section == 6


def test_a_small_jump_does_not_give_the_next_chapter_away(book: Book) -> None:
    places = Places(book.owner, book)
    places.keep(Came(1, 0, since=(0, 0)))
    places.keep(Came(2, 0, since=(2, 0)))
    assert reached(book) == (1, 0)


def test_a_run_that_begins_within_what_was_read_goes_on_from_there(book: Book) -> None:
    places = Places(book.owner, book)
    places.keep(Came(3, 0, since=(0, 0)))
    places.keep(Came(3, 9_000, since=(2, 0)))
    assert reached(book) == (3, 9_000)


def test_title_pages_may_be_skipped_when_a_book_is_begun(book: Book) -> None:
    places = Places(book.owner, book)
    places.keep(Came(1, 800, since=(1, 0)))
    assert reached(book) == (1, 800)


def test_the_last_page_is_the_whole_book(book: Book) -> None:
    reach.put(book.owner, book, section=9, offset=0)
    Places(book.owner, book).keep(Came(9, 9_000, since=(9, 0), is_end=True))
    assert reached(book) == (9, LENGTH)


def test_a_reader_may_set_the_reach_also_back(book: Book) -> None:
    reach.put(book.owner, book, section=5, offset=3)
    reach.put(book.owner, book, section=2, offset=0)
    assert reached(book) == (2, 0)


def test_the_contents_say_how_many_conversations_quoted_each_chapter(book: Book, bob: Reader) -> None:
    for reader, section in [(book.owner, 1), (book.owner, 1), (book.owner, 2), (bob, 1)]:
        talk = Conversation.objects.create(reader=reader, book=book)
        reply = Reply.objects.create(conversation=talk, question="?", state="done")
        for number in (1, 2):
            Citation.objects.create(reply=reply, number=number, book=book, section=section, start=number, end=9)

    listed = contents.with_talks(contents.entries(book), book, book.owner)

    assert [entry["talks"] for entry in listed][:4] == [0, 2, 1, 0]
    assert contents.title_at(listed, 4, 77) == "Chapter 5"


def written(alice: Reader, *texts: str) -> Book:
    made = Book.objects.create(owner=alice, digest="b" * 64, file_name="x.txt", file_size=1, title="Words")
    Section.objects.bulk_create(Section(book=made, number=n, text=text) for n, text in enumerate(texts))
    return made


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("white WHALE", "White  Whale"),
        ("don't", "Don’t"),
        ("“Call me”", '"Call me"'),
        ("ISBN12", "ＩＳＢＮ１２"),
        ("ｉｓｂｎ", "ISBN"),
        ("a.b*", "a.b*"),
        ("梅花", "梅花"),
        ("𠮷字", "𠮷字"),
    ],
)
def test_words_are_found_however_they_are_set(alice: Reader, searched: str, found: str) -> None:
    book = written(alice, "Nothing here.", f"😀 One. {found} And more.\n\nElse.")

    finding = find(book, searched)

    [hit] = finding.hits
    text = Section.objects.get(book=book, number=1).text
    assert (hit.section, text[hit.start : hit.end]) == (1, found)
    assert hit.before.endswith("One. ")
    assert hit.after == " And more."


def test_words_may_run_over_a_line_and_count_where_they_stand(alice: Reader) -> None:
    book = written(alice, "so the white\nwhale and the white whale", "WHITE WHALE")
    assert [(hit.section, hit.start) for hit in find(book, "white whale").hits] == [(0, 7), (0, 27), (1, 0)]


def test_all_places_are_counted_and_not_all_are_listed(alice: Reader) -> None:
    finding = find(written(alice, "a " * (MOST + 7)), "a")
    assert (finding.count, len(finding.hits)) == (MOST + 7, MOST)
    assert find(written_again(alice), "   ").count == 0


def written_again(alice: Reader) -> Book:
    return Book.objects.get(owner=alice, digest="b" * 64)


def test_likings_are_kept_and_strange_ones_refused(alice: Reader) -> None:
    likings.like(alice, {"size": "21", "mode": "pages"})
    assert likings.like(alice, {"mode": ""}) == {"size": "21"}
    for wrong in ({"colour": "red"}, {"size": "<b>"}, {"size": "x" * 17}):
        with pytest.raises(Invalid):
            likings.like(alice, wrong)
    assert Reader.objects.get(pk=alice.pk).reading == {"size": "21"}


@contextmanager
def heard(signal: Signal) -> Iterator[list[int]]:
    """Collect the books a signal was sent for."""
    books: list[int] = []

    def hear(*, book_id: int, **_told: Any) -> None:
        books.append(book_id)

    signal.connect(hear)
    try:
        yield books
    finally:
        signal.disconnect(hear)


def test_those_who_want_to_know_are_told_once_that_a_book_was_begun_and_once_that_it_was_read(book: Book) -> None:
    places = Places(book.owner, book)

    with heard(signals.book_begun) as begun, heard(signals.book_finished) as finished:
        places.keep(Came(0, 0))
        assert (begun, finished) == ([], [])
        places.keep(Came(0, 900, since=(0, 0)))
        places.keep(Came(1, 900, since=(0, 0)))
        assert (begun, finished) == ([book.pk], [])
        places.keep(Came(9, LENGTH - 100, since=(0, 0)))
        places.keep(Came(9, LENGTH - 50, since=(0, 0), is_end=True))

    assert (begun, finished) == ([book.pk], [book.pk])


def test_a_jump_to_the_last_page_is_not_the_end_of_reading(book: Book) -> None:
    with heard(signals.book_finished) as finished:
        Places(book.owner, book).keep(Came(0, 900, since=(0, 0)))
        Places(book.owner, book).keep(Came(9, LENGTH - 10, since=(9, LENGTH - 10)))

    assert finished == []
