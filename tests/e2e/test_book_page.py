"""Notes, links and pictures in the reader, and the page about a book, as a reader meets them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import made, sampler
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """A book that has everything and a text in GBK."""
    return {"tides.epub": sampler.sampler_epub(), "garden.txt": made.garden_text()}


def address(page: Page, mindory: Stack, title: str = "Tide Tables") -> str:
    page.goto(mindory.url)
    item = page.locator("[data-part=shelf] > li").filter(has_text=title)
    return f"{mindory.url}/books/{item.get_attribute('data-book')}/"


def read(page: Page, mindory: Stack, section: int = 0) -> None:
    page.goto(f"{address(page, mindory)}?section={section}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")


def test_a_note_opens_over_the_page_and_gives_the_focus_back(page: Page, mindory: Stack) -> None:
    read(page, mindory)
    mark = page.locator(".leaf a.noteref").nth(1)

    mark.click()

    note = page.get_by_role("dialog", name="Note")
    expect(note).to_contain_text("The rule of twelfths")
    expect(note).to_contain_text("In Saltmere the third hour")
    expect(note).to_be_focused()
    expect(note).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(mark).to_be_focused()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()
    page.locator(".bar .title").click()
    expect(note).to_have_count(0)


def test_a_note_can_be_seen_in_its_place_and_one_comes_back(page: Page, mindory: Stack) -> None:
    read(page, mindory)
    page.locator(".leaf a.noteref").first.click()
    page.get_by_role("button", name="Show in the book").click()

    expect(page.get_by_text("It was bound in sealskin")).to_be_in_viewport()
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.get_by_role("heading", name="Of Tides")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Back to where you were")).to_be_hidden()


def test_a_note_is_a_plain_link_without_scripts(chromium: Browser, ada: BrowserContext, mindory: Stack) -> None:
    bare = chromium.new_context(java_script_enabled=False, storage_state=ada.storage_state())
    tab = bare.new_page()
    tab.goto(mindory.url)
    pk = tab.locator("[data-part=shelf] > li").filter(has_text="Tide Tables").get_attribute("data-book")
    tab.goto(f"{mindory.url}/books/{pk}/?section=0")
    tab.locator(".leaf a.noteref").first.click()
    expect(tab.locator(".leaf")).to_contain_text("It was bound in sealskin")
    tab.goto(f"{mindory.url}/books/{pk}/about")
    tab.locator("[name=series]").fill("Books of the Harbour")
    tab.get_by_role("button", name="Save", exact=True).last.click()
    expect(tab.locator(".abouthead")).to_contain_text("Books of the Harbour")
    tab.get_by_role("button", name=re.compile("Use the file’s.*Series")).click()
    expect(tab.locator(".abouthead")).not_to_contain_text("Books of the Harbour")
    bare.close()


def test_a_link_of_the_book_goes_there_and_back(page: Page, mindory: Stack) -> None:
    read(page, mindory)
    page.get_by_role("link", name="the chart of the bar").click()

    expect(page.get_by_text("High water at the quay")).to_be_in_viewport()
    page.get_by_role("button", name="Back to where you were").click()
    expect(page.get_by_role("link", name="the chart of the bar")).to_be_in_viewport()
    away = page.get_by_role("link", name="the observatory")
    expect(away).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(away).to_have_attribute("target", "_blank")


def test_a_picture_keeps_its_place_and_opens_large(page: Page, mindory: Stack) -> None:
    read(page, mindory)
    picture = page.locator(".leaf .picture img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 900)

    picture.click()

    large = page.locator("dialog.zoomed")
    expect(large.get_by_role("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(page.locator(".leaf a.zoom").first).to_be_focused()


def test_a_wide_table_scrolls_in_its_own_box(page: Page, mindory: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for section in range(4):
        read(page, mindory, section)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert page.locator(".scroll").evaluate("(box) => box.scrollWidth - box.clientWidth") <= 0
    read(page, mindory, 1)
    assert page.locator(".wide").last.evaluate("(box) => box.scrollWidth - box.clientWidth") > 100


def test_the_shelf_leads_to_the_page_about_a_book_with_its_own_cover(page: Page, mindory: Stack) -> None:
    page.goto(mindory.url)
    item = page.locator("[data-part=shelf] > li").filter(has_text="Tide Tables")
    cover = item.locator(".cover.photo img")
    expect(cover).to_have_js_property("naturalHeight", 1200)
    item.hover()
    item.locator("[data-do=menu]").click()
    page.get_by_role("menuitem", name="About this book").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(sampler.TITLE)
    expect(page.locator(".figures")).to_contain_text("Pictures")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_chosen_cover_is_shown_before_it_is_sent(page: Page, mindory: Stack, tmp_path: Path) -> None:
    own = tmp_path / "own.png"
    own.write_bytes(sampler.lamp(300, 450))
    page.goto(f"{address(page, mindory, 'garden')}about")
    page.locator("#cover-file").set_input_files(own)
    expect(page.locator(".nowcover .cover.photo img")).to_be_visible()
    page.get_by_role("button", name="Use this picture").click()
    expect(page.locator(".abouthead .cover.photo img")).to_have_js_property("naturalWidth", 300)
    page.get_by_role("button", name="Remove my picture").click()
    expect(page.locator(".abouthead .cover.photo")).to_have_count(0)


def test_another_encoding_is_chosen_by_its_preview(page: Page, mindory: Stack) -> None:
    page.goto(f"{address(page, mindory, 'garden')}about")
    page.get_by_role("link", name="The letters are wrong…").click()
    chosen = page.locator(".encoding").filter(has=page.locator(":checked"))
    expect(chosen).to_contain_text("梅花")
    expect(page.locator(".encoding")).not_to_have_count(1)
    page.get_by_role("button", name="Read with this encoding").click()
    expect(page.locator(".notice.told").first).to_contain_text("reads the file again")
