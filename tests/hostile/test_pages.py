"""Pages and texts made to cost much: what they take grows with their size and no faster, and their words are kept."""

import io
import time

import pytest

from books import splitting
from books.formats import tree
from books.formats.parsed import ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source

SLOW = 20.0  # seconds: far more than any of them needs, far less than the square of its size


def read(body: str, suffix: str) -> ParsedBook:
    began = time.monotonic()
    book = parse(Source(io.BytesIO(body.encode()), suffix=suffix), lambda done, total: None)
    for section in book.sections:
        splitting.passages(section.text, size=1000, overlap=200)
    assert time.monotonic() - began < SLOW
    return book


def attributes(form: str) -> str:
    return " ".join(form.format(number) for number in range(200_000))


SINGLE = "a{0}='>'"
QUOTED = attributes('a{0}=">"')


@pytest.mark.parametrize(
    "flood",
    [
        f"<p {QUOTED}>",
        f"<p {attributes(SINGLE)}>",
        f"<p {attributes('a{0}=<x')}>",
        f"<p {attributes('a{0}<')}>",
        f"<p/{attributes('a{0}').replace(' ', '/')}>",
        f"</p {QUOTED}><p>",
        f"<p {attributes('a{0}')} </script {QUOTED}><p>",
        "<p a='\">" * 200_001 + "'>",
        "<p a=\"'>" * 200_000 + '">',
        "<p></p>" * 200_000,
        "<b>" * 200_000,
        "<b><p>" * 20_000,
        "<br>" * 200_000,
        "<p a=" * 200_000 + ">",
    ],
    ids=lambda flood: flood[:12] + flood[-6:],
)
def test_a_flood_in_a_page_takes_time_in_proportion_and_the_words_after_it_are_kept(flood: str) -> None:
    book = read(f"<html><body>{flood}The end.</p></body></html>", ".html")

    assert book.sections[-1].text.endswith("The end.")


@pytest.mark.parametrize(
    "other", ["<script>if (a<b) {{ {0} }}</script>", "<style>a<b {0} </style>", "<!-- <b {0} -->", "<p title='<b {0}'>"]
)
def test_what_only_looks_like_a_tag_swallows_no_words(other: str) -> None:
    book = read(f"<html><body>{other.format(attributes('a{0}'))}<p>The end.</body></html>", ".html")

    assert book.sections[-1].text == "The end."


def test_a_tag_with_some_attributes_keeps_them() -> None:
    some = " ".join(SINGLE.format(number) for number in range(900))
    page = tree.page(f"<p {some} title='>'>x".encode(), encoding="utf-8")

    assert page.find(".//p").get("title") == ">"


@pytest.mark.parametrize(
    "text", ["a\n", "a\n\n", "一\n", "Chapter 1\n", "Chapter 1\n\n", "Chapter 1\na\n\n", " \n", "-\n", "*\n"]
)
def test_a_text_of_many_tiny_lines_is_read_in_proportion(text: str) -> None:
    book = read("The beginning.\n\n" + text * 50_000 + "\nThe end.", ".txt")

    assert book.sections[-1].text.endswith("The end.")


@pytest.mark.parametrize("text", ["a\n", "a\n\n", "# a\n", "- a\n", "> a\n\n", "*a", "[", "`", "|a|\n"])
def test_markdown_of_many_tiny_lines_is_read_in_proportion(text: str) -> None:
    assert read("# A\n\n" + text * 20_000 + "\n\n## B\n\nThe end.", ".md").sections
