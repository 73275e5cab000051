"""Text files: every encoding is decided on the whole file, chapters are found, lines joined only where that is safe."""

import io

import pytest

from books.errors import EmptyBook, UnknownFormat
from books.formats.parsed import ParsedBook
from books.formats.plain.numbers import ordinal
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import CHINESE_CHAPTERS, chinese_txt


def read(body: bytes) -> ParsedBook:
    return parse(Source(io.BytesIO(body), suffix=".txt"), lambda done, total: None)


def test_bytes_that_are_no_text_are_no_book() -> None:
    with pytest.raises(UnknownFormat):
        read(bytes(range(256)) * 40)
    with pytest.raises(UnknownFormat):
        read(b'<?xml version="1.0"?><FictionBook/>')


def test_an_empty_text_is_an_empty_book() -> None:
    with pytest.raises(EmptyBook):
        read(b" \n\n \t\n")


def test_chinese_chapters_become_sections_and_contents() -> None:
    book = read(chinese_txt().encode("gb18030"))

    assert [section.title for section in book.sections] == [title for title, _ in CHINESE_CHAPTERS]
    assert [entry.title for entry in book.contents] == [title for title, _ in CHINESE_CHAPTERS]
    assert (book.language, book.details["encoding"]) == ("zh-Hans", "GB18030")
    first = book.sections[0]
    assert first.text[first.blocks[1].start : first.blocks[1].end] == CHINESE_CHAPTERS[0][1]  # without its indent


def test_english_chapters_become_sections() -> None:
    body = "\n\n".join(f"CHAPTER {n}\n\n" + "The sea was calm that day. " * 40 for n in ("I", "II", "III"))

    assert [section.title for section in read(body.encode()).sections] == ["CHAPTER I", "CHAPTER II", "CHAPTER III"]


def test_a_list_of_chapters_at_the_front_is_no_chapter() -> None:
    listed = "\n".join(f"第{n:03}回 {title.split(' ', 1)[1]}" for n, (title, _) in enumerate(CHINESE_CHAPTERS, 1))
    book = read(f"石塔记\n\n{listed}\n\n{chinese_txt()}".encode())

    assert [section.title for section in book.sections[1:]] == [title for title, _ in CHINESE_CHAPTERS]
    assert "第003回" in book.sections[0].text


def test_a_sentence_that_begins_like_a_heading_is_none() -> None:
    body = (
        "第一章 开始\n\n"
        + "他走了。\n" * 50
        + "第二回见面的时候，他已经老了，头发也白了许多，却还记得我。\n"
        + "他笑了。\n" * 50
    )

    assert [section.title for section in read(body.encode()).sections] == ["第一章 开始"]


@pytest.mark.parametrize(
    ("title", "number"),
    [("第一回", 1), ("第十回", 10), ("第二十三章", 23), ("第一百零二回", 102), ("第012章", 12), ("序", 0)],
)
def test_chinese_numbers_are_read(title: str, number: int) -> None:
    assert ordinal(title) == number


def test_hard_wrapped_english_lines_are_joined_into_paragraphs() -> None:
    line = "It is a truth universally acknowledged, that a single man in possession\n"
    last = "of a good fortune, must, as everybody there agreed, be in want of a well-\nknown wife.\n"
    body = "\n".join(line * 3 + last for _ in range(10))
    text = read(body.encode()).sections[0].text

    assert text.count("\n\n") == 9
    assert text.startswith("It is a truth universally acknowledged, that a single man in possession It is")
    assert "be in want of a well-known wife." in text


def test_hard_wrapped_chinese_lines_are_joined_without_a_space_over_a_page_rule() -> None:
    lines = (
        "    却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈、见方二十四\n"
        "丈大的顽石三万六千五百零一块。那娲皇只用了三万六千五百块，单单剩下\n"
    )
    rule = "\n----------------------- Page 2-----------------------\n\n"
    text = read((lines + rule + "一块未用，弃在青埂峰下。\n" + lines * 8).encode()).sections[0].text

    assert "见方二十四丈大的顽石" in text
    assert "单单剩下一块未用" in text
    assert "Page" not in text


def test_verse_between_blank_lines_stays_in_lines() -> None:
    prose = ("It is a truth universally acknowledged, that a single man in possession\n" * 4 + "\n") * 8
    verse = "Tyger Tyger, burning bright,\nIn the forests of the night;"

    assert verse in read(f"{prose}{verse}\n\n{prose}".encode()).sections[0].text


def test_lines_of_a_file_that_is_not_wrapped_stay_paragraphs() -> None:
    text = read(b"He came in.\nShe looked up.\nNobody said anything for a very long time, not even the clock.\n")

    assert len(text.sections[0].blocks) == 3


def test_a_header_names_title_and_author() -> None:
    book = read(b"Title: The Keeper\n\nAuthor: A. Writer\n\n" + b"The sea was calm.\n" * 20)

    assert (book.title, list(book.authors)) == ("The Keeper", ["A. Writer"])


def test_the_title_may_stand_above_the_author() -> None:
    book = read("《旧园记》\n\n作者：沈伯安\n\n".encode() + "话说城南有一座旧园。\n".encode() * 20)

    assert (book.title, list(book.authors)) == ("旧园记", ["沈伯安"])


def test_a_sentence_above_the_author_is_no_title() -> None:
    assert (
        read("谨以此书献给我的父亲。\n作者：沈伯安\n\n".encode() + "话说城南有一座旧园。\n".encode() * 20).title == ""
    )
