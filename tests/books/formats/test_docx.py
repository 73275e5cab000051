"""Word documents: what the author sees is the text, and nothing that Word made or struck out."""

import io
import time
from typing import Any

import pytest
from PIL import Image

from books.errors import DamagedBook, EmptyBook
from books.formats.docx.numerals import numeral
from books.formats.parsed import Block, ParsedBook
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import docx, zipped
from tests.made.docx import (
    HEADINGS,
    cell,
    document,
    drawing,
    field,
    item,
    level,
    lists,
    paragraph,
    run,
    sign,
    style,
    table,
)

LONG = "The sea was calm that day, and nobody came. " * 80


def read(body: bytes) -> ParsedBook:
    return parse(Source(io.BytesIO(body)), lambda done, total: None)


def words(body: str, **more: Any) -> str:
    """The text of a document with this body."""
    return "\n\n".join(section.text for section in read(document(body, **more)).sections)


def blocks(book: ParsedBook) -> list[tuple[str, str]]:
    """Kind and words of every block."""
    return [
        (block.kind, section.text[block.start : block.end]) for section in book.sections for block in section.blocks
    ]


def marked(book: ParsedBook, number: int = 0) -> list[tuple[str, str, str]]:
    """Kind, words and target of each mark of a block of the first section."""
    section = book.sections[0]
    block: Block = section.blocks[number]
    return [(mark.kind, section.text[mark.start : mark.end], mark.target) for mark in block.marks]


def png(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (10, 90, 160)).save(out, "PNG")
    return out.getvalue()


# --- Word ---------------------------------------------------------------------------------------


def test_a_word_document_has_headings_marks_and_its_title() -> None:
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>Old</w:t></w:r><w:r><w:t xml:space='preserve'> Marten</w:t></w:r>"
    book = read(
        docx(
            [
                ("Heading1", "One"),
                ("Normal", bold),
                ("Heading2", "Inner"),
                ("Normal", LONG),
                ("Heading1", "Two"),
                ("Normal", LONG),
            ],
            title="The Sea",
        )
    )

    assert (book.format, book.title) == ("docx", "The Sea")
    assert [(entry.title, entry.depth) for entry in book.contents] == [("One", 0), ("Inner", 1), ("Two", 0)]
    block = book.sections[0].blocks[1]
    assert book.sections[0].text[block.start : block.end] == "Old Marten"
    assert [(mark.kind, mark.end - mark.start) for mark in block.marks] == [("strong", 3)]


def test_deleted_words_are_gone_inserted_ones_there_and_tables_are_rows() -> None:
    text = (
        "<w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t> new</w:t></w:r></w:ins>"
    )
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc>" for word in "ab")
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    section = read(docx([("Normal", text), ("xml", table)])).sections[0]

    assert section.text == "kept new\n\na\tb"
    assert section.blocks[1].kind == "row"


def test_footnotes_stand_at_the_end_with_their_numbers() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    note = "<w:p><w:r><w:t>See the log.</w:t></w:r></w:p>"
    notes = f'<w:footnotes {space}><w:footnote w:id="7">{note}</w:footnote></w:footnotes>'
    text = '<w:r><w:t>It was so.</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
    section = read(docx([("Normal", text)], extra={"word/footnotes.xml": notes})).sections[0]

    assert section.text == "It was so.1\n\nSee the log."
    assert (section.blocks[1].kind, section.blocks[1].number) == ("note", 1)
    assert [(mark.kind, mark.target) for mark in section.blocks[0].marks] == [("note", "0:13:25"), ("sup", "")]


def test_a_word_document_without_a_body_is_damaged_and_one_without_words_empty() -> None:
    with pytest.raises(DamagedBook):
        read(zipped({"word/document.xml": "<x/>"}))
    with pytest.raises(DamagedBook, match="nothing of its text"):
        read(document("<w:sdt><w:sdtContent>" * 2_000 + paragraph("x") + "</w:sdtContent></w:sdt>" * 2_000))
    with pytest.raises(EmptyBook):
        read(docx([("Normal", " ")]))


