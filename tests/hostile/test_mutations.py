"""Good books of every format, broken in many ways: each copy is a book or a sentence, never a crash."""

from pathlib import Path

import pytest

from books.formats.limits import Limits
from tests.books_made import TALE_EPUB, chinese_txt, docx, pdf
from tests.corpus import page_of_ours, read
from tests.made import fb2s, mobis, odts, rtfs
from tests.made.mutations import mutations

COPIES = 4  # of each; tests/corpus.py --mutate makes as many as you like
WORDS = "The lamp burns all night, and nobody sleeps. " * 30
PAGE = (
    "<html><head><title>x</title></head><body><h1>One</h1><p>{}</p><table><tr><td>a</td><td>b</td></tr></table></body>"
)


def page_of_kindle(title: str) -> str:
    """Return a page as `mobis.kf8` takes it."""
    return f"<html><head></head><body><h1>{title}</h1><p>{WORDS}</p></body></html>"


GOOD = {
    "tale.epub": TALE_EPUB,
    "tale.docx": docx([("Heading1", "One"), ("Normal", WORDS), ("Heading2", "Two"), ("Normal", WORDS)], title="A tale"),
    "tale.pdf": pdf([["Chapter One", *[WORDS[:60]] * 20]] * 3, title="A tale", outline=[("One", 0), ("Two", 2)]),
    "tale.html": PAGE.format(WORDS).encode(),
    "tale.md": f"# One\n\n{WORDS}\n\n## Two\n\n- *a*\n- [b](https://example.org)\n\n{WORDS}".encode(),
    "tale.txt": f"CHAPTER I\n\n{WORDS}\n\nCHAPTER II\n\n{WORDS}".encode(),
    "gbk.txt": chinese_txt().encode("gb18030"),
    "tale.fb2": fb2s.tale(),
    "tale.odt": odts.tale(),
    "tale.mobi": mobis.tale(),
    "tale.azw3": mobis.kf8([page_of_kindle("One"), page_of_kindle("Two")]),
    "tale.rtf": rtfs.tale(),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_book_keeps_every_promise(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(GOOD[name])
    outcome = read(file, name, limits=Limits(), shown=page_of_ours())

    assert (outcome.state, outcome.notes) == ("opened", [])


@pytest.mark.parametrize("name", GOOD)
def test_a_broken_book_is_a_book_or_a_sentence(tmp_path: Path, name: str) -> None:
    shown = page_of_ours()
    for number, data in enumerate(mutations(GOOD[name], count=COPIES, seed=7)):
        file = tmp_path / f"{number}-{name}"
        file.write_bytes(data)
        outcome = read(file, name, limits=Limits(seconds=60), shown=shown)
        assert outcome.state in {"opened", "degraded", "refused"}, outcome.line()
