"""EPUB: contents, landmarks, printed pages, cover and metadata, in the ways in which books say them."""

import base64
import io
import time

import pytest

from books.formats.epub import Epub
from books.formats.parsed import ParsedBook
from books.formats.sources import Source
from tests.made.epubs import DOT, Made, page

WORDS = "It was a long night at the lighthouse. " * 3
PAGES = {
    "a.xhtml": page(f'<h1>One</h1><p id="p1">{WORDS}</p>'),
    "b.xhtml": page(f'<h1>Two</h1><p>{WORDS}</p><p id="p2">{WORDS}</p>'),
}


def read(made: Made) -> ParsedBook:
    return Epub().parse(Source(io.BytesIO(made.archive())), lambda done, total: None)


def contents(made: Made) -> list[tuple[str, int, int, int]]:
    return [(entry.title, entry.section, entry.start, entry.depth) for entry in read(made).contents]


def test_a_line_without_a_link_leads_where_the_first_below_it_does() -> None:
    nav = (
        '<nav epub:type="toc"><h1>Contents</h1><ol><li><span>Part <ruby>I<rt>eye</rt></ruby></span><ol>'
        '<li><a href="a.xhtml">One</a></li></ol></li><li><a href="b.xhtml#p2"><img alt="Two" src="x.png"/></a></li>'
        '<li><a href="lost.xhtml">Lost</a></li></ol></nav>'
    )

    assert contents(Made(PAGES, nav=nav)) == [("Part I", 0, 0, 0), ("One", 0, 0, 1), ("Two", 2, 0, 0)]


def test_contents_nested_five_thousand_deep_are_read_in_a_moment() -> None:
    nest = 5_000
    line = '<li><a href="a.xhtml">x</a><ol>'
    nav = f'<nav epub:type="toc"><ol>{line * nest}{"</ol></li>" * nest}</ol></nav>'
    point = '<navPoint><navLabel><text>x</text></navLabel><content src="b.xhtml"/>'
    ncx = f"<ncx><navMap>{point * nest}{'</navPoint>' * nest}</navMap></ncx>"

    began = time.process_time()
    for made in (Made(PAGES, nav=nav), Made(PAGES, files={"toc.ncx": ncx})):
        found = contents(made)
        assert len(found) == nest
        assert found[-1][3] == 12

    assert time.process_time() - began < 10


def test_the_headings_stand_in_for_contents_that_are_missing_or_broken() -> None:
    assert contents(Made(PAGES)) == [("One", 0, 0, 0), ("Two", 1, 0, 0)]
    assert contents(Made(PAGES, nav="x", others={"OEBPS/nav.xhtml": ""})) == [("One", 0, 0, 0), ("Two", 1, 0, 0)]
    assert contents(Made(PAGES, files={"toc.ncx": "<ncx"})) == [("One", 0, 0, 0), ("Two", 1, 0, 0)]


def test_landmarks_and_a_guide_say_where_the_text_begins() -> None:
    landmarks = '<nav epub:type="landmarks"><ol><li><a epub:type="bodymatter" href="b.xhtml#p2">x</a></li></ol></nav>'
    made = Made(PAGES, nav=f'<nav epub:type="toc"><ol><li><a href="a.xhtml">One</a></li></ol></nav>{landmarks}')
    section, start = read(made).details["begin"]

    assert read(made).sections[section].text[start:].startswith("It was")
    assert read(Made(PAGES, guide='<reference type="text" href="b.xhtml"/>')).details["begin"] == [1, 0]
    assert "begin" not in read(Made(PAGES, guide='<reference type="text" href="lost.xhtml"/>')).details


