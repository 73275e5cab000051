"""The walk over a page: what becomes text, what a mark, what a block; and what is asked of the book around it."""

import json
import re
import time
from typing import Any

import pytest

from books.formats import markup
from books.formats.style import Sheet, Styles
from books.formats.writer import Writer


class Around:
    """A book whose pictures have the numbers of their names, and whose links all lead somewhere."""

    def picture(self, address: str, /) -> int | None:
        """Return 7 for "pictures/7.png"."""
        name = address.rpartition("/")[2].partition(".")[0]
        return int(name) if name.isdigit() else None

    def drawing(self, data: bytes, base: str, /) -> int | None:
        """Return 99 for every drawing that is drawn."""
        return 99

    def link(self, address: str, /) -> str | None:
        """Keep what another site is, and take every other address for an anchor."""
        return address if address.startswith("https:") else None if "missing" in address else f"#{address}"


def written(body: str, *, base: str = "text/a.xhtml") -> Writer:
    """Return what a page with this body becomes."""
    space = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
    links = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:m="http://www.w3.org/1998/Math/MathML"'
    writer = Writer()
    root = markup.page(f"<html {space} {links}><body>{body}</body></html>".encode())
    markup.Walk(writer, Around(), base).over(root)
    writer.finish()
    return writer


def marks(writer: Writer) -> list[tuple[str, str, str]]:
    """Return (kind, characters, target) of every mark."""
    return [
        (mark.kind, writer.text[mark.start : mark.end], mark.target) for block in writer.blocks for mark in block.marks
    ]


def blocks(writer: Writer) -> list[tuple[str, int, str]]:
    """Return (kind, number, characters) of every block."""
    return [(block.kind, block.number, writer.text[block.start : block.end]) for block in writer.blocks]


def one_mark(body: str) -> Any:
    """Return the only mark of a body, as (kind, characters, target)."""
    (found,) = marks(written(body))
    return found


def test_pictures_and_links_are_asked_for_by_their_address_in_the_book() -> None:
    writer = written(
        '<p>See <a href="b.xhtml#x">there</a> and <a href="https://example.org/">outside</a> '
        '<img src="../pictures/7.png" alt="A  lamp"/> here.</p><p><a href="missing">nothing</a></p>'
    )

    assert marks(writer) == [
        ("link", "there", "#text/b.xhtml#x"), ("link", "outside", "https://example.org/"), ("img", "", "7"),
    ]  # fmt: skip
    assert writer.blocks[0].marks[2].label == "A lamp"


def test_a_picture_alone_is_a_block_and_a_drawing_gives_its_pictures() -> None:
    writer = written(
        '<div><img src="1.png" alt="one"/></div><svg viewBox="0 0 1 1"><title>two</title>'
        '<image xlink:href="2.jpg"/></svg><p>Words.</p>'
    )

    assert [(block.kind, block.target, block.label) for block in writer.blocks] == [
        ("img", "1", "one"), ("img", "2", "two"), ("p", "", ""),
    ]  # fmt: skip


def test_without_surroundings_pictures_and_links_are_left_out() -> None:
    writer = Writer()
    markup.Walk(writer).over(markup.page(b"<p>See <a href='#x'>there</a> <img src='1.png'/></p>"))
    writer.finish()

    assert (writer.text, marks(writer)) == ("See there", [])


def test_every_base_has_its_own_reading() -> None:
    in_turn = "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby></p>"
    in_rows = "<p><ruby>\n <rb>漢</rb>\n <rb>字</rb>\n <rt>かん</rt> <rt>じ</rt>\n</ruby></p>"
    for body in (in_turn, in_rows):
        assert (written(body).text, marks(written(body))) == ("漢字", [("ruby", "漢", "かん"), ("ruby", "字", "じ")])


def test_one_reading_over_two_bases_and_two_over_one_are_one_mark() -> None:
    assert one_mark("<p><ruby><rb>今</rb><rb>日</rb><rt>きょう</rt></ruby></p>") == ("ruby", "今日", "きょう")
    assert one_mark("<p><ruby>東京<rt>とう</rt><rt>きょう</rt></ruby></p>") == ("ruby", "東京", "とうきょう")


