"""passages_about: only the reader's own books, both legs where both have a vote, never two of the same."""

from typing import Any

import pytest
from django.conf import LazySettings

from books.models import Book, Passage
from books.retrieval import Scope, lexical, passages_about, vector
from books.retrieval.fusion import fused
from mindory_web.accounts.models import Reader
from mindory_web.engines.embedding import embedding_engine
from mindory_web.lib.languages import language_of
from tests.books.retrieval.shelf import shelved
from tests.fakes import WordLengthEmbedder

SEA = "The whale is white and old. It swims far away from the ships.\n\nA sailor sings in the rain. He thinks of home."
FARM = "A cow is brown.\n\nThe farmer sings to the cow in the rain."


class CountingEmbedder(WordLengthEmbedder):
    """Says how often it was asked."""

    model = "counting"
    calls = 0

    def embed(self, texts: Any, *, is_urgent: bool = False) -> Any:
        """Count, then do as always."""
        CountingEmbedder.calls += 1
        return super().embed(texts, is_urgent=is_urgent)


@pytest.fixture(autouse=True)
def word_lengths(settings: LazySettings) -> None:
    """Vectors that a person can compute."""
    settings.EMBEDDING_ENGINE = "tests.fakes.WordLengthEmbedder"


def embedded(book: Book) -> Book:
    """Embed a book as the ingest does."""
    windows = list(vector.missing_windows(book.pk))
    vector.keep(book.pk, windows, embedding_engine().embed([window.text for window in windows]))
    book.window_count = len(windows)
    book.save()
    return book


def test_an_excerpt_is_the_slice_of_the_book_that_its_place_names(alice: Reader) -> None:
    book = shelved(alice, [SEA, FARM], title="Beasts")
    best = passages_about("Where does the whale swim?", reader_id=alice.pk, scope=Scope())[0]
    assert best.place is not None
    assert best.place.book == book.pk
    assert book.sections.get(number=best.place.section).text[best.place.start : best.place.end] == best.text
    assert best.text.startswith("The whale")
    assert (best.title, best.heading, best.language) == ("Beasts", "Chapter 1", "en")


def test_books_of_others_are_not_found_however_they_are_asked_for(alice: Reader, bob: Reader) -> None:
    secret = embedded(shelved(bob, [SEA]))
    mine = embedded(shelved(alice, [FARM]))
    for scope in (Scope(), Scope((secret.pk,)), Scope((secret.pk, mine.pk)), Scope(())):
        found = passages_about("whale rain", reader_id=alice.pk, scope=scope)
        assert {excerpt.place.book for excerpt in found if excerpt.place} <= {mine.pk}


def test_a_book_that_is_not_indexed_yet_is_not_searched(alice: Reader) -> None:
    book = shelved(alice, [SEA])
    Book.objects.filter(pk=book.pk).update(is_askable=False)
    assert passages_about("whale", reader_id=alice.pk, scope=Scope()) == []


def test_both_legs_are_noted_where_both_have_a_vote(alice: Reader) -> None:
    embedded(shelved(alice, [SEA]))
    for excerpt in passages_about("The whale is white", reader_id=alice.pk, scope=Scope()):
        assert set(excerpt.legs) >= {"vector"}
    assert set(passages_about("The whale is white", reader_id=alice.pk, scope=Scope())[0].legs) == {"words", "vector"}


def test_an_engine_without_a_vote_is_not_even_asked(alice: Reader, settings: LazySettings) -> None:
    settings.EMBEDDING_ENGINE = "tests.books.retrieval.test_search.CountingEmbedder"
    embedded(shelved(alice, [SEA]))
    shelved(alice, ["寶玉初會林黛玉。"], language="zh")
    CountingEmbedder.calls = 0
    found = passages_about("誰初會黛玉？", reader_id=alice.pk, scope=Scope())
    assert [excerpt.text for excerpt in found] == ["寶玉初會林黛玉。"]
    assert CountingEmbedder.calls == 0
    passages_about("whale", reader_id=alice.pk, scope=Scope())
    assert CountingEmbedder.calls == 1


