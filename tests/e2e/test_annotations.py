"""What a reader leaves in a book: by mouse, by keyboard, on a phone, in Chinese; the margin; the voice."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import hands, made, sampler
from tests.e2e.stack import Stack
from tests.e2e.waits import until, until_equal

pytestmark = pytest.mark.e2e

# Where the first and the last character of some words are on the screen, once they are brought there.
CORNERS = """async ([first, last]) => {
    for (let frame = 0; frame < 4; frame++) await new Promise((next) => requestAnimationFrame(next));
    const walker = document.createTreeWalker(document.querySelector('.leaves'), NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const box = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    const from = nodes.findIndex((node) => node.data.includes(first));
    const to = nodes.findIndex((node, i) => i >= from && node.data.includes(last));
    nodes[from].parentElement.scrollIntoView({ block: 'center' });
    const a = box(nodes[from], nodes[from].data.indexOf(first));
    const b = box(nodes[to], nodes[to].data.indexOf(last) + last.length - 1);
    return [a.left + 1, a.top + a.height / 2, b.right - 1, b.top + b.height / 2];
}"""
PAINTED = "(look) => [...(CSS.highlights.get(look) ?? [])].map(String).join('')"
VOICES = """
class Utterance { constructor(text) { this.text = text; } }
const spoken = [];
let last = null;
const speech = new EventTarget();
Object.assign(speech, {
    getVoices: () => window.voices ?? [{ voiceURI: 'v1', name: 'Iris', lang: 'en-GB', localService: true }],
    speak: (words) => { spoken.push(words.text); last = words; },
    cancel: () => { last = null; },
});
Object.defineProperty(window, 'speechSynthesis', { value: speech });
window.SpeechSynthesisUtterance = Utterance;
window.spoken = spoken;
window.finish = () => last?.onend?.({});
"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """An English book, a Chinese one and one that has everything."""
    return {"lamp.epub": made.harbour_epub(), "garden.txt": made.garden_text(), "tides.epub": sampler.sampler_epub()}


def api(page: Page, mindory: Stack, path: str) -> Any:
    return page.request.get(f"{mindory.url}/api/v1/{path}").json()


def open_book(page: Page, mindory: Stack, title: str, query: str = "?section=0&conversation=new") -> int:
    books = api(page, mindory, "books")["items"]
    pk = next(int(book["id"]) for book in books if title in book["title"])
    page.goto(f"{mindory.url}/books/{pk}/{query}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    return pk


def corners(page: Page, first: str, last: str) -> list[float]:
    """Find words on the screen, once the text stands still: sections come in above and below."""
    seen: list[list[float]] = []

    def is_still() -> bool:
        seen.append(page.evaluate(CORNERS, [first, last]))
        time.sleep(0.15)
        return len(seen) > 2 and seen[-1] == seen[-2] == seen[-3]

    until(is_still)
    return seen[-1]


def select(page: Page, first: str, last: str = "") -> None:
    """Draw the mouse over the words from `first` to `last`."""
    left, top, right, bottom = corners(page, first, last or first)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.mouse.move(right, bottom)
    page.mouse.up()


def click_on(page: Page, words: str) -> None:
    left, top, *_ = corners(page, words, words)
    page.mouse.click(left + 4, top)


def painted(page: Page, look: str) -> str:
    return "".join(str(page.evaluate(PAINTED, look)).split())


def notes(page: Page) -> Locator:
    if page.locator("body").get_attribute("data-toc") != "open":
        page.locator(".bar [data-toggle=toc]").click()
    page.get_by_role("tab", name=re.compile("Notes")).click()
    return page.locator("#drawer-notes .entry")


def heard(page: Page, count: int) -> None:
    """Wait until so many sentences were said."""
    until(lambda: page.evaluate("spoken.length") == count)


def paints(page: Page, look: str, words: str) -> None:
    """Wait until exactly these words look so."""
    until_equal(lambda: painted(page, look), words)


def is_at_the_foot(bar: Locator) -> bool:
    """Say whether it has come to the foot of a phone, and is within its width."""
    box = bar.bounding_box()
    assert box is not None
    return box["x"] >= 0 and box["x"] + box["width"] <= 390 and 780 < box["y"] + box["height"] <= 844


def kept(page: Page, mindory: Stack, book: int) -> list[Any]:
    return list(api(page, mindory, f"books/{book}/annotations")["items"])


def test_words_are_inked_noted_found_deleted_and_brought_back(page: Page, mindory: Stack) -> None:
    book = open_book(page, mindory, "Lamp")
    select(page, "She counted nine sails", "heard and did not see")
    bar = page.get_by_role("toolbar", name="Selected words")
    expect(bar.get_by_role("button")).to_have_count(10)
    bar.get_by_role("button", name="Rose").click()
    expect(bar).to_have_count(0)
    wanted = "Shecountedninesailscominghome.Thetenthsheheardanddidnotsee"
    paints(page, "hl2", wanted)
    expect(page.locator(".inked")).to_have_accessible_name(re.compile("Highlight, Rose: “She counted"))

    page.reload()
    expect(page.locator(".inked")).to_have_count(1)
    paints(page, "hl2", wanted)
    click_on(page, "nine sails")
    card = page.get_by_role("dialog", name=re.compile("Highlight, Rose"))
    page.locator(".markcard [data-ink=blue]").click()
    page.locator(".markcard").get_by_role("button", name="Write a note").click()
    expect(page.locator(".markcard textarea")).to_be_focused()
    page.keyboard.type("Is it *nine*, or <b>ten</b>?")
    expect(page.locator(".markcard [data-part=kept]")).to_have_text("Saved")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    paints(page, "hl2", "")
    paints(page, "hl3", wanted)

    page.get_by_role("button", name=re.compile("Your note: Is it")).click()
    expect(page.locator(".markcard .notetext em")).to_have_text("nine")
    expect(page.locator(".markcard .notetext")).to_contain_text("<b>ten</b>")
    page.keyboard.press("Escape")
    entry = notes(page)
    expect(entry).to_have_count(1)
    page.locator("[data-part=notes-search]").fill("nothing like it")
    expect(page.locator("#drawer-notes")).to_contain_text("None of your notes is like that.")
    page.locator("[data-part=notes-search]").fill("NINE")
    page.goto(page.url.replace("section=0", "section=2"))
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    notes(page).locator(".jump").click()
    expect(page.locator(".leaf p").filter(has_text="She counted nine sails")).to_be_in_viewport()

    notes(page).hover()
    notes(page).get_by_role("button", name="Delete").click()
    expect(entry).to_have_count(0)
    paints(page, "hl3", "")
    page.locator(".toast").hover()  # who is on it has time, and the mark is deleted meanwhile
    until_equal(lambda: kept(page, mindory, book), [])
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(entry).to_have_count(1)
    paints(page, "hl3", wanted)
    entry.hover()
    entry.get_by_role("button", name="Delete").click()
    page.reload()  # leaving ends the time for undoing
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(page.locator(".inked")).to_have_count(0)
    until_equal(lambda: kept(page, mindory, book), [])


def test_by_keyboard_alone_a_sentence_is_chosen_inked_opened_and_noted(page: Page, mindory: Stack) -> None:
    book = open_book(page, mindory, "Lamp", "?section=1&conversation=new")
    page.locator("#text").focus()
    page.keyboard.press("Enter")
    bar = page.get_by_role("toolbar", name="Selected words")
    expect(bar.get_by_role("button", name="Ask")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-part=said]")).to_contain_text("The harbour master kept a ledger of debts")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-part=said]")).to_contain_text("It was bound in sealskin")
    page.keyboard.press("h")
    page.keyboard.press("4")
    expect(page.locator("#text")).to_be_focused()
    inked = until(lambda: painted(page, "hl4"))
    assert inked.startswith("Theharbourmasterkept")
    assert inked.endswith("noclerkcouldcopy.")

    ink = page.get_by_role("button", name=re.compile("Highlight, Lilac: “The harbour master"))
    ink.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".markcard")).to_be_focused()
    page.locator(".markcard").get_by_role("button", name="Write a note").press("Enter")
    expect(page.locator(".markcard textarea")).to_be_focused()
    page.keyboard.type("Sealskin!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".markcard")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Your note on “The harbour master"))).to_be_focused()
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Remove the bookmark")).to_be_visible()
    expect(page.locator("[data-part=notes-count]")).to_have_text("2")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Remove the bookmark")).to_be_hidden()
    until_equal(lambda: [mark["text"] for mark in kept(page, mindory, book) if mark["kind"] == "note"], ["Sealskin!"])


def test_inks_overlap_cross_blocks_cells_readings_and_formulas_and_leave_the_text_as_it_is(
    page: Page, mindory: Stack
) -> None:
    book = open_book(page, mindory, "Tide", "?section=0&conversation=new")
    whole = page.locator(".leaf").first.inner_html()
    text = page.request.get(f"{mindory.url}/api/v1/books/{book}/sections/0/text").text()
    first, last = text.index("The rule that he went by"), text.index("which he had from")
    token = page.context.cookies()
    headers = {"X-CSRFToken": next(one["value"] for one in token if one["name"] == "csrftoken"), "Origin": mindory.url}
    for start, end, colour in ((first, last, "yellow"), (first + 20, first + 60, "pink"), (0, first + 8, "lilac")):
        made_one = page.request.post(
            f"{mindory.url}/api/v1/books/{book}/annotations",
            data={"section": 0, "start": start, "end": end, "colour": colour},
            headers=headers,
        )
        assert made_one.status == 201, made_one.text()
    page.evaluate("dispatchEvent(new Event('focus'))")  # another device made them: this one looks again
    expect(page.locator(".inked")).to_have_count(3)

    bare = "".join(text.split())
    paints(page, "hl2", "".join(text[first + 20 : first + 60].split()))
    assert painted(page, "hl4") + painted(page, "hl1") + painted(page, "hl2") != ""
    covered = len(painted(page, "hl1")) + len(painted(page, "hl2")) + len(painted(page, "hl4"))
    assert covered == len("".join(text[0:last].split()))
    assert page.locator(".leaf").first.inner_html() == whole
    assert "".join(str(page.locator(".leaf").first.evaluate("(leaf) => leaf.textContent")).split()) == bare
    click_on(page, "The rule that he")
    expect(page.locator(".markcard")).to_be_visible()


def test_chinese_words_are_inked_on_a_phone_and_the_card_is_a_sheet(page: Page, mindory: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_book(page, mindory, "garden")
    page.evaluate("document.body.dataset.chat = 'shut'")
    select(page, "荒了三十年", "无人过问")
    bar = page.get_by_role("toolbar", name="Selected words")
    until(lambda: is_at_the_foot(bar))
    bar.get_by_role("button", name="Write a note").click()
    expect(page.locator(".markcard textarea")).to_be_focused()
    page.keyboard.type("为什么是三十年？")
    expect(page.locator(".markcard [data-part=kept]")).to_have_text("Saved")
    until_equal(lambda: "".join(painted(page, f"hl{ink}") for ink in (1, 2, 3, 4)), "荒了三十年，墙倒屋斜，无人过问")
    until(lambda: (page.locator(".markcard").bounding_box() or {"width": 0.0})["width"] > 360)
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_note_is_kept_here_while_the_connection_is_down(page: Page, mindory: Stack) -> None:
    book = open_book(page, mindory, "Lamp", "?section=2&conversation=new")
    select(page, "In spring the wool carts", "north road")
    expect(page.get_by_role("toolbar")).to_be_visible()
    page.route("**/api/v1/books/*/annotations**", lambda route: route.abort())
    page.keyboard.press("n")
    expect(page.locator(".markcard textarea")).to_be_focused()
    page.keyboard.type("Written in a tunnel")
    expect(page.locator(".markcard [data-part=kept]")).to_have_text("Kept on this device until the connection is back")
    page.keyboard.press("Escape")
    page.unroute("**/api/v1/books/*/annotations**")
    page.reload()
    expect(page.get_by_role("button", name="Your note: Written in a tunnel")).to_be_visible()
    expect(page.locator(".inked[aria-label*='Written in a tunnel']")).to_have_count(1)
    expect(page.locator("[data-part=notes-count]")).to_have_text(re.compile(r"\d"))
    until_equal(
        lambda: [mark["text"] for mark in kept(page, mindory, book) if mark["section"] == 2], ["Written in a tunnel"]
    )


def test_a_stroke_in_the_margin_opens_the_conversation_that_quoted_there(page: Page, mindory: Stack) -> None:
    open_book(page, mindory, "Lamp")
    for _ in range(2):
        page.goto(page.url.split("?")[0] + "?section=0&conversation=new")
        hands.ask(page, "Who lit the lamp in the harbour?")
        hands.done(page)
    expect(page.locator(".margin.talk.now").first).to_be_visible()
    quote = page.locator(".turn .quote .words").first.inner_text()

    page.goto(page.url.split("?")[0] + "?section=0&conversation=new")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(page.locator(".turn")).to_have_count(0)
    stroke = page.get_by_role("button", name=re.compile("Quoted in 2 conversations")).first
    stroke.click()
    menu = page.get_by_role("menu", name="Conversations that quoted this")
    expect(menu.get_by_role("menuitem")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .quote .words").first).to_have_text(quote)

    page.locator(".bar [data-toggle=toc]").click() if page.locator("#tab-quotes").is_hidden() else None
    page.get_by_role("tab", name=re.compile("Quotes")).click()
    entries = page.locator("#drawer-quotes .entry")
    expect(entries.first).to_be_visible()
    entries.first.locator(".jump").click()
    expect(page.locator("mark.cited.on").first).to_be_in_viewport()


def test_a_book_is_read_aloud_sentence_by_sentence(page: Page, mindory: Stack) -> None:
    page.add_init_script(VOICES)
    open_book(page, mindory, "Lamp", "?section=2&conversation=new")
    select(page, "look at the sea", "not at the flame")
    page.get_by_role("toolbar").get_by_role("button", name="Read aloud").click()
    bar = page.get_by_role("region", name="Read aloud")
    expect(bar).to_be_visible()
    assert until(lambda: painted(page, "aloud")).startswith("Martataughttwoboys")
    page.evaluate("finish()")
    heard(page, 2)
    paints(page, "aloud", "".join(page.evaluate("spoken[1]").split()))
    bar.get_by_role("button", name="Pause").click()
    bar.get_by_role("button", name="Go on").click()
    heard(page, 3)
    assert page.evaluate("spoken[1] === spoken[2]")
    bar.get_by_role("button", name="Stop reading aloud").click()
    expect(bar).to_be_hidden()
    paints(page, "aloud", "")
    page.evaluate("window.voices = []")
    page.locator(".bar [data-do=aloud]").click()
    expect(page.locator(".toast")).to_contain_text("no voice to read aloud")
