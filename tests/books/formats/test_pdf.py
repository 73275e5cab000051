"""The text of a PDF: reading order, paragraphs, hyphens, notes, and where each word stands."""

import io
from collections.abc import Sequence
from typing import Any

import pytest

from books.formats.parsed import Options, ParsedBook
from books.formats.pdf import Pdf
from books.formats.sources import Source
from tests.made.pdfs import LETTER, Sheet, book, wrapped

SEA = (
    "The lighthouse stood on the last rock of the coast and nobody came there in winter. Old Marten wound the "
    "clock every evening and wrote the weather into a thick book, and when he had done so he sat down by the "
    "stove and read aloud to the cat, who had heard all of it before and did not mind. In spring the first boat "
    "brought flour and oil and a newspaper that was already four weeks old by then."
)
STORM = (
    "On the ninth of March the wind turned and the great lamp went out. A ship came near to the rocks, and "
    "Marten rang the bell until the morning, so that nineteen sailors heard it through the dark. They rowed "
    "towards the sound of it and every one of them lived to tell his children about that night."
)


def read(body: bytes, **options: Any) -> ParsedBook:
    return Pdf().parse(Source(io.BytesIO(body), options=Options(**options)), lambda done, total: None)


def blocks(book: ParsedBook) -> list[tuple[str, str]]:
    return [
        (block.kind, section.text[block.start : block.end]) for section in book.sections for block in section.blocks
    ]


def paragraphs(book: ParsedBook) -> list[str]:
    return [text for _, text in blocks(book)]


def set_in(text: str, columns: int, *, indent: int = 0) -> list[tuple[int, str]]:
    """Return a paragraph's lines with their indents in letters."""
    lines = wrapped("~" * indent + text, columns)
    return [(indent if not n else 0, line.lstrip("~")) for n, line in enumerate(lines)]


def write(sheet: Sheet, x: float, y: float, lines: Sequence[tuple[int, str]], *, size: float = 11) -> float:
    """Write lines with indents; return where the next one goes."""
    for indent, line in lines:
        sheet.line(x + indent * size * LETTER, y, line, size=size)
        y -= size * 1.25
    return y


# --- Paragraphs ---------------------------------------------------------------------------------


def test_lines_are_joined_to_paragraphs_by_their_indents() -> None:
    sheet = Sheet()
    y = write(sheet, 72, 700, set_in(SEA, 60, indent=3))
    write(sheet, 72, y, [*set_in("“Yes,” he said.", 60, indent=3), *set_in(STORM, 60, indent=3)])

    assert paragraphs(read(book([sheet]))) == [SEA, "“Yes,” he said.", STORM]


def test_lines_are_joined_to_paragraphs_by_the_white_between_them() -> None:
    sheet = Sheet()
    y = write(sheet, 72, 700, set_in(SEA, 60))
    write(sheet, 72, y - 9, set_in(STORM, 60))

    assert paragraphs(read(book([sheet]))) == [SEA, STORM]


def test_a_short_last_line_ends_a_paragraph() -> None:
    sheet = Sheet()
    write(sheet, 72, 700, [*set_in(SEA, 62), *set_in(STORM, 62)])

    assert paragraphs(read(book([sheet]))) == [SEA, STORM]


def test_a_quotation_set_in_from_both_sides_is_one_paragraph() -> None:
    sheet = Sheet()
    y = write(sheet, 72, 700, set_in(SEA, 60))
    y = write(sheet, 120, y - 8, set_in(STORM, 44))
    write(sheet, 72, y - 8, set_in(SEA, 60))

    assert paragraphs(read(book([sheet]))) == [SEA, STORM, SEA]


def test_hanging_indents_keep_an_entry_together() -> None:
    sheet, y = Sheet(), 700.0
    entries = [f"{name}, {SEA}" for name in ("Ames", "Brand", "Cole", "Dorn")]
    for entry in entries:
        first, *rest = wrapped(entry, 56)
        y = write(sheet, 72, y, [(0, first), *((4, line) for line in rest)])

    assert paragraphs(read(book([sheet]))) == entries


