"""What goes wrong between a question and its answer is told in a plain sentence, and there is a way on."""

import re
import threading
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e import hands, made
from tests.e2e.conftest import FIRST_WORD_SECONDS
from tests.e2e.stack import Stack
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

QUOTE = "who lit the lamp in the harbour with her father’s last tin of oil"
GOOD = hands.quoting("Marta Venn did.", QUOTE)
WORDS = tuple(f"word{number} " for number in range(60))
TOO_LONG = "This model's maximum context length is 8192 tokens, however you requested 9000 tokens."
TROUBLES = {
    "a key that is refused": (Answer(status=401, error="bad key"), "refused the key (401). Check MINDORY_LLM_API_KEY."),
    "a model nobody knows": (Answer(status=404, error="no such model"), "The endpoint does not know “fake”."),
    "a model that is busy": (
        Answer(status=429, headers={"retry-after": "30"}),
        "The model is busy. Try again in 30 seconds.",
    ),
    "a question that is too long": (
        Answer(status=400, error=TOO_LONG),
        "The question and its passages are more than this model can read.",
    ),
    "an endpoint that fails": (Answer(status=500), "The model’s endpoint failed (500)."),
    "a model that says nothing": (Answer(wait=60), f"The model did not answer within {FIRST_WORD_SECONDS} seconds."),
    "an answer that is empty": (Answer(), "The model gave an empty answer."),
    "a line that is cut before a word": (Answer(ending="cut"), "The connection to the model broke off."),
}


@pytest.fixture(scope="module")
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """A book that can be asked."""
    return {"lamp.epub": made.harbour_epub()}


def open_book(page: Page, mindory: Stack, shelf: dict[str, int]) -> None:
    page.goto(f"{mindory.url}/books/{shelf['lamp.epub']}/?conversation=new")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    hands.open_chat(page)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_told_and_asking_again_works(
    page: Page, mindory: Stack, shelf: dict[str, int], endpoint: FakeEndpoint, trouble: str
) -> None:
    answer, sentence = TROUBLES[trouble]
    open_book(page, mindory, shelf)
    endpoint.answers(answer)
    hands.ask(page, "Who lit the lamp?")

    notice = page.locator(".turn").last.get_by_role("alert")
    expect(notice).to_contain_text(re.compile(re.escape(sentence).replace("’", "['’]")), timeout=60_000)
    expect(notice).to_contain_text("Your question is kept.")
    expect(page.locator(".turn .answer[aria-busy=true]")).to_have_count(0)
    endpoint.answers(GOOD)
    page.get_by_role("button", name="Ask again").click()

    expect(hands.done(page).locator(".quote .words")).to_have_text(QUOTE)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_line_that_drops_is_told_and_the_answer_is_whole_when_it_is_back(
    page: Page, mindory: Stack, shelf: dict[str, int], endpoint: FakeEndpoint
) -> None:
    line = Line(page)
    open_book(page, mindory, shelf)
    notice = page.locator("[data-part=offline]")
    is_cut = threading.Event()
    endpoint.answers(Answer(WORDS, held=is_cut))
    hands.ask(page, "Count.")
    answer = page.locator(".turn .answer").last
    expect(answer).to_contain_text("word3 ")

    line.cut()
    expect(notice).to_be_visible()
    expect(notice).to_have_text(re.compile("The connection dropped.*What is here is kept"))
    expect(answer).to_contain_text("word3 ")
    page.locator("#ask").fill("And then?")
    is_cut.set()
    line.mend()

    expect(notice).to_be_hidden()
    assert hands.done(page).locator(".answer").inner_text().split() == "".join(WORDS).split()
    expect(page.locator("#ask")).to_have_value("And then?")
    endpoint.answers(GOOD)
    page.locator("#ask").press("Enter")
    expect(hands.done(page).locator(".quote .words")).to_have_text(QUOTE)


class Line:
    """The sockets of a page, which can be cut, and stay cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self.open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.route_web_socket(re.compile(r"/ws/"), self._pass)

    def _pass(self, socket: WebSocketRoute) -> Any:
        if self.is_cut:
            socket.close(code=1011)
        else:
            self.open.append((socket, socket.connect_to_server()))

    def cut(self) -> None:
        """Cut what is there, and let nothing through."""
        self.is_cut = True
        for here, there in self.open:
            here.close(code=1011)
            there.close()
        self.open.clear()

    def mend(self) -> None:
        """Let sockets through again."""
        self.is_cut = False
