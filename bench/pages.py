"""Measure the pages in a browser: `python -m bench.pages` (a library of 1,000 books, a book of 1,000 pages).

Starts a Mindory of its own in a scratch directory, as `make run` does, and opens its pages in Chromium with a cold
cache. Largest Contentful Paint, Interaction to Next Paint and Cumulative Layout Shift are the browser's own figures, as
web.dev/vitals defines them; the last over all that is done with a page here.
"""

import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ebooklib import epub
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from bench.machine import machine, table
from tests import browser as browsers
from tests.e2e.conftest import SWITCHES, add_books, become_admin
from tests.e2e.stack import ROOT, Stack

BOOKS: Final = 1_000
CHAPTERS: Final = 60
PAGES: Final = 1_000
WORDS_A_PAGE: Final = 300
RUNS: Final = 5
BUDGET: Final = 120  # KB of compressed CSS and JavaScript, for each page
TITLE: Final = "The Long Voyage"

# Runs before the page's own scripts: the paints and the interactions are noted as the browser tells of them.
WATCH: Final = """
window.vitals = {lcp: 0, took: [], cls: 0};
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.vitals.lcp = entry.startTime;
}).observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.vitals.took.push(entry.duration);
}).observe({type: 'event', durationThreshold: 16, buffered: true});
let shifts = {sum: 0, first: -Infinity, last: -Infinity};  // that come soon after each other
new PerformanceObserver((list) => {
    for (const {value, startTime, hadRecentInput} of list.getEntries()) {
        if (hadRecentInput) continue;
        const isApart = startTime - shifts.last > 1000 || startTime - shifts.first > 5000;
        shifts = {sum: (isApart ? 0 : shifts.sum) + value, first: isApart ? startTime : shifts.first, last: startTime};
        window.vitals.cls = Math.max(window.vitals.cls, shifts.sum);
    }
}).observe({type: 'layout-shift', buffered: true});
"""
SCROLL: Final = """
async () => {
    const scroll = document.querySelector('[data-part="scroll"]');
    const gaps = [];
    let before = await new Promise(requestAnimationFrame);
    const end = before + 4000;
    while (before < end) {
        scroll.scrollTop += 24;
        const now = await new Promise(requestAnimationFrame);
        gaps.push(now - before);
        before = now;
    }
    return gaps;
}
"""
# What Django is told: the one book that was read is on the shelf 999 times more, under other names.
COPIES: Final = """
import random
from datetime import timedelta
from django.utils import timezone
from books.models import Book, ReadingPlace
luck = random.Random(7)
nouns = "Sea Wind Garden Letter River House Winter Glass Road Bell Island Lamp Stone Bird Clock".split()
people = [f"{first} {last}" for first in ("Ada", "Ben", "Clara", "Dora") for last in ("Moss", "Reed", "Hale", "Venn")]
first = Book.objects.get()
copies = []
for number in range(%(books)d - 1):
    book = Book.objects.get(pk=first.pk)
    book.pk, book.digest = None, f"{number:064x}"
    book.title = f"The {luck.choice(nouns)} and the {luck.choice(nouns)} {number}"
    book.authors = [luck.choice(people)]
    book.series = luck.choice(["", "", "The Coast", "Old Houses"])
    book.created_at = timezone.now() - timedelta(minutes=number)
    copies.append(book)
made = Book.objects.bulk_create(copies)
ReadingPlace.objects.bulk_create(
    ReadingPlace(reader=first.owner, book=book, section=0, offset=10, updated_at=book.created_at) for book in made[::5]
)
"""