def test_a_paragraph_goes_on_overleaf() -> None:
    lines = set_in(f"{SEA} {STORM}", 60, indent=3)
    sheets = [Sheet(), Sheet()]
    write(sheets[0], 72, 700, lines[:5])
    write(sheets[1], 72, 700, [*lines[5:], *set_in(SEA, 60, indent=3)])
    found = read(book(sheets))

    assert paragraphs(found) == [f"{SEA} {STORM}", SEA]
    assert found.pages[1].start == len(" ".join(line for _, line in lines[:5])) + 1


# --- Reading order ------------------------------------------------------------------------------


def two_columns(*, is_row_by_row: bool) -> Sheet:
    """A title over two columns, and a line below both."""
    sheet = Sheet().line(150, 740, "A Winter at the Lighthouse of Grey Point", size=12)
    left, right = wrapped(SEA, 34), wrapped(STORM, 34)
    drawn = [(60, n, line) for n, line in enumerate(left)] + [(320, n, line) for n, line in enumerate(right)]
    if is_row_by_row:
        drawn.sort(key=lambda place: place[1])
    for x, n, line in drawn:
        sheet.line(x, 700 - n * 14, line)
    return sheet


@pytest.mark.parametrize("is_row_by_row", [True, False])
def test_columns_are_read_one_after_the_other(is_row_by_row: bool) -> None:
    assert " ".join(paragraphs(read(book([two_columns(is_row_by_row=is_row_by_row)])))) == (
        f"A Winter at the Lighthouse of Grey Point {SEA} {STORM}"
    )


def test_a_title_between_two_pairs_of_columns_divides_them() -> None:
    sheet = Sheet()
    for y, first, second in ((700, "alpha", "bravo"), (500, "gamma", "delta")):
        for n in range(6):
            sheet.line(60, y - n * 14, f"{first} {n} of a column filled up", size=11)
            sheet.line(320, y - n * 14, f"{second} {n} of a column filled up", size=11)
    sheet.line(100, 560, "A heading right across both of the columns of it", size=12)
    text = " ".join(paragraphs(read(book([sheet]))))
    order = [text.index(word) for word in ("alpha 5", "bravo 0", "bravo 5", "A heading", "gamma 0", "delta 0")]

    assert order == sorted(order)


def test_the_cells_of_a_table_are_read_row_by_row() -> None:
    sheet = Sheet()
    for n, (name, price) in enumerate((("Flour", "3"), ("Oil", "12"), ("Coal", "7"), ("Rope", "9"), ("Salt", "1"))):
        sheet.line(72, 700 - n * 14, name).line(300, 700 - n * 14, price)

    assert " ".join(paragraphs(read(book([sheet])))) == "Flour 3 Oil 12 Coal 7 Rope 9 Salt 1"


def test_a_turned_page_is_read_as_it_is_shown() -> None:
    sheet = Sheet(turned=90)
    for n, line in enumerate(wrapped(SEA, 60)):
        sheet.line(100 + n * 14, 100, line, turn="0 1 -1 0")
    found = read(book([sheet]))

    assert paragraphs(found) == [SEA]
    assert (found.pages[0].width, found.pages[0].height) == (7920, 6120)
    assert all(word[3] < word[5] <= 7920 and word[4] < word[6] <= 6120 for word in found.pages[0].words)
    assert found.pages[0].words[1][4] == found.pages[0].words[0][4]  # on one line
    assert found.pages[0].words[1][3] > found.pages[0].words[0][5]


def test_a_cropped_page_counts_from_its_crop() -> None:
    sheet = Sheet(crop="[50 100 500 700]").line(72, 650, "Words.", size=10)
    page = read(book([sheet])).pages[0]

    assert (page.width, page.height) == (4500, 6000)
    assert abs(page.words[0][3] - 220) <= 6
    assert page.words[0][4] < 500 < page.words[0][6]


def test_words_that_run_up_the_margin_stay_together() -> None:
    sheet = Sheet().lines(72, 700, wrapped(SEA, 60))
    sheet.line(30, 200, "stamped on the 5th of May", turn="0 1 -1 0")

    assert "stamped on the 5th of May" in paragraphs(read(book([sheet])))


# --- Divided words ------------------------------------------------------------------------------


