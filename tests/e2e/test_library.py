"""The library as a reader uses it: shelves, collections, searching, several books at once, and taking back."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.books_made import epub, paragraphs
from tests.e2e import hands, readers
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

BOOKS = {
    "The Keeper of Grey Point": ("Ida Vogel", "Old Marten kept the lighthouse and its green lamp for forty years."),
    "The Letters of Grey Point": (
        "Ida Vogel",
        "A letter came with a silver whistle in it, and the lamp was lit again.",
    ),
    "Winter Orchard": ("Émile Strand", "The orchard slept under the snow until the albatross came."),
    "红楼旧梦": ("曹雪芹", "话说东海之滨有一座石塔，塔上住着一位老渔翁。"),
}
SHELF = "[data-part=shelf] > li"


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """Four books."""
    return {
        f"{number}.epub": epub(title, {"One": paragraphs(words, f"It is the book number {number}.")}, author=author)
        for number, (title, (author, words)) in enumerate(BOOKS.items())
    }


@pytest.fixture(scope="module")
def shelf(ada: BrowserContext, mindory: Stack, books: dict[str, bytes]) -> dict[str, int]:
    """Their numbers; two of them are of one series."""
    numbers = readers.shelve(ada, mindory, books)
    for number, name in ((2, "1.epub"), (1, "0.epub")):
        about = {"series": "Grey Point", "series_number": number}
        address = f"{mindory.url}/api/v1/books/{numbers[name]}"
        answer = ada.request.patch(address, data=about, headers=readers.token(ada, mindory))
        assert answer.ok, answer.text()
    return numbers


def shows(page: Page, *titles: str) -> None:
    expect(page.locator(f"{SHELF} .t")).to_have_text(titles)


def at_the_library(page: Page, mindory: Stack, query: str = "") -> None:
    page.goto(f"{mindory.url}/{query}")
    expect(page.locator(SHELF).first).to_be_visible()


def test_shelves_have_addresses_and_the_way_back(page: Page, mindory: Stack) -> None:
    at_the_library(page, mindory)
    page.get_by_text("Last opened").first.click()
    page.get_by_role("link", name="Title", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?sort=title$"))
    shows(page, "The Keeper of Grey Point", "The Letters of Grey Point", "Winter Orchard", "红楼旧梦")

    page.get_by_text("Filter", exact=True).click()
    page.locator("#by-author").select_option("Ida Vogel")
    expect(page.get_by_role("heading", name=re.compile("Ida Vogel"))).to_be_visible()
    expect(page.locator("[data-part=filter] summary")).to_be_focused()
    expect(page).to_have_url(re.compile("author=Ida"))
    expect(page.locator(SHELF)).to_have_count(2)
    page.go_back()
    expect(page.locator(SHELF)).to_have_count(4)

    at_the_library(page, mindory, "?series=Grey+Point&view=list")
    shows(page, "The Keeper of Grey Point", "The Letters of Grey Point")
    expect(page.locator("[data-part=shelf]")).to_have_class(re.compile("rows"))


def test_a_collection_is_made_filled_named_and_taken_down(page: Page, mindory: Stack) -> None:
    at_the_library(page, mindory)
    page.get_by_role("link", name="New collection").click()
    page.get_by_label("Name", exact=True).fill("By the sea")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing stands here yet")).to_be_visible()

    page.get_by_role("link", name="Library").first.click()
    expect(page.locator(SHELF)).to_have_count(4)
    place = page.locator(".side [data-collection]")
    page.locator("a.onshelf").filter(has_text="Winter Orchard").drag_to(place)
    expect(page.get_by_text("1 book now stands on “By the sea”.")).to_be_visible()
    expect(place.locator(".n")).to_have_text("1")

    item = page.locator(SHELF).filter(has_text="Keeper")
    item.hover()
    item.locator("[data-do=menu]").click()
    page.get_by_role("menuitem", name="Collections…").click()
    page.get_by_role("dialog").get_by_label("By the sea").check()
    page.get_by_role("button", name="Done").click()
    place.click()
    expect(page.locator(SHELF)).to_have_count(2)

    page.locator("summary[aria-label^='More for']").click()
    page.get_by_role("button", name="Rename…").click()
    page.get_by_label("Name", exact=True).fill("Lighthouses")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("Lighthouses"))).to_be_visible()
    expect(place).to_contain_text("Lighthouses")
    page.locator("summary[aria-label^='More for']").click()
    page.get_by_role("button", name="Delete the collection…").click()
    page.get_by_role("button", name="Delete", exact=True).last.click()
    expect(page.locator(SHELF)).to_have_count(4)
    expect(place).to_have_count(0)


def test_several_books_are_deleted_and_brought_back(page: Page, mindory: Stack) -> None:
    at_the_library(page, mindory, "?sort=title")
    page.get_by_role("button", name="Select", exact=True).click()
    page.locator("a.onshelf").nth(0).click()
    page.locator("a.onshelf").nth(2).click(modifiers=["Shift"])
    expect(page.locator("[data-part=selected]")).to_have_text("3 selected")
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    toast = hands.stay_on_toast(page)
    expect(page.locator(SHELF)).to_have_count(1)
    expect(toast).to_contain_text("3 books deleted.")

    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(SHELF)).to_have_count(4)
    shows(page, "The Keeper of Grey Point", "The Letters of Grey Point", "Winter Orchard", "红楼旧梦")
    page.reload()
    expect(page.locator(SHELF)).to_have_count(4)


def test_what_another_page_deletes_goes_here_too(page: Page, ada: BrowserContext, mindory: Stack) -> None:
    at_the_library(page, mindory)
    other = ada.new_page()
    at_the_library(other, mindory)
    item = other.locator(SHELF).filter(has_text="Orchard")
    item.hover()
    item.locator("[data-do=menu]").click()
    other.get_by_role("menuitem", name="Delete").click()
    toast = hands.stay_on_toast(other)
    expect(page.locator(SHELF)).to_have_count(3)

    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(SHELF)).to_have_count(4)
    other.close()


def test_titles_and_texts_are_found_by_the_keyboard_alone(page: Page, mindory: Stack) -> None:
    at_the_library(page, mindory)
    page.keyboard.press("/")
    page.keyboard.type("emile")
    expect(page.locator(".titles")).to_contain_text("Winter Orchard")
    page.keyboard.press("Control+a")
    page.keyboard.type("lamp")
    expect(page.locator(".ofbook .words b").first).to_have_text("lamp")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ofbook [data-hit]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(SHELF).first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("silver whistle")
    page.keyboard.press("Enter")
    expect(page.locator(".ofbook .words b").first).to_have_text("silver whistle")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/books/\d+/\?section="))
    expect(page.locator(".leaf")).to_contain_text("silver whistle")


def test_a_passage_that_is_found_opens_wherever_its_slip_is_clicked(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/?q=silver+whistle")
    page.locator(".ofbook .quote").first.click(position={"x": 20, "y": 14})  # beside its heading, above its words

    expect(page).to_have_url(re.compile(r"/books/\d+/\?section="))
    expect(page.locator(".leaf")).to_contain_text("silver whistle")


def test_keys_move_over_the_covers_and_open_a_book_from_anywhere(page: Page, mindory: Stack) -> None:
    at_the_library(page, mindory, "?sort=title")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.onshelf").nth(1)).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_role("menuitem", name="Read", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator("[data-part=shelf]")).to_have_class(re.compile("rows"))
    page.reload()
    expect(page.locator("[data-part=shelf]")).to_have_class(re.compile("rows"))
    page.keyboard.press("v")
    hands.press_together(page, "g", "r")
    expect(page).to_have_url(re.compile("/talks/"))
    expect(page.get_by_placeholder("Open a book")).to_be_attached()  # the page hears keys from now on
    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder("Open a book")).to_be_focused()
    page.keyboard.type("orchrad")
    expect(page.locator("dialog.opener [data-hit]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Winter Orchard"))


def test_everything_is_in_reach_on_a_phone(page: Page, mindory: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    at_the_library(page, mindory)
    for query in ("", "?view=list", "?state=new", "?q=lamp", "?author=Nobody"):
        page.goto(f"{mindory.url}/{query}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.goto(f"{mindory.url}/")
    page.get_by_role("navigation", name="Collections").get_by_role("button", name="New collection").click()
    expect(page.get_by_role("dialog", name="New collection")).to_be_visible()
