"""axe-core finds nothing against WCAG 2.2 AA on any page, in its states and themes, on a desk and on a phone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import hands, made, prints, readers, remembered, sampler
from tests.e2e.conftest import add_books, become_admin
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
    await Promise.all(document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => null)));
    const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
    const told = ({ target, html }) => `${target.join(' ')} ${html.slice(0, 120)}`;
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${told(node)}`));
}"""
THEMES = ("paper", "dark")


@pytest.fixture(scope="module")
def mindory(fresh: Stack) -> Stack:
    """A Mindory of its own; ada is its admin."""
    return fresh


@dataclass(frozen=True)
class View:
    """A page in one of its states."""

    name: str
    address: str
    show: Callable[[Page], Any] = lambda page: None
    themes: tuple[str, ...] = THEMES


def contents(page: Page) -> None:
    if page.locator("body").get_attribute("data-toc") != "open":
        page.locator(".bar [data-toggle=toc]").click()


def chat(page: Page) -> None:
    if page.locator("body").get_attribute("data-chat") == "shut":
        page.locator("[data-toggle=chat]:visible").first.click()
    expect(page.locator(".quote .words").first).to_be_visible()


def chosen_words(page: Page) -> None:
    page.locator(".leaf p").nth(1).dblclick(position={"x": 60, "y": 12})


def note(page: Page) -> None:
    page.locator(".leaf a.noteref").nth(1).click()
    expect(page.locator("[role=dialog]:visible")).not_to_have_count(0)


def history_and_a_change(page: Page) -> None:
    page.locator(".fact [data-do=history]").first.click()
    expect(page.locator(".past")).to_be_visible()
    page.locator(".fact [data-do=edit]").last.click()


def of_the_past(page: Page) -> None:
    page.locator("#asof").focus()
    page.keyboard.press("Home")
    expect(page.locator(".then")).to_be_visible()


def panel(name: str) -> Callable[[Page], None]:
    return lambda page: page.locator(f"[data-open={name}]").click()


def views(books: dict[str, str]) -> Iterator[View]:
    """Yield every view for somebody who is signed in."""
    lamp, tides, garden, print_ = (books[name] for name in ("lamp", "tides", "garden", "print"))
    yield View("library", "/")
    yield View("library as a list", "/?view=list")
    yield View("menu of a book", "/", lambda page: page.locator("[data-do=menu]").first.click())
    yield View("shelf that is empty", "/?q=nothing-has-these-words")
    yield View("reader", f"/books/{lamp}/", themes=("paper", "sepia", "dark"))
    yield View("reader with an answer", f"/books/{lamp}/", chat, themes=("paper", "sepia", "dark"))
    yield View("contents", f"/books/{lamp}/", contents)
    yield View("words chosen", f"/books/{lamp}/", chosen_words)
    yield View("type and theme", f"/books/{lamp}/", panel("type"), themes=("paper", "sepia", "dark"))
    yield View("find", f"/books/{lamp}/", panel("find"))
    yield View("keys", f"/books/{lamp}/", lambda page: page.keyboard.press("?"))
    yield View("note", f"/books/{tides}/?section=0", note)
    yield View("table", f"/books/{tides}/?section=1")
    yield View("Chinese book", f"/books/{garden}/", themes=("paper", "sepia", "dark"))
    yield View("printed pages", f"/books/{print_}/")
    yield View("conversations", "/talks/")
    yield View("a conversation", "/talks/1/")
    yield View("memory", "/memory/", history_and_a_change, themes=("paper", "sepia", "dark"))
    yield View("memory of another day", "/memory/", of_the_past)
    yield View("memory of a book", f"/memory/?book={lamp}", lambda page: page.locator("[data-do=forget-book]").click())
    yield View("what was found in the memory", "/memory/?q=lamp")
    yield View("what was forgotten", "/memory/?kind=forgotten")
    yield View("about a book", f"/books/{tides}/about")
    yield View("encodings", f"/books/{garden}/encoding")
    yield View("settings", "/settings/", lambda page: page.locator(".leave > summary").click())
    yield View("password", "/account/password/change/")
    yield View("not found", "/nothing-here")
    yield View("offline", "/offline")


def themed_by_server() -> Iterator[View]:
    """Yield the views whose theme is in the page when it comes: the panel, and the handbook of the API."""
    yield View("handbook of the API", "/api/docs")
    yield View("operations", "/admin/")
    yield View("readers", "/admin/accounts/reader/")
    yield View("books in the panel", "/admin/books/book/")
    yield View("engines", "/admin/engines/")


