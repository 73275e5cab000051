"""What a reader left in a book is still there, on the same words, when the book was read anew."""

from typing import Any

import pytest
from django.core.management import call_command

from books import files
from books.annotations import Annotations
from books.coordinates import Span
from books.formats.parsed import PARSER_VERSION
from books.ingest import AsyncIngestRunner
from books.models import Annotation, Book, Citation, Conversation, Job, Reply, Section
from books.places import Came, Places
from books.store import BookStore
from mindory_web.accounts.models import Reader
from tests.books_made import CHAPTERS, epub, paragraphs, shelved
from tests.sanity import faults_of

pytestmark = pytest.mark.django_db(transaction=True)

FRONT = {"A Word Before": paragraphs("This edition was set anew.", "Nobody asked for these words, but here they are.")}


@pytest.fixture(autouse=True)
def computable(settings: Any) -> None:
    """Vectors a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def run(book: Book) -> Book:
    AsyncIngestRunner(book.jobs.latest("pk").pk).run()
    book.refresh_from_db()
    assert book.state == "ready", book.error_message
    return book


def revised(book: Book, chapters: dict[str, str]) -> Book:
    """Read the book again, from a file that now says something else: as if the parser had changed."""
    files.path_of(book.digest).write_bytes(epub("The Keeper of Grey Point", chapters))
    BookStore(book.owner).reingest(book.pk)
    return run(book)


def where(book: Book, words: str) -> Span:
    for number, text in Section.objects.filter(book=book).values_list("number", "text"):
        if words in text:
            return Span(number, text.index(words), text.index(words) + len(words))
    raise AssertionError(words)


def marked(book: Book, words: str, **more: Any) -> Annotation:
    kind = more.pop("kind", "highlight")
    return Annotations(book.owner, book).add(where(book, words), kind=kind, **more)


def cited(book: Book, words: str) -> Citation:
    talk = Conversation.objects.create(reader=book.owner, book=book)
    reply = Reply.objects.create(conversation=talk, question="?", state="done")
    span = where(book, words)
    return Citation.objects.create(
        reply=reply, number=1, book=book, section=span.section, start=span.start, end=span.end, quote=words
    )


def slice_of(row: Any) -> str:
    text = Section.objects.get(book=row.book_id, number=row.section).text
    return text[row.start : row.end]


def test_marks_citations_and_the_place_move_with_their_words(alice: Reader) -> None:
    book = run(shelved(alice))
    words = "Nobody has drowned here,” he said"
    note = marked(book, words, kind="note", text="Is that *true*?", colour="lilac")
    bookmark = Annotations(alice, book).add(
        Span(where(book, "wind").section, where(book, "wind").start, where(book, "wind").start), kind="bookmark"
    )
    quote = cited(book, "A ship called Perpetua came too near to the rocks")
    spot = where(book, "In April a letter")
    Places(alice, book).keep(Came(section=spot.section, offset=spot.start))
    before = note.updated_at

    revised(book, {**FRONT, **CHAPTERS})

    for row in (note, bookmark, quote):
        row.refresh_from_db()
        assert row.is_placed
    assert (slice_of(note), note.quote, note.text, note.colour) == (words, words, "Is that *true*?", "lilac")
    assert note.updated_at == before
    assert Section.objects.get(book=book, number=bookmark.section).text[bookmark.start :].startswith("wind")
    assert slice_of(quote) == quote.quote == "A ship called Perpetua came too near to the rocks"
    assert quote.heading == Section.objects.get(book=book, number=quote.section).title
    place = Places(alice, book).newest()
    assert Section.objects.get(book=book, number=place.section).text[place.offset :].startswith("In April a letter")
    assert faults_of(book) == []


def test_the_same_text_again_changes_nothing(alice: Reader) -> None:
    book = run(shelved(alice))
    marked(book, "a lamp of green glass")
    cited(book, "Nineteen sailors heard it.")
    before = list(Annotation.objects.values()) + list(Citation.objects.values())

    revised(book, CHAPTERS)

    assert list(Annotation.objects.values()) + list(Citation.objects.values()) == before


def test_what_is_no_longer_there_is_kept_and_comes_back_with_its_words(alice: Reader) -> None:
    book = run(shelved(alice))
    note = marked(book, "with a silver whistle in it", text="Remember this.")
    quote = cited(book, "In April a letter came from the captain")
    without = {name: body for name, body in CHAPTERS.items() if name != "The Letter"}

    revised(book, without)
    note.refresh_from_db()
    quote.refresh_from_db()
    assert (note.is_placed, note.quote, note.text) == (False, "with a silver whistle in it", "Remember this.")
    assert (quote.is_placed, quote.quote) == (False, "In April a letter came from the captain")
    assert Annotations(alice, book).unplaced() == 1
    assert faults_of(book) == []

    revised(book, {**FRONT, **CHAPTERS})
    note.refresh_from_db()
    quote.refresh_from_db()
    assert (note.is_placed, slice_of(note)) == (True, "with a silver whistle in it")
    assert (quote.is_placed, slice_of(quote)) == (True, quote.quote)


def test_a_citation_never_shows_other_words_than_it_quotes(alice: Reader) -> None:
    book = run(shelved(alice))
    quote = cited(book, "Every evening he carried a lamp of green glass up the two hundred steps.")
    changed = {name: body.replace("two hundred", "three hundred") for name, body in CHAPTERS.items()}

    revised(book, changed)

    quote.refresh_from_db()
    assert not quote.is_placed or slice_of(quote) == quote.quote
    assert "three" not in quote.quote


def test_fields_that_the_reader_changed_stay_and_the_others_follow_the_file(alice: Reader) -> None:
    book = shelved(alice)
    BookStore(alice).change(book.pk, title="My lighthouse", series="Coasts", series_number=2)
    run(book)
    assert (book.title, book.authors, book.told["title"]) == (
        "My lighthouse",
        ["A. Writer"],
        "The Keeper of Grey Point",
    )

    files.path_of(book.digest).write_bytes(epub("Another Title", CHAPTERS, author="B. Writer"))
    BookStore(alice).reingest(book.pk)
    run(book)

    assert (book.title, book.authors, book.series) == ("My lighthouse", ["B. Writer"], "Coasts")
    assert BookStore(alice).change(book.pk, title=None, series="").title == "Another Title"


def test_a_title_from_before_it_was_known_whose_it_is_stays_the_readers(alice: Reader) -> None:
    book = run(shelved(alice))
    Book.objects.update(title="Given long ago", told={}, edited=[], parser_version=1)

    BookStore(alice).reingest(book.pk)
    run(book)

    assert (book.title, book.edited) == ("Given long ago", ["title"])


def test_outdated_books_are_read_again_a_few_at_a_time_and_behind_those_that_wait(alice: Reader, bob: Reader) -> None:
    old = [run(shelved(alice)), run(shelved(bob))]
    Book.objects.update(parser_version=PARSER_VERSION - 1)

    call_command("reingest", "--outdated", "--at-once=1", "--no-wait")
    assert [job.book for job in Job.objects.filter(state="queued")] == [old[0]]
    run(old[0])
    fresh = shelved(alice, epub("New", {"One": "<p>Words.</p>"}), name="new.epub")
    call_command("reingest", "--outdated", "--at-once=1", "--no-wait")
    assert [job.book for job in Job.objects.filter(state="queued")] == [fresh]
    run(fresh)
    call_command("reingest", "--outdated", "--at-once=1")
    assert [job.book for job in Job.objects.filter(state="queued")] == [old[1]]
    assert run(old[1]).parser_version == PARSER_VERSION
