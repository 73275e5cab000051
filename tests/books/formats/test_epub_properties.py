"""EPUB by properties: whatever stands in the pages, every block and mark lies on its characters, twice the same."""

import io
import json
import re
from html import escape
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from books.errors import BookError
from books.formats import checked
from books.formats.epub import Epub
from books.formats.parsed import ParsedBook
from books.formats.sources import Source
from books.formats.writer import cleaned
from tests.made.epubs import DOT, Made, page

WORDS = st.text(alphabet="ab cde\n\u00ad\u0301é𠮷👍🏽漢字かなشلומ<&\"'\u2028\u3000", max_size=12).map(escape)
ENTITIES = st.sampled_from(["&nbsp;", "&eacute;", "&#x20BB7;", "&mdash;", "&shy;", "&unknown;", "&#0;"])
LEAVES = st.one_of(
    WORDS,
    WORDS,
    ENTITIES,
    st.sampled_from(
        [
            "<br/>", "<img src='1.png' alt='a'/>", "<img src='2.png'/>", "<img src='lost.png'/>", "<hr/>", "<!-- c -->",
            "<a href='b.xhtml'>b</a>", "<a epub:type='noteref' href='#n'>1</a>", "<sup><a href='#n'>*</a></sup>",
            "<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>", "<ruby><rb>a</rb><rb>b</rb><rt>c</rt></ruby>",
            "<math><mfrac><mn>1</mn><mrow><mi>x</mi><mo>+</mo></mrow></mfrac></math>", "<script>no()</script>",
            "<svg><text>w</text></svg>", "<span epub:type='pagebreak' title='3'/>", "<p>", "</i>",
        ]
    ),
)  # fmt: skip
INLINE = ("i", "b", "span class='s'", "span class='h'", "a href='#n'", "sub", "u", "code", "i lang='fr'", "ruby", "rt")
BLOCKS = (
    "p", "div class='c'", "h2", "blockquote", "pre", "figure", "figcaption", "aside epub:type='footnote' id='n'",
    "section epub:type='endnotes'", "div epub:type='z3998:poem'", "dt", "dd",
)  # fmt: skip
CSS = ".s { font-variant: small-caps; font-style: italic } .h { display: none } .c { text-align: center }"


def wrapped(inner: list[str], tag: str) -> str:
    """Return the pieces inside an element."""
    return f"<{tag}>{''.join(inner)}</{tag.partition(' ')[0]}>"


def rows(cells: list[list[str]]) -> str:
    """Return a table."""
    return (
        "<table>"
        + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
        + "</table>"
    )


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(wrapped, st.lists(inner, max_size=4), st.sampled_from(INLINE + BLOCKS)),
        st.builds(lambda items: wrapped([f"<li>{item}</li>" for item in items], "ol"), st.lists(inner, max_size=3)),
        st.builds(rows, st.lists(st.lists(inner, max_size=3), max_size=3)),
    ),
    max_leaves=25,
)


def read(body: bytes) -> ParsedBook:
    return Epub().parse(Source(io.BytesIO(body)), lambda done, total: None)


def book_of(*bodies: str) -> bytes:
    head = f"<style>{CSS}</style>"
    pages = {f"{name}.xhtml": page(body, head=head) for name, body in zip("abc", bodies, strict=False)}
    nav = '<nav epub:type="toc"><ol><li><a href="a.xhtml#n">N</a></li><li><a href="b.xhtml">B</a></li></ol></nav>'
    return Made(pages, {"1.png": DOT, "2.png": DOT}, nav=nav).archive()


def rows_of(book: ParsedBook) -> Any:
    """Return all that a book says, as it crosses the pipe."""
    sections = [
        {"title": s.title, "text": s.text, "blocks": [b.as_row() for b in s.blocks], "origins": s.origins}
        for s in book.sections
    ]
    pages = [[page.label, page.section, page.start, 0, 0, []] for page in book.pages]
    return json.loads(json.dumps([book.head(), sections, pages]))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(TREES, max_size=6), st.lists(TREES, max_size=3))
def test_whatever_stands_in_the_pages_the_book_is_sound_and_the_same_twice(one: list[str], two: list[str]) -> None:
    archive = book_of("".join(one), "".join(two), "<p>The end.</p>")
    book = read(archive)
    head, sections, pages = rows_of(book)
    checked.book(checked.head(head), [checked.section(section) for section in sections], pages, [])

    for section in book.sections:
        end = 0
        for block in section.blocks:
            assert section.text[end : block.start].strip("\n") == ""
            end = block.end
            for mark in block.marks:
                if mark.kind == "math":
                    assert "".join(strings(json.loads(mark.target))) == section.text[mark.start : mark.end]
        assert section.text[end:] == ""
    assert [original.number for original in book.originals] == list(range(len(book.originals)))
    assert rows_of(read(archive)) == [head, sections, pages]


def strings(node: Any) -> list[str]:
    """Return the strings of a formula but for the names."""
    return [node] if isinstance(node, str) else [text for inner in node[1:] for text in strings(inner)]


PLAIN = st.recursive(
    WORDS,
    lambda inner: st.builds(
        wrapped, st.lists(inner, max_size=4), st.sampled_from(["i", "p", "div", "h2", "li", "blockquote", "td", "span"])
    ),
    max_leaves=20,
)


@settings(max_examples=250, deadline=None)
@given(st.lists(PLAIN, max_size=6))
def test_no_character_is_lost_or_doubled(bodies: list[str]) -> None:
    body = "".join(bodies)
    book = read(book_of(body, "<p>The end.</p>"))
    space = re.compile(r"[\s\ufeff]+")
    written = cleaned(re.sub("<[^>]*>", "", body).replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'"))
    written = written.replace("&quot;", '"').replace("&amp;", "&")

    assert space.sub("", "".join(section.text for section in book.sections)) == space.sub("", written + "Theend.")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_book_with_bytes_changed_is_a_book_or_a_sentence(data: st.DataObject) -> None:
    made = Made({"a.xhtml": page("<p>One <i>two</i></p>")}, {"x.css": CSS}, nav="<nav><ol><li/></ol></nav>")
    members = made.members()
    name = data.draw(st.sampled_from([name for name in members if name != "mimetype"]))
    body = members[name]
    torn = bytearray(body.encode() if isinstance(body, str) else body)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(torn) - 1))
        torn[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    made.others = {name: bytes(torn)}
    try:
        head, sections, pages = rows_of(read(made.archive()))
    except BookError:
        return  # anything else than a sentence fails
    checked.book(checked.head(head), [checked.section(section) for section in sections], pages, [])
