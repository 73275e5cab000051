"""A real browser and a whole Mindory for the end-to-end tests; a failure leaves a picture in test-results/.

A file of tests says what it needs by fixtures of the same names:
    books     the books on ada's shelf; `shelf` gives their numbers
    seeing    how her browser is made, if not a desk's
    mindory   `fresh`: a stack of its own, of which ada is the admin; `talkative`: one with a language model
Otherwise ada is a new reader of a stack that the files of one worker share, one after the other.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import browser as browsers
from tests.e2e import readers
from tests.e2e.readers import PASSWORD
from tests.e2e.stack import ROOT, Stack
from tests.fake_endpoint import FakeEndpoint

__all__ = ["PASSWORD", "SWITCHES", "add_books", "become_admin"]

# As root, in containers and without a network Chromium needs these.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FIRST_WORD_SECONDS = "15"  # of a model that is silent on purpose; the others speak at once, even where much else runs

expect.set_options(timeout=30_000)
ACTION_MILLISECONDS = 60_000  # until a thing can be clicked, a page is there


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    path = browsers.installed()
    assert path, "no Chromium here: `make browser` installs one"
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=SWITCHES)
        # Requests that a service worker makes pass by `page.route`: only test_site.py lets it work.
        make = partial(opened.new_context, service_workers="block")
        opened.new_context = partial(_patient, make)  # type: ignore[method-assign]
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def plain(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Mindory without a language model, for all files of this worker that need nothing else."""
    with Stack(tmp_path_factory.mktemp("plain")) as stack:
        _have_a_host(chromium, stack)
        yield stack


@pytest.fixture(scope="session")
def endpoint() -> Iterator[FakeEndpoint]:
    """A language model that says what it is told."""
    with FakeEndpoint() as running:
        yield running


@pytest.fixture(scope="session")
def talkative(chromium: Browser, endpoint: FakeEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Mindory connected to that model, for all files of this worker."""
    model = {
        "MINDORY_LLM_BASE_URL": endpoint.base_url,
        "MINDORY_LLM_MODEL": "fake",
        "MINDORY_LLM_API_KEY": "key",
        "MINDORY_LLM_TIMEOUT_SECONDS": FIRST_WORD_SECONDS,
    }
    with Stack(tmp_path_factory.mktemp("talkative"), model) as stack:
        _have_a_host(chromium, stack)
        yield stack


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Mindory as `make run` starts it, with a fresh data directory and no language model, for one file alone."""
    with Stack(tmp_path_factory.mktemp("mindory")) as stack:
        yield stack


@pytest.fixture(scope="module")
def mindory(plain: Stack) -> Stack:
    """The Mindory of a file of tests."""
    return plain


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """The files of the books on ada's shelf."""
    return {}


@pytest.fixture(scope="module")
def seeing() -> dict[str, Any]:
    """What her browser is like."""
    return DESK


@pytest.fixture(scope="module")
def ada(chromium: Browser, mindory: Stack, seeing: dict[str, Any]) -> Iterator[BrowserContext]:
    """The reader of a file of tests, signed in."""
    context = chromium.new_context(**seeing)
    readers.enter(context, mindory)
    yield context
    context.close()


@pytest.fixture(scope="module")
def shelf(ada: BrowserContext, mindory: Stack, books: Mapping[str, bytes]) -> dict[str, int]:
    """The numbers of her books, by the names of their files, once all can be read and asked."""
    return readers.shelve(ada, mindory, books)


@pytest.fixture
def page(ada: BrowserContext, shelf: dict[str, int], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new tab of ada's browser. What the page complains about fails the test."""
    tab = ada.new_page()
    with watched(tab, request.node.name):
        yield tab
    tab.close()


@contextmanager
def watched(tab: Page, name: str) -> Iterator[Page]:
    """Look at a tab: keep a picture of its end, and fail for what the page complains about."""
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    try:
        yield tab
    finally:
        pictures = ROOT / "test-results"
        pictures.mkdir(exist_ok=True)
        tab.screenshot(path=pictures / f"{name}.png")
    assert complaints == []


def become_admin(tab: Page, stack: Stack) -> None:
    """Make the first admin and open the library; on a stack that has one, a reader whom the admin invites."""
    readers.enter(tab.context, stack)
    tab.goto(stack.url)
    expect(tab.get_by_role("heading", name="Your shelf is empty")).to_be_visible()


def add_books(tab: Page, stack: Stack, *files: Path) -> None:
    """Upload files on the library page."""
    tab.goto(stack.url)
    tab.locator("input[type=file]").first.set_input_files(list(files))


def _patient(make: Callable[..., BrowserContext], **how: Any) -> BrowserContext:
    context = make(**how)
    context.set_default_timeout(ACTION_MILLISECONDS)
    return context


def _have_a_host(chromium: Browser, stack: Stack) -> None:
    context = chromium.new_context()
    readers.set_up(context, stack, "host")
    context.close()
