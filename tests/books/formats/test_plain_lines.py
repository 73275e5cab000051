"""The lines of a text file: what is left out, what is joined, and where each character was in the file."""

import contextlib
import io
import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from books.errors import EmptyBook, UnknownFormat
from books.formats.parsed import ParsedBook
from books.formats.plain import PlainText
from books.formats.registry import parse
from books.formats.sources import Source

PROSE = "却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈的顽石三万六千五百零一块。\n" * 30
ADVERTISEMENT = (
    "----------------------------------------------------------------\n"
    "更多TXT电子书下载,请访问某某轩:http://www.example8.com  \n"
    "版权声明：本站所有电子书本着交流学习的目的\n"
    "均由网友提供并更新，\n"
    "仅供读者研究学习，不得用作商业用途，\n"
    "-----------------------------------------------------------------\n"
)


def read(text: str | bytes) -> ParsedBook:
    body = text if isinstance(text, bytes) else text.encode()
    return parse(Source(io.BytesIO(body), suffix=".txt"), lambda done, total: None)


def words_of(book: ParsedBook) -> str:
    return "\n\n".join(section.text for section in book.sections)


# --- What is left out -----------------------------------------------------------------------------


def test_an_advertisement_at_head_and_foot_is_left_out_and_told() -> None:
    book = read(f"{ADVERTISEMENT}\n第一回 开始\n\n{PROSE}\n{ADVERTISEMENT}")

    assert words_of(book).startswith("第一回 开始")
    assert words_of(book).endswith("零一块。")
    assert book.details["dropped_lines"] == 12
    assert "版权声明：本站所有电子书本着交流学习的目的" in book.details["dropped"]


def test_a_line_that_returns_after_every_chapter_is_left_out() -> None:
    foot = "------------------\n输入：某某古籍oldbook.example.com\n转载请保留\n"
    book = read(
        "".join(f"第{n}回 甲乙丙丁\n\n{PROSE}{foot}\t\t某人--某书--第{n + 1}回 甲乙丙丁\n\n" for n in range(1, 6))
    )

    assert "转载" not in words_of(book)
    assert "某某古籍" not in words_of(book)
    assert book.sections[0].text.endswith("零一块。")
    assert len(book.contents) == 5


@pytest.mark.parametrize(
    "line",
    [
        "“欢迎访问我们的网站，免费下载小说。”他说。",
        "他在论坛上读到了这篇小说，觉得很好。",
        "版权页已经不见了，扉页上写着他的名字。",
        "She wrote the address, www.example.com, on a napkin.",
    ],
)
def test_what_the_author_wrote_about_such_things_stays(line: str) -> None:
    book = read(f"第一回 开始\n\n{PROSE * 2}{line}\n{PROSE * 2}")

    assert line in words_of(book)
    assert "dropped_lines" not in book.details


def test_a_licence_of_gutenberg_stays() -> None:
    head = "The Project Gutenberg eBook of The Keeper, by A. Writer\n\n"
    head += "This eBook is for the use of anyone,\nwww.gutenberg.org\n\n"
    book = read(head + "CHAPTER I\n\n" + "The sea was calm that day.\n\n" * 50)

    assert words_of(book).startswith("The Project Gutenberg eBook")
    assert "www.gutenberg.org" in words_of(book)
    assert (book.title, list(book.authors)) == ("The Keeper", ["A. Writer"])


def test_numbers_of_pages_are_left_out_when_there_are_many_that_count_up() -> None:
    line = "却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈、见方二十四丈大的顽石三\n"
    pages = "".join(f"{line * 6}\n第 {number} 页\n\n" for number in range(1, 9))
    book = read(f"    {pages}完。\n")

    assert "页" not in words_of(book)
    assert len(book.sections[0].blocks) == 1
    assert book.details["dropped_lines"] == 8
    assert "第 3 页" in words_of(read(f"第一回 开始\n\n{PROSE}\n第 3 页\n\n{PROSE}"))


def test_a_rule_between_scenes_is_shown_as_one() -> None:
    section = read(f"{PROSE}\n=========\n\n{PROSE}").sections[0]

    assert "=" not in section.text
    assert [block.kind for block in section.blocks].count("hr") == 1


def test_a_file_of_nothing_but_rules_is_empty() -> None:
    with pytest.raises(EmptyBook):
        read("-----\n\n=====\n" * 10)


# --- What is joined -------------------------------------------------------------------------------


def test_an_opening_quotation_mark_that_is_set_in_by_one_column_begins_no_paragraph() -> None:
    line = "却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈、见方二十四丈大的顽石三\n"
    text = f"    {line}{line} “幻”等字，却是此书本旨，兼寓提醒阅者之意。\n" + f"    {line}{line}完。\n" * 6

    assert "顽石三“幻”等字" in words_of(read(text))


def test_couplets_are_verse() -> None:
    book = read(
        f"第一回 开始\n\n{PROSE}诗曰：\n混沌未分天地乱，茫茫渺渺无人见。\n自从盘古破鸿蒙，开辟从兹清浊辨。\n{PROSE}"
    )
    verse = [block for block in book.sections[0].blocks if block.kind == "verse"]

    assert [book.sections[0].text[block.start : block.end] for block in verse] == [
        "混沌未分天地乱，茫茫渺渺无人见。\n自从盘古破鸿蒙，开辟从兹清浊辨。"
    ]


def test_lines_between_blank_lines_in_wrapped_prose_are_verse() -> None:
    prose = ("It is a truth universally acknowledged, that a single man in possession\n" * 4 + "\n") * 8
    section = read(f"{prose}Tyger Tyger, burning bright,\nIn the forests of the night;\n\n{prose}").sections[0]
    verse = [section.text[block.start : block.end] for block in section.blocks if block.kind == "verse"]

    assert verse == ["Tyger Tyger, burning bright,\nIn the forests of the night;"]


