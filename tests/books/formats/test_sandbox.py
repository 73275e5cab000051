"""Hostile files and dying parsers cost a sentence, not the server."""

import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import psutil
import pytest

from books.errors import BookError, DamagedBook, ParserDied, TooDemanding, UnknownFormat
from books.formats import sandbox
from books.formats.parsed import ParsedBook
from books.formats.sandbox import Limits
from tests.books_made import CHAPTERS, TALE_EPUB, docx, epub, epub_members, long_tale, opf, pdf, zipped

LIMITS = Limits(seconds=20, memory=768 * 1024 * 1024)
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
    f'<!ENTITY {chr(99 + n)} "{f"&{chr(98 + n)};" * 10}">' for n in range(8)
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "book"


def read(kept: Path, body: bytes, *, limits: Limits = LIMITS) -> ParsedBook:
    kept.write_bytes(body)
    return sandbox.parse(kept, limits=limits)


def test_a_book_comes_out_of_the_child_as_it_went_into_the_pipe(kept: Path) -> None:
    told: list[tuple[int, int]] = []
    kept.write_bytes(long_tale(6, 20))
    book = sandbox.parse(kept, limits=LIMITS, told=lambda done, total: told.append((done, total)))

    assert (book.title, len(book.sections)) == ("The Log of Grey Point", 6)
    assert book.sections[0].blocks[0].kind == "h"
    assert book.contents[5].section == 5
    assert told[-1] == (6, 6)


def test_a_child_has_no_network_starts_no_program_and_writes_no_file(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import os, socket\n"
        "from books.formats import confinement\n"
        "confinement.confine(memory=1 << 30, seconds=10, parent=os.getppid())\n"
        "for act in (lambda: socket.socket(), lambda: os.execv('/bin/true', ['true']), "
        "lambda: os.write(os.open('out', os.O_WRONLY | os.O_CREAT), b'x')):\n"
        "    try:\n        act(); print('done')\n    except OSError as error:\n        print(error.errno)\n"
    )
    root = str(Path(sandbox.__file__).resolve().parents[2])
    said = subprocess.run(
        [sys.executable, "-I", "-c", code, root], capture_output=True, text=True, env={}, check=False, cwd=tmp_path
    )

    found = said.stdout.split()
    if sys.platform == "linux":
        assert found == ["1", "1", "1"]  # EPERM, by seccomp
    else:
        assert found[2] == "27"  # EFBIG


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(zipped({**epub_members("x", CHAPTERS), "../evil": "x"}), id="parent"),
        pytest.param(zipped({**epub_members("x", CHAPTERS), "/etc/evil": "x"}), id="absolute"),
        pytest.param(zipped({**epub_members("x", CHAPTERS), "a\\evil": "x"}), id="backslash"),
        pytest.param(zipped({**epub_members("x", CHAPTERS), "OEBPS/book.opf": ENTITIES + "]><x>&e;</x>"}), id="laughs"),
        pytest.param(
            zipped(
                {
                    **epub_members("x", CHAPTERS),
                    "OEBPS/book.opf": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
                }
            ),
            id="external entity",
        ),
        pytest.param(
            docx([("Normal", "x")], extra={"word/document.xml": ENTITIES + "]><x>&e;</x>"}), id="laughs in a document"
        ),
        pytest.param(TALE_EPUB[:400], id="torn"),
    ],
)
def test_hostile_and_broken_archives_are_refused_with_a_sentence(kept: Path, body: bytes) -> None:
    with pytest.raises((DamagedBook, UnknownFormat)) as refused:
        read(kept, body)
    assert str(refused.value).endswith(".")
    assert "passwd" not in str(refused.value)


def test_a_page_that_reads_a_file_of_the_server_shows_nothing_of_it(kept: Path) -> None:
    members = epub_members("x", CHAPTERS)
    members["OEBPS/c0.xhtml"] = (
        '<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><html xmlns="http://www.w3.org/1999/xhtml">'
        "<body><p>before &e; after</p></body></html>"
    )
    assert "root:" not in read(kept, zipped(members)).sections[0].text


@pytest.mark.parametrize("packed", [True, False])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(kept: Path, packed: bool) -> None:
    members = epub_members("x", {f"c{n}": "" for n in range(6)})
    page = b"<html><body><p>" + b"a" * 60_000_000
    began = time.monotonic()
    with pytest.raises(TooDemanding):
        read(kept, zipped({**members, "OEBPS/c0.xhtml": page}, compress=packed))
    assert time.monotonic() - began < 10


def test_an_archive_of_very_many_files_is_refused(kept: Path) -> None:
    with pytest.raises(TooDemanding):
        read(kept, zipped({**epub_members("x", CHAPTERS), **{f"f{n}": "" for n in range(10_001)}}))


def test_a_page_nested_twenty_thousand_deep_does_not_kill_the_parser(kept: Path) -> None:
    body = "<div>" * 20_000 + "deep" + "</div>" * 20_000
    book = read(kept, epub("x", {"One": body, "Two": "<p>words</p>"}))

    assert "words" in book.sections[-1].text


def test_marks_nested_a_thousand_deep_stay_readable(kept: Path) -> None:
    book = read(kept, epub("x", {"One": "<p>" + "<i>" * 1000 + "deep" + "</i>" * 1000 + "</p>"}))

    assert "deep" in book.sections[0].text
    assert len(book.sections[0].blocks[1].marks) < 300


def test_a_pdf_bomb_ends_the_child_and_not_the_worker(kept: Path) -> None:
    bomb = zlib.compress(b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 20_000_000, 9)
    plain = pdf([["x"]])
    start = plain.index(b"4 0 obj")
    end = plain.index(b"endobj", start)
    stream = b"4 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\n" % (len(bomb), bomb)
    with pytest.raises((ParserDied, BookError)):
        read(kept, plain[:start] + stream + plain[end:], limits=Limits(seconds=15, memory=512 * 1024 * 1024))


def test_a_book_that_takes_too_long_is_stopped(kept: Path) -> None:
    with pytest.raises(TooDemanding):
        read(kept, long_tale(40, 80), limits=Limits(seconds=0, memory=LIMITS.memory))


def test_a_book_with_more_text_than_allowed_is_refused(kept: Path) -> None:
    with pytest.raises(TooDemanding):
        read(kept, long_tale(6, 20), limits=Limits(seconds=20, memory=LIMITS.memory, output=10_000))


def test_twenty_megabytes_on_one_line_become_a_book(kept: Path) -> None:
    began = time.monotonic()
    book = read(kept, b"x" * 20_000_000)

    assert sum(len(section.text) for section in book.sections) == 20_000_000
    assert all(len(section.text) <= 60_000 for section in book.sections)
    assert time.monotonic() - began < 20


def test_nobody_waits_for_a_book_that_nobody_wants(kept: Path) -> None:
    kept.write_bytes(long_tale(6, 20))
    with pytest.raises(sandbox.Stopped):
        sandbox.parse(kept, limits=LIMITS, is_over=lambda: True)
    assert not [child for child in psutil.Process(os.getpid()).children() if "books.formats.child" in child.cmdline()]


def test_the_formats_do_not_know_django() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import books.formats.child, books.splitting; "
        "print('django' in sys.modules)"
    )
    root = str(Path(sandbox.__file__).resolve().parents[2])
    said = subprocess.run([sys.executable, "-I", "-c", code, root], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"
    assert opf([], title="x")
