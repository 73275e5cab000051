"""The whole movement, in each format, by mouse and by finger, in both languages: from a file that is dropped on the
page to the very words in the book that an answer rests on."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import formats, hands, readers
from tests.e2e.conftest import DESK, PHONE, watched
from tests.e2e.formats import Told
from tests.e2e.stack import Stack
from tests.fake_endpoint import FakeEndpoint

pytestmark = pytest.mark.e2e

LANGUAGES = {"en": ("en-GB", "en", "Ask"), "zh": ("zh-CN", "zh-hans", "提问")}
OPENING = "This is how it is told in the book, slowly and word by word, as it was heard: "
# Each format at both widths, and in both languages.
STORIES = {
    "EPUB": (formats.EPUB, "en", "zh"),
    "PDF": (formats.PDF, "zh", "en"),
    "TXT": (formats.TXT, "en", "zh"),
    "DOCX": (formats.DOCX, "zh", "en"),
    "Markdown": (formats.MARKDOWN, "en", "zh"),
    "Hebrew": (formats.HEBREW, "zh", "en"),
}
CASES = [
    pytest.param(told, how, language, id=f"{name}-{how}-{language}")
    for name, (told, at_a_desk, on_a_phone) in STORIES.items()
    for how, language in (("desk", at_a_desk), ("phone", on_a_phone))
]


@dataclass(frozen=True)
class Reader:
    """Somebody with a browser: a mouse on a wide screen, or a finger on a narrow one."""

    page: Page
    is_phone: bool

    def press(self, at: str) -> None:
        """Click, or tap."""
        place = self.page.locator(at).last
        place.tap() if self.is_phone else place.click()

    def choose(self, words: str) -> None:
        """Choose words of the book."""
        (hands.hold if self.is_phone else hands.draw_over)(self.page, words)


@pytest.fixture
def mindory(talkative: Stack) -> Stack:
    """A Mindory with a language model."""
    return talkative


@pytest.fixture
def reader(
    chromium: Browser, mindory: Stack, how: str, language: str, request: pytest.FixtureRequest
) -> Iterator[Reader]:
    """A new reader with a browser of their own."""
    kind: dict[str, Any] = PHONE if how == "phone" else DESK
    context = chromium.new_context(**kind | {"locale": LANGUAGES[language][0]})
    readers.enter(context, mindory)
    with watched(context.new_page(), request.node.name) as page:
        yield Reader(page, how == "phone")
    context.close()


@pytest.mark.parametrize(("told", "how", "language"), CASES)
def test_a_dropped_book_is_read_asked_about_and_answers_with_its_own_words(
    reader: Reader, mindory: Stack, endpoint: FakeEndpoint, told: Told, language: str, tmp_path: Path
) -> None:
    page = reader.page
    _, code, word = LANGUAGES[language]
    (tmp_path / told.name).write_bytes(told.body())
    page.goto(mindory.url)
    expect(page.locator("html")).to_have_attribute("lang", code)

    hands.drop(page, tmp_path / told.name)
    expect(page.locator("[data-part=shelf] > li")).to_have_count(1, timeout=120_000)
    reader.press("[data-part=shelf] > li a.onshelf")
    expect(page.locator("html")).to_have_attribute("data-is-ready", "true")

    reader.choose(told.chosen)
    expect(page.locator(".picker [data-do=ask]")).to_have_text(word)
    reader.press(".picker [data-do=ask]")
    slip = page.locator("[data-part=aboutwords] > span")
    assert hands.bare(told.chosen) in hands.bare(slip.inner_text())
    is_looked_at = threading.Event()
    endpoint.answers(hands.quoting(OPENING, told.quote, held=is_looked_at))
    page.locator("#ask").fill(told.question)
    reader.press("[data-part=send]")

    answer = page.locator(".turn .answer").last
    expect(answer).to_contain_text("This is how")
    expect(answer).to_have_attribute("aria-busy", "true")
    is_looked_at.set()
    turn = hands.done(page)
    expect(turn.locator(".asked, .q").first).to_be_visible()
    quote = turn.locator(".quote .words")
    expect(quote).to_have_css("direction", told.direction)
    reader.press(".turn .answer a.cite")

    assert hands.marked(page) == hands.bare(quote.inner_text()) == hands.bare(told.quote)
    assert page.locator(".printed").count() > 0 if told.is_printed else page.locator(".leaf").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
