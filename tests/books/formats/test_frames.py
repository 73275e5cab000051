"""The parent trusts nothing of what a parser's child says."""

import io
import json
import struct
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books.errors import BookError, ParserDied, TooDemanding
from books.formats import checked, frames
from books.formats.limits import Limits
from books.formats.parsed import Block, Entry, Mark, Page, ParsedBook, ParsedSection, Picture
from books.formats.received import Received, Unforeseen

TEXT = "Old Marten kept the lighthouse."
BLOCKS = (
    Block("h", 0, 10, 1, (Mark("em", 0, 3), Mark("img", 4, 4, "0", "a lamp"))),
    Block("p", 11, 31, 0, (Mark("link", 11, 15, "0:5"), Mark("note", 16, 19, "0:11:20"))),
    Block("img", 31, 31, target="0", label="a tower"),
)
BOOK = ParsedBook(
    format="epub",
    sections=[ParsedSection("One", TEXT, BLOCKS, ((0, 7),))],
    contents=[Entry("One", 0, 0)],
    title="A tale",
    authors=["A. Writer"],
    details={"publisher": "Nobody", "subjects": ["sea", "lamps"]},
    pages=[Page("iv", 0, 3, 5950, 8420, ((0, 0, 3, 1, 2, 3, 4),))],
    cover=0,
)
PNG = b"\x89PNG\r\n\x1a\n" + b"rest"
PICTURE = Picture(0, sha256(PNG).hexdigest(), "image/png", 3, 4, len(PNG))
SURROGATE = "\ud800"


