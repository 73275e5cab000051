"""Waiting for what no element shows. Nothing here counts on a fast machine: a page is slow where the machine is.

`Page.wait_for_function` is not used: under the site's policy of contents it does not always look again.
"""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from playwright.sync_api import Page

PATIENCE: Final = 60.0  # seconds; a story that is told in time does not wait that long for anything
AGAIN: Final = 0.1  # seconds
# The text stands where it stood, for some frames and for longer than the page itself waits before it takes note of it.
# Frames and timer are the page's own: where they come late, what was due before them has come.
STANDS_STILL: Final = """async () => {
    const at = () => {
        const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = document.querySelector('.scroll');
        return `${scrollLeft} ${scrollTop} ${scrollWidth} ${scrollHeight}`;
    };
    for (let before = ''; before !== at(); ) {
        before = at();
        for (let frame = 0; frame < 6; frame++) await new Promise((next) => requestAnimationFrame(next));
        await new Promise((next) => setTimeout(next, 400));
    }
}"""

Value = TypeVar("Value")


def until(found: Callable[[], Value | None], *, seconds: float = PATIENCE) -> Value:
    """Ask again and again until there is something, and return it."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s; last: {value!r}"
        time.sleep(AGAIN)
    return value


def until_equal(read: Callable[[], Value], wanted: Value) -> None:
    """Read again and again until it is what is wanted; a failure shows what was read last."""
    deadline = time.monotonic() + PATIENCE
    while (value := read()) != wanted:
        assert time.monotonic() < deadline, f"{value!r} is not {wanted!r}"
        time.sleep(AGAIN)


def until_page(page: Page, script: str, arg: Any = None) -> Any:
    """Run a script in the page until it gives something true, and return that."""
    return until(lambda: page.evaluate(script, arg))


def until_still(page: Page) -> None:
    """Wait until nothing moves in the text of a book, and the page has taken note of where it is."""
    page.evaluate(STANDS_STILL)
