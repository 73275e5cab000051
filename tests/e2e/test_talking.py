"""The conversation in a real browser: it streams, branches, goes on, keeps to its scope, and shows only true quotes."""

import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import made
from tests.e2e.hands import ask, done, open_chat
from tests.e2e.stack import Stack
from tests.fake_endpoint import Answer, FakeEndpoint

pytestmark = pytest.mark.e2e

QUOTED = "who lit the lamp in the harbour with her father’s last tin of oil"
TRUE = f"**Marta Venn** did, on the third evening. [[1|{QUOTED}]]"
FALSE = " The mayor helped her. [[1|and the mayor held the ladder]]"
WORDS = tuple(f"word{number} " for number in range(100))


@pytest.fixture(scope="module")
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """Two books that can be asked."""
    return {"lamp.epub": made.harbour_epub(), "旧园梅花记.txt": made.garden_text()}


def test_a_true_quote_leads_to_its_words_and_a_made_up_one_is_left_out(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE + FALSE)))

    ask(open_book(page, mindory), "Who lit the lamp?")
    turn = done(page)

    expect(turn.locator(".answer strong")).to_have_text("Marta Venn")
    expect(turn.locator(".quote .words")).to_have_text(QUOTED)
    expect(turn.locator(".sure.no")).to_contain_text("1 quote left out")
    expect(turn.locator(".answer")).not_to_contain_text("ladder")
    chip = turn.get_by_role("link", name="Quote 1, The Quay")
    chip.click()
    expect(page.locator("mark.cited.on")).to_have_text(QUOTED)
    expect(turn.locator(".quote.on")).to_have_count(1)


def test_a_reload_in_mid_answer_ends_with_the_same_words(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    is_reloaded = threading.Event()
    endpoint.answers(Answer(WORDS, held=is_reloaded))

    ask(open_book(page, mindory), "Count.")
    expect(page.locator(".turn .answer").last).to_contain_text("word10 ")
    expect(page.locator(".turn .answer").last).to_have_attribute("aria-busy", "true")
    page.reload()
    is_reloaded.set()

    assert done(page).locator(".answer").inner_text().split() == "".join(WORDS).split()


def test_two_devices_see_one_conversation_and_either_stops_it(
    page: Page, ada: BrowserContext, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)), Answer(("and on ",), pace=0.05, ending="endless"))
    ask(open_talks(page, mindory), "Who lit the lamp?")
    done(page)
    other = ada.new_page()
    other.goto(page.url)

    ask(page, "And then?")
    expect(other.locator(".turn .q").last).to_have_text("And then?")
    expect(other.locator(".turn .answer").last).to_contain_text("and on and on")
    other.get_by_role("button", name="Stop").click()

    for tab in (page, other):
        expect(tab.locator(".turn").last).to_have_attribute("data-state", "stopped")
        expect(tab.locator(".turn .answer").last).to_contain_text("and on and on")
    other.close()


def test_an_answer_that_was_cut_short_goes_on(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("It began ", "well."), ending="cut"), Answer((" It ended ", "well.")))
    ask(open_talks(page, mindory), "How was it?")
    expect(page.locator(".turn .notice.bad")).to_contain_text("What is here is kept.")

    page.get_by_role("button", name="Go on").click()

    expect(done(page).locator(".answer")).to_contain_text("It began well. It ended well.")


def test_an_endpoint_that_fails_is_told_and_asking_again_works(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(status=401, error="bad key"), Answer(tuple(TRUE)))
    ask(open_talks(page, mindory), "Who lit the lamp?")
    expect(page.locator(".turn .notice.bad")).to_contain_text("Your question is kept.")

    page.get_by_role("button", name="Ask again").click()

    expect(done(page).locator(".quote")).to_have_count(1)


def test_a_question_is_put_otherwise_and_all_its_versions_stay(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(("First.",)), Answer(("Second.",)), Answer(("Third.",)))
    ask(open_talks(page, mindory), "What came first?")
    done(page)

    page.locator("#ask").press("ArrowUp")
    page.locator(".editing textarea").fill("What came second?")
    page.locator(".editing textarea").press("Enter")
    expect(done(page).locator(".answer")).to_have_text("Second.")
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator(".branches .num")).to_have_text("3 / 3")
    expect(done(page).locator(".answer")).to_have_text("Third.")
    page.get_by_role("button", name="Version 3 of 3, go to the one before").click()
    page.get_by_role("button", name="Version 2 of 3, go to the one before").click()

    expect(page.locator(".turn .answer")).to_have_text("First.")
    page.reload()
    expect(page.locator(".turn .q")).to_have_text("What came first?")
    expect(page.locator(".branches .num")).to_have_text("1 / 3")


def test_what_is_asked_is_chosen_in_the_input_bar(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("Plum trees.",)))
    scope = open_book(page, mindory).locator("[data-part=scope]")
    expect(scope).to_contain_text("This book")

    scope.click()
    page.get_by_role("menuitemradio", name="Chosen books").click()
    dialog = page.get_by_role("dialog", name="Choose the books to ask")
    dialog.get_by_role("searchbox").fill("梅花")
    expect(dialog.get_by_role("checkbox")).to_have_count(1)
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Ask these").click()
    expect(scope).to_contain_text("旧园梅花记")
    ask(page, "What grows in the garden?")
    done(page)
    with page.expect_response(lambda answer: "is_limited" in (answer.request.post_data or "")):
        page.get_by_role("switch", name="Only up to where I’ve read").check()
    page.reload()

    expect(scope).to_contain_text("旧园梅花记")
    expect(page.get_by_role("switch", name="Only up to where I’ve read")).to_be_checked()


