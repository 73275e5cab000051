"""The promise of the coordinates, in a real browser: what is highlighted is the slice of the text."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import made, sampler
from tests.e2e.stack import Stack
from tests.e2e.waits import until_still

pytestmark = pytest.mark.e2e

SEED = 20260917
SPANS = 250  # of every section
SPAN_JS = "performance.getEntriesByType('resource').map(({name}) => name).find((name) => /reader\\/span\\./.test(name))"

# For every span: the words that are marked, whether taking the marks away left the section as it was, and what a
# selection of the same words is as a span.
TRY_SPANS = """async ([module, number, spans]) => {
    const { cuts, pieces, spanOf, unwrap, wordsOf, wrap } = await import(module);
    const leaf = document.querySelector(`.leaf[data-section="${number}"]`);
    const before = leaf.innerHTML;
    return spans.map(([start, end]) => {
        const found = cuts(pieces(leaf), start, end);
        const range = document.createRange();
        if (found.length) {
            range.setStart(found[0].piece.node, found[0].from);
            range.setEnd(found.at(-1).piece.node, found.at(-1).to);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }
        const span = found.length ? spanOf(leaf, getSelection().getRangeAt(0)) : null;
        const marks = wrap(leaf, start, end, { q: 'test', on: true });
        const words = wordsOf(marks);
        unwrap(marks);
        return { words, isSame: leaf.innerHTML === before, span: span && [span.start, span.end] };
    });
}"""
BLOCKS = """async ([module, number]) => {
    const { pieces, spanOf } = await import(module);
    const leaf = document.querySelector(`.leaf[data-section="${number}"]`);
    return [...leaf.querySelectorAll('[data-start]')].map((block) => {
        const range = document.createRange();
        range.selectNodeContents(block);
        const span = spanOf(leaf, range);
        return {
            start: Number(block.dataset.start), end: Number(block.dataset.end), isRow: block.tagName === 'TR',
            text: pieces(block).length ? null : '', span: span && [span.start, span.end],
            own: pieces(leaf).filter(({ node }) => block.contains(node)).map(({ node }) => node.data).join(''),
        };
    });
}"""
PLACES = """async ([module, number, offsets]) => {
    const { boxAt, offsetAt } = await import(module);
    const leaf = document.querySelector(`.leaf[data-section="${number}"]`);
    return offsets.map((offset) => {
        const box = boxAt(leaf, offset);
        if (!box || !box.height) return null;
        const again = boxAt(leaf, offsetAt(leaf, box.top + box.height / 2));
        return Math.abs(again.top - box.top);
    });
}"""


@dataclass(frozen=True)
class Opened:
    """A section in the page, its canonical text, and its blocks as the page has them."""

    page: Page
    number: int
    text: str
    blocks: list[Any]
    module: str

    def shown(self, start: int, end: int) -> str:
        """What can be marked of [start, end): the slice without what lies between blocks and between cells."""
        parts = (
            (self.text[max(start, block["start"]) : min(end, block["end"])], block["isRow"])
            for block in self.blocks
            if block["start"] < end and block["end"] > start
        )
        return "".join(part.replace("\t", "") if is_row else part for part, is_row in parts)


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """The book that holds everything and a Chinese one."""
    return {"tides.epub": sampler.sampler_epub(), "garden.txt": made.garden_text()}


def sections(page: Page, mindory: Stack, book: str) -> Iterator[Opened]:
    """Open every section of a book, one after the other."""
    page.goto(mindory.url)
    item = page.locator("[data-part=shelf] > li").filter(has_text=book)
    pk = item.get_attribute("data-book")
    listed = page.request.get(f"{mindory.url}/api/v1/books/{pk}/sections").json()
    for number in range(len(listed["items"])):
        text = page.request.get(f"{mindory.url}/api/v1/books/{pk}/sections/{number}/text").text()
        page.goto(f"{mindory.url}/books/{pk}/?section={number}")
        expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
        module = page.evaluate(SPAN_JS)
        yield Opened(page, number, text, page.evaluate(BLOCKS, [module, number]), module)


@pytest.mark.parametrize("book", ["Tide Tables", "garden"])
def test_every_block_of_the_page_is_its_slice_of_the_text(page: Page, mindory: Stack, book: str) -> None:
    seen = ""
    for opened in sections(page, mindory, book):
        at = 0
        for block in opened.blocks:
            assert opened.text[at : block["start"]].strip("\n") == ""
            assert block["own"] == opened.text[block["start"] : block["end"]]
            assert block["span"] == ([block["start"], block["end"]] if block["own"] else None)
            at = block["end"]
        assert opened.text[at:].strip("\n") == ""
        seen += opened.text
    if book == "Tide Tables":
        for words in ("𠮷", "👩‍🍳", "🇫🇷🇨🇳", "hy\u00adphens", "Zu\u0308rich", "灯台の光", "البحّار", "אוֹר", "<end>", "&"):
            assert words in seen


@pytest.mark.parametrize("book", ["Tide Tables", "garden"])
def test_any_span_is_marked_character_by_character(page: Page, mindory: Stack, book: str) -> None:
    chance = random.Random(SEED)
    for opened in sections(page, mindory, book):
        spans = [sorted(chance.sample(range(len(opened.text) + 1), 2)) for _ in range(SPANS)]
        spans += [[n, min(n + 2, len(opened.text))] for n in range(0, len(opened.text) - 1, 7)]
        found = page.evaluate(TRY_SPANS, [opened.module, opened.number, spans])
        for (start, end), tried in zip(spans, found, strict=True):
            expected = opened.shown(start, end)
            assert tried["words"] == expected, (opened.number, start, end)
            assert tried["isSame"], "the section is another one after its marks are gone"
            if tried["span"]:
                first, last = tried["span"]
                assert start <= first < last <= end
                assert opened.shown(first, last) == expected


def test_a_place_in_the_text_and_a_line_on_the_screen_find_each_other(page: Page, mindory: Stack) -> None:
    chance = random.Random(SEED)
    for opened in sections(page, mindory, "garden"):
        offsets = sorted(chance.sample(range(len(opened.text)), min(120, len(opened.text))))
        away = page.evaluate(PLACES, [opened.module, opened.number, offsets])
        assert [distance for distance in away if distance is not None and distance > 4] == []


def test_what_is_drawn_and_not_written_is_no_text_of_the_page(page: Page, mindory: Stack) -> None:
    for opened in sections(page, mindory, "Tide Tables"):
        if "灯台" not in opened.text:
            continue
        assert "とうだい" not in opened.text
        reading = page.locator("rt").first
        expect(reading).to_have_attribute("data-reading", "とうだい")
        assert reading.evaluate("(rt) => rt.textContent") == ""
        assert reading.evaluate("(rt) => getComputedStyle(rt, '::before').content") == '"とうだい"'
        assert reading.evaluate("(rt) => rt.getBoundingClientRect().width") > 0


def test_words_of_a_formula_are_painted_and_its_shape_stays(page: Page, mindory: Stack) -> None:
    opened = next(sections(page, mindory, "Tide Tables"))
    until_still(page)
    formula = page.locator(".leaf math").last
    box = formula.bounding_box()
    painted = page.evaluate(
        """async ([module, number, from, to]) => {
            const { wrap } = await import(module);
            wrap(document.querySelector(`.leaf[data-section="${number}"]`), from, to, { q: 'kept', on: true });
            return [...CSS.highlights.get('cited-words-on')].map(String).join('');
        }""",
        [opened.module, opened.number, opened.text.index("h(t)"), opened.text.index("h(t)") + 6],
    )
    assert painted == opened.text[opened.text.index("h(t)") :][:6]
    assert formula.bounding_box() == box
    assert page.locator("math mark").count() == 0
