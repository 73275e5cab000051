"""Text written block by block, and divided into sections: nothing is lost, and every mark stays on its characters."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from books.formats.division import Heading, divide, entries
from books.formats.parsed import LONGEST_BLOCK, Mark
from books.formats.writer import MOST_MARKS, Writer


def writer(*paragraphs: str) -> Writer:
    """Return a writer with these paragraphs; "[7]" is a picture."""
    found = Writer()
    for words in paragraphs:
        found.start("p")
        if words.startswith("["):
            found.picture(int(words.strip("[]")))
        else:
            found.write(words)
    found.finish()
    return found


def shown(pieces: list[Any]) -> list[list[str]]:
    """Return, for each section, its paragraphs, a picture as "[7]"."""
    return [
        [
            f"[{block.target}]" if block.kind == "img" else piece.section.text[block.start : block.end]
            for block in piece.section.blocks
        ]
        for piece in pieces
    ]


def test_pictures_between_two_chapters_are_not_lost() -> None:
    written = writer("[1]", "One", "a " * 4000, "[2]", "Two", "b " * 4000, "[3]")
    marks = [Heading("One", 0), Heading("Two", written.text.index("Two"))]

    assert shown(divide(written, marks)) == [
        ["[1]", "One", ("a " * 4000).strip(), "[2]"], ["Two", ("b " * 4000).strip(), "[3]"],
    ]  # fmt: skip


def test_a_stretch_of_pictures_alone_goes_on_with_what_follows() -> None:
    written = writer("a " * 4000, "[1]", "[2]", "Two", "b")
    pieces = divide(written, [Heading("Plates", written.length - 9), Heading("Two", written.text.index("Two"))])

    assert [text for section in shown(pieces) for text in section][1:] == ["[1]", "[2]", "Two", "b"]


def test_a_heading_leads_to_where_it_is_now() -> None:
    written = writer("One", "a " * 4000, "Two", "b " * 4000)
    two = written.text.index("Two")
    pieces = divide(written, [Heading("One", 0), Heading("Two", two)])

    assert [(e.section, e.start) for e in entries([Heading("x", two), Heading("y", two + 5)], pieces)] == [
        (1, 0),
        (1, 5),
    ]


def test_a_paragraph_that_is_cut_keeps_its_marks_and_says_once_that_it_is_a_note() -> None:
    found = Writer()
    found.start("note", number=1, label="7")
    found.write("x" * (LONGEST_BLOCK - 2))
    found.open_mark("math", '["mi","xxxx"]')
    found.open_mark("em")
    found.write("x" * 4)
    found.close_mark()
    found.close_mark()
    found.finish()

    assert [(block.number, block.label, block.marks) for block in found.blocks] == [
        (1, "7", (Mark("em", LONGEST_BLOCK - 2, LONGEST_BLOCK),)),
        (0, "", (Mark("em", LONGEST_BLOCK, LONGEST_BLOCK + 2),)),
    ]  # half a formula would say something else


def test_two_pictures_at_one_place_keep_their_order() -> None:
    found = Writer()
    found.write("x")
    for number in (10, 9, 100):
        found.picture(number)
    found.finish()

    assert [mark.target for mark in found.blocks[0].marks] == ["10", "9", "100"]


def test_a_block_has_only_so_many_marks_and_one_kind_is_open_once() -> None:
    found = Writer()
    for _ in range(3 * MOST_MARKS):
        found.open_mark("em")
        found.open_mark("em")
        found.write("x ")
        found.close_mark()
        found.close_mark()
    found.finish()

    assert len(found.blocks[0].marks) == MOST_MARKS
    assert len(found.text) == 6 * MOST_MARKS - 1


_CALLS = st.one_of(
    st.tuples(st.just("write"), st.text(alphabet="ab \t\n\u3000é\u0301𠮷👍\u00ad\x00", max_size=8)),
    st.tuples(st.just("start"), st.sampled_from(["p", "h", "pre", "row", "note", "li", "verse"])),
    st.tuples(st.just("open_mark"), st.sampled_from(["em", "strong", "link", "cell", "math", "lang"])),
    st.tuples(st.sampled_from(["close_mark", "line_break", "tab", "rule", "close"]), st.none()),
    st.tuples(st.just("picture"), st.integers(0, 3)),
    st.tuples(st.just("anchor"), st.text(alphabet="xyz", min_size=1, max_size=2)),
)


def replayed(calls: list[tuple[str, Any]]) -> Writer:
    """Return a writer after these calls."""
    found = Writer()
    opened = 0
    for name, value in calls:
        if name == "close_mark":
            if not opened:
                continue
            opened -= 1
        opened += name == "open_mark"
        getattr(found, name)(*([] if value is None else [value]))
    found.finish()
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(_CALLS, max_size=60))
def test_whatever_is_written_blocks_and_marks_lie_inside_the_text_in_order(calls: list[tuple[str, Any]]) -> None:
    found = replayed(calls)
    end = 0
    for block in found.blocks:
        assert end <= block.start <= block.end <= len(found.text)
        assert all(block.start <= mark.start <= mark.end <= block.end for mark in block.marks)
        assert all(mark.start < mark.end or mark.kind in {"img", "cell"} for mark in block.marks)
        assert found.text[end : block.start].strip("\n") == ""
        end = block.end
    assert all(0 <= at <= len(found.text) for at in found.anchors.values())
    assert {value for name, value in calls if name == "anchor"} == set(found.anchors)
    assert found.blocks == replayed(calls).blocks
