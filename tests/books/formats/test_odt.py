"""OpenDocument texts, packed and flat."""

import io
from collections.abc import Callable

import pytest

from books.errors import DamagedBook, EmptyBook, LockedBook
from books.formats.parsed import ParsedBook, ParsedSection
from books.formats.registry import parse
from books.formats.sources import Source
from tests.books_made import zipped
from tests.made.odts import BOLD, COUNTED, MIME, NAMES, fodt, h, odt, p, tale

PNG = b"\x89PNG\r\n\x1a\n and so on"


def read(body: bytes) -> ParsedBook:
    return parse(Source(io.BytesIO(body), suffix=".odt"), lambda done, total: None)


def rows(part: ParsedSection) -> list[tuple[str, str]]:
    return [(block.kind, part.text[block.start : block.end]) for block in part.blocks]


def marked(part: ParsedSection, kind: str) -> list[tuple[str, str]]:
    marks = [mark for block in part.blocks for mark in block.marks if mark.kind == kind]
    return [(part.text[mark.start : mark.end], mark.target) for mark in marks]


@pytest.mark.parametrize("make", [odt, fodt])
def test_headings_are_contents_and_the_document_says_who_wrote_it(make: Callable[[str], bytes]) -> None:
    book = read(make(h("Part") + h("Day", 2) + p("It was light.") + h("Night", 2) + p("It was dark.")))

    assert (book.format, book.title, list(book.authors), book.language) == ("odt", "The Sea", ["Anna Grey"], "en-GB")
    assert [(entry.title, entry.depth) for entry in book.contents] == [("Part", 0), ("Day", 1), ("Night", 1)]
    assert book.details == {"description": "Of a lamp."}


def test_styles_make_words_bold_through_their_parents() -> None:
    text = 'So <text:span text:style-name="T1">very</text:span> old<text:span text:style-name="T2">2</text:span>'
    part = read(odt(p(text), styles=BOLD)).sections[0]

    assert part.text == "So very old2"
    assert (marked(part, "strong"), marked(part, "em"), marked(part, "sup")) == (
        [("very", "")], [("very", ""), ("2", "")], [("2", "")],
    )  # fmt: skip


def test_spaces_tabs_and_line_breaks_are_written_out() -> None:
    part = read(odt(p('a<text:s text:c="3"/>b<text:tab/>c<text:line-break/>d<text:soft-page-break/>e'))).sections[0]

    assert part.text == "a b c\nde"


def test_quotations_and_code_are_told_by_their_styles() -> None:
    styles = '<style:style style:name="P9" style:parent-style-name="Preformatted_20_Text"/>'
    code = p('if x:<text:line-break/><text:s text:c="4"/>y', "P9")
    part = read(odt(p("Quiet.", "Quotations") + code, styles=styles)).sections[0]

    assert rows(part) == [("quote", "Quiet."), ("pre", "if x:\n    y")]


def test_lists_have_their_numbers_and_their_depth() -> None:
    inner = f"<text:list><text:list-item>{p('inner')}</text:list-item></text:list>"
    items = (
        f"<text:list-item>{p('one')}{p('and more')}{inner}</text:list-item><text:list-item>{p('two')}</text:list-item>"
    )
    part = read(odt(f'<text:list text:style-name="L1">{items}</text:list>', styles=COUNTED)).sections[0]

    assert [(block.kind, block.level, block.number) for block in part.blocks] == [
        ("oli", 1, 3), ("p", 0, 0), ("li", 2, 0), ("oli", 1, 4),
    ]  # fmt: skip
    assert rows(part)[2] == ("li", "inner")


def test_a_table_keeps_its_cells_and_one_that_lays_out_the_page_does_not() -> None:
    head = _row(_cell("ship"), _cell("crew", columns=2))
    body = _row(_cell("Perpetua"), _cell("19"), _cell("1"))
    facts = f"<table:table><table:table-header-rows>{head}</table:table-header-rows>{body}</table:table>"
    layout = "<table:table>" + _row("<table:table-cell>" + p("One.") * 9 + "</table:table-cell>") + "</table:table>"
    part = read(odt(facts + layout)).sections[0]

    assert rows(part)[:3] == [("row", "ship\tcrew"), ("row", "Perpetua\t19\t1"), ("p", "One.")]
    assert [block.number for block in part.blocks[:2]] == [1, 0]
    assert [target for _, target in marked(part, "cell")] == ["h", "h2x1"]


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(text: str, *, columns: int = 1) -> str:
    covered = "<table:covered-table-cell/>" * (columns - 1)
    return f'<table:table-cell table:number-columns-spanned="{columns}">{p(text)}</table:table-cell>{covered}'


