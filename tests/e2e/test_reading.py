"""Reading in the browser: pages and scrolling, upright and from the right, places, finding, keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.e2e.conftest import DESK, watched
from tests.e2e.stack import Stack
from tests.e2e.waits import until, until_page, until_still
from tests.made import flowing

pytestmark = pytest.mark.e2e

# The first words that are on the screen, and where the reader is.
FIRST = """() => {
    const box = document.querySelector('.scroll').getBoundingClientRect();
    const walker = document.createTreeWalker(document.querySelector('.leaves'), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at++) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const own = range.getBoundingClientRect();
            if (!own.width || !node.data.trim()) break;
            const end = range.startContainer.length;
            range.setEnd(node, end);
            const all = range.getBoundingClientRect();
            const isBeside = all.right <= box.left || all.left >= box.right;
            if (isBeside || all.bottom <= box.top || all.top >= box.bottom) break;
            const isIn = own.left >= box.left - 2 && own.right <= box.right + 2;
            if (isIn && own.top >= box.top - 2 && own.bottom <= box.bottom + 2)
                return node.data.slice(at, at + 160);
        }
    }
    return '';
}"""


@pytest.fixture(scope="module")
def books() -> dict[str, bytes]:
    """A long book, an upright one and one from the right."""
    return {
        "long.epub": flowing.long_epub(),
        "upright.epub": flowing.upright_epub(),
        "right.epub": flowing.from_right_epub(),
    }


@pytest.fixture
def page(
    chromium: Browser, ada: BrowserContext, shelf: dict[str, int], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A browser that keeps nothing yet: what one story likes is not what the next one begins with."""
    context = chromium.new_context(**DESK)
    context.add_cookies(ada.cookies())  # type: ignore[arg-type]
    with watched(context.new_page(), request.node.name) as tab:
        yield tab
    context.close()


def call(page: Page, method: str, address: str, body: Any = None) -> Any:
    script = """async ([method, address, body]) => {
        const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
        const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
        const answer = await fetch(`/api/v1/${address}`, { method, headers, body: body && JSON.stringify(body) });
        return answer.json();
    }"""
    return page.evaluate(script, [method, address, body])


def book_of(page: Page, mindory: Stack, title: str) -> int:
    page.goto(mindory.url)
    return int(next(book["id"] for book in call(page, "GET", "books")["items"] if book["title"] == title))


