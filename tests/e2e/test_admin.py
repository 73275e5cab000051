"""The admin panel in a real browser, under the strict Content-Security-Policy: a complaint fails the test."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.waits import until

pytestmark = pytest.mark.e2e

LISTS = (
    "accounts/reader",
    "accounts/invitation",
    "accounts/apikey",
    "accounts/deed",
    "usersessions/usersession",
    "books/book",
    "books/job",
    "books/conversation",
    "books/reply",
    "engines/space",
)


@pytest.fixture(scope="module")
def mindory(fresh: Stack) -> Stack:
    """A Mindory of its own; ada is its admin."""
    return fresh


def test_the_dashboard_sums_the_state_up(page: Page, mindory: Stack) -> None:
    until(lambda: has_begun(page, mindory))

    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("Everything is running, and nothing waits.")
    for kind in ("Web", "Ingest", "Replies", "Reaper"):
        expect(page.get_by_role("row", name=re.compile(f"^{kind} "))).to_be_visible()


def has_begun(page: Page, mindory: Stack) -> bool:
    """Say whether all processes have told of themselves."""
    page.goto(f"{mindory.url}/admin/")
    return page.get_by_text("Everything is running, and nothing waits.").count() > 0


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_without_a_complaint(page: Page, mindory: Stack, name: str) -> None:
    page.goto(f"{mindory.url}/admin/{name}/")

    expect(page.locator("#changelist")).to_be_visible()


def test_the_themes_own_controls_work_without_eval(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/admin/accounts/reader/")
    page.get_by_text("Filters").click()
    expect(page.locator("#changelist-filter")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#changelist-filter")).to_be_hidden()

    page.locator("#nav-sidebar").get_by_text("ada@example.org").click()
    expect(page.get_by_text("Log out")).to_be_visible()


def test_the_theme_is_the_one_of_the_whole_site(page: Page, mindory: Stack) -> None:
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": mindory.url}])
    page.goto(f"{mindory.url}/admin/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_class(re.compile(r"\bdark\b"))
    page.keyboard.press("Control+e")
    expect(page.locator("html")).to_have_attribute("data-theme", "paper")
    page.goto(mindory.url)
    expect(page.locator("html")).to_have_attribute("data-theme", "paper")


def test_an_action_is_carried_out_refused_with_a_reason_and_written_down(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/admin/accounts/reader/")
    page.locator("#result_list tbody input[type=checkbox]").first.check()
    page.locator("select[name=action]").select_option("deactivate")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("This is the last admin. Make another one first.")).to_be_visible()

    page.goto(f"{mindory.url}/admin/accounts/invitation/add/")
    page.locator("[name=email]").fill("nora@example.org")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("/invitation/")).to_be_visible()
    page.goto(f"{mindory.url}/admin/accounts/deed/")
    expect(page.get_by_text("invitation.made").first).to_be_visible()


def test_an_engine_is_tested_with_a_button(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/admin/")
    page.get_by_role("button", name="Test").last.click()

    expect(page.get_by_text("One sentence became a vector of 384 numbers and length 1.000.")).to_be_visible(
        timeout=60_000
    )


def test_the_handbook_of_the_api_is_complete_and_needs_nothing_from_elsewhere(page: Page, mindory: Stack) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith((mindory.url, "data:")) else foreign.append(request.url),
    )
    schema = page.request.get(f"{mindory.url}/api/v1/openapi.json").json()
    page.goto(f"{mindory.url}/api/docs")

    operations = sum(len(methods) for methods in schema["paths"].values())
    expect(page.locator(".opblock")).to_have_count(operations, timeout=60_000)
    page.get_by_text("/api/v1/me", exact=True).click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".response .microlight").first).to_contain_text("ada@example.org")
    assert foreign == []
