"""Rich text: groups, code pages, notes, tables, pictures; and files that never end."""

import io
import time

import pytest

from books.errors import EmptyBook
from books.formats.parsed import ParsedBook, ParsedSection
from books.formats.registry import parse
from books.formats.sources import Source
from tests.made.rtfs import escaped, p, rtf, tale, unicode


def read(body: bytes) -> ParsedBook:
    return parse(Source(io.BytesIO(body), suffix=".rtf"), lambda done, total: None)


def part_of(body: str | bytes, *, page: int = 1252, fonts: str = r"{\f0\fnil\fcharset0 Times;}") -> ParsedSection:
    return read(rtf(body, page=page, fonts=fonts)).sections[0]


def rows(part: ParsedSection) -> list[tuple[str, str]]:
    return [(block.kind, part.text[block.start : block.end]) for block in part.blocks]


def marked(part: ParsedSection, kind: str) -> list[tuple[str, str]]:
    marks = [mark for block in part.blocks for mark in block.marks if mark.kind == kind]
    return [(part.text[mark.start : mark.end], mark.target) for mark in marks]


def test_headings_come_from_styles_and_outline_levels() -> None:
    body = p("Part", form=r"\s1") + p("Day", form=r"\s2") + p("It was light.") + p("Night", form=r"\s3")
    body += p("It was dark.") + p("End", form=r"\outlinelevel0") + p("Quiet.", form=r"\s4") + p("Right.", form=r"\qr")
    book = read(rtf(body, info=r"{\title The Sea}{\author Anna Grey}{\subject Of a lamp}"))

    assert [(entry.title, entry.depth) for entry in book.contents] == [
        ("Part", 0),
        ("Day", 1),
        ("Night", 1),
        ("End", 0),
    ]
    assert (book.format, book.title, list(book.authors), book.details) == (
        "rtf", "The Sea", ["Anna Grey"], {"description": "Of a lamp"},
    )  # fmt: skip
    assert [(block.kind, block.align) for block in book.sections[-1].blocks[1:]] == [("quote", ""), ("p", "right")]


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        (134, "gbk", "石塔上的老渔翁点灯。"),
        (136, "big5", "石塔上的老漁翁點燈。"),
        (128, "cp932", "灯台の老人は灯をともす。"),
        (129, "cp949", "등대의 노인은 불을 켠다."),
        (204, "cp1251", "Старый смотритель зажёг лампу."),
        (0, "cp1252", "Le phare brûlait – déjà."),
        (238, "cp1250", "Žluťoučký kůň"),
    ],
)
def test_bytes_are_decoded_by_the_font_they_are_in(charset: int, encoding: str, words: str) -> None:
    fonts = rf"{{\f0\fcharset0 Times;}}{{\f1\fnil\fcharset{charset} Other;}}"
    part = part_of(p(rf"A \f1 {escaped(words, encoding)}\f0  B {{\f1 {escaped(words, encoding)}}}"), fonts=fonts)

    assert part.text == f"A {words} B {words}"


def test_without_a_font_the_code_page_of_the_document_decides() -> None:
    words = "石塔上的老渔翁点灯。"

    assert part_of(p(escaped(words, "gbk")), page=936).text == words
    assert part_of(p("X").encode() + words.encode("gbk") + b"\\par", page=936).text == f"X\n\n{words}"


def test_unicode_is_read_and_what_stands_for_it_elsewhere_is_not() -> None:
    assert part_of(p(rf"A{unicode('灯𠮷é')}B \uc2\u28783\'b5\'c6C \uc0\u28783 D")).text == "A灯𠮷éB 灯C 灯D"
    assert part_of(p(r"\u28783\par next")).text == "灯\n\nnext"


def test_words_are_bold_raised_or_hidden_inside_their_group() -> None:
    part = part_of(
        p(r"So {\b very {\i old}}, H{\sub 2}O, x{\super 2}. {\v hidden}{\deleted gone}\ul under\ulnone  off")
    )

    assert part.text == "So very old, H2O, x2. under off"
    assert (marked(part, "strong"), marked(part, "em")) == ([("very ", ""), ("old", "")], [("old", "")])
    assert (marked(part, "sub"), marked(part, "sup"), marked(part, "under")) == (
        [("2", "")], [("2", "")], [("under", "")],
    )  # fmt: skip


