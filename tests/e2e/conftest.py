"""A real browser and a whole Mindory for the end-to-end tests; a failure leaves a picture in test-results/."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import browser as browsers
from tests.e2e.stack import ROOT, Stack

# As root, in containers and without a network Chromium needs these.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PASSWORD = "a long walk by the river"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    path = browsers.installed()
    assert path, "no Chromium here: `make browser` installs one"
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=SWITCHES)
        # Requests that a service worker makes pass by `page.route`: only test_site.py lets it work.
        opened.new_context = partial(opened.new_context, service_workers="block")  # type: ignore[method-assign]
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def mindory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Mindory as `make run` starts it, with a fresh data directory and no language model."""
    with Stack(tmp_path_factory.mktemp("mindory")) as stack:
        yield stack


@pytest.fixture(scope="module")
def ada(chromium: Browser, mindory: Stack) -> Iterator[BrowserContext]:
    """The first admin, who followed the link from the terminal."""
    context = _watched(chromium)
    become_admin(context.new_page(), mindory)
    yield context
    context.close()


@pytest.fixture
def page(ada: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new tab of the admin's browser. What the page complains about fails the test."""
    tab = ada.new_page()
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield tab
    pictures = ROOT / "test-results"
    pictures.mkdir(exist_ok=True)
    tab.screenshot(path=pictures / f"{request.node.name}.png")
    tab.close()
    assert complaints == []


def become_admin(tab: Page, stack: Stack) -> None:
    """Follow the one-time link and make the first admin."""
    tab.goto(stack.setup)
    tab.locator("[name=username]").fill("ada")
    tab.locator("[name=email]").fill("ada@example.org")
    tab.locator("[name=password]").fill(PASSWORD)
    tab.get_by_role("button", name="Continue").click()
    tab.goto(stack.url)
    expect(tab.get_by_role("heading", name="Your shelf is empty")).to_be_visible()


def add_books(tab: Page, stack: Stack, *files: Path) -> None:
    """Upload files on the library page and wait until every one is ready."""
    tab.goto(stack.url)
    tab.locator("input[type=file]").first.set_input_files(list(files))


def _watched(chromium: Browser) -> BrowserContext:
    return chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
