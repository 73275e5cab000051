"""Conversations in a real browser: the model gives them names, and one that was deleted comes back."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import made
from tests.e2e.hands import ask, done
from tests.e2e.stack import Stack
from tests.e2e.test_talking import QUOTED, TRUE, choose, open_talks
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

QUESTION = "Who lit the lamp in the harbour?"
NAME = "The lamp in the harbour"


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
    page.locator(".toast").hover()  # it stays while someone is on it
    for tab in (page, other):
        expect(tab.locator(".talkside li")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/talks/\?new$"))
    page.get_by_role("button", name="Undo").click()

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
