"""Take the pictures of README and docs anew, from our own books: `make screenshots`."""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import browser as browsers
from tests.e2e import made, remembered, sampler
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
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "locale": "zh-CN", "is_mobile": True, "has_touch": True,
    "device_scale_factor": 2,
}  # fmt: skip
THEMES: dict[str, Any] = {"": "light", "-dark": "dark"}

Shoot = Callable[[Page, str], None]


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
            books, state = _begun(browser, stack, scratch)
            for name, scheme in THEMES.items():
                seen: dict[str, Any] = {"storage_state": state, "color_scheme": scheme}
                shoot = _into(into, name)
                _desk(browser.new_context(**DESK, **seen), stack, books, shoot)
                _phone(browser.new_context(**PHONE, **seen), stack, books, shoot)
        browser.close()


def _into(folder: Path, suffix: str) -> Shoot:
    def shoot(page: Page, name: str) -> None:
        page.wait_for_timeout(1_000)  # tints of arrival fade, drawers come to rest
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(256).save(folder / f"{name}{suffix}.png", optimize=True)  # a third of the bytes

    return shoot


def _begun(browser: Browser, stack: Stack, files: Path) -> tuple[dict[str, str], Any]:
    """Add the books and ask; return the addresses of the books by their titles, and the browser's memory."""
    context = browser.new_context(**DESK)
    page = context.new_page()
    become_admin(page, stack)
    add_books(page, stack, *sorted(files.glob("*.*")))
    expect(page.locator("[data-part=shelf] > li")).to_have_count(3, timeout=180_000)
    books = {}
    for title in (made.TITLE, sampler.TITLE, "旧园梅花记"):
        book = page.locator("[data-part=shelf] > li").filter(has_text=title).get_attribute("data-book")
        books[title] = f"{stack.url}/books/{book}/"
    _ask(page, books[made.TITLE])
    remembered.remember(context, stack, int(books[made.TITLE].rstrip("/").rpartition("/")[2]))
    state = context.storage_state()
    context.close()
    return books, state


def _ask(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator("body").get_attribute("data-chat") != "open":
        page.keyboard.press("c")
    page.locator("#ask").fill(QUESTION)
    page.locator("#ask").press("Enter")
    expect(page.locator(".turn").last).to_have_attribute("data-state", "done")


def _desk(context: BrowserContext, stack: Stack, books: dict[str, str], shoot: Shoot) -> None:
    page = context.new_page()
    page.goto(books[made.TITLE])
    page.locator(".quote .words a").first.click()
    expect(page.locator("mark.cited.on").first).to_be_in_viewport()
    shoot(page, "reader")
    page.goto(books["旧园梅花记"])
    shoot(page, "chinese")
    page.goto(f"{books[sampler.TITLE]}about")
    shoot(page, "book")
    for name, path in {
        "library": "/",
        "talks": "/talks/",
        "memory": "/memory/",
        "settings": "/settings/",
        "admin": "/admin/",
    }.items():
        page.goto(stack.url + path)
        page.wait_for_load_state("networkidle")
        shoot(page, name)
    context.close()


def _phone(context: BrowserContext, stack: Stack, books: dict[str, str], shoot: Shoot) -> None:
    page = context.new_page()
    page.goto(stack.url)
    shoot(page, "phone-library")
    page.goto(books[made.TITLE])
    shoot(page, "phone-reader")
    page.locator(".askbar").click()
    expect(page.locator(".turn").last).to_be_visible()
    shoot(page, "phone-answer")
    page.goto(f"{stack.url}/memory/")
    shoot(page, "phone-memory")
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
