"""The printed pages of a PDF, as a reader meets them: sharp, with words to select, to quote and to come back to."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import hands, prints
from tests.e2e.conftest import DESK
from tests.e2e.stack import Stack
from tests.e2e.waits import until, until_equal, until_still

pytestmark = pytest.mark.e2e

# For every page in view: the pixels its picture has, and the pixels the screen shows it with.
SHARPNESS = """() => [...document.querySelectorAll('.printed')].flatMap((page) => {
    const [box, room] = [page.getBoundingClientRect(), document.querySelector('.scroll').getBoundingClientRect()];
    if (box.bottom < room.top || box.top > room.bottom) return [];
    const picture = page.querySelector('.whole');
    return [[picture?.naturalWidth ?? 0, box.width * devicePixelRatio, page.querySelectorAll('.tile').length]];
})"""
# Select from the middle of one line to the middle of another, as the browser's own selection.
SELECT = """([page, first, last]) => {
    const lines = document.querySelectorAll(`.printed[data-page="${page}"] .ln`);
    const [one, other] = [lines[first].children[2].firstChild, lines[last].children[1].firstChild];
    getSelection().setBaseAndExtent(one, 1, other, 2);
}"""
# Turn a second time before the first movement is over.
TWICE = """() => {
    for (const key of ['ArrowRight', 'ArrowRight'])
        document.querySelector('.scroll').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}"""
INKED = "The lamp was lit at four in the winter and at nine in the summer, and nobody in Saltmere"  # on two lines
# The letters under the ink.
UNDER_INK = """() => {
    const boxes = [...document.querySelectorAll('.paints .hl2 rect')].map((rect) => rect.getBoundingClientRect());
    const under = [...document.querySelectorAll('.printed .ln > *')].flatMap(({ firstChild: node }) =>
        [...(node?.data ?? '')].map((letter, at) => {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { left, right, top, bottom } = range.getBoundingClientRect();
            const [x, y] = [(left + right) / 2, (top + bottom) / 2];
            return boxes.some((box) => x > box.left && x < box.right && y > box.top && y < box.bottom) ? letter : '';
        }));
    return under.join('');
}"""
SPANS = """([page, first, last]) => {
    const lines = document.querySelectorAll(`.printed[data-page="${page}"] .ln`);
    const before = (line, to) => [...line.children].slice(0, to).map(({ textContent }) => textContent).join('').length;
    const [start, end] = [lines[first], lines[last]].map((line) => Number(line.dataset.start));
    const section = Number(lines[first].parentNode.dataset.section);
    return [start + before(lines[first], 2) + 1, end + before(lines[last], 1) + 2, section];
}"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """A printed book."""
    return {"keeper.pdf": prints.keeper_pdf()}


@pytest.fixture(scope="module")
def seeing() -> dict[str, Any]:
    """It may use the clipboard."""
    return DESK | {"permissions": ["clipboard-read", "clipboard-write"]}


def book(page: Page, mindory: Stack) -> int:
    """Return the number of the only book there is."""
    return int(page.request.get(f"{mindory.url}/api/v1/books").json()["items"][0]["id"])


def read(page: Page, mindory: Stack, query: str = "") -> None:
    """Open the only book there is, as a reader who has not chosen anything."""
    page.goto(f"{mindory.url}/health")
    page.evaluate("localStorage.removeItem('sheets')")
    page.goto(f"{mindory.url}/books/{book(page, mindory)}/{query}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")


def printed(page: Page, number: int) -> Any:
    return page.locator(f'.printed[data-page="{number}"]')


def go_to(page: Page, name: str) -> None:
    page.locator(".sheetname").click()
    page.get_by_label("Go to page").fill(name)
    page.get_by_label("Go to page").press("Enter")


def text_of(page: Page, mindory: Stack, section: int) -> str:
    return page.request.get(f"{mindory.url}/api/v1/books/{book(page, mindory)}/sections/{section}/text").text()


def test_a_pdf_opens_as_its_pages_and_sharp(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")

    expect(printed(page, 0)).to_have_attribute("data-drawn", "800")
    expect(printed(page, 0)).to_have_attribute("aria-label", "Page i, 1 of 26")
    expect(page.locator(".sheetname")).to_have_text("Page 1 (i) of 26")
    assert page.locator(".printed").count() < 5
    expect(page.locator(".printed:not([data-drawn])")).to_have_count(0)
    until(lambda: all(has * 1.02 >= shown for has, shown, _parts in page.evaluate(SHARPNESS)))


def test_selected_words_are_the_slice_of_the_text(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    expect(printed(page, 0).locator(".ln").nth(6)).to_be_attached()

    page.evaluate(SELECT, [0, 1, 5])
    start, end, section = page.evaluate(SPANS, [0, 1, 5])
    page.keyboard.press("Control+c")

    wanted = text_of(page, mindory, section)[start:end]
    until_equal(lambda: page.evaluate("navigator.clipboard.readText()"), wanted)
    assert "\n" not in wanted


def test_a_line_drawn_past_the_words_stays_in_them(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    lines = printed(page, 0).locator(".ln")
    expect(lines.nth(6)).to_be_attached()
    until_still(page)
    first, last = lines.nth(2).bounding_box(), lines.nth(4).bounding_box()
    assert first
    assert last

    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 4, last["y"] + last["height"] / 2, steps=5)
    page.mouse.up()

    words = page.evaluate("getSelection().toString()")
    assert "the keeper until the night on which it stayed dark." in words
    assert "Sheet 1 of the log" not in words


def test_a_citation_marks_the_very_words_on_their_page(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    hands.open_chat(page)
    hands.ask(page, "Where did the keeper hide the silver whistle?")
    slip = hands.done(page).locator(".quote").filter(has_text="whistle").first
    expect(slip).to_contain_text("Verified", timeout=60_000)
    quote = slip.locator(".words").inner_text()
    slip.locator(".words a").click()

    mark = page.locator(".paints .on").first
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    assert "".join(str(mark.get_attribute("aria-label")).split()) == "".join(quote.split())
    expect(printed(page, 13).locator(".paints .on rect")).not_to_have_count(0)
    page.get_by_role("button", name="Back to where you were").click()
    expect(printed(page, 0)).to_be_in_viewport()


def test_words_of_the_address_are_marked_where_they_are_printed(page: Page, mindory: Stack) -> None:
    here = f"{mindory.url}/api/v1/books/{book(page, mindory)}"
    numbers = range(len(page.request.get(f"{here}/sections").json()["items"]))
    texts = [text_of(page, mindory, number) for number in numbers]
    section = next(number for number in numbers if prints.SECRET in texts[number])
    start = texts[section].index(prints.SECRET)
    read(page, mindory, f"?section={section}&start={start}&end={start + len(prints.SECRET)}")

    mark = page.locator(".paints .on")
    expect(mark).to_have_attribute("aria-label", prints.SECRET)
    until_still(page)
    under = page.evaluate(
        """() => [...document.querySelectorAll('.paints .on rect')].map((rect) => {
            const { left, right, top, height } = rect.getBoundingClientRect();
            const line = document.elementFromPoint((left + right) / 2, top + height / 2).closest('.ln');
            const [one, other] = [line.firstChild, line.lastChild].map((word) => word.getBoundingClientRect());
            return [line.textContent, left - one.left, right - other.right];
        })"""
    )
    assert " ".join(text for text, _left, _right in under) == prints.SECRET
    assert all(abs(left) < 4 and abs(right) < 4 for _text, left, right in under)


def is_under_ink(page: Page, words: str) -> None:
    """Wait until these words are under the ink, and no others."""
    until_equal(lambda: hands.bare(page.evaluate(UNDER_INK)), hands.bare(words))


def test_words_of_a_printed_page_are_inked_and_stay_inked(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    hands.draw_over(page, INKED)
    page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Rose").click()
    ink = page.get_by_role("button", name=re.compile(f"Highlight, Rose: “{INKED[:20]}"))
    expect(ink).to_be_visible()
    address = f"{mindory.url}/api/v1/books/{book(page, mindory)}/annotations"
    [kept] = until(lambda: page.request.get(address).json()["items"])
    assert text_of(page, mindory, kept["section"])[kept["start"] : kept["end"]] == INKED

    page.reload()
    expect(ink).to_be_visible()
    is_under_ink(page, INKED)
    page.set_viewport_size({"width": 1360, "height": 800})  # the page is drawn smaller
    is_under_ink(page, INKED)
    ink.focus()
    page.keyboard.press("Enter")
    page.locator(".markcard").get_by_role("button", name="Delete").click()
    expect(ink).to_have_count(0)


def test_pages_stay_sharp_at_any_zoom(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    page.get_by_role("button", name="Type and theme").click()
    larger = page.get_by_role("button", name="Larger pages")
    for _ in range(11):
        larger.click()
    expect(page.locator("[data-part=zoom]")).to_have_text("400%")
    page.keyboard.press("Escape")

    expect(page.locator(".printed .tile").first).to_be_attached(timeout=60_000)
    expect(page.locator('.printed:not([data-drawn="2400"])')).to_have_count(0, timeout=60_000)
    until(lambda: all(has == 2400 and shown > 2400 and 0 < parts < 8 for has, shown, parts in page.evaluate(SHARPNESS)))
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="Fit page").click()
    until_still(page)
    box, room = printed(page, 0).bounding_box(), page.locator(".scroll").bounding_box()
    assert box
    assert room
    assert box["height"] <= room["height"]
    page.get_by_role("button", name="Fit width").click()


def test_all_pages_are_seen_small_and_one_is_gone_to(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    page.locator(".sheetname").click()
    panel = page.get_by_role("dialog", name="Pages")
    current = panel.locator(".thumb[aria-current]")
    expect(current).to_be_focused()
    expect(current.locator("img")).to_have_js_property("naturalWidth", 240)
    panel.get_by_role("button", name="Page 4, 6 of 26").click()

    expect(panel).to_be_hidden()
    expect(page.locator(".sheetname")).to_have_text("Page 6 (4) of 26")
    until_still(page)
    wide = printed(page, 5).bounding_box()
    assert wide
    assert wide["width"] > 1.5 * wide["height"]
    go_to(page, "ii")
    expect(page.locator(".sheetname")).to_have_text("Page 2 (ii) of 26")
    go_to(page, "99")
    expect(panel.get_by_role("alert")).to_have_text("This book has no such page.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.locator(".sheetname")).to_have_text("Page 6 (4) of 26")


def test_the_keyboard_goes_through_pages(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    page.locator(".scroll").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sheetname")).to_have_text("Page 2 (ii) of 26")
    page.evaluate(TWICE)
    expect(page.locator(".sheetname")).to_have_text("Page 4 (2) of 26")
    page.keyboard.press("End")
    expect(page.locator(".sheetname")).to_have_text("Page 26 (24) of 26")
    page.keyboard.press("Home")
    expect(page.locator(".sheetname")).to_have_text("Page 1 (i) of 26")
    page.keyboard.press("+")
    expect(printed(page, 0)).to_be_visible()
    page.keyboard.press("-")


def test_the_text_is_a_switch_away_and_the_place_stays(page: Page, mindory: Stack) -> None:
    read(page, mindory, "?section=0&start=0")
    go_to(page, "12")
    expect(printed(page, 13)).to_be_in_viewport()
    expect(printed(page, 13).locator(".ln").first).to_be_attached()
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="As text").click()

    expect(page.locator(".leaf").first).to_be_visible()
    expect(page.get_by_text("Nobody read this")).to_be_in_viewport()
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="As printed").click()
    expect(page.locator(".sheetname")).to_have_text("Page 14 (12) of 26")


def test_a_page_that_is_not_drawn_is_asked_for_again(page: Page, mindory: Stack) -> None:
    drawing = re.compile(r"/pages/9\?width")
    page.route(drawing, lambda route: route.abort())
    read(page, mindory, "?section=0&start=0")
    go_to(page, "8")

    expect(page.get_by_text("The picture of this page has not come yet.")).to_be_visible()
    page.unroute(drawing)
    page.get_by_role("button", name="Try again").click()
    expect(printed(page, 9)).to_have_attribute("data-drawn", "800")


def test_pages_on_a_phone(chromium: Browser, ada: BrowserContext, mindory: Stack) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=3,
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
    )
    context.add_cookies(ada.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    read(page, mindory, "?section=0&start=0")
    expect(printed(page, 0)).to_have_attribute("data-drawn", "1200")
    expect(page.locator(".printed:not([data-drawn])")).to_have_count(0)
    until(lambda: all(has * 1.02 >= shown for has, shown, _parts in page.evaluate(SHARPNESS)))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator(".scroll").evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0
    page.locator(".sheetname").tap()
    expect(page.get_by_role("dialog", name="Pages")).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="Page 1, 3 of 26").tap()
    expect(page.locator(".sheetname")).to_have_text("Page 3 (1) of 26")
    context.close()
