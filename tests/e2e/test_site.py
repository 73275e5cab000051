"""The site around the books: settings, reading without a connection, nothing left for the next one, and the policy."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import made, sampler
from tests.e2e.conftest import PASSWORD, add_books, become_admin
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

OFFLINE = "You are offline. What you have read here is still here."


@pytest.fixture(scope="module")
def ada(chromium: Browser, mindory: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """The admin, with three books, in a browser that lets the service worker work."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", service_workers="allow", accept_downloads=True
    )
    tab = context.new_page()
    become_admin(tab, mindory)
    directory: Path = tmp_path_factory.mktemp("books")
    (directory / "harbour.epub").write_bytes(made.harbour_epub())
    (directory / "tides.epub").write_bytes(sampler.sampler_epub())
    (directory / "garden.txt").write_bytes(made.garden_text())
    add_books(tab, mindory, *sorted(directory.iterdir()))
    expect(tab.locator("[data-part=shelf] > li")).to_have_count(3, timeout=180_000)
    tab.close()
    yield context
    context.close()


def book(page: Page, mindory: Stack, title: str) -> str:
    page.goto(mindory.url)
    item = page.locator("[data-part=shelf] > li").filter(has_text=title)
    return str(item.get_attribute("data-book"))


def wait_for_worker(page: Page) -> None:
    """Wait until the service worker holds this page, with what it shows."""
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def kept(page: Page) -> list[str]:
    """Return what is kept of books, as paths."""
    found: list[str] = page.evaluate(
        """async () => {
            const all = [];
            for (const name of await caches.keys()) {
                if (!name.startsWith('kept-')) continue;
                for (const one of await (await caches.open(name)).keys()) all.push(new URL(one.url).pathname);
            }
            return all;
        }"""
    )
    return found


def wait_until_kept(page: Page, path: str) -> None:
    page.wait_for_function(
        """async (path) => {
            for (const name of await caches.keys()) {
                if (name.startsWith('kept-') && (await (await caches.open(name)).match(path))) return true;
            }
            return false;
        }""",
        arg=path,
    )


def sign_in(page: Page, mindory: Stack, *, stays: bool = True) -> None:
    page.goto(f"{mindory.url}/account/login/")
    page.locator("[name=login]").fill("ada")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=remember]").set_checked(stays)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()


def test_a_book_is_read_on_without_a_connection_and_gone_after_signing_out(
    ada: BrowserContext, page: Page, mindory: Stack
) -> None:
    pk = book(page, mindory, made.TITLE)
    wait_for_worker(page)
    page.goto(f"{mindory.url}/books/{pk}/?section=0")
    page.goto(f"{mindory.url}/books/{pk}/")
    expect(page.locator(".leaf")).not_to_have_count(1)
    wait_until_kept(page, f"/books/{pk}/sections/1")
    wait_until_kept(page, f"/books/{pk}/")
    page.goto(mindory.url)
    wait_until_kept(page, "/")

    ada.set_offline(True)
    page.goto(f"{mindory.url}/books/{pk}/")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(page.locator(".leaf").first).to_contain_text("Nobody in Saltmere could say")
    expect(page.locator(".leaf").nth(1)).to_contain_text("The harbour master kept a ledger")
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    page.goto(mindory.url)
    expect(page.locator("[data-part=shelf] > li.away")).to_have_count(2)
    page.goto(f"{mindory.url}/settings/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_role("link", name=made.TITLE)).to_be_visible()

    ada.set_offline(False)
    page.goto(mindory.url)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    ada.set_offline(True)
    page.goto(f"{mindory.url}/books/{pk}/", wait_until="commit") if has_worker(page) else None
    expect(page.get_by_text("Nobody in Saltmere")).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0
    ada.set_offline(False)
    page.goto(f"{mindory.url}/account/login/")
    assert kept(page) == []
    page.go_back()
    expect(page.get_by_text("Nobody in Saltmere")).to_have_count(0)
    sign_in(page, mindory)


def has_worker(page: Page) -> bool:
    return bool(page.evaluate("navigator.serviceWorker.getRegistration().then(Boolean)"))
