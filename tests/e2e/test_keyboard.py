"""A whole evening with the keyboard alone: sign in, open a book, find, choose, ask, follow a quote, go back, leave.

Nothing here clicks or points. Wherever the focus goes, it is seen.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e import hands, made
from tests.e2e.conftest import DESK, watched
from tests.e2e.readers import PASSWORD
from tests.e2e.stack import Stack
from tests.e2e.waits import until
from tests.fake_endpoint import FakeEndpoint

pytestmark = pytest.mark.e2e

QUOTE = "He crossed the name out on the Friday"
MOST_TABS = 80
# What has the focus, and whether it is seen: a ring of its own, or around the box it is in.
FOCUS = """() => {
    const own = document.activeElement;
    const isRinged = (one) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || (isField && boxShadow !== 'none');
    };
    const isField = own.matches('input, textarea');
    const { width, left, right, top, bottom } = own.getBoundingClientRect();
    const isOnScreen = width > 0 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
    const around = isField ? [own.closest('.box, .pad, .composer')] : [];
    const isSeen = isOnScreen && own.matches(':focus-visible') && [own, ...around].some((one) => one && isRinged(one));
    return { isSeen, what: own.outerHTML.slice(0, 160) };
}"""


@pytest.fixture(scope="module")
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """Two books."""
    return {"lamp.epub": made.harbour_epub(), "garden.txt": made.garden_text()}


@pytest.fixture
def page(chromium: Browser, shelf: dict[str, int], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser in which nobody is signed in."""
    context = chromium.new_context(**DESK)
    with watched(context.new_page(), request.node.name) as tab:
        yield tab
    context.close()


class Keys:
    """The hands on the keyboard. Every place the focus comes to must be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Write."""
        self.page.keyboard.type(words)

    def reach(self, place: Locator, key: str = "Tab") -> None:
        """Go from one thing to the next until this one has the focus."""
        for _ in range(MOST_TABS):
            if place.evaluate("(one) => one === document.activeElement"):
                return self.is_seen(place)
            self.press(key)
        raise AssertionError(f"{key} never came to {place}; now at {self.page.evaluate(FOCUS)}")

    def is_seen(self, place: Locator) -> None:
        """Expect that this has the focus, and that a reader sees it."""
        expect(place).to_be_focused()
        until(lambda: self.page.evaluate(FOCUS)["isSeen"])  # a drawer comes, a page moves


def sign_in(keys: Keys, name: str) -> None:
    keys.reach(keys.page.locator("[name=login]"))
    keys.type(name)
    keys.reach(keys.page.locator("[name=password]"))
    keys.type(PASSWORD)
    keys.press("Enter")


def open_book(keys: Keys, title: str) -> None:
    """Go over the covers to a book, and in it to its text."""
    page = keys.page
    cover = page.locator("a.onshelf").filter(has_text=title)
    expect(cover).to_be_visible()
    expect(page.get_by_placeholder("Open a book")).to_be_attached()  # the page hears keys from now on
    keys.press("ArrowRight")
    keys.reach(cover, "ArrowRight")
    keys.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    keys.reach(page.get_by_role("link", name="Skip to the text"))
    keys.press("Enter")
    keys.is_seen(page.locator("#text"))


def go_to_chapter(keys: Keys, title: str) -> None:
    """Open the contents, which stand open at first, and choose a chapter."""
    page = keys.page
    keys.press("t")
    expect(page.locator("body")).to_have_attribute("data-toc", "shut")
    keys.press("t")
    keys.is_seen(page.locator(".toc [aria-current], .toc [data-go]").first)
    keys.reach(page.locator(".toc").get_by_role("link", name=title), "ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_in_viewport()
    keys.is_seen(page.locator("#text"))


def find(keys: Keys, word: str) -> None:
    page = keys.page
    keys.press("/")
    keys.is_seen(page.locator("#find input[type=search]"))
    keys.type(word)
    expect(page.locator("#find [data-part=count]")).to_have_text("1 place")
    keys.press("Enter")
    expect(page.locator("mark.cited.on")).to_have_text(word)
    keys.press("Escape")
    expect(page.locator("#find")).to_be_hidden()


def ask_about_a_sentence(keys: Keys, question: str) -> Locator:
    """Choose the sentence one reads, then the one after it, and return the mark of the quote that answers."""
    page = keys.page
    keys.reach(page.locator("#text"), "Shift+Tab")
    keys.press("Enter")
    keys.is_seen(page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Ask"))
    keys.press("ArrowDown", "Enter")
    keys.is_seen(page.locator("#ask"))
    expect(page.locator("[data-part=aboutwords]")).not_to_be_empty()
    keys.type(question)
    keys.press("Enter")
    chip = hands.done(page).locator(".answer a.cite")
    keys.is_seen(page.locator("#ask"))
    return chip


def test_from_the_door_to_a_quote_and_back(
    page: Page, ada: BrowserContext, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    keys = Keys(page)
    page.goto(mindory.url)
    sign_in(keys, ada.request.get(f"{mindory.url}/api/v1/me").json()["username"])
    open_book(keys, made.TITLE)
    go_to_chapter(keys, "The Ledger")
    find(keys, "sealskin")
    endpoint.answers(hands.quoting("It was let go.", QUOTE))

    chip = ask_about_a_sentence(keys, "What became of the debt?")
    keys.reach(chip, "Shift+Tab")
    keys.press("Enter")

    assert hands.marked(page) == hands.bare(QUOTE)
    keys.is_seen(page.locator("mark.cited.on").first)  # so that it is heard too
    keys.press("Backspace")
    expect(page.locator("#text").get_by_text("It was bound in sealskin")).to_be_in_viewport()
    keys.reach(page.get_by_role("link", name="Back to the library"), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"^{mindory.url}/$"))