def of_nobody() -> Iterator[View]:
    """Yield the doors."""
    yield View("sign in", "/account/login/")
    yield View("forgotten password", "/account/password/reset/")
    yield View("sign up", "/account/signup/")
    yield View("invitation that ended", "/invitation/unknown/")


def faults(page: Page, view: View, url: str) -> list[str]:
    """Return what axe-core finds in a view, theme by theme."""
    page.goto(url + view.address)
    if "/books/" in view.address and page.locator("#reader").count():
        expect(page.locator("html")).to_have_attribute("data-is-ready", "true")
    view.show(page)
    page.evaluate(AXE)
    found = []
    for theme in view.themes:
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        found += [f"{view.name} ({theme}): {fault}" for fault in page.evaluate(RUN)]
    return found


@pytest.fixture(scope="module")
def bare(chromium: Browser, mindory: Stack) -> list[str]:
    """What is wrong with the first visit and with a library that is empty; the admin is made on the way."""
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    found = faults(page, View("set up", mindory.setup.removeprefix(mindory.url)), mindory.url)
    become_admin(page, mindory)
    found += faults(page, View("empty library", "/"), mindory.url)
    found += faults(page, View("empty memory", "/memory/"), mindory.url)
    context.storage_state(path=mindory.directory / "state.json")
    context.close()
    return found


@pytest.fixture(scope="module")
def books(
    chromium: Browser, mindory: Stack, bare: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Four books, and a conversation about one of them: with quotes, as no model is set up."""
    directory: Path = tmp_path_factory.mktemp("books")
    made_here = {
        "lamp.epub": made.harbour_epub(),
        "tides.epub": sampler.sampler_epub(),
        "garden.txt": made.garden_text(),
        "print.pdf": prints.keeper_pdf(),
    }
    for name, data in made_here.items():
        (directory / name).write_bytes(data)
    context = chromium.new_context(storage_state=mindory.directory / "state.json")
    page = context.new_page()
    found: dict[str, str] = {}
    for at, name in enumerate(made_here, 1):  # one after the other, so that it is known which is which
        add_books(page, mindory, directory / name)
        expect(page.locator("[data-part=shelf] > li")).to_have_count(at, timeout=180_000)
        numbers = {str(item.get_attribute("data-book")) for item in page.locator("[data-part=shelf] > li").all()}
        found[name.partition(".")[0]] = (numbers - set(found.values())).pop()
    readers.wait_until_ready(context, mindory)
    page.goto(f"{mindory.url}/books/{found['lamp']}/")
    hands.open_chat(page)
    hands.ask(page, "Who lit the lamp in the harbour?")
    hands.done(page)
    remembered.remember(context, mindory, int(found["lamp"]))
    context.close()
    return found


def opened(chromium: Browser, mindory: Stack, width: int, locale: str, **more: Any) -> BrowserContext:
    return chromium.new_context(
        viewport={"width": width, "height": 900}, locale=locale, reduced_motion="reduce", **more
    )


def test_the_first_visit_and_an_empty_library(bare: list[str]) -> None:
    assert not bare, "\n".join(bare)


@pytest.mark.parametrize(("width", "locale"), [(1440, "en-GB"), (390, "zh-CN")])
def test_every_page(chromium: Browser, mindory: Stack, books: dict[str, str], width: int, locale: str) -> None:
    context = opened(chromium, mindory, width, locale, storage_state=mindory.directory / "state.json")
    found = []
    for view in views(books):
        page = context.new_page()
        found += faults(page, view, mindory.url)
        page.close()
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "paper")])
def test_the_panel_and_the_handbook(
    chromium: Browser, mindory: Stack, books: dict[str, str], width: int, theme: str
) -> None:
    context = opened(chromium, mindory, width, "en-GB", storage_state=mindory.directory / "state.json")
    context.add_cookies([{"name": "theme", "value": theme, "url": mindory.url}])
    page = context.new_page()
    found = [
        fault
        for view in themed_by_server()
        for fault in faults(page, View(view.name, view.address, themes=(theme,)), mindory.url)
    ]
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("width", "locale"), [(1440, "zh-CN"), (390, "en-GB")])
def test_the_doors(chromium: Browser, mindory: Stack, bare: list[str], width: int, locale: str) -> None:
    context = opened(chromium, mindory, width, locale)
    page = context.new_page()
    found = [fault for view in of_nobody() for fault in faults(page, view, mindory.url)]
    context.close()
    assert not found, "\n".join(found)