# --- Headings and lists -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Heading1", "heading 1"),
        ("1", "标题 1"),
        ("berschrift1", "Überschrift 1"),
        ("Titre1", "Titre 1"),
        ("x", "見出し 1"),
    ],
)
def test_a_heading_is_one_in_every_language(key: str, name: str) -> None:
    book = read(document(paragraph("One", style=key) + paragraph("Words."), styles=style(key, name)))

    assert blocks(book) == [("h", "One"), ("p", "Words.")]


def test_a_style_is_a_heading_when_the_style_below_it_is_one_or_says_its_outline_level() -> None:
    styles = style("Chapter", "Chapter", based="Heading2") + HEADINGS
    styles += style("Part", "Part", inside='<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
    styles += style("Loop", "Loop", based="Pool") + style("Pool", "Pool", based="Loop")
    body = paragraph("I", style="Part") + paragraph("One", style="Chapter") + paragraph("Words.", style="Loop")
    body += paragraph("Two", properties='<w:outlineLvl w:val="1"/>')
    book = read(document(body, styles=styles))

    assert [(entry.title, entry.depth) for entry in book.contents] == [("I", 0), ("One", 1), ("Two", 1)]


def test_the_title_of_all_is_no_chapter() -> None:
    body = paragraph("The Sea", style="Title") + paragraph("One", style="Heading1") + paragraph("Words.")
    book = read(document(body, styles=style("Title", "Title") + HEADINGS))

    assert (book.title, [entry.title for entry in book.contents]) == ("The Sea", ["One"])


def test_chapters_that_their_author_only_made_bold_are_found() -> None:
    centred = '<w:jc w:val="center"/>'
    chapter = "".join(
        paragraph(f"第{number}章 灯塔之{number}", properties=centred) + paragraph("夜里起了大风。" * 60) * 4
        for number in "一二三"
    )
    book = read(document(paragraph("灯塔") + chapter))

    assert [entry.title for entry in book.contents] == ["第一章 灯塔之一", "第二章 灯塔之二", "第三章 灯塔之三"]
    assert [block.kind for block in book.sections[-1].blocks] == ["h", "p", "p", "p", "p"]
    assert not read(document(paragraph("Words about chapter 1 of a book.") * 3)).contents


def test_numbers_of_headings_are_written_as_the_author_sees_them() -> None:
    numbering = lists(
        level(0, "chineseCountingThousand", "第%1章", '<w:pStyle w:val="Heading1"/>'),
        level(1, "decimal", "%1.%2", '<w:isLgl/><w:pStyle w:val="Heading2"/>'),
    )
    linked = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    styles = style("Heading1", "heading 1", inside=linked) + style("Heading2", "heading 2", inside=linked)
    chapters = "".join(
        paragraph(f"Chapter {n}", style="Heading1") + paragraph("Part", style="Heading2") * 2 for n in range(12)
    )
    found = [text for _, text in blocks(read(document(chapters, styles=styles, numbering=numbering)))]

    assert found[:4] == ["第一章 Chapter 0", "1.1 Part", "1.2 Part", "第二章 Chapter 1"]
    assert found[-3:] == ["第十二章 Chapter 11", "12.1 Part", "12.2 Part"]


def test_lists_count_as_word_counts_them() -> None:
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/>'
        "</w:lvlOverride></w:num>"
    )
    numbering = lists(
        level(0, "decimal", "%1."), level(1, "lowerLetter", "%2)"), level(2, "upperRoman", "%1.%2.%3"), more=more
    )
    body = item("one") + item("a", level=1) + item("b", level=1) + item("deep", level=2) + item("two")
    body += item("again a", level=1) + item("seven", number="2") + item("eight", number="1") + item("-", number="9")
    section = read(document(body, numbering=numbering)).sections[0]

    assert [section.text[block.start : block.end] for block in section.blocks] == [
        "one", "a) a", "b) b", "1.b.I deep", "two", "a) again a", "seven", "eight", "-"]  # fmt: skip
    assert [block.number for block in section.blocks if block.kind == "oli"] == [1, 2, 7, 8]


