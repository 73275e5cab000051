"""What is imported is installed: every package that Mindory uses is one that a server gets."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.rules import sources

EXTRA = "ocr"  # its packages are looked for before they are used


def folded(name: str) -> str:
    """Return a package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> set[str]:
    """Return the packages that a server has, or may have."""
    locked = (sources.ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((sources.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = [*re.findall(r"(?m)^[A-Za-z0-9][^ ]*==", locked), *project["optional-dependencies"][EXTRA]]
    return {folded(re.split(r"[\[<>=;! ]", line)[0]) for line in listed}


def test_every_package_that_is_imported_is_installed() -> None:
    there = installed()
    owners = packages_distributions()
    wrong = []
    for path in sources.python_files(*sources.PACKAGES):
        for name, line in sources.imports(path):
            top = name.partition(".")[0]
            if top in sources.PACKAGES or top in sys.stdlib_module_names:
                continue
            if not {folded(owner) for owner in owners.get(top, [])} & there:
                wrong.append(f"{sources.where(path, line)}: {name}")
    assert wrong == []