def test_when_the_engine_does_not_answer_words_alone_decide(alice: Reader, settings: LazySettings) -> None:
    book = embedded(shelved(alice, [SEA]))
    settings.EMBEDDING_ENGINE = "tests.fakes.SilentEmbedder"
    found = passages_about("Where does the whale swim?", reader_id=alice.pk, scope=Scope((book.pk,)))
    assert found[0].text.startswith("The whale")
    assert all(set(excerpt.legs) == {"words"} for excerpt in found)


def test_a_book_whose_vectors_are_not_all_there_is_judged_by_its_words(alice: Reader) -> None:
    book = embedded(shelved(alice, [SEA]))
    Book.objects.filter(pk=book.pk).update(is_embedded=False)
    found = passages_about("whale", reader_id=alice.pk, scope=Scope())
    assert [set(excerpt.legs) for excerpt in found] == [{"words"}]


def test_two_passages_that_overlap_by_more_than_half_are_one(alice: Reader) -> None:
    book = shelved(alice, [SEA])
    first = Passage.objects.get(book=book, number=0)
    Passage.objects.create(book=book, number=9, section=0, start=first.start + 3, end=first.end)
    text = book.sections.get().text
    lexical.index_passages(book.pk, [(p.number, text[p.start : p.end]) for p in book.passages.all()], language="en")
    found = passages_about("The white whale", reader_id=alice.pk, scope=Scope((book.pk,)), k=9)
    assert sum("whale" in excerpt.text for excerpt in found) == 1


def test_the_library_is_searched_as_one(alice: Reader) -> None:
    books = {shelved(alice, [SEA]).pk, shelved(alice, [FARM]).pk}
    found = passages_about("Who sings in the rain?", reader_id=alice.pk, scope=Scope())
    assert {excerpt.place.book for excerpt in found[:2] if excerpt.place} == books


@pytest.mark.parametrize("question", ["", "  ", "…", "\0", "zzz", "x" * 100_000])
def test_a_question_about_nothing_finds_nothing_and_breaks_nothing(alice: Reader, question: str) -> None:
    shelved(alice, [SEA])
    assert passages_about(question, reader_id=alice.pk, scope=Scope()) == []


def test_windows_tile_a_book_and_none_is_embedded_twice(alice: Reader) -> None:
    book = shelved(alice, [SEA, FARM])
    windows = list(vector.missing_windows(book.pk))
    assert " ".join(window.text for window in windows).split() == f"{SEA} {FARM}".split()
    engine = embedding_engine()
    half = windows[: len(windows) // 2]
    assert vector.keep(book.pk, half, engine.embed([window.text for window in half])) == len(half)
    assert list(vector.missing_windows(book.pk)) == windows[len(half) :]
    vector.forget(book.pk)
    assert list(vector.missing_windows(book.pk)) == windows


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who is he?", ""),
        ("黛玉是誰？", "zh"),
        ("林黛玉と賈宝玉は誰ですか", "ja"),
        ("그는 누구입니까?", "ko"),
        ("Кто это?", "ru"),
        ("Who is 黛玉 and where does she live?", ""),
        ("iPhone是什么", "zh"),
        ("?", ""),
    ],
)
def test_the_script_tells_the_language_of_a_question(question: str, language: str) -> None:
    assert language_of(question) == language


def test_fusion_follows_both_and_a_voteless_passage_loses_nothing() -> None:
    words = {"a": 9.0, "b": 8.0, "c": 1.0}
    assert fused(words, {}) == words
    both = fused(words, {"b": 0.9, "a": 0.1, "c": 0.1})
    assert max(both, key=lambda key: both[key]) == "b"
    alone = fused({"zh": 9.0, "en": 1.0}, {"en": 0.9}, voteless={"zh"})
    assert alone["zh"] > alone["en"]
    assert set(fused({}, {"x": 0.5})) == {"x"}