def test_a_list_that_begins_below_nought_is_labelled_in_the_text() -> None:
    numbering = lists(level(0, "decimal", "%1.")).replace('<w:start w:val="1"/>', '<w:start w:val="-1"/>')
    book = read(document(item("cellar") + item("ground") + item("first"), numbering=numbering))

    assert blocks(book) == [("p", "-1. cellar"), ("oli", "ground"), ("oli", "first")]


def test_bullets_are_items_and_an_empty_paragraph_shows_no_label() -> None:
    numbering = lists(level(0, "bullet", "\uf0b7"), level(1, "decimal", "%1.%2"))
    book = read(document(item("one") + item(" ", level=1) + item("two"), numbering=numbering))

    assert blocks(book) == [("li", "one"), ("li", "two")]


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (4, "lowerRoman", "iv"), (1999, "upperRoman", "MCMXCIX"), (27, "lowerLetter", "aa"), (3, "upperLetter", "C"),
        (10, "chineseCounting", "十"), (15, "chineseCounting", "十五"), (20, "chineseCountingThousand", "二十"),
        (305, "chineseCountingThousand", "三百零五"), (1010, "chineseCountingThousand", "一千零一十"),
        (12, "chineseLegalSimplified", "壹拾贰"), (2, "ideographTraditional", "乙"), (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"), (5, "decimalZero", "05"), (22, "ordinal", "22nd"), (13, "ordinal", "13th"),
        (21, "cardinalText", "Twenty-one"), (42, "ordinalText", "Forty-second"), (30, "ordinalText", "Thirtieth"),
        (12, "decimalFullWidth", "１２"), (6, "chicago", "††"), (7, "unknown", "7"), (0, "upperRoman", "0"),
    ],
)  # fmt: skip
def test_a_number_is_written_in_its_format(number: int, form: str, text: str) -> None:
    assert numeral(number, form) == text


# --- What is the text and what is not -----------------------------------------------------------


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next_one() -> None:
    gone = '<w:rPr><w:del w:id="1" w:author="x"/></w:rPr>'
    body = paragraph("One, ", properties=gone) + paragraph("two.", style="Heading1")
    body += (
        "<w:p><w:moveFrom><w:r><w:t>old</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>new</w:t></w:r></w:moveTo></w:p>"
    )

    assert blocks(read(document(body, styles=HEADINGS))) == [("h", "One, two."), ("p", "new")]


def test_hidden_words_and_placeholders_are_not_the_text_and_dropped_capitals_join_their_word() -> None:
    control = (
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{paragraph('Click here')}</w:sdtContent></w:sdt>"
    )
    drop = paragraph("O", properties='<w:framePr w:dropCap="drop" w:lines="3"/>')
    body = control + drop + paragraph("nce upon a time" + "") + paragraph(run("seen") + run("hidden", "<w:vanish/>"))

    assert words(body) == "Once upon a time\n\nseen"


def test_the_contents_that_word_made_are_left_out_and_a_lost_end_loses_no_chapter() -> None:
    entry = paragraph(run("One") + "<w:r><w:tab/></w:r>" + run("7"), style="TOC1")
    listed = paragraph(
        sign("begin") + '<w:r><w:instrText>TOC \\o "1-3" \\h</w:instrText></w:r>' + sign("separate") + run("x")
    )
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    control = f"<w:sdt>{gallery}<w:sdtContent>{paragraph('Contents')}{entry}</w:sdtContent></w:sdt>"
    chapter = paragraph("One", style="Heading1") + paragraph("Words.")
    styles = HEADINGS + style("TOC1", "toc 1")

    assert words(control + chapter, styles=styles) == "One\n\nWords."
    assert words(listed + entry + paragraph(sign("end")) + chapter, styles=styles) == "One\n\nWords."
    assert words(listed + entry + chapter + paragraph(sign("end")), styles=styles) == "One\n\nWords."
    assert words(listed + entry + chapter, styles=styles).endswith("One\n\nWords.")


def test_of_two_versions_of_a_drawing_one_is_read() -> None:
    box = f"<w:txbxContent>{paragraph('In the box')}{paragraph('and more')}</w:txbxContent>"
    new = f'<mc:Choice Requires="wps"><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>'
    old = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    body = paragraph(f"{run('Before')}<w:r><mc:AlternateContent>{new}{old}</mc:AlternateContent></w:r>{run(' after')}")

    assert words(body) == "Before after\n\nIn the box\n\nand more"
    assert words(body.replace(new, '<mc:Choice Requires="x"/>')) == "Before after\n\nIn the box\n\nand more"


