"""Only words that are literally in the book are quotes, and their place names exactly them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books.chat.quotes import Source
from mindory_web.lib.excerpts import Excerpt, Place

TEXT = (
    "“Well, Prince,” said Anna Pávlovna — she was forty —\n“so Genoa and Lucca are now just "
    "family estates of the Buonapartes.” He smiled…  And then it was night."
)
CHINESE = "黛玉聽了，\n便道：「這話\n從何說起？」寶玉笑道：“我也不知道。”\n“罷了。”"


def source(text: str, start: int = 100) -> Source:
    """Return passage `text` as it stands at `start` of section 2 of book 7."""
    return Source(Excerpt(text=text, score=1.0, title="T", place=Place(7, 2, start, start + len(text))))


def test_exact_words_are_found_where_they_stand() -> None:
    quote = source(TEXT).find("so Genoa and Lucca")
    assert quote is not None
    assert (quote.text, quote.how) == ("so Genoa and Lucca", "exact")
    assert TEXT[quote.place.start - 100 : quote.place.end - 100] == quote.text
    assert (quote.place.book, quote.place.section) == (7, 2)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('"well, prince," SAID', "“Well, Prince,” said"),
        ("she was forty - 'so Genoa", "she was forty —\n“so Genoa"),
        ("family  estates\nof the Buonapartes", "family estates of the Buonapartes"),
        ("He smiled... And then", "He smiled…  And then"),
        ("*said Anna Pávlovna*", "said Anna Pávlovna"),
        ("said Anna Pa\u0301vlovna", "said Anna Pávlovna"),
    ],
)
def test_typesetting_may_differ_and_the_books_own_is_shown(written: str, shown: str) -> None:
    quote = source(TEXT).find(written)
    assert quote is not None
    assert quote.text == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("便道:「這話從何說起?」", "便道：「這話\n從何說起？」"),
        ("我也不知道。”“罷了", "我也不知道。”\n“罷了"),
        ("黛玉聽了,便道", "黛玉聽了，\n便道"),
    ],
)
def test_chinese_lines_and_punctuation_may_differ(written: str, shown: str) -> None:
    quote = source(CHINESE).find(written)
    assert quote is not None
    assert quote.text.strip("」”「“") == shown.strip("」”「“")


def test_a_wrong_end_is_cut_at_a_word() -> None:
    quote = source(TEXT).find("so Genoa and Lucca are now justly famous")
    assert quote is not None
    assert (quote.text, quote.how) == ("so Genoa and Lucca are now", "shortened")
    chinese = source(CHINESE).find("便道：「這話從何說起？」我真的忘了")
    assert chinese is not None
    assert chinese.text.startswith("便道：「這話\n從何說起？")


@pytest.mark.parametrize(
    "written",
    ["", " … ", "so Genoa was sold", "Napoleon wept", "rin", "這話不通", "a" * 5000, "…”“…"],
)
def test_what_is_not_there_is_no_quote(written: str) -> None:
    assert source(TEXT).find(written) is None
    assert source(CHINESE).find(written) is None


def test_a_short_quote_is_whole_words() -> None:
    quote = source("The catalogue of the cat.").find("cat")
    assert quote is not None
    assert quote.place.start == 100 + 21


def test_what_has_no_place_cannot_be_quoted() -> None:
    assert Source(Excerpt(text=TEXT, score=1.0, title="memory")).find("so Genoa and Lucca") is None


@given(st.text(max_size=60), st.text(alphabet="ab “”\"'—-\n漢字ÀàßﬁＡ.…", max_size=40))
def test_a_quote_is_always_the_slice_it_names(text: str, words: str) -> None:
    for passage in (text, words + text, text + words):
        quote = source(passage, start=3).find(words)
        if quote is not None:
            assert quote.text == passage[quote.place.start - 3 : quote.place.end - 3] != ""
        if quote is not None and quote.how == "exact":
            assert quote.text == words.strip()
