"""How fast books are read: `python -m bench.formats [--runs N] [--peers] [--scale] FILE...`.

Each file is read by its parser's child as an ingest does it, and split; the middle one of five runs counts. Memory is
the child's peak. The stages are shares of the whole time on the clock:

    start      the child starts, confines itself and loads its parsers
    reading    the file is read and unpacked
    parsing    the rest of the parser's work
    pipe       the answer is written, and read and checked on the other side at the same time
    pictures   pictures are written anew
    splitting  passages are cut

--peers   reads EPUBs with ebooklib and a parse of each page (Beautiful Soup, or lxml.html where it is not installed),
          and PDFs with pypdf, in the same run, each in a process of its own too. A peer's row is its whole process,
          which returns text, beside our whole child, which returns a book: blocks, marks, contents, links, pictures.
          "text only" sets like against like: both return the pages' text, timed from the open file, all imports done.
--scale   reads the file's text 1, 4 and 16 times over, as TXT and as EPUB: the time should be 1, 4, 16 times as long.
"""

import argparse
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.machine import machine, table
from books import splitting
from books.errors import BookError, ParserDied
from books.formats import sandbox
from books.formats.parsed import ParsedBook

ROOT: Final = Path(__file__).resolve().parents[1]
STAGES: Final = ("start", "reading", "parsing", "pipe", "pictures", "splitting")
COLUMNS: Final = ["file", "format", "seconds", "cpu", "MB/s", "pages/s", "peak MB", "characters", *STAGES]
SOUP: Final = """
import sys, time, warnings; warnings.simplefilter("ignore")
from ebooklib import epub, ITEM_DOCUMENT
try:
    from bs4 import BeautifulSoup
    text = lambda page: BeautifulSoup(page, "html.parser").get_text()
except ImportError:
    from lxml import html
    text = lambda page: html.fromstring(page).text_content()
began = time.perf_counter()
book = epub.read_epub(sys.argv[1])
characters = sum(len(text(item.get_content())) for item in book.get_items_of_type(ITEM_DOCUMENT))
print(characters, time.perf_counter() - began)
"""
TEXT_ONLY: Final = """
import sys, time
from books.formats import tree
from books.formats.epub import package
from books.formats.sources import Source
began = time.perf_counter()
archive = Source(open(sys.argv[1], "rb")).archive
pages = (tree.page(archive.read(item.member)) for item in package.package(archive).spine if item.is_page)
characters = sum(len("".join(page.itertext())) for page in pages if page is not None)
print(characters, time.perf_counter() - began)
"""
PYPDF: Final = """
import sys
from pypdf import PdfReader
print(sum(len(page.extract_text()) for page in PdfReader(sys.argv[1]).pages))
"""
PEERS: Final = {"epub": ("ebooklib", SOUP), "pdf": ("pypdf", PYPDF)}


