"""Words are counted in every script, and quickly."""

import time

import pytest

from books.formats import counting


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("It is a truth, universally acknowledged.", 6),
        ("don't well-known — it’s …", 3),
        ("满纸荒唐言，一把辛酸泪。", 10),
        ("吾輩は猫である。", 7),
        ("옛날 옛적 바닷가에", 3),
        ("हिन्दी भाषा", 2),
        ("iPhone手机15年", 5),
        ("a、b，c", 3),
        ("--- *** ___", 0),
    ],
)
def test_letters_in_a_row_are_a_word_and_so_is_each_han_character(text: str, count: int) -> None:
    assert counting.words(text) == count


@pytest.mark.parametrize("unit", ["a", "第", "-", "a-", "第a", " ", "it is "])
def test_counting_a_million_characters_takes_no_time_worth_naming(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    counting.words(text)

    assert time.process_time() - began < 1
