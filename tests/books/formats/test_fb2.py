"""FictionBook: nested sections, poems, notes, pictures, and encodings of its time."""

import io

import pytest

from books.errors import DamagedBook, EmptyBook
from books.formats.parsed import Block, ParsedBook, ParsedSection
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import zipped
from tests.made.fb2s import NOTES, fb2, section, tale

PNG = b"\x89PNG\r\n\x1a\n and so on"


def read(body: bytes | str, *, suffix: str = ".fb2") -> ParsedBook:
    data = body.encode() if isinstance(body, str) else body
    return parse(Source(io.BytesIO(data), suffix=suffix), lambda done, total: None)


def rows(part: ParsedSection) -> list[tuple[str, str]]:
    return [(block.kind, part.text[block.start : block.end]) for block in part.blocks]


def marked(part: ParsedSection, kind: str) -> list[tuple[str, str]]:
    """Return the characters of each mark of a kind, and its target."""
    marks = [mark for block in part.blocks for mark in block.marks if mark.kind == kind]
    return [(part.text[mark.start : mark.end], mark.target) for mark in marks]


def test_a_book_tells_who_wrote_it_and_what_it_belongs_to() -> None:
    info = (
        "<author><first-name>Anna</first-name><middle-name>M.</middle-name><last-name>Grey</last-name></author>"
        "<author><nickname>Gull</nickname></author><translator><last-name>Brown</last-name></translator>"
        '<annotation><p>Of a lamp.</p><p>And of a bell.</p></annotation><sequence name="The Coast" number="2"/>'
    )
    book = read(fb2(section("One", "Words."), info=info))

    assert (book.format, book.title, list(book.authors), book.language) == (
        "fb2", "The Sea", ["Anna M. Grey", "Gull"], "en",
    )  # fmt: skip
    assert book.details == {
        "publisher": "Grey House",
        "date": "1911",
        "description": "Of a lamp.\nAnd of a bell.",
        "series": "The Coast",
        "series_number": "2",
        "identifiers": ["978-0-00-000000-2"],
        "subjects": ["sf fantasy"],
        "translators": ["Brown"],
    }


def test_sections_inside_sections_are_contents_inside_contents() -> None:
    inner = section("Morning", "It was light.") + section("Night", "It was dark.")
    title = "<title><p>Anna Grey</p><p>The Sea</p></title>"
    book = read(fb2(title + section("Part one", inside=inner) + section("Part two", "The end.")))

    assert [(entry.title, entry.depth) for entry in book.contents] == [
        ("Anna Grey The Sea", 0), ("Part one", 0), ("Morning", 1), ("Night", 1), ("Part two", 0),
    ]  # fmt: skip
    assert rows(book.sections[0])[0] == ("h", "Anna Grey\nThe Sea")


def test_poems_quotations_and_tables_keep_their_form() -> None:
    inside = (
        "<epigraph><p>To the sea.</p><text-author>Old song</text-author></epigraph>"
        "<poem><title><p>Song</p></title><stanza><v>The lamp is <emphasis>green</emphasis>,</v>"
        "<v>the sea is deep.</v></stanza>"
        "<stanza><v>Alone.</v></stanza></poem><subtitle>* * *</subtitle>"
        '<table><tr><th>ship</th><th colspan="2">crew</th></tr><tr><td>Perpetua</td><td>19</td><td>1</td></tr></table>'
        "<p>Before.</p><empty-line/><p>H<sub>2</sub>O and <strikethrough>so</strikethrough></p>"
    )
    part = read(fb2(section("One", inside=inside))).sections[0]

    assert rows(part)[1:] == [
        ("quote", "To the sea."),
        ("quote", "Old song"),
        ("p", "Song"),
        ("verse", "The lamp is green,\nthe sea is deep."),
        ("verse", "Alone."),
        ("p", "* * *"),
        ("row", "ship\tcrew"),
        ("row", "Perpetua\t19\t1"),
        ("p", "Before."),
        ("hr", ""),
        ("p", "H2O and so"),
    ]
    assert (marked(part, "em"), marked(part, "sub"), marked(part, "strike")) == (
        [("green", "")], [("2", "")], [("so", "")],
    )  # fmt: skip
    assert [target for _, target in marked(part, "cell")] == ["h", "h2x1"]
    aligned = {part.text[block.start : block.end]: block.align for block in part.blocks if block.align}
    assert aligned == {"Old song": "right", "Song": "center", "* * *": "center"}