def test_notes_stand_at_the_end_and_are_called_by_marks() -> None:
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        f"{p('See the log.')}{p('It is long.')}</text:note-body></text:note>"
    )
    part = read(odt(p(f"It was so{note}, always{note.replace('>1<', '>2<')}.") + p("After."))).sections[0]

    assert part.text.startswith("It was so1, always2.\n\nAfter.\n\nSee the log.")
    assert [(block.kind, block.number) for block in part.blocks[2:]] == [("note", 1), ("note", 0)] * 2
    (sign, target), _ = marked(part, "note")
    _, start, end = map(int, target.split(":"))
    assert (sign, part.text[start:end]) == ("1", "See the log.\n\nIt is long.")


def test_deleted_words_and_comments_are_gone_and_inserted_words_there() -> None:
    deleted = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
        f"{p('Gone.')}</text:deletion></text:changed-region></text:tracked-changes>"
    )
    comment = f"<office:annotation>{p('A comment.')}</office:annotation>"
    part = read(odt(f"{deleted}{p('Kept' + comment + '<text:change-start/> new<text:change-end/>.')}")).sections[0]

    assert part.text == "Kept new."


def test_links_lead_to_bookmarks_and_to_other_sites() -> None:
    link = '<text:a xlink:href="{}">{}</text:a>'
    words = (
        link.format("#here", "on")
        + " "
        + link.format("https://example.org/", "out")
        + " "
        + link.format("file:///x", "bad")
    )
    part = read(odt(p(words) + p('Then <text:bookmark text:name="here"/>here.'))).sections[0]
    (on, target), out = marked(part, "link")

    assert (on, out) == ("on", ("out", "https://example.org/"))
    assert part.text[int(target.split(":")[1]) :] == "here."


def test_pictures_and_text_boxes_stand_where_they_are() -> None:
    image = '<draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:title>a map</svg:title></draw:frame>'
    box = f"<draw:frame><draw:text-box>{p('In a box.')}</draw:text-box></draw:frame>"
    book = read(odt(p(image) + p(f"Before.{box}After.") + p(image), more={"Pictures/a.png": PNG}))
    part = book.sections[0]

    assert [(block.kind, block.target, block.label) for block in part.blocks if block.kind == "img"] == [
        ("img", "0", "a map"), ("img", "0", "a map"),
    ]  # fmt: skip
    assert part.text == "Before.\n\nIn a box.\n\nAfter."
    assert [original.read() for original in book.originals] == [PNG]


def test_a_picture_may_lie_in_the_flat_file_itself() -> None:
    image = "<draw:frame><draw:image><office:binary-data>iVBORw0KGgo=</office:binary-data></draw:image></draw:frame>"
    book = read(fodt(p("Words.") + p(image)))

    assert [original.read() for original in book.originals] == [b"\x89PNG\r\n\x1a\n"]
    assert book.sections[0].text == "Words."


def test_a_flat_file_may_name_many_namespaces_before_its_kind() -> None:
    many = " ".join(f'xmlns:n{number}="urn:{"x" * 100}:{number}"' for number in range(60))
    body = fodt(p("Words.")).replace(b"<office:document ", f"<office:document {many} ".encode())

    assert read(body).format == "odt"


def test_a_document_with_a_password_is_locked() -> None:
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    locked = f"<manifest:manifest {NAMES}>{entry}</manifest:manifest>"
    with pytest.raises(LockedBook, match="password"):
        read(odt(p("Words."), more={"META-INF/manifest.xml": locked}))


def test_damaged_and_empty_documents_are_told_apart_and_lost_styles_are_told() -> None:
    with pytest.raises(DamagedBook):
        read(zipped({"mimetype": MIME, "content.xml": "<x/>"}))
    with pytest.raises(EmptyBook):
        read(odt(p(" ")))

    assert len(read(odt(p("Words."), more={"styles.xml": "", "meta.xml": ""})).warnings) == 2


def test_comments_in_the_markup_are_nowhere_in_the_way() -> None:
    meta = f"<office:document-meta {NAMES}><office:meta><!-- a --><dc:title>A<!-- b -->B</dc:title></office:meta>"
    book = read(odt(p("One<!-- c --> two."), more={"meta.xml": f"{meta}</office:document-meta>"}))

    assert (book.title, book.sections[0].text) == ("AB", "One two.")


def test_the_same_file_gives_the_same_book() -> None:
    one, other = read(tale()), read(tale())

    assert (one.head(), one.sections) == (other.head(), other.sections)
