"""The ES modules of a page, told to the browser at once: else it would find them one import after the other."""

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Final

from django.contrib.staticfiles import finders

# As tests/books/test_modules.py asks for them. What import() names comes when it is wanted.
IMPORTS: Final = re.compile(r"""(?m)^(?:import|export)\b[^'"]*?\bfrom\s*['"](\.[^'"]+)['"]""")


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """Return the names of all static modules that one imports, itself first, the nearest before the farther ones."""
    found = {name: None}
    waiting = [name]
    for importing in waiting:  # it grows while it is gone through
        new = [each for each in _imports(importing) if each not in found]
        found |= dict.fromkeys(new)
        waiting += dict.fromkeys(new)
    return tuple(found)


def _imports(name: str) -> list[str]:
    path = finders.find(name)
    assert isinstance(path, str), f"there is no module {name}"
    source = Path(path).read_text(encoding="utf-8")
    return [normpath(join(dirname(name), target)) for target in IMPORTS.findall(source)]
