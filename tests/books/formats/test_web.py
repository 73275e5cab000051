"""Web pages: what a page says of itself, what it shows, where its links lead."""

import base64
import io
import time

import pytest
from PIL import Image

from books.formats.parsed import ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source
from tests.made import texts

LONG = "The sea was calm that day, and nobody came to the lighthouse at all. " * 60


def read(text: str | bytes, *, suffix: str = ".html") -> ParsedBook:
    body = text if isinstance(text, bytes) else text.encode()
    return parse(Source(io.BytesIO(body), suffix=suffix), lambda done, total: None)


def words_of(book: ParsedBook) -> str:
    return "\n\n".join(section.text for section in book.sections)


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, kind)
    return out.getvalue()


def data_uri(kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture(kind.upper())).decode()}"


def test_headings_become_nested_contents() -> None:
    book = read(f"<!doctype html><h1>The Keeper</h1><h2>One</h2><p>{LONG}<h3>Inner</h3><p>{LONG}<h2>Two</h2><p>{LONG}")

    assert book.title == "The Keeper"
    assert [(entry.depth, entry.title) for entry in book.contents] == [
        (0, "The Keeper"), (1, "One"), (2, "Inner"), (1, "Two"),
    ]  # fmt: skip


def test_meta_elements_become_metadata() -> None:
    head = (
        '<meta name="dc.creator" content="A. Writer; B. Other">'
        '<meta property="og:description" content="About\n a keeper.">'
        '<meta name="dcterms.created" content="1905-03-01"><meta name="keywords" content="sea, light">'
        '<meta property="og:title" content="The Keeper">'
    )
    book = read(f"<html lang='en-gb'><head>{head}</head><body><p>{LONG}</body></html>")

    assert (book.title, list(book.authors), book.language) == ("The Keeper", ["A. Writer", "B. Other"], "en-GB")
    assert book.details["description"] == "About a keeper."
    assert (book.details["date"], book.details["subjects"]) == ("1905-03-01", ["sea", "light"])