def main() -> None:
    """Measure every file."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("files", nargs="+", type=Path)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--peers", action="store_true")
    arguments.add_argument("--scale", action="store_true")
    wanted = arguments.parse_args()
    rows = []
    for path in wanted.files:
        row, seconds, book = measured(path, runs=wanted.runs)
        rows.append(row)
        if wanted.peers and book is not None and book.format in PEERS:
            rows += peers(path, book.format, runs=wanted.runs, ours=seconds)
        if wanted.scale and book is not None:
            rows += scaled(book, runs=wanted.runs)
    print(table(COLUMNS, rows))
    print(f"\n{machine('lxml', 'pypdfium2', 'pillow')}")


def measured(path: Path, *, runs: int, name: str = "") -> tuple[list[str], float, ParsedBook | None]:
    """Return the row of one file, its seconds, and its book."""
    found: list[tuple[float, sandbox.Cost, float]] = []
    book: ParsedBook | None = None
    for _ in range(runs):
        costs: list[sandbox.Cost] = []
        began = time.perf_counter()
        try:
            book = sandbox.measure(path, limits=sandbox.Limits(), suffix=path.suffix, cost=costs.append)
        except (BookError, ParserDied) as error:
            return [(name or path.name)[:36], error.code, *[""] * (len(COLUMNS) - 2)], 0.0, None
        parsed = time.perf_counter()
        for section in book.sections:
            splitting.passages(section.text, size=1000, overlap=200)
        ended = time.perf_counter()
        found.append((ended - began, costs[0], ended - parsed))
    assert book is not None
    found.sort(key=lambda run: run[0])
    seconds, cost, split = found[len(found) // 2]
    stages = {**cost.stages, "splitting": split}
    return (
        [
            (name or path.name)[:36],
            book.format,
            f"{seconds:.2f}",
            f"{cost.cpu:.2f}",
            f"{path.stat().st_size / seconds / 1e6:.1f}",
            f"{len(book.pages) / seconds:.0f}" if book.format == "pdf" else "",
            f"{cost.memory / 1e6:.0f}",
            str(sum(len(section.text) for section in book.sections)),
            *(f"{stages.get(stage, 0) / seconds:.0%}" for stage in STAGES),
        ],
        seconds,
        book,
    )


def peers(path: Path, kind: str, *, runs: int, ours: float) -> list[list[str]]:
    """Return the rows of another program that reads the same file, and of what both do when only text is wanted."""
    name, program = PEERS[kind]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    characters, seconds, theirs = run(program, path, runs=runs)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / runs
    rows = [row(f"  {name}: {seconds / ours:.1f} times as long", kind, path, seconds, characters, cpu=f"{cpu:.2f}")]
    if theirs:
        characters_of_ours, _, alone = run(TEXT_ONLY, path, runs=runs)
        rows.append(row("  text only", kind, path, alone, characters_of_ours))
        rows.append(row(f"  text only, {name}: {theirs / alone:.1f} times as long", kind, path, theirs, characters))
    return rows


def run(program: str, path: Path, *, runs: int) -> tuple[str, float, float]:
    """Return what a program counted, the seconds of its process, and those that it says it worked (0: nothing said)."""
    whole, inside = [], []
    said: list[str] = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False, cwd=ROOT
        )
        whole.append(time.perf_counter() - began)
        said = done.stdout.split() or ["failed"]
        inside.append(float(said[1]) if len(said) > 1 else 0.0)
    return said[0], statistics.median(whole), statistics.median(inside)


def row(label: str, kind: str, path: Path, seconds: float, characters: str, *, cpu: str = "") -> list[str]:
    """Return a row that knows no stages."""
    size = f"{path.stat().st_size / seconds / 1e6:.1f}" if seconds else ""
    return [label, kind, f"{seconds:.3f}", cpu, size, "", "", characters, *[""] * len(STAGES)]


def scaled(book: ParsedBook, *, runs: int) -> list[list[str]]:
    """Return the rows of this book's text 1, 4 and 16 times over."""
    kinds: dict[str, Callable[[ParsedBook, int], bytes]] = {"txt": as_text, "epub": as_epub}
    rows = []
    with tempfile.TemporaryDirectory(prefix="mindory-bench-") as folder:
        for kind, make in kinds.items():
            first = 0.0
            for times in (1, 4, 16):
                path = Path(folder) / f"{times}.{kind}"
                path.write_bytes(make(book, times))
                row, seconds, _ = measured(path, runs=runs, name=f"  {times} x as {kind}")
                first = first or seconds
                row[0] += f": {seconds / first:.1f} times as long" if first else ""
                rows.append(row)
    return rows


def as_text(book: ParsedBook, times: int) -> bytes:
    """Return the text of a book over and over, with a heading before each chapter."""
    chapters = [section.text for section in book.sections]
    return "\n\n".join(f"CHAPTER {number + 1}\n\n{text}" for number, text in enumerate(chapters * times)).encode(
        "utf-8"
    )


def as_epub(book: ParsedBook, times: int) -> bytes:
    """Return the text of a book over and over as an EPUB, a page for each chapter."""
    out = io.BytesIO()
    chapters = [section.text for section in book.sections] * times
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "book.opf",
            f'<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>{items}</manifest>'
            f"<spine>{spine}</spine></package>",
        )
        for number, text in enumerate(chapters):
            body = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Chapter {number + 1}</h1>{body}</body></html>'
            archive.writestr(f"c{number}.xhtml", page)
    return out.getvalue()


if __name__ == "__main__":
    main()