def test_heads_feet_comments_and_unknown_groups_are_no_text() -> None:
    body = r"{\header A head}{\footer A foot}{\*\unknown{\b Nothing}}{\*\annotation A comment}" + p("Words.")

    assert part_of(body).text == "Words."


def test_footnotes_stand_at_the_end_and_are_called_by_marks() -> None:
    note = r"{\super\chftn}{\footnote\pard\plain {\super\chftn} See the log.\par It is long.}"
    part = part_of(p(f"It was so{note}, always{note}.") + p("After."))

    assert part.text.startswith("It was so1, always2.\n\nAfter.\n\nSee the log.")
    assert [(block.kind, block.number) for block in part.blocks[2:]] == [("note", 1), ("note", 0)] * 2
    (sign, target), _ = marked(part, "note")
    _, start, end = map(int, target.split(":"))
    assert (sign, part.text[start:end]) == ("1", "See the log.\n\nIt is long.")


def test_tables_are_rows_and_lists_have_their_numbers() -> None:
    row = r"\trowd\cellx100\cellx200\pard\intbl {}\cell {}\cell\row" + "\n"
    listed = (
        r"{\listtext\f0 3.\tab}\pard\ls1\ilvl0 three\par{\pntext\'b7\tab}\pard dot\par{\listtext b)\tab}letter\par "
    )
    part = part_of(row.format("ship", "crew") + row.format(r"Perpetua\par two", "19") + r"\pard After.\par " + listed)

    assert rows(part) == [
        ("row", "ship\tcrew"), ("row", "Perpetua\ntwo\t19"), ("p", "After."), ("oli", "three"), ("li", "dot"),
        ("li", "b) letter"),
    ]  # fmt: skip
    assert [block.number for block in part.blocks] == [1, 0, 0, 3, 0, 0]


def test_links_lead_to_bookmarks_and_to_other_sites() -> None:
    link = r"{{\field{{\*\fldinst HYPERLINK {}}}{{\fldrslt {}}}}} "
    words = (
        link.format('"https://example.org/"', "out")
        + link.format(r'\\l "here"', "on")
        + link.format('"file:///x"', "bad")
    )
    part = part_of(p(words) + p(r"Then {\*\bkmkstart here}here{\*\bkmkend here}."))
    out, (on, target) = marked(part, "link")

    assert (out, on) == (("out", "https://example.org/"), "on")
    assert part.text[int(target.split(":")[1]) :] == "here."


def test_pictures_are_taken_in_hex_and_as_bytes() -> None:
    png = b"\x89PNG\r\n\x1a\n{}\\"
    hexed = rb"{\*\shppict{\pict{\*\picprop{\sp}}\picw1\pngblip " + png.hex().encode() + b"\n}}{\\nonshppict{\\pict x}}"
    raw = rb"{\pict\jpegblip\bin%d " % len(png) + png + b"}"
    book = read(rtf(rb"\pard Before.\par " + hexed + rb"\par " + raw + rb"{\pict\wmetafile8 00ff}After.\par"))

    assert [original.read() for original in book.originals] == [png, png]
    assert [(block.kind, block.target) for block in book.sections[0].blocks if block.kind == "img"] == [("img", "0")]
    assert book.sections[0].text == "Before.\n\nAfter."


def test_a_file_that_is_cut_off_keeps_its_words_and_an_empty_one_is_empty() -> None:
    assert part_of(p("Words.") + r"{\b and {\i more").text == "Words.\n\nand more"
    with pytest.raises(EmptyBook):
        read(rtf(p(" ")))


@pytest.mark.parametrize(
    "piece",
    ["{", "}", r"{\field{\*\fldinst HYPERLINK ", r"\u1 ", r"{\footnote a", r"\cell ", "\\", r"\bin99999999 ", "a"],
)
def test_time_grows_with_the_size_of_a_hostile_file(piece: str) -> None:
    def seconds(times: int) -> float:
        began = time.process_time()
        part = part_of(p("Words.") + piece * times)
        assert part.text.startswith("Words.")
        return time.process_time() - began

    count = 100_000 // len(piece)
    assert seconds(count) < 4 * max(seconds(count // 2), 0.3)


def test_the_same_file_gives_the_same_book() -> None:
    one, other = read(tale()), read(tale())

    assert (one.head(), one.sections) == (other.head(), other.sections)