def test_an_answer_says_that_more_lies_ahead_and_the_limit_is_lifted_on_request(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    open_book(page, mindory)
    page.get_by_role("switch", name="Only up to where I’ve read").check()
    ask(page, "Who lit the lamp?")
    expect(done(page).locator(".notice.ahead")).to_contain_text("lies ahead of where you have read")

    page.get_by_role("button", name="Ask without the limit").click()

    expect(done(page).locator(".quote")).to_have_count(1)
    expect(page.get_by_role("switch", name="Only up to where I’ve read")).not_to_be_checked()


def test_conversations_are_named_pinned_archived_found_exported_and_deleted(
    page: Page, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_talks(page, mindory), "Who is the albatross?")
    done(page)
    rows = page.locator(".talkside li")
    mine = rows.filter(has_text="albatross")
    expect(mine).to_have_count(1)

    choose(page, "Rename…")
    page.get_by_role("textbox", name="Its name").fill("The great bird")
    page.get_by_role("textbox", name="Its name").press("Enter")
    expect(page.get_by_role("heading", name="The great bird")).to_be_visible()
    choose(page, "Pin")
    expect(page.get_by_role("region", name="Pinned").locator("li")).to_have_text(re.compile("The great bird"))
    page.get_by_role("searchbox", name="Search conversations").fill("albatross")
    expect(rows).to_have_count(1)
    with page.expect_download() as export:
        choose(page, "Export as Markdown")
    assert QUOTED in Path(export.value.path()).read_text()
    choose(page, "Archive")
    expect(page.locator(".talkside summary")).to_have_text("1 archived")
    choose(page, "Delete")

    expect(page.get_by_text("“The great bird” deleted.")).to_be_visible()
    expect(rows).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/talks/\?new$"))


def test_conversations_with_a_book_are_switched_in_place(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(("One.",)), Answer(("Two.",)))
    ask(open_book(page, mindory), "Where is the crown?")
    done(page)
    page.get_by_role("link", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "Where is the sceptre?")
    expect(done(page).locator(".answer")).to_have_text("Two.")
    page.evaluate("window.isTheSame = true")

    page.locator("#chat [data-menu=talks]").click()
    page.get_by_role("searchbox", name="Search conversations").fill("crown")
    expect(page.locator(".talkpop li")).to_have_count(1)
    page.get_by_role("searchbox", name="Search conversations").press("Enter")
    expect(page.locator(".turn .answer")).to_have_text("One.")
    page.go_back()

    expect(page.locator(".turn .answer")).to_have_text("Two.")
    assert page.evaluate("window.isTheSame") is True


def test_a_vote_with_a_reason_stays(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_talks(page, mindory), "Who lit the lamp?")
    done(page)

    page.get_by_role("button", name="Bad answer").click()
    page.get_by_role("button", name="It missed something").click()
    expect(page.locator("[data-part=status]")).to_contain_text("Thank you")
    page.reload()

    expect(page.get_by_role("button", name="Bad answer")).to_have_attribute("aria-pressed", "true")


def test_what_is_written_is_kept_and_an_input_method_sends_nothing(page: Page, mindory: Stack) -> None:
    field = open_talks(page, mindory).locator("#ask")
    field.fill("谁点的灯")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "keyCode": 229})
    page.reload()

    expect(field).to_have_value("谁点的灯")
    expect(page.locator(".turn")).to_have_count(0)
    field.fill("")


def test_markup_of_the_model_is_text_in_the_page(page: Page, mindory: Stack, endpoint: FakeEndpoint) -> None:
    endpoint.answers(
        Answer(tuple("<img src=x onerror=alert(1)> <script>alert(2)</script> [x](javascript:alert(3)) ![y](/z)"))
    )
    ask(open_talks(page, mindory), "What?")

    answer = done(page).locator(".answer")
    expect(answer).to_contain_text("<script>")
    assert answer.locator("img, script, a[href]").count() == 0


def test_on_a_phone_the_list_leads_to_the_thread_and_back(
    page: Page, chromium: Browser, ada: BrowserContext, mindory: Stack, endpoint: FakeEndpoint
) -> None:
    endpoint.answers(Answer(tuple(TRUE)))
    ask(open_talks(page, mindory), "Who lit the lamp?")
    done(page)
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, storage_state=ada.storage_state()
    )
    tab = phone.new_page()
    tab.goto(f"{mindory.url}/talks/")
    expect(tab.locator("#talk")).to_be_hidden()

    tab.locator(".talkside li").first.locator("a").tap()
    expect(tab.locator(".turn .q")).to_have_text("Who lit the lamp?")
    expect(tab.locator(".talkside")).to_be_hidden()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.locator(".quote a").first.tap()
    expect(tab.locator("mark.cited").first).to_have_text(QUOTED)
    tab.go_back()
    expect(tab.locator(".turn .q")).to_have_text("Who lit the lamp?")
    tab.go_back()

    expect(tab.locator(".talkside")).to_be_visible()
    phone.close()


def open_book(page: Page, mindory: Stack) -> Page:
    """Open the English book with a new conversation beside it."""
    page.goto(mindory.url)
    address = page.locator("a.onshelf", has_text=made.TITLE).get_attribute("href")
    page.goto(f"{mindory.url}{address}?conversation=new")
    open_chat(page)
    return page


def open_talks(page: Page, mindory: Stack) -> Page:
    """Open the page of conversations at a new one."""
    page.goto(f"{mindory.url}/talks/?new")
    page.wait_for_selector("html[data-is-ready]")
    return page


def choose(page: Page, deed: str) -> None:
    """Do something with the conversation that is shown."""
    page.locator("#talk [data-menu=deeds]").click()
    page.get_by_role("menuitem", name=deed).click()