def test_printed_pages_come_from_their_list_or_from_the_text() -> None:
    listed = (
        '<nav epub:type="page-list"><ol><li><a href="a.xhtml">iv</a></li><li><a href="b.xhtml#p2">5</a></li></ol></nav>'
    )
    target = '<pageTarget value="7"><navLabel><text>vii</text></navLabel><content src="b.xhtml#p2"/></pageTarget>'
    break_ = '<span epub:type="pagebreak" title="9" id="q">9</span>'
    start = read(Made(PAGES)).sections[1].text.rindex("\n") + 1

    found = read(Made(PAGES, nav=f"<nav epub:type='toc'/>{listed}")).pages
    assert [(p.label, p.section, p.start, p.words) for p in found] == [("iv", 0, 0, ()), ("5", 1, start, ())]
    found = read(Made(PAGES, files={"toc.ncx": f"<ncx><pageList>{target}</pageList></ncx>"})).pages
    assert [(p.label, p.section, p.start) for p in found] == [("vii", 1, start)]
    found = read(Made({"a.xhtml": page(f"<p>One {break_}two</p>")})).pages
    assert [(p.label, p.section, p.start) for p in found] == [("9", 0, 4)]


def test_the_files_that_are_read_come_in_the_order_of_the_spine_also_the_optional_ones() -> None:
    spine = '<itemref idref="b.xhtml" linear="no"/><itemref idref="a.xhtml"/><itemref idref="b.xhtml"/>'

    assert [section.text[:3] for section in read(Made(PAGES, spine=spine)).sections] == ["Two", "One"]


def test_a_spine_without_a_known_file_is_the_list_of_files() -> None:
    book = read(Made(PAGES, spine='<itemref idref="x"/>'))

    assert [section.text[:3] for section in book.sections] == ["One", "Two"]
    assert book.warnings == [
        "This book does not say in which order its pages are read; they stand as in its list of files."
    ]


@pytest.mark.parametrize(
    "made",
    [
        Made(PAGES, items='<item id="x" href="art/1.png" media-type="image/png" properties="cover-image"/>'),
        Made(PAGES, {"art/1.png": DOT}, metadata='<meta name="cover" content="art/1.png"/>'),
        Made(
            {"c.xhtml": page('<div><img src="art/1.png"/></div>'), **PAGES},
            {"art/1.png": DOT},
            guide='<reference type="cover" href="c.xhtml"/>',
        ),
        Made(PAGES, items='<item id="My-Cover" href="art/1.png" media-type="image/png"/>'),
        Made({"c.xhtml": page('<div><img src="art/1.png"/></div>'), **PAGES}, {"art/1.png": DOT}),
    ],
    ids=["property", "meta", "guide", "name", "first page"],
)
def test_the_cover_is_found_by_every_convention(made: Made) -> None:
    made.others = {"OEBPS/art/1.png": DOT, "OEBPS/art/2.png": DOT}
    made.items += '<item id="other" href="art/2.png" media-type="image/png"/>'
    book = read(made)

    assert book.cover is not None
    assert book.originals[book.cover].name == "OEBPS/art/1.png"
    assert book.originals[book.cover].read() == DOT


def test_a_drawn_cover_gives_the_picture_inside_it() -> None:
    inside = base64.b64encode(DOT).decode()
    drawing = f'<svg xmlns:xlink="x"><image xlink:href="data:image/png;base64,{inside}"/></svg>'
    item = '<item id="c" href="c.svg" media-type="image/svg+xml" properties="cover-image"/>'
    book = read(Made(PAGES, items=item, others={"OEBPS/c.svg": drawing}))

    assert book.cover == 0
    assert book.originals[0].read() == DOT
    assert read(Made(PAGES, items=item, others={"OEBPS/c.svg": "<svg/>"})).cover is None


