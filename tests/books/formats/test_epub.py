"""EPUB: the spine in its order, nested contents, text as the author wrote it."""

import io

import pytest

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats.parsed import ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import CHAPTERS, epub, epub_members, opf, paragraphs, zipped


def read(body: bytes) -> ParsedBook:
    return parse(Source(io.BytesIO(body)), lambda done, total: None)


def text_of(html: str) -> str:
    return read(epub("A tale", {"One": html})).sections[0].text.removeprefix("One\n\n")


def test_chapters_come_in_the_order_of_the_spine_not_of_the_archive() -> None:
    members = epub_members("A tale", CHAPTERS)
    book = read(zipped(dict(reversed(members.items()))))

    assert (book.format, book.title, book.authors, book.language) == ("epub", "A tale", ["A. Writer"], "en")
    assert [section.title for section in book.sections] == ["The Lighthouse", "The Storm", "The Letter"]
    assert [(entry.title, entry.section) for entry in book.contents] == [
        ("The Lighthouse", 0), ("The Storm", 1), ("The Letter", 2),
    ]  # fmt: skip


def test_a_paragraph_keeps_its_words_and_marks_at_their_offsets() -> None:
    section = read(epub("A tale", CHAPTERS)).sections[1]
    block = section.blocks[2]

    assert section.text[block.start : block.end].startswith("A ship called Perpetua came")
    assert [(mark.kind, section.text[mark.start : mark.end]) for mark in block.marks] == [("em", "Perpetua")]


def test_white_space_collapses_as_in_a_browser_and_nothing_else_changes() -> None:
    assert text_of("<p>  two\n\t words  </p>\n <p>e\u0301 ﬁ\u00ad\u00a0x</p>") == "two words\n\ne\u0301 ﬁ\u00ad\u00a0x"


def test_entities_of_html_are_characters() -> None:
    assert text_of("<p>caf&eacute;&nbsp;&mdash; &lt;b&gt; &#x5B9D;</p>") == "café\u00a0— <b> 宝"


def test_breaks_lists_tables_and_quotations_are_blocks_of_their_own_kind() -> None:
    book = read(
        epub(
            "A tale",
            {
                "One": "<p>line<br/>line</p><ul><li>a</li><li><p>b</p><ol start='3'><li>c</li></ol></li></ul>"
                "<blockquote><p>q</p></blockquote><table><tr><th>x</th><td>y z</td></tr></table><hr/><pre>1\n  2</pre>"
            },
        )
    )
    section = book.sections[0]
    found = [(block.kind, block.level, block.number, section.text[block.start : block.end]) for block in section.blocks]

    assert found == [
        ("h", 2, 0, "One"), ("p", 0, 0, "line\nline"), ("li", 1, 0, "a"), ("li", 1, 0, "b"), ("oli", 2, 3, "c"),
        ("quote", 1, 0, "q"), ("row", 0, 1, "x\ty z"), ("hr", 0, 0, ""), ("pre", 0, 0, "1\n  2"),
    ]  # fmt: skip


def test_a_table_that_only_lays_out_the_page_is_paragraphs() -> None:
    assert text_of("<table><tr><td><p>a</p><p>b</p></td></tr></table>") == "a\n\nb"


def test_a_reading_stands_above_its_base_and_not_in_the_text() -> None:
    section = read(epub("A tale", {"One": "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>"})).sections[0]
    block = section.blocks[1]

    assert section.text[block.start : block.end] == "漢字"
    assert [(mark.kind, section.text[mark.start : mark.end], mark.target) for mark in block.marks] == [
        ("ruby", "漢", "かん")
    ]


def test_scripts_styles_and_pictures_leave_no_text() -> None:
    assert text_of("<p>a<script>x()</script><img alt='no' src='x'/><!-- c --><style>p{}</style>b</p>") == "ab"


def test_a_page_that_is_not_well_formed_is_read_as_a_browser_would() -> None:
    assert text_of("<p>one<br>two & three<p>four") == "one\ntwo & three\n\nfour"


