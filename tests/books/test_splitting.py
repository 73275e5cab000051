"""Passages cover a section, windows tile it, and both stay near their size whatever the text is."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from books import splitting

PROSE = "The sea was calm. Mr. Starbuck looked at it for a long time! “Well?” he said. Nobody answered him.\n\n" * 40
CHINESE = "却说宝玉听了，不觉大喜。众人都笑道：“这是为何？”黛玉不答，只低头看书。\n\n" * 60
anything = st.text(alphabet=st.sampled_from("ab .。，\n!“”宝玉\u3000字é😀"), max_size=3000)


def spans_of(text: str) -> list[tuple[int, int]]:
    return splitting.passages(text, size=1000, overlap=200)


def test_a_passage_ends_where_a_paragraph_or_a_sentence_ends() -> None:
    for start, end in spans_of(PROSE):
        assert PROSE[end - 1] in ".!?”"
        assert PROSE[start] in "TMN“"


def test_a_passage_of_prose_is_about_a_thousand_letters_and_shares_some_with_the_last() -> None:
    spans = spans_of(PROSE)
    assert all(700 <= end - start <= 1000 for start, end in spans[:-1])
    shared = [before[1] - after[0] for before, after in pairwise(spans)]
    assert all(0 < overlap <= 200 for overlap in shared)


def test_a_chinese_passage_is_about_four_hundred_characters() -> None:
    lengths = [end - start for start, end in spans_of(CHINESE)[:-1]]
    assert all(250 <= length <= 440 for length in lengths)


@given(anything)
def test_passages_leave_out_nothing_but_white_space(text: str) -> None:
    spans = splitting.passages(text, size=100, overlap=20)
    at = 0
    for start, end in spans:
        assert not text[at:start].strip() if start > at else True
        assert at == 0 or end > at
        assert start < end
        at = max(at, end)
    assert not text[at:].strip()


@given(anything)
def test_windows_tile_what_they_are_given_and_are_short(text: str) -> None:
    at = 0
    for start, end in splitting.windows(text, 0, len(text)):
        assert start >= at
        assert not text[at:start].strip()
        assert end - start <= splitting.WINDOW + 60
        at = end
    assert not text[at:].strip()


def test_a_window_holds_at_most_three_sentences() -> None:
    text = "One is here. Two is here too. Three comes. Four comes late. Five is the last of them all, and long enough."
    assert [text[start:end] for start, end in splitting.windows(text, 0, len(text))] == [
        "One is here. Two is here too. Three comes.",
        "Four comes late. Five is the last of them all, and long enough.",
    ]


def test_a_title_before_a_name_ends_no_sentence() -> None:
    text = "I met Mr. Darcy and Dr. J. Watson. They bowed."
    found = [text[start:end] for start, end in splitting.sentences(text, 0, len(text))]
    assert found == ["I met Mr. Darcy and Dr. J. Watson.", "They bowed."]


def test_a_chinese_sentence_keeps_its_closing_quote() -> None:
    text = "他说：“好。”我笑了。完"
    assert [text[start:end] for start, end in splitting.sentences(text, 0, len(text))] == [
        "他说：“好。”",
        "我笑了。",
        "完",
    ]


def test_twenty_megabytes_on_one_line_take_seconds_not_hours() -> None:
    text = "x" * 20_000_000
    began = time.monotonic()
    spans = spans_of(text)
    pieces = splitting.windows(text, 0, 1_000_000)
    assert time.monotonic() - began < 20
    assert spans[-1][1] == len(text)
    assert pieces[-1][1] == 1_000_000