def test_pictures_are_numbered_by_their_first_use_and_pages_of_pictures_go_on_with_what_follows() -> None:
    plate = page('<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="2.png"/></svg>')
    pages = {
        "p.xhtml": plate,
        "a.xhtml": page("<p>x <img src='1.png' alt='one'/> y</p><p><img src='2.png'/></p>"),
        "z.xhtml": plate,
    }
    nav = '<nav epub:type="toc"><ol><li><a href="p.xhtml">Plate</a></li><li><a href="z.xhtml">Last</a></li></ol></nav>'
    book = read(Made(pages, {"1.png": DOT, "2.png": DOT}, nav=nav))
    (section,) = book.sections

    assert [original.name for original in book.originals] == ["OEBPS/2.png", "OEBPS/1.png"]
    assert [(block.kind, block.target, block.start) for block in section.blocks] == [
        ("img", "0", 0), ("p", "", 0), ("img", "0", 3), ("img", "0", 3),
    ]  # fmt: skip
    assert [(mark.target, mark.start, mark.label) for mark in section.blocks[1].marks] == [("1", 2, "one")]
    assert [(entry.title, entry.start) for entry in book.contents] == [("Plate", 0), ("Last", 3)]


def test_titles_people_series_and_identifiers_are_told_apart() -> None:
    metadata = (
        '<dc:title id="s">Or, the Bell</dc:title><meta refines="#s" property="title-type">subtitle</meta>'
        '<dc:title id="t"> The\n Keeper </dc:title><meta refines="#t" property="title-type">main</meta>'
        '<dc:creator id="w">A. Writer</dc:creator><meta refines="#w" property="role" scheme="marc:relators">aut</meta>'
        '<dc:creator opf:role="trl">T. One</dc:creator><dc:creator opf:role="ill">I. Nobody</dc:creator>'
        '<dc:contributor id="u">T. Two</dc:contributor><meta refines="#u" property="role">ann</meta>'
        '<meta refines="#u" property="role">trl</meta>'
        '<meta property="belongs-to-collection" id="x">Best of all</meta>'
        '<meta refines="#x" property="collection-type">set</meta>'
        '<meta property="belongs-to-collection" id="c">Grey Point</meta>'
        '<meta refines="#c" property="collection-type">series</meta>'
        '<meta refines="#c" property="group-position">2</meta>'
        "<dc:identifier>urn:isbn:978-0-306-40615-7</dc:identifier><dc:identifier>urn:uuid:1-2</dc:identifier>"
        '<dc:identifier opf:scheme="ISBN">0306406152</dc:identifier>'
        "<dc:subject>Sea</dc:subject><dc:subject>Bells</dc:subject><dc:publisher>P &amp; Q</dc:publisher>"
        '<dc:date opf:event="modification">2020</dc:date>'
        '<dc:date opf:event="publication">1891-02-03T00:00:00Z</dc:date>'
        "<dc:description>&lt;p&gt;A &lt;b&gt;tale&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;Of the sea&lt;/p&gt;</dc:description>"
    )
    book = read(Made(PAGES, metadata=metadata))

    assert (book.title, book.authors) == ("The Keeper", ["A. Writer"])
    assert book.details == {
        "subtitle": "Or, the Bell", "translators": ["T. One", "T. Two"], "publisher": "P & Q", "date": "1891-02-03",
        "description": "A tale.\n\nOf the sea", "series": "Grey Point", "series_number": "2",
        "identifiers": ["9780306406157", "uuid:1-2", "0306406152"], "subjects": ["Sea", "Bells"],
    }  # fmt: skip


def test_a_series_may_be_said_as_calibre_does() -> None:
    metadata = '<meta name="calibre:series" content="Grey Point"/><meta name="calibre:series_index" content="3.50"/>'
    details = read(Made(PAGES, metadata=metadata)).details

    assert (details["series"], details["series_number"]) == ("Grey Point", "3.5")