def test_tabs_breaks_hyphens_and_signs_become_characters() -> None:
    body = paragraph(
        run("a") + "<w:r><w:tab/></w:r>" + run("b") + "<w:r><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>"
        '<w:r><w:softHyphen/><w:t>e</w:t><w:sym w:font="Symbol" w:char="F061"/>'
        '<w:sym w:font="Wingdings" w:char="F0FC"/>'
        '<w:br w:type="page"/></w:r>'
    )

    assert words(body) == "a b\nc\u2011d\u00adeα✓"


def test_fields_show_their_results_and_links_lead_on() -> None:
    body = paragraph("<w:bookmarkStart w:id='0' w:name='here'/>" + run("Place"))
    body += paragraph(
        field('HYPERLINK "https://example.org/a"', run("outside"))
        + run(" ")
        + '<w:hyperlink w:anchor="here">' + run("in") + run("side", "<w:b/>") + "</w:hyperlink>"
        + run(" ") + field("REF here \\h", run("ref")) + run(" ") + field("PAGE", run("7"))
        + '<w:hyperlink r:id="bad">' + run("!") + "</w:hyperlink>"
        + '<w:fldSimple w:instr="SEQ Figure">' + run("3") + "</w:fldSimple>"
    )  # fmt: skip
    book = read(document(body, relations=[("bad", "hyperlink", "javascript:alert(1)")]))

    assert book.sections[0].text == "Place\n\noutside inside ref 7!3"
    assert [mark for mark in marked(book, 1) if mark[0] == "link"] == [
        ("link", "outside", "https://example.org/a"), ("link", "inside", "0:0"), ("link", "ref", "0:0")]  # fmt: skip


def test_runs_that_look_alike_are_one_mark() -> None:
    styles = style("Strong", "Strong", kind="character", inside="<w:rPr><w:b/></w:rPr>")
    body = paragraph(
        run("Old", "<w:b/>") + run(" Mar", "<w:b/><w:i/>") + run("ten", '<w:rStyle w:val="Strong"/>')
        + run(" not", '<w:rStyle w:val="Strong"/><w:b w:val="0"/>') + run(" x", '<w:u w:val="single"/><w:dstrike/>')
    )  # fmt: skip

    assert marked(read(document(body, styles=styles))) == [
        ("strong", "Old Marten", ""), ("em", " Mar", ""), ("strike", " x", ""), ("under", " x", "")]  # fmt: skip


def test_a_reading_stands_above_its_word() -> None:
    ruby = "<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>"
    body = paragraph(run("又") + ruby.format(run("ひと"), run("人")) + ruby.format(run("ひと"), run("人")))
    book = read(document(body))

    assert book.sections[0].text == "又人人"
    assert marked(book) == [("ruby", "人", "ひと"), ("ruby", "人", "ひと")]


def test_a_formula_is_text_and_a_tree() -> None:
    half = "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2x</m:t></m:r></m:den></m:f>"
    book = read(document(paragraph(run("Half: ") + f"<m:oMath>{half}</m:oMath>" + run(" it is"))))

    assert book.sections[0].text == "Half: 12x it is"
    assert marked(book) == [
        ("math", "12x", '["mfrac",["mrow",["mn","1"]],["mrow",["mn","2"],["mi","x"]]]')]  # fmt: skip


def test_lines_of_code_stand_together_and_quotations_apart() -> None:
    styles = style("Code", "Source Code") + style("Quote", "Quote") + style("Caption", "caption")
    body = paragraph("if a:", style="Code") + paragraph("    b", style="Code") + paragraph("So.", style="Quote")
    body += paragraph("Figure 1", style="Caption", properties='<w:jc w:val="center"/>')
    book = read(document(body, styles=styles))

    assert blocks(book) == [("pre", "if a:\n    b"), ("quote", "So."), ("caption", "Figure 1")]
    assert book.sections[0].blocks[2].align == "center"


# --- Notes --------------------------------------------------------------------------------------


