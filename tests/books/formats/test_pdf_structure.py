"""What a PDF says about itself and its pages: properties, outline, headings, running heads, page numbers, scans."""

import io
import random
from typing import Any

import pytest

from books.errors import NeedsPassword
from books.formats.parsed import Options, ParsedBook
from books.formats.pdf import Pdf
from books.formats.sources import Source
from tests.made.pdfs import Sheet, book, locked, wrapped

PLACES = (
    *("harbour", "tower", "cellar", "stairs", "kitchen", "garden", "window", "lamp"),
    *("boat", "ladder", "roof", "well", "fence", "gate", "barn", "chapel"),
)


def read(body: bytes, **options: Any) -> ParsedBook:
    return Pdf().parse(Source(io.BytesIO(body), options=Options(**options)), lambda done, total: None)


def text_of(book: ParsedBook) -> str:
    return "\n\n".join(section.text for section in book.sections)


def prose(seed: int, lines: int = 20) -> list[str]:
    """Return lines of a text that is another one for every seed."""
    words = []
    for n in range(lines * 10):
        words += [PLACES[(seed * 7 + n * (seed + 3)) % len(PLACES)], "and", PLACES[(seed + n * n) % len(PLACES)]]
    return wrapped(" ".join(words), 60)[:lines]


def page(seed: int, *, head: str = "", foot: str = "") -> Sheet:
    """Return a page of prose with a running head and foot."""
    sheet = Sheet().lines(72, 700, prose(seed))
    if head:
        sheet.line(72, 750, head, size=9)
    if foot:
        sheet.line(300, 40, foot, size=9)
    return sheet


def headings(book: ParsedBook) -> list[tuple[int, str]]:
    return [
        (block.level, section.text[block.start : block.end])
        for section in book.sections
        for block in section.blocks
        if block.kind == "h"
    ]


# --- Heads and feet -----------------------------------------------------------------------------


def test_running_heads_and_page_numbers_leave_the_text_and_become_labels() -> None:
    sheets = [page(n, head="THE KEEPER" if n % 2 else "Grey Point", foot=str(n + 5)) for n in range(8)]
    found = read(book(sheets))

    assert [page.label for page in found.pages] == [str(n + 5) for n in range(8)]
    assert "KEEPER" not in text_of(found)
    assert "Grey" not in text_of(found)
    assert not any(letter.isdigit() for letter in text_of(found))


def test_a_number_in_the_head_is_a_page_number_whatever_stands_beside_it() -> None:
    titles = ("THE HARBOUR", "THE STORM", "THE LETTER", "SPRING", "THE WHISTLE", "THE END")
    found = read(book([page(n, head=f"{n + 101}   {title}") for n, title in enumerate(titles)]))

    assert [page.label for page in found.pages] == ["101", "102", "103", "104", "105", "106"]
    assert "STORM" not in text_of(found)


def test_roman_numbers_come_before_arabic_ones_and_hidden_ones_are_counted() -> None:
    feet = ["", "ii", "iii", "iv", "1", "2", "3", "", "5"]
    found = read(book([page(n, foot=foot) for n, foot in enumerate(feet)]))

    assert [page.label for page in found.pages] == ["i", "ii", "iii", "iv", "1", "2", "3", "4", "5"]


def test_page_x_of_y_is_no_text() -> None:
    found = read(book([page(n, foot=f"Page {n + 1} of 2") for n in range(2)]))

    assert "Page" not in text_of(found)
    assert [page.label for page in found.pages] == ["1", "2"]


def test_labels_of_the_file_win() -> None:
    sheets = [page(n, foot=str(n + 50)) for n in range(5)]
    found = read(book(sheets, labels="0 << /S /r >> 2 << /S /D /P (A-) /St 7 >>"))

    assert [page.label for page in found.pages] == ["i", "ii", "A-7", "A-8", "A-9"]


def test_numbers_that_do_not_follow_each_other_are_text() -> None:
    years = ("1847", "1902", "1871", "1855")
    found = read(book([page(n, foot=year) for n, year in enumerate(years)]))

    assert all(year in text_of(found) for year in years)
    assert [page.label for page in found.pages] == ["1", "2", "3", "4"]


