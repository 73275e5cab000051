"""The chapters of a text file, in every way that people write them."""

import io

import pytest

from books.formats.parsed import ParsedBook
from books.formats.plain.numbers import english, ordinal
from books.formats.registry import parse
from books.formats.sources import Source

PROSE = "他走了很远的路，终于看见了那座石塔，塔上的灯还亮着。\n她说，那灯从来没有熄灭过，一夜也没有。\n" * 30
WORDS = "The sea was calm that day, and nobody came to the lighthouse at all.\n\n" * 30


def read(text: str) -> ParsedBook:
    return parse(Source(io.BytesIO(text.encode()), suffix=".txt"), lambda done, total: None)


def outline(text: str) -> list[tuple[int, str]]:
    return [(entry.depth, entry.title) for entry in read(text).contents]


@pytest.mark.parametrize(
    "title",
    [
        "第一回 甄士隐梦幻识通灵",
        "第1章",
        "第１章　开始",
        "第001章 开始",
        "第一千零一章 归来",
        "第〇章 之前",
        "第一章：你是谁？",
        "第一章 走吧！",
        "第 一 章 开始",
        "第一章\u3000\u3000夜色",
        "卷二 风云",
        "卷之三",
        "上卷",
        "下卷 归途",
        "序",
        "序章 雪夜",
        "自序",
        "楔子",
        "引子",
        "尾声",
        "后记",
        "番外 小年夜",
        "番外三",
        "附录一",
        "第壹回 开端",
        "第一節 風雲",
        "第两百零五话 重逢",
    ],
)
def test_a_chinese_heading_is_found(title: str) -> None:
    assert outline(f"前面的话，很长很长，说的是从前的事情。\n\n{title}\n\n{PROSE}") == [(0, " ".join(title.split()))]


@pytest.mark.parametrize("title", ["【第一章】开始", "【第一章 开始】", "正文 第一章 开始", "[第一章] 开始"])
def test_what_stands_around_a_heading_is_not_in_the_contents(title: str) -> None:
    book = read(f"{title}\n\n{PROSE}")

    assert len(book.contents) == 1
    assert book.contents[0].title.startswith("第一章")
    assert book.contents[0].title.endswith("开始")
    assert book.sections[0].text.startswith(title)


@pytest.mark.parametrize(
    "line",
    [
        "第二回见面的时候，他已经老了，头发也白了许多。",
        "第一章里说的那个人，就是我的祖父",
        "第三部分的内容我们明天再讲。",
        "第一次来的时候，天还没有亮",
        "第四回中既将薛家母子在荣府中寄居等事略已表明，此回暂可不写了。",
        "“第二章”三个字写在纸上",
        "卷一本书放在桌上，他就走了。",
        "上部队的车来了。",
        "后记得把门关上。",
        "序幕已经拉开，谁也不知道会发生什么。",
    ],
)
def test_a_sentence_that_begins_like_a_heading_is_none(line: str) -> None:
    assert outline(f"第一章 开始\n\n{PROSE}{line}\n{PROSE}") == [(0, "第一章 开始")]


def test_volumes_hold_chapters() -> None:
    text = "".join(f"{volume}\n\n第一章 甲\n\n{PROSE}第二章 乙\n\n{PROSE}" for volume in ("第一卷 春", "第二卷 秋"))

    assert outline(f"楔子\n\n{PROSE}{text}后记\n\n{PROSE}") == [
        (0, "楔子"), (0, "第一卷 春"), (1, "第一章 甲"), (1, "第二章 乙"), (0, "第二卷 秋"),
        (1, "第一章 甲"), (1, "第二章 乙"), (0, "后记"),
    ]  # fmt: skip


def test_a_volume_and_its_first_chapter_are_one_section() -> None:
    book = read(f"第一卷 春\n\n第一章 甲\n\n{PROSE * 3}第二章 乙\n\n{PROSE * 3}")

    assert [section.title for section in book.sections] == ["第一章 甲", "第二章 乙"]
    assert book.sections[0].text.startswith("第一卷 春\n\n第一章 甲\n\n")


def test_a_volume_and_its_chapter_may_stand_on_one_line() -> None:
    text = "".join(f"第{volume}部 第{chapter}章 标题\n\n{PROSE}" for volume in "一二" for chapter in "一二")
    book = read(text)

    assert [(entry.depth, entry.title) for entry in book.contents] == [
        (0, "第一部"), (1, "第一章 标题"), (1, "第二章 标题"), (0, "第二部"), (1, "第一章 标题"), (1, "第二章 标题"),
    ]  # fmt: skip
    second = book.contents[1]
    assert book.sections[second.section].text[second.start :].startswith("第一章 标题")