def test_notes_are_numbered_in_their_order_and_lead_there_and_back() -> None:
    def refer(kind: str, key: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{key}"/></w:r>'

    own = "<w:r><w:footnoteRef/></w:r>"
    feet = f'<w:footnote w:id="0" w:type="separator">{paragraph("-")}</w:footnote>'
    feet += (
        f'<w:footnote w:id="5">{paragraph("Second.")}</w:footnote><w:footnote w:id="4">{paragraph(own + run(" First"))}'
    )
    feet += f'{paragraph("goes on.")}</w:footnote><w:footnote w:id="9">{paragraph("Nobody asks.")}</w:footnote>'
    ends = f'<w:endnote w:id="4">{paragraph("At the end.")}</w:endnote>'
    body = paragraph(
        run("A") + refer("footnote", 4) + run(" b") + refer("footnote", 5) + run(" c") + refer("endnote", 4)
    )
    custom = '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="9"/><w:t>*</w:t></w:r>'
    book = read(document(body, footnotes=feet, endnotes=ends))

    assert blocks(book) == [
        ("p", "A1 b2 ci"), ("note", "1 First"), ("note", "goes on."), ("note", "Second."),
        ("note", "At the end.")]  # fmt: skip
    assert [block.number for block in book.sections[0].blocks if block.kind == "note"] == [1, 0, 1, 1]
    assert [mark for mark in marked(book) if mark[0] == "note"] == [
        ("note", "1", "0:10:27"), ("note", "2", "0:29:36"), ("note", "i", "0:38:49")]  # fmt: skip
    assert marked(book, 1) == [("link", "1", "0:1")]
    assert words(paragraph(run("A") + custom), footnotes=feet) == "A*\n\nNobody asks."


# --- Tables -------------------------------------------------------------------------------------


def test_tables_keep_their_headers_and_joined_cells() -> None:
    wide, top, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        [cell("Name", wide), cell("Year")],
        [cell("Ann", top), cell("Lee"), cell("1801")],
        [cell("", on), cell(paragraph("Ray") + paragraph("Moe")), cell("1802")],
        header=True,
    )
    book = read(document(body + paragraph("After.")))

    assert book.sections[0].text == "Name\tYear\n\nAnn\tLee\t1801\n\nRay\nMoe\t1802\n\nAfter."
    assert [block.number for block in book.sections[0].blocks] == [1, 0, 0, 0]
    assert marked(book, 0) == [("cell", "Name", "h2x1"), ("cell", "Year", "h")]
    assert marked(book, 1) == [("cell", "Ann", "1x2")]


def test_a_table_in_a_cell_and_a_table_that_lays_out_a_page() -> None:
    inner = table([cell("x"), cell("y")])
    framed = table([cell(paragraph("One", style="Heading1") + paragraph("Words."))])

    assert words(table([cell("a"), cell(paragraph("b") + inner)])) == "a\tb\nx\ny"
    assert blocks(read(document(framed, styles=HEADINGS))) == [("h", "One"), ("p", "Words.")]


# --- Pictures -----------------------------------------------------------------------------------


def test_pictures_are_numbered_once_and_a_large_one_in_front_is_the_cover() -> None:
    relations = [("a", "image", "media/a.png"), ("b", "image", "/word/media/b.png"),
                 ("c", "image", "https://x.org/c.png"),
                 ("d", "image", "media/d.emf")]  # fmt: skip
    files = {"word/media/a.png": png(), "word/media/b.png": png(50), "word/media/d.emf": b"\1\0\0\0"}
    body = paragraph(drawing("a", label="The harbour", high=5_000_000)) + paragraph(
        run("See ") + drawing("b") + drawing("a")
    )
    body += paragraph(drawing("c") + drawing("d") + drawing("nowhere"))
    book = read(document(body, relations=relations, files=files))

    assert [(original.number, original.name) for original in book.originals] == [
        (0, "word/media/a.png"), (1, "word/media/b.png")]  # fmt: skip
    assert (book.cover, book.sections[0].blocks[0].label) == (0, "The harbour")
    assert [mark[2] for mark in marked(book, 1)] == ["1", "0"]
    assert list(book.warnings) == ["Some pictures of this document are of a kind that no browser shows (EMF, WMF)."]
    assert book.originals[0].read() == png()


