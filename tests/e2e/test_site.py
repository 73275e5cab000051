"""The site around the books: settings, reading without a connection, nothing left for the next one, and the policy."""

import zipfile
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import made, sampler
from tests.e2e.conftest import DESK
from tests.e2e.readers import PASSWORD
from tests.e2e.stack import Stack
from tests.e2e.waits import until, until_page

pytestmark = pytest.mark.e2e

OFFLINE = "You are offline. What you have read here is still here."


@pytest.fixture(scope="module")
def mindory(fresh: Stack) -> Stack:
    """A Mindory of its own; ada is its admin."""
    return fresh


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """Three books."""
    return {"harbour.epub": made.harbour_epub(), "garden.txt": made.garden_text(), "tides.epub": sampler.sampler_epub()}


@pytest.fixture(scope="module")
def seeing() -> dict[str, Any]:
    """It lets the service worker work."""
    return DESK | {"service_workers": "allow", "accept_downloads": True}


def book(page: Page, mindory: Stack, title: str) -> str:
    page.goto(mindory.url)
    item = page.locator("[data-part=shelf] > li").filter(has_text=title)
    return str(item.get_attribute("data-book"))


def wait_for_worker(page: Page) -> None:
    """Wait until the service worker holds this page, with what it shows."""
    until_page(page, "() => navigator.serviceWorker.controller !== null")


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
    until_page(
        page,
        """async (path) => {
            for (const name of await caches.keys()) {
                if (name.startsWith('kept-') && (await (await caches.open(name)).match(path))) return true;
            }
            return false;
        }""",
        path,
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

    ada.set_offline(False)  # that page loads itself again
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.goto(mindory.url)
    page.locator(".side").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(made.TITLE)).to_have_count(0)
    page.goto(f"{mindory.url}/account/login/")
    ada.set_offline(True)
    page.goto(f"{mindory.url}/books/{pk}/", wait_until="commit") if has_worker(page) else None
    expect(page.get_by_text("Nobody in Saltmere")).to_have_count(0)
    assert page.evaluate("localStorage.length") == 0
    assert kept(page) == []
    page.goto("about:blank")
    ada.set_offline(False)
    sign_in(page, mindory)


def has_worker(page: Page) -> bool:
    return bool(page.evaluate("navigator.serviceWorker.getRegistration().then(Boolean)"))


def test_a_reader_who_does_not_stay_leaves_nothing_and_another_reader_finds_nothing(
    chromium: Browser, ada: BrowserContext, page: Page, mindory: Stack
) -> None:
    """The session ends without signing out; the next one on this computer signs in."""
    pk = book(page, mindory, made.TITLE)
    shared = chromium.new_context(service_workers="allow")
    tab = shared.new_page()
    sign_in(tab, mindory)
    wait_for_worker(tab)
    tab.goto(f"{mindory.url}/books/{pk}/")
    wait_until_kept(tab, f"/books/{pk}/")

    shared.clear_cookies()
    sign_in(tab, mindory, stays=False)
    assert kept(tab) == []
    tab.goto(f"{mindory.url}/books/{pk}/")
    expect(tab.locator("html")).to_have_attribute("data-is-ready", "true")
    tab.goto(mindory.url)
    assert kept(tab) == []
    shared.set_offline(True)
    tab.goto(f"{mindory.url}/books/{pk}/")
    expect(tab.get_by_text("There is nothing to read on this device")).to_be_visible()
    shared.close()


