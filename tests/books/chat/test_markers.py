"""The marks in a stream are read the same way wherever the stream is cut."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books.chat.markers import LONGEST_MARK, Dropped, Mark, MarkReader, OwnNumbers


def read(*pieces: str) -> list[str | Mark | None]:
    """Return words and marks, neighbouring words joined; None is a dropped mark."""
    reader = MarkReader()
    out: list[str | Mark | None] = []
    for piece in [item for part in pieces for item in reader.feed(part)] + reader.close():
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(None if isinstance(piece, Dropped) else piece)
    return out


def shown(*pieces: str) -> str:
    """Return the words that would be shown, marks as `<n>`."""
    numbers, text = OwnNumbers(), ""
    for piece in read(*pieces):
        if isinstance(piece, str):
            text += numbers.feed(piece)
        elif piece is None:
            numbers.drop()
        else:
            text += numbers.flush() + f"<{piece.number}>"
    return text + numbers.close()


@pytest.mark.parametrize(
    ("written", "out"),
    [
        ("He left [[3|so it goes]].", ["He left ", Mark(3, "so it goes"), "."]),
        ("[[ 12 ｜字]]x", [Mark(12, "字"), "x"]),
        ("[[1|a [b] c]]", [Mark(1, "a [b] c")]),
        ("[[1|never closed", [Mark(1, "never closed")]),
        ("[[Wiki]] and [[12345|long]]", ["[[Wiki]] and [[12345|long]]"]),
        ("see [[3]].", ["see ", None, "."]),
        ("[[1|out [[2|in]] er]] end", [None, Mark(2, "in"), " er end"]),
        ("a]] b", ["a]] b"]),
        ("[", ["["]),
        ("[[1", ["[[1"]),
        ("[[1|a]", [Mark(1, "a]")]),
        ("[[[1|a]]", ["[", Mark(1, "a")]),
    ],
)
def test_marks_are_taken_out_of_the_words(written: str, out: list[str | Mark | None]) -> None:
    assert read(written) == out


def test_a_giant_mark_costs_itself_and_no_more() -> None:
    out = read("before [[1|" + "x" * (LONGEST_MARK + 1) + "]] after")
    assert out == ["before ", None, " after"]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("He left [3].", "He left."),
        ("He left [1, 2] and [3–5] came back [6]", "He left and came back"),
        ("He [sic] left", "He [sic] left"),
        ("[[7]1]", "1]"),
        ("[[[7]]1]", ""),
        ("[ [7] 1]", ""),
        ("[7[8]9]", ""),
        ("fake [[9]] end", "fake end"),
        ("[" + "1" * 100 + "]", ""),
        ("[１]", ""),
    ],
)
def test_numbers_in_brackets_of_the_model_are_removed(written: str, seen: str) -> None:
    assert not re.search(r"\[\d+\]", shown(written))
    if seen:
        assert shown(written).replace("  ", " ") == seen


HOSTILE = st.text(alphabet="[]|12｜ ,.-a“漢\n", max_size=60)


@given(HOSTILE, st.lists(st.integers(0, 60), max_size=6))
def test_where_the_stream_is_cut_changes_nothing(written: str, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(written)]
    parts = [written[start:end] for start, end in pairwise(edges)]
    assert read(*parts) == read(written) == read(*written)
    assert shown(*parts) == shown(written) == shown(*written)


@given(HOSTILE)
def test_no_number_in_brackets_ever_gets_through(written: str) -> None:
    assert not re.search(r"\[\d+\]", shown(written))
