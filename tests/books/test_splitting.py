"""Passages cover a section, windows tile it, and both stay near their size whatever the text is."""

import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from books import splitting

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    assert len(spans) > 2
    assert all(700 <= end - start <= 1000 for start, end in spans[:-1])
    shared = [before[1] - after[0] for before, after in pairwise(spans)]
    assert all(0 < overlap <= 200 for overlap in shared)


def test_a_chinese_passage_is_about_four_hundred_characters() -> None:
    lengths = [end - start for start, end in spans_of(CHINESE)[:-1]]
    assert lengths
    assert all(250 <= length <= 440 for length in lengths)


@unhurried
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


@unhurried
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


@unhurried
@given(anything, st.integers(40, 400), st.integers(0, 400))
def test_passages_keep_to_their_size_go_forward_and_are_the_same_every_time(text: str, size: int, overlap: int) -> None:
    spans = splitting.passages(text, size=size, overlap=overlap)
    assert spans == splitting.passages(text, size=size, overlap=overlap)
    for start, end in spans:
        assert letters(text[start:end]) <= size
        assert text[start:end] == text[start:end].strip()
    for before, after in pairwise(spans):
        assert before[0] < after[0]
        assert before[1] <= after[1]
        assert letters(text[after[0] : before[1]]) <= overlap


@unhurried
@given(anything, st.integers(40, 400))
def test_windows_tile_every_passage_and_leave_out_white_space_only(text: str, size: int) -> None:
    for start, end in splitting.passages(text, size=size, overlap=size // 5):
        at = start
        for first, last in splitting.windows(text, start, end):
            assert start <= at <= first < last <= end
            assert not text[at:first].strip()
            at = last
        assert at == end


@unhurried
@given(anything)
def test_sentences_tile_a_text_too(text: str) -> None:
    at = 0
    for start, end in splitting.sentences(text, 0, len(text)):
        assert at <= start < end
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()


def letters(text: str) -> float:
    """What a text counts: a wide character is two and a half letters."""
    return len(text) + 1.5 * sum(splitting._WIDE.match(character) is not None for character in text)


def split(text: str) -> int:
    """Split a text whole; return how many passages and windows there are."""
    spans = spans_of(text)
    return len(spans) + sum(len(splitting.windows(text, start, end)) for start, end in spans)


def cost(text: str) -> tuple[int, float]:
    """How many pieces a text has, and the time that splitting takes of this process alone."""
    began = time.process_time()
    pieces = split(text)
    return pieces, time.process_time() - began


def seconds(text: str) -> float:
    """The time that splitting takes; the best of two."""
    return min(cost(text)[1], cost(text)[1])


def test_a_line_of_twenty_megabytes_costs_ten_times_one_of_two() -> None:
    pieces, time_of_small = cost("x" * 2_000_000)
    more_pieces, time_of_large = cost("x" * 20_000_000)
    assert more_pieces == pytest.approx(10 * pieces, rel=0.01)
    assert time_of_large < 25 * time_of_small


@pytest.mark.parametrize(
    "piece",
    ["." * 50_000 + "x", "!?" * 25_000 + "a", "。" * 50_000, ".“" * 25_000, " " * 50_000, "\n" * 50_000, "a. " * 16_000,
     "宝" * 50_000, ("宝" * 40 + "a" * 100 + ". ") * 350, '."' + '"' * 50_000, "Mr. " * 12_000, "\t\n" * 25_000],
    ids=range(12),
)  # fmt: skip
def test_no_text_costs_more_than_its_length(piece: str) -> None:
    """Runs of one character once made a search begin anew at each of them."""
    assert seconds(piece * 8) < 8 * 2.5 * max(seconds(piece * 2) / 2, 0.005)


def test_passages_do_not_crowd_where_a_wide_text_follows_a_narrow_one() -> None:
    text = ("a" * 280 + ". " + "宝" * 300) * 50
    assert len(splitting.passages(text, size=1000, overlap=400)) < len(text) / 50


@given(text=st.text(alphabet="ab c.。，中文𠮷\n", max_size=200), size=st.integers(3, 90), at=st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_a_reach_is_the_furthest_place_that_still_counts_its_size(text: str, size: int, at: int) -> None:
    at = min(at, len(text))

    def counts(start: int, end: int) -> float:
        return sum(2.5 if splitting._WIDE.match(character) else 1 for character in text[start:end])

    back = splitting._reach_back(text, at, size)
    assert counts(back, at) <= size
    assert back == 0 or counts(back - 1, at) > size
    if at < len(text):
        reach = splitting._reach(text, at, size)
        assert reach == at + 1 or counts(at, reach) <= size
        assert reach == len(text) or counts(at, reach + 1) > size
