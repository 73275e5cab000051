"""BM25 in Postgres gives what the formula gives."""

import math

import pytest

from books.models import Posting
from books.retrieval.lexical import K1, B, best_passages, index_passages
from mindory_web.accounts.models import Reader
from mindory_web.lib.terms import terms
from tests.books.retrieval.shelf import shelved

TALE = "The cat sat on the mat.\n\nA dog barked at the cat, and the cat ran.\n\nNight fell over the old harbour town."


def by_hand(question: str, passages: list[str]) -> list[float]:
    """Compute BM25 the long way."""
    held = [terms(passage) for passage in passages]
    average = sum(map(len, held)) / len(held)
    scores = []
    for words in held:
        score = 0.0
        for term in set(terms(question)):
            holding = sum(term in other for other in held)
            idf = math.log(1 + (len(held) - holding + 0.5) / (holding + 0.5))
            count = words.count(term)
            score += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * len(words) / average))
        scores.append(score)
    return scores


def test_scores_are_those_of_the_formula(alice: Reader) -> None:
    book = shelved(alice, [TALE])
    found = best_passages("Did the cat run?", books={book.pk: "en"}, k=9)
    expected = by_hand("Did the cat run?", TALE.split("\n\n"))
    assert [hit.number for hit in found] == [1, 0, 2]
    for hit in found:
        assert hit.score == pytest.approx(expected[hit.number], abs=1e-3)


def test_a_chinese_question_finds_its_passage(alice: Reader) -> None:
    book = shelved(alice, ["寶玉初會林黛玉。\n\n鳳姐協理寧國府。\n\n劉姥姥進大觀園。"], language="zh")
    assert [hit.number for hit in best_passages("誰初會黛玉？", books={book.pk: "zh"}, k=3)] == [0]


def test_indexing_again_replaces_what_was_there(alice: Reader) -> None:
    book = shelved(alice, [TALE])
    average = index_passages(book.pk, [(0, "whale whale ship")], language="en")
    assert average == 3
    assert sorted(Posting.objects.filter(book=book).values_list("term", "held", "passages")) == [
        ("ship", 1, [0]),
        ("whale", 1, [0]),
    ]


def test_only_the_books_in_scope_are_searched(alice: Reader) -> None:
    one, two = shelved(alice, [TALE]), shelved(alice, [TALE])
    assert {hit.book for hit in best_passages("cat", books={one.pk: "en"}, k=9)} == {one.pk}
    assert {hit.book for hit in best_passages("cat", books={one.pk: "en", two.pk: "en"}, k=9)} == {one.pk, two.pk}
    assert best_passages("cat", books={}, k=9) == []


def test_each_book_is_asked_in_its_own_language(alice: Reader) -> None:
    german = shelved(alice, ["Die Häuser der Stadt."], language="de")
    english = shelved(alice, ["The houses of the town."])
    books = {german.pk: "de", english.pk: "en"}
    assert [hit.book for hit in best_passages("Hauser", books=books, k=9)] == [german.pk]
    assert [hit.book for hit in best_passages("house", books=books, k=9)] == [english.pk]


def test_a_book_without_words_is_indexed_and_never_found(alice: Reader) -> None:
    book = shelved(alice, [""])
    assert index_passages(book.pk, [(0, "… — …")], language="") == 0
    assert index_passages(book.pk, [], language="") == 0
    assert best_passages("cat", books={book.pk: ""}, k=3) == []


def test_a_question_of_ten_thousand_words_is_answered(alice: Reader) -> None:
    book = shelved(alice, [TALE])
    question = " ".join(f"word{n}" for n in range(10_000)) + " harbour"
    assert [hit.number for hit in best_passages(question, books={book.pk: "en"}, k=1)] == [2]
