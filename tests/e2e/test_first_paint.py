"""A book is there before its modules are, at the very place where it stays when they come."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import DESK, watched
from tests.e2e.stack import Stack
from tests.e2e.waits import until_still
from tests.made import flowing

pytestmark = pytest.mark.e2e

TITLE = "long.epub"
# How far below the upper edge of the text each paragraph begins.
TOPS = """() => {
    const edge = document.querySelector('.scroll').getBoundingClientRect().top;
    return [...document.querySelectorAll('.leaf[data-section="3"] p')].map((p) => p.getBoundingClientRect().top - edge);
}"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """A long book."""
    return {TITLE: flowing.long_epub()}


@pytest.fixture
def page(
    chromium: Browser, ada: BrowserContext, shelf: dict[str, int], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A browser that keeps nothing yet."""
    context = chromium.new_context(**DESK)
    context.add_cookies(ada.cookies())  # type: ignore[arg-type]
    with watched(context.new_page(), request.node.name) as tab:
        yield tab
    context.close()


@pytest.mark.parametrize("asked", ["section=3&start=9000", "section=3&start=9000&end=9020", "section=3"])
def test_the_text_stands_at_its_place_before_the_modules_come(
    page: Page, mindory: Stack, shelf: dict[str, int], asked: str
) -> None:
    address = f"{mindory.url}/books/{next(iter(shelf.values()))}/?{asked}"
    page.route("**/js/pages/reader.*js", lambda route: route.abort())
    page.goto(address)
    expect(page.locator(".scroll.placed")).to_have_count(1)
    assert page.locator(".leaves").evaluate("(own) => getComputedStyle(own).animationName") == "none"  # not hidden
    page.evaluate("document.fonts.ready.then(() => null)")
    before = page.evaluate(TOPS)
    assert len(before) > 5
    page.unroute_all()
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(page.locator(".leaf[data-section='2']")).to_have_count(1 if asked == "section=3" else 0)
    page.evaluate("document.fonts.ready.then(() => null)")
    until_still(page)
    assert page.evaluate(TOPS) == pytest.approx(before, abs=1.5)


def test_pages_are_not_shown_before_they_are_made(page: Page, mindory: Stack, shelf: dict[str, int]) -> None:
    page.goto(mindory.url)
    page.evaluate("localStorage.setItem('reading', JSON.stringify({ mode: 'pages' }))")
    page.route("**/js/pages/reader.*js", lambda route: route.abort())
    page.goto(f"{mindory.url}/books/{next(iter(shelf.values()))}/?section=3")
    assert page.locator(".leaves").evaluate("(own) => getComputedStyle(own).animationName") == "text-comes"
