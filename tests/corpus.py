"""Read every file under a folder as an ingest does, and say what became of it: `python -m tests.corpus PATH`.

Each file is parsed twice in its sandbox, with the default limits. The table says for each one:

    opened      a book, and nothing was lost
    degraded    a book with warnings
    refused     an error with a code and a sentence
    crashed     its parser died, or met something it did not expect, or the book breaks a rule (written below it)
    timed out   it was ended at a limit of time

The command ends with 1 when a file crashed, timed out, or took more memory than it may. With --mutate N, N broken
copies of every file are read instead of the file itself (the same ones for the same --seed); those that crash are kept
in --keep.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from books import splitting
from books.errors import BookError, ParserDied, TooDemanding
from books.formats import rescue, sandbox
from books.formats.limits import Limits
from books.formats.parsed import Block, ParsedBook
from tests.made.mutations import mutations

STATES = ("opened", "degraded", "refused", "crashed", "timed out")
AT_ONCE = 50
LINE = "{:<42} {:<9} {:<16} {:<8} {:>7} {:>7} {:>8} {:>10} {:>8} {:>6}  {}"
HEAD = ("file", "state", "code", "format", "seconds", "peak MB", "sections", "characters", "pictures", "pages", "notes")

# Shows a section's blocks as the page does: (text, blocks) -> (HTML's text, start, end) of each element
Shown = Callable[[str, tuple[Block, ...]], Iterable[tuple[str, int, int]]]


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    name: str
    state: str = "opened"
    code: str = ""
    format: str = ""
    seconds: float = 0.0
    memory: int = 0
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)  # sections, characters, pictures, pages
    notes: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the row of the table."""
        sections, characters, pictures, pages = self.counts
        return LINE.format(
            self.name[-42:],
            self.state,
            self.code,
            self.format,
            f"{self.seconds:.2f}",
            f"{self.memory / 1e6:.0f}",
            sections,
            characters,
            pictures,
            pages,
            "; ".join(self.notes)[:200],
        ).rstrip()


def read(path: Path, name: str, *, limits: Limits, shown: Shown | None = None) -> Outcome:
    """Parse a file twice, and look at what came out."""
    found = Outcome(name)
    costs: list[sandbox.Cost] = []
    began = time.monotonic()
    try:
        book = _measured(path, limits, costs)
    except BookError as error:
        late = isinstance(error, TooDemanding) and time.monotonic() - began >= limits.seconds
        unforeseen = isinstance(error, sandbox.Unforeseen)
        found.state = "crashed" if unforeseen else "timed out" if late else "refused"
        found.code, found.notes = error.code, [error.sentence]
    except ParserDied as error:
        found.state, found.code, found.notes = "crashed", error.code, [error.sentence, str(error.details)]
    else:
        found.state = "degraded" if book.warnings else "opened"
        _describe(found, book)
        found.notes += broken_rules(book, shown)
        again = rescue.parse(path, limits=limits, suffix=path.suffix)
        found.notes += [] if again == book else ["RULE: parsed twice, it gives two books"]
        if any(note.startswith("RULE") for note in found.notes):
            found.state = "crashed"
    found.seconds = time.monotonic() - began
    if costs:
        found.memory = costs[0].memory
        found.seconds = sum(costs[0].stages.values()) or found.seconds
        if found.memory > limits.memory:
            found.state = "crashed"
            found.notes.append("RULE: more memory than it may have")
    return found


def _measured(path: Path, limits: Limits, costs: list[sandbox.Cost]) -> ParsedBook:
    """Parse a file as an ingest does: what brings the reader of PDFs down is read around."""
    try:
        return sandbox.measure(path, limits=limits, suffix=path.suffix, cost=costs.append)
    except (ParserDied, sandbox.OutOfMemory):
        return rescue.parse(path, limits=limits, suffix=path.suffix)


def _describe(found: Outcome, book: ParsedBook) -> None:
    found.format = book.format
    characters = sum(len(section.text) for section in book.sections)
    found.counts = (len(book.sections), characters, len(book.pictures), len(book.pages))
    found.notes = list(book.warnings)


def broken_rules(book: ParsedBook, shown: Shown | None = None) -> list[str]:
    """Return the promises about every book that this one breaks. What the parent checks anyway is not among them."""
    return list(dict.fromkeys(_broken(book, shown)))


