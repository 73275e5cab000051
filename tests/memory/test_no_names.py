"""What the memory knows of people it has learned from the reader: no list of names, no words of a benchmark.

MINDORY_BENCH_WORDS=FILE names a file with a word a line (speakers, places, titles of an evaluation set, as they are
written): none of them may stand in the code's texts or in a prompt.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules import sources

# A capitalised word alone, as a name is written, in a list of the product's code.
NAME = re.compile(r"[A-Z][a-z]{2,}")
LEAST = 4  # letters of a benchmark's word that is looked for


def code() -> Iterator[Path]:
    """Yield the files of code of the memory."""
    yield from sources.python_files("memory")


def lists(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the texts in each list, tuple, set and dict of a file, but for what a module exports."""
    tree = sources.tree(path)
    exported = {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and any(isinstance(one, ast.Name) and one.id == "__all__" for one in node.targets)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and id(node) not in exported:
            parts = [*node.keys, *node.values] if isinstance(node, ast.Dict) else node.elts
            yield (
                node.lineno,
                [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)],
            )


def test_no_list_in_the_memory_holds_names() -> None:
    wrong = [
        f"{sources.where(path, line)}: {name}"
        for path in code()
        for line, texts in lists(path)
        for name in texts
        if NAME.fullmatch(name)
    ]

    assert wrong == []


def test_no_word_of_an_evaluation_set_stands_in_code_or_prompts() -> None:
    listed = os.environ.get("MINDORY_BENCH_WORDS")
    words = Path(listed).read_text(encoding="utf-8").split() if listed else []
    sought = {word for word in words if len(word) >= LEAST}
    texts = {path: "\n".join(constants(path)) for path in code()}
    texts |= {path: path.read_text(encoding="utf-8") for path in prompts()}

    wrong = [
        f"{path.relative_to(sources.ROOT)}: {word}"
        for path, text in texts.items()
        for word in sorted(sought & set(re.findall(r"\w+", text)))
    ]

    assert wrong == []


def constants(path: Path) -> Iterator[str]:
    """Yield the texts in a file of code, but for those that explain it."""
    explained = {id(node.value) for node in ast.walk(sources.tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(sources.tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
            yield node.value


def prompts() -> Iterator[Path]:
    """Yield the prompts of the memory."""
    yield from (path for path in sources.files() if {"memory", "prompts"} <= set(path.parts))