def test_a_sign_that_refers_to_a_note_is_a_note_mark() -> None:
    for body in (
        '<p>x<a epub:type="noteref" href="#n1">one</a></p>',
        '<p>x<a role="doc-noteref" href="#n1">one</a></p>',
        '<p>x<a href="#n1"><sup>one</sup></a></p>',
    ):
        assert ("note", "one", "#text/a.xhtml#n1") in marks(written(body))


def test_a_note_is_blocks_of_its_own_without_the_arrow_back() -> None:
    writer = written(
        '<section epub:type="endnotes"><h2>Notes</h2><ol><li id="n1"><p>First <i>note</i>. '
        '<a href="#r1" epub:type="backlink">\u21a9</a></p><p>More of it.</p></li><li>Second.</li></ol></section>'
        '<aside epub:type="footnote" id="f"><p>A third.</p></aside><p>Not a note.</p>'
    )

    assert blocks(writer) == [
        ("h", 0, "Notes"), ("note", 1, "First note."), ("note", 0, "More of it."), ("note", 1, "Second."),
        ("note", 1, "A third."), ("p", 0, "Not a note."),
    ]  # fmt: skip
    assert [block.label for block in writer.blocks] == ["", "1", "", "2", "", ""]
    assert (writer.anchors["n1"], writer.anchors["f"]) == (writer.blocks[1].start, writer.blocks[4].start)


def test_classes_that_converters_write_tell_notes_too() -> None:
    writer = written(
        '<p>x<a class="footnote-ref" href="#f1">one</a></p><div class="footnotes"><ul><li id="f1"><img src="1.png"/>'
        '<p>First <a class="footnote-back" href="#r1">\u21a9</a></p></li></ul></div>'
        '<div class="footnote"><p><img src="2.png"/></p><p>Second</p><pre>a  b</pre><p>more</p></div>'
    )

    assert marks(writer)[0] == ("note", "one", "#text/a.xhtml#f1")
    assert blocks(writer)[1:] == [
        ("note", 1, "First"), ("img", 0, ""), ("note", 1, "Second"), ("pre", 0, "a  b"), ("note", 0, "more"),
    ]  # fmt: skip


