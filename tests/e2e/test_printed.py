"""Printed pages that lead to each other, stand side by side, and are seen small beside the text."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e import hands
from tests.e2e.stack import Stack
from tests.e2e.waits import until_page, until_still
from tests.made import printed
from tests.made.pdfs import Sheet, book

pytestmark = pytest.mark.e2e

ALMANAC = "almanac.pdf"
HEBREW = "from-the-right.pdf"
# For every page in view: whether its picture has the pixels that the screen shows it with.
SHARP = """() => [...document.querySelectorAll('.printed')].every((page) => {
    const [box, room] = [page.getBoundingClientRect(), document.querySelector('.scroll').getBoundingClientRect()];
    const isSeen = box.bottom > room.top && box.top < room.bottom;
    const has = page.querySelector('.whole')?.naturalWidth ?? 0;
    return !isSeen || has >= Math.min(2400, box.width * devicePixelRatio) / 1.02;
})"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    sheets = [Sheet().line(90, 660, f"Leaf {number + 1} of a book.") for number in range(6)]
    from_the_right = book(sheets, catalog="/ViewerPreferences << /Direction /R2L >>", info={"Title": "From the right"})
    return {ALMANAC: printed.almanac(), HEBREW: from_the_right}


def read(page: Page, mindory: Stack, number: int) -> None:
    """Open a book at its beginning, as a reader who has not chosen anything."""
    page.goto(f"{mindory.url}/health")
    page.evaluate("localStorage.removeItem('sheets')")
    page.evaluate("localStorage.setItem('reading', JSON.stringify({ chat: 'shut' }))")
    page.goto(f"{mindory.url}/books/{number}/?section=0&start=0")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")


def leaf(page: Page, number: int) -> Locator:
    return page.locator(f'.printed[data-page="{number}"]')


def box_of(place: Locator) -> dict[str, float]:
    box: Any = place.bounding_box()
    assert box
    return dict(box)


def two_up(page: Page, pages: str = "Two") -> None:
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name=pages, exact=True).click()
    page.keyboard.press("Escape")
    until_still(page)


def test_links_lead_to_the_place_and_back_and_out(page: Page, mindory: Stack, shelf: dict[str, int]) -> None:
    read(page, mindory, shelf[ALMANAC])
    page.locator(".scroll").focus()
    page.keyboard.press("ArrowRight")
    links = leaf(page, 1).locator(".pagelinks a")
    expect(links).to_have_count(6)

    tide = leaf(page, 1).get_by_role("link", name="The Tide Tables 10 (Page 10)")
    tide.hover()
    expect(page.locator(".linktip")).to_have_text("Page 10")
    tide.click()
    expect(page.locator(".sheetname")).to_have_text("Page 10 of 24")
    expect(leaf(page, 9)).to_be_focused()
    expect(page.locator(".linktip")).to_be_hidden()
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.locator(".sheetname")).to_have_text("Page 2 of 24")

    links.nth(3).focus()
    page.keyboard.press("Enter")
    line = leaf(page, 5).locator(".ln", has_text=printed.LANDING)
    expect(line).to_be_in_viewport()
    until_still(page)
    assert box_of(line)["y"] - box_of(page.locator(".scroll"))["y"] < 60
    page.keyboard.press("Backspace")
    expect(page.locator(".sheetname")).to_have_text("Page 2 of 24")

    office = leaf(page, 1).get_by_role("link", name=re.compile("opens in a new tab"))
    expect(office.first).to_have_attribute("href", printed.OUTSIDE)
    expect(office.first).to_have_attribute("rel", "noopener noreferrer")
    expect(office.first).to_have_attribute("target", "_blank")
    expect(office.last).to_have_attribute("href", "mailto:pilot@example.org")
    office.first.hover()
    expect(page.locator(".linktip b")).to_have_text("example.org")
    page.keyboard.press("Escape")
    expect(page.locator(".linktip")).to_be_hidden()
    assert page.locator('[href^="javascript"]').count() == 0


