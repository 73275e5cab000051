"""Which format a file is: its contents decide. What is no book is told what it is, and what can be read."""

import contextlib
import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from books.errors import BookError, LockedBook, TooDemanding, UnknownFormat
from books.formats import kinds
from books.formats.parsed import ParsedBook
from books.formats.registry import parse, parsers
from books.formats.sources import Source
from tests.books_made import TALE_EPUB, chinese_txt, docx, pdf, zipped
from tests.made import fb2s, mobis, odts, rtfs

WORDS = "The sea was calm that day, and nobody came."
MADE: dict[str, bytes] = {
    "epub": TALE_EPUB,
    "docx": docx([("Normal", WORDS)]),
    "odt": odts.tale(),
    "fb2": fb2s.tale(),
    "pdf": pdf([[WORDS]]),
    "mobi": mobis.tale(),
    "rtf": rtfs.tale(),
    "html": f"<!DOCTYPE html><p>{WORDS}".encode(),
    "markdown": f"# One\n\n{WORDS}\n\n## Two\n\n{WORDS}\n".encode(),
    "txt": chinese_txt().encode("gb18030"),
}
FOREIGN = {
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "photograph": b"\xff\xd8\xff\xe0" + bytes(50),
    "film": b"\0\0\0\x18ftypmp42" + bytes(50),
    "sound": b"ID3\x04" + bytes(50),
    "office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "djvu": b"AT&TFORM\0\0\1\0DJVMDIRM" + bytes(50),
    "help": b"ITSF\x03\0\0\0" + bytes(50),
    "rar": b"Rar!\x1a\x07\x01\0" + bytes(50),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "lit": b"ITOLITLS" + bytes(50),
    "kfx": b"CONT\x02\0" + bytes(50),
    "topaz": b"TPZ0" + bytes(50),
    "palm": b"x".ljust(60, b"\0") + b"PNRdPPrs" + bytes(50),
    "program": b"\x7fELF" + bytes(50),
    "noise": bytes(range(32)) * 40,
}


def read(body: bytes, *, suffix: str = "") -> ParsedBook:
    return parse(Source(io.BytesIO(body), suffix=suffix), lambda done, total: None)


def test_every_format_has_a_made_book() -> None:
    assert list(MADE) == [parser.name for parser in parsers()]


@pytest.mark.parametrize("suffix", [*kinds.SUFFIXES, ".fb2.zip", ".jpg", ""])
@pytest.mark.parametrize("name", MADE)
def test_a_wrong_name_changes_nothing(name: str, suffix: str) -> None:
    book = read(MADE[name], suffix=suffix)
    is_marked = name == "txt" and suffix in {".md", ".markdown"}  # of two kinds of text the name may say which

    assert book.format == ("markdown" if is_marked else name)
    assert book.sections


@pytest.mark.parametrize("name", MADE)
def test_a_zip_with_one_book_is_that_book(name: str) -> None:
    alone = read(zipped({f"folder/tale.{name}": MADE[name], "__MACOSX/._tale": b"x", "folder/.DS_Store": b"x"}))

    assert (alone.format, alone.sections) == (name, read(MADE[name]).sections)


def test_a_book_beside_its_cover_and_description_is_found() -> None:
    beside: dict[str, str | bytes] = {
        "cover.jpg": b"\xff\xd8\xff",
        "metadata.opf": "<package/>",
        "readme.txt": "Hello.",
    }

    assert read(zipped({"tale.epub": TALE_EPUB, **beside})).format == "epub"
    assert read(zipped({"tale.txt": WORDS, "cover.jpg": b"\xff\xd8\xff"})).format == "txt"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.epub": TALE_EPUB, "b.epub": TALE_EPUB}, "several"),
        ({"a.txt": WORDS, "b.txt": WORDS}, "several"),
        ({"1.jpg": b"\xff\xd8\xff", "2.jpg": b"\xff\xd8\xff"}, "comic"),
        ({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}, "spreadsheet"),
        ({"book.kfx": "x", "res.kfx": "x"}, "KFX"),
        ({"a.bin": b"\0\1\2", "b.bin": b"\0\1\2"}, "not a book"),
        ({"inner.zip": zipped({"tale.txt": WORDS})}, "not a book"),
        ({"scan.png": FOREIGN["picture"]}, "picture"),
        ({}, "not a book"),
    ],
)
def test_an_archive_without_one_book_is_refused_with_a_reason(members: dict[str, str | bytes], said: str) -> None:
    with pytest.raises(UnknownFormat, match=said):
        read(zipped(members))


def test_a_packed_bomb_is_refused() -> None:
    with pytest.raises(TooDemanding):
        read(zipped({"tale.txt": b"a" * 30_000_000}))


# --- What is no book ------------------------------------------------------------------------------------


def test_the_sentence_lists_what_can_be_read() -> None:
    assert [parser.label for parser in parsers()] == list(kinds.LABELS)
    *first, last = kinds.LABELS

    assert kinds.unknown().sentence.endswith(f"It reads {', '.join(first)} and {last}.")


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused_by_its_first_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tale.epub"
    path.write_bytes(FOREIGN[name])

    with pytest.raises(UnknownFormat) as refused:
        kinds.refuse_foreign(path)
    with pytest.raises(UnknownFormat) as told:
        read(FOREIGN[name])
    assert refused.value.sentence == told.value.sentence
    assert refused.value.status == 422


def test_a_locked_kindle_container_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "tale.azw"
    path.write_bytes(b"\xeaDRMION\xee" + bytes(50))

    with pytest.raises(LockedBook):
        kinds.refuse_foreign(path)


@pytest.mark.parametrize("name", MADE)
def test_no_book_is_refused_by_its_first_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tale.bin"
    path.write_bytes(MADE[name])

    kinds.refuse_foreign(path)


@pytest.mark.parametrize(
    "text", ["BM is short.", "MZ 80 and ID3 are tags.", "RIFF", "GIF is a format.", "CONTENTS", "TPZ 1"]
)
def test_a_text_that_begins_like_another_kind_is_a_text(text: str) -> None:
    assert read(text.encode()).format == "txt"


def _cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _twisted(body: bytes) -> bytes:
    return body[:100] + bytes(byte ^ 0x55 for byte in body[100:200]) + body[200:]


def _lying(body: bytes) -> bytes:
    return body[:20] + struct.pack("<I", 0x7FFFFFFF) + body[24:]


@pytest.mark.parametrize("damage", [_cut, _twisted, _lying])
@pytest.mark.parametrize("name", MADE)
def test_a_damaged_book_opens_or_is_refused_and_never_crashes(name: str, damage: Callable[[bytes], bytes]) -> None:
    with contextlib.suppress(BookError):
        assert read(damage(MADE[name])).sections
