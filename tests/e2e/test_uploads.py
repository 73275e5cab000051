"""Files on their way: a folder is dropped, the line drops, the page is loaded anew, and nothing is sent twice."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.books_made import CHAPTERS, epub_members, zipped
from tests.e2e.stack import Stack
from tests.e2e.waits import until_page

pytestmark = pytest.mark.e2e

MEGABYTE = 1024 * 1024


FIRST = zipped(epub_members("First of the folder", CHAPTERS))


def large_book(title: str, megabytes: int) -> bytes:
    """Return a book of little text and much else."""
    return zipped({**epub_members(title, CHAPTERS), "ballast": bytes(megabytes * MEGABYTE)}, compress=False)


class Line:
    """Counts the bytes of every piece, and cuts the line after some of them."""

    def __init__(self, page: Page) -> None:
        self.sent: list[int] = []
        self.left = 10_000
        page.route("**/api/v1/uploads/*", self._pass)

    def _pass(self, route: Route) -> None:
        if route.request.method != "PATCH":
            return route.fallback()
        if self.left <= 0:
            return route.abort("connectionreset")
        self.left -= 1
        self.sent.append(len(route.request.post_data_buffer or b""))
        return route.fallback()


@pytest.fixture
def line(page: Page) -> Iterator[Line]:
    """The line of this page."""
    made = Line(page)
    yield made
    page.unroute_all(behavior="ignoreErrors")


def add(page: Page, *files: Path) -> None:
    page.locator("input[data-part=files]").first.set_input_files(list(files))


def arrived(page: Page, title: str) -> Locator:
    """The book, being added or on the shelf."""
    return page.locator(".job[data-book], [data-part=shelf] > li").filter(has_text=re.compile(title, re.I)).first


def test_the_handbook_is_the_first_book_of_an_empty_library(page: Page, mindory: Stack) -> None:
    page.goto(mindory.url)
    page.get_by_role("button", name="Begin with Mindory’s own handbook").click()

    cover = page.locator("[data-part=shelf] > li").filter(has_text="The Mindory Handbook")
    expect(cover).to_be_visible(timeout=120_000)
    cover.locator("a.onshelf").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


def test_a_dropped_folder_gives_its_books_and_says_what_else_was_in_it(
    page: Page, mindory: Stack, tmp_path: Path
) -> None:
    inside = tmp_path / "shelf" / "inside"
    inside.mkdir(parents=True)
    (tmp_path / "shelf" / "first.epub").write_bytes(FIRST)
    (inside / "second.txt").write_text("The second book of the folder.\n\nIt is short.")
    (inside / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (inside / ".DS_Store").write_bytes(b"\0")
    page.goto(mindory.url)
    page.locator("h1").first.wait_for()

    drop(page, tmp_path / "shelf")

    expect(page.locator(".toast")).to_contain_text("Not a book, so left alone: cover.jpg.")
    for title in ("First of the folder", "second"):
        expect(page.locator("[data-part=shelf] > li").filter(has_text=title)).to_be_visible(timeout=120_000)


def test_a_dropped_line_is_waited_for_and_what_arrived_is_not_sent_again(
    page: Page, mindory: Stack, line: Line, tmp_path: Path
) -> None:
    large = tmp_path / "tides.epub"
    large.write_bytes(large_book("Tides", 6))
    line.left = 1
    page.goto(mindory.url)

    add(page, large)
    row = page.locator(".job.sending").filter(has_text="tides.epub")
    expect(row).to_contain_text("Waiting for the connection. 16% is kept.")
    line.left = 10_000
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(arrived(page, "Tides")).to_be_visible(timeout=120_000)
    assert sum(line.sent) == large.stat().st_size


def test_after_the_page_is_loaded_anew_the_file_goes_on_by_itself(
    page: Page, mindory: Stack, line: Line, tmp_path: Path
) -> None:
    large = tmp_path / "harbour.epub"
    large.write_bytes(large_book("Harbour", 6))
    line.left = 1
    page.goto(mindory.url)
    add(page, large)
    expect(page.locator(".job.paused")).to_contain_text("16% is kept")
    until_page(
        page,
        "() => new Promise((done) => { const open = indexedDB.open('mindory-uploads', 1); open.onsuccess = () => {"
        "const all = open.result.transaction('open').objectStore('open').getAll();"
        "all.onsuccess = () => { open.result.close(); done(all.result.some(({ file }) => file)); } } })",
    )

    line.left = 10_000
    page.reload()

    expect(arrived(page, "Harbour")).to_be_visible(timeout=120_000)
    assert sum(line.sent) == large.stat().st_size


def test_a_file_that_the_browser_did_not_keep_is_chosen_again(
    page: Page, mindory: Stack, line: Line, tmp_path: Path
) -> None:
    large, other = tmp_path / "lamp.epub", tmp_path / "other.txt"
    large.write_bytes(large_book("Lamp", 3))
    other.write_bytes(b"Another file.")
    line.left = 1
    page.goto(mindory.url)
    add(page, large)
    expect(page.locator(".job.paused")).to_contain_text("33% is kept")
    page.evaluate(FORGET_FILES)

    page.reload()
    row = page.locator(".job.left").filter(has_text="lamp.epub")
    expect(row).to_contain_text("Choose the file again to go on.")
    row.locator("input[type=file]").set_input_files(other)
    expect(row).to_contain_text("This is another file")
    line.left = 10_000
    row.locator("input[type=file]").set_input_files(large)

    expect(arrived(page, "Lamp")).to_be_visible(timeout=120_000)
    assert sum(line.sent) == large.stat().st_size


FORGET_FILES = """async () => {
    const opened = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
    for (let kept = []; !kept.some(({ file }) => file); ) {
        const database = await opened(indexedDB.open('mindory-uploads', 1));
        const store = database.transaction('open', 'readwrite').objectStore('open');
        kept = await opened(store.getAll());
        for (const row of kept) await opened(store.put({ ...row, file: null }));
        database.close();
        await new Promise((done) => setTimeout(done, 50));
    }
}"""


def test_the_same_book_again_is_told_and_a_refused_file_says_why(page: Page, mindory: Stack, tmp_path: Path) -> None:
    again, picture = tmp_path / "again.epub", tmp_path / "picture.epub"
    again.write_bytes(FIRST)
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16)
    page.goto(mindory.url)

    add(page, again, picture)

    expect(page.locator(".toast")).to_contain_text("You already have this book: “First of the folder”.")
    expect(page.locator(".toast a")).to_have_text("Open it")
    failed = page.locator(".job.failed").filter(has_text="picture.epub")
    expect(failed.locator(".why")).to_contain_text("This is a picture, not a book.")
    expect(failed.get_by_role("button", name="Retry")).to_have_count(0)
    failed.get_by_role("button", name="Dismiss").click()
    expect(failed).to_have_count(0)


def test_a_cancelled_upload_leaves_nothing_behind(page: Page, mindory: Stack, line: Line, tmp_path: Path) -> None:
    large = tmp_path / "cancelled.epub"
    large.write_bytes(large_book("Cancelled", 3))
    line.left = 1
    page.goto(mindory.url)
    add(page, large)
    row = page.locator(".job.sending").filter(has_text="cancelled.epub")
    expect(row).to_contain_text("33% is kept")

    with page.expect_response(lambda answer: answer.request.method == "DELETE") as answer:
        row.get_by_role("button", name="Cancel this upload").click()

    assert answer.value.status == 204
    expect(row).to_have_count(0)
    assert not list((mindory.directory / "data" / "files" / "uploads").iterdir())
    page.reload()
    expect(page.locator(".job.left, .job.sending")).to_have_count(0)


def drop(page: Page, *paths: Path) -> None:
    """Drop files or folders of the disk on the page, as a hand would."""
    session: Any = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 700, "y": 400, "data": data})
