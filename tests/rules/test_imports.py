"""Who may import whom: lib <- engines, accounts <- books, memory <- mindory_web."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules import sources

# The leaves of the site, lowest first. Everything else in mindory_web is the top: it may import all.
LAYERS = {
    "mindory_web.version": -1,
    "mindory_web.env": -1,
    "mindory_web.lib": 0,
    "mindory_web.embedded": 0,
    "mindory_web.engines": 1,
    "mindory_web.accounts": 1,
    "books": 2,
    "memory": 2,
    "mindory_web": 3,
}
# Side by side in one layer, and strangers to each other.
STRANGERS = [("books", "memory"), ("mindory_web.engines", "mindory_web.accounts")]
DOORS = ("views", "api", "consumers", "sockets", "mcp", "tasks", "admin", "urls", "management", "forms", "templatetags")
CAPABILITIES = ("store", "ingest", "retrieval", "chat", "manager", "search", "ranking", "extraction", "rendering")
CORE = ("models", "types", "coordinates", "splitting", "formats", "errors", "events", "migrations", "covers")
# A capability enqueues work through tasks, which is an address and no logic.
STORE_MAY = {("books.store", "books.tasks")}
WITHOUT_DJANGO = ["books.formats", "books.anchoring", "books.coordinates", "books.splitting", "memory.types"]


def layer(module: str) -> tuple[str, int] | None:
    """Return the part a module of ours belongs to and its layer; None for foreign modules."""
    for part, number in LAYERS.items():
        if module == part or module.startswith(part + "."):
            return part, number
    return None


def of_ours(tops: tuple[str, ...] = sources.PACKAGES) -> Iterator[tuple[Path, str, str, int]]:
    """Yield (file, its module, what it imports, line) for imports among our own packages."""
    for path in sources.python_files(*tops):
        for name, line in sources.imports(path):
            if name.partition(".")[0] in sources.PACKAGES:
                yield path, sources.module_of(path), name, line


def test_a_part_imports_only_what_lies_below_it() -> None:
    wrong = []
    for path, module, name, line in of_ours():
        mine, theirs = layer(module), layer(name)
        assert mine is not None
        assert theirs is not None
        if mine[0] != theirs[0] and theirs[1] >= mine[1]:
            wrong.append(f"{sources.where(path, line)}: {mine[0]} imports {name}")
    assert wrong == []


def test_strangers_do_not_know_each_other() -> None:
    wrong = [
        f"{sources.where(path, line)}: {module} imports {name}"
        for path, module, name, line in of_ours()
        for one, other in STRANGERS
        if any(
            (module + ".").startswith(a + ".") and (name + ".").startswith(b + ".")
            for a, b in [(one, other), (other, one)]
        )
    ]
    assert wrong == []


def rank(module: str) -> int | None:
    """Return 0 for core, 1 for capabilities, 2 for doors; None for what is neither (apps, publishing)."""
    parts = module.split(".")
    if parts[0] not in {"books", "memory"} or len(parts) < 2:
        return None
    for number, names in enumerate((CORE, CAPABILITIES, DOORS)):
        if parts[1] in names:
            return number
    return None


def test_inside_an_app_doors_know_capabilities_and_capabilities_know_the_core() -> None:
    wrong = []
    for path, module, name, line in of_ours(("books", "memory")):
        mine, theirs = rank(module), rank(name)
        if mine is None or theirs is None or module.partition(".")[0] != name.partition(".")[0]:
            continue
        is_allowed = any(module == a and (name + ".").startswith(b + ".") for a, b in STORE_MAY)
        if theirs > mine and not is_allowed:
            wrong.append(f"{sources.where(path, line)}: {module} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("module", WITHOUT_DJANGO)
def test_the_core_of_text_does_not_know_django(module: str) -> None:
    listing = (
        f"import pkgutil, sys; from importlib import import_module as load; top = load({module!r});"
        "[load(f'{top.__name__}.{inner.name}') for inner in pkgutil.iter_modules(getattr(top, '__path__', []))];"
        "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'celery', 'channels')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=sources.ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_provider_is_imported_in_one_module() -> None:
    users = {
        sources.module_of(path)
        for path in sources.python_files(*sources.PACKAGES)
        for name, _line in sources.imports(path)
        if name.partition(".")[0] == "openai"
    }
    assert users <= {"mindory_web.engines.endpoint"}


def test_tests_and_benchmarks_are_not_imported_by_the_product() -> None:
    wrong = [
        f"{sources.where(path, line)}: {name}"
        for path in sources.python_files(*sources.PACKAGES)
        for name, line in sources.imports(path)
        if name.partition(".")[0] in {"tests", "bench", "pytest"}
    ]
    assert wrong == []