# --- The document as a whole --------------------------------------------------------------------


def test_the_document_says_who_and_what_it_is() -> None:
    core = (
        "<dc:title>The Sea</dc:title><dc:creator>Ann Lee; python-docx;Bo Ray</dc:creator>"
        "<dc:language>de-DE</dc:language>"
        "<dc:subject>sea; ships</dc:subject><dc:description>About.</dc:description>"
        "<dcterms:created>2021-03-09T10:00:00Z</dcterms:created>"
    )
    book = read(document(paragraph("Der Hafen und die See."), core=core))

    assert (book.title, list(book.authors), book.language) == ("The Sea", ["Ann Lee", "Bo Ray"], "de-DE")
    assert book.details == {"description": "About.", "date": "2021-03-09", "subjects": ["sea", "ships"]}


def test_paragraphs_from_the_right_make_a_book_from_the_right() -> None:
    right = paragraph("كان البحر هادئا", properties='<w:bidi/><w:jc w:val="right"/>')
    book = read(document(right * 3 + paragraph("One.", properties='<w:jc w:val="right"/>')))

    assert book.details["direction"] == "rtl"
    assert [block.align for block in book.sections[0].blocks] == ["", "", "", "right"]


def test_the_strict_variant_and_a_main_part_of_another_name_open() -> None:
    body = document(paragraph("One", style="Heading1") + paragraph("Words."), styles=HEADINGS)
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    names = ((old + b"wordprocessingml/2006/main", new + b"wordprocessingml/main"),
             (old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships"))  # fmt: skip

    def strict(data: bytes) -> bytes:
        for before, after in names:
            data = data.replace(before, after)
        return data

    members = {name: strict(data) for name, data in unpacked(body).items()}
    renamed = {name.replace("word/document.xml", "word/document2.xml"): data for name, data in members.items()}

    for found in (members, renamed):
        assert blocks(read(zipped(found))) == [("h", "One"), ("p", "Words.")]


def unpacked(body: bytes) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("part", "warning"),
    [
        ("word/styles.xml", "The styles of this document are damaged; headings may be missing."),
        ("word/numbering.xml", "The numbers of this document's lists are damaged and left out."),
        ("word/footnotes.xml", "The notes of this document are damaged and left out."),
        ("word/document.xml", "This document is damaged; what could be saved of it is shown."),
    ],
)
def test_a_damaged_part_costs_what_is_in_it_and_nothing_else(part: str, warning: str) -> None:
    note = f'<w:footnote w:id="1">{paragraph("A note.")}</w:footnote>'
    refer = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    whole = document(paragraph("One", style="Heading1") + paragraph(run("Words.") + refer) + paragraph("End."),
                     styles=HEADINGS, numbering=lists(level(0, "decimal", "%1.")), footnotes=note)  # fmt: skip
    members = unpacked(whole)
    members[part] = members[part][:-40]
    book = read(zipped(members))

    assert list(book.warnings) == [warning]
    assert "Words." in book.sections[0].text


def test_the_same_document_gives_the_same_book_each_time() -> None:
    body = document(paragraph(run("Old", "<w:b/><w:i/><w:u w:val='single'/>")) + table([cell("a"), cell("b")]))

    assert read(body) == read(body)


@pytest.mark.parametrize("size", [100, 150_000])
def test_deep_nesting_and_endless_runs_end(size: int) -> None:
    deep = "<w:sdt><w:sdtContent>" * 60 + paragraph("Deep.") + "</w:sdtContent></w:sdt>" * 60
    nested = "<w:tbl><w:tr><w:tc>" * 40 + paragraph("In.") + "</w:tc></w:tr></w:tbl>" * 40
    runs = "<w:p>" + "".join(f"<w:r><w:t>{n * 2654435761 % 2**32:x}</w:t></w:r>" for n in range(size)) + "</w:p>"
    began = time.process_time()
    text = words(deep + nested + runs)

    assert text.startswith("Deep.\n\nIn.\n\n0")
    assert len(text) > size
    assert time.process_time() - began < 20