def _broken(book: ParsedBook, shown: Shown | None) -> Iterator[str]:
    for number, section in enumerate(book.sections):
        text = section.text
        if any(after.start < before.end for before, after in pairwise(section.blocks)):
            yield f"RULE: blocks overlap in section {number}"
        edges = [0, *(edge for block in section.blocks for edge in (block.start, block.end)), len(text)]
        if any(text[end:start].strip() for end, start in zip(edges[::2], edges[1::2], strict=True)):
            yield f"RULE: words outside all blocks in section {number}"
        for block in section.blocks:
            if any(not block.start <= mark.start <= mark.end <= block.end for mark in block.marks):
                yield f"RULE: a mark outside its block in section {number}"
        if len(text) > 120_000:
            yield f"RULE: section {number} is too long"
        yield from _split(text, number)
        if shown is not None and any(said != text[start:end] for said, start, end in shown(text, section.blocks)):
            yield f"RULE: section {number} is shown with other words"
    for entry in book.contents:
        if not 0 <= entry.start <= len(book.sections[entry.section].text):
            yield "RULE: contents that lead nowhere"


def _split(text: str, number: int) -> Iterator[str]:
    """Look whether the passages hold every character but white space, in order."""
    reached = 0
    for start, end in splitting.passages(text, size=1000, overlap=200):
        if not 0 <= start < end <= len(text) or text[reached:start].strip():
            yield f"RULE: passages leave out words of section {number}"
            return
        reached = max(reached, end)
    if text[reached:].strip():
        yield f"RULE: passages leave out the end of section {number}"


def page_of_ours() -> Shown | None:
    """Return how the page shows blocks, where the site's settings are there; None elsewhere."""
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
    except ImportError:
        return None
    try:
        django.setup()
        from books.rendering import blocks_html
    except (ImproperlyConfigured, ImportError, SystemExit, ValueError):
        return None
    from lxml import html

    def shown(text: str, blocks: tuple[Block, ...]) -> Iterator[tuple[str, int, int]]:
        page = html.fragment_fromstring(f"<article>{blocks_html(text, list(blocks))}</article>")
        for element in page.xpath("//*[@data-start][@data-end]"):
            yield str(element.text_content()), int(element.get("data-start")), int(element.get("data-end"))

    return shown


def files_under(folder: Path) -> list[Path]:
    """Return every file, in an order that does not change."""
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def run(folder: Path, *, copies: int, seed: int, keep: Path | None, limits: Limits) -> list[Outcome]:
    """Read everything, two files at a time, and print each row as soon as it is known."""
    shown = page_of_ours()
    print(LINE.format(*HEAD))
    with tempfile.TemporaryDirectory(prefix="mindory-corpus-") as scratch, ThreadPoolExecutor(2) as pool:
        jobs = _jobs(folder, copies=copies, seed=seed, scratch=Path(scratch))
        outcomes: list[Outcome] = []
        while batch := list(islice(jobs, AT_ONCE)):  # broken copies lie on the disk only while they are read
            for outcome in pool.map(lambda job: _one(job, limits, keep, shown, copies), batch):
                print(outcome.line(), flush=True)
                outcomes.append(outcome)
        return outcomes


def _jobs(folder: Path, *, copies: int, seed: int, scratch: Path) -> Iterator[tuple[Path, str]]:
    for path in files_under(folder):
        name = str(path.relative_to(folder)) if folder.is_dir() else path.name
        if not copies:
            yield path, name
            continue
        for number, data in enumerate(mutations(path.read_bytes(), count=copies, seed=seed)):
            copy = scratch / f"{sha256(data).hexdigest()[:12]}{path.suffix}"
            copy.write_bytes(data)
            yield copy, f"{name[-36:]} #{number}"


def _one(job: tuple[Path, str], limits: Limits, keep: Path | None, shown: Shown | None, copies: int) -> Outcome:
    path, name = job
    outcome = read(path, name, limits=limits, shown=shown)
    if copies:
        if keep is not None and outcome.state in {"crashed", "timed out"}:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / path.name).write_bytes(path.read_bytes())
            outcome.notes.append(f"kept as {path.name}")
        path.unlink(missing_ok=True)
    return outcome


def main() -> int:
    """Read the folder named on the command line; return 1 when something crashed or went over its limits."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("path", type=Path)
    arguments.add_argument("--mutate", type=int, default=0, metavar="N", help="read N broken copies of every file")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--keep", type=Path, help="where broken copies that crash are kept")
    wanted = arguments.parse_args()
    outcomes = run(wanted.path, copies=wanted.mutate, seed=wanted.seed, keep=wanted.keep, limits=Limits())
    counts = Counter(outcome.state for outcome in outcomes)
    print(f"\n{len(outcomes)} files: " + ", ".join(f"{counts[state]} {state}" for state in STATES))
    slowest = max((outcome.seconds for outcome in outcomes), default=0)
    largest = max((outcome.memory for outcome in outcomes), default=0)
    print(f"slowest {slowest:.2f} s, largest child {largest / 1e6:.0f} MB")
    return 1 if counts["crashed"] or counts["timed out"] or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