def test_a_title_may_stand_under_its_number() -> None:
    assert outline(f"第一回\n甄士隐梦幻识通灵\n\n{PROSE}") == [(0, "第一回 甄士隐梦幻识通灵")]
    assert outline(f"第一回\n他走了。\n{PROSE}") == [(0, "第一回")]


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("CHAPTER I", "CHAPTER I"),
        ("Chapter 12", "Chapter 12"),
        ("CHAPTER THE FIRST", "CHAPTER THE FIRST"),
        ("Chapter One: The Keeper", "Chapter One: The Keeper"),
        ("CHAPTER XIV. In Which Nothing Happens", "CHAPTER XIV. In Which Nothing Happens"),
        ("PART ONE", "PART ONE"),
        ("BOOK THE FIRST. RECALLED TO LIFE", "BOOK THE FIRST. RECALLED TO LIFE"),
        ("CHAPTER I.\nTHE PERIOD", "CHAPTER I. THE PERIOD"),
        ("CHAPTER I.\n\nThe Keeper of the Light", "CHAPTER I. The Keeper of the Light"),
        ("Prologue", "Prologue"),
        ("EPILOGUE", "EPILOGUE"),
        ("Letter 4", "Letter 4"),
    ],
)
def test_an_english_heading_is_found(head: str, title: str) -> None:
    assert outline(f"A short word before it all.\n\n{head}\n\n{WORDS}") == [(0, title)]


@pytest.mark.parametrize(
    "line",
    [
        "Part of the crew went ashore, and nobody saw them again.",
        "Chapter and verse were quoted.",
        "Book one is done.",
        "Letter by letter he read it,",
        "chapter two was harder",
        "The first chapter was short.",
    ],
)
def test_an_english_sentence_is_no_heading(line: str) -> None:
    assert outline(f"CHAPTER I\n\n{WORDS}{line}\n\n{WORDS}") == [(0, "CHAPTER I")]


def test_book_part_and_chapter_are_nested() -> None:
    text = "".join(
        f"BOOK {book}\n\nPART {part}\n\nCHAPTER {chapter}\n\n{WORDS}"
        for book in ("ONE", "TWO")
        for part in ("I", "II")
        for chapter in ("1", "2")
    )
    found = outline(text)

    assert found[:3] == [(0, "BOOK ONE"), (1, "PART I"), (2, "CHAPTER 1")]


def test_a_list_of_contents_is_no_chapter() -> None:
    titles = [f"CHAPTER {number}. The Title {name}" for number, name in enumerate("ABCD", 1)]
    listed = "\n".join(titles)
    chapters = "".join(f"{title}\n\n{WORDS}" for title in titles)
    book = read(f"The Keeper\n\nContents\n\n{listed}\n\n{chapters}")

    assert [section.title for section in book.sections if section.title.startswith("CHAPTER")] == titles


def test_a_nested_list_of_contents_is_no_chapter() -> None:
    listed = "目录\n卷一 春\n第一章 甲\n第二章 乙\n卷二 秋\n第三章 丙\n第四章 丁\n\n"
    body = f"卷一 春\n第一章 甲\n{PROSE}第二章 乙\n{PROSE}卷二 秋\n第三章 丙\n{PROSE}第四章 丁\n{PROSE}"
    found = outline(listed + body)

    assert [title for depth, title in found if title != "目录"] == [
        "卷一 春", "第一章 甲", "第二章 乙", "卷二 秋", "第三章 丙", "第四章 丁",
    ]  # fmt: skip


def test_numbers_alone_are_chapters_when_they_count_up() -> None:
    text = "".join(f"\n{number}\n\n{WORDS}" for number in ("I", "II", "III", "IV"))

    assert outline(f"The Keeper\n\n{text}") == [(0, "I"), (0, "II"), (0, "III"), (0, "IV")]
    assert outline(f"The Keeper\n\n7\n\n{WORDS}\n\n3\n\n{WORDS}") == []


def test_a_line_of_a_wrapped_paragraph_is_no_heading() -> None:
    line = "却说那女娲氏炼石补天之时，于大荒山无稽崖炼成高十二丈见方二十四丈大的顽石三万\n"
    text = f"    第一回 开始\n\n    {line}{line}第二回 书中所说\n的那块石头。\n" + f"    {line}{line}" * 20

    assert outline(text) == [(0, "第一回 开始")]


def test_the_licence_at_the_end_is_no_part_of_the_last_chapter() -> None:
    end = "*** END OF THE PROJECT GUTENBERG EBOOK THE KEEPER ***"
    book = read(
        f"Title: The Keeper\n\nCHAPTER I\n\n{WORDS * 3}{end}\n\nThis eBook is for the use of anyone.\n\n{WORDS * 2}"
    )

    assert "for the use of anyone" in book.sections[-1].text
    assert "for the use of anyone" not in book.sections[0].text
    assert book.contents[-1].title == "END OF THE PROJECT GUTENBERG EBOOK THE KEEPER"


@pytest.mark.parametrize(
    ("title", "number"),
    [("第一回", 1), ("第十回", 10), ("第二十三章", 23), ("第一百零二回", 102), ("第012章", 12), ("第１２章", 12),
     ("序", 0), ("第一千零一章", 1001), ("第两百零五话", 205), ("第一二〇章", 120), ("廿三", 23), ("第壹佰回", 100)],
)  # fmt: skip
def test_chinese_numbers_are_read(title: str, number: int) -> None:
    assert ordinal(title) == number


@pytest.mark.parametrize(
    ("word", "number"),
    [("IV", 4), ("xcix", 99), ("12", 12), ("Twenty-three", 23), ("FIRST", 1), ("forty", 40), ("nothing", 0)],
)
def test_english_numbers_are_read(word: str, number: int) -> None:
    assert english(word) == number
