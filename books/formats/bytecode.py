"""Keep the byte code of what children load: they may write nothing, so each of them would compile it anew."""

import compileall
import os
import sys
from functools import cache
from importlib.util import find_spec
from typing import Final

_LOADED: Final = ("books.formats", "lxml", "PIL", "pypdf", "pypdfium2", "pypdfium2_raw")


@cache
def keep() -> None:
    """Write what is missing or old, once in a process: a second for the first book ever, then a few milliseconds."""
    if sys.dont_write_bytecode:  # as in our image, which holds it already
        return
    for name in _LOADED:
        package = find_spec(name)
        for place in (package and package.submodule_search_locations) or ():
            if os.access(place, os.W_OK):
                compileall.compile_dir(place, quiet=2)
