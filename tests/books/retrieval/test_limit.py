"""The reading limit: what lies past a reader's place is not found, by words or by meaning, in one book or in many."""

import pytest
from django.conf import LazySettings

from books.models import Book, Passage
from books.retrieval import Scope, better_ahead, passages_about, vector
from books.retrieval.limits import limits_of
from mindory_web.accounts.models import Reader
from mindory_web.engines.embedding import embedding_engine
from tests.books.retrieval.shelf import shelved

BEGUN = "The captain keeps a locked drawer. Nobody asks what is in it."
SECRET = "The captain is the murderer. The knife lies in the locked drawer."


@pytest.fixture(autouse=True)
def word_lengths(settings: LazySettings) -> None:
    """Vectors that a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


@pytest.fixture
def mystery(alice: Reader) -> Book:
    """A book of two chapters, the second of which nobody may know before its time."""
    book = shelved(alice, [BEGUN, SECRET], title="Mystery")
    windows = list(vector.missing_windows(book.pk))
    vector.keep(book.pk, windows, embedding_engine().embed([window.text for window in windows]))
    book.window_count = len(windows)
    book.save()
    return book


QUESTIONS = (
    "Who is the murderer?",
    "locked drawer",
    "The captain is the murderer. The knife lies in the locked drawer.",
    "",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_past_the_limit_is_found(alice: Reader, mystery: Book, question: str) -> None:
    scope = Scope((mystery.pk,), until={mystery.pk: (0, len(BEGUN))})
    found = passages_about(question, reader_id=alice.pk, scope=scope, k=50)
    assert all(excerpt.place and excerpt.place.section == 0 for excerpt in found)
    assert bool(found) == bool(question)


def test_without_a_limit_the_secret_is_found(alice: Reader, mystery: Book) -> None:
    found = passages_about("Who is the murderer?", reader_id=alice.pk, scope=Scope((mystery.pk,)))
    assert any("murderer" in excerpt.text for excerpt in found)


def test_a_passage_across_the_limit_is_past_it(alice: Reader, mystery: Book) -> None:
    end = Passage.objects.get(book=mystery, section=1).end
    for offset in (0, 5, end - 1):
        scope = Scope(until={mystery.pk: (1, offset)})
        found = passages_about("murderer", reader_id=alice.pk, scope=scope)
        assert not any("murderer" in excerpt.text for excerpt in found)
    found = passages_about("murderer", reader_id=alice.pk, scope=Scope(until={mystery.pk: (1, end)}))
    assert any("murderer" in excerpt.text for excerpt in found)


def test_a_book_that_was_never_opened_gives_nothing_under_a_limit(alice: Reader, mystery: Book) -> None:
    assert passages_about("captain", reader_id=alice.pk, scope=Scope(until={mystery.pk: (0, 0)})) == []


def test_each_book_has_its_own_limit(alice: Reader, mystery: Book) -> None:
    other = shelved(alice, ["The captain sails home.", "The captain is the murderer of sleep."], title="Other")
    scope = Scope(until={mystery.pk: (0, len(BEGUN))})
    found = passages_about("Who is the murderer?", reader_id=alice.pk, scope=scope, k=20)
    assert {excerpt.place.book for excerpt in found if excerpt.place and excerpt.place.section == 1} == {other.pk}


def test_a_limit_in_a_book_of_somebody_else_opens_nothing(alice: Reader, bob: Reader, mystery: Book) -> None:
    assert passages_about("captain", reader_id=bob.pk, scope=Scope(until={mystery.pk: (9, 9)})) == []
    assert better_ahead("captain", reader_id=bob.pk, scope=Scope(until={mystery.pk: (0, 0)})) == 0


def test_it_is_said_how_much_fits_better_further_on(alice: Reader, mystery: Book) -> None:
    at = {mystery.pk: (0, len(BEGUN))}
    assert better_ahead("Who is the murderer?", reader_id=alice.pk, scope=Scope(until=at)) == 1
    assert better_ahead("Who keeps a locked drawer and asks?", reader_id=alice.pk, scope=Scope(until=at)) == 0
    assert better_ahead("Who is the murderer?", reader_id=alice.pk, scope=Scope()) == 0


def test_a_book_read_to_its_end_has_no_limit(alice: Reader, mystery: Book) -> None:
    assert limits_of({mystery.pk: (1, len(SECRET))}) == {}
