"""Links and notes after all sections are there: every one leads to a place, or is plain text."""

import time

from books.formats.division import Piece
from books.formats.links import Anchors, settled
from books.formats.parsed import Block, Mark, ParsedSection


def section(*paragraphs: tuple[str, str] | tuple[str, str, int], marks: tuple[Mark, ...] = ()) -> ParsedSection:
    """Return a section of (kind, text, number); `marks` are those of its first block."""
    blocks: list[Block] = []
    text = ""
    for kind, words, *number in paragraphs:
        text += "\n\n" if text else ""
        blocks.append(Block(kind, len(text), len(text) + len(words), number=number[0] if number else 0))
        text += words
    blocks[0] = Block(blocks[0].kind, 0, blocks[0].end, marks=marks)
    return ParsedSection("", text, tuple(blocks))


def links(*sections: ParsedSection, **places: tuple[int, int]) -> list[tuple[str, str]]:
    """Return (kind, target) of the marks of the first section's first block."""
    anchors = Anchors()
    for name, place in places.items():
        anchors.put(name, *place)
    return [(mark.kind, mark.target) for mark in settled(sections, anchors)[0].blocks[0].marks]


def test_a_link_leads_to_its_place_or_is_plain_text() -> None:
    marks = (
        Mark("link", 0, 1, "#x"), Mark("link", 0, 1, "#lost"), Mark("link", 0, 1, "javascript:x"),
        Mark("link", 0, 1, "https://example.org/"), Mark("em", 0, 1),
    )  # fmt: skip

    assert links(section(("p", "ab"), marks=marks), section(("p", "cd")), x=(1, 1)) == [
        ("link", "1:1"), ("link", "https://example.org/"), ("em", ""),
    ]  # fmt: skip


def test_a_note_is_all_its_paragraphs_wherever_in_it_the_anchor_stands() -> None:
    text = section(("p", "ab1"), marks=(Mark("note", 2, 3, "#n"),))
    notes = section(("note", "First.", 1), ("note", "More."), ("quote", "q"), ("note", "Last."), ("note", "Next.", 1))

    for start in (0, 3, 8):
        assert links(text, notes, n=(1, start)) == [("note", "1:0:23")]
    assert links(text, notes, n=(1, 25)) == [("note", "1:25:30")]


def test_a_sign_that_leads_to_a_paragraph_that_begins_with_it_is_a_note() -> None:
    text = section(("p", "ab[1]"), marks=(Mark("link", 2, 5, "#n"),))

    assert links(text, section(("p", "[1] The note.")), n=(1, 0)) == [("note", "1:0:13")]
    assert links(text, section(("p", "1. The note.")), n=(1, 3)) == [("note", "1:0:12")]
    assert links(text, section(("note", "The note.", 1)), n=(1, 0)) == [("note", "1:0:9")]


def test_a_sign_that_leads_elsewhere_is_a_link() -> None:
    text = section(("p", "ab[1]"), marks=(Mark("link", 2, 5, "#n"),))

    assert links(text, section(("p", "The page that an index names.")), n=(1, 0)) == [("link", "1:0")]
    assert links(text, section(("p", "12 men on a chest.")), n=(1, 0)) == [("link", "1:0")]
    assert links(text, section(("p", "A long paragraph that [1] refers.")), n=(1, 22)) == [("link", "1:22")]  # back


def test_a_note_that_leads_to_a_heading_is_a_link() -> None:
    text = section(("p", "ab1"), marks=(Mark("note", 2, 3, "#n"),))

    assert links(text, section(("h", "1"), ("p", "c")), n=(1, 0)) == [("link", "1:0")]


def test_of_several_notes_in_one_paragraph_one_line_is_shown() -> None:
    text = section(("p", "ab2"), marks=(Mark("note", 2, 3, "#n"),))
    lines = section(("p", "1 The first of the notes.\n2 The second.\n3 The third."))

    assert links(text, lines, n=(1, 26)) == [("note", "1:26:39")]


def test_ten_thousand_links_to_one_endless_note_take_a_moment() -> None:
    notes = section(*(("note", "x", int(n == 0)) for n in range(15_000)))
    marks = tuple(Mark("note", 0, 1, f"#n{n}") for n in range(10_000))
    anchors = Anchors()
    anchors.add({f"n{n}": 3 * n for n in range(10_000)}, [Piece(notes, 0)], first_section=1)

    began = time.process_time()
    settled([section(("p", "a"), marks=marks), notes], anchors)

    assert time.process_time() - began < 5
