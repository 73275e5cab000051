"""The library by author, series, language and state: rows of covers under headings that lead on, and stay true."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.books_made import epub, paragraphs
from tests.e2e import hands, readers
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

BOOKS = [
    ("The Keeper of Grey Point", "Ida Vogel", "The lighthouse had a green lamp."),
    ("The Letters of Grey Point", "Ida Vogel", "A letter came with a silver whistle in it."),
    ("Winter Orchard", "Émile Strand", "The orchard slept under the snow."),
    ("红楼旧梦", "曹雪芹", "话说东海之滨有一座石塔，塔上住着一位老渔翁。"),
    *((f"Log {number}", "Zora Wills", f"Page {number} of the log.") for number in range(6)),
]
HEADINGS = ".group h3 a"


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """Ten books of four authors."""
    return {
        f"{number}.epub": epub(title, {"One": paragraphs(words, f"It is the book number {number}.")}, author=author)
        for number, (title, author, words) in enumerate(BOOKS)
    }


def headed(page: Page, *names: str) -> None:
    expect(page.locator(HEADINGS)).to_have_text([re.compile(rf"^\s*{name}\s*$") for name in names])


def test_the_shelf_stands_by_author_and_a_heading_leads_to_all_of_one(page: Page, mindory: Stack) -> None:
    page.goto(mindory.url)
    page.locator("[data-part=sort] summary").click()
    page.get_by_role("link", name="By author").click()
    expect(page).to_have_url(re.compile(r"\?by=author$"))
    headed(page, "Émile Strand 1", "Ida Vogel 2", "Zora Wills 6", "曹雪芹 1")
    logs = page.get_by_role("region", name="Zora Wills 6").locator("li .t")
    expect(logs.filter(visible=True)).to_have_text([f"Log {number}" for number in range(6)])

    page.get_by_role("link", name="Ida Vogel 2").click()
    expect(page).to_have_url(re.compile(r"\?author=Ida\+Vogel$"))
    expect(page.locator("[data-part=shelf] > li")).to_have_count(2)
    page.go_back()
    headed(page, "Émile Strand 1", "Ida Vogel 2", "Zora Wills 6", "曹雪芹 1")

    page.locator("[data-part=sort] summary").click()
    page.get_by_role("link", name="By language").click()
    expect(page.locator(HEADINGS)).to_have_count(2)
    page.locator("[data-part=sort] summary").click()
    page.get_by_role("link", name="By language").click()
    expect(page).to_have_url(f"{mindory.url}/")
    expect(page.locator("[data-part=shelf] > li")).to_have_count(len(BOOKS))


def test_arrows_go_from_cover_to_cover_past_the_headings(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/?by=author")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="Winter Orchard")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name="The Letters of Grey Point")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Log 1")).to_be_focused()


def test_books_are_chosen_and_deleted_in_groups_and_come_back(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/?by=author")
    page.get_by_role("button", name="Select", exact=True).click()
    for title in ("Winter Orchard", "Log 0"):
        page.get_by_role("checkbox", name=f"Select {title}").check()
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    toast = hands.stay_on_toast(page)
    headed(page, "Ida Vogel 2", "Zora Wills 5", "曹雪芹 1")

    toast.get_by_role("button", name="Undo").click()
    headed(page, "Émile Strand 1", "Ida Vogel 2", "Zora Wills 6", "曹雪芹 1")


def test_a_narrow_page_shows_as_many_covers_as_fit_and_chooses_no_others(page: Page, mindory: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{mindory.url}/?by=author")
    logs = page.get_by_role("region", name="Zora Wills 6").locator("li")
    expect(logs.filter(visible=True)).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name="Select", exact=True).click()
    page.locator("[data-part=selection] [data-do=done]").click()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_role("button", name="Select all").click()
    expect(page.locator("[data-part=selected]")).to_have_text(re.compile(rf"^{len(BOOKS)} "))


def test_a_book_that_comes_changes_or_goes_is_in_its_groups_at_once(
    page: Page, ada: BrowserContext, mindory: Stack
) -> None:
    page.goto(f"{mindory.url}/?by=author")
    page.evaluate("window.isTheSame = true")
    page.get_by_role("link", name="Winter Orchard").focus()

    words = {"One": paragraphs("The two of them wrote it.", "It is one more book.")}
    made = readers.shelve(
        ada,
        mindory,
        {
            "atlas.epub": epub("An Atlas of Fog", words, author="Bo Adler"),
            "more.epub": epub("More Letters", words, author="Ida Vogel"),
        },
    )
    headed(page, "Bo Adler 1", "Émile Strand 1", "Ida Vogel 3", "Zora Wills 6", "曹雪芹 1")
    expect(page.get_by_role("region", name="Ida Vogel 3")).to_contain_text("More Letters")
    expect(page.get_by_role("link", name="Winter Orchard")).to_be_focused()

    token = readers.token(ada, mindory)
    atlas = f"{mindory.url}/api/v1/books/{made['atlas.epub']}"
    assert ada.request.patch(atlas, data={"authors": ["Bo Adler", "Ida Vogel"]}, headers=token).ok
    headed(page, "Bo Adler 1", "Émile Strand 1", "Ida Vogel 4", "Zora Wills 6", "曹雪芹 1")
    assert ada.request.delete(atlas, headers=token).ok
    headed(page, "Émile Strand 1", "Ida Vogel 3", "Zora Wills 6", "曹雪芹 1")

    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_role("checkbox", name="Select Winter Orchard").check()
    assert ada.request.delete(f"{mindory.url}/api/v1/books/{made['more.epub']}", headers=token).ok
    expect(page.get_by_role("link", name="More Letters")).to_have_count(0)
    headed(page, "Émile Strand 1", "Ida Vogel 3", "Zora Wills 6", "曹雪芹 1")  # not under the hand that chooses
    expect(page.get_by_role("checkbox", name="Select Winter Orchard")).to_be_checked()
    page.locator("[data-part=selection] [data-do=done]").click()
    headed(page, "Émile Strand 1", "Ida Vogel 2", "Zora Wills 6", "曹雪芹 1")
    assert page.evaluate("window.isTheSame") is True
