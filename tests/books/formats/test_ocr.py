"""The words of scanned pages are read for real, in the sandbox, and in the order in which a person reads them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from books.errors import DamagedBook, ParserDied
from books.formats import ocr, sandbox
from books.formats.page_order import in_reading_order
from books.formats.parsed import Options
from tests.books_made import pdf
from tests.made import scans

MEMORY = 3 * 1024 * 1024 * 1024
LEFT = ("Old Marten kept the light", "on the island for forty", "years, and every night he", "wrote in his log.")
RIGHT = ("In the spring a ship came", "with letters, and with a", "silver whistle for the", "keeper of the tower.")
LONG = (
    "The storm began on the ninth of March, a little before",
    "midnight. Marten heard the bell of the harbour ring,",
    "and he went down with his lamp to look for the boat.",
    "There were seven men in her, and all of them were alive.",
)


def recognised(path: Path, *pages: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    limits = sandbox.Limits(seconds=120, memory=MEMORY)
    sandbox.ask("recognise", path, limits=limits, options=Options(scans=pages), result=found.append)
    return found


def test_nearly_every_word_of_a_scanned_page_is_read_in_its_column(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scans.scan(scans.page(LONG), scans.page(LEFT, RIGHT)))
    first, second = recognised(path, 0, 1)

    assert (first["page"], second["page"]) == (0, 1)
    for found, lines in ((first, LONG), (second, (*LEFT, *RIGHT))):
        words = Counter(" ".join(lines).split())
        read = Counter(" ".join(line["text"] for line in found["lines"]).split())
        assert (words & read).total() >= 0.95 * words.total()
    assert [line["text"].split()[0] for line in second["lines"]] == [line.split()[0] for line in (*LEFT, *RIGHT)]
    left, top, right, bottom = first["lines"][0]["box"]
    assert left == pytest.approx(80 * 6, abs=40)  # tenths of a point; 120 dots an inch
    assert top == pytest.approx(120 * 6, abs=60)
    assert left < right < scans.WIDE * 6
    assert 100 < bottom - top < 300


def test_a_page_that_is_not_there_has_no_lines_and_the_others_have_theirs(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf([["Printed words are words too."]]))
    nowhere, there = recognised(path, 7, 0)

    assert nowhere == {"page": 7, "lines": []}
    assert "Printed words" in there["lines"][0]["text"]


def test_what_is_no_pdf_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(b"%PDF-1.4 nothing")

    with pytest.raises(DamagedBook):
        recognised(path, 0)


@pytest.mark.parametrize(
    "result",
    [
        {"page": 3, "lines": []},
        {"page": 1, "lines": [{"text": "a\0b", "box": [0, 0, 1, 1], "score": 1}]},
        {"page": 1, "lines": [{"text": "a", "box": [0, 0, 1], "score": 1}]},
        {"page": 1, "lines": [{"text": "a", "box": [0, 0, 1.5, -1], "score": 1}]},
        {"page": 1, "lines": 5},
    ],
)
def test_an_answer_that_is_none_is_not_kept(result: dict[str, Any]) -> None:
    with pytest.raises(ParserDied):
        ocr.checked(result, [1, 2])


def test_a_child_that_sends_another_page_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf([["Words."]]))

    def refuse(result: dict[str, Any]) -> None:
        ocr.checked(result, [5])

    with pytest.raises(ParserDied):
        sandbox.ask("recognise", path, limits=sandbox.Limits(memory=MEMORY), options=Options(scans=[0]), result=refuse)


# --- The order of lines -------------------------------------------------------------------------


def order(*boxes: tuple[int, int, int, int], length: int = 20) -> list[int]:
    return in_reading_order(boxes, [length] * len(boxes))


def test_pieces_of_one_line_stand_beside_each_other() -> None:
    assert order((500, 12, 900, 30), (0, 40, 900, 60), (0, 10, 450, 30)) == [2, 0, 1]


def test_two_columns_under_a_title_are_read_one_after_the_other() -> None:
    title, foot = (100, 0, 900, 40), (100, 900, 900, 940)
    rows = [(column, 100 + 50 * row, column + 400, 130 + 50 * row) for row in range(6) for column in (0, 500)]

    assert order(title, *rows, foot) == [0, 1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12, 13]


def test_three_columns_are_read_one_after_the_other() -> None:
    rows = [(column, 50 * row, column + 280, 50 * row + 30) for row in range(5) for column in (0, 300, 600)]

    assert order(*rows) == [*range(0, 15, 3), *range(1, 15, 3), *range(2, 15, 3)]


def test_a_list_of_names_and_page_numbers_is_read_across() -> None:
    rows = [box for row in range(6) for box in ((0, 50 * row, 500, 50 * row + 30), (900, 50 * row, 940, 50 * row + 30))]

    assert order(*rows) == list(range(12))


def test_upright_columns_are_read_from_the_right() -> None:
    assert order((0, 0, 30, 500), (100, 0, 130, 500), (50, 0, 80, 500)) == [1, 2, 0]


def test_a_page_without_lines_has_no_order() -> None:
    assert order() == []
