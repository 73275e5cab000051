"""Whatever a parser says to a reader can be said in the reader's language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from books import sentences
from books.sentences import translated
from mindory_web.management.commands.makemessages import ERRORS
from tests.rules.sources import ROOT

SAYING = [*sorted((ROOT / "books" / "formats").rglob("*.py")), ROOT / "books" / "ingest" / "recognising.py"]
# Raised in books/encodings.py too, where it is found.
IN_OUR_OWN = {"Mindory does not know this encoding. Choose one of the list."}
A_SENTENCE = re.compile(r"[A-Z][^\n]* [^\n]*\.", re.DOTALL)


def test_every_warning_of_a_parser_is_known_to_the_translation() -> None:
    known = {*sentences.WARNINGS, *IN_OUR_OWN, *(re.sub(r"%\(\w+\)s", "{}", said) for said in sentences.HOLED)}
    assert sorted({said for path in SAYING for said in said_in(path)} - known) == []


def said_in(path: Path) -> Iterator[str]:
    """Yield the sentences in a module that are no docstring and no refusal; a hole is {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # a docstring
            known.add(node.value)
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func).rpartition(".")[2] in ERRORS:
            known.add(node.args[0])  # found there by makemessages
        elif isinstance(node, ast.JoinedStr):
            known.update(node.values)
    for node in ast.walk(tree):
        said = written(node) if isinstance(node, ast.expr) and node not in known else ""
        if A_SENTENCE.fullmatch(said):
            yield said


def written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


@pytest.mark.parametrize("said", [*sentences.WARNINGS, ""])
def test_a_warning_that_is_no_template_stays_whole_in_english(said: str) -> None:
    with override("en"):
        assert translated(said) == said


def test_a_sentence_with_a_hole_is_filled_again() -> None:
    said = "Some pages of this PDF are damaged and could not be read: 3, 5 and 7."
    with override("en"):
        assert translated(said) == said
    assert translated("Nobody ever said this: 5 %.") == "Nobody ever said this: 5 %."
