"""Take the pictures of README and docs anew, from our own books: `python -m tests.e2e.pictures docs/images`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import browser as browsers
from tests.e2e import made, sampler
from tests.e2e.conftest import SWITCHES, add_books, become_admin
from tests.e2e.stack import Stack
from tests.fake_endpoint import Answer, FakeEndpoint

QUESTION = "Who kept the light, and what did it cost?"
ANSWER = (
    "Marta Venn kept it, alone and unasked. [[1|it was Marta Venn, the rope-maker’s daughter, who lit the lamp in the "
    "harbour with her father’s last tin of oil]] She turned the lamp by hand until the morning, and nine boats came "
    "home by it. [[2|She counted nine sails coming home]]\n\nIt cost her the oil, which her family still owed for. The "
    "harbour master struck the debt out. [[3|“paid in light,” and shut the book]]"
)


def main(into: Path) -> None:
    """Start a Mindory of its own, add three books, ask, and take the pictures."""
    into.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="mindory-pictures-"))
    (scratch / "The Lamp at Saltmere.epub").write_bytes(made.harbour_epub())
    (scratch / "The Tide Tables of Saltmere.epub").write_bytes(sampler.sampler_epub())
    (scratch / "旧园梅花记.txt").write_bytes(made.garden_text())
    with FakeEndpoint() as endpoint, sync_playwright() as driver:
        endpoint.answers(Answer(tuple(ANSWER)))
        model = {"MINDORY_LLM_BASE_URL": endpoint.base_url, "MINDORY_LLM_MODEL": "fake", "MINDORY_LLM_API_KEY": "key"}
        browser = driver.chromium.launch(executable_path=browsers.installed(), args=SWITCHES)
        with Stack(scratch / "mindory", model) as stack:
            _take(browser, stack, scratch, into)
        browser.close()


def _take(browser: Browser, stack: Stack, books: Path, into: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    become_admin(page, stack)
    add_books(page, stack, *sorted(books.glob("*.*")))
    expect(page.locator("[data-part=shelf] > li")).to_have_count(3, timeout=180_000)
    tides = page.locator("[data-part=shelf] > li").filter(has_text=sampler.TITLE).get_attribute("data-book")
    _ask(page, stack)
    page.screenshot(path=into / "reader.png")
    _open_note(page, f"{stack.url}/books/{tides}/?section=0")
    page.screenshot(path=into / "note.png")
    page.goto(f"{stack.url}/books/{tides}/about")
    page.screenshot(path=into / "book.png")
    page.goto(stack.url)
    page.screenshot(path=into / "library.png")
    page.goto(f"{stack.url}/admin/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=into / "admin.png")


def _ask(page: Page, stack: Stack) -> None:
    address = page.locator("a.onshelf", has_text=made.TITLE).get_attribute("href")
    page.goto(stack.url + str(address))
    if page.locator("body").get_attribute("data-chat") != "open":
        page.get_by_role("button", name="Chat").first.click()
    page.locator("#ask").fill(QUESTION)
    page.locator("#ask").press("Enter")
    expect(page.locator(".turn").last).to_have_attribute("data-state", "done")
    page.locator(".quote .words a").first.click()
    expect(page.locator("mark.cited.on").first).to_be_in_viewport()
    page.wait_for_timeout(800)  # the tint of arrival fades


def _open_note(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Close chat").click()
    page.locator("[data-part=scroll]").evaluate("(scroll) => { scroll.scrollTop = 150; }")
    page.locator(".leaf a.noteref").nth(1).click()
    expect(page.get_by_role("dialog", name="Note")).to_be_visible()
    page.wait_for_timeout(500)  # the drawer moves away


if __name__ == "__main__":
    main(Path(sys.argv[1]))
