"""What a reader's hands do: drop files, choose words, ask, and look at what is marked."""

import json
import re
import threading
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page, expect

from tests.e2e.waits import until_page
from tests.fake_endpoint import Answer, Request, Told

# A range over some words of the text, wherever its pieces stand and whatever white space lies between them.
RANGE: Final = """(words) => {
    const walker = document.createTreeWalker(document.querySelector('#text'), NodeFilter.SHOW_TEXT);
    const places = [];
    let text = '';
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at++) {
            if (!node.data[at].trim()) continue;
            text += node.data[at];
            places.push([node, at]);
        }
    }
    const bare = words.replace(/\\s/g, '');
    const first = text.indexOf(bare);
    if (first < 0) return null;
    const range = document.createRange();
    const [last, at] = places[first + bare.length - 1];
    range.setStart(...places[first]);
    range.setEnd(last, at + 1);
    return range;
}"""
# Where the words begin and end on the screen; null until they are there and stand still for some frames.
ENDS: Final = f"""async (words) => {{
    const place = () => {{
        const range = ({RANGE})(words);
        if (!range) return null;
        range.startContainer.parentElement.scrollIntoView({{ block: 'center' }});
        return ends(range);
    }};
    const before = place();
    for (let frame = 0; frame < 6; frame++) await new Promise((next) => requestAnimationFrame(next));
    await new Promise((next) => setTimeout(next, 200));
    const after = place();
    return String(before) === String(after) ? after : null;

    function ends(range) {{
        const {{ direction }} = getComputedStyle(range.startContainer.parentElement);
        const boxes = [...range.getClientRects()].filter(({{ width }}) => width > 0);
        const [one, other] = [boxes[0], boxes.at(-1)];
        const edges = direction === 'rtl' ? [one.right - 1, other.left + 1] : [one.left + 1, other.right - 1];
        return [edges[0], one.top + one.height / 2, edges[1], other.top + other.height / 2];
    }}
}}"""
CHOOSE: Final = f"""(words) => {{
    const range = ({RANGE})(words);
    if (!range) return false;
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    return true;
}}"""
# All the words of a mark are seen: nothing lies over the ends and the middle of any of its lines.
IS_SEEN: Final = """() => {
    const marks = [...document.querySelectorAll('mark.cited.on, .paints .on rect')];
    const boxes = marks.flatMap((mark) => [...mark.getClientRects()]);
    const room = document.querySelector('#text').getBoundingClientRect();
    return boxes.length > 0 && boxes.every(({ left, right, top, bottom }) => {
        if (top < room.top || bottom > room.bottom) return false;
        const places = [left + 2, (left + right) / 2, right - 2];
        return places.every((x) => document.elementFromPoint(x, (top + bottom) / 2)?.closest('#text') !== null);
    });
}"""


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders of the disk on the page, as a hand would."""
    session: Any = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 200, "y": 400, "data": data})
    session.detach()


def press_together(page: Page, *keys: str) -> None:
    """Press keys one so soon after the other as a hand does, however long the page takes to hear of them."""
    session: Any = page.context.new_cdp_session(page)
    begun = time.time() - len(keys)
    for number, key in enumerate(keys):
        for kind in ("keyDown", "keyUp"):
            about = {"type": kind, "key": key, "timestamp": begun + number / 10}
            session.send("Input.dispatchKeyEvent", about | ({"text": key} if kind == "keyDown" else {}))
    session.detach()


def tap_twice(page: Page, x: int, y: int) -> None:
    """Tap a place two times in a row, as fast as a finger does."""
    session: Any = page.context.new_cdp_session(page)
    begun = time.time() - 1
    for number, kind in enumerate(("touchStart", "touchEnd", "touchStart", "touchEnd")):
        points = [{"x": x, "y": y}] if kind == "touchStart" else []
        about = {"type": kind, "touchPoints": points, "timestamp": begun + number / 15}
        session.send("Input.dispatchTouchEvent", about)
    session.detach()


def draw_over(page: Page, words: str) -> None:
    """Choose words by drawing the mouse over them."""
    left, top, right, bottom = until_page(page, ENDS, words)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move((left + right) / 2, (top + bottom) / 2)
    page.mouse.move(right, bottom)
    page.mouse.up()


def hold(page: Page, words: str) -> None:
    """Choose words as the handles of a phone do: the page sees a selection, and no finger."""
    until_page(page, CHOOSE, words)


def stay_on_toast(page: Page) -> Locator:
    """Go to the last sentence at the foot of the page with the mouse, where it waits; return it, with its button."""
    toast = page.locator(".toast").last
    toast.hover()
    return toast


def open_chat(page: Page) -> None:
    """Have the chat beside the text of a book."""
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    if page.locator("body").get_attribute("data-chat") != "open":
        page.locator("[data-toggle=chat]:visible").first.click()


def ask(page: Page, question: str) -> None:
    """Write a question and send it, and see that it was asked: what stands above is older."""
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    expect(page.locator("#talk, #chat")).not_to_have_attribute("aria-busy", "true")  # another conversation comes
    expect(page.locator("form:has(#ask) [data-part=send]")).to_be_visible()  # no answer is being written
    page.locator("#ask").fill(question)
    page.locator("#ask").press("Enter")
    expect(page.locator(".turn .q").last).to_have_text(question)


def done(page: Page) -> Locator:
    """Return the last turn when its answer is whole."""
    turn = page.locator(".turn").last
    expect(turn).to_have_attribute("data-state", "done", timeout=60_000)
    return turn


def marked(page: Page) -> str:
    """Return the words that a citation leads to, once they are in sight, without white space."""
    until_page(page, IS_SEEN)
    printed = page.locator(".paints .on")
    if printed.count():
        return bare("".join(str(one.get_attribute("aria-label")) for one in printed.all()))
    return bare("".join(page.locator("mark.cited.on").all_inner_texts()))


def bare(words: str) -> str:
    """Return words without white space: a line of print ends where it ends."""
    return "".join(words.split())


def quoting(before: str, quote: str, *, held: threading.Event | None = None) -> Told:
    """Answer with some words and, once it is no longer held, a quote from the passage of the request that has it."""

    def answer(request: Request) -> Answer:
        asked = "\n".join(str(message["content"]) for message in request.body["messages"])
        parts = re.split(r"^#(\d+) ", asked, flags=re.M)
        holding = [number for number, text in zip(parts[1::2], parts[2::2], strict=True) if bare(quote) in bare(text)]
        number = holding[0] if holding else json.dumps(asked)  # a story that fails shows what was asked
        return Answer([*re.findall(r"\S+\s*|\s+", before), f" [[{number}|{quote}]]"], held=held)

    return answer