@pytest.mark.parametrize(
    ("encoding", "said", "shown"),
    [
        ("gb18030", "gb2312", "GB18030"),
        ("gb18030", "utf-8", "GB18030"),
        ("gb18030", "iso-8859-1", "GB18030"),
        ("utf-8", "gb2312", "UTF-8"),
        ("gb18030", "", "GB18030"),
        ("utf-16", "", "UTF-16"),
        ("gb18030", "no-such-thing", "GB18030"),
    ],
)
def test_a_page_is_decoded_as_it_says_unless_that_is_wrong(encoding: str, said: str, shown: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={said}">' if said else ""
    book = read(f"<html><head>{meta}</head><body><p>{texts.CHINESE}</p></body></html>".encode(encoding))

    assert "塔上住着一位老渔翁" in words_of(book)
    assert book.details["encoding"] == shown


def test_an_xml_declaration_names_the_encoding() -> None:
    page = (
        f'<?xml version="1.0" encoding="big5"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{texts.TRADITIONAL}'
    )

    assert "塔上住著一位老漁翁" in words_of(read((page + "</p></body></html>").encode("big5")))


def test_only_pictures_inside_the_page_are_shown() -> None:
    uri = data_uri()
    book = read(
        f'<!doctype html><p>One <img src="{uri}" alt="A red dot"> two <img src="{uri}">'
        f'<p><img src="https://example.com/a.png"><img src="/a.png"><img src="data:image/svg+xml;base64,PHN2Zz4=">'
        f'<p><img src="{data_uri("jpeg")}"><p>End.'
    )
    marks = [mark for block in book.sections[0].blocks for mark in block.marks if mark.kind == "img"]

    assert [original.read() for original in book.originals] == [picture(), picture("JPEG")]
    assert [(mark.target, mark.label) for mark in marks] == [("0", "A red dot"), ("0", "")]
    assert [block.target for block in book.sections[0].blocks if block.kind == "img"] == ["1"]


def test_links_lead_into_the_page_or_to_safe_places() -> None:
    book = read(
        "<!doctype html><p><a href='#end'>end</a> <a href='https://example.com/'>site</a> "
        "<a href='javascript:alert(1)'>bad</a> <a href='other.html'>other</a> <a href='#nowhere'>none</a>"
        "<p id=end>The end."
    )
    section = book.sections[0]
    marks = {section.text[mark.start : mark.end]: mark.target for block in section.blocks for mark in block.marks}

    assert marks == {"end": f"0:{section.text.index('The end.')}", "site": "https://example.com/"}


def test_a_raised_link_is_a_note() -> None:
    book = read(
        "<!doctype html><p>Words<sup><a href='#n1' id=r1>1</a></sup> go on."
        "<ol role=doc-endnotes><li id=n1>What it means. <a href='#r1'>↩</a></ol>"
    )
    section = book.sections[0]
    note = next(mark for block in section.blocks for mark in block.marks if mark.kind == "note")
    _, start, end = map(int, note.target.split(":"))

    assert section.text[start:end] == "What it means."


@pytest.mark.parametrize(
    ("start", "suffix", "is_page"),
    [
        (b"<!-- a --><!-- b -->\n<!DOCTYPE html><p>x", "", True),
        (b"<?xml version='1.0'?><html><body>x", "", True),
        (b"<title>One</title><p>x", ".html", True),
        (b"<h1>One</h1><p>x", ".htm", True),
        (b"<p>x", ".txt", False),
        (b"1 < 2, they said.", ".html", False),
    ],
)
def test_a_page_is_recognised_by_its_first_element(start: bytes, suffix: str, is_page: bool) -> None:
    assert (read(start, suffix=suffix).format == "html") == is_page


# --- Markdown -------------------------------------------------------------------------------------


def test_front_matter_is_metadata() -> None:
    book = read(
        '---\ntitle: "The Keeper"\nauthors:\n  - A. Writer\n  - B. Other\nlanguage: en\ndate: 1905-03-01\n'
        "tags: [sea, light]\nseries: Lights\nseries-number: 2\n"
        "description: >\n  About a\n  keeper.\n---\n\n"
        "# One\n\nThe sea was calm.\n",
        suffix=".md",
    )

    assert (book.title, list(book.authors), book.language) == ("The Keeper", ["A. Writer", "B. Other"], "en")
    assert {name: book.details[name] for name in ("date", "subjects", "series", "series_number", "description")} == {
        "date": "1905-03-01", "subjects": ["sea", "light"], "series": "Lights", "series_number": "2",
        "description": "About a keeper.",
    }  # fmt: skip
    assert words_of(book).startswith("One\n\nThe sea")


@pytest.mark.parametrize("start", ["---\n\nJust a rule.\n\n---\n", "---\nNo front matter here, I say.\n---\n", "---\n"])
def test_a_rule_at_the_beginning_is_no_front_matter(start: str) -> None:
    assert words_of(read(f"{start}\n# One\n\nWords.\n", suffix=".md")).endswith("Words.")


def test_footnotes_are_notes() -> None:
    book = read(
        "# One\n\nWords[^1] and more[^b], not [^none], not `[^1]`.\n\n[^b]: About more.\n\n"
        "[^1]: About words,\n    in two lines.\n\n    And two paragraphs.\n\nThe end.\n\n```\n[^1]: code\n```\n",
        suffix=".md",
    )
    section = book.sections[0]
    notes = [mark for block in section.blocks for mark in block.marks if mark.kind == "note"]
    told = [section.text[slice(*map(int, mark.target.split(":")[1:]))] for mark in notes]

    assert [section.text[mark.start : mark.end] for mark in notes] == ["1", "b"]
    assert told == ["About words, in two lines.\n\nAnd two paragraphs.", "About more."]
    assert "not [^none], not [^1]." in section.text
    assert "The end.\n\n[^1]: code\n\nAbout words" in section.text


def test_markdown_keeps_setext_headings_reference_links_tables_and_pictures() -> None:
    book = read(
        f"The Keeper\n==========\n\nOne\n---\n\nSee [the site][s] and ![dot]({data_uri()}).\n\n- [x] done\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[s]: https://example.com/\n",
        suffix=".md",
    )
    section = book.sections[0]
    marks = [mark for block in section.blocks for mark in block.marks]

    assert [(entry.depth, entry.title) for entry in book.contents] == [(0, "The Keeper"), (1, "One")]
    assert "https://example.com/" in {mark.target for mark in marks}
    assert len(book.originals) == 1
    assert [block.kind for block in section.blocks] == ["h", "h", "p", "li", "row", "row"]


def test_raw_html_in_markdown_is_text() -> None:
    assert "<script>alert(1)</script>" in words_of(read("# One\n\n<script>alert(1)</script>\n", suffix=".md"))


@pytest.mark.parametrize(
    "unit", [">", "> ", "[", "![", "(", "*a ", "_", "`", "~", "- ", "#", "|", "[^1]", "[a](", "<", "&"]
)
def test_deep_nesting_in_markdown_takes_bounded_time(unit: str) -> None:
    began = time.process_time()
    read("# One\n\n" + unit * (100_000 // len(unit)) + "\n\nThe end.\n", suffix=".md")

    assert time.process_time() - began < 15


@pytest.mark.parametrize("unit", ["<!-- a -->", "<div>", "<b>", "<a href=#x>", "<table><tr><td>", "&amp;", "<!--"])
def test_deep_nesting_in_a_page_takes_bounded_time(unit: str) -> None:
    began = time.process_time()
    read("<!doctype html><p>One.</p>" + unit * 30_000 + "The end.")

    assert time.process_time() - began < 15
