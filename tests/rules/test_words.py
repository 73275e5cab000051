"""What no file may say, and what every public thing must say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules import sources

# Written in pieces, or this file would break its own rule.
REGISTRY_HOSTS = re.compile(
    "|".join(
        [
            "pypi" + r"\.org",
            "files\\." + "pythonhosted" + r"\.org",
            "registry\\." + "npmjs" + r"\.org",
            "registry\\." + "yarnpkg" + r"\.com",
            "static\\." + r"crates\.io",
            "proxy\\." + r"golang\.org",
        ]
    )
)
MACHINE_PATHS = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/home/" + r"[a-z]+/", "/Users/" + r"[A-Za-z]+/"]))
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common"}
LEFT_OPEN = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b")
EMPTY_TEST = re.compile("pytest" + r"\.mark\.(?:skip|xfail)|pytest" + r"\.(?:skip|xfail)\(")
FETCHED = re.compile(r"""(?:src|href)=["'](?:https?:)?//(?!\{)[^"']*\.(?:js|css|woff2?|png|svg)""")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text file with its contents."""
    for path in sources.files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image, or a book made for a test


def found(pattern: re.Pattern[str], *, suffixes: set[str] | None = None) -> list[str]:
    """Return `file:line` for every match of `pattern`."""
    return [
        f"{sources.where(path, text.count(chr(10), 0, match.start()) + 1)}: {match.group()}"
        for path, text in texts()
        if suffixes is None or path.suffix in suffixes
        for match in pattern.finditer(text)
    ]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert found(REGISTRY_HOSTS) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert found(MACHINE_PATHS) == []


def test_nothing_is_left_for_later() -> None:
    assert found(LEFT_OPEN, suffixes={".py", ".js", ".html", ".css", ".md"}) == []


def test_no_test_is_switched_off() -> None:
    assert found(EMPTY_TEST, suffixes={".py"}) == []


def test_no_page_fetches_anything_from_elsewhere() -> None:
    assert found(FETCHED, suffixes={".html"}) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in sources.python_files() if VAGUE & {path.stem, *path.parent.parts[-1:]}] == []


def test_every_module_and_every_public_function_says_what_it_is_for() -> None:
    silent = []
    for path in sources.python_files(*sources.PACKAGES):
        tree = sources.tree(path)
        if tree.body and ast.get_docstring(tree) is None:
            silent.append(f"{path.relative_to(sources.ROOT)}")
        silent += [f"{sources.where(path, node.lineno)}: {node.name}" for node in public(tree) if not says(node)]
    assert silent == []


def test_every_link_between_our_pages_leads_somewhere() -> None:
    dead = []
    for path, text in texts():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
            if not (path.parent / target).exists():
                dead.append(f"{path.relative_to(sources.ROOT)}: {target}")
    assert dead == []


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield the public functions and classes at the top of a module, and the public methods of those classes."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef) and not is_known_elsewhere(node):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_"):
                    yield inner


def is_known_elsewhere(node: ast.ClassDef) -> bool:
    """Say whether the class fills in somebody else's interface, whose methods are documented there."""
    return bool(node.bases) and not any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def says(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Say whether a definition has a docstring, or cannot need one (an overload, a setter)."""
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
    return ast.get_docstring(node) is not None or bool(marks & {"overload", "setter"})
