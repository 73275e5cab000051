"""What a reader told and noted comes back in their conversations: named, with its source, and theirs to take away."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocket, expect

from tests.e2e import made, readers
from tests.e2e.hands import ask, done, stay_on_toast
from tests.e2e.stack import Stack
from tests.e2e.waits import until
from tests.fake_endpoint import Answer, FakeEndpoint, Request

pytestmark = pytest.mark.e2e

WORDS = "She hung her shawl over the crack"
# What the page itself calls.
CALL = """async ([method, path, body]) => {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)[1];
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token, 'X-Requested-With': 'fetch' };
    const response = await fetch(`/api/v1/${path}`, { method, headers, body: body ? JSON.stringify(body) : undefined });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return response.headers.get('content-type').startsWith('application/json') && text ? JSON.parse(text) : text;
}"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """One book that can be asked."""
    return {"lamp.epub": made.harbour_epub()}


def test_a_name_that_was_told_is_learned_said_and_known_in_the_next_conversation(
    page: Page, mindory: Stack, pictures: Any
) -> None:
    talk = told(page, mindory, "My name is Thea. Who lit the lamp?")
    learn(page, talk)

    line = page.locator(".learned .remember")
    expect(line).to_contain_text("Remembered:")
    expect(line).to_contain_text("Thea")
    pictures("learned")
    line.get_by_role("button", name="Dismiss").click()
    expect(line).to_have_count(0)

    ask(open_talks(page, mindory), "What is my name?")
    turn = done(page)
    expect(turn.locator(".answer")).to_contain_text("Thea")
    noted = turn.get_by_role("button", name="Mindory remembered 1 thing")
    noted.focus()
    page.keyboard.press("Enter")
    expect(noted).to_have_attribute("aria-expanded", "true")
    expect(turn.locator(".notedlist li")).to_have_count(1)
    expect(turn.locator(".notedlist a.from")).to_have_attribute("href", f"/talks/{talk}/")
    expect(turn.get_by_role("link", name="Edit")).to_have_attribute("href", re.compile(r"^/memory/\?id=\d+"))
    pictures("told")


def test_what_is_forgotten_in_the_list_comes_back_by_undo_and_the_line_is_put_away(page: Page, mindory: Stack) -> None:
    ask(open_talks(page, mindory), "What is my name?")
    turn = done(page)
    turn.get_by_role("button", name="Mindory remembered").click()

    turn.get_by_role("button", name="Forget").click()
    toast = stay_on_toast(page)
    expect(turn.locator(".notedlist")).to_contain_text("This was forgotten.")
    toast.get_by_role("button", name="Undo").click()
    expect(turn.locator(".notedlist")).to_contain_text("Thea")

    turn.get_by_role("button", name="Dismiss").click()
    expect(turn.locator(".noted")).to_be_hidden()
    page.reload()
    expect(done(page).locator(".answer")).to_contain_text("Thea")
    expect(page.locator(".noted")).to_be_hidden()


def test_what_is_learned_is_said_at_once_where_its_conversation_is_open_and_nowhere_else(
    page: Page, ada: BrowserContext, mindory: Stack
) -> None:
    elsewhere = ada.new_page()
    sockets: list[WebSocket] = []
    elsewhere.on("websocket", lambda socket: sockets.append(socket))
    told(elsewhere, mindory, "Who hung a shawl over the crack?")
    talk = told(page, mindory, "I am allergic to peanuts. Who lit the lamp?")
    address = f"{mindory.url}/api/v1/memory/sessions/conversation%3A{talk}/close"

    with sockets[-1].expect_event("framereceived", lambda frame: '"memory.learned"' in str(frame)):
        assert ada.request.post(address, headers=readers.token(ada, mindory)).ok

    line = page.locator(".learned .remember")
    expect(line).to_contain_text("peanuts")
    line.get_by_role("link", name="Edit").click()
    expect(page.get_by_role("textbox", name=re.compile("^Edit: .*peanuts"))).to_be_focused()
    expect(elsewhere.locator(".turn")).to_have_count(1)
    expect(elsewhere.locator(".learned .remember")).to_have_count(0)
    elsewhere.close()


def test_a_note_in_a_book_answers_what_one_thought_and_its_quote_opens_the_words(
    page: Page, mindory: Stack, shelf: dict[str, int], pictures: Any
) -> None:
    book = shelf["lamp.epub"]
    page.goto(f"{mindory.url}/books/{book}/?conversation=new")
    page.wait_for_selector("html[data-is-ready]")
    note(page, book, "A brave thing to do with a shawl.")
    if page.locator("body").get_attribute("data-chat") != "open":
        page.get_by_role("button", name="Chat").first.click()

    ask(page, "What did I think of the shawl?")

    turn = done(page)
    expect(turn.locator(".answer")).to_contain_text("A brave thing to do with a shawl.")
    expect(turn.locator(".quote .words").first).to_have_text(WORDS)
    pictures("note")
    turn.locator(".cite").first.click()
    expect(page.locator("mark.cited.on")).to_have_text(WORDS)


def test_a_question_about_the_book_is_not_answered_with_notes(page: Page, mindory: Stack) -> None:
    ask(open_talks(page, mindory), "Who hung a shawl over the crack?")

    turn = done(page)
    expect(turn.locator(".quote")).not_to_have_count(0)
    expect(turn.locator(".answer")).not_to_contain_text("A brave thing")
    expect(turn.locator(".noted")).to_be_hidden()


def test_a_conversation_is_left_out_and_what_was_learned_from_it_goes(
    page: Page, mindory: Stack, pictures: Any
) -> None:
    talk = told(page, mindory, "I live in Bergen. Who lit the lamp?")
    learn(page, talk)
    expect(page.locator(".learned")).to_contain_text("Bergen")

    page.locator("#talk [data-menu=deeds]").click()
    page.get_by_role("menuitem", name="Don’t remember this conversation…").click()
    dialog = page.get_by_role("dialog", name="Don’t remember this conversation?")
    dialog.get_by_role("checkbox").check()
    pictures("pausing")
    dialog.get_by_role("button", name="Don’t remember").click()

    line = page.locator("[data-part=forgetful]")
    expect(line).to_be_visible()
    page.reload()
    expect(line).to_be_visible()
    expect(line).to_contain_text("Nothing said here is remembered.")
    pictures("forgetful")
    ask(page, "I live in Tromsø. Who lit the lamp?")
    done(page)
    found = call(page, "POST", "memory/search", {"query": "I live in Bergen Tromsø"})
    assert "Bergen" not in json.dumps(found, ensure_ascii=False)
    assert "Tromsø" not in json.dumps(found, ensure_ascii=False)
    page.get_by_role("button", name="Remember it again").click()
    expect(line).to_be_hidden()
    expect(page.locator("#talk [data-menu=deeds]")).to_be_focused()


def test_on_a_phone_in_chinese_and_in_the_dark_the_line_opens_within_the_page(
    page: Page, chromium: Browser, ada: BrowserContext, mindory: Stack
) -> None:
    ask(open_talks(page, mindory), "What is my name?")
    done(page)
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        has_touch=True,
        color_scheme="dark",
        storage_state=ada.storage_state(),
    )
    tab = phone.new_page()
    tab.goto(page.url)

    tab.locator(".noted button.link").tap()

    expect(tab.locator(".notedlist li")).to_contain_text("Thea")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.screenshot(path="test-results/remembering-phone.png")
    phone.close()


def test_a_model_is_told_what_it_may_know_and_the_page_says_so(
    chromium: Browser, talkative: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(model)
    context: BrowserContext = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    readers.enter(context, talkative)
    readers.shelve(context, talkative, {"lamp.epub": made.harbour_epub()})
    page = context.new_page()
    learn(page, told(page, talkative, "My name is Thea. Who lit the lamp?"))
    expect(page.locator(".learned .remember")).to_contain_text("Thea")

    ask(open_talks(page, talkative), "What is my name?")

    turn = done(page)
    expect(turn.locator(".answer")).to_have_text("You are Thea.")
    expect(turn.get_by_role("button", name="Mindory remembered 1 thing")).to_be_visible()
    (prompt,) = [text for text in map(last, endpoint.requests) if "What is my name?" in text]
    assert "Notes about the reader:" in prompt
    context.close()


def model(request: Request) -> Answer:
    """Learn the name, know it when it was told, and write nothing else."""
    system = str(request.body["messages"][0]["content"])
    if "worth remembering" in system:
        fact = {"turn": 0, "quote": "My name is Thea", "text": "The reader's name is Thea.", "kind": "fact"}
        fact |= {"type": "personal", "subject": "user", "attribute": "name", "value": "Thea", "confidence": 0.9}
        return Answer((json.dumps({"facts": [fact]}),))
    if "short form" in system or "sort short notes" in system:
        return Answer(status=400)
    return Answer(("You are Thea." if "Thea" in last(request) else "Marta did.",))


def last(request: Request) -> str:
    """Return the last message of a request."""
    return str(request.body["messages"][-1]["content"])


@pytest.fixture
def pictures(page: Page) -> Any:
    """Take a picture of the page as it is."""
    return lambda name: page.screenshot(path=f"test-results/remembering-{name}.png")


def told(page: Page, mindory: Stack, question: str) -> int:
    """Say something in a new conversation; return its number when the memory has heard of it: a moment later."""
    ask(open_talks(page, mindory), question)
    done(page)
    page.wait_for_url(re.compile(r"/talks/\d+/"))
    talk = int(re.findall(r"/talks/(\d+)/", page.url)[0])
    until(lambda: f"conversation:{talk}" in [each["key"] for each in call(page, "GET", "memory/sessions")["items"]])
    return talk


def learn(page: Page, talk: int) -> None:
    """Have a conversation learned from now, and not only when it was silent for a while."""
    call(page, "POST", f"memory/sessions/conversation%3A{talk}/close?wait=20")


def note(page: Page, book: int, text: str) -> None:
    """Note something on the words about the shawl."""
    for section in range(6):
        at = str(call(page, "GET", f"books/{book}/sections/{section}/text")).find(WORDS)
        if at >= 0:
            body = {"section": section, "start": at, "end": at + len(WORDS), "text": text}
            call(page, "POST", f"books/{book}/annotations", body)
            return
    raise AssertionError("the words are not in the book")


def call(page: Page, method: str, path: str, body: Any = None) -> Any:
    """Call the API as the page does."""
    return page.evaluate(CALL, [method, path, body])


def open_talks(page: Page, mindory: Stack) -> Page:
    """Open the page of conversations at a new one."""
    page.goto(f"{mindory.url}/talks/?new")
    page.wait_for_selector("html[data-is-ready]")
    return page
