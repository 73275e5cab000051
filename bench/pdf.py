"""How fast a PDF is read: `python bench/pdf.py FILE...` prints one line a file, and the machine.

All in one process, in seconds of CPU, the best of three: the plain text by pypdf; by pdfium; by pdfium with the
place of every word; and the whole book, with columns, paragraphs, hyphens and contents.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pypdf
import pypdfium2

from books.formats.pdf import Pdf
from books.formats.pdf.lines import Shown, lines_of
from books.formats.sources import Source

LINE = "{:<30} {:>6} {:>8} {:>8} {:>8} {:>8} {:>14}"
RUNS = 3


def by_pypdf(path: Path) -> int:
    """Read the text with pypdf."""
    return sum(len(page.extract_text()) for page in pypdf.PdfReader(path).pages)


def by_pdfium(path: Path) -> int:
    """Read the text with pdfium."""
    return _each_page(path, lambda page, words, number: len(words.get_text_range()))


def with_places(path: Path) -> int:
    """Read every word and its place."""
    return _each_page(path, lambda page, words, number: lines_of(words, Shown(page), number)[1])


def _each_page(path: Path, read: Callable[[Any, Any, int], int]) -> int:
    document = pypdfium2.PdfDocument(path)
    total = 0
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        total += read(page, words, number)
        words.close()
        page.close()
    document.close()
    return total


def whole(path: Path) -> int:
    """Read the book as an ingest does, without its pictures."""
    with path.open("rb") as file:
        book = Pdf().parse(Source(file), lambda done, total: None)
        return len(book.pages)


def spent(work: Callable[[Path], int], path: Path) -> float:
    """Return the seconds of CPU of the fastest run."""
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work(path)
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measure every file."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(LINE.format("file", "pages", "pypdf", "text", "places", "book", "text to pypdf"))
    for path in arguments.parse_args().files:
        pages = len(pypdfium2.PdfDocument(path))
        slow, text, places, book = (spent(work, path) for work in (by_pypdf, by_pdfium, with_places, whole))
        figures = [f"{seconds:.2f}" for seconds in (slow, text, places, book)]
        print(LINE.format(path.name[:30], pages, *figures, f"{slow / text:.1f} times"))


if __name__ == "__main__":
    main()