def test_two_pages_stand_side_by_side(page: Page, mindory: Stack, shelf: dict[str, int]) -> None:
    read(page, mindory, shelf[ALMANAC])
    two_up(page)

    cover, left, right = (box_of(leaf(page, number)) for number in range(3))
    assert left["y"] == right["y"] > cover["y"] + cover["height"]
    assert abs(left["x"] + left["width"] - right["x"]) < 2
    assert abs(cover["width"] - left["width"]) < 2
    page.locator(".scroll").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sheetname")).to_have_text("Pages 2–3 of 24")
    until_page(page, SHARP)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sheetname")).to_have_text("Pages 4–5 of 24")
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="Fit page").click()
    page.keyboard.press("Escape")
    until_still(page)
    assert box_of(leaf(page, 3))["height"] <= box_of(page.locator(".scroll"))["height"]

    page.reload()
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(leaf(page, 2)).to_have_attribute("data-side", "right")
    page.set_viewport_size({"width": 600, "height": 900})
    expect(leaf(page, 1)).not_to_have_attribute("data-side", re.compile("."))
    page.set_viewport_size({"width": 1440, "height": 900})
    two_up(page, "One")
    expect(page.locator(".printed[data-side]")).to_have_count(0)


def test_a_book_from_the_right_has_its_first_page_on_the_right(
    page: Page, mindory: Stack, shelf: dict[str, int]
) -> None:
    read(page, mindory, shelf[HEBREW])
    two_up(page)

    assert box_of(leaf(page, 1))["x"] > box_of(leaf(page, 2))["x"]
    page.locator(".scroll").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".sheetname")).to_have_text("Pages 2–3 of 6")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sheetname")).to_have_text("Page 1 of 6")


def test_the_drawer_shows_all_pages_small(page: Page, mindory: Stack, shelf: dict[str, int]) -> None:
    read(page, mindory, shelf[ALMANAC])
    tabs = page.get_by_role("tablist")
    tabs.get_by_role("tab", name="Contents").focus()
    page.keyboard.press("ArrowRight")
    drawer = page.get_by_role("tabpanel", name="Pages")
    expect(drawer.locator(".thumb")).to_have_count(24)
    expect(drawer.locator(".thumb").first.locator("img")).to_have_js_property("naturalWidth", 240)
    assert drawer.locator("img").count() < 24

    drawer.get_by_role("button", name="Page 3").click()
    expect(page.locator(".sheetname")).to_have_text("Page 3 of 24")
    expect(drawer.locator("[aria-current]")).to_have_attribute("aria-label", "Page 3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".sheetname")).to_have_text("Page 4 of 24")
    page.mouse.move(900, 400)  # nobody is at work in the list any more
    page.locator(".scroll").focus()
    page.keyboard.press("End")
    expect(drawer.locator("[aria-current]")).to_have_attribute("aria-label", "Page 24")
    expect(drawer.get_by_role("button", name="Page 24")).to_be_in_viewport()
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.locator(".sheetname")).to_have_text("Page 3 of 24")


def test_two_fingers_make_a_page_larger_and_it_stays_sharp(
    chromium: Browser, ada: BrowserContext, mindory: Stack, shelf: dict[str, int]
) -> None:
    look: dict[str, Any] = {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    }
    context = chromium.new_context(**look, storage_state=ada.storage_state(), locale="en-GB")
    page = context.new_page()
    read(page, mindory, shelf[ALMANAC])
    first = box_of(leaf(page, 0))
    touch = context.new_cdp_session(page)

    def pinch(*apart: int) -> None:
        for number, half in enumerate(apart):
            points = [{"x": 195 + side * half, "y": 400} for side in (-1, 1)]
            touch.send(
                "Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": points}
            )
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    pinch(30, 45, 60, 75, 90)
    until_page(
        page, "(was) => document.querySelector('.printed').getBoundingClientRect().width > 2 * was", first["width"]
    )
    until_page(page, SHARP)
    pinch(90, 60, 30, 15)
    until_page(
        page, "(was) => document.querySelector('.printed').getBoundingClientRect().width === was", first["width"]
    )
    hands.tap_twice(page, 195, 400)
    until_page(
        page, "(was) => document.querySelector('.printed').getBoundingClientRect().width > 1.9 * was", first["width"]
    )
    context.close()
