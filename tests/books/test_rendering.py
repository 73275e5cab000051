"""What the page shows of a block is, character for character, its slice of the text; and nothing in it is markup."""

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from books.formats.parsed import BLOCK_KINDS, MARK_KINDS, Block, Mark
from books.rendering import blocks_html

words = st.text(alphabet=st.sampled_from("ab <>&\"'\n\t宝é😀\u00ad\u00a0"), min_size=1, max_size=30)


@st.composite
def sections(draw: st.DrawFn) -> tuple[str, list[Block]]:
    """A section of blocks of every kind, with marks that may overlap in any way."""
    text, blocks = "", []
    for kind in draw(st.lists(st.sampled_from(sorted(BLOCK_KINDS)), max_size=8)):
        start = len(text) + (2 if text else 0)
        body = "" if kind == "hr" else draw(words)
        if kind == "hr":
            blocks.append(Block("hr", len(text), len(text)))
            continue
        text = f"{text}\n\n{body}" if text else body
        end = len(text)
        ends = st.integers(start, end)
        spans = draw(st.lists(st.tuples(st.sampled_from(sorted(MARK_KINDS - {"ruby", "rt"})), ends, ends), max_size=5))
        marks = tuple(Mark(name, min(a, b), max(a, b)) for name, a, b in spans if a != b)
        blocks.append(Block(kind, start, end, draw(st.integers(0, 6)), marks, draw(st.integers(0, 3))))
    return text, blocks


@given(sections())
def test_the_text_on_the_page_is_the_text_of_the_book(section: tuple[str, list[Block]]) -> None:
    text, blocks = section
    page = html.fragment_fromstring(f"<article>{blocks_html(text, blocks)}</article>")
    shown = page.xpath("//*[@data-start]")
    assert len(shown) == len(blocks)
    for element, block in zip(shown, blocks, strict=True):
        assert (int(element.get("data-start")), int(element.get("data-end"))) == (block.start, block.end)
        content = element.text_content()
        if block.kind == "pre":
            content = content.removeprefix("\n")  # lxml keeps the line feed that a browser drops
        assert content == text[block.start : block.end]


@given(sections())
def test_elements_are_nested_properly(section: tuple[str, list[Block]]) -> None:
    open_tags: list[str] = []
    for closing, tag in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", blocks_html(*section)):
        if tag in {"br", "hr"}:
            continue
        if closing:
            assert open_tags.pop() == tag
        else:
            open_tags.append(tag)
    assert not open_tags


def test_a_book_that_says_script_is_shown_saying_it() -> None:
    text = '<script>alert("1")</script>'
    shown = blocks_html(text, [Block("p", 0, len(text))])
    assert shown == (f'<p data-start="0" data-end="{len(text)}">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</p>')


def test_headings_stay_below_the_title_of_the_page() -> None:
    assert blocks_html("A", [Block("h", 0, 1, level=1)]).startswith("<h2 ")
    assert blocks_html("A", [Block("h", 0, 1, level=6)]).startswith("<h6 ")


def test_a_reading_stands_in_its_ruby() -> None:
    marks = (Mark("ruby", 0, 4), Mark("rt", 2, 4))
    assert "<ruby>漢字<rt>かん</rt></ruby>" in blocks_html("漢字かん", [Block("p", 0, 4, marks=marks)])


def test_an_ordered_list_keeps_its_numbers_over_a_paragraph_between() -> None:
    blocks = [Block("oli", 0, 1, 1, number=1), Block("p", 3, 4), Block("oli", 6, 7, 1, number=2)]
    shown = blocks_html("a\n\nb\n\nc", blocks)
    assert shown.count("<ol>") == 2
    assert 'value="2"' in shown