def test_chapters_that_begin_every_page_are_no_page_numbers() -> None:
    sheets = [page(n).line(72, 730, f"Chapter {n + 1}") for n in range(5)]

    assert all(f"Chapter {n}" in text_of(read(book(sheets))) for n in range(1, 6))


# --- Contents -----------------------------------------------------------------------------------


def test_an_outline_leads_to_the_line_it_names() -> None:
    sheets = [Sheet() for _ in range(3)]
    for n, sheet in enumerate(sheets):
        sheet.lines(72, 720, prose(n, 10)).line(72, 500, f"Place {n}").lines(72, 470, prose(n + 9, 20))
    outline: list[tuple[str, int, float | None, int]] = [
        ("Part", 0, None, 0),
        ("Place 0", 0, 515, 1),
        ("Second", 1, 515, 1),
        ("Last", 2, 480, 0),
    ]
    found = read(book(sheets, outline=outline))
    at = [found.sections[entry.section].text[entry.start :][:7] for entry in found.contents]

    assert [(entry.title, entry.depth) for entry in found.contents] == [
        (title, depth) for title, _, _, depth in outline
    ]
    assert at == [prose(0)[0][:7], "Place 0", "Place 1", prose(11)[0][:7]]
    assert (2, "Place 0") in headings(found)


def test_larger_type_makes_headings_when_there_is_no_outline() -> None:
    sheets = [page(n) for n in range(12)]
    for n, sheet in enumerate(sheets):
        if n % 4 == 0:
            sheet.line(200, 740, f"The {PLACES[n]}", size=20)
        elif n % 2 == 0:
            sheet.line(200, 740, f"About the {PLACES[n]}", size=15)
    found = read(book(sheets))

    assert [(entry.title, entry.depth) for entry in found.contents] == [
        (f"The {PLACES[n]}" if n % 4 == 0 else f"About the {PLACES[n]}", 0 if n % 4 == 0 else 1)
        for n in range(0, 12, 2)
    ]
    assert headings(found)[:2] == [(1, "The harbour"), (2, "About the cellar")]
    assert found.sections[0].title == "The harbour"


def test_chapters_in_the_size_of_the_text_are_found_by_their_words() -> None:
    sheets = [page(n) for n in range(6)]
    for n in (0, 2, 4):
        sheets[n].line(260, 740, f"CHAPTER {'I' * (n // 2 + 1)}", font="bold")
    found = read(book(sheets))

    assert [entry.title for entry in found.contents] == ["CHAPTER I", "CHAPTER II", "CHAPTER III"]


def test_a_list_of_chapters_is_no_chapter() -> None:
    first = Sheet().lines(200, 700, [f"Chapter {n}" for n in range(1, 6)], step=20)
    sheets = [page(n).line(200, 740, f"Chapter {n}", size=18) for n in range(1, 6)]
    found = read(book([first, *sheets]))

    assert [entry.title for entry in found.contents] == [f"Chapter {n}" for n in range(1, 6)]
    assert found.contents[0].section > 0


def test_without_headings_a_book_is_divided_by_pages() -> None:
    found = read(book([page(n) for n in range(45)]))

    assert [entry.title for entry in found.contents] == ["1–20", "21–40", "41–45"]


# --- Properties ---------------------------------------------------------------------------------


def test_properties_come_from_the_file() -> None:
    info = {"Title": "Die Bö \u2013 Ein Märchen", "Author": "A. Weber; B. Stein"}
    found = read(book([page(1)], info=info, catalog="/Lang (en-IE)"))

    assert (found.title, list(found.authors), found.language) == (info["Title"], ["A. Weber", "B. Stein"], "en-IE")
    assert found.details["pages"] == 1