def test_books_that_run_to_the_left_or_from_top_to_bottom_say_so() -> None:
    turned = 'page-progression-direction="rtl"'
    css = {"x.css": "body { -epub-writing-mode: vertical-rl }"}
    arabic, japanese = (f"<dc:language>{code}</dc:language>" for code in ("ar", "ja"))
    linked = {"a.xhtml": page("<p>x</p>", head='<link rel="stylesheet" href="x.css"/>')}

    assert read(Made(PAGES, spine_attributes=turned, metadata=arabic)).details["direction"] == "rtl"
    assert read(Made({"a.xhtml": page("<p>x</p>", root='dir="rtl"')})).details["direction"] == "rtl"
    found = read(Made(linked, files=css, spine_attributes=turned, metadata=japanese)).details
    assert (found.get("direction"), found["writing"]) == (None, "vertical")
    assert read(Made(PAGES)).details == {}


def test_style_sheets_are_followed_inside_the_book_only() -> None:
    head = '<link rel="stylesheet" href="css/a.css"/><style>.b { text-align: right }</style>'
    files = {
        "css/a.css": '@import "b.css"; @import url(https://example.org/x.css); .a { font-style: italic }',
        "css/b.css": '@import "a.css"; .a { font-weight: bold }',
    }
    book = read(Made({"a.xhtml": page('<p class="b">x <b class="a">y</b></p>', head=head)}, files=files))
    (block,) = book.sections[0].blocks

    assert (block.align, [mark.kind for mark in block.marks]) == ("right", ["em", "strong"])
    assert book.warnings == []


def test_notes_pop_up_from_any_page_and_links_lead_to_pages_and_anchors() -> None:
    text = page(
        '<p>Word<a epub:type="noteref" id="r" href="n.xhtml#n%31">1</a> and <a href="b.xhtml">more</a> '
        '<a href="lost.xhtml">lost</a> <a href="x.png">art</a> <a href="mailto:a@example.org">mail</a></p>'
    )
    notes = page(
        '<section epub:type="endnotes"><ol><li id="n1"><p>Said <a href="a.xhtml#r">↩</a></p></li></ol></section>'
    )
    book = read(Made({"a.xhtml": text, "b.xhtml": page("<p>b</p>"), "n.xhtml": notes}, {"x.png": DOT}))

    assert [(mark.kind, mark.target) for mark in book.sections[0].blocks[0].marks] == [
        ("note", "2:0:4"), ("link", "1:0"), ("link", "mailto:a@example.org"),
    ]  # fmt: skip
    assert book.sections[2].text == "Said"


@pytest.mark.parametrize(
    "package",
    [
        "\ufeff \n<?xml version='1.0'?>{}",
        "junk before <!-- x --> {}",
        "{}<!-- and an end without",
    ],
)
def test_a_package_document_that_is_slightly_broken_is_read(package: str) -> None:
    made = Made(PAGES, metadata="<dc:title>Caf&eacute; & Bar</dc:title>")
    made.others = {"OEBPS/book.opf": package.format(made.package())}
    book = read(made)

    assert (book.title.replace(" ", ""), len(book.sections)) in {("Café&Bar", 2), ("CaféBar", 2)}


def test_a_package_document_that_forgot_its_namespaces_is_read() -> None:
    made = Made(PAGES, metadata="<dc:title>A tale</dc:title><dc:creator opf:role='aut'>A. W.</dc:creator>")
    bare = made.package().replace(' xmlns:dc="http://purl.org/dc/elements/1.1/"', "")
    bare = bare.replace(' xmlns:opf="http://www.idpf.org/2007/opf"', "")
    made.others = {"OEBPS/book.opf": bare}

    assert (read(made).title, read(made).authors) == ("A tale", ["A. W."])


