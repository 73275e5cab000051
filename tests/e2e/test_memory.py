"""The memory page in a real browser: what is told is seen, corrected, forgotten, brought back, taken along."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e import hands, made
from tests.e2e.readers import token
from tests.e2e.stack import Stack
from tests.e2e.waits import until

pytestmark = pytest.mark.e2e

OATH = "Marta Venn lit the lamp out of duty."


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """What is on her shelf."""
    return {"lamp.epub": made.harbour_epub()}


def tell(ada: BrowserContext, stack: Stack, text: str, **more: Any) -> None:
    """Let Mindory remember something, by the API."""
    answer = ada.request.post(f"{stack.url}/api/v1/memory", data={"text": text, **more}, headers=token(ada, stack))
    assert answer.ok, answer.text()


def fact(page: Page, text: str) -> Locator:
    """Return the thing with these words."""
    return page.locator(".fact").filter(has_text=text)


def do(page: Page, text: str, deed: str) -> None:
    """Press a button of a thing."""
    fact(page, text).get_by_role("button", name=re.compile(f"^{deed}: ")).click()


def open_memory(page: Page, stack: Stack, query: str = "") -> None:
    page.goto(f"{stack.url}/memory/{query}")
    expect(page.get_by_role("heading", name="What Mindory remembers")).to_be_visible()


def test_what_is_told_is_seen_corrected_and_brought_back(
    page: Page, ada: BrowserContext, mindory: Stack, shelf: dict[str, int]
) -> None:
    page.goto(f"{mindory.url}/memory/")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    tell(ada, mindory, "The short answer first, then the quotes.", type="procedural")
    tell(ada, mindory, "The reader prefers hardbacks.", type="personal")
    words = ada.request.get(f"{mindory.url}/api/v1/books/{shelf['lamp.epub']}/sections/0/text").text()[:40]
    place = {"book": shelf["lamp.epub"], "section": 1, "start": 0, "end": 40}  # where they were once
    source = {"kind": "book", "place": place, "quote": words, "label": "Chapter 1"}
    tell(ada, mindory, OATH, type="semantic", book=shelf["lamp.epub"], source=source)
    page.goto(mindory.url)
    hands.press_together(page, "g", "m")
    expect(page).to_have_url(re.compile("/memory/$"))
    expect(page.locator(".remembered h2")).to_have_text(["About you", "How you like answers", "What you talked about"])
    expect(page.locator("[data-part=sum]")).to_contain_text("3 things")

    do(page, "hardbacks", "Edit")
    page.get_by_role("textbox", name="Edit: The reader prefers hardbacks.").fill("The reader prefers paperbacks.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit: The reader prefers paperbacks.")).to_be_focused()
    do(page, "paperbacks", "History")
    past = fact(page, "paperbacks").locator(".past")
    expect(past.locator("s")).to_have_text("The reader prefers hardbacks.")
    past.get_by_role("button", name="Go back to this").click()
    expect(fact(page, "paperbacks").locator(".it")).to_have_text("The reader prefers hardbacks.")
    expect(page.get_by_role("button", name="History: The reader prefers hardbacks.")).to_be_focused()

    do(page, "hardbacks", "Forget")
    toast = hands.stay_on_toast(page)
    expect(toast).to_contain_text("Forgotten: The reader prefers hardbacks.")
    expect(page.locator("[data-part=sum]")).to_contain_text("2 things")
    expect(page.locator("#you")).to_be_hidden()
    toast.get_by_role("button", name="Undo").click()
    expect(fact(page, "hardbacks")).to_be_visible()
    expect(page.locator("[data-part=sum]")).to_contain_text("3 things")
    do(page, "hardbacks", "Pin")
    pin = fact(page, "hardbacks").get_by_role("button", name=re.compile("^Pin: "))
    expect(pin).to_have_attribute("aria-pressed", "true")
    page.locator(".kinds").get_by_role("link", name="Pinned").click()
    expect(page.locator(".fact .it")).to_have_text(["The reader prefers hardbacks."])
    page.go_back()
    expect(page.locator(".fact")).to_have_count(3)

    page.keyboard.press("/")
    page.keyboard.type("lamp")
    expect(page.locator(".fact .it").first).to_have_text(OATH)
    expect(page).to_have_url(re.compile(r"q=lamp"))
    fact(page, OATH).get_by_role("link", name="Chapter 1").click()
    expect(page.locator("mark.cited.on").first).to_be_visible()
    assert words.split()[0] in page.locator("mark.cited.on").first.inner_text()


def test_as_of_a_day_and_to_a_file_and_back(page: Page, ada: BrowserContext, mindory: Stack, tmp_path: Path) -> None:
    open_memory(page, mindory)
    then = datetime.now(UTC) - timedelta(days=40)
    old = {
        "line": "memory", "type": "personal", "text": "The reader learns to sail.", "recorded_at": then.isoformat(),
        "observed_at": then.isoformat(), "changed_at": then.isoformat(),
    }  # fmt: skip
    file = tmp_path / "memory.jsonl"
    file.write_text(json.dumps(old) + "\nthis is no line\n", encoding="utf-8")
    page.locator("[data-part=import]").set_input_files(file)
    expect(page.locator("[data-part=imported-said]")).to_have_text("1 added. 1 line was left out.")
    page.get_by_text("Why", exact=True).click()
    expect(page.locator("[data-part=refused] li")).to_contain_text("Line 2")
    expect(fact(page, "learns to sail")).to_be_visible()

    page.reload()
    page.get_by_label("As of which day").fill((then + timedelta(days=5)).date().isoformat())
    expect(page.locator(".then")).to_contain_text("As it was on")
    expect(page.locator(".fact .it")).to_have_text(["The reader learns to sail."])
    expect(page.get_by_role("button", name=re.compile("^Forget: "))).to_have_count(0)
    page.get_by_role("link", name="Back to today").click()
    expect(page.locator(".fact")).to_have_count(4)
    page.locator("#asof").focus()
    page.keyboard.press("Home")
    expect(page.locator(".fact .it")).to_have_text(["The reader learns to sail."])
    page.keyboard.press("End")
    expect(page.locator(".fact")).to_have_count(4)

    with page.expect_download() as taken:
        page.get_by_role("link", name="Export as a file").click()
    taken.value.save_as(tmp_path / "all.jsonl")
    page.get_by_role("button", name="Forget everything…").click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Forget everything")
    expect(sure).to_be_disabled()
    page.get_by_label("if you are sure").fill("Forget")
    sure.click()
    expect(page.locator(".remembered .none")).to_have_text("Nothing is remembered now.")
    page.locator(".kinds").get_by_role("link", name="Forgotten").click()
    expect(page.locator(".fact.gone")).to_contain_text("4 things forgotten")
    page.locator("[data-part=import]").set_input_files(tmp_path / "all.jsonl")
    expect(page.locator("[data-part=imported-said]")).to_contain_text("added.")
    page.locator(".kinds").get_by_role("link", name="Everything").click()
    expect(page.locator(".fact")).to_have_count(4)


def test_a_change_made_elsewhere_is_not_overwritten_unseen(page: Page, ada: BrowserContext, mindory: Stack) -> None:
    tell(ada, mindory, "The reader owns a red boat.", type="personal")
    open_memory(page, mindory)
    do(page, "red boat", "Edit")
    number = fact(page, "red boat").get_attribute("data-memory")
    ada.request.patch(
        f"{mindory.url}/api/v1/memory/{number}", data={"text": "The reader owns a green boat."},
        headers=token(ada, mindory),
    )  # fmt: skip

    field = page.locator(".change textarea")
    field.fill("The reader owns a blue boat.")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("green boat")
    page.get_by_role("button", name="Save").click()
    expect(fact(page, "blue boat")).to_be_visible()

    page.goto(f"{mindory.url}/memory/?id={number}&q=The%20reader%20owns%20a%20blue%20boat.")
    expect(page.get_by_role("textbox", name="Edit: The reader owns a blue boat.")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(page.locator(".toast")).to_contain_text("Forgotten: The reader owns a blue boat.")


def test_what_was_forgotten_elsewhere_leaves_the_page(page: Page, ada: BrowserContext, mindory: Stack) -> None:
    tell(ada, mindory, "The reader has a grey umbrella.", type="personal")
    open_memory(page, mindory)
    number = fact(page, "grey umbrella").get_attribute("data-memory")
    assert ada.request.delete(f"{mindory.url}/api/v1/memory/{number}", headers=token(ada, mindory)).ok

    do(page, "grey umbrella", "Pin")

    expect(page.locator(".toast")).to_have_text("This was forgotten.")
    expect(fact(page, "grey umbrella")).to_have_count(0)


def test_a_reader_tells_something_by_hand_and_takes_it_back(
    page: Page, ada: BrowserContext, mindory: Stack, shelf: dict[str, int]
) -> None:
    open_memory(page, mindory)
    page.keyboard.press("n")
    text = page.get_by_role("textbox", name="Tell Mindory something")
    expect(text).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_have_text("Write what Mindory shall remember.")
    expect(text).to_have_attribute("aria-invalid", "true")

    text.fill("I live in Porto.")
    page.get_by_label("True since").fill("2021-06-01")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Remembered as “About you”.")
    expect(fact(page, "I live in Porto.").locator(".it")).to_be_focused()
    expect(text).to_be_hidden()

    say(page, "I live in Porto.")
    expect(page.locator("[data-part=tell-said]")).to_have_text("You told this already.")
    expect(text).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Tell Mindory something")).to_be_focused()

    say(page, "I live in Lisbon.")
    toast = page.locator(".toast").filter(has_text="Replaces: I live in Porto.")
    toast.hover()
    expect(fact(page, "I live in Lisbon.")).to_be_visible()
    expect(fact(page, "I live in Porto.")).to_have_count(0)
    toast.get_by_role("button", name="Undo").click()
    expect(text).to_have_value("I live in Lisbon.")
    expect(fact(page, "I live in Porto.")).to_be_visible()
    expect(fact(page, "I live in Lisbon.")).to_have_count(0)
    page.keyboard.press("Escape")


def test_a_reader_tells_something_about_a_book_and_files_it_elsewhere(
    page: Page, mindory: Stack, shelf: dict[str, int]
) -> None:
    open_memory(page, mindory)
    page.get_by_role("button", name="Tell Mindory something").click()
    page.get_by_label("About a book").select_option(str(shelf["lamp.epub"]))
    page.get_by_label("What it is").select_option("How you like answers")
    page.get_by_role("textbox", name="Tell Mindory something").fill("Tell me nothing of the storm before I am there.")
    page.get_by_role("button", name="Remember", exact=True).click()
    told = fact(page, "nothing of the storm")
    expect(page.locator("section[data-group=likes]").filter(has=told)).to_be_visible()
    expect(told.get_by_role("link", name=made.TITLE)).to_be_visible()

    do(page, "nothing of the storm", "Edit")
    told.get_by_label("What it is").select_option("About you")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("section[data-group=you]").filter(has=told)).to_be_visible()
    expect(told.locator(".it")).to_be_focused()

    page.route("**/api/v1/memory", lambda route: route.abort())
    say(page, "The club meets on Thursdays.")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_role("textbox", name="Tell Mindory something")).to_have_value("The club meets on Thursdays.")
    page.unroute("**/api/v1/memory")
    page.keyboard.press("Control+Enter")
    expect(fact(page, "The club meets on Thursdays.")).to_be_visible()


def test_words_that_are_no_longer_in_the_book_open_it_and_mark_nothing(
    page: Page, ada: BrowserContext, mindory: Stack, shelf: dict[str, int]
) -> None:
    place = {"book": shelf["lamp.epub"], "section": 1, "start": 5, "end": 40}
    source = {"kind": "book", "place": place, "quote": "words that no page of it holds", "label": "Chapter 2"}
    tell(ada, mindory, "Marta never sleeps.", type="semantic", book=shelf["lamp.epub"], source=source)
    open_memory(page, mindory, "?q=Marta%20never%20sleeps")

    fact(page, "Marta never sleeps.").get_by_role("link", name="Chapter 2").click()

    expect(page.locator(".toast")).to_contain_text("no longer in the book")
    expect(page.locator("html[data-is-ready]")).to_be_attached()
    expect(page.locator("mark.cited")).to_have_count(0)


def test_what_can_be_taken_back_waits_for_a_mouse_and_for_the_keyboard(
    page: Page, ada: BrowserContext, mindory: Stack
) -> None:
    tell(ada, mindory, "The reader keeps a parrot.", type="personal")
    page.clock.install()
    open_memory(page, mindory)
    do(page, "a parrot", "Forget")

    toast = hands.stay_on_toast(page)
    page.clock.fast_forward("05:00")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Undo").focus()
    page.mouse.move(5, 5)
    page.clock.fast_forward("05:00")
    expect(toast).to_be_visible()
    page.locator("h1").focus()
    page.clock.fast_forward("00:07")
    expect(toast).to_be_visible()  # time that was not counted is left
    page.clock.fast_forward("00:02")
    expect(toast).to_have_count(0)


def test_of_a_long_list_only_what_is_seen_is_laid_out_and_all_of_it_is_found(
    page: Page, ada: BrowserContext, mindory: Stack
) -> None:
    lines = []
    for number in range(60):
        at = (datetime.now(UTC) - timedelta(days=60 - number)).isoformat()
        text = f"The reader knows the lighthouse number {number:02}, on the coast."
        times = {"recorded_at": at, "observed_at": at, "changed_at": at}
        lines.append(json.dumps({"line": "memory", "type": "factual", "text": text, **times}))
    sent = {**token(ada, mindory), "Content-Type": "application/jsonl"}
    assert ada.request.post(f"{mindory.url}/api/v1/memory/import", data="\n".join(lines).encode(), headers=sent).ok
    open_memory(page, mindory, "?kind=talked")
    page.get_by_role("link", name="Show more").click()
    far = fact(page, "number 00,")
    expect(far).to_have_count(1)
    page.evaluate("scrollTo(0, 0)")
    is_laid_out = "(fact) => fact.querySelector('.it').checkVisibility({contentVisibilityAuto: true})"
    until(lambda: not far.evaluate(is_laid_out))

    assert page.evaluate("find('lighthouse number 00')")
    expect(far).to_be_in_viewport(ratio=1)
    until(lambda: far.evaluate(is_laid_out))
    page.evaluate("scrollTo(0, 0)")
    expect(far).not_to_be_in_viewport()
    far.get_by_role("button", name=re.compile("^Edit: ")).focus()
    expect(far).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, 0); location.hash = document.querySelector('.remembered section:last-of-type h2').id")
    expect(page.locator(".remembered h2").last).to_be_in_viewport(ratio=1)


def say(page: Page, text: str) -> None:
    """Tell something with the keys alone."""
    if page.locator("#tell").is_hidden():
        page.keyboard.press("n")
    page.locator("#tell-text").fill(text)
    page.keyboard.press("Control+Enter")