def test_nested_contents_lead_to_their_anchors_and_divide_a_page() -> None:
    nav = (
        '<li><a href="c0.xhtml">Part One</a><ol><li><a href="c0.xhtml#a">I</a></li>'
        '<li><a href="c0.xhtml#b">II</a></li></ol></li>'
    )
    long = "It was a long night. " * 200
    body = f'<h3 id="a">I</h3><p>{long}</p><h3 id="b">II</h3><p>{long}</p>'
    book = read(epub("A tale", {"Part One": body}, nav=nav))

    assert [(entry.title, entry.section, entry.start, entry.depth) for entry in book.contents] == [
        ("Part One", 0, 0, 0), ("I", 1, 0, 1), ("II", 2, 0, 1),
    ]  # fmt: skip
    assert [section.title for section in book.sections] == ["Part One", "Part One: I", "Part One: II"]


def test_epub_2_has_its_contents_in_the_ncx_with_its_doctype() -> None:
    members = epub_members("A tale", {"One": "<p>a b</p>", "Two": "<p>c d</p>"})
    del members["OEBPS/nav.xhtml"]
    points = "".join(
        f'<navPoint id="n{n}"><navLabel><text>{name}</text></navLabel><content src="c{n}.xhtml"/></navPoint>'
        for n, name in enumerate(("First", "Second"))
    )
    members["OEBPS/toc.ncx"] = (
        '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" '
        '"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd"><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/">'
        f"<navMap>{points}</navMap></ncx>"
    )
    extra = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    members["OEBPS/book.opf"] = opf(["One", "Two"], title="A tale", extra=extra)

    assert [entry.title for entry in read(zipped(members)).contents] == ["First", "Second"]


def test_a_very_long_chapter_is_cut_at_the_end_of_a_paragraph() -> None:
    book = read(epub("A tale", {"One": paragraphs(*(f"Paragraph {n}. " + "x " * 500 for n in range(200)))}))

    assert len(book.sections) > 3
    assert all(len(section.text) <= 60_000 for section in book.sections)
    assert all(section.text.startswith(("One", "Paragraph")) for section in book.sections)
    assert {section.title for section in book.sections} == {"One"}


def test_the_script_decides_when_the_package_names_the_wrong_language() -> None:
    book = read(epub("石塔", {"一": "<p>" + "老渔翁夜守孤灯，小道童初登石塔。" * 20 + "</p>"}, language="en"))

    assert book.language == "zh-Hans"


def test_scrambled_fonts_are_no_lock_and_encrypted_pages_are() -> None:
    def with_list(algorithm: str) -> bytes:
        body = (
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><e:EncryptedData '
            f'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="{algorithm}"/>'
            "</e:EncryptedData></encryption>"
        )
        return zipped({**epub_members("A tale", CHAPTERS), "META-INF/encryption.xml": body})

    assert read(with_list("http://www.idpf.org/2008/embedding")).title == "A tale"
    with pytest.raises(LockedBook):
        read(with_list("http://www.w3.org/2001/04/xmlenc#aes128-cbc"))


def test_a_page_whose_checksum_is_wrong_is_shown_as_it_is() -> None:  # the archive itself tells: test_archives.py
    members = epub_members("A tale", CHAPTERS)
    body = members["OEBPS/c1.xhtml"]
    assert isinstance(body, str)
    stored = zipped(members, compress=False)
    torn = stored.replace(body.encode(), body.replace("Perpetua", "Perpetub").encode())  # its checksum is wrong now
    book = read(torn)

    assert [section.title for section in book.sections] == ["The Lighthouse", "The Storm", "The Letter"]


def test_a_book_without_words_is_empty_and_one_without_a_spine_damaged() -> None:
    with pytest.raises(EmptyBook):
        read(
            zipped(
                {**epub_members("A tale", {"One": ""}), "OEBPS/c0.xhtml": "<html><body><img src='x'/></body></html>"}
            )
        )
    with pytest.raises(DamagedBook):
        read(zipped({**epub_members("A tale", {}), "OEBPS/book.opf": opf([], title="A tale")}))


def test_a_comment_in_the_package_document_is_nowhere_in_the_way() -> None:
    members = epub_members("The Sea", CHAPTERS)
    package = str(members["OEBPS/book.opf"]).replace("<metadata>", "<metadata><!-- made by hand -->")

    assert read(zipped({**members, "OEBPS/book.opf": package})).title == "The Sea"
