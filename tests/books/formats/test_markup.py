"""The walk over a page: what becomes text, what a mark, what a block; and what is asked of the book around it."""

from typing import Any

from books.formats import markup
from books.formats.writer import Writer


class Around:
    """A book whose pictures have the numbers of their names, and whose links all lead somewhere."""

    def picture(self, address: str, /) -> int | None:
        """Return 7 for "pictures/7.png"."""
        name = address.rpartition("/")[2].partition(".")[0]
        return int(name) if name.isdigit() else None

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
