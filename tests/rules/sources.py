"""What the rule tests read: the tracked files of this repository and their syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("mindory_web", "books", "memory")


@cache
def files() -> tuple[Path, ...]:
    """Return every file that belongs to the repository (tracked, or new and not ignored)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:  # an unpacked archive: no repository, so nothing is ignored either
        return tuple(path for path in sorted(ROOT.rglob("*")) if path.is_file() and not _is_made(path))
    names = sorted(name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in map(ROOT.joinpath, names) if path.is_file())


def python_files(*tops: str) -> list[Path]:
    """Return the Python files below the given top-level directories, migrations left out."""
    return [
        path
        for path in files()
        if path.suffix == ".py"
        and (not tops or path.relative_to(ROOT).parts[0] in tops)
        and "migrations" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_of(path: Path) -> str:
    """Return the dotted name of a file: `books/store.py` is `books.store`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every absolute module name the file imports (with its line), names of `from` imports included."""
    package = module_of(path) if path.stem == "__init__" else module_of(path).rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def where(path: Path, line: int) -> str:
    """Return `books/store.py:12`."""
    return f"{path.relative_to(ROOT)}:{line}"


def _is_made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in {"data", "build", "__pycache__", "staticfiles"} for part in parts[:-1])