def test_what_is_missing_is_told_and_the_rest_opens() -> None:
    head = '<link rel="stylesheet" href="lost.css"/>'
    pages = {**PAGES, "c.xhtml": page("<p>Three <img src='lost.png'/></p>", head=head)}
    made = Made(pages, spine="".join(f'<itemref idref="{name}"/>' for name in [*pages, "gone"]))
    made.items = (
        '<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="n" href="n.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    )
    made.others = {"META-INF/container.xml": "<"}
    book = read(made)

    assert [section.text[:3] for section in book.sections] == ["One", "Two", "Thr"]
    assert book.warnings == [
        "The table of contents of this book is missing.",
        "A chapter of this book is missing or damaged; the others are here.",
        "A picture of this book is missing.",
        "A style sheet of this book is missing or damaged; some of its text may look plainer.",
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig", "windows-1251", "big5"])
def test_pages_in_old_encodings_are_read_also_when_they_are_not_well_formed(encoding: str) -> None:
    said = {"gb18030": "gb2312", "utf-8-sig": "utf-8"}.get(encoding, encoding)
    words = {"windows-1251": "Старый смотритель зажёг лампу. " * 9, "big5": "老漁翁夜守孤燈，小道童初登石塔。" * 9}
    text = words.get(encoding, "老渔翁夜守孤灯，小道童初登石塔。" * 9).strip()
    declared = f'<?xml version="1.0" encoding="{said}"?>' if encoding != "big5" else ""
    for body in (f"<p>{text}</p>", f"<p>{text}<br>"):
        book = read(Made({"a.xhtml": ""}, others={"OEBPS/a.xhtml": (declared + page(body)).encode(encoding)}))
        assert book.sections[0].text == text


def test_lists_of_places_for_programs_are_not_read_as_text() -> None:
    nav = (
        '<nav epub:type="toc"><ol><li><a href="a.xhtml">One</a></li></ol></nav>'
        '<nav epub:type="landmarks"><ol><li><a href="a.xhtml">Start</a></li></ol></nav>'
        '<nav epub:type="page-list"><ol><li><a href="a.xhtml">1</a></li></ol></nav>'
    )
    book = read(Made({"nav.xhtml": page(nav), "a.xhtml": page("<p>a</p>")}, nav=nav))

    assert [section.text for section in book.sections] == ["One", "a"]


def test_a_link_to_an_anchor_that_is_not_there_leads_to_its_page() -> None:
    book = read(Made({"a.xhtml": page("<p>a</p>"), "b.xhtml": page('<p><a href="a.xhtml#lost">b</a></p>')}))

    assert [mark.target for mark in book.sections[1].blocks[0].marks] == ["0:0"]


def test_a_package_document_whose_list_of_files_is_lost_gives_the_files_in_the_order_of_their_names() -> None:
    pages = {f"c{number}.xhtml": page(f"<p>Page {number}</p>") for number in (10, 9, 1)}
    nav = '<nav epub:type="toc"><ol><li><a href="c9.xhtml">Nine</a></li></ol></nav>'
    made = Made(pages, {"art/cover.png": DOT}, nav=nav)
    made.others = {"OEBPS/book.opf": made.package().replace("<manifest>", "<!-- <manifest>")}
    book = read(made)

    assert [section.text for section in book.sections] == ["Page 1", "Page 9", "Page 10"]
    assert [(entry.title, entry.section) for entry in book.contents] == [("Nine", 1)]
    assert (book.title, book.cover, len(book.warnings)) == ("A tale", 0, 1)


def test_comments_and_instructions_stand_nowhere_in_the_way() -> None:
    noise = "<!-- c --><?pi x?>"
    nav = f'<nav epub:type="toc">{noise}<ol>{noise}<li>{noise}<a href="a.xhtml">{noise}One</a></li></ol></nav>'
    body = (
        f"<table>{noise}<tr>{noise}<td>{noise}1</td></tr></table><p>{noise}a<a href='b.xhtml'>{noise}1</a></p>"
        f"<math>{noise}<mi>{noise}x</mi></math><ruby>漢{noise}<rt>{noise}かん</rt></ruby><svg>{noise}<text>t</text></svg>"
    )
    made = Made({"a.xhtml": page(body, head=noise), "b.xhtml": page(f"<p>b{noise}</p>")}, nav=nav)
    book = read(made)

    assert [section.text for section in book.sections] == ["1\n\na1\n\nx漢t", "b"]
    assert [entry.title for entry in book.contents] == ["One"]