def cells(body: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Return (number, characters, cell marks) of every row."""
    writer = written(body)
    return [
        (
            block.number,
            writer.text[block.start : block.end],
            [(m.target, writer.text[m.start : m.end]) for m in block.marks if m.kind == "cell"],
        )
        for block in writer.blocks
        if block.kind == "row"
    ]


def test_a_table_is_rows_of_cells_and_two_tables_stay_two() -> None:
    found = cells(
        "<table><caption>Tides</caption><thead><tr><th></th><th colspan='2'>high</th></tr></thead>"
        "<tbody><tr> <td rowspan='2'>May</td> <td>1</td> <td></td> </tr></tbody></table>"
        "<table><tr><td></td></tr><tr><td>a</td><td>b</td></tr></table>"
    )

    assert found == [
        (1, "\thigh", [("h", ""), ("h2x1", "high")]), (0, "May\t1\t", [("1x2", "May")]), (1, "a\tb", []),
    ]  # fmt: skip


def test_a_cell_of_several_paragraphs_stays_one_cell() -> None:
    found = cells(
        "<table><tr><th>a</th><th>b</th></tr>"
        "<tr><td>\n <p>one</p>\n <p>two<br/>lines</p>\n</td><td><ul><li>x</li><li>y</li></ul></td></tr></table>"
    )

    assert found[1][1] == "one\ntwo\nlines\tx\ny"


def test_the_caption_of_a_table_and_of_a_picture_is_a_caption() -> None:
    writer = written(
        "<table><caption>Tides</caption><tr><td>1</td></tr></table>"
        "<figure><img src='3.png' alt='a map'/><figcaption><p>The bay.</p></figcaption></figure>"
    )

    assert [(kind, text) for kind, _, text in blocks(writer)] == [
        ("caption", "Tides"), ("row", "1"), ("img", ""), ("caption", "The bay."),
    ]  # fmt: skip


def test_a_table_in_a_table_only_lays_out_the_page() -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr></table>"

    assert blocks(written(f"<table><tr><td>{inner}</td><td>c</td></tr></table>")) == [("row", 1, "a\tb"), ("p", 0, "c")]


def test_a_formula_is_its_characters_and_its_tree() -> None:
    math = (
        "<m:math alttext='a half'><m:semantics><m:mrow><m:mi onclick='x()'>x</m:mi><m:mo>=</m:mo>"
        "<m:mfrac><m:mn> 1 </m:mn>"
        "<m:mn>2</m:mn></m:mfrac></m:mrow><m:annotation>\\frac</m:annotation><script>x()</script></m:semantics></m:math>"
    )
    kind, text, target = one_mark(f"<p>so {math} it is</p>")

    assert (kind, text) == ("math", "x=12")
    assert target == '["mrow",["mi","x"],["mo","="],["mfrac",["mn","1"],["mn","2"]]]'
    assert "".join(json_strings(json.loads(target))) == text


def json_strings(node: Any) -> list[str]:
    """Return the strings of a formula's tree but for the names."""
    return [node] if isinstance(node, str) else [text for inner in node[1:] for text in json_strings(inner)]


@pytest.mark.parametrize(
    ("fenced", "text"),
    [
        ("<m:mfenced><m:mi>x</m:mi><m:mi>y</m:mi></m:mfenced>", "(x,y)"),
        ("<m:mfenced open='[' close=')'><m:mn>0</m:mn><!-- to --><m:mn>1</m:mn></m:mfenced>", "[0,1)"),
        ("<m:mfenced open='{' close='' separators=' ; | '>" + "<m:mi>a</m:mi>" * 4 + "</m:mfenced>", "{a;a|a|a"),
        ("<m:mfenced separators=''><m:mi>a</m:mi><m:mi>b</m:mi></m:mfenced>", "(ab)"),
        ("<m:mfenced><m:mfenced open='|' close='|'><m:mi>x</m:mi></m:mfenced></m:mfenced>", "(|x|)"),
        ("<m:mfenced/>", "()"),
    ],
)
def test_brackets_that_only_an_element_names_are_characters_of_the_formula(fenced: str, text: str) -> None:
    found = written(f"<p><m:math>{fenced}</m:math></p>")
    (mark,) = found.blocks[0].marks

    assert found.text == text
    assert "".join(re.findall(r'"m[ino]","([^"]*)"', mark.target)) == text
    assert "mfenced" not in mark.target


def test_a_formula_without_a_tree_is_what_stands_for_it_and_one_too_large_is_text() -> None:
    assert written("<p><m:math alttext='a half'/></p>").text == "a half"
    large = written(f"<p><m:math>{'<m:mi>x</m:mi>' * 5_000}</m:math></p>")
    assert (large.text, marks(large)) == ("x" * 5_000, [])
    deep = written(f"<p><m:math>{'<m:mrow>' * 90}<m:mi>x</m:mi>{'</m:mrow>' * 90}</m:math></p>")
    assert (deep.text, marks(deep)) == ("x", [])


def test_what_the_book_hides_stays_hidden_but_for_notes() -> None:
    writer = styled(
        ".x { display: none } aside { display: none } i { font-style: normal } .sc { font-variant: small-caps } "
        ".r { text-align: right } body { display: none; font-style: italic }",
        '<p>a<span class="x">b<b>c</b></span><i>d</i><span class="sc">E</span></p><p class="r">f</p>'
        '<p hidden="hidden">g</p><aside epub:type="footnote">h</aside>',
    )

    assert (writer.text, marks(writer)) == ("adE\n\nf\n\nh", [("small-caps", "E", "")])
    assert [(block.kind, block.align) for block in writer.blocks] == [("p", ""), ("p", "right"), ("note", "")]


def styled(sheet: str, body: str) -> Writer:
    """Return what a body becomes under a style sheet."""
    writer = Writer()
    root = markup.page(f'<html xmlns:epub="e"><body>{body}</body></html>'.encode())
    markup.Walk(writer, styles=Styles([Sheet(sheet)])).over(root)
    writer.finish()
    return writer


def test_foreign_words_name_their_language() -> None:
    writer = Writer()
    page = b"<html lang='en-GB'><p lang='en'>He said <i lang='fr'>bonjour</i> <b lang='no language'>x</b></p></html>"
    markup.Walk(writer, language="en").over(markup.page(page))
    writer.finish()

    assert marks(writer) == [("em", "bonjour", ""), ("lang", "bonjour", "fr"), ("strong", "x", "")]


def test_the_number_of_a_printed_page_is_not_in_the_text() -> None:
    writer = Writer()
    page = (
        b"<html xmlns:epub='e'><body><p>one<span epub:type='pagebreak' title='12'>12</span> two"
        b"<a role='doc-pagebreak' aria-label='13'/></p></body></html>"
    )
    walk = markup.Walk(writer)
    walk.over(markup.page(page))
    writer.finish()

    assert writer.text == "one two"
    assert [(label, writer.anchors[anchor]) for label, anchor in walk.breaks] == [("12", 3), ("13", 7)]


def test_of_two_ways_to_say_the_same_one_is_read() -> None:
    def switch(space: str) -> str:
        return (
            f'<p><epub:switch><epub:case required-namespace="{space}"><m:math><m:mi>x</m:mi></m:math></epub:case>'
            "<epub:default>x squared</epub:default></epub:switch></p>"
        )

    assert written(switch("http://www.w3.org/1998/Math/MathML")).text == "x"
    assert written(switch("http://www.xml-cml.org/schema")).text == "x squared"


def test_lines_of_a_poem_stay_lines_of_one_stanza() -> None:
    poem = '<div epub:type="z3998:poem"><p><span>a</span><br/><span>b</span></p><p>c</p></div><p>d</p>'

    assert blocks(written(poem)) == [("verse", 0, "a\nb"), ("verse", 0, "c"), ("p", 0, "d")]
    assert blocks(written('<div class="stanza">a<br/>b</div>')) == [("verse", 0, "a\nb")]


def test_the_words_of_a_drawing_are_kept_and_its_scripts_are_not() -> None:
    assert written("<p>see <svg><script>x()</script><g><text>North <tspan>Sea</tspan></text></g></svg>.</p>").text == (
        "see North Sea."
    )


def test_an_object_that_is_no_picture_is_what_stands_for_it() -> None:
    assert written("<div><object data='film.swf'><p>A film.</p></object></div>").text == "A film."
    assert marks(written("<p>x <object data='4.png'>four</object></p>")) == [("img", "", "4")]


def test_addresses_are_joined_to_that_of_the_page() -> None:
    assert markup.joined("text/a.xhtml", "../b/c.png?x#y") == "b/c.png?x#y"
    assert markup.joined("text/a.xhtml", "#y") == "text/a.xhtml#y"
    assert markup.joined("text/a.xhtml", " https://a/../b") == "https://a/../b"
    assert markup.joined("", "#y") == "#y"


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<i>w " * 100_000 + "x",
        "<table><tr><td>" * 30_000 + "x",
        "<p id='a{0}'></p>" * 60_000 + "<p>x</p>",
        "<ruby>" * 50_000 + "x",
        "<blockquote><p>" * 30_000 + "x",
        "<p>" + "<span>x</span> " * 60_000 + "</p>",
        "<p>" + "x" * 5_000_000 + "</p>",
        "<p>" + "&nbsp;" * 200_000 + "x</p>",
        "<p>" + "<a href='#x'><sup>1</sup></a>" * 30_000 + "x</p>",
        "<i>" * 190 + "<p>x</p>" * 30_000,
        "<li>" * 50_000 + "x",
        "<svg>" * 50_000 + "<text>x",
        "<math>" * 50_000 + "<mi>x",
    ],
)
def test_a_hostile_page_takes_seconds_at_most(body: str) -> None:
    began = time.process_time()
    text = written(body).text

    assert "x" in text
    assert time.process_time() - began < 8