def test_a_note_is_called_by_a_mark_and_stands_where_the_book_has_it() -> None:
    words = 'By the rock<a l:href="#n1" type="note">[1]</a> and the log<a l:href="#n2">2</a>.'
    book = read(fb2(section("One", words), more=NOTES))
    part = book.sections[-1]

    assert rows(part)[-3:] == [
        ("note", "1 A rock off the coast."), ("note", "It has no name."), ("note", "2 See the log."),
    ]  # fmt: skip
    assert [block.number for block in part.blocks if block.kind == "note"] == [1, 0, 1]
    (called, first), (other, second) = marked(book.sections[0], "note")
    assert (called, other) == ("[1]", "2")
    _, start, end = map(int, first.split(":"))
    assert part.text[start:end] == "1 A rock off the coast.\n\nIt has no name."
    _, start, end = map(int, second.split(":"))
    assert part.text[start:end] == "2 See the log."


def test_links_lead_into_the_book_or_to_other_sites_and_never_anywhere_else() -> None:
    places = ("#end", "https://example.org/", "javascript:x", "#no")
    words = "".join(f'<a l:href="{place}">{place[:5]}</a> ' for place in places)
    body = section("One", words) + '<section id="end"><p>Here.</p></section>'
    part = read(fb2(body)).sections[0]
    link, outside = marked(part, "link")

    assert outside == ("https", "https://example.org/")
    assert part.text[int(link[1].split(":")[1]) :] == "Here."


def test_pictures_are_numbered_as_they_are_used_and_the_cover_is_known() -> None:
    info = '<coverpage><image l:href="#front.png"/></coverpage>'
    body = section(
        "One",
        'A flag <image l:href="#flag.png" alt="a flag"/> rose.',
        inside='<image l:href="#map.png"/><image l:href="#no"/>',
    )
    pictures = {"map.png": PNG, "flag.png": PNG + b"2", "front.png": PNG + b"3", "unused.png": PNG}
    book = read(fb2(body, info=info, pictures=pictures))

    assert (book.cover, [(one.number, one.name) for one in book.originals]) == (
        0, [(0, "front.png"), (1, "flag.png"), (2, "map.png")],
    )  # fmt: skip
    assert book.originals[2].read() == PNG
    blocks = book.sections[0].blocks
    assert [(mark.kind, mark.target, mark.label) for mark in blocks[1].marks] == [("img", "1", "a flag")]
    assert isinstance(blocks[2], Block)
    assert (blocks[2].kind, blocks[2].target) == ("img", "2")


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16", "utf-8-sig"])
def test_a_file_is_decoded_as_it_declares(encoding: str) -> None:
    words = "Старый смотритель зажигал лампу каждый вечер. "
    text = fb2(section("Глава первая", words * 20)).replace(
        'encoding="utf-8"', f'encoding="{encoding.removesuffix("-sig")}"'
    )
    book = read(text.encode(encoding))

    assert words.strip() in book.sections[0].text
    assert (book.contents[0].title, book.warnings, book.language) == ("Глава первая", [], "ru")


def test_a_file_that_declares_the_wrong_encoding_is_mended_with_a_warning() -> None:
    words = "Старый смотритель зажигал лампу каждый вечер. "
    book = read(fb2(section("Глава", words * 20)).encode("cp1251"))

    assert words.strip() in book.sections[0].text
    assert len(book.warnings) == 1


def test_slightly_broken_markup_loses_nothing() -> None:
    broken = fb2(section("One", "Marten &amp; Sons & more&nbsp;words &foo; here <b>bold")).replace("</FictionBook>", "")
    book = read(broken)

    assert "Marten & Sons & more\u00a0words &foo; here bold" in book.sections[0].text
    assert len(book.warnings) == 1


def test_a_zipped_book_is_the_same_book() -> None:
    assert read(zipped({"tale.fb2": tale()}), suffix=".fb2.zip") == read(tale())


def test_entities_nothing_and_no_words_are_told_apart() -> None:
    declared = '<?xml version="1.0"?><!DOCTYPE FictionBook [<!ENTITY a "aaaa">]>'
    with pytest.raises(DamagedBook):
        read(f"{declared}<FictionBook><body><p>&a;</p></body></FictionBook>")
    with pytest.raises(EmptyBook):
        read(fb2("<section/>"))


def test_a_hundred_thousand_nested_sections_are_read_in_bounded_time() -> None:
    book = read(fb2(section("One", "Before.") + "<section>" * 100_000 + "<p>Deep.</p>" + "</section>" * 100_000))

    assert "Before." in book.sections[0].text
    assert book.warnings


def test_comments_in_the_markup_are_nowhere_in_the_way() -> None:
    book = read(
        fb2(section("One", "Two<!-- a --> three."), title="A<!-- b -->B", info="<!-- c --><author><!-- d -->A</author>")
    )

    assert (book.title, book.sections[0].text) == ("AB", "One\n\nTwo three.")


def test_the_same_file_gives_the_same_book() -> None:
    one, other = read(tale()), read(tale())

    assert (one.head(), one.sections) == (other.head(), other.sections)
