"""Conversations in a real browser: the model gives them names, and one that was deleted comes back."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e import made
from tests.e2e.hands import ask, done, stay_on_toast
from tests.e2e.stack import Stack
from tests.e2e.test_talking import QUOTED, TRUE, choose, open_book, open_talks
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

QUESTION = "Who lit the lamp in the harbour?"
NAME = "The lamp in the harbour"
RENAMED = """async ([conversation, title]) => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)[1];
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    await fetch(`/api/v1/conversations/${conversation}`, { method: 'PATCH', headers, body: JSON.stringify({ title }) });
}"""


@pytest.fixture(scope="module")
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """What is on her shelf."""
    return {"lamp.epub": made.harbour_epub()}


def test_a_name_arrives_after_the_answer_and_a_deleted_conversation_comes_back(
    page: Page, ada: BrowserContext, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    endpoint.aside = Answer((f"**{NAME}**\n<b>not this</b>",))
    other = ada.new_page()
    open_talks(other, mindory)

    ask(open_talks(page, mindory), QUESTION)
    done(page)
    for tab in (page, other):
        expect(tab.locator(".talkside li b")).to_have_text(NAME)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    expect(page).to_have_title(f"{NAME} · Mindory")
    assert all(QUESTION in request.body["messages"][1]["content"] for request in endpoint.asides[-1:])

    choose(page, "Delete")
    toast = stay_on_toast(page)
    for tab in (page, other):
        expect(tab.locator(".talkside li")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/talks/\?new$"))
    toast.get_by_role("button", name="Undo").click()

    expect(page.locator(".turn .quote .words")).to_have_text(QUOTED)
    expect(page).to_have_url(re.compile(r"/talks/\d+/$"))
    for tab in (page, other):
        expect(tab.locator(".talkside li b")).to_have_text(NAME)
    other.close()


def test_a_name_the_reader_gave_stays_and_another_device_hears_of_a_deletion(
    page: Page, ada: BrowserContext, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    endpoint.aside = Answer(status=400)
    ask(open_talks(page, mindory), "Who held the ladder?")
    done(page)
    choose(page, "Rename…")
    page.get_by_role("textbox", name="Its name").fill("Mine")
    page.get_by_role("textbox", name="Its name").press("Enter")
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
    other = ada.new_page()
    other.goto(page.url)
    other.wait_for_selector("html[data-is-ready]")
    endpoint.aside = Answer(("Another name",))
    ask(page, "And then?")
    done(page)
    expect(other.locator(".turn")).to_have_count(2)

    choose(page, "Delete")

    expect(other.locator("[data-part=told]")).to_have_text("This conversation was deleted.")
    expect(page.get_by_text("“Mine” deleted.")).to_be_visible()
    other.close()


def test_any_conversation_is_left_out_and_taken_in_again_in_the_menu_of_its_row(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)), Answer(("Nothing.",)))
    endpoint.aside = Answer(status=400)
    ask(open_talks(page, mindory), "Who left the harbour?")
    done(page)
    ask(open_talks(page, mindory), "Who stays open?")
    done(page)
    row = page.locator(".talkside li").filter(has_text="Who left the harbour?")

    do_in(row, "Don’t remember this conversation…")
    dialog = page.get_by_role("dialog", name="Don’t remember this conversation?")
    expect(dialog).to_contain_text("Who left the harbour?")
    page.evaluate(RENAMED, [int(page.url.rstrip("/").rpartition("/")[2]), "Meanwhile"])  # the list has news to show
    expect(page.locator("h1, h2").filter(has_text="Meanwhile")).to_have_count(1)
    dialog.get_by_role("button", name="Don’t remember").click()
    expect(row.get_by_title("Not remembered")).to_be_visible()
    expect(row.get_by_role("button")).to_be_focused()
    expect(page.locator(".talkside li").filter(has_text="Meanwhile")).to_be_visible()
    expect(page.locator("[data-part=status]")).to_have_text("“Who left the harbour?” is not remembered from now on.")
    expect(page.locator("[data-part=forgetful]")).to_be_hidden()  # the open one is another
    page.reload()
    expect(row.get_by_title("Not remembered")).to_be_visible()

    row.get_by_role("link").click()
    expect(page.locator("[data-part=forgetful]")).to_be_visible()
    do_in(row, "Remember this conversation")
    expect(page.locator("[data-part=forgetful]")).to_be_hidden()
    expect(row.get_by_title("Not remembered")).to_have_count(0)
    choose(page, "Don’t remember this conversation…")
    dialog.get_by_role("button", name="Don’t remember").click()
    expect(page.locator("[data-part=forgetful]")).to_be_visible()
    expect(row.get_by_title("Not remembered")).to_be_visible()


def test_the_menu_of_a_row_stands_at_its_button_beside_a_book_too(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_book(page, mindory), "Who kept the list?")
    done(page)
    page.locator("#chat [data-menu=talks]").click()
    row = page.locator(".talkpop li").filter(has_text="Who kept the list?")
    row.hover()
    button = row.get_by_role("button").bounding_box()
    row.get_by_role("button").click()

    menu = page.get_by_role("menu", name="This conversation")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    box = menu.bounding_box()
    assert button
    assert box
    assert abs(box["x"] + box["width"] - button["x"] - button["width"]) < 8, (box, button)
    assert 0 <= box["y"] - button["y"] - button["height"] < 16, (box, button)
    page.keyboard.press("Escape")
    expect(row.get_by_role("button")).to_be_focused()
    do_in(row, "Don’t remember this conversation…")
    page.get_by_role("dialog").get_by_role("button", name="Don’t remember").click()
    expect(page.locator("#chat [data-part=forgetful]")).to_be_visible()


def do_in(row: Locator, deed: str) -> None:
    """Do something with the conversation of a row of the list."""
    row.hover()
    row.get_by_role("button").click()
    row.page.get_by_role("menuitem", name=deed, exact=True).click()
