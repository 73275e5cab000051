"""Answers by a language model in a real browser: they stream, survive a reload, stop, and show only true quotes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import made
from tests.e2e.conftest import add_books, become_admin
from tests.e2e.stack import Stack
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

TRUE = "Marta Venn did, on the third evening. [[1|who lit the lamp in the harbour with her father’s last tin of oil]]"
FALSE = " The mayor helped her. [[1|and the mayor held the ladder]]"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    """A language model that says what it is told."""
    with FakeEndpoint() as running:
        yield running


@pytest.fixture(scope="module")
def mindory(endpoint: FakeEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Mindory connected to that model."""
    model = {"MINDORY_LLM_BASE_URL": endpoint.base_url, "MINDORY_LLM_MODEL": "fake", "MINDORY_LLM_API_KEY": "key"}
    with Stack(tmp_path_factory.mktemp("mindory"), model) as stack:
        yield stack


@pytest.fixture(scope="module")
def ada(chromium: Browser, mindory: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """The admin, with one book that can be asked."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    tab = context.new_page()
    become_admin(tab, mindory)
    book: Path = tmp_path_factory.mktemp("books") / "lamp.epub"
    book.write_bytes(made.harbour_epub())
    add_books(tab, mindory, book)
    expect(tab.locator("[data-part=shelf] > li")).to_have_count(1, timeout=120_000)
    tab.close()
    yield context
    context.close()


def test_a_true_quote_is_shown_and_a_made_up_one_is_left_out(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE + FALSE)))

    ask(page, mindory)
    turn = page.locator(".turn").last

    expect(turn).to_have_attribute("data-state", "done")
    expect(turn.locator(".quote")).to_have_count(1)
    expect(turn.locator(".quote")).to_contain_text("who lit the lamp in the harbour with her father’s last tin of oil")
    expect(turn.locator(".sure.no")).to_contain_text("1 quote left out")
    expect(turn.locator(".answer")).not_to_contain_text("ladder")
    turn.locator(".answer a.cite").first.click()
    expect(page.locator("mark.cited.on")).to_have_text(
        "who lit the lamp in the harbour with her father’s last tin of oil"
    )


def test_a_reload_in_mid_answer_ends_with_the_same_words(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    words = [f"word{number} " for number in range(120)]
    endpoint.answers(Answer(tuple(words), pace=0.03))

    ask(page, mindory)
    expect(page.locator(".turn .answer").last).to_contain_text("word10 ")
    page.reload()
    expect(page.locator(".turn").last).to_have_attribute("data-state", "done")

    assert page.locator(".turn .answer").last.inner_text().split() == "".join(words).split()


def test_an_answer_is_stopped_and_what_is_written_stays(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("and on ",), pace=0.05, ending="endless"))

    ask(page, mindory)
    expect(page.locator(".turn .answer").last).to_contain_text("and on and on")
    page.locator("[data-part=stop]").click()

    expect(page.locator(".turn").last).to_have_attribute("data-state", "stopped")
    expect(page.locator(".turn .answer").last).to_contain_text("and on and on")


def test_an_endpoint_that_fails_is_told_and_asking_again_works(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(status=401, error="bad key"), Answer(tuple(TRUE)))

    ask(page, mindory)
    expect(page.locator(".turn .notice.bad").last).to_be_visible()
    page.get_by_role("button", name="Ask again").last.click()

    expect(page.locator(".turn").last).to_have_attribute("data-state", "done")


def test_markup_of_the_model_is_text_in_the_page(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(tuple("<img src=x onerror=alert(1)> <script>alert(2)</script> **plain**")))

    ask(page, mindory)
    expect(page.locator(".turn").last).to_have_attribute("data-state", "done")

    answer = page.locator(".turn .answer").last
    expect(answer).to_contain_text("<script>")
    assert answer.locator("img, script").count() == 0


def ask(page: Page, mindory: Stack) -> None:
    page.goto(mindory.url)
    page.goto(mindory.url + str(page.locator("a.onshelf").first.get_attribute("href")) + "?conversation=new")
    if page.locator("body").get_attribute("data-chat") != "open":
        page.get_by_role("button", name="Chat").first.click()
    page.locator("#ask").fill("Who lit the lamp?")
    page.locator("#ask").press("Enter")