def hyphenated(first: str, second: str, *before: str) -> str:
    """Return what becomes of a word divided at a line's end, after some lines of text."""
    lines = [*before, f"And all of the time that he was there he heard the {first}-", f"{second} and went on with it."]
    return " ".join(paragraphs(read(book([Sheet().lines(72, 700, lines)]))))


def test_a_divided_word_is_one_again() -> None:
    assert "heard the lighthouse and" in hyphenated("light", "house")


def test_a_compound_keeps_the_hyphen_that_the_book_shows_elsewhere() -> None:
    assert "the well-known and" in hyphenated(
        "well", "known", "It was the well-known sound of a bell in the fog there."
    )


def test_a_compound_of_two_words_of_the_book_keeps_its_hyphen() -> None:
    told = (
        "He had a silver clock there, and a clock of wood here.",
        "The clock and the tower and the tower of stone, all.",
    )

    assert "the clock-tower and" in hyphenated("clock", "tower", *told)


def test_a_name_in_capitals_keeps_its_hyphen() -> None:
    assert "the Anglo-Saxon and" in hyphenated("Anglo", "Saxon")


def test_a_divided_word_has_two_boxes_with_its_two_parts() -> None:
    found = read(book([Sheet().lines(72, 700, ["He walked along the coast to the light-", "house and back again."])]))
    text = found.sections[0].text
    boxes = [(text[start:end], top) for _, start, end, _, top, _, _ in found.pages[0].words]

    assert "lighthouse" in text
    assert [word for word, _ in boxes[6:10]] == ["the", "light", "house", "and"]
    assert boxes[8][1] > boxes[7][1]


def test_a_word_divided_by_the_end_of_a_page_has_its_parts_on_both() -> None:
    sheets = [
        Sheet().lines(72, 700, [*wrapped(SEA, 60)[:4], "and after some time he walked along it to the light-"]),
        Sheet().lines(72, 700, ["house and back again, and then he did so once more, and", *wrapped(SEA, 60)[:4]]),
    ]
    found = read(book(sheets))
    text = found.sections[0].text
    last, first = found.pages[0].words[-1], found.pages[1].words[0]

    assert "to the lighthouse and back" in text
    assert (text[last[1] : last[2]], text[first[1] : first[2]]) == ("light", "house")
    assert last[2] == first[1] == found.pages[1].start


# --- Letters ------------------------------------------------------------------------------------


def test_ligatures_are_letters_again() -> None:
    meanings = {"A": "ffi", "B": "o", "C": "ce", "D": "\ufb01", "E": "sh"}
    found = read(book([Sheet().line(72, 700, "BAC DE", font="meant")], meanings=meanings))

    assert paragraphs(found) == ["office fish"]


@pytest.mark.parametrize("font", ["chinese", "gbk"])
def test_chinese_without_embedded_fonts_is_read(font: str) -> None:
    text = "话说东海之滨有一座石塔，塔上住着一位老渔翁，姓陈名守灯。每夜点灯，风雨不辍，四十年如一日，船家都感念他。"
    lines = [text[at : at + 14] for at in range(0, len(text), 14)]
    found = read(book([Sheet().lines(72, 700, lines, font=font, size=12, step=18)]))

    assert paragraphs(found) == [text]
    assert found.language.startswith("zh")
    assert all(end - start <= 4 for _, start, end, *_ in found.pages[0].words)


def test_hebrew_is_read_in_the_order_of_its_letters() -> None:
    # drawn from left to right, as producers of PDF do: the last letter first
    letters = {"A": "ש", "B": "ל", "C": "ו", "D": "ם", "E": "ע"}
    found = read(book([Sheet().line(72, 700, "DBCE DCBA", font="meant")], meanings=letters))

    assert paragraphs(found) == ["שלום עולם"]


@pytest.mark.parametrize(
    ("letter", "rest", "first"),
    [("T", "he lighthouse", "The lighthouse"), ("A", "lighthouse", "A lighthouse"), ("A", "nd then", "And then")],
)
def test_a_large_first_letter_belongs_to_its_word(letter: str, rest: str, first: str) -> None:
    text = f"{rest} stood there and all of the sailors who came by saw it. {SEA}"
    beside = wrapped(text, 55)[:3]
    lines = [*beside, *wrapped(text.removeprefix(" ".join(beside)), 60)]
    sheet = Sheet().line(72, 672, letter, size=42, font="times")
    for n, line in enumerate(lines):
        sheet.line(105 if n < 3 else 72, 700 - n * 14, line)
    sheet.lines(72, 500, wrapped(f"Then and there. {SEA}", 60))

    assert paragraphs(read(book([sheet])))[0] == first + text.removeprefix(rest)