def test_the_settings_change_how_books_look_here_and_hand_everything_out(page: Page, mindory: Stack) -> None:
    pk = book(page, mindory, made.TITLE)
    page.goto(f"{mindory.url}/settings/")
    page.get_by_role("combobox", name="Size").select_option("24")
    page.locator("form[data-part=reading]").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"{mindory.url}/books/{pk}/")
    expect(page.locator("html")).to_have_attribute("data-size", "24")
    page.goto(f"{mindory.url}/settings/")
    page.get_by_role("button", name="Forget how I like pages").click()
    expect(page.get_by_text("Forgotten. Books look as Mindory sets them.")).to_be_visible()
    page.goto(f"{mindory.url}/books/{pk}/")
    expect(page.locator("html")).not_to_have_attribute("data-size", "24")

    page.goto(f"{mindory.url}/settings/")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Export my data").click()
    with zipfile.ZipFile(coming.value.path()) as archive:
        assert archive.testzip() is None
        assert [name for name in archive.namelist() if name.startswith("books/")] != []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


PAGES = ("/", "/talks/", "/settings/", "/books/{}/", "/books/{}/about", "/offline", "/nothing", "/api/docs", "/admin/")


def test_no_page_breaks_the_policy_and_each_has_a_title_and_says_its_language(page: Page, mindory: Stack) -> None:
    """The fixture `page` fails the test for any complaint of the policy or of a script."""
    pk = book(page, mindory, made.TITLE)
    titles = set()
    for address in PAGES:
        page.goto(mindory.url + address.format(pk))
        page.wait_for_load_state("load")
        titles.add(page.title())
        assert page.locator("html").get_attribute("lang") in {"en", "en-us"}
    assert len(titles) == len(PAGES) - 1  # a book and the page about it are called the same
    policy = page.request.get(mindory.url).headers["content-security-policy"]
    assert "worker-src 'self'" in policy


def test_it_can_be_installed(page: Page, mindory: Stack) -> None:
    page.goto(mindory.url)
    told = page.request.get(mindory.url + str(page.locator("link[rel=manifest]").get_attribute("href"))).json()

    assert (told["display"], told["start_url"]) == ("standalone", "/")
    for icon in told["icons"]:
        size, _by, high = icon["sizes"].partition("x")
        there = page.evaluate(
            "async (src) => { const i = new Image(); i.src = src; await i.decode(); return [i.width, i.height]; }",
            icon["src"],
        )
        assert there == [int(size), int(high)]
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}


def test_nothing_moves_for_who_wants_no_motion(page: Page, mindory: Stack) -> None:
    pk = book(page, mindory, made.TITLE)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{mindory.url}/books/{pk}/")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")

    longest = page.evaluate(
        """() => Math.max(0, ...[...document.querySelectorAll('*')].flatMap((one) => {
            const { transitionDuration, animationDuration } = getComputedStyle(one);
            return [...transitionDuration.split(','), ...animationDuration.split(',')].map(Number.parseFloat);
        }))"""
    )
    assert longest <= 0.001


def test_who_deletes_their_account_is_out_and_their_books_are_gone(
    chromium: Browser, ada: BrowserContext, page: Page, mindory: Stack
) -> None:
    page.goto(f"{mindory.url}/settings/")
    page.locator("#invite-id_email").fill("bob@example.org")
    page.get_by_role("button", name="Invite").click()
    link = page.locator("#link").inner_text()
    his = chromium.new_context(service_workers="allow")
    tab = his.new_page()
    tab.goto(mindory.url + link[link.index("/invitation/") :])
    tab.locator("[name=username]").fill("bob")
    tab.locator("[name=password1]").fill(PASSWORD)
    tab.get_by_role("button", name="Make an account").click()
    tab.goto(f"{mindory.url}/settings/")
    tab.locator(".leave > summary").click()
    tab.locator("[name=username]").fill("bob")
    tab.locator("#leave-id_password").fill(PASSWORD)
    tab.get_by_role("button", name="Delete my account with everything").click()

    expect(tab.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    tab.goto(f"{mindory.url}/settings/")
    expect(tab.get_by_role("heading", name="Welcome back")).to_be_visible()
    his.close()
    page.goto(f"{mindory.url}/admin/accounts/reader/")
    until(lambda: "bob@example.org" not in page.request.get(f"{mindory.url}/admin/accounts/reader/").text())