def test_a_long_sentence_that_was_cut_at_a_comma_is_one_paragraph() -> None:
    half = "栖虑玄门，慨深文之讹谬。思欲分条振理，广彼前闻；截伪续真，开兹后学。是以翘心净土，法游西域，乘危远迈；"

    assert f"{half}策杖孤征。" in words_of(read(f"第一回 开始\n\n{PROSE}{half}\n策杖孤征。\n{PROSE}"))


# --- What the file says of itself -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "title", "author"),
    [
        ("《旧园记》\n\n作者：沈伯安", "旧园记", "沈伯安"),
        ("《旧园记》 作者：沈伯安", "旧园记", "沈伯安"),
        ("旧园记\n作　者：沈伯安", "旧园记", "沈伯安"),
        ("书名：旧园记\n作者：沈伯安\n出版社：无", "旧园记", "沈伯安"),
        ("旧园记(沈伯安)", "旧园记", "沈伯安"),
        ("《旧园记》 [清] 沈伯安 著", "旧园记", "沈伯安"),
        ("旧园记\n\n（清）沈伯安 著", "旧园记", "沈伯安"),
        ("旧园记.txt", "旧园记", ""),
        ("旧园记", "旧园记", ""),
        ("旧园记\n\n沈伯安 著", "旧园记", "沈伯安"),
        ("Title: The Keeper\nAuthor: A. Writer", "The Keeper", "A. Writer"),
        ("THE KEEPER\n\nby A. Writer", "THE KEEPER", "A. Writer"),
        ("这一天，他走了很远的路，终于看见了那座塔。", "", ""),
    ],
)
def test_the_head_of_a_file_names_title_and_author(head: str, title: str, author: str) -> None:
    book = read(f"{head}\n\n第一回 开始\n\n{PROSE}")

    assert (book.title, list(book.authors)) == (title, [author] if author else [])


# --- Where each character was -----------------------------------------------------------------------


KEPT = re.compile("[^\x00-\x08\x0b-\x1f\ud800-\udfff]*")


def check_keepable(book: ParsedBook) -> None:
    """Say that no title and no detail holds what a database cannot keep."""
    named = [book.title, *book.authors, *(entry.title for entry in book.contents), *book.details.get("dropped", [])]
    assert all(KEPT.fullmatch(words) for words in [*named, *(section.title for section in book.sections)])
    assert all(KEPT.fullmatch(section.text) for section in book.sections)


def check_origins(book: ParsedBook, decoded: str) -> None:
    """Say that every character which is no white space of ours is the character of the file at its origin."""
    for section in book.sections:
        edges = [*section.origins, (len(section.text), 0)]
        assert edges[0][0] == 0
        for (here, there), (end, _) in pairwise(edges):
            assert here < end
            for at, character in enumerate(section.text[here:end]):
                assert character.isspace() or decoded[there + at] == character


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_origins_count_the_decoded_file_before_its_line_ends_are_changed(end: str) -> None:
    text = f"{ADVERTISEMENT}\n第一回  开始\n\n\t{PROSE}\n卷二 春\x01天\n\n　　他说：a\tb   c。\n{PROSE}".replace(
        "\n", end
    )
    book = read(b"\xef\xbb\xbf" + text.encode())

    check_origins(book, text)
    assert "他说：a b c。" in words_of(book)
    assert "卷二 春天" in words_of(book)


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "第一章 开始",
                "CHAPTER I",
                "-----",
                "--- Page 3 ---",
                "    ",
                "",
                "\t",
                "www.example.com TXT下载",
                "诗曰：",
            ]
        ),
        st.text(st.sampled_from("的一是了“”，。！a b\t\u3000\xa0é\U00020bb7\x01\x0b\x0c-Wx."), max_size=60),
        st.text(max_size=20),
        st.sampled_from(["却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈、见方二十四丈大的顽石三"]).map(
            lambda line: line * 1
        ),
    ),
    max_size=60,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
@settings(max_examples=200, deadline=None)
def test_every_character_is_found_in_the_file(lines: list[str], end: str) -> None:
    text = end.join(line.replace("\n", "").replace("\r", "") for line in lines)
    text = "".join(character for character in text if not "\ud800" <= character <= "\udfff").lstrip("\ufeff")
    body = b"\xef\xbb\xbf" + text.encode()
    source = Source(io.BytesIO(body), suffix=".txt")
    with contextlib.suppress(EmptyBook, UnknownFormat):
        book = PlainText().parse(source, lambda done, total: None)
        check_origins(book, text)
        check_keepable(book)


def test_a_paragraph_that_is_cut_into_sections_keeps_its_origins() -> None:
    text = "却说那女娲氏炼石补天之时。" * 12_000
    book = read(text)

    assert len(book.sections) > 2
    check_origins(book, text)


# --- Hostile files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "size"),
    [("第", 5_000_000), ("第一", 5_000_000), ("-", 5_000_000), (">", 5_000_000), ("\n", 20_000_000), ("a", 20_000_000),
     (" ", 5_000_000), ("第一\n", 350_000), ("\r\n", 10_000_000), ("”", 5_000_000), ("。", 5_000_000),
     ("下载", 5_000_000),
     ("a.", 3_000_000), ("Chapter I\n", 300_000), ("a \n", 200_000), ("。\n", 200_000), (" \t", 3_000_000)],
)  # fmt: skip
def test_a_file_of_one_thing_takes_linear_time(unit: str, size: int) -> None:
    body = unit * (size // len(unit.encode()))
    began = time.process_time()
    with contextlib.suppress(EmptyBook):
        read(body)

    assert time.process_time() - began < 25
