"""Links on printed pages as an enemy would make them: too many, nowhere, in circles, to where nobody may be led."""

import time
from pathlib import Path
from typing import Any

import pytest

from books.errors import BookError
from books.formats import sandbox
from books.formats.parsed import LONGEST_TARGET, Options
from books.formats.pdf.links import MOST_BOXES, MOST_LINKS, checked_links
from tests.made import pdfs

BOX = (72, 700, 200, 712)
PAGES = range(4)


def found(path: Path, body: bytes, pages: range = PAGES) -> dict[int, list[list[Any]]]:
    path = path / "links.pdf"
    path.write_bytes(body)
    got: dict[int, list[list[Any]]] = {}
    limits = sandbox.Limits(seconds=20)
    sandbox.ask(
        "links",
        path,
        limits=limits,
        options=Options(pages=tuple(pages)),
        result=lambda result: got.update([checked_links(result, pages)]),
    )
    return got


def one(path: Path, sheet: pdfs.Sheet, *more: pdfs.Sheet, **book: Any) -> list[list[Any]]:
    return found(path, pdfs.book([sheet, *more], **book)).get(0, [])


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "vbscript:x",
        "chapter.html",
        "//elsewhere.example",
        "/account/logout/",
        "https://example.org/\\n<b>",
        "https://example.org/" + "a" * LONGEST_TARGET,
        "",
    ],
)
def test_an_address_that_no_page_may_name_is_no_link(tmp_path: Path, address: str) -> None:
    assert one(tmp_path, pdfs.Sheet().opens(BOX, address)) == []


@pytest.mark.parametrize(
    "target",
    [
        "/A << /S /Launch /F (calc.exe) >>",
        "/A << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "/A << /S /GoToR /F (other.pdf) /D [0 /Fit] >>",
        "/A << /S /SubmitForm /F (https://example.org) >>",
        "/A << /S /Named /N /Print >>",
        "/A << /S /GoTo /D [99 /Fit] >>",
        "/A << /S /GoTo /D (no such name) >>",
        "/A << /S /GoTo >>",
        "/A 5",
        "/Dest [-1 /Fit]",
        "/Dest [null /Fit]",
        "/Dest []",
        "",
    ],
)
def test_what_leads_nowhere_or_does_something_else_is_no_link(tmp_path: Path, target: str) -> None:
    assert one(tmp_path, pdfs.Sheet().link(BOX, target)) == []


@pytest.mark.parametrize(
    "box",
    [
        (-500, -500, -100, -100),
        (700, 900, 900, 1000),
        (72, 700, 72.5, 712),
        (72, 700, 200, 700),
        (9e9, 9e9, 9e12, 9e12),
    ],
)
def test_a_box_that_is_not_on_the_page_is_no_link(tmp_path: Path, box: tuple[float, ...]) -> None:
    assert one(tmp_path, pdfs.Sheet().goes(box, 0)) == []


def test_a_box_is_cut_at_the_edges_of_its_page(tmp_path: Path) -> None:
    [[boxes, target, down]] = one(tmp_path, pdfs.Sheet().goes((-100, -100, 5000, 5000), 0))

    assert boxes == [[0, 0, 6120, 7920]]
    assert (target, down) == (0, 0)


def test_more_links_than_a_page_may_have_are_not_told_of(tmp_path: Path) -> None:
    sheet = pdfs.Sheet()
    for number in range(30_000):
        sheet.goes((10 + number % 500, 10, 60 + number % 500, 20 + number // 500), 0)
    began = time.monotonic()

    assert len(one(tmp_path, sheet)) == MOST_LINKS
    assert time.monotonic() - began < 20


def test_the_same_link_twice_is_one(tmp_path: Path) -> None:
    sheet = pdfs.Sheet()
    for _ in range(1000):
        sheet.opens(BOX, "https://example.org/")

    assert len(one(tmp_path, sheet)) == 1


def test_more_boxes_than_a_link_may_have_are_left_out(tmp_path: Path) -> None:
    quads = " ".join(f"72 {700 - n} 200 {700 - n} 72 {690 - n} 200 {690 - n}" for n in range(5000))
    [[boxes, *_rest]] = one(tmp_path, pdfs.Sheet().opens(BOX, "https://example.org/", more=f"/QuadPoints [{quads}]"))

    assert len(boxes) == MOST_BOXES


def test_names_that_lead_to_each_other_end(tmp_path: Path) -> None:
    sheet = pdfs.Sheet().link(BOX, "/A << /S /GoTo /D (round) >>").goes((72, 600, 200, 612), 1)
    names = "/Names << /Dests << /Kids [1 0 R 2 0 R] /Names [(round) (round)] >> >> /Dests << /round /round >>"
    rows = one(tmp_path, sheet, pdfs.Sheet().goes(BOX, 0), catalog=names)

    assert [row[1] for row in rows] == [1]


def test_a_file_without_links_or_pages_asked_for_answers(tmp_path: Path) -> None:
    assert found(tmp_path, pdfs.book([pdfs.Sheet()]), range(5000, 5002)) == {}
    broken = pdfs.book([pdfs.Sheet().goes(BOX, 0)]).replace(b"/Annots [", b"/Annots 1 [")
    assert found(tmp_path, broken) in ({}, {0: [[[[720, 800, 2001, 921]], 0, 0]]})
    with pytest.raises(BookError):
        found(tmp_path, b"no book at all")


GOOD = [[[1, 2, 30, 40]], "https://example.org/", 0]


@pytest.mark.parametrize(
    "result",
    [
        {"page": 9, "links": []},
        {"page": 0, "links": {}},
        {"page": 0, "links": [GOOD] * (MOST_LINKS + 1)},
        {"page": 0, "links": [[[], "https://example.org/", 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]] * (MOST_BOXES + 1), 1, 0]]},
        {"page": 0, "links": [[[[30, 2, 1, 40]], 1, 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 10**9]], 1, 0]]},
        {"page": 0, "links": [[[[1, 2, 30, "40"]], 1, 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]], "javascript:alert(1)", 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]], True, 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]], -1, 0]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]], 1, -5]]},
        {"page": 0, "links": [[[[1, 2, 30, 40]], 1]]},
        {"page": 0},
        [],
    ],
)
def test_an_answer_of_another_form_is_refused(result: Any) -> None:
    assert checked_links({"page": 0, "links": [GOOD]}, PAGES) == (0, [GOOD])
    with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
        checked_links(result, PAGES)