def test_xmp_fills_what_the_properties_leave_out() -> None:
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description>'
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">The Keeper</rdf:li></rdf:Alt></dc:title>'
        "<dc:creator><rdf:Seq><rdf:li>A. Writer</rdf:li><rdf:li>B. Writer</rdf:li></rdf:Seq></dc:creator>"
        "<dc:publisher><rdf:Bag><rdf:li>Grey Press</rdf:li></rdf:Bag></dc:publisher>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    found = read(book([page(1)], xmp=xmp, info={"Title": "keeper_final.docx"}))

    assert (found.title, list(found.authors)) == ("The Keeper", ["A. Writer", "B. Writer"])
    assert found.details["publisher"] == "Grey Press"


def test_a_cover_is_drawn_from_the_first_page() -> None:
    found = read(book([page(1)]))

    assert found.cover == 0
    assert found.originals[0].read().startswith(b"\xff\xd8\xff")


# --- Passwords ----------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_that_may_only_not_be_changed_opens(algorithm: str) -> None:
    assert prose(1)[0] in text_of(read(locked(book([page(1)]), owner="x", algorithm=algorithm)))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_locked_file_asks_for_its_password_and_opens_with_it(algorithm: str) -> None:
    body = locked(book([page(1)]), user="tide", algorithm=algorithm)

    with pytest.raises(NeedsPassword, match="asks for a password"):
        read(body)
    with pytest.raises(NeedsPassword, match="not the password"):
        read(body, password="ebb")
    assert prose(1)[0] in text_of(read(body, password="tide"))


# --- Scans --------------------------------------------------------------------------------------


def test_a_book_of_pictures_has_no_sections_and_says_which_pages_are_scans() -> None:
    found = read(book([Sheet().scan() for _ in range(3)]))

    assert (list(found.sections), list(found.scans), len(found.pages)) == ([], [0, 1, 2], 0)
    assert found.details["pages"] == 3


def test_scans_between_pages_of_text_are_named() -> None:
    found = read(book([page(1), Sheet().scan(), page(2), Sheet(), Sheet().scan(share=0.1)]))

    assert list(found.scans) == [1]
    assert len(found.pages) == 5


def test_a_layer_of_text_under_a_scan_counts_as_text() -> None:
    found = read(book([page(1).scan()]))

    assert list(found.scans) == []
    assert prose(1)[0] in text_of(found)


def test_recognised_words_become_the_text_of_a_scan() -> None:
    lines = [
        {"text": line, "box": [720, 800 + 150 * n, 720 + 66 * len(line), 910 + 150 * n]}
        for n, line in enumerate(prose(3))
    ]
    body = book([Sheet().scan(), Sheet().scan()])
    found = read(body, recognised={"0": lines})
    first = found.pages[0].words[0]

    assert text_of(found) == " ".join(prose(3))
    assert list(found.scans) == [1]
    assert found.sections[0].text[first[1] : first[2]] == prose(3)[0].split()[0]
    assert first[3:] == (720, 800, 720 + 66 * len(prose(3)[0].split()[0]), 910)


def test_recognised_lines_that_stand_a_little_askew_make_paragraphs_and_page_numbers() -> None:
    shaken = random.Random(5)
    pages, paragraphs = {}, []
    for number in range(4):
        lines: list[dict[str, Any]] = []
        for text in prose(number, 3), prose(number + 20, 5):
            text = [text[0].capitalize(), *text[1:-1], f"{text[-1][:30]}."]
            paragraphs.append(" ".join(text))
            for n, line in enumerate(text):
                left, top = 720 + (200 if n == 0 else 0), 700 + 150 * len(lines)
                right = 720 + 66 * 60 if n < len(text) - 1 else 2000
                box = [edge + shaken.randrange(-8, 9) for edge in (left, top, right, top + 100)]
                lines.append({"text": line, "box": box, "score": 0.9})
        lines.append({"text": str(number + 12), "box": [2900, 7500, 2960, 7590]})
        pages[str(number)] = lines
    found = read(book([Sheet().scan() for _ in range(4)]), recognised=pages)

    assert [page.label for page in found.pages] == ["12", "13", "14", "15"]
    assert text_of(found).split("\n\n") == paragraphs
