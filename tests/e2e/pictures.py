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
from tests.e2e.hands import ask, done, open_chat
from tests.e2e.stack import Stack
from tests.fake_endpoint import Answer, FakeEndpoint, Request

QUESTION = "Who kept the light, and what did it cost?"
ANSWER = (
    "Marta Venn kept it, alone and unasked. [[1|it was Marta Venn, the rope-maker’s daughter, who lit the lamp in the "
    "harbour with her father’s last tin of oil]] She turned the lamp by hand until the morning, and nine boats came "
    "home by it. [[2|She counted nine sails coming home]]\n\nIt cost her the oil, which her family still owed for. The "
    "harbour master struck the debt out. [[3|“paid in light,” and shut the book]]"
)
CLUB_QUESTION = "For the Thursday club: who kept the light, and what did it cost her?"
CLUB_ANSWER = (
    "**Marta Venn**, before anybody asked her to. [[1|it was Marta Venn, the rope-maker’s daughter, who lit the lamp "
    "in the harbour with her father’s last tin of oil]] She worked alone the whole night. [[2|She counted nine sails "
    "coming home]]\n\nIt cost her oil that was not paid for; the town forgives the debt. [[3|“paid in light,” and shut "
    "the book]] For your comparison with Dorothea: nobody sees her do it."
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
        endpoint.answers(_said)
        model = {"MINDORY_LLM_BASE_URL": endpoint.base_url, "MINDORY_LLM_MODEL": "fake", "MINDORY_LLM_API_KEY": "key"}
        browser = driver.chromium.launch(executable_path=browsers.installed(), args=SWITCHES)
        with Stack(scratch / "mindory", model) as stack:
            pages, state = _begun(browser, stack, scratch)
            for name, scheme in THEMES.items():
                seen: dict[str, Any] = {"storage_state": state, "color_scheme": scheme}
                shoot = _into(into, name)
                _desk(browser.new_context(**DESK, **seen), stack, pages, shoot)
                _phone(browser.new_context(**PHONE, **seen), stack, pages, shoot)
        browser.close()


def _into(folder: Path, suffix: str) -> Shoot:
    def shoot(page: Page, name: str) -> None:
        page.wait_for_timeout(1_000)  # tints of arrival fade, drawers come to rest
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        taken.quantize(256).save(folder / f"{name}{suffix}.png", optimize=True)  # a third of the bytes

    return shoot


def _said(request: Request) -> Answer:
    """Answer the question that was put."""
    asked = str(request.body["messages"][-1]["content"])
    return Answer(tuple(CLUB_ANSWER if CLUB_QUESTION in asked else ANSWER))


def _begun(browser: Browser, stack: Stack, files: Path) -> tuple[dict[str, str], Any]:
    """Add the books and ask; return the addresses of the books, by title, and of "talk"; and the browser's memory."""
    context = browser.new_context(**DESK)
    page = context.new_page()
    become_admin(page, stack)
    add_books(page, stack, *sorted(files.glob("*.*")))
    expect(page.locator("[data-part=shelf] > li")).to_have_count(3, timeout=180_000)
    pages = {}
    for title in (made.TITLE, sampler.TITLE, "旧园梅花记"):
        book = page.locator("[data-part=shelf] > li").filter(has_text=title).get_attribute("data-book")
        pages[title] = f"{stack.url}/books/{book}/"
    page.goto(pages[made.TITLE])
    open_chat(page)
    ask(page, QUESTION)
    done(page)
    remembered.remember(context, stack, int(pages[made.TITLE].rstrip("/").rpartition("/")[2]))
    page.goto(f"{stack.url}/talks/?new")
    ask(page, CLUB_QUESTION)
    turn = done(page)
    expect(turn.locator(".quote")).to_have_count(CLUB_ANSWER.count("[["))
    expect(turn.get_by_role("button", name="Mindory remembered")).to_be_visible()
    page.wait_for_url("**/talks/*/")
    pages["talk"] = page.url
    state = context.storage_state()
    context.close()
    return pages, state


def _desk(context: BrowserContext, stack: Stack, pages: dict[str, str], shoot: Shoot) -> None:
    page = context.new_page()
    page.goto(pages[made.TITLE])
    page.locator(".quote .words a").first.click()
    expect(page.locator("mark.cited.on").first).to_be_in_viewport()
    shoot(page, "reader")
    page.goto(pages["旧园梅花记"])
    shoot(page, "chinese")
    page.goto(f"{pages[sampler.TITLE]}about")
    shoot(page, "book")
    page.goto(pages["talk"])
    expect(page.locator(".turn .noted")).to_be_visible()
    shoot(page, "talks")
    for name, path in {
        "library": "/",
        "memory": "/memory/",
        "settings": "/settings/",
        "admin": "/admin/",
    }.items():
        page.goto(stack.url + path)
        page.wait_for_load_state("networkidle")
        shoot(page, name)
    context.close()


def _phone(context: BrowserContext, stack: Stack, pages: dict[str, str], shoot: Shoot) -> None:
    page = context.new_page()
    page.goto(stack.url)
    shoot(page, "phone-library")
    page.goto(pages[made.TITLE])
    shoot(page, "phone-reader")
    page.locator(".askbar").click()
    expect(page.locator(".turn").last).to_be_visible()
    shoot(page, "phone-answer")
    page.goto(f"{stack.url}/memory/")
    shoot(page, "phone-memory")
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