def long_epub() -> bytes:
    """Return a book of about 1,000 pages as an EPUB, of words drawn by a fixed seed."""
    luck = random.Random(7)
    words = [
        "".join(luck.choice("bdfgklmnprstv") + luck.choice("aeiou") for _ in range(luck.randint(1, 4)))
        for _ in range(4_000)
    ]
    book = epub.EpubBook()
    book.set_identifier("made-for-the-bench")
    book.set_title(TITLE)
    book.set_language("en")
    chapters = []
    for number in range(1, CHAPTERS + 1):
        chapter = epub.EpubHtml(title=f"Chapter {number}", file_name=f"chapter{number}.xhtml", lang="en")
        paragraphs = [
            " ".join(luck.choices(words, k=luck.randint(40, 120))).capitalize() + "."
            for _ in range(PAGES * WORDS_A_PAGE // CHAPTERS // 80)
        ]
        chapter.content = f"<h1>Chapter {number}</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = book.spine = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    written = io.BytesIO()
    epub.write_epub(written, book)
    return written.getvalue()


def fill(stack: Stack, page: Page, scratch: Path) -> int:
    """Put the long book on the shelf, and its copies beside it; return its id."""
    path = scratch / f"{TITLE}.epub"
    path.write_bytes(long_epub())
    add_books(page, stack, path)
    shelved = page.locator("[data-part=shelf] > li").first
    shelved.wait_for(timeout=600_000)
    book = int(str(shelved.get_attribute("data-book")))
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", COPIES % {"books": BOOKS}],
        cwd=ROOT,
        env={**stack.environment, "MINDORY_LOG_LEVEL": "ERROR"},
        check=True,
        capture_output=True,
    )
    return book


def opened(context: BrowserContext, address: str) -> tuple[Page, dict[str, float]]:
    """Open a page with a cold cache; return it, and the compressed KB of its styles and scripts."""
    page = context.new_page()
    fetched: list[Request] = []
    page.on("requestfinished", lambda request: fetched.append(request))
    page.add_init_script(WATCH)
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(500)
    weights = {"stylesheet": 0.0, "script": 0.0}
    for request in fetched:
        if request.resource_type in weights:
            weights[request.resource_type] += request.sizes()["responseBodySize"] / 1024
    return page, weights


def library_deeds(page: Page) -> None:
    """Use the library as one does."""
    page.keyboard.press("/")
    page.keyboard.type("garden", delay=60)
    page.wait_for_timeout(800)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("v")
    page.wait_for_timeout(300)
    page.keyboard.press("v")
    page.locator("[data-part=shelf] [data-do=menu]").first.click()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)


def reader_deeds(page: Page) -> None:
    """Use the reader as one does."""
    page.locator("[data-part=scroll]").focus()
    for key in ("t", "t", "Space", "Space", "Space", "]", "[", "+", "-", "c", "Escape"):
        page.keyboard.press(key)
        page.wait_for_timeout(250)


def measured(browser: Browser, cookies: Sequence[Any], address: str, deeds: Any) -> dict[str, float]:
    """Open a page in a fresh browser profile, use it, and return its figures."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies(list(cookies))
    page, weights = opened(context, address)
    lcp = float(page.evaluate("vitals.lcp"))
    deeds(page)
    took = page.evaluate("vitals.took")
    gaps = page.evaluate(SCROLL) if page.locator("[data-part=scroll]").count() else []
    shift = float(page.evaluate("vitals.cls"))
    context.close()
    return {
        "lcp": lcp,
        "inp": max(took, default=0.0),
        "cls": shift,
        "css": weights["stylesheet"],
        "js": weights["script"],
        "gap": statistics.quantiles(gaps, n=100)[98] if gaps else 0.0,
    }


def main() -> None:
    """Print one table."""
    scratch = Path(tempfile.mkdtemp(prefix="mindory-bench-"))
    with sync_playwright() as driver, Stack(scratch / "mindory") as stack:
        browser = driver.chromium.launch(executable_path=browsers.installed(), args=SWITCHES)
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        become_admin(page, stack)
        book = fill(stack, page, scratch)
        cookies: Any = context.cookies()
        context.close()
        places = {
            f"library, {BOOKS:,} books": (stack.url, library_deeds),
            f"reader, {PAGES:,} pages": (f"{stack.url}/books/{book}/?section=30", reader_deeds),
        }
        rows = []
        for name, (address, deeds) in places.items():
            runs = [measured(browser, cookies, address, deeds) for _ in range(RUNS)]
            middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            rows.append([
                name, f"{middle['lcp'] / 1000:.2f}", f"{middle['inp']:.0f}", f"{middle['cls']:.3f}",
                f"{middle['css']:.1f}", f"{middle['js']:.1f}", f"{middle['css'] + middle['js']:.0f} of {BUDGET}",
                f"{middle['gap']:.0f}",
            ])  # fmt: skip
        print(table(["page", "LCP s", "INP ms", "CLS", "CSS KB", "JS KB", "together", "p99 frame ms"], rows))
        print(f"\nMedian of {RUNS} runs with a cold cache. {machine('django', 'playwright')}")
        print(json.dumps({"chromium": browser.version}))
        browser.close()


if __name__ == "__main__":
    main()
