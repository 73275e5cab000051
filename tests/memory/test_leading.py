"""The words of a book that a memory stands on are found where they are now; nothing is marked in their place."""

import pytest
from django.test import Client

from books.models import Annotation, Book, Section
from memory.manager import MemoryManager
from memory.types import Candidate, MemoryType, Source, SourceKind
from mindory_web.accounts.models import Reader
from mindory_web.lib.excerpts import Place
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

QUOTE = "She hung her shawl over the crack and counted nine sails coming home."
BEFORE = "The wind had turned to the north-east before the lamp was lit. "


@pytest.fixture
def lamp(alice: Reader) -> Book:
    kept = Book.objects.create(owner=alice, digest="lamp", title="The Lamp", file_size=1, is_readable=True)
    Section.objects.create(book=kept, number=0, text="Nothing happens in this chapter, and it takes long.")
    Section.objects.create(book=kept, number=1, text=BEFORE + QUOTE)
    return kept


def kept(reader: Reader, book: Book, *, section: int = 1, quote: str = QUOTE, key: str = "") -> int:
    """Remember something that stands on words of a book; return its number."""
    place = Place(book.pk, section, len(BEFORE), len(BEFORE) + len(quote))
    source = Source(SourceKind.BOOK, quote=quote, place=place, key=key, label="The Lamp")
    return (
        MemoryManager(reader.pk)
        .remember(Candidate(f"The shawl is brave. {key}", MemoryType.EPISODIC, book=book.pk, source=source))
        .memory.pk
    )


def leads_to(client: Client, memory: int) -> str:
    answer = client.get(f"/memory/{memory}/place")
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_words_that_stand_where_they_stood_are_opened_there(alice: Reader, lamp: Book) -> None:
    number = kept(alice, lamp)

    end = len(BEFORE) + len(QUOTE)
    assert leads_to(signed_in(alice), number) == f"/books/{lamp.pk}/?section=1&start={len(BEFORE)}&end={end}"


def test_words_that_moved_are_found_anew_and_their_old_place_is_not_marked(alice: Reader, lamp: Book) -> None:
    number = kept(alice, lamp)
    Section.objects.filter(book=lamp, number=0).update(text=f"Now the first: {QUOTE} So it was.")
    Section.objects.filter(book=lamp, number=1).update(
        text="A chapter of other words that is as long as the old one. " * 3
    )

    begin = len("Now the first: ")
    end = begin + len(QUOTE)
    assert leads_to(signed_in(alice), number) == f"/books/{lamp.pk}/?section=0&start={begin}&end={end}"


def test_words_that_are_written_with_other_marks_now_are_the_same_words(alice: Reader, lamp: Book) -> None:
    number = kept(alice, lamp, quote="“She hung her shawl over the crack”, and counted nine sails coming home.")
    text = 'So. "She hung her shawl\nover the crack", and counted nine sails com-\ning home.'
    Section.objects.filter(book=lamp, number=1).update(text=text)

    assert leads_to(signed_in(alice), number).startswith(f"/books/{lamp.pk}/?section=1&start=")


@pytest.mark.parametrize("text", ["Other words stand here now, and many of them.", f"{QUOTE} He said: {QUOTE}"])
def test_words_that_are_nowhere_or_twice_open_the_book_and_say_so(alice: Reader, lamp: Book, text: str) -> None:
    number = kept(alice, lamp)
    Section.objects.filter(book=lamp, number=1).update(text=text)

    assert leads_to(signed_in(alice), number) == f"/books/{lamp.pk}/?lost=1"


def test_few_words_that_stand_there_once_are_found_and_a_place_without_words_marks_none(
    alice: Reader, lamp: Book
) -> None:
    few, none = kept(alice, lamp, section=0, quote="nine sails"), kept(alice, lamp, quote="", key="told:1")

    begin = (BEFORE + QUOTE).find("nine sails")
    assert leads_to(signed_in(alice), few) == f"/books/{lamp.pk}/?section=1&start={begin}&end={begin + 10}"
    assert leads_to(signed_in(alice), none) == f"/books/{lamp.pk}/?section=1&start={len(BEFORE)}"


def test_a_note_is_opened_where_its_annotation_is_now(alice: Reader, lamp: Book) -> None:
    note = Annotation.objects.create(reader=alice, book=lamp, section=0, start=3, end=9, quote="hing", kind="note")
    number = kept(alice, lamp, key=f"annotation:{note.pk}")

    assert leads_to(signed_in(alice), number) == f"/books/{lamp.pk}/?section=0&start=3&end=9"
    Annotation.objects.filter(pk=note.pk).update(is_placed=False)
    assert leads_to(signed_in(alice), number) == f"/books/{lamp.pk}/?lost=1"


@pytest.mark.parametrize("key", ["annotation:²", "annotation:99999999999999999999", "{pk}", "annotation:{other}"])
def test_a_key_that_names_no_annotation_of_this_book_names_none(alice: Reader, lamp: Book, key: str) -> None:
    other = Book.objects.create(owner=alice, digest="other", title="Emma", file_size=1, is_readable=True)
    mine = Annotation.objects.create(reader=alice, book=lamp, section=0, start=3, end=9, quote="hing", kind="note")
    theirs = Annotation.objects.create(reader=alice, book=other, section=0, start=3, end=9, quote="hing", kind="note")
    number = kept(alice, lamp, key=key.format(pk=mine.pk, other=theirs.pk))

    assert leads_to(signed_in(alice), number).startswith(f"/books/{lamp.pk}/?section=1&start={len(BEFORE)}")


def test_nobody_is_led_by_what_another_remembers_nor_into_another_ones_words(
    alice: Reader, bob: Reader, lamp: Book
) -> None:
    hers, his = kept(alice, lamp), kept(bob, lamp)

    assert signed_in(bob).get(f"/memory/{hers}/place").status_code == 404
    assert leads_to(signed_in(bob), his) == f"/books/{lamp.pk}/?lost=1"
    assert signed_in(bob).get(f"/books/{lamp.pk}/?lost=1").status_code == 404


def test_what_comes_from_no_book_leads_nowhere(alice: Reader) -> None:
    number = MemoryManager(alice.pk).remember(Candidate("I live in Porto.")).memory.pk

    assert signed_in(alice).get(f"/memory/{number}/place").status_code == 404