# --- Notes --------------------------------------------------------------------------------------


def test_footnotes_are_notes_and_do_not_interrupt_the_text() -> None:
    lines = set_in(f"{SEA} {STORM}", 60, indent=3)
    sheets = [Sheet(), Sheet()]
    write(sheets[0], 72, 700, [*set_in(STORM, 60, indent=3), *lines[:5]])
    sheets[0].lines(
        72, 120, ["1 The rock is called the Tooth, and it is dangerous.", "2 See the weather book."], size=8
    )
    write(sheets[1], 72, 700, [*lines[5:], *set_in(SEA, 60, indent=3)])
    found = read(book(sheets))

    assert blocks(found) == [
        ("p", STORM),
        ("p", f"{SEA} {STORM}"),
        ("note", "1 The rock is called the Tooth, and it is dangerous."),
        ("note", "2 See the weather book."),
        ("p", SEA),
    ]
    assert [block.number for block in found.sections[0].blocks if block.kind == "note"] == [1, 1]


def test_a_raised_figure_refers_to_the_note_at_the_foot() -> None:
    sheet = Sheet().lines(72, 700, wrapped(SEA, 60)).line(72, 590, "The rock is called the Tooth")
    sheet.line(72 + 28 * 11 * LETTER, 594, "1", size=6).line(72 + 28 * 11 * LETTER + 4, 590, " by all of them there.")
    sheet.line(72, 120, "1 It is marked on no map.", size=8)
    section = read(book([sheet])).sections[0]
    (mark,) = (mark for block in section.blocks for mark in block.marks)
    number, start, end = map(int, mark.target.split(":"))

    assert "the Tooth1 by all" in section.text
    assert (mark.kind, section.text[mark.start : mark.end]) == ("note", "1")
    assert (number, section.text[start:end]) == (0, "1 It is marked on no map.")


# --- Places -------------------------------------------------------------------------------------


def test_every_box_holds_the_words_it_says() -> None:
    import pypdfium2

    sheets = [two_columns(is_row_by_row=True), Sheet(), Sheet().lines(72, 700, wrapped(STORM, 50), font="times")]
    write(sheets[1], 72, 700, set_in(f"{SEA} {STORM}", 60, indent=3))
    body = book(sheets)
    found = read(body)
    document = pypdfium2.PdfDocument(body)
    for number, page in enumerate(found.pages):
        words = document[number].get_textpage()
        for section, start, end, left, top, right, bottom in page.words:
            edges = (left - 5, page.height - bottom - 5, right + 5, page.height - top + 5)
            inside = words.get_text_bounded(*(edge / 10 for edge in edges))
            assert found.sections[section].text[start:end] in inside
        assert page.words


def test_the_same_file_gives_the_same_book() -> None:
    body = book(
        [two_columns(is_row_by_row=True), Sheet().lines(72, 700, wrapped(STORM, 50))], info={"Title": "The Sea"}
    )
    one, other = read(body), read(body)

    assert one.head() == other.head()
    assert list(one.sections) == list(other.sections)
    assert list(one.pages) == list(other.pages)


def test_letters_that_no_page_can_show_leave_every_word_in_its_place() -> None:
    meanings = {"A": "a", "B": "\x01", "C": "\ufeff", "D": "\x0f", "E": "𠮷", "F": "e\u0301"}
    found = read(book([Sheet().line(72, 700, "ABA CA DD AEF ABBA", font="meant")], meanings=meanings))
    text = found.sections[0].text

    assert text == "aa a a𠮷e\u0301 aa"
    assert [text[start:end] for _, start, end, *_ in found.pages[0].words] == text.split(" ")


def test_a_page_on_which_all_words_run_up_the_page_is_read() -> None:
    found = read(
        book([Sheet().line(72, 700, "Old Marten kept the light."), Sheet().line(300, 400, "A chart.", turn="0 1 -1 0")])
    )

    assert [len(page.words) for page in found.pages] == [5, 2]
