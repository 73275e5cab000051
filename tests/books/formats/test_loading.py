"""What a parser's child loads: no more than its book needs, and nothing that has to be compiled each time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.books_made import epub, pdf
from tests.rules.sources import ROOT

CHOOSE = (
    "import sys; from books.formats import registry; from books.formats.sources import Source\n"
    "registry.chosen(Source(open(sys.argv[1], 'rb')))\n"
    "print(*sorted(name for name in sys.modules if name.startswith('books.formats.')))"
)


def run(program: str, *arguments: str, at: Path = ROOT) -> list[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=at, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("book", "needed", "others"),
    [
        (epub("Tales", {"one.xhtml": "<p>Once.</p>"}), "epub", {"docx", "odt", "pdf", "mobi", "plain", "pictures"}),
        (pdf([["Once."]]), "pdf", {"epub", "docx", "mobi", "rtf", "markdown", "pictures"}),
    ],
)
def test_a_book_loads_its_own_parser_and_not_the_others(
    book: bytes, needed: str, others: set[str], tmp_path: Path
) -> None:
    (tmp_path / "book").write_bytes(book)

    loaded = {name.split(".")[2] for name in run(CHOOSE, str(tmp_path / "book"))}

    assert needed in loaded
    assert not loaded & others


def test_the_parsers_are_compiled_once_though_their_children_may_write_nothing(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "books" / "formats", tmp_path / "books" / "formats", ignore=lambda _, __: ["__pycache__"])
    for name in ("__init__.py", "errors.py"):
        shutil.copy(ROOT / "books" / name, tmp_path / "books" / name)

    run("from books.formats import bytecode; bytecode.keep()", at=tmp_path)

    kept = {path.name.partition(".")[0] for path in (tmp_path / "books").rglob("*.pyc")}
    assert kept >= {"reading", "web", "pictures", "child"}