def read(page: Page, mindory: Stack, title: str, query: str = "", **likings: str) -> int:
    """Open a book with the drawers shut, as the reader likes it."""
    pk = book_of(page, mindory, title)
    page.evaluate(
        "(kept) => localStorage.setItem('reading', JSON.stringify(kept))", {"toc": "shut", "chat": "shut"} | likings
    )
    page.goto(f"{mindory.url}/books/{pk}/{query}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    until_still(page)
    return pk


def moved(page: Page, before: str) -> str:
    """Wait until other words are the first on the screen, and return them."""
    until_page(page, f"(before) => ({FIRST})() !== before", before)
    until_still(page)
    return first_words(page)


def stands_at(page: Page, words: str) -> None:
    """Wait until these words are the first on the screen, and stay it."""
    until_page(page, f"(words) => ({FIRST})().startsWith(words)", words)
    until_still(page)
    assert first_words(page).startswith(words)


def first_words(page: Page) -> str:
    return str(page.evaluate(FIRST))


def test_pages_are_turned_by_keys_across_chapters_and_back(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=1", mode="pages")
    begun = first_words(page)
    seen = [begun]
    for key in ("ArrowRight", " ", "PageDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
        seen.append(moved(page, seen[-1]))
    assert len(set(seen)) == len(seen), seen
    assert any(words.startswith("Chapter 3") for words in seen), seen
    now = seen[-1]
    for key in ("ArrowLeft", "Shift+ ", "PageUp", "ArrowUp", *["ArrowLeft"] * 4):
        page.keyboard.press(key)
        now = moved(page, now)
    assert now == begun


def test_the_same_words_stay_when_mode_size_and_width_change(page: Page, mindory: Stack) -> None:
    pk = read(page, mindory, flowing.LONG, "?section=3&start=9000")
    page.keyboard.press("ArrowDown")
    place = until(lambda: kept_in_sight(page, pk, 3))
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="Pages", exact=True).click()
    expect(page.locator(".scroll.paged")).to_have_count(1)
    until_still(page)
    assert in_sight(page, place)
    for _ in range(3):
        page.get_by_role("button", name="Larger type").click()
    until_still(page)
    assert in_sight(page, place)
    page.keyboard.press("Escape")
    for width in (700, 390, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        until_still(page)
        assert in_sight(page, place), width
    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="Scroll", exact=True).click()
    expect(page.locator(".scroll.paged")).to_have_count(0)
    until_still(page)
    assert in_sight(page, place)


def kept_in_sight(page: Page, pk: int, section: int) -> dict[str, int] | None:
    """Return the place that the server keeps, once it is one of this section and on the screen."""
    place: dict[str, int] = call(page, "GET", f"books/{pk}/place")
    return place if place["section"] == section and in_sight(page, place) else None


def in_sight(page: Page, place: dict[str, int]) -> bool:
    """Say whether the character at a place is on the screen."""
    script = """async ({ section, offset }) => {
        const names = performance.getEntriesByType('resource').map((one) => one.name);
        const name = names.find((one) => /reader\\/span\\./.test(one));
        const { boxAt } = await import(name);
        const own = boxAt(document.querySelector(`.leaf[data-section="${section}"]`), offset);
        const box = document.querySelector('.scroll').getBoundingClientRect();
        const isIn = own.right > box.left && own.left < box.right && own.bottom > box.top && own.top < box.bottom;
        return isIn || JSON.stringify([own, box]);
    }"""
    return bool(page.evaluate(script, place) is True)


def test_notes_quotes_and_the_way_back_work_in_pages(page: Page, mindory: Stack) -> None:
    pk = read(page, mindory, flowing.LONG, "?section=0", mode="pages")
    [hit] = call(page, "GET", f"books/{pk}/words?q=on%20day%204.33%20of")["items"]
    page.goto(f"{mindory.url}/books/{pk}/?section={hit['section']}&start={hit['start']}&end={hit['end']}")
    mark = page.locator("mark.cited.on")
    expect(mark.first).to_be_in_viewport(ratio=0.9)
    assert "".join(mark.all_inner_texts()) == hit["words"]

    note = call(page, "GET", f"books/{pk}/words?q=The%20lamp%20was%20older")["items"][0]
    page.goto(f"{mindory.url}/books/{pk}/?section={note['section']}&start={note['start']}")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    page.locator(".leaf a.noteref").click()
    expect(page.get_by_role("dialog", name="Note")).to_contain_text("Older than the log")
    expect(page.get_by_role("dialog", name="Note")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog", name="Note")).to_have_count(0)

    page.keyboard.press("t")
    expect(page.locator("body")).to_have_attribute("data-toc", "open")
    until_still(page)
    before = first_words(page)
    page.locator(".toc").get_by_role("link", name="Chapter 9").click()
    stands_at(page, "Chapter 9")
    page.get_by_role("button", name="Back to where you were").click()
    stands_at(page, before)


def test_upright_lines_run_from_right_to_left_and_can_be_laid_down(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.UPRIGHT, "?section=1")
    expect(page.locator(".leaf p").first).to_have_css("writing-mode", "vertical-rl")
    assert first_words(page).startswith("第二章")
    heading = page.get_by_role("heading", name="第二章").bounding_box()
    assert heading
    assert heading["x"] > 1200
    begun = first_words(page)
    page.keyboard.press("ArrowLeft")
    assert not moved(page, begun).startswith("第二章")

    page.get_by_role("button", name="Type and theme").click()
    page.get_by_role("button", name="Pages", exact=True).click()
    expect(page.locator(".scroll.paged")).to_have_count(1)
    until_still(page)
    begun = first_words(page)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    next_page = moved(page, begun)
    page.keyboard.press("ArrowRight")
    assert moved(page, next_page) == begun

    page.get_by_role("button", name="Type and theme").click()
    page.get_by_text("Upright lines, as the book has them").click()
    expect(page.locator(".leaf p").first).to_have_css("writing-mode", "horizontal-tb")


def test_a_book_from_the_right_is_turned_to_the_left(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.FROM_RIGHT, "?section=1", mode="pages")
    begun = first_words(page)
    page.keyboard.press("ArrowLeft")
    next_page = moved(page, begun)
    page.keyboard.press("ArrowRight")
    assert moved(page, next_page) == begun


def test_words_are_found_counted_and_gone_through(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=2")
    page.keyboard.press("/")
    page.keyboard.type("day 7.1 OF")
    expect(page.locator("#find [data-part=count]")).to_have_text("1 place")
    page.keyboard.press("Enter")
    expect(page.locator("mark.cited.on")).to_have_text("day 7.1 of")
    expect(page.locator("mark.cited.on")).to_be_in_viewport()

    page.locator("#find input").fill("wrote gale in the log")
    count = page.locator("#find [data-part=count]")
    expect(count).to_contain_text("252 places")
    page.get_by_role("button", name="Next place").click()
    expect(count).to_have_text("127 of 252")
    page.get_by_role("button", name="Previous place").click()
    expect(count).to_have_text("126 of 252")
    expect(page.locator(".hit[aria-current]")).to_be_in_viewport()


def test_the_place_line_names_what_is_there_and_goes_there(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=0")
    line = page.get_by_role("slider", name="Place in the book")
    box = line.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.54, box["y"] + box["height"] / 2)
    expect(page.locator(".place .tip")).to_contain_text("Chapter 7")
    expect(page.locator(".place .tip")).to_contain_text("page 121 of 221")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".toc [aria-current]")).to_contain_text("Chapter 7")
    expect(page.locator("[data-part=where]")).to_contain_text("Chapter 7 of 12")

    line.focus()
    page.keyboard.press("PageUp")
    expect(line).to_have_attribute("aria-valuetext", "Chapter 8. Chapter 8 of 12 · page 141 of 221 · 58% read")
    page.keyboard.press("End")
    expect(page.locator(".toc [aria-current]")).to_contain_text("Chapter 12")


def test_another_device_is_offered_and_reading_on_grows_the_reach(page: Page, mindory: Stack) -> None:
    pk = book_of(page, mindory, flowing.LONG)
    call(page, "PUT", f"books/{pk}/reach", {"section": 0, "offset": 0})
    elsewhere = {"section": 8, "offset": 500, "device": "phone-1234", "device_name": "Firefox on Android"}
    call(page, "PUT", f"books/{pk}/place", elsewhere)
    own = {"section": 0, "offset": 0, "device": "this-device-1", "device_name": ""}
    call(page, "PUT", f"books/{pk}/place", own)
    page.evaluate("localStorage.setItem('device', 'this-device-1')")
    page.evaluate("localStorage.setItem('reading', JSON.stringify({ toc: 'open', chat: 'shut', mode: 'pages' }))")

    page.goto(f"{mindory.url}/books/{pk}/")
    bar = page.locator("[data-part=elsewhere]")
    expect(bar).to_contain_text("Continue from Chapter 9 of 12 · page 161 of 221")
    expect(bar).to_contain_text("You were there on Firefox on Android")
    with page.expect_response(lambda answer: is_kept(answer, pk, 0)) as kept:
        page.locator(".scroll").press("ArrowRight")
    reach = kept.value.json()["reach"]
    assert reach["section"] == 0
    assert reach["offset"] > 500

    with page.expect_response(lambda answer: is_kept(answer, pk, 8)) as kept:
        bar.get_by_role("button", name="Yes").click()
    assert kept.value.json()["reach"] == reach
    page.get_by_role("button", name="I have read up to here").click()
    expect(page.get_by_role("button", name="I have read up to here")).to_be_hidden()
    until(lambda: call(page, "GET", f"books/{pk}/reach")["label"] == "Chapter 9")


def is_kept(answer: Response, pk: int, section: int) -> bool:
    """Say whether the server answers that it keeps a place in this section."""
    told: Any = answer.request.post_data_json if answer.url.endswith(f"/books/{pk}/place") else None
    return told is not None and told["section"] == section


def test_a_new_browser_begins_as_the_reader_likes_it(
    page: Page, chromium: Browser, ada: BrowserContext, mindory: Stack
) -> None:
    pk = read(page, mindory, flowing.LONG, "?section=0")
    page.get_by_role("button", name="Type and theme").click()
    with page.expect_response(lambda answer: "sans" in (answer.request.post_data or "")):
        page.get_by_role("button", name="Pages", exact=True).click()
        page.get_by_role("button", name="Sans", exact=True).click()

    cookies = ada.storage_state()
    other = chromium.new_context(storage_state={"cookies": cookies.get("cookies", []), "origins": []})
    tab = other.new_page()
    tab.goto(f"{mindory.url}/books/{pk}/")
    expect(tab.locator(".scroll.paged.set")).to_have_count(1)
    expect(tab.locator("html")).to_have_attribute("data-latin", "sans")
    other.close()


def test_a_finger_turns_pages_by_taps_and_swipes(chromium: Browser, ada: BrowserContext, mindory: Stack) -> None:
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, storage_state=ada.storage_state()
    )
    tab = phone.new_page()
    read(tab, mindory, flowing.LONG, "?section=1", mode="pages")
    begun = first_words(tab)
    tab.touchscreen.tap(360, 400)
    second = moved(tab, begun)
    tab.touchscreen.tap(30, 400)
    assert moved(tab, second) == begun
    swipe(tab, 330, 60)
    assert moved(tab, begun) == second
    swipe(tab, 330, 60)
    third = moved(tab, second)
    assert third != begun
    swipe(tab, 60, 330)
    assert moved(tab, third) == second
    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    phone.close()


def swipe(tab: Page, start: int, end: int) -> None:
    """Move a finger over the page."""
    cdp = tab.context.new_cdp_session(tab)
    steps = [start + (end - start) * part // 6 for part in range(7)]
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": steps[0], "y": 400}]})
    for x in steps[1:]:
        cdp.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": 400}]})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    cdp.detach()


def test_single_keys_can_be_switched_off_and_moving_stays(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=0", mode="pages")
    page.keyboard.press("?")
    page.locator("#keys").get_by_text("Single-key shortcuts").click()
    expect(page.locator("#keys [data-switch-keys]")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    begun = first_words(page)
    page.keyboard.press("t")
    page.keyboard.press(" ")
    moved(page, begun)
    expect(page.locator("body")).to_have_attribute("data-toc", "shut")


# The contents take room from the text before the turn is over.
TURN_AND_OPEN = """() => {
    for (const key of [' ', 't']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}"""


def test_a_page_that_is_turned_while_the_text_is_set_anew_stays_turned(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=1", mode="pages")
    begun = first_words(page)
    page.keyboard.press(" ")
    second = moved(page, begun)
    page.keyboard.press("Shift+ ")
    assert moved(page, second) == begun
    page.evaluate(TURN_AND_OPEN)
    expect(page.locator("body")).to_have_attribute("data-toc", "open")
    until_still(page)
    page.locator(".bar [data-toggle=toc]").click()
    expect(page.locator("body")).to_have_attribute("data-toc", "shut")
    stands_at(page, second)


# A device that shows four pictures of every smooth movement, each a while after the other.
DRAWS_SLOWLY = """() => {
    const scroll = document.querySelector('.scroll');
    const move = scroll.scrollTo.bind(scroll);
    let last = 0;
    scroll.scrollTo = async ({ left, behavior }) => {
        const own = ++last;
        const from = scroll.scrollLeft;
        for (const share of behavior === 'smooth' ? [0.01, 0.4, 0.99, 1] : [1]) {
            if (own !== last) return;
            move({ left: from + (left - from) * share, behavior: 'instant' });
            await new Promise((next) => setTimeout(next, 400));
        }
    };
}"""


def test_a_device_that_draws_slowly_loses_no_turn(page: Page, mindory: Stack) -> None:
    read(page, mindory, flowing.LONG, "?section=1", mode="pages")
    page.evaluate(DRAWS_SLOWLY)
    seen = [first_words(page)]
    for _ in range(2):
        page.keyboard.press(" ")
        seen.append(moved(page, seen[-1]))
    page.keyboard.press("Shift+ ")
    assert moved(page, seen[2]) == seen[1]
    page.keyboard.press(" ")
    page.keyboard.press("Shift+ ")  # before the first turn is over
    page.keyboard.press("Shift+ ")
    stands_at(page, seen[0])
