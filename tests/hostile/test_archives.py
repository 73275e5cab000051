"""Archives that mean harm are refused quickly, and broken ones give what can be saved of them."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from books.errors import BookError, DamagedBook, LockedBook, TooDemanding, UnknownFormat
from books.formats import sandbox
from books.formats.limits import Limits
from books.formats.parsed import ParsedBook
from tests.books_made import CHAPTERS, epub_members, zipped
from tests.made import hostile

TITLES = list(CHAPTERS)
SAVED = "This file is damaged; what could be saved of it is shown."
MEGABYTE = 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "book"


def read(file: Path, body: bytes, *, limits: Limits | None = None) -> ParsedBook:
    file.write_bytes(body)
    return sandbox.parse(file, limits=limits or Limits())


def refusal(file: Path, body: bytes, *, limits: Limits | None = None) -> BookError:
    """Return how a file is refused: within seconds, and without cost for the one who asked."""
    file.write_bytes(body)
    memory, began = psutil.Process(os.getpid()).memory_info().rss, time.process_time()
    with pytest.raises(BookError) as refused:
        sandbox.parse(file, limits=limits or Limits())
    assert time.process_time() - began < 2
    assert psutil.Process(os.getpid()).memory_info().rss - memory < 20 * MEGABYTE
    assert str(refused.value).endswith(".")
    return refused.value


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (hostile.bomb, TooDemanding),
        (hostile.lying_bomb, TooDemanding),
        (hostile.overlapping, TooDemanding),
        (hostile.crowd, TooDemanding),
        (hostile.linked, DamagedBook),
        (lambda: hostile.doubled(equal=False), DamagedBook),
        (hostile.encrypted, LockedBook),
        (hostile.nested, UnknownFormat),
    ],
)
def test_an_archive_that_means_harm_is_refused(file: Path, make: Callable[[], bytes], error: type[BookError]) -> None:
    began = time.monotonic()
    assert type(refusal(file, make())) is error
    assert time.monotonic() - began < 20  # it takes one second on a quiet machine


@pytest.mark.parametrize(
    "name", ["../evil", "OEBPS/../../evil", "/etc/evil", "C:/evil", "c:evil", "..", "a\\..\\evil", "\\\\host\\evil"]
)
def test_a_name_that_leads_out_of_the_archive_is_refused(file: Path, name: str) -> None:
    assert type(refusal(file, hostile.by_hand(hostile.honest({**hostile.members(), name: "x"})))) is DamagedBook


def test_the_limits_are_the_ones_that_were_set(file: Path) -> None:
    body = hostile.by_hand(hostile.honest(epub_members("x", {"One": "<p>" + "word " * 400_000 + "</p>"})))
    for limits in (Limits(unpacked=100_000), Limits(member=100_000), Limits(members=3), Limits(ratio=10)):
        assert type(refusal(file, body, limits=limits)) is TooDemanding
    assert type(refusal(file, b"words " * 1000, limits=Limits(text=1000))) is TooDemanding


def test_pages_that_are_small_alone_and_too_much_together_are_refused(file: Path) -> None:
    body = hostile.many_small_bombs(30)

    assert type(refusal(file, body, limits=Limits(unpacked=5 * MEGABYTE))) is TooDemanding


def test_the_same_file_twice_in_an_archive_does_no_harm(file: Path) -> None:
    assert [section.title for section in read(file, hostile.doubled(equal=True)).sections] == TITLES


@pytest.mark.parametrize("make", [hostile.without_directory, hostile.damaged_directory, hostile.moved])
def test_an_archive_without_its_directory_is_read_from_its_headers(file: Path, make: Callable[[], bytes]) -> None:
    book = read(file, make())

    assert [section.title for section in book.sections] == TITLES
    assert SAVED in book.warnings


def test_an_upload_that_broke_off_gives_the_chapters_that_arrived(file: Path) -> None:
    body = hostile.by_hand(hostile.honest(hostile.members()))
    book = read(file, body[: body.index(b"OEBPS/c2.xhtml")])

    assert [section.title for section in book.sections] == TITLES[:2]
    assert SAVED in book.warnings


def test_a_page_that_breaks_off_gives_what_comes_before(file: Path) -> None:
    files = hostile.honest(hostile.members())
    number = next(number for number, found in enumerate(files) if found[0] == "OEBPS/c1.xhtml")
    name, packed, size, crc = files[number]
    files[number] = (name, packed[: len(packed) // 2], size, crc)
    book = read(file, hostile.by_hand(files))

    assert book.sections[1].title == "The Storm"
    assert len(book.sections) == 3
    assert SAVED in book.warnings


def test_an_archive_whose_end_promises_a_vast_directory_is_refused_before_it_is_read(file: Path) -> None:
    whole = zipped(hostile.members())
    at = whole.rindex(b"PK\x05\x06")
    promise = hostile.END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0x7FFFFFFF, 0, 0)
    assert type(refusal(file, whole[:at] + promise)) is TooDemanding


def test_a_member_packed_in_another_way_is_a_damaged_part(file: Path) -> None:
    body = bytearray(hostile.by_hand(hostile.honest(hostile.members())))
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = body.index(mark)
        while at >= 0:
            body[at + place] = 12  # bzip2
            at = body.find(mark, at + 4)
    assert type(refusal(file, bytes(body))) in {DamagedBook, UnknownFormat}
