"""Titles as one types them."""

import pytest

from books.titles import Line, matching

LINES: list[Line] = [
    (1, "Moby-Dick; or, The Whale", ["Herman Melville"], ""),
    (2, "Les Misérables", ["Victor Hugo"], ""),
    (3, "红楼梦", ["曹雪芹"], ""),
    (4, "The Sea, the Sea", ["Iris Murdoch"], ""),
    (5, "Overseas", ["A. Whaler"], "Harbour Tales"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("whale", [1, 5]),
        ("WHALE", [1, 5]),
        ("sea", [4, 5]),
        ("the sea", [4]),
        ("miserab", [2]),
        ("misérables hugo", [2]),
        ("楼梦", [3]),
        ("harbour", [5]),
        ("mobby", [1]),
        ("melvlile", [1]),
        ("miserbales", [2]),
        ("mudroch", [4]),
        ("zebra", []),
        ("xea", []),
        ("", []),
        ("\uff4d\uff4f\uff42\uff59", [1]),
    ],
)
def test_what_is_typed_finds(typed: str, found: list[int]) -> None:
    assert matching(LINES, typed) == found


def test_a_word_without_a_slip_is_not_mixed_with_those_that_are_near() -> None:
    lines: list[Line] = [(1, "Marten", [], ""), (2, "Martin", [], "")]

    assert matching(lines, "martin") == [2]
    assert matching(lines, "martyn") == [1, 2]
