"""What the page shows of a block is, character for character, its slice of the text; and nothing in it is markup."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from books.formats.parsed import BLOCK_KINDS, MARK_KINDS, Block, Mark
from books.models import Picture
from books.rendering import Look, blocks_html
from books.rendering.formulas import math_html

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"
DIGEST = "d" * 64
LOOK = Look(
    7,
    {
        1: Picture(number=1, width=900, height=600, digest=DIGEST),
        2: Picture(number=2, width=20, height=20, digest=DIGEST),
    },
)
ALPHABET = "ab <>&\"'\n\t宝é😀𠮷\u00ad\u00a0\u0301\u200d\u200f\ufe0fשלام👩🇫🇷"
words = st.text(alphabet=st.sampled_from(ALPHABET), min_size=1, max_size=30)
LEAVES = st.sampled_from(["mi", "mn", "mo", "mtext"])
NODES = st.sampled_from(["mrow", "mfrac", "msqrt", "msup", "math"])
TARGETS = {
    "ruby": st.sampled_from(["", "よみ", HOSTILE]),
    "link": st.sampled_from(["0:3", "12:0", "https://example.org/?a=1&b=\"'", "javascript:alert(1)", HOSTILE]),
    "note": st.sampled_from(["0:3:9", "x", HOSTILE]),
    "img": st.sampled_from(["1", "2", "3", HOSTILE]),
    "lang": st.sampled_from(["zh-Hans", "he", HOSTILE]),
    "cell": st.sampled_from(["", "h", "2x3", "h999x9999", HOSTILE]),
}


@st.composite
def formulas(draw: st.DrawFn, text: str, depth: int = 0) -> list[Any]:
    """A formula whose characters are `text`."""
    if len(text) < 2 or depth > 3:
        return [draw(LEAVES), text]
    cut = draw(st.integers(1, len(text) - 1))
    return [draw(NODES), draw(formulas(text[:cut], depth + 1)), draw(formulas(text[cut:], depth + 1))]


@st.composite
def marks_in(draw: st.DrawFn, text: str, start: int, end: int) -> Mark:
    """A mark of any kind, anywhere in [start, end)."""
    first, last = sorted((draw(st.integers(start, end)), draw(st.integers(start, end))))
    kind = draw(st.sampled_from(sorted(MARK_KINDS)))
    if kind == "math":
        tree = draw(st.one_of(formulas(text[first:last]), st.just(["script", HOSTILE])))
        return Mark(kind, first, last, json.dumps(tree))
    if kind == "img":
        last = first
    return Mark(kind, first, last, draw(TARGETS.get(kind, st.just(""))), draw(st.sampled_from(["", HOSTILE])))


@st.composite
def sections(draw: st.DrawFn) -> tuple[str, list[Block]]:
    """A section of blocks of every kind, with marks that may overlap in any way."""
    text, blocks = "", []
    for kind in draw(st.lists(st.sampled_from(sorted(BLOCK_KINDS)), max_size=8)):
        start = len(text) + (2 if text else 0)
        if kind in {"hr", "img"}:
            target = draw(TARGETS["img"]) if kind == "img" else ""
            blocks.append(Block(kind, len(text), len(text), target=target, label=draw(st.sampled_from(["", HOSTILE]))))
            continue
        body = draw(words)
        text = f"{text}\n\n{body}" if text else body
        marks = tuple(draw(st.lists(marks_in(text, start, len(text)), max_size=6)))
        align = draw(st.sampled_from(["", "center", "right", HOSTILE]))
        blocks.append(Block(kind, start, len(text), draw(st.integers(0, 6)), marks, draw(st.integers(0, 2)), align))
    return text, blocks


@unhurried
@given(sections(), st.booleans())
def test_the_text_on_the_page_is_the_text_of_the_book(section: tuple[str, list[Block]], is_rtl: bool) -> None:
    text, blocks = section
    shown = elements(text, blocks, Look(7, LOOK.pictures, is_rtl))
    assert len(shown) == len(blocks)
    for element, block in zip(shown, blocks, strict=True):
        assert (int(element.get("data-start")), int(element.get("data-end"))) == (block.start, block.end)
        content = element.text_content()
        if block.kind == "pre":
            content = content.removeprefix("\n")  # lxml keeps the line feed that a browser drops
        assert content == text[block.start : block.end]


@unhurried
@given(sections())
def test_elements_are_nested_properly_and_no_link_stands_in_a_link(section: tuple[str, list[Block]]) -> None:
    open_tags: list[str] = []
    for closing, tag in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", blocks_html(*section, LOOK)):
        if tag in {"br", "hr", "img"}:
            continue
        if closing:
            assert open_tags.pop() == tag
        else:
            assert tag not in {"a", "ruby", "math"} or tag not in open_tags
            open_tags.append(tag)
    assert not open_tags


@unhurried
@given(sections())
def test_nothing_of_a_book_becomes_markup_of_its_own(section: tuple[str, list[Block]]) -> None:
    page = html.fragment_fromstring(f"<article>{blocks_html(*section, LOOK)}</article>")
    assert not page.xpath("//script")
    for element in page.iter():
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
        for address in (element.get("href"), element.get("src")):
            assert address is None or address.startswith(("?section=", "https://", "/books/7/pictures/"))


def elements(text: str, blocks: list[Block], look: Look = LOOK) -> list[Any]:
    page = html.fragment_fromstring(f"<article>{blocks_html(text, blocks, look)}</article>")
    return list(page.xpath("//*[@data-start]"))


def paragraph(text: str, *marks: Mark) -> str:
    return str(blocks_html(text, [Block("p", 0, len(text), marks=marks)], LOOK))


def test_a_book_that_says_script_is_shown_saying_it() -> None:
    text = '<script>alert("1")</script>'
    shown = blocks_html(text, [Block("p", 0, len(text))])
    assert shown == (f'<p data-start="0" data-end="{len(text)}">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p>')


def test_headings_stay_below_the_title_of_the_page() -> None:
    assert blocks_html("A", [Block("h", 0, 1, level=1)]).startswith("<h2 ")
    assert blocks_html("A", [Block("h", 0, 1, level=6)]).startswith("<h6 ")


def test_a_reading_stands_above_its_word_and_is_no_text() -> None:
    assert '<ruby>漢字<rt data-reading="かんじ"></rt></ruby>だ' in paragraph("漢字だ", Mark("ruby", 0, 2, "かんじ"))


def test_a_reading_stays_whole_where_italics_end_inside_it() -> None:
    shown = paragraph("漢字だ", Mark("em", 0, 1), Mark("ruby", 0, 2, "かんじ"))
    assert '<ruby><em>漢</em>字<rt data-reading="かんじ"></rt></ruby>' in shown


def test_a_reading_of_the_first_parser_still_stands_in_its_ruby() -> None:
    assert "<ruby>漢字<rt>かん</rt></ruby>" in paragraph("漢字かん", Mark("ruby", 0, 4), Mark("rt", 2, 4))


def test_a_link_inside_the_book_opens_its_place() -> None:
    shown = paragraph("see chapter two", Mark("link", 4, 11, "3:40"))
    assert '<a class="goto" href="?section=3&amp;start=40" data-go="3:40">chapter</a>' in shown


def test_a_link_out_of_the_book_tells_nobody_where_it_came_from() -> None:
    shown = paragraph("see there", Mark("link", 4, 9, "https://example.org/?a=1&b=2"))
    assert 'href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank"' in shown


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", " https://example.org", "//example.org", "1:2;x", "#a", ""]
)
def test_a_link_that_leads_nowhere_safe_is_plain_text(target: str) -> None:
    assert "<a" not in paragraph("see there", Mark("link", 4, 9, target))


def test_a_note_leads_to_its_words() -> None:
    shown = paragraph("Word1 on", Mark("note", 4, 5, "9:10:40"), Mark("sup", 4, 5))
    assert (
        '<a class="noteref" role="doc-noteref" href="?section=9&amp;start=10&amp;end=40" data-note="9:10:40">'
        "<sup>1</sup></a>" in shown
    )


def test_paragraphs_of_one_note_stand_together() -> None:
    blocks = [Block("note", 0, 1, number=1), Block("note", 3, 4), Block("note", 6, 7, number=1)]
    assert blocks_html("a\n\nb\n\nc", blocks).count("<aside") == 2


def test_a_picture_keeps_its_place_before_it_is_loaded_and_opens_large() -> None:
    shown = str(blocks_html("", [Block("img", 0, 0, target="1", label="A ship & sea")], LOOK))
    assert (
        'src="/books/7/pictures/1?v=dddddddddddd" alt="A ship &amp; sea" width="900" height="600" loading="lazy"'
        in shown
    )
    assert '<a class="zoom" href="/books/7/pictures/1?v=dddddddddddd" data-zoom>' in shown


def test_a_small_picture_stands_in_the_line_like_a_character() -> None:
    shown = paragraph("ab", Mark("img", 1, 1, "2", "oe"))
    assert 'a<img class="glyph" src="/books/7/pictures/2?v=dddddddddddd" alt="oe" width="20" height="20"' in shown
    assert "zoom" not in shown


def test_a_picture_in_a_link_is_no_second_link() -> None:
    assert paragraph("abc", Mark("link", 0, 3, "0:0"), Mark("img", 1, 1, "1")).count("<a ") == 1


def test_a_picture_that_was_not_kept_is_named_and_adds_no_character() -> None:
    shown = paragraph("ab", Mark("img", 1, 1, "99", "A map"))
    assert 'a<span class="nopicture" role="img" aria-label="A map"></span>b' in shown
    assert "nopicture" not in paragraph("ab", Mark("img", 1, 1, "99"))


def test_a_formula_is_drawn_when_its_characters_are_the_text() -> None:
    tree = json.dumps(["math", ["mfrac", ["mn", "1"], ["mn", "2"]]])
    assert "<math><mrow><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow></math>" in paragraph(
        "½: 12", Mark("math", 3, 5, tree)
    )
    assert "<math" not in paragraph("½: 13", Mark("math", 3, 5, tree))


@pytest.mark.parametrize(
    "tree",
    [
        '["script", "12"]', '["mtext", ["mi", "12"]]', '["annotation-xml", "12"]', "[[]]", "{", "1", '["mi", 12]', "[]",
        '["mglyph", "12"]', '["maction", ["mi", "12"]]', "[" * 20_000, '["mrow",' * 5000 + '"12"' + "]" * 5000,
    ],
)  # fmt: skip
def test_a_formula_of_anything_else_is_plain_text(tree: str) -> None:
    assert math_html(tree, "12") == ""


def test_marks_do_not_cut_a_formula() -> None:
    tree = json.dumps(["mrow", ["mi", "a"], ["mo", "+"], ["mi", "b"]])
    shown = paragraph("xa+by", Mark("em", 0, 2), Mark("math", 1, 4, tree), Mark("strong", 2, 5))
    assert "<em>x<math>" in shown
    assert "</math></em><strong>y</strong>" in shown


def test_a_table_has_heads_and_wide_cells_and_a_second_one_begins_anew() -> None:
    text = "A\tB\n\nc\td\n\ne"
    blocks = [
        Block("row", 0, 3, marks=(Mark("cell", 0, 1, "h2x1"), Mark("cell", 2, 3, "h")), number=1),
        Block("row", 5, 8, marks=(Mark("cell", 5, 6, "1x2"), Mark("em", 5, 8))),
        Block("row", 10, 11, number=1),
    ]
    shown = str(blocks_html(text, blocks))
    assert shown.count("<table>") == 2
    assert '<th colspan="2">A</th>\t<th>B</th>' in shown
    assert '<td rowspan="2"><em>c</em></td>\t<td><em>d</em></td>' in shown


def test_an_empty_cell_keeps_its_place_and_its_span() -> None:
    shown = str(blocks_html("\tb", [Block("row", 0, 2, marks=(Mark("cell", 0, 0, "h3x1"),), number=1)]))
    assert '<th colspan="3"></th>\t<td>b</td>' in shown


def test_a_word_in_another_language_says_so() -> None:
    assert '<span lang="la">quod</span>' in paragraph("as quod says", Mark("lang", 3, 7, "la"))


def test_a_block_that_runs_against_its_book_finds_its_own_direction() -> None:
    text = "שלום\n\nplain"
    blocks = [Block("p", 0, 4), Block("p", 6, 11)]
    assert [element.get("dir") for element in elements(text, blocks, Look())] == ["auto", None]
    assert [element.get("dir") for element in elements(text, blocks, Look(is_rtl=True))] == [None, "auto"]


def test_an_ordered_list_keeps_its_numbers_over_a_paragraph_between() -> None:
    blocks = [Block("oli", 0, 1, 1, number=1), Block("p", 3, 4), Block("oli", 6, 7, 1, number=2)]
    shown = blocks_html("a\n\nb\n\nc", blocks)
    assert shown.count("<ol>") == 2
    assert 'value="2"' in shown


def test_an_alignment_is_kept() -> None:
    assert 'class="to-center"' in blocks_html("a", [Block("p", 0, 1, align="center")])
    assert 'class="verse to-right"' in blocks_html("a", [Block("verse", 0, 1, align="right")])


def test_many_marks_over_each_other_make_no_mountain_of_html() -> None:
    """Crossing marks once made tags with the square of their number."""
    kinds = sorted(MARK_KINDS - {"img", "math", "cell"})
    marks = tuple(Mark(kinds[n % len(kinds)], n, 9000 + n, "0:0" if n % 2 else "la") for n in range(2000))
    text = "word " * 4000
    began = time.process_time()
    shown = blocks_html(text, [Block("p", 0, len(text), marks=marks)])
    row = blocks_html(text.replace(" ", "\t"), [Block("row", 0, len(text) - 1, marks=marks)])
    assert len(shown) < 500_000
    assert len(row) < 2_000_000
    assert time.process_time() - began < 20
