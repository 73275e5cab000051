"""Sizes. A file or function that is larger says why: `# size: REASON` in its first ten lines or on its `def` line."""

import ast
import re
from pathlib import Path

from tests.rules import sources

FUNCTION_LINES = 60
FILE_LINES = 500
TEST_FILE_LINES = 600
PARAMETERS = 5
REASON = re.compile(r"(?:#|//|/\*|\{#|<!--)\s*size:\s*\w+")
OF_PEOPLE = {".py", ".js", ".html", ".css"}


def is_test(path: Path) -> bool:
    """Say whether this is a test or a benchmark."""
    return path.relative_to(sources.ROOT).parts[0] in {"tests", "bench"}


def test_no_function_is_longer_than_a_screen() -> None:
    wrong = []
    for path in sources.python_files():
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(sources.tree(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES and not REASON.search(lines[node.lineno - 1]):
                wrong.append(f"{sources.where(path, node.lineno)}: {node.name} has {length} lines")
    assert wrong == []


def test_no_file_is_too_long() -> None:
    wrong = []
    for path in sources.files():
        if path.suffix not in OF_PEOPLE or "migrations" in path.parts or "vendor" in path.parts:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        most = TEST_FILE_LINES if is_test(path) else FILE_LINES
        if len(lines) > most and not any(REASON.search(line) for line in lines[:10]):
            wrong.append(f"{path.relative_to(sources.ROOT)} has {len(lines)} lines")
    assert wrong == []


def test_no_function_takes_more_than_a_handful_of_positional_parameters() -> None:
    wrong = []
    for path in sources.python_files(*sources.PACKAGES):
        for node in ast.walk(sources.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [a.arg for a in [*node.args.posonlyargs, *node.args.args] if a.arg not in {"self", "cls"}]
                if len(names) > PARAMETERS:
                    wrong.append(f"{sources.where(path, node.lineno)}: {node.name}({', '.join(names)})")
    assert wrong == []
