"""The whole path, as a new user walks it: add books, ask each in its language, click the quote, see the words."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import hands, made, readers
from tests.e2e.conftest import add_books
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

# Real books may be used instead of ours: a directory with war-and-peace.epub and hongloumeng-gbk.txt.
OTHER_BOOKS = os.environ.get("MINDORY_TEST_BOOKS", "")


@pytest.fixture(scope="module")
def mindory(fresh: Stack) -> Stack:
    """A Mindory of its own; ada is its admin."""
    return fresh


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an English EPUB and a Chinese text in GBK."""
    if OTHER_BOOKS:
        return Path(OTHER_BOOKS)
    directory = tmp_path_factory.mktemp("books")
    (directory / "war-and-peace.epub").write_bytes(made.harbour_epub())
    (directory / "hongloumeng-gbk.txt").write_bytes(made.garden_text())
    return directory


QUESTIONS = (
    {
        "war-and-peace.epub": "What did Prince Andrew see when he looked up at the sky at Austerlitz?",
        "hongloumeng-gbk.txt": "刘姥姥第一次进荣国府见到了谁？",
    }
    if OTHER_BOOKS
    else {
        "war-and-peace.epub": "Who lit the lamp in the harbour?",
        "hongloumeng-gbk.txt": "是谁在花园里种下一百株梅花树？",
    }
)


def test_two_books_are_added_and_become_ready(page: Page, mindory: Stack, shelf: Path) -> None:
    add_books(page, mindory, *(shelf / name for name in QUESTIONS))

    expect(page.locator("[data-part=shelf] > li")).to_have_count(2, timeout=600_000)
    expect(page.locator("[data-part=jobs] > li")).to_have_count(0, timeout=600_000)
    readers.wait_until_ready(page.context, mindory)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_click_on_a_citation_marks_exactly_the_quoted_words(
    page: Page, mindory: Stack, shelf: Path, name: str
) -> None:
    open_book(page, mindory, name)

    hands.ask(page, QUESTIONS[name])
    slip = hands.done(page).locator(".quote").first
    expect(slip).to_contain_text("Verified")
    quote = slip.locator(".words").inner_text()
    slip.locator(".words a").click()

    marks = page.locator("mark.cited.on")
    expect(marks.first).to_be_in_viewport()
    assert words_of(marks.all_inner_texts()) == words_of([quote])


def test_the_words_are_marked_again_after_a_reload(page: Page, mindory: Stack) -> None:
    open_book(page, mindory, "war-and-peace.epub")
    page.locator(".turn .quote .words a").first.wait_for()
    href = page.locator(".turn .quote .words a").first.get_attribute("href")
    quote = page.locator(".turn .quote .words").first.inner_text()

    page.goto(mindory.url + str(href))

    expect(page.locator("mark.cited.on").first).to_be_in_viewport()
    assert words_of(page.locator("mark.cited.on").all_inner_texts()) == words_of([quote])


def test_the_pages_fit_a_phone(page: Page, mindory: Stack) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/talks/", "/settings/", first_book(page, mindory)):
        page.goto(mindory.url + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_a_bad_file_is_refused_with_a_sentence_and_the_others_stay(page: Page, mindory: Stack, tmp_path: Path) -> None:
    nothing = tmp_path / "picture.epub"
    nothing.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16)

    add_books(page, mindory, nothing)

    expect(page.locator(".job.failed .why")).to_contain_text("This is a picture, not a book.")
    expect(page.locator("[data-part=shelf] > li")).to_have_count(2)


def test_the_admin_page_shows_the_books_and_nothing_that_was_refused(page: Page, mindory: Stack) -> None:
    page.goto(f"{mindory.url}/admin/books/book/")

    expect(page.locator("#result_list tbody tr")).to_have_count(2)


def first_book(page: Page, mindory: Stack) -> str:
    page.goto(mindory.url)
    return str(page.locator("[data-part=shelf] > li a").first.get_attribute("href"))


def open_book(page: Page, mindory: Stack, name: str) -> None:
    page.goto(mindory.url)
    titles = page.locator("[data-part=shelf] > li a.onshelf")
    expect(titles).to_have_count(2)
    chinese = titles.filter(has_text="hongloumeng")
    found = chinese if name.startswith("hongloumeng") else titles.filter(has_not_text="hongloumeng")
    page.goto(mindory.url + str(found.get_attribute("href")))
    hands.open_chat(page)


def words_of(parts: list[str]) -> str:
    """The words without white space: a quote over two paragraphs has a blank line in the one and not in the other."""
    return "".join("".join(parts).split())
