"""How fast books are read: `python bench/formats.py FILE...` prints one line a file, and the machine.

Each file is parsed by its parser's child as an ingest does it, five times unless --runs says otherwise;
the middle run counts. Memory is the peak of the child.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from books.errors import BookError, ParserDied
from books.formats import sandbox

LINE = "{:<34} {:>9} {:>8} {:>8} {:>8} {:>8} {:>9} {:>11}"


def main() -> None:
    """Measure every file."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("files", nargs="+", type=Path)
    arguments.add_argument("--runs", type=int, default=5)
    wanted = arguments.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(LINE.format("file", "format", "seconds", "cpu", "MB/s", "peak MB", "sections", "characters"))
    for path in wanted.files:
        print(measured(path, runs=wanted.runs))


def measured(path: Path, *, runs: int) -> str:
    """Return the line of one file."""
    seconds: list[float] = []
    cpu: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        try:
            book, cost = sandbox.measure(path, limits=sandbox.Limits(), suffix=path.suffix)
        except (BookError, ParserDied) as error:
            return f"{path.name[:34]:<34} {error.code}: {error.sentence}"
        seconds.append(time.perf_counter() - began)
        cpu.append(cost.cpu)
    middle = statistics.median(seconds)
    return LINE.format(
        path.name[:34],
        book.format,
        f"{middle:.2f}",
        f"{statistics.median(cpu):.2f}",
        f"{path.stat().st_size / middle / 1e6:.1f}",
        f"{cost.memory / 1e6:.0f}",
        len(book.sections),
        sum(len(section.text) for section in book.sections),
    )


if __name__ == "__main__":
    main()