def frame(kind: bytes, body: Any) -> bytes:
    """Return a frame as a child that is no longer ours could write it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return struct.pack(">cI", kind, len(data)) + data


def picture_frame(data: bytes = PNG, **changes: Any) -> bytes:
    head = {"number": 0, "media_type": "image/png", "width": 3, "height": 4}
    head |= {"digest": sha256(data).hexdigest(), "size": len(data)} | changes
    return frame(frames.PICTURE, json.dumps(head).encode() + b"\n" + data)


def whole(book: ParsedBook = BOOK) -> bytes:
    out = io.BytesIO()
    frames.send_book(out, book)
    frames.send_picture(out, PICTURE, PNG)
    frames.send(out, frames.END, None)
    return out.getvalue()


def receive(data: bytes, *, limits: Limits | None = None, **calls: Callable[..., None]) -> ParsedBook:
    received = Received(limits or Limits(), **calls)
    received.take(data)
    return received.book()


def changed(**parts: Any) -> bytes:
    """Return a book whose head, section or page says something else."""
    head = {**BOOK.head(), **parts.pop("head", {})}
    section = {
        "title": "One",
        "text": TEXT,
        "blocks": [block.as_row() for block in BLOCKS],
        "origins": [],
        **parts.pop("section", {}),
    }
    return frame(frames.HEAD, head) + frame(frames.SECTION, section) + picture_frame() + frame(frames.END, None)


def test_a_book_crosses_the_pipe_unchanged() -> None:
    kept: list[bytes] = []
    book = receive(whole(), keep=lambda picture, data: kept.append(data))

    assert [list(section.blocks) for section in book.sections] == [list(BLOCKS)]
    assert (book.title, book.pages, book.contents, book.cover) == (BOOK.title, BOOK.pages, BOOK.contents, 0)
    assert (book.pictures, kept) == ([PICTURE], [PNG])


@given(st.integers(1, 50))
def test_a_book_comes_in_pieces_of_any_size(size: int) -> None:
    received, data = Received(Limits()), whole()
    for start in range(0, len(data), size):
        received.take(data[start : start + size])

    assert received.is_whole
    assert received.book().sections[0].text == TEXT


NUMBERS: list[Any] = [True, 1.0, -1, 2**31, 10**30, "1", None, [], {}]
MARKS: list[Any] = [1, "em", None, {}, [1], ["em"], [[]], [["em", 0]]]
KINDS_OF_BLOCKS: list[Any] = ["script", "", None, 1, [], {}]
BAD_BLOCKS: list[Any] = [
    *([["p", bad, 5, 0, [], 0]] for bad in NUMBERS if bad != "1"),
    *([["p", 0, bad, 0, [], 0]] for bad in NUMBERS),
    *([["p", 0, 5, bad, [], 0]] for bad in NUMBERS),
    *([["p", 0, 5, 0, [], bad]] for bad in NUMBERS),
    *([["p", 0, 5, 0, bad, 0]] for bad in MARKS),
    *([[bad, 0, 5, 0, [], 0]] for bad in KINDS_OF_BLOCKS),
    *([["p", 0, 5, 0, [[bad, 0, 5]], 0]] for bad in KINDS_OF_BLOCKS),
    *([["p", 0, 5, 0, [["em", bad, 5]], 0]] for bad in NUMBERS),
    *([["p", 0, 5, 0, [["link", 0, 5, bad]], 0]] for bad in
      ["javascript:alert(1)", "data:text/html,x", "0:1:2", "9:0", "0:99", "", "//x", 1, None, [], "0:0\n", "٣:٣"]),
    *([["p", 0, 5, 0, [["note", 0, 5, bad]], 0]] for bad in ["0:5", "0:9:2", "5:0:1", "0:0:99", ""]),
    *([["p", 0, 5, 0, [["img", 0, 0, bad]], 0]] for bad in ["", "x", "-1", "1e3", "9999999", "١"]),
    *([["p", 0, 5, 0, [["lang", 0, 5, bad]], 0]] for bad in ["", "en\n", "en us", "x" * 40]),
    *([["p", 0, 5, 0, [["cell", 0, 5, bad]], 0]] for bad in ["2", "hh", "1x99999"]),
    *([["p", 0, 5, 0, [], 0, bad]] for bad in ["justify", 1, None, []]),
    [["p", 0, 5, 0, [["em", 0, 9]], 0]],
    [["p", 0, 5, 0, [["em", 3, 3]], 0]],
    [["p", 0, 5, 0, [["em", 0, 5, "target"]], 0]],
    [["p", 0, 5, 0, [["ruby", 0, 5, "x" * 3000]], 0]],
    [["p", 0, 9, 0, [], 0], ["p", 5, 12, 0, [], 0]],
    [["p", 0, 99, 0, [], 0]],
    [["img", 0, 0, 0, [], 0, "", ""]],
    [["img", 0, 0, 0, [], 0, "", "0", "x" * 2000]],
    [["p", 0, 5, 0, [], 0, "", "0"]],
    [["p", 0, 5, 0, [], 0, "", "", "", "more"]],
    "p", 1, None, {}, [1], ["p"], [[]],
]  # fmt: skip


@pytest.mark.parametrize("blocks", BAD_BLOCKS)
def test_a_block_of_another_form_is_refused(blocks: Any) -> None:
    with pytest.raises(ParserDied):
        receive(changed(section={"blocks": blocks}))


@pytest.mark.parametrize(
    "head",
    [
        {"contents": [{"title": "x", "section": 1, "start": 0, "depth": 0}]},
        {"contents": [{"title": "x", "section": 0, "start": 99, "depth": 0}]},
        {"contents": [{"title": "x", "section": True, "start": 0, "depth": 0}]},
        {"contents": [{"title": 1, "section": 0, "start": 0, "depth": 0}]},
        {"contents": [{"title": "x", "section": 0, "start": 0, "depth": 10_000}]},
        {"contents": [{"title": "x", "section": 0, "start": 0, "depth": 0}] * 20_001},
        {"contents": {}},
        {"title": None},
        {"authors": "A. Writer"},
        {"authors": [1]},
        {"authors": ["x"] * 51},
        {"details": []},
        {"details": {"x": [[[[[[[1]]]]]]]}},
        {"details": {"x": ["y"] * 50_000}},
        {"details": {"x": 10**40}},
        {"warnings": ["x"] * 101},
        {"warnings": [None]},
        {"scans": [-1]},
        {"scans": [1.5]},
        {"cover": "0"},
        {"cover": True},
        {"cover": -1},
    ],
)
def test_a_head_of_another_form_is_refused(head: dict[str, Any]) -> None:
    with pytest.raises(ParserDied):
        receive(changed(head=head))


@pytest.mark.parametrize("bad", ["\0", SURROGATE, f"\0{SURROGATE}\x01"])
def test_what_no_database_can_hold_does_not_come_through(bad: str) -> None:
    name = f"a{bad}b"
    head: dict[str, Any] = {"title": name, "authors": [name], "language": name, "details": {name: [name, {"x": name}]}}
    head |= {"warnings": [name], "contents": [{"title": name, "section": 0, "start": 0, "depth": 0}]}
    blocks = [["p", 0, 5, 0, [["ruby", 0, 5, name, name], ["img", 1, 1, "0", name]], 0, "", "", name]]
    book = receive(changed(head=head, section={"title": name, "blocks": blocks}))
    said = repr(book)

    assert "\\x00" not in said
    assert "\\ud800" not in said
    assert book.title == "ab"
    with pytest.raises(ParserDied):  # in the text itself every offset after it would be wrong
        receive(changed(section={"text": TEXT + bad, "blocks": []}))


@pytest.mark.parametrize(
    "data",
    [
        picture_frame(media_type="image/svg+xml"),
        picture_frame(media_type="text/html"),
        picture_frame(media_type=None),
        picture_frame(media_type=["image/png"]),
        picture_frame(b"<html>"),
        picture_frame(b"RIFF0000AVI ", media_type="image/webp"),
        picture_frame(digest="0" * 64),
        picture_frame(size=1),
        picture_frame(number=True),
        picture_frame(number=-1),
        picture_frame(width=3.5),
        picture_frame() + picture_frame(),
        frame(frames.PICTURE, b"no line"),
        frame(frames.PICTURE, b"[]\n"),
    ],
)
def test_a_picture_that_is_not_what_it_says_is_refused(data: bytes) -> None:
    with pytest.raises(ParserDied):
        receive(frame(frames.HEAD, BOOK.head()) + data)


def test_there_is_a_limit_to_everything_that_comes() -> None:
    head = frame(frames.HEAD, BOOK.head())
    section = frame(frames.SECTION, {"title": "", "text": "x", "blocks": [], "origins": []})
    page = frame(frames.PAGE, ["1", 0, 0, 0, 0, []])
    for data, limits in [
        (head + section * 50, Limits(output=1000)),
        (head + section + page * 4, Limits(pages=3)),
        (head + picture_frame(PNG + bytes(2000)), Limits(pictures=1000)),
        (struct.pack(">cI", frames.SECTION, 1 << 31), Limits()),
        (struct.pack(">cI", frames.PICTURE, 1 << 31), Limits()),
        (frame(frames.HEAD, b"[" + b"[]," * 1_000_000 + b"[]]"), Limits()),
        (frame(frames.HEAD, b"[" + b"0," * 3_000_000 + b"0]"), Limits()),
    ]:
        with pytest.raises(TooDemanding):
            receive(data, limits=limits)


@pytest.mark.parametrize(
    "data",
    [
        frame(b"?", None),
        frame(frames.HEAD, None),
        frame(frames.HEAD, BOOK.head()) * 2,
        frame(frames.SECTION, b"["),
        frame(frames.SECTION, b"[" * 100_000 + b"]" * 100_000),
        frame(frames.SECTION, b'{"a":' * 100_000),
        frame(frames.RESULT, b"NaN"),
        frame(frames.RESULT, b"[1e999]"),
        frame(frames.RESULT, b"9" * 5000),
        frame(frames.RESULT, "[" * 20 + "]" * 20),
        frame(frames.PROGRESS, [1]),
        frame(frames.PROGRESS, [-1, 2]),
        frame(frames.PROGRESS, ["1", "2"]),
        frame(frames.STAGES, {"ready": "x"}),
        frame(frames.LATE, {}),
        frame(frames.ERROR, {}),
        frame(frames.ERROR, {"code": [], "message": "x", "is_expected": True}),
        frame(frames.ERROR, {"code": "damaged_book", "message": 1, "is_expected": True}),
    ],
)
def test_a_frame_of_another_form_is_refused(data: bytes) -> None:
    if data == frame(frames.RESULT, "[" * 20 + "]" * 20):
        data = frame(frames.RESULT, ("[" * 20 + "]" * 20).encode())
    with pytest.raises(ParserDied):
        receive(data)


def test_an_error_is_one_of_ours_and_short() -> None:
    for code in ("damaged_book", "os_error", "__class__"):
        with pytest.raises(BookError) as refused:
            receive(frame(frames.ERROR, {"code": code, "message": "x" * 10_000 + "\0", "is_expected": True}))
        assert len(str(refused.value)) <= 500
    with pytest.raises(Unforeseen) as unforeseen:
        receive(frame(frames.ERROR, {"code": "x", "message": "y", "is_expected": False}))
    assert unforeseen.value.code == "damaged_book"


def test_an_error_of_the_one_who_keeps_pictures_stays_that_error() -> None:
    def fail(picture: Picture, data: bytes) -> None:
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="the disk is full"):
        receive(whole(), keep=fail)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from([frames.PROGRESS, frames.HEAD, frames.SECTION, frames.PAGE, frames.PICTURE, frames.LATE,
                         frames.RESULT, frames.STAGES, frames.ERROR, frames.END])  # fmt: skip


def survives(data: bytes) -> None:
    """Receive anything: either a book comes out, or one of our errors."""
    received = Received(Limits())
    try:
        received.take(data)
        if received.is_whole and received.has_text:
            received.book()
    except (BookError, ParserDied):
        pass


@given(st.binary(max_size=300))
def test_any_bytes_end_in_an_error_of_ours(data: bytes) -> None:
    survives(data)
    survives(whole()[:-9] + data)


@given(st.lists(st.tuples(KINDS, JSON), max_size=6))
def test_any_json_ends_in_an_error_of_ours(bodies: list[tuple[bytes, Any]]) -> None:
    survives(b"".join(frame(kind, body) for kind, body in bodies))


@given(st.data())
def test_any_change_of_a_good_answer_is_a_book_or_an_error_of_ours(data: st.DataObject) -> None:
    """Put any JSON in any place of a good head, section or page."""
    section = {"title": "", "text": TEXT, "blocks": [block.as_row() for block in BLOCKS], "origins": [[0, 0]]}
    page = ["iv", 0, 3, 5950, 8420, [[0, 0, 3, 1, 2, 3, 4]]]
    bodies: list[tuple[bytes, Any]] = [(frames.HEAD, BOOK.head()), (frames.SECTION, section), (frames.PAGE, page)]
    at = data.draw(st.integers(0, 2))
    place: Any = bodies[at][1]
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    survives(b"".join(frame(kind, body) for kind, body in bodies) + frame(frames.END, None))


def test_what_may_be_kept_of_free_json_is_bounded() -> None:
    assert checked.plain({"a\0": ["b\ud800", 1, 1.5, None, True]}, most=10) == {"a": ["b", 1, 1.5, None, True]}
