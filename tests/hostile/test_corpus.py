"""The command that reads every file under a folder finds what is wrong with a book."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings

from books.formats.limits import Limits
from books.formats.parsed import Block, Mark, ParsedBook, ParsedSection
from tests.books_made import TALE_EPUB
from tests.corpus import broken_rules, run
from tests.made import hostile
from tests.made.mutations import mutations

TEXT = "Old Marten kept the lighthouse.\n\nNobody came."
SECTION = ParsedSection("One", TEXT, (Block("p", 0, 31), Block("p", 33, 45)))


def broken(**parts: object) -> list[str]:
    return broken_rules(ParsedBook(format="txt", sections=[replace(SECTION, **parts)]))  # type: ignore[arg-type]


def test_a_sound_book_breaks_no_rule() -> None:
    assert broken() == []


def test_a_book_that_breaks_a_rule_is_found() -> None:
    assert broken(blocks=(Block("p", 0, 31),)) == ["RULE: words outside all blocks in section 0"]
    assert "RULE: blocks overlap in section 0" in broken(blocks=(Block("p", 0, 40), Block("p", 33, 45)))
    marked = (Block("p", 0, 31, marks=(Mark("em", 30, 33),)), Block("p", 33, 45))
    assert broken(blocks=marked) == ["RULE: a mark outside its block in section 0"]


def test_every_file_under_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.epub").write_bytes(TALE_EPUB)
    (tmp_path / "b.epub").write_bytes(hostile.without_directory())
    (tmp_path / "deep" / "c.epub").write_bytes(hostile.encrypted())
    found = run(tmp_path, copies=0, seed=0, keep=None, limits=Limits())

    assert [(outcome.name, outcome.state, outcome.code) for outcome in found] == [
        ("a.epub", "opened", ""),
        ("b.epub", "degraded", ""),
        ("deep/c.epub", "refused", "locked_book"),
    ]
    assert all(outcome.memory < 200_000_000 for outcome in found[:2])


def test_broken_copies_are_the_same_every_time() -> None:
    assert list(mutations(TALE_EPUB, count=6, seed=3)) == list(mutations(TALE_EPUB, count=6, seed=3))


def test_the_settings_are_the_limits() -> None:
    assert replace(Limits.of(settings.PARSE_LIMITS), cpu=0) == Limits()
