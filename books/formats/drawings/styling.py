"""The looks of a drawing's elements: attributes, a style sheet inside it, `style`. All become attributes."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from books.formats.drawings.names import MARKERS, NAMING, PROPERTIES

LONGEST_VALUE: Final = 500
MOST_RULES: Final = 5_000
LONGEST_SHEET: Final = 500_000  # characters
_COMMENT: Final = re.compile(r"/\*(?:[^*]|\*(?!/))*(?:\*/|$)")
_SIMPLE: Final = re.compile(r"[.#]?[A-Za-z_][\w-]*|\*")
_NAMED: Final = re.compile(r"""url\(\s*["']?#([^"')]{1,200})["']?\s*\)""")
_FOREIGN: Final = re.compile(r"[\\<>@]|url\(|var\(|expression|:", re.IGNORECASE)
_NOT_IMPORTANT: Final = re.compile(r"!\s*important\s*$", re.IGNORECASE)

Look = dict[str, str]


class Sheet:
    """The rules of a drawing's own style sheets. Selectors are an element's name, class or id; others say nothing."""

    def __init__(self, sheets: Iterable[str]) -> None:
        self._looks: dict[str, Look] = {}
        left = LONGEST_SHEET
        for sheet in sheets:
            self._read(_COMMENT.sub(" ", sheet[:left]))
            left = max(left - len(sheet), 0)

    def _read(self, sheet: str) -> None:
        for rule in sheet.split("}")[:MOST_RULES]:
            selectors, _, declarations = rule.rpartition("{")
            look = declared(declarations)
            for selector in selectors.split(",") if look else ():
                selector = selector.strip()
                if _SIMPLE.fullmatch(selector):
                    self._looks.setdefault(selector, {}).update(look)

    def look(self, name: str, said: Mapping[str, str]) -> Look:
        """Return what the sheets say of an element; the more a rule is about it alone, the later."""
        if not self._looks:
            return {}
        keys = ["*", name, *(f".{one}" for one in said.get("class", "").split()[:20]), f"#{said.get('id', '')}"]
        found: Look = {}
        for key in keys:
            found.update(self._looks.get(key, {}))
        return found


def declared(text: str) -> Look:
    """Return the declarations of a style that we know, in its order."""
    found: Look = {}
    for declaration in text[: 20 * LONGEST_VALUE].split(";"):
        name, _, value = declaration.partition(":")
        keep(found, name.strip().lower(), value)
    return found


def keep(look: Look, name: str, value: Any) -> None:
    """Add a property to a look if both are known and harmless."""
    value = _NOT_IMPORTANT.sub("", str(value)).strip()
    if name == "marker":
        for one in MARKERS:
            keep(look, one, value)
        return
    if name not in PROPERTIES or not 0 < len(value) <= LONGEST_VALUE:
        return
    rest = _NAMED.sub("", value, count=1) if name in NAMING else value
    if not _FOREIGN.search(rest):
        look[name] = value


def named(value: str) -> str:
    """Return the id that a value names; empty when it names none."""
    found = _NAMED.match(value)
    return found.group(1) if found else ""
