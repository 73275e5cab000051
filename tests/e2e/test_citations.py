"""A citation leads to its words: by its chip, its slip and the keyboard, on the page of conversations and in a book."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e import made, readers
from tests.e2e.conftest import DESK
from tests.e2e.hands import ask, done, open_chat
from tests.e2e.stack import Stack
from tests.e2e.test_talking import QUOTED, TRUE, open_book, open_talks
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

QUESTION: Final = "Who lit the lamp in the harbour?"


def corner(slip: Locator) -> None:
    """Click a slip in its last corner, below its words."""
    box = slip.bounding_box()
    assert box
    slip.click(position={"x": box["width"] - 4, "y": box["height"] - 4})


WAYS: Final[Mapping[str, Callable[[Locator], None]]] = {
    "the chip": lambda turn: turn.locator(".answer .cite").click(),
    "the chip by the keyboard": lambda turn: turn.locator(".answer .cite").press("Enter"),
    "the number of the slip": lambda turn: turn.locator(".quote .cite").click(),
    "the place on the slip": lambda turn: turn.locator(".quote").click(position={"x": 90, "y": 16}),
    "the words of the slip": lambda turn: turn.locator(".quote .words").click(),
    "the corner of the slip": lambda turn: corner(turn.locator(".quote")),
    "the slip by the keyboard": lambda turn: turn.locator(".quote .words a").press("Enter"),
    "a click that a program makes": lambda turn: turn.locator(".quote").dispatch_event("click"),
}


@pytest.fixture(scope="module")
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """One book that can be asked."""
    return {"lamp.epub": made.harbour_epub()}


@pytest.fixture
def talk(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> str:
    """Return the address of a conversation with one quote."""
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_talks(page, mindory), QUESTION)
    done(page)
    page.wait_for_url(re.compile(r"/talks/\d+/$"))
    return page.url


def test_on_the_page_of_conversations_each_part_of_a_citation_opens_the_book(page: Page, talk: str) -> None:
    for name, choose in WAYS.items():
        page.goto(talk)
        page.wait_for_selector("html[data-is-ready]")

        choose(done(page))

        expect(page.locator("mark.cited.on"), name).to_have_text(QUOTED)
        expect(page, name).to_have_url(re.compile(r"/books/\d+/\?section=\d+&start=\d+&end=\d+&conversation=\d+$"))
        expect(page.locator("#chat .turn .q"), name).to_have_text(QUESTION)


def test_beside_the_book_each_part_of_a_citation_shows_its_words(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_book(page, mindory), QUESTION)
    done(page)
    page.wait_for_url(re.compile(r"\?conversation=\d+$"))
    talk = page.url
    for name, choose in WAYS.items():
        page.goto(talk)
        open_chat(page)
        turn = done(page)
        expect(page.locator("mark.cited"), name).to_have_count(1)
        expect(page.locator("mark.cited.on"), name).to_have_count(0)

        choose(turn)

        expect(page.locator("mark.cited.on"), name).to_have_text(QUOTED)
        expect(turn.locator(".quote.on"), name).to_have_count(1)
        expect(page, name).to_have_url(re.compile(r"\?conversation=\d+$"))  # nothing was left


def test_a_citation_opens_in_a_tab_of_its_own_with_control(page: Page, ada: BrowserContext, talk: str) -> None:
    for part in (".answer .cite", ".quote .cite", ".quote .words"):
        with ada.expect_page() as opened:
            done(page).locator(part).click(modifiers=["ControlOrMeta"])

        expect(opened.value.locator("mark.cited.on"), part).to_have_text(QUOTED)
        expect(page).to_have_url(talk)
        opened.value.close()


def test_tab_comes_to_a_slip_once(page: Page, talk: str) -> None:
    page.goto(talk)
    done(page).locator(".answer .cite").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".quote .words a")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".quote :focus")).to_have_count(0)


def test_where_answers_are_quotes_alone_their_slips_open_the_book(chromium: Browser, plain: Stack) -> None:
    context = chromium.new_context(**DESK)
    readers.enter(context, plain)
    readers.shelve(context, plain, {"lamp.epub": made.harbour_epub()})
    page = context.new_page()
    ask(open_talks(page, plain), QUESTION)
    slip = done(page).locator(".quote").filter(has_text=QUOTED)

    slip.locator(".cite").click()

    expect(page.locator("mark.cited.on")).to_contain_text(QUOTED)
    context.close()
